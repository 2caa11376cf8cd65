"""Programs that live and die together. Real processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from hkh.core.supervisor import Program, ProgramEnded, StopAsked, stop_signals_raise, supervise

#: Writes its number, and "stopped" once it was asked politely.
STEADY = """
import os, signal, sys, time
def stop(number, frame):
    open(sys.argv[1], "a").write("stopped")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
open(sys.argv[1], "w").write(f"{os.getpid()} ")
while True:
    time.sleep(0.05)
"""
SUPERVISE = """
import sys
from hkh.core.supervisor import *
programs = [Program(name, [sys.executable, "-c", sys.argv[1], name]) for name in sys.argv[2:]]
try:
    with stop_signals_raise():
        supervise(programs, until_ready=lambda: True, ready=lambda: print("ready", flush=True))
except StopAsked:
    print("stopped cleanly", flush=True)
"""


def steady(note: Path) -> Program:
    return Program("steady", [sys.executable, "-c", STEADY, str(note)])


def ending(code: int, once: Path) -> Program:
    """Ends with ``code`` as soon as the steady one, whose note is ``once``, is at work."""
    wait = "import os, sys, time\nwhile not os.path.exists(sys.argv[1]): time.sleep(0.02)\n"
    return Program("short", [sys.executable, "-c", f"{wait}time.sleep(0.5)\nsys.exit({code})", str(once)])


def supervisor_of(*notes: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SUPERVISE, STEADY, *map(str, notes)]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    wait_until(lambda: all(note.exists() and note.read_text().endswith(" ") for note in notes))
    return process


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()


@pytest.mark.parametrize("code", [0, 3])
def test_one_that_ends_ends_all_and_is_named(tmp_path: Path, code: int) -> None:
    note = tmp_path / "note"
    with pytest.raises(ProgramEnded) as caught:
        supervise([steady(note), ending(code, once=note)], until_ready=lambda: True, ready=lambda: None)
    assert str(caught.value) == f"short ended with exit code {code}."
    assert note.read_text().endswith(" stopped")


def test_readiness_is_told_once(tmp_path: Path) -> None:
    note, told = tmp_path / "note", tmp_path / "told"
    answers = iter([False, False])

    def tell() -> None:
        told.open("a").write("ready")

    with pytest.raises(ProgramEnded):
        supervise([steady(note), ending(0, once=told)], until_ready=lambda: next(answers, True), ready=tell)
    assert told.read_text() == "ready"
    assert list(answers) == []


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_stops_all_cleanly(tmp_path: Path, sent: signal.Signals) -> None:
    notes = [tmp_path / "web", tmp_path / "worker"]
    supervisor = supervisor_of(*notes)
    supervisor.send_signal(sent)
    assert supervisor.communicate(timeout=20)[0] == "stopped cleanly\n"
    assert supervisor.returncode == 0
    assert [note.read_text().split()[1] for note in notes] == ["stopped", "stopped"]


def test_nothing_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    notes = [tmp_path / "web", tmp_path / "worker"]
    supervisor = supervisor_of(*notes)
    supervisor.kill()
    supervisor.communicate(timeout=20)
    wait_until(lambda: not any(is_alive(int(note.read_text().split()[0])) for note in notes))


def test_a_stop_that_a_library_turns_into_an_error_is_a_stop_still() -> None:
    def copy_as_the_driver_does() -> None:
        try:
            signal.raise_signal(signal.SIGTERM)
        except StopAsked:
            raise ValueError("what the driver makes of it") from None

    with pytest.raises(StopAsked), stop_signals_raise():
        copy_as_the_driver_does()


def test_an_error_of_its_own_stays_one() -> None:
    with pytest.raises(ValueError, match="own"), stop_signals_raise():
        raise ValueError("own")
