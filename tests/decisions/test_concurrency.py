"""Two hands at once, each with a connection of its own: the second sees what the first has left."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from funds.actions import record_donation
from hkh.decisions.actions import apply_decision, preview_decision, take_effect_due
from members.actions import add_member
from members.models import Decision, DecisionState, Membership, Unit, User
from members.queries import check_tree
from tests.cast import Cast, a_province, make_donor, make_fund, make_unit
from tests.decisions.drafts import REFORM, drafted, merger
from tests.funds.test_concurrency import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(db: None) -> Cast:
    return a_province()


def applying(decision: Decision, basis: str, by: User) -> Any:
    def deed() -> Any:
        return apply_decision(
            decision=Decision.unscoped.get(pk=decision.pk), basis=basis, by=User.objects.get(pk=by.pk)
        ).state

    return deed


def refusals(outcomes: list[Any]) -> list[str]:
    found = [outcome for outcome in outcomes if isinstance(outcome, ValidationError)]
    return [str(error.code) for refusal in found for error in refusal.error_list]


def test_one_decision_is_carried_out_once(cast: Cast) -> None:
    make_fund(cast.here, holds_vnd=1_000)
    decision = merger(cast)
    basis = preview_decision(decision=decision, by=cast.administrator).basis
    outcomes = all_at_once(*[applying(decision, basis, cast.administrator)] * 4)
    assert sorted(refusals(outcomes)) == ["decision_applied_already"] * 3
    assert outcomes.count("applied") == 1
    assert Unit.unscoped.filter(code="MOI").count() == 1


def test_of_two_decisions_on_one_unit_one_wins_and_the_other_hears_why(cast: Cast) -> None:
    third = make_unit("Hội xã Ba", tier=cast.here.tier, parent=cast.province)
    decisions = [
        drafted(cast, {"kind": "merge", "unit": cast.here, "target": target}, number=f"{n}/QĐ")
        for n, target in enumerate((cast.elsewhere, third))
    ]
    bases = [preview_decision(decision=one, by=cast.administrator).basis for one in decisions]
    outcomes = all_at_once(
        *(applying(one, basis, cast.administrator) for one, basis in zip(decisions, bases, strict=True))
    )
    assert outcomes.count("applied") == 1
    assert refusals(outcomes) == ["unit_gone"]
    assert check_tree() == []


def test_the_worker_and_a_hand_do_not_both_carry_it_out(cast: Cast, settings: Any) -> None:
    settings.HKH_TODAY = "2025-06-30"
    decision = merger(cast)
    basis = preview_decision(decision=decision, by=cast.administrator).basis
    apply_decision(decision=decision, basis=basis, by=cast.administrator)
    settings.HKH_TODAY = str(REFORM)
    outcomes = all_at_once(
        applying(decision, basis, cast.administrator), *[lambda: [one.state for one in take_effect_due()]] * 2
    )
    decision.refresh_from_db()
    assert decision.state == DecisionState.APPLIED
    assert Unit.unscoped.filter(code="MOI").count() == 1
    assert [outcome for outcome in outcomes if outcome == ["blocked"]] == []


def test_a_worker_looks_after_what_falls_due(cast: Cast, settings: Any) -> None:
    settings.HKH_TODAY = "2025-06-30"
    decision = merger(cast)
    basis = preview_decision(decision=decision, by=cast.administrator).basis
    apply_decision(decision=decision, basis=basis, by=cast.administrator)
    call_command("worker", once=True)
    decision.refresh_from_db()
    assert decision.state == DecisionState.SCHEDULED
    settings.HKH_TODAY = str(REFORM)
    call_command("worker", once=True)
    decision.refresh_from_db()
    assert decision.state == DecisionState.APPLIED


def test_nobody_enters_a_unit_that_is_being_closed(cast: Cast) -> None:
    """Either the member or the gift comes first and the plan is another, or it comes too late and is refused."""
    other = make_unit("Chi hội khu 2", tier=cast.branch.tier, parent=cast.here)
    decision = drafted(
        cast,
        {"kind": "merge", "unit": cast.branch, "target": other},
        {"kind": "merge", "unit": cast.elsewhere, "target": cast.here},
    )
    fund, donor = make_fund(cast.elsewhere), make_donor(cast.elsewhere)
    basis = preview_decision(decision=decision, by=cast.administrator).basis

    def join() -> Any:
        by = User.objects.get(pk=cast.clerk.pk)
        return add_member(unit=cast.branch, joined_on=REFORM, full_name="Lê Văn An", by=by).pk

    def give() -> Any:
        by = User.objects.get(pk=cast.outsider.pk)
        facts: dict[str, Any] = {"received_on": REFORM, "form": "cash", "amount_vnd": 5_000}
        return record_donation(unit=cast.elsewhere, fund=fund, donor=donor, by=by, **facts).pk

    outcomes = all_at_once(applying(decision, basis, cast.administrator), join, give)
    is_applied = outcomes[0] == "applied"
    assert isinstance(outcomes[1], ValidationError) is is_applied
    assert Membership.unscoped.filter(unit=cast.branch, left_on=None).exists() is not is_applied
    assert check_tree() == []
