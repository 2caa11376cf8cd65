"""Many hands at once on what units declare and on the numbers of cards."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from members.actions import (
    HeadcountLine,
    TitleLine,
    declare_headcounts,
    declare_titles,
    give_card_numbers,
)
from members.models import Member, ReportedHeadcount, Title, TitleCount, Unit, User
from members.rollups import headcounts as headcount_rollups
from tests.cast import Cast, a_province
from tests.funds.test_concurrency import all_at_once
from tests.members.rows import make_member

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(db: Any) -> Cast:
    return a_province()


def refusals(outcomes: list[Any]) -> int:
    return sum(isinstance(outcome, ValidationError) for outcome in outcomes)


def test_hands_that_give_numbers_at_once_give_each_member_one(cast: Cast) -> None:
    for n in range(12):
        make_member(cast.branch, f"Người {n}")

    def give() -> int:
        return give_card_numbers(unit=cast.here, by=User.objects.get(pk=cast.clerk.pk))

    assert sum(all_at_once(*[give] * 4)) == 12
    numbers = sorted(Member.unscoped.values_list("card_number", flat=True))
    assert numbers == [f"{cast.branch.code}-{n:04d}" for n in range(1, 13)]


def test_of_hands_that_report_one_number_one_comes_first(cast: Cast) -> None:
    def report(members: int) -> Any:
        line = HeadcountLine(Unit.unscoped.get(pk=cast.branch.pk), members)
        by = User.objects.get(pk=cast.clerk.pk)
        return declare_headcounts(lines=[line], counted_on=date(2024, 6, 30), source="list", by=by)

    outcomes = all_at_once(*[lambda n=n: report(10 + n) for n in range(4)])
    assert refusals(outcomes) == 3
    assert ReportedHeadcount.unscoped.get().revision == 1
    assert headcount_rollups.check() == []


def test_numbers_of_several_days_at_once_leave_the_roll_up_right(cast: Cast) -> None:
    def report(year: int) -> Any:
        line = HeadcountLine(Unit.unscoped.get(pk=cast.branch.pk), year)
        by = User.objects.get(pk=cast.clerk.pk)
        return declare_headcounts(lines=[line], counted_on=date(year, 6, 30), source="list", by=by)

    outcomes = all_at_once(*[lambda y=y: report(y) for y in range(2020, 2026)])
    assert refusals(outcomes) == 0
    assert headcount_rollups.check() == []


def test_a_unit_and_one_above_it_do_not_both_speak(cast: Cast) -> None:
    def speak(unit: Unit) -> Any:
        line = TitleLine(Title.FAMILY, 10, 5, 4)
        by = User.objects.get(pk=cast.clerk.pk)
        return declare_titles(unit=Unit.unscoped.get(pk=unit.pk), year=2024, lines=[line], by=by)

    outcomes = all_at_once(lambda: speak(cast.here), lambda: speak(cast.branch))
    assert refusals(outcomes) == 1
    assert TitleCount.unscoped.count() == 1
