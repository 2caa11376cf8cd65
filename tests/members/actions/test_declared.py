"""What units declare: written once, corrected beside, refused with a sentence."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from members.actions import HeadcountLine, TitleLine, declare_headcounts, declare_titles
from members.models import ReportedHeadcount, Title, TitleCount, Unit
from tests.cast import Cast, make_unit

DAY = date(2024, 6, 30)


@pytest.fixture(autouse=True)
def today(settings) -> None:
    settings.HKH_TODAY = "2026-06-30"
    settings.LANGUAGE_CODE = "en"


def say(cast: Cast, members: int | None, *, revision: int = 0, on: date = DAY, **facts: Any) -> list[ReportedHeadcount]:
    unit, by = facts.pop("unit", cast.branch), facts.pop("by", cast.clerk)
    parts = {name: facts.pop(name) for name in ("women", "minority") if name in facts}
    line = HeadcountLine(unit, members, revision=revision, **parts)
    return declare_headcounts(lines=[line], counted_on=on, source=facts.pop("source", "list"), by=by, **facts)


def stored(unit: Unit) -> list[tuple[Any, ...]]:
    rows = ReportedHeadcount.unscoped.filter(unit=unit).order_by("counted_on", "revision")
    return list(rows.values_list("counted_on", "revision", "members", "women", "minority"))


def test_a_number_is_written_with_who_and_where_from(cast: Cast) -> None:
    (row,) = say(cast, 120, women=60, minority=0, source="meeting", note="  Đại hội  chi hội ")
    assert (row.members, row.women, row.minority, row.source) == (120, 60, 0, "meeting")
    assert (row.note, row.reported_by, row.revision) == ("Đại hội chi hội", cast.clerk, 1)


def test_a_correction_stands_beside_what_it_corrects(cast: Cast) -> None:
    say(cast, 120)
    say(cast, 118, revision=1)
    assert stored(cast.branch) == [(DAY, 1, 120, None, None), (DAY, 2, 118, None, None)]


def test_what_stands_there_already_is_not_written_again(cast: Cast) -> None:
    say(cast, 120, women=60)
    assert say(cast, 120, women=60, revision=1) == []
    assert stored(cast.branch) == [(DAY, 1, 120, 60, None)]


def test_an_empty_line_reports_nothing_and_takes_back_what_was_reported(cast: Cast) -> None:
    assert say(cast, None) == []
    say(cast, 120, women=60)
    say(cast, None, revision=1, women=60)
    assert stored(cast.branch) == [(DAY, 1, 120, 60, None), (DAY, 2, None, None, None)]
    assert say(cast, None, revision=2) == []


def test_sent_twice_it_is_written_once(cast: Cast) -> None:
    key = uuid4()
    first = say(cast, 120, idempotency_key=key)
    assert say(cast, 120, idempotency_key=key) == first
    assert say(cast, 999, revision=1, idempotency_key=key) == first
    assert stored(cast.branch) == [(DAY, 1, 120, None, None)]


def test_who_did_not_see_the_last_number_does_not_replace_it(cast: Cast) -> None:
    say(cast, 120)
    say(cast, 118, revision=1)
    with pytest.raises(ValidationError, match="Somebody else"):
        say(cast, 90, revision=1)
    with pytest.raises(ValidationError, match="Look at it again"):
        say(cast, 90, revision=7)
    assert len(stored(cast.branch)) == 2


def test_all_lines_or_none(cast: Cast) -> None:
    other = make_unit("Chi hội khu 2", tier=cast.branch.tier, parent=cast.here)
    lines = [HeadcountLine(cast.branch, 12), HeadcountLine(other, 5, women=6)]
    with pytest.raises(ValidationError, match="counted among the members"):
        declare_headcounts(lines=lines, counted_on=DAY, source="list", by=cast.clerk)
    assert not ReportedHeadcount.unscoped.exists()


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"on": date(2026, 7, 1)}, "01/07/2026 has not come yet"),
        ({"source": "rumour"}, "Choose where the numbers come from"),
        ({"on": date(1999, 12, 31)}, "does not exist on that day"),
        ({"minority": 121}, "counted among the members"),
    ],
)
def test_refused_with_a_sentence(cast: Cast, facts: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        say(cast, 120, **facts)
    assert not ReportedHeadcount.unscoped.exists()


def test_a_unit_that_holds_no_members_reports_none(cast: Cast) -> None:
    with pytest.raises(ValidationError, match="holds no members itself"):
        say(cast, 120, unit=cast.here)


def test_roles_and_scope(cast: Cast) -> None:
    for by in (cast.viewer, cast.accountant, cast.cashier):
        with pytest.raises(PermissionDenied):
            say(cast, 120, by=by)
    with pytest.raises(Http404):
        say(cast, 120, by=cast.outsider)
    there = make_unit("Chi hội Tu Vũ", tier=cast.branch.tier, parent=cast.elsewhere)
    lines = [HeadcountLine(cast.branch, 12), HeadcountLine(there, 5)]
    with pytest.raises(Http404):
        declare_headcounts(lines=lines, counted_on=DAY, source="list", by=cast.clerk)
    assert not ReportedHeadcount.unscoped.exists()


# Titles


def families(total: int | None, registered: int | None, recognised: int | None, revision: int = 0) -> list[TitleLine]:
    return [TitleLine(Title.FAMILY, total, registered, recognised, revision)]


def titles(unit: Unit) -> list[tuple[Any, ...]]:
    return list(TitleCount.unscoped.filter(unit=unit).values_list("year", "title", "total", "registered", "recognised"))


def test_titles_are_written_corrected_and_taken_back(cast: Cast) -> None:
    declare_titles(unit=cast.here, year=2024, lines=families(500, 400, 350), by=cast.clerk)
    declare_titles(unit=cast.here, year=2024, lines=families(500, 400, 360, revision=1), by=cast.officer)
    assert titles(cast.here) == [(2024, "family", 500, 400, 360)]
    assert TitleCount.unscoped.get().entered_by == cast.officer
    declare_titles(unit=cast.here, year=2024, lines=families(None, None, None, revision=2), by=cast.clerk)
    assert titles(cast.here) == []


def test_the_same_titles_sent_twice_are_written_once(cast: Cast) -> None:
    for _ in range(2):
        declare_titles(unit=cast.here, year=2024, lines=families(500, 400, 350), by=cast.clerk)
    assert TitleCount.unscoped.get().revision == 1


def test_titles_changed_meanwhile_are_not_overwritten(cast: Cast) -> None:
    declare_titles(unit=cast.here, year=2024, lines=families(500, 400, 350), by=cast.clerk)
    with pytest.raises(ValidationError, match="Somebody else"):
        declare_titles(unit=cast.here, year=2024, lines=families(500, 400, 100), by=cast.clerk)
    assert titles(cast.here) == [(2024, "family", 500, 400, 350)]


def test_one_unit_on_the_way_down_speaks_for_a_year_and_title(cast: Cast) -> None:
    declare_titles(unit=cast.here, year=2024, lines=families(500, 400, 350), by=cast.clerk)
    with pytest.raises(ValidationError, match="Hội xã Hy Cương"):
        declare_titles(unit=cast.branch, year=2024, lines=families(50, 40, 35), by=cast.clerk)
    declare_titles(unit=cast.branch, year=2023, lines=families(50, 40, 35), by=cast.clerk)
    with pytest.raises(ValidationError, match="Chi hội khu 1"):
        declare_titles(unit=cast.here, year=2023, lines=families(500, 400, 350), by=cast.clerk)
    declare_titles(unit=cast.branch, year=2024, lines=[TitleLine(Title.CLAN, 5, 4, 3)], by=cast.clerk)


def test_titles_refused(cast: Cast) -> None:
    with pytest.raises(ValidationError, match="2027 has not come yet"):
        declare_titles(unit=cast.here, year=2027, lines=families(5, 4, 3), by=cast.clerk)
    with pytest.raises(ValidationError, match="more registered or recognised"):
        declare_titles(unit=cast.here, year=2024, lines=families(5, 6, 3), by=cast.clerk)
    with pytest.raises(ValidationError, match="did not exist in that year"):
        declare_titles(unit=cast.here, year=1999, lines=families(5, 4, 3), by=cast.clerk)
    with pytest.raises(PermissionDenied):
        declare_titles(unit=cast.here, year=2024, lines=families(5, 4, 3), by=cast.viewer)
    with pytest.raises(Http404):
        declare_titles(unit=cast.here, year=2024, lines=families(5, 4, 3), by=cast.outsider)
    assert not TitleCount.unscoped.exists()
