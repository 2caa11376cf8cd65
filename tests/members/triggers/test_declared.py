"""The rules of what units declare, broken by plain SQL."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from members.models import HeadcountSpan, TitleCount, Unit
from members.rollups import headcounts as headcount_rollups
from tests.cast import Cast, make_unit
from tests.funds.raw import commit_now, insert, refused, run

DAY = date(2024, 6, 30)


def report(unit: Unit, members: int | None, *, on: date = DAY, revision: int = 1, **facts: Any) -> int:
    row = {"unit_id": unit.pk, "counted_on": on, "revision": revision, "members": members, "source": "list", "note": ""}
    return insert("members_reportedheadcount", {**row, **facts})


def count(unit: Unit, *, year: int = 2024, title: str = "family", **facts: Any) -> int:
    row = {"unit_id": unit.pk, "year": year, "title": title, "total": 10, "registered": 8, "recognised": 7}
    return insert("members_titlecount", {**row, "revision": 1, "entered_at": "2024-12-20", **facts})


def spans(unit: Unit) -> list[tuple[date, date, int]]:
    rows = HeadcountSpan.objects.filter(unit=unit).order_by("valid_from")
    return list(rows.values_list("valid_from", "valid_until", "members"))


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE members_reportedheadcount SET members = 1",
        "DELETE FROM members_reportedheadcount",
        "TRUNCATE members_reportedheadcount",
    ],
)
def test_a_reported_number_is_kept(cast: Cast, sql: str) -> None:
    report(cast.branch, 120)
    commit_now()
    with refused("headcount_kept"):
        run(sql)


def test_rules_of_a_single_number(cast: Cast) -> None:
    with refused("headcount_parts_within"):
        report(cast.branch, 10, women=11)
    with refused("headcount_parts_within"):
        report(cast.branch, 10, minority=11)
    with refused("headcount_taken_back_whole"):
        report(cast.branch, None)
    with refused("headcount_source_known"):
        report(cast.branch, 10, source="rumour")
    with refused("members_reportedheadcount_members_check"):
        report(cast.branch, -1)
    with refused("headcount_tier"):
        report(cast.here, 10)
    with refused("headcount_within_unit"):
        report(cast.branch, 10, on=cast.branch.founded_on - timedelta(days=1))
    with refused("headcount_not_in_future"):
        report(cast.branch, 10, on=date(2999, 1, 1))


def test_nothing_is_reported_of_a_unit_that_is_no_more(cast: Cast) -> None:
    ended = make_unit("Chi hội cũ", tier=cast.branch.tier, parent=cast.here, dissolved_on=DAY)
    with refused("headcount_within_unit"):
        report(ended, 10)
    report(ended, 10, on=DAY - timedelta(days=1))


def test_revisions_follow_each_other(cast: Cast) -> None:
    with refused("headcount_revisions_in_order"):
        report(cast.branch, 10, revision=2)
    report(cast.branch, 10)
    with refused("headcount_revision_once"):
        report(cast.branch, 11)
    with refused("headcount_revisions_in_order"):
        report(cast.branch, 11, revision=3)
    report(cast.branch, None, revision=2)
    with refused("headcount_taken_back_whole"):
        report(cast.branch, None, revision=3, women=3)


def test_a_key_enters_a_unit_once(cast: Cast) -> None:
    key = "b3c1b0c2-7f43-4b3e-9d0e-0a3f8f1c2d11"
    report(cast.branch, 10, idempotency_key=key)
    with refused("headcount_entered_once"):
        report(cast.branch, 11, revision=2, idempotency_key=key)


def test_the_days_of_a_number(cast: Cast) -> None:
    report(cast.branch, 10, on=date(2023, 6, 30))
    assert spans(cast.branch) == [(date(2023, 6, 30), date(2024, 6, 30), 10)]
    report(cast.branch, 12, on=date(2023, 12, 31))
    report(cast.branch, 15, on=date(2023, 12, 31), revision=2)
    report(cast.branch, 20, on=date(2025, 6, 30))
    assert spans(cast.branch) == [
        (date(2023, 6, 30), date(2023, 12, 31), 10),
        (date(2023, 12, 31), date(2024, 12, 31), 15),
        (date(2025, 6, 30), date(2026, 6, 30), 20),
    ]
    report(cast.branch, None, on=date(2023, 12, 31), revision=3)
    assert spans(cast.branch)[0] == (date(2023, 6, 30), date(2024, 6, 30), 10)
    assert headcount_rollups.check() == []


def test_the_roll_up_is_proved_and_rebuilt(cast: Cast) -> None:
    report(cast.branch, 10)
    before = spans(cast.branch)
    run("UPDATE members_headcountspan SET members = 11")
    assert [str(one) for one in headcount_rollups.check()] == [
        f"{cast.branch.code} 2024-06-30: until, members kept (datetime.date(2025, 6, 30), 11), "
        "counted (datetime.date(2025, 6, 30), 10)"
    ]
    run("DELETE FROM members_headcountspan")
    assert headcount_rollups.check()[0].kept is None
    headcount_rollups.rebuild()
    assert headcount_rollups.check() == []
    assert spans(cast.branch) == before


def test_a_unit_has_one_series_of_cards(cast: Cast) -> None:
    row = {"unit_id": cast.branch.pk, "prefix": "PT", "last_number": 1}
    insert("members_cardseries", row)
    with refused("members_cardseries_unit_id_key"):
        insert("members_cardseries", row)


# Titles


def test_rules_of_a_title(cast: Cast) -> None:
    count(cast.here)
    with refused("title_count_once"):
        count(cast.here)
    with refused("title_within_total"):
        count(cast.here, year=2023, registered=11)
    with refused("title_within_total"):
        count(cast.here, year=2023, recognised=11)
    with refused("title_known"):
        count(cast.here, title="village")
    with refused("title_not_in_future"):
        count(cast.here, year=2099)
    with refused("title_within_unit"):
        count(cast.here, year=1999)
    with refused("title_year_sane"):
        count(cast.here, year=1899)


def test_one_speaks_on_the_way_down(cast: Cast) -> None:
    count(cast.here)
    with refused("title_one_speaks"):
        count(cast.branch)
    with refused("title_one_speaks"):
        count(cast.province)
    count(cast.elsewhere)
    count(cast.branch, year=2023)
    with refused("title_one_speaks"):
        run("UPDATE members_titlecount SET year = 2024 WHERE year = 2023")
    assert TitleCount.unscoped.count() == 3


def test_rules_of_a_target(cast: Cast) -> None:
    def target(**facts: Any) -> int:
        return insert("members_titletarget", {"title": "clan", "year": 2025, "value_percent": 65, "basis": "", **facts})

    target()
    with refused("title_target_once"):
        target()
    target(unit_id=cast.here.pk)
    with refused("title_target_once"):
        target(unit_id=cast.here.pk)
    for value in (0, 101):
        with refused("title_target_share"):
            target(year=2030, value_percent=value)
    place = insert("members_place", {"uid": "x", "code": "1", "name": "Xã", "level": "commune", "source": ""})
    with refused("title_target_for_one"):
        target(unit_id=cast.here.pk, place_id=place)
    with refused("title_target_known"):
        target(title="village")
