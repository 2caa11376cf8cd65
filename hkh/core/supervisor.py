"""Several programs as one: started together, stopped together, none outlives the others."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

GRACE_SECONDS = 15
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Program:
    """What to start: a name for messages, the command, and what it finds in its environment besides ours."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)


class ProgramEnded(Exception):
    """A program ended by itself; ``code`` is its exit code, negative for a signal."""

    def __init__(self, program: Program, code: int) -> None:
        super().__init__(f"{program.name} ended with exit code {code}.")
        self.program, self.code = program, code


class StopAsked(BaseException):
    """Ctrl-C, a closed terminal or a polite kill. Not an ``Exception``: nothing on the way may swallow it."""


@contextmanager
def stop_signals_raise() -> Iterator[None]:
    """Within the block the stop signals raise ``StopAsked``, so that every ``finally`` gets its turn.

    Also where a library on the way, as the database driver does, turns it into an error of its own.
    """
    asked = False

    def raise_stop(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        asked = True
        raise StopAsked

    stops = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, raise_stop) for number in stops}
    try:
        yield
    except Exception as failure:
        if asked:
            raise StopAsked from failure
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def supervise(programs: Sequence[Program], *, until_ready: Callable[[], bool], ready: Callable[[], None]) -> None:
    """Run ``programs`` side by side until ``StopAsked`` is raised, then stop them all.

    ``until_ready`` is asked ten times a second; once it says yes, ``ready`` is called. Nothing is started
    again: a program that ends by itself ends the others, and ``ProgramEnded`` is raised.
    """
    processes: list[tuple[Program, subprocess.Popen[bytes]]] = []
    try:
        for program in programs:
            processes.append((program, _start(program)))
        is_ready = False
        while True:
            for program, process in processes:
                code = process.poll()
                if code is not None:
                    raise ProgramEnded(program, code)
            if not is_ready and until_ready():
                is_ready = True
                ready()
            time.sleep(0.2 if is_ready else 0.1)
    finally:
        _stop([process for _, process in processes])


def _start(program: Program) -> subprocess.Popen[bytes]:
    """A session of its own keeps the terminal's Ctrl-C from it: it is told to stop by us, once, in order.

    ``preexec_fn`` is safe here: no thread runs in the supervisor.
    """
    return subprocess.Popen(
        program.command,
        env={**os.environ, **program.environment},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_die_with_parent,
    )


def _die_with_parent() -> None:
    """Ask Linux to stop this process when the supervisor is killed outright; elsewhere it stays behind."""
    set_option = getattr(ctypes.CDLL(None), "prctl", None)
    if set_option:
        set_option(PR_SET_PDEATHSIG, signal.SIGTERM)


def _stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask all to stop, give them time to finish what they do, then end what is left. A second Ctrl-C hurries."""
    for process in processes:
        process.terminate()
    try:
        deadline = time.monotonic() + GRACE_SECONDS
        for process in processes:
            process.wait(max(0.0, deadline - time.monotonic()))
    except (subprocess.TimeoutExpired, StopAsked):
        for process in processes:
            process.kill()
        for process in processes:
            process.wait()
