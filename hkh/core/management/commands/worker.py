"""``manage.py worker``: does what pages have asked for, until it is told to stop."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand

from hkh.core import worker


class Command(BaseCommand):
    help = "Does the jobs that pages have asked for. Any number may run side by side."
    requires_system_checks: list[str] = []  # whoever starts the pages runs them; here they would only cost time

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is waiting, then end")
        parser.add_argument(
            "--grace",
            type=float,
            default=20,
            metavar="SECONDS",
            help="how long the job under way may still take after the signal to stop (default: 20)",
        )

    def handle(self, *, once: bool, grace: float, **options: Any) -> None:
        stop = Stop(grace)
        stop.listen()
        try:
            worker.work(once=once, stopping=stop.wanted.is_set, pause=stop.pause)
        except worker.HandedBack:
            self.stderr.write("Stopped; the job under way was handed back.")
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)


class Stop:
    """SIGTERM and SIGINT: finish what is under way within ``grace`` seconds, else hand it back; twice = now."""

    def __init__(self, grace: float) -> None:
        self.grace = grace
        self.wanted = threading.Event()

    def listen(self) -> None:
        signal.signal(signal.SIGTERM, self._asked)
        signal.signal(signal.SIGINT, self._asked)
        signal.signal(signal.SIGALRM, self._enough)

    def pause(self, seconds: float) -> None:
        self.wanted.wait(seconds)

    def _asked(self, number: int, frame: FrameType | None) -> None:
        if self.wanted.is_set():
            self._enough(number, frame)
            return
        self.wanted.set()
        signal.setitimer(signal.ITIMER_REAL, max(self.grace, 0.001))

    def _enough(self, number: int, frame: FrameType | None) -> None:
        raise worker.HandedBack
