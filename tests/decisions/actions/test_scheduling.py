"""Decisions of a day to come: they take effect by themselves, or say why not."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from hkh.decisions.actions import (
    add_change,
    apply_decision,
    edit_decision,
    preview_decision,
    take_effect_due,
    unschedule_decision,
)
from members.actions import rename_unit
from members.models import Decision, DecisionState, Grant, Unit
from tests.cast import Cast, balance_vnd, make_fund, make_unit
from tests.decisions.drafts import merger, picture
from tests.members.rows import make_member

COMING = date(2026, 9, 1)


@pytest.fixture
def waiting(cast: Cast) -> Decision:
    """A merger of both communes, looked at and set to take effect on 1 September."""
    make_fund(cast.here, holds_vnd=1_000)
    decision = merger(cast, on=COMING)
    basis = preview_decision(decision=decision, by=cast.administrator).basis
    return apply_decision(decision=decision, basis=basis, by=cast.administrator)


def arrive(settings: Any, day: date = COMING) -> list[Decision]:
    settings.HKH_TODAY = str(day)
    with override("en"):
        return take_effect_due()


def test_nothing_happens_before_its_day(settings: Any, cast: Cast, waiting: Decision) -> None:
    before = picture()
    assert (waiting.state, waiting.decided_by, waiting.applied_at) == ("scheduled", cast.administrator, None)
    assert arrive(settings, date(2026, 8, 31)) == []
    assert picture() == before


def test_it_takes_effect_on_its_day_with_what_there_is_then(settings: Any, cast: Cast, waiting: Decision) -> None:
    make_member(cast.branch)
    make_fund(cast.elsewhere, holds_vnd=500)
    assert [done.state for done in arrive(settings)] == ["applied"]
    waiting.refresh_from_db()
    assert (waiting.applied_by, waiting.trouble) == (cast.administrator, "")
    new = Unit.unscoped.get(code="MOI")
    assert new.founded_on == COMING
    assert balance_vnd(new.funds(manager="unscoped").get()) == 1_500
    assert take_effect_due() == []


def test_days_that_passed_without_a_worker_are_made_up_for(settings: Any, cast: Cast, waiting: Decision) -> None:
    assert [done.state for done in arrive(settings, date(2026, 9, 5))] == ["applied"]
    assert Unit.unscoped.get(code="MOI").founded_on == COMING


def test_a_changed_tree_keeps_it_from_taking_effect(settings: Any, cast: Cast, waiting: Decision) -> None:
    rename_unit(unit=cast.branch, name="Chi hội khu 9", on=date(2026, 6, 30), by=cast.administrator)
    before = picture()
    assert [done.state for done in arrive(settings)] == ["blocked"]
    waiting.refresh_from_db()
    assert waiting.trouble == "The units concerned have changed since it was scheduled."
    assert picture() == before


def test_what_stands_in_the_way_on_its_day_is_said(settings: Any, cast: Cast, waiting: Decision) -> None:
    from tests.decisions.actions.test_rounds import a_round, propose

    propose(a_round(cast.here, make_fund(cast.here, "Quỹ khác")), cast.here)
    arrive(settings)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.trouble) == (
        "blocked",
        "In the round “Đợt 1” of “Hội xã Hy Cương” 1 proposals wait. Approve or cancel them.",
    )


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (lambda user: type(user).objects.filter(pk=user.pk).update(is_active=False), "has been closed."),
        (lambda user: Grant.objects.filter(user=user).delete(), "no longer has the right to."),
    ],
    ids=["closed", "no right"],
)
def test_it_acts_with_the_rights_that_its_author_has_on_the_day(
    settings: Any, cast: Cast, waiting: Decision, end: Any, reason: str
) -> None:
    end(cast.administrator)
    arrive(settings)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.trouble) == ("blocked", f"The account that scheduled it {reason}")


def test_one_that_was_blocked_can_be_looked_at_again_and_carried_out(
    settings: Any, cast: Cast, waiting: Decision
) -> None:
    rename_unit(unit=cast.branch, name="Chi hội khu 9", on=date(2026, 6, 30), by=cast.administrator)
    arrive(settings)
    basis = preview_decision(decision=waiting, by=cast.administrator).basis
    assert apply_decision(decision=waiting, basis=basis, by=cast.administrator).state == DecisionState.APPLIED


def test_one_that_waits_stands_still_until_it_is_taken_back(cast: Cast, waiting: Decision) -> None:
    for verb in (
        lambda: add_change(decision=waiting, kind="dissolve", unit=cast.branch, by=cast.administrator),
        lambda: edit_decision(decision=waiting, revision=waiting.revision, number="9", by=cast.administrator),
    ):
        with pytest.raises(ValidationError):
            verb()
    draft = unschedule_decision(decision=waiting, by=cast.administrator)
    assert (draft.state, draft.basis, draft.decided_by) == ("draft", "", None)
    add_change(decision=draft, kind="rename", unit=cast.branch, name="Khu 2", by=cast.administrator)
    with pytest.raises(ValidationError):
        unschedule_decision(decision=draft, by=cast.administrator)


def test_two_of_one_day_take_effect_in_their_order(settings: Any, cast: Cast, waiting: Decision) -> None:
    other = make_unit("Hội xã Ba", tier=cast.here.tier, parent=cast.province)
    from tests.decisions.drafts import drafted

    second = drafted(cast, {"kind": "rename", "unit": other, "name": "Hội xã Bốn"}, on=COMING, number="2/QĐ")
    basis = preview_decision(decision=second, by=cast.administrator).basis
    apply_decision(decision=second, basis=basis, by=cast.administrator)
    assert [done.pk for done in arrive(settings)] == [waiting.pk, second.pk]
    other.refresh_from_db()
    assert other.name == "Hội xã Bốn"


def test_looking_costs_one_query_where_nothing_is_due(
    cast: Cast, waiting: Decision, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(3):  # with its savepoint
        assert take_effect_due() == []
