"""``manage.py run``: everything HKH needs, in one go, with the demo province in it. What ``make run`` calls."""

from __future__ import annotations

import fcntl
import http.client
import os
import socket
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.db import connection
from django.shortcuts import resolve_url

from hkh.core.preparation import prepare
from hkh.core.supervisor import Program, ProgramEnded, StopAsked, stop_signals_raise, supervise
from hkh.demo.accounts import PASSWORD, logins_here
from hkh.demo.build import build, is_demo
from members.models import Unit

LOCK = settings.DATA_DIR / "run.lock"


class Command(BaseCommand):
    help = "Prepare the database and the static files, then run web server and worker until Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-demo", action="store_true", help="leave an empty database empty")

    def handle(self, *args: Any, no_demo: bool, **options: Any) -> None:
        host = os.environ.get("HKH_HOST", "127.0.0.1")
        port = _port()
        try:
            with stop_signals_raise(), only_one_run(f"http://{host}:{port}/"):
                refuse_taken_port(host, port)
                self.prepare(no_demo=no_demo)
                self.serve(host, port)
        except StopAsked:
            self.stdout.write("\nStopped.")
        except ProgramEnded as ended:
            raise CommandError(f"{ended} What it said stands above; everything else is stopped too.") from None

    def prepare(self, *, no_demo: bool) -> None:
        prepare(self.step)
        if not no_demo and not Unit.unscoped.exists():
            self.step("Building the demo province; this takes about a minute, once")
            build("full", say=lambda step, seconds: self.step(f"  {step}: {seconds:.0f} s"))
        connection.close()

    def serve(self, host: str, port: int) -> None:
        # The programs start in a new environment, where hkh.wsgi asks for a secret beside a real database.
        environment = {"HKH_SECRET_KEY": settings.SECRET_KEY, "HKH_HOST": host, "HKH_PORT": str(port)}
        manage = str(settings.BASE_DIR / "manage.py")
        config = str(settings.BASE_DIR / "deploy" / "gunicorn.py")
        gunicorn = [sys.executable, "-m", "gunicorn", "--chdir", str(settings.BASE_DIR), "--config", config]
        supervise(
            [
                Program("The web server", [*gunicorn, "hkh.wsgi"], environment),
                Program("The worker", [sys.executable, manage, "worker"], environment),
            ],
            until_ready=lambda: answers(host, port),
            ready=lambda: self.welcome(host, port),
        )

    def step(self, text: str) -> None:
        self.stdout.write(f"· {text}")
        self.stdout.flush()

    def welcome(self, host: str, port: int) -> None:
        lines = ["", f"  HKH is open:  http://{_reachable(host)}:{port}/", ""]
        lines += [f"  {line}" for line in login_table()]
        connection.close()
        lines += ["", "  Ctrl-C stops it.", ""]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()


def login_table() -> list[str]:
    """The demo's accounts, one a role, and their password; empty where the demo is not what is loaded."""
    if not is_demo():
        return []
    rows = [("User name", "Role", "Unit", "What for"), *logins_here()]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return [*table, "", f"The password of each is {PASSWORD}"]


def _port() -> int:
    text = os.environ.get("HKH_PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise CommandError(f"HKH_PORT is {text!r}, which is not a port number. Try HKH_PORT=8001.")
    return int(text)


def _reachable(host: str) -> str:
    return "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 (compared, not bound)


@contextmanager
def only_one_run(address: str) -> Iterator[None]:
    """Hold the lock of the one run there may be in this folder. Raises ``CommandError`` where it is held."""
    LOCK.parent.mkdir(parents=True, exist_ok=True)
    with LOCK.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CommandError(
                f"HKH runs already: {lock.read().strip()}. Use that one, or stop it there with Ctrl-C first."
            ) from None
        lock.truncate(0)
        lock.write(f"{address} (process {os.getpid()})")
        lock.flush()
        yield


def refuse_taken_port(host: str, port: int) -> None:
    """Raise ``CommandError`` where another program listens on the port, before minutes go into setting up."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as failure:
            raise CommandError(
                f"Port {port} on {host} cannot be had ({failure.strerror}): another program uses it. "
                f"Stop that one, or choose another port: make run HKH_PORT={port + 1 if port < 65535 else 8000}"
            ) from None


def answers(host: str, port: int) -> bool:
    """Whether the web server gives a page, whatever page."""
    client = http.client.HTTPConnection(_reachable(host), port, timeout=5)
    with closing(client):
        try:
            client.request("GET", resolve_url(settings.LOGIN_URL))
            client.getresponse()
        except OSError:
            return False
    return True
