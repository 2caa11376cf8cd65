"""``manage.py run`` as a person meets it: real processes, a port, a database server of its own."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from hkh.core import embedded


@pytest.fixture
def port() -> int:
    """A port that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def environment(server_folder: Path, port: int) -> dict[str, str]:
    """As on a fresh machine, with the data in a folder of the test's own."""
    bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**bare, "HKH_DATA_DIR": str(server_folder / "data"), "HKH_PORT": str(port), "LANG": "C.UTF-8"}


def start(environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "run", "--no-demo"],
        cwd=settings.BASE_DIR,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def read_until(process: subprocess.Popen[str], wanted: str) -> str:
    """What the process says up to the line with ``wanted``; fails with all it said where that never comes."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if wanted in line:
            return said
    pytest.fail(said)


def stop(process: subprocess.Popen[str]) -> tuple[int, str]:
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[0]
    return process.returncode, said


def refusal(environment: dict[str, str]) -> str:
    """What a run that is refused says."""
    process = start(environment)
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 1, said
    return said.replace("\n", " ").strip()


@pytest.fixture
def other_database() -> Iterator[str]:
    """The address of a database that does not exist yet, on the tests' own server."""
    name = f"{connection.settings_dict['NAME']}_run"
    address = os.environ["DATABASE_URL"].rpartition("/")[0]
    yield f"{address}/{name}"
    server = psycopg2.connect(f"{address}/postgres")
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    server.close()


def test_from_nothing_to_a_page_and_back(environment: dict[str, str], server_folder: Path, port: int) -> None:
    process = start(environment)
    said = read_until(process, "Ctrl-C stops it.")
    assert f"  HKH is open:  http://127.0.0.1:{port}/\n" in said
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/dang-nhap/") as page:
        assert page.status == 200

    assert refusal(environment) == (
        f"CommandError: HKH runs already: http://127.0.0.1:{port}/ (process {process.pid}). "
        "Use that one, or stop it there with Ctrl-C first."
    )

    assert stop(process) == (0, "\nStopped.\n")
    assert not embedded.is_running(server_folder / "data" / "postgres")
    with closing(socket.socket()) as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_database_of_ones_own_is_used_and_made_where_missing(
    environment: dict[str, str], other_database: str, server_folder: Path
) -> None:
    process = start({**environment, "DATABASE_URL": other_database})
    read_until(process, "Ctrl-C stops it.")
    assert stop(process)[0] == 0
    assert not (server_folder / "data" / "postgres").exists()
    with closing(psycopg2.connect(other_database)) as database, database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM members_unit")
        assert cursor.fetchone() == (0,)


def test_a_taken_port_is_named_with_the_way_out(environment: dict[str, str], port: int) -> None:
    with closing(socket.create_server(("127.0.0.1", port))):
        assert refusal(environment) == (
            f"CommandError: Port {port} on 127.0.0.1 cannot be had (Address already in use): another program "
            f"uses it. Stop that one, or choose another port: make run HKH_PORT={port + 1}"
        )


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_what_is_no_port_is_refused(environment: dict[str, str], port: str) -> None:
    assert refusal({**environment, "HKH_PORT": port}) == (
        f"CommandError: HKH_PORT is {port!r}, which is not a port number. Try HKH_PORT=8001."
    )


def test_a_server_that_is_not_there_is_named(environment: dict[str, str]) -> None:
    said = refusal({**environment, "DATABASE_URL": "postgres://hkh@127.0.0.1:1/hkh"})
    assert said.startswith("CommandError: The database cannot be reached; look at DATABASE_URL and at the server.")
    assert "Traceback" not in said
