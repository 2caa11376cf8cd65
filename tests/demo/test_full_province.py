"""The proof: the province of the article at full size, and every figure of it recomputed from raw rows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg2
import pytest
from django.conf import settings
from django.db import connection
from pytest_django import DjangoDbBlocker

from hkh.demo.spec import FULL
from tests.conftest import DATABASES
from tests.databases import clone, drop, maintenance
from tests.demo import raw
from tests.demo.province import assert_adds_up


@pytest.fixture
def full_database(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The address of a migrated, empty database of the test's own."""
    databases = request.config.stash[DATABASES]
    name = f"{databases.base}_{databases.worker}_full"
    with django_db_blocker.unblock():
        databases.ensure_template("empty")
        clone(databases.template("empty"), name)
        connection.close()
    yield f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"
    with django_db_blocker.unblock():
        with maintenance() as cursor:
            drop(cursor, name)
        connection.close()


def manage(address: str, *arguments: str) -> str:
    """What ``manage.py`` says, run as people run it."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "hkh.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_article_comes_out_of_raw_rows_and_out_of_the_command(full_database: str):
    manage(full_database, "demo", "--scale", "full")

    with psycopg2.connect(full_database) as session, session.cursor() as cursor:
        assert_adds_up(cursor, FULL)
        assert raw.units_by_tier(cursor) == {"PROVINCE": 1, "DISTRICT": 20, "GRASSROOTS": 577, "BRANCH": 5695}
        below = raw.below_districts(cursor)
        assert [below[f"X{n}"][1] for n in range(1, 8)] == [9, 8, 10, 5, 4, 3, 3]
        assert sum(members for *_, members in below.values()) == 530_486
        assert sum(raw.raised(cursor, "form").values()) == 24_612_345_000
        assert raw.raised(cursor, "form") == {
            "cash": 9_204_345_000,
            "bank_transfer": 11_068_000_000,
            "in_kind": 4_340_000_000,
        }
        assert {tier: sum(sums.values()) for tier, sums in raw.raised_by_tier(cursor).items()} == {
            "PROVINCE": 4_525_000_000,
            "DISTRICT": 5_940_000_000 + 812_345_000,
            "GRASSROOTS": 9_835_000_000,
            "BRANCH": 3_500_000_000,
        }
        assert raw.raised(cursor, "donor.kind") == {
            "enterprise": 9_450_000_000,
            "person": 6_105_000_000,
            "agency": 3_207_345_000,
            "ngo": 1_850_000_000,
            "member": 2_500_000_000,
            "clan": 1_500_000_000,
        }
        assert raw.fund_flows(cursor, "DAT-TO") == (3_118_000_000, 4_525_000_000, 1_612_500_000, 6_030_500_000)
        given = raw.given_by(cursor, "kind").values()
        assert (sum(count for count, _ in given), sum(value for _, value in given)) == (70_000, 16_318_000_000)
        emergencies = raw.given_by_district(cursor, "AND award.kind = 'emergency'")
        assert {code: count for code, (count, _) in emergencies.items()} == {"236": 3, "240": 4, "234": 2}

    figures = json.loads(manage(full_database, "figures", "PHU-THO", "2024-H1", "--format", "json"))["figures"]
    fund = figures["funds"]["DAT-TO"]
    assert {
        "units": {tier: figures["units"][tier] for tier in ("DISTRICT", "GRASSROOTS", "BRANCH")},
        "members": figures["members"],
        "mobilised": figures["mobilised"],
        "fund": [fund[flow] for flow in ("opening", "in", "out", "closing")],
        "given": figures["given"],
    } == {
        "units": {"DISTRICT": 20, "GRASSROOTS": 577, "BRANCH": 5695},
        "members": 530486,
        "mobilised": 24612345000,
        "fund": [3118000000, 4525000000, 1612500000, 6030500000],
        "given": {"count": 70000, "value": 16318000000},
    }
    manage(full_database, "check_books")
    manage(full_database, "check_tree")
