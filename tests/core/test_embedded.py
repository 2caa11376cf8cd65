"""The private server: found, started, shared, stopped, whatever an earlier run left behind. Real servers."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings

from hkh.core import embedded

USE_BRIEFLY = """
import sys, time
from pathlib import Path
from hkh.core import embedded
with embedded.running(Path(sys.argv[1])):
    print("up", flush=True)
    time.sleep(float(sys.argv[2]))
"""


@pytest.fixture
def data(server_folder: Path) -> Path:
    return server_folder / "postgres"


def use_in_another_process(data: Path, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", USE_BRIEFLY, str(data), str(seconds)]
    return subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True)


def postmaster(data: Path) -> int:
    return int((data / "postmaster.pid").read_text().split()[0])


def ask(data: Path, question: str) -> object:
    connection = psycopg2.connect(embedded.url(data))
    try:
        with connection.cursor() as cursor:
            cursor.execute(question)
            return cursor.fetchone()
    finally:
        connection.close()


def test_naming_the_server_starts_nothing(data: Path) -> None:
    assert embedded.url(data, "some") == f"postgres://postgres@{str(data).replace('/', '%2F')}/some"
    assert not data.exists()


def test_it_runs_for_the_block_and_no_longer(data: Path) -> None:
    with embedded.running(data):
        assert ask(data, "SELECT current_database(), current_user") == ("hkh", "postgres")
    assert not embedded.is_running(data)


def test_what_was_written_is_there_the_next_time(data: Path) -> None:
    with embedded.running(data):
        connection = psycopg2.connect(embedded.url(data))
        with connection, connection.cursor() as cursor:
            cursor.execute("CREATE TABLE kept AS SELECT 1 AS number")
        connection.close()
    with embedded.running(data):
        assert ask(data, "SELECT number FROM kept") == (1,)


def test_letters_are_the_same_on_every_machine(data: Path) -> None:
    with embedded.running(data):
        assert ask(data, "SELECT lower('ĐẶNG'), upper('ước')") == ("đặng", "ƯỚC")


def test_options_reach_the_server(data: Path) -> None:
    with embedded.running(data, options=embedded.NOTHING_TO_LOSE):
        assert ask(data, "SELECT current_setting('fsync')") == ("off",)


def test_nobody_else_on_the_machine_can_connect(data: Path) -> None:
    with embedded.running(data):
        assert ask(data, "SELECT current_setting('listen_addresses')") == ("",)
        assert data.stat().st_mode & 0o077 == 0


def test_a_path_too_long_for_a_socket_works(server_folder: Path) -> None:
    data = server_folder / ("deep" * 30) / "postgres"
    with embedded.running(data):
        assert ask(data, "SELECT 1") == (1,)
        assert embedded.socket_directory(data).stat().st_mode & 0o077 == 0
    embedded.socket_directory(data).rmdir()


def test_two_starts_at_once_make_one_server(data: Path) -> None:
    users = [use_in_another_process(data, 0.5) for _ in range(3)]
    assert [(user.communicate(timeout=60)[0], user.returncode) for user in users] == [("up\n", 0)] * 3
    assert not embedded.is_running(data)


def test_the_last_user_stops_the_server_not_the_first(data: Path) -> None:
    with embedded.running(data):
        other = use_in_another_process(data, 1.5)
        assert other.stdout is not None
        assert other.stdout.readline() == "up\n"
    assert embedded.is_running(data)
    other.communicate(timeout=60)
    assert not embedded.is_running(data)


def test_the_server_of_a_killed_run_is_used_and_then_stopped(data: Path) -> None:
    killed = use_in_another_process(data, 60)
    assert killed.stdout is not None
    killed.stdout.readline()
    killed.kill()
    killed.communicate()
    assert embedded.is_running(data)
    with embedded.running(data):
        assert ask(data, "SELECT 1") == (1,)
    assert not embedded.is_running(data)


def test_a_server_started_for_good_is_left_running(data: Path) -> None:
    assert embedded.start(data) is True
    try:
        with embedded.running(data):
            pass
        assert embedded.is_running(data)
        assert embedded.start(data) is False
    finally:
        embedded.stop(data)
    assert not embedded.is_running(data)


def test_a_killed_server_starts_again(data: Path) -> None:
    with embedded.running(data):
        os.kill(postmaster(data), signal.SIGKILL)
        deadline = time.monotonic() + 10
        while embedded.is_running(data) and time.monotonic() < deadline:
            time.sleep(0.05)
    with embedded.running(data):
        assert ask(data, "SELECT 1") == (1,)


def test_a_pid_file_with_the_number_of_another_program_is_no_obstacle(data: Path) -> None:
    with embedded.running(data):
        pid_file = (data / "postmaster.pid").read_text()
    other = subprocess.Popen(["sleep", "60"])
    try:
        lines = [str(other.pid), *pid_file.splitlines()[1:]]
        (data / "postmaster.pid").write_text("\n".join(lines) + "\n")
        assert not embedded.is_running(data)
        with embedded.running(data):
            assert ask(data, "SELECT 1") == (1,)
    finally:
        other.kill()
        other.wait()


def test_a_killed_server_whose_number_is_still_taken_starts_again(data: Path) -> None:
    """By another program, or by its own remains where nobody collects dead children."""
    other = subprocess.Popen(["sleep", "60"])
    try:
        with embedded.running(data):
            os.kill(postmaster(data), signal.SIGKILL)
            deadline = time.monotonic() + 10
            while embedded.is_running(data) and time.monotonic() < deadline:
                time.sleep(0.05)
        for left in (data / "postmaster.pid", data / f"{embedded.SOCKET_NAME}.lock"):
            lines = [str(other.pid), *left.read_text().splitlines()[1:]]
            left.write_text("\n".join(lines) + "\n")
        with embedded.running(data):
            assert ask(data, "SELECT 1") == (1,)
    finally:
        other.kill()
        other.wait()


def test_a_first_start_that_was_interrupted_is_begun_anew(data: Path) -> None:
    data.mkdir()
    (data / "base").mkdir()
    with embedded.running(data):
        assert ask(data, "SELECT 1") == (1,)


def test_files_of_another_version_are_refused_with_advice(data: Path) -> None:
    data.mkdir()
    (data / "PG_VERSION").write_text("9\n")
    with pytest.raises(embedded.EmbeddedDatabaseError, match=r"PostgreSQL 9, but .* move the folder away"):
        embedded.start(data)
    assert (data / "PG_VERSION").read_text() == "9\n"


def test_the_log_is_shown_where_the_server_does_not_start(data: Path) -> None:
    with pytest.raises(embedded.EmbeddedDatabaseError, match="no_such_setting"):
        embedded.start(data, options={"no_such_setting": "1"})
