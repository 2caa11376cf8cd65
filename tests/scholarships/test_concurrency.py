"""Many hands at once, each with a connection of its own."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from funds.actions import issue_goods, record_donation
from funds.models import AccountKind, Movement, MovementKind, Pot, Stock
from members.models import User
from scholarships import rollups
from scholarships.actions import (
    Proposal,
    approve_awards,
    cancel_awards,
    propose_awards,
    record_distribution,
    void_distribution,
)
from scholarships.models import Award, AwardState, Distribution
from tests.cast import a_province, balance_vnd, make_donor, make_fund
from tests.funds.test_concurrency import all_at_once
from tests.scholarships.rows import APPROVED, HELD, hand_out, make_approved, make_award, make_round

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(db):
    return a_province()


def afresh(user):
    """As another request would have it: rights are remembered on the object."""
    return User.objects.get(pk=user.pk)


def refusals(outcomes):
    return [outcome.code for outcome in outcomes if isinstance(outcome, ValidationError)]


def test_approvals_in_two_rounds_do_not_go_beyond_their_fund(cast):
    fund = make_fund(cast.here, holds_vnd=1_500_000)
    awards = [make_award(make_round(fund, name=f"Đợt {number}")) for number in (1, 2)]

    def approve(award):
        return lambda: approve_awards(round_=award.round, awards=[award], on=APPROVED, by=afresh(cast.chair))

    outcomes = all_at_once(*(approve(award) for award in awards))
    assert refusals(outcomes) == ["account_not_overdrawn"]
    assert (balance_vnd(fund), balance_vnd(fund, AccountKind.COMMITTED)) == (500_000, 1_000_000)
    assert sorted(Award.unscoped.values_list("state", flat=True)) == [AwardState.APPROVED, AwardState.PROPOSED]


def test_approvals_in_one_round_do_not_go_beyond_its_quota(cast):
    fund = make_fund(cast.here, holds_vnd=10_000_000)
    round_ = make_round(fund, quota=30)
    awards = [make_award(round_) for _number in range(6)]

    def approve(award):
        return lambda: approve_awards(round_=round_, awards=[award], on=APPROVED, by=afresh(cast.chair))

    outcomes = all_at_once(*(approve(award) for award in awards))
    assert refusals(outcomes) == ["round_quota_holds"] * 3
    assert balance_vnd(fund, AccountKind.COMMITTED) == 3_000_000


def test_one_approval_clicked_by_four_commits_once(cast):
    fund = make_fund(cast.here, holds_vnd=10_000_000)
    round_ = make_round(fund)
    award = make_award(round_)

    def approve():
        return approve_awards(round_=round_, awards=[award], on=APPROVED, by=afresh(cast.chair))

    assert refusals(all_at_once(*[approve] * 4)) == []
    assert Movement.objects.filter(kind=MovementKind.COMMITMENT).count() == 1


def test_an_award_is_not_handed_out_twice(cast):
    fund = make_fund(cast.here, holds_vnd=10_000_000)
    round_ = make_round(fund)
    award = make_approved(round_, count=1, recipient_name="Nguyễn Văn An")

    def deliver():
        return record_distribution(round_=round_, held_on=HELD, lines=[(award, 1)], by=afresh(cast.clerk))

    assert refusals(all_at_once(*[deliver] * 4)) == ["award_delivered_at_most_all"] * 3
    assert Distribution.unscoped.count() == 1
    assert rollups.check() == []


def test_the_same_goods_are_not_handed_out_twice_nor_issued_meanwhile(cast):
    fund = make_fund(cast.here)
    line = {"what": "Xe đạp", "quantity": Decimal(10), "measure": "chiếc", "unit_value_vnd": 100_000}
    rice = {"what": "Gạo", "quantity": Decimal(90), "measure": "kg", "unit_value_vnd": 100_000}
    facts: Any = {"received_on": date(2024, 1, 2), "form": "in_kind", "amount_vnd": 10_000_000, "lines": [line, rice]}
    record_donation(unit=cast.here, fund=fund, donor=make_donor(cast.here), by=cast.clerk, **facts)
    bicycles = Stock.objects.get(item__name="Xe đạp")
    rounds = [make_round(fund, name=f"Đợt {number}") for number in range(3)]
    awards = [make_approved(round_, pot=Pot.GOODS, count=4) for round_ in rounds]

    def deliver(award):
        facts: Any = {"held_on": HELD, "lines": [(award, 4)], "goods": [(bicycles, Decimal(4))]}
        return lambda: record_distribution(round_=award.round, by=afresh(cast.clerk), **facts)

    def issue():
        facts: Any = {"unit": cast.branch, "quantity": Decimal(4), "on": HELD}
        return issue_goods(item=bicycles.item, by=afresh(cast.accountant), **facts)

    outcomes = all_at_once(*(deliver(award) for award in awards), issue)
    assert sorted(refusals(outcomes)) in (["goods_choice_held"] * 2, ["goods_choice_held", "issue_held"])
    bicycles.refresh_from_db()
    assert (bicycles.quantity, bicycles.value_vnd) == (Decimal(2), 200_000)
    assert rollups.check() == []


def test_a_double_submit_at_one_moment_hands_out_once(cast):
    fund, key = make_fund(cast.here, holds_vnd=10_000_000), uuid4()
    round_ = make_round(fund)
    award = make_approved(round_)

    def deliver():
        return record_distribution(
            round_=round_, held_on=HELD, lines=[(award, 4)], by=afresh(cast.clerk), idempotency_key=key
        ).pk

    assert all_at_once(*[deliver] * 4) == [Distribution.unscoped.get().pk] * 4


def test_a_double_submit_at_one_moment_proposes_once(cast):
    round_, key = make_round(make_fund(cast.here)), uuid4()
    proposal = Proposal(unit=cast.here, kind="gift", beneficiary_group="poor_pupil", count=10, unit_value_vnd=100_000)

    def propose():
        made = propose_awards(round_=round_, proposals=[proposal], by=afresh(cast.clerk), idempotency_key=key)
        return made[0].pk

    assert all_at_once(*[propose] * 4) == [Award.unscoped.get().pk] * 4


def test_cancelling_and_handing_out_do_not_meet(cast):
    fund = make_fund(cast.here, holds_vnd=10_000_000)
    round_ = make_round(fund)
    award = make_approved(round_)

    def deliver():
        return record_distribution(round_=round_, held_on=HELD, lines=[(award, 10)], by=afresh(cast.clerk))

    def cancel():
        return cancel_awards(round_=round_, awards=[award], on=HELD, reason="Thừa", by=afresh(cast.chair))

    outcomes = all_at_once(deliver, cancel)
    assert refusals(outcomes) in (["line_of_approved"], ["award_all_delivered"])
    assert balance_vnd(fund, AccountKind.COMMITTED) == 0
    assert rollups.check() == []


def test_a_distribution_is_voided_by_one_hand(cast):
    fund = make_fund(cast.here, holds_vnd=10_000_000)
    round_ = make_round(fund)
    held = hand_out(round_, (make_approved(round_), 4))

    def void():
        return void_distribution(distribution=held, reason="Nhầm", on=HELD, by=afresh(cast.chair))

    assert refusals(all_at_once(*[void] * 3)) == ["distribution_void_once"] * 2
    assert balance_vnd(fund, AccountKind.COMMITTED) == 1_000_000
