"""What the units of the demo declare: headcounts at the end of each half-year, titles at the end of each year.

Mostly what the list says; some count otherwise, some are late, a few never report.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

from django.db import connection

from hkh.demo.copying import copy_rows, reset_sequences, settle
from hkh.demo.spec import Years, rows_of
from members.models import HeadcountSpan, ReportedHeadcount, TitleCount, TitleTarget

HEADCOUNT_FIELDS = (
    "id unit counted_on revision members women minority source note reported_by reported_at idempotency_key"
)
FIRST_COUNT = date(2022, 12, 31)
#: Of a hundred units: how many never report, miss one half-year, count otherwise than their list says, say how many
#: women there are and how many of ethnic minorities, and correct a number once.
NEVER, MISSES, DIFFERS, SAYS_WOMEN, SAYS_MINORITY, CORRECTS = 2, 5, 9, 70, 60, 1

#: What stood in each unit's list on each of the days: joined and not yet left.
_LISTED = """
    SELECT unit_id, ends.day, sum(joined - "left")::int
    FROM unnest(%s::date[]) AS ends(day)
    JOIN members_membermonth ON month <= ends.day
    JOIN members_unit unit ON unit.id = unit_id AND unit.founded_on <= ends.day
     AND (unit.dissolved_on IS NULL OR unit.dissolved_on > ends.day)
    GROUP BY unit_id, ends.day ORDER BY unit_id, ends.day
"""


def load_headcounts(years: Years, clerk: int) -> None:
    """The numbers that branches reported, out of what their lists held. 1 query, 1 COPY."""
    with connection.cursor() as cursor:
        cursor.execute(_LISTED, [list(_half_years(years.last_day))])
        listed = cursor.fetchall()
    copy_rows(ReportedHeadcount, HEADCOUNT_FIELDS, _numbers(listed, clerk))
    reset_sequences(ReportedHeadcount)
    settle(ReportedHeadcount, HeadcountSpan)


def _half_years(last_day: date) -> Iterator[date]:
    """30 June and 31 December, as far as there is something to count."""
    day = FIRST_COUNT
    while day <= last_day:
        yield day
        day = date(day.year + 1, 6, 30) if day.month == 12 else date(day.year, 12, 31)


def _numbers(listed: list[tuple[int, date, int]], clerk: int) -> Iterator[tuple[Any, ...]]:
    """One row a number; a correction is another one, a week later."""
    rng = Random("headcounts")
    pk, unit, is_silent, share = 0, 0, False, 0.0
    for unit_id, day, members in listed:
        if unit_id != unit:
            unit, is_silent, share = unit_id, rng.random() * 100 < NEVER, rng.uniform(0.02, 0.35)
        misses, differs, corrects = (rng.random() * 100 < chance for chance in (MISSES, DIFFERS, CORRECTS))
        gap = round(members * rng.uniform(-0.08, 0.12)) or 1
        women = round(members * rng.uniform(0.48, 0.6)) if unit_id % 100 < SAYS_WOMEN else None
        minority = round(members * share) if unit_id % 97 < SAYS_MINORITY else None
        if is_silent or misses:
            continue
        said = members + gap if differs else members
        source = "meeting" if differs else "list"
        written = [(members + 10, ""), (said, "Ghi nhầm số của kỳ trước")] if corrects else [(said, "")]
        for revision, (number, note) in enumerate(written, start=1):
            pk += 1
            at = f"{day + timedelta(days=7 * revision - 5)} 09:00:00+07"
            parts = (None if women is None else min(women, number), None if minority is None else min(minority, number))
            yield (pk, unit_id, day, revision, number, *parts, source, note, clerk, at, None)


TITLE_FIELDS = "id unit year title total registered recognised revision entered_by entered_at"
TARGET_FIELDS = "id title year unit place value_percent basis"
FIRST_YEAR_OF_TITLES = 2022
#: Of a hundred base associations: how many leave out a year.
LEAVES_OUT = 4
#: Title: what share was recognised in the first year, by how much it grows a year.
COURSE = {
    "family": (0.615, 0.028),
    "clan": (0.565, 0.030),
    "community": (0.545, 0.026),
    "unit": (0.730, 0.024),
    "citizen": (0.265, 0.040),
}

#: The base associations at each year's end, and the members below them.
_BASES = """
    SELECT unit.id, unit.kind, years.year, coalesce(sum(joined - "left"), 0)::int
    FROM generate_series(%s::int, %s::int) AS years(year)
    CROSS JOIN LATERAL (SELECT make_date(years.year, 12, 31) AS day) ends
    JOIN members_unitversion version ON version.valid_from <= ends.day
     AND (version.valid_until IS NULL OR version.valid_until > ends.day)
    JOIN members_tier tier ON tier.id = version.tier_id AND tier.code = 'GRASSROOTS'
    JOIN members_unit unit ON unit.id = version.unit_id
    JOIN members_unitancestor line ON line.ancestor_id = unit.id AND line.valid_from <= ends.day
     AND (line.valid_until IS NULL OR line.valid_until > ends.day)
    LEFT JOIN members_membermonth listed ON listed.unit_id = line.unit_id AND listed.month <= ends.day
    GROUP BY unit.id, unit.kind, years.year ORDER BY unit.id, years.year
"""


def load_titles(years: Years, clerk: int) -> None:
    """Five titles of each base association and year that is over, and the targets of the State. 1 query, 2 COPYs."""
    with connection.cursor() as cursor:
        cursor.execute(_BASES, [FIRST_YEAR_OF_TITLES, years.last_day.year - 1])
        bases = cursor.fetchall()
    copy_rows(TitleCount, TITLE_FIELDS, _titles(bases, clerk))
    targets = enumerate(rows_of("title_targets.csv"), start=1)
    copy_rows(
        TitleTarget,
        TARGET_FIELDS,
        ((n, row["title"], row["year"], None, None, row["value_percent"], row["basis"]) for n, row in targets),
    )
    reset_sequences(TitleCount, TitleTarget)
    settle(TitleCount, TitleTarget)


def _titles(bases: list[tuple[int, str, int, int]], clerk: int) -> Iterator[tuple[Any, ...]]:
    rng = Random("titles")
    pk, unit, zeal = 0, 0, 0.0
    for unit_id, kind, year, members in bases:
        if unit_id != unit:
            unit, zeal = unit_id, rng.uniform(-0.12, 0.12)
        leaves_out = rng.random() * 100 < LEAVES_OUT
        for title, total in _totals(kind, members).items():
            first, growth = COURSE[title]
            share = min(0.97, max(0.05, first + growth * (year - FIRST_YEAR_OF_TITLES) + zeal + rng.gauss(0, 0.02)))
            recognised = round(total * share)
            registered = min(total, max(recognised, round(total * min(1.0, share * rng.uniform(1.04, 1.18)))))
            if leaves_out:
                continue
            pk += 1
            yield (pk, unit_id, year, title, total, registered, recognised, 1, clerk, f"{year}-12-20 09:00:00+07")


def _totals(kind: str, members: int) -> dict[str, int]:
    """How many there are of what bears titles, out of the members: a third of the people, two of three adult."""
    if kind != "territorial":
        return {"unit": 1, "citizen": max(1, members)}
    households = max(1, round(members * 0.79))
    return {
        "family": households,
        "clan": max(1, round(households / 55)),
        "community": max(1, round(households / 160)),
        "unit": max(1, round(households / 230)),
        "citizen": max(1, round(members * 1.95)),
    }
