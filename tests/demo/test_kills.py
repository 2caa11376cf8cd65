"""Web server, database and worker killed amid a batch of gifts, on a private server. Real processes, real kills."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from funds.models import Donation
from hkh.core import embedded
from hkh.demo.bench.kills import Desk, kill_and_count
from hkh.demo.bench.programs import Programs
from hkh.demo.bench.scratch import led_to
from tests.cast import a_province, balance_vnd, make_donor, make_fund

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desk() -> Desk:
    cast = a_province()
    return Desk(make_fund(cast.here), make_donor(cast.here), cast.accountant)


@pytest.fixture
def programs(desk: Desk, server_folder: Path, tmp_path: Path, settings: Settings) -> Iterator[Programs]:
    """A private server that holds what this test's database holds, with the default connection on it."""
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "files"
    at = connection.get_connection_params()
    named = {"PGHOST": at.get("host"), "PGPORT": at.get("port"), "PGUSER": at.get("user")}
    named |= {"PGPASSWORD": at.get("password"), "PGDATABASE": at["dbname"]}
    environment = {name: str(value) for name, value in named.items() if value}
    connection.close()
    dump = tmp_path / "dump.sql"
    with dump.open("wb") as stream:
        subprocess.run([embedded.programs() / "pg_dump"], env=environment, stdout=stream, check=True)
    with Programs(server_folder / "postgres") as programs:
        psql = [str(embedded.programs() / "psql"), "-q", "-v", "ON_ERROR_STOP=1", "-1", "-o", "/dev/null"]
        subprocess.run([*psql, "-f", str(dump), programs.address], env={}, check=True)
        with led_to(programs.address):
            yield programs


def test_two_hundred_gifts_outlive_two_kills_of_each(programs: Programs, desk: Desk) -> None:
    killed = kill_and_count(programs, desk, kills=6, gifts_a_kill=34)
    expected = {"gifts": 204, "lost": 0, "twice": 0, "missing": 0, "halves": 0, "unanswered": {}, "differences": []}
    found = asdict(killed)
    assert found.pop("in_the_middle") >= 4  # the forms at least: of a worker's work, short as it is, some is done
    assert found == expected
    assert (Donation.unscoped.count(), balance_vnd(desk.fund)) == (204, 204 * 10_000)
