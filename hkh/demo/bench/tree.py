"""The tree of a past day."""

from __future__ import annotations

from datetime import date
from functools import partial

from django.db import connection

from hkh.demo.bench.measuring import Measured, p95, province, seconds

_SAMPLES = 60
_DAYS = (date(2022, 6, 30), date(2024, 6, 30), date(2025, 1, 1), date(2025, 7, 1))

_BELOW = """
    SELECT unit_id FROM members_unitancestor
    WHERE ancestor_id = %s AND valid_from <= %s AND (valid_until IS NULL OR valid_until > %s)"""


def subtree() -> dict[str, Measured]:
    """The ids of all units below the province on a past day; one walk over the same closure's rows as floor."""
    top = province().pk

    def ids(day: date) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_BELOW, [top, day, day])
            assert len(cursor.fetchall()) > 1

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM members_unitancestor WHERE ancestor_id = %s", [top])
            cursor.fetchall()

    times = [seconds(partial(ids, day)) * 1000 for _n in range(_SAMPLES // len(_DAYS)) for day in _DAYS]
    floor = [seconds(bare) * 1000 for _n in range(_SAMPLES)]
    return {"tree.subtree_p95": Measured(p95(times), "ms", p95(floor), 5)}
