"""Proposing, approving and cancelling awards."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from funds.models import AccountKind, Movement, MovementKind, Pot
from scholarships.actions import Proposal, approve_awards, cancel_awards, propose_awards
from scholarships.models import Award, AwardState, RecipientKind, RoundTally
from tests.cast import a_province, balance_vnd, bring_forward, make_fund, make_unit
from tests.scholarships.rows import APPROVED, HELD, hand_out, make_approved, make_award, make_round, prove, root

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return a_province()


@pytest.fixture
def fund(cast):
    return make_fund(cast.here, holds_vnd=2_000_000)


@pytest.fixture
def round_(fund):
    return make_round(fund)


def lot(unit, **facts):
    ten = Proposal(unit=unit, kind="gift", beneficiary_group="poor_pupil", count=10, unit_value_vnd=100_000)
    return replace(ten, **facts)


def named(unit, name, **facts):
    return lot(unit, recipient_name=name, count=1, **facts)


def committed(fund, pot=Pot.CASH):
    return balance_vnd(fund, AccountKind.COMMITTED, pot)


def give_goods(fund, amount_vnd):
    bring_forward(fund, amount_vnd, date(2024, 1, 1), pot=Pot.GOODS)


def test_proposals_become_awards(cast, round_):
    awards = propose_awards(
        round_=round_,
        proposals=[
            lot(cast.here),
            named(cast.branch, "  Nguyễn  Văn An ", school="THCS Hy Cương", grade="8", birth_year=2010),
        ],
        by=cast.clerk,
    )
    assert [(award.unit, award.recipient_name, award.count, award.state) for award in awards] == [
        (cast.here, "", 10, AwardState.PROPOSED),
        (cast.branch, "Nguyễn Văn An", 1, AwardState.PROPOSED),
    ]
    assert {award.proposed_by for award in awards} == {cast.clerk}


def test_one_wrong_proposal_refuses_them_all(cast, round_):
    with pytest.raises(ValidationError) as refusal:
        propose_awards(round_=round_, proposals=[lot(cast.here), lot(cast.here, unit_value_vnd=0)], by=cast.clerk)
    assert refusal.value.code == "award_value"
    assert Award.unscoped.count() == 0


def test_no_proposals_are_refused(cast, round_):
    with pytest.raises(ValidationError) as refusal:
        propose_awards(round_=round_, proposals=[], by=cast.clerk)
    assert refusal.value.code == "no_awards"


def test_a_double_submit_proposes_once(cast, round_):
    key, proposals = uuid4(), [lot(cast.here), named(cast.here, "Nguyễn Văn An")]
    first = propose_awards(round_=round_, proposals=proposals, by=cast.clerk, idempotency_key=key)
    assert propose_awards(round_=round_, proposals=proposals, by=cast.clerk, idempotency_key=key) == first
    with pytest.raises(ValidationError) as refusal:
        propose_awards(round_=round_, proposals=proposals[:1], by=cast.clerk, idempotency_key=key)
    assert refusal.value.code == "saved_already"
    assert Award.unscoped.count() == 2


def test_who_may_propose_and_for_whom(cast, round_):
    with pytest.raises(PermissionDenied):
        propose_awards(round_=round_, proposals=[lot(cast.here)], by=cast.chair)
    with pytest.raises(Http404):
        propose_awards(round_=round_, proposals=[lot(cast.here)], by=cast.outsider)
    with pytest.raises(Http404):
        propose_awards(round_=round_, proposals=[lot(cast.here), lot(cast.elsewhere)], by=cast.clerk)
    assert Award.unscoped.count() == 0


@pytest.mark.parametrize("proposals", [1, 3])
def test_proposing_takes_the_same_queries_however_many(cast, round_, proposals, django_assert_num_queries):
    with django_assert_num_queries(9):
        propose_awards(round_=round_, proposals=[lot(cast.here)] * proposals, by=cast.clerk)


def test_approval_commits_the_money(cast, fund, round_):
    awards = [make_award(round_), make_award(round_, unit=cast.branch, count=1, recipient_name="Trần Thị Bình")]
    approved = approve_awards(round_=round_, awards=awards, on=APPROVED, by=cast.chair)
    assert [(award.state, award.approved_on, award.approved_by) for award in approved] == [
        (AwardState.APPROVED, APPROVED, cast.chair)
    ] * 2
    assert (balance_vnd(fund), committed(fund)) == (900_000, 1_100_000)
    movement = Movement.objects.get(kind=MovementKind.COMMITMENT)
    assert (movement.amount_vnd, movement.occurred_on, movement.note) == (1_100_000, APPROVED, round_.name)


def test_approval_takes_each_pot_from_its_own(cast, fund, round_):
    give_goods(fund, 5_000_000)
    awards = [make_award(round_), make_award(round_, pot=Pot.GOODS, count=2, unit_value_vnd=2_025_000)]
    approve_awards(round_=round_, awards=awards, on=APPROVED, by=cast.chair)
    assert (committed(fund), committed(fund, Pot.GOODS)) == (1_000_000, 4_050_000)


def test_a_fund_that_falls_short_approves_nothing(cast, fund, round_):
    awards = [make_award(round_), make_award(round_, count=11)]
    with pytest.raises(ValidationError) as refusal:
        approve_awards(round_=round_, awards=awards, on=APPROVED, by=cast.chair)
    assert refusal.value.code == "account_not_overdrawn"
    assert "2.000.000" in refusal.value.messages[0]
    assert "2.100.000" in refusal.value.messages[0]
    assert set(Award.unscoped.values_list("state", flat=True)) == {AwardState.PROPOSED}
    assert (balance_vnd(fund), committed(fund)) == (2_000_000, 0)


def test_goods_do_not_pay_for_money_awards(cast, fund, round_):
    give_goods(fund, 50_000_000)
    award = make_award(round_, count=21)
    with pytest.raises(ValidationError) as refusal:
        approve_awards(round_=round_, awards=[award], on=APPROVED, by=cast.chair)
    assert refusal.value.code == "account_not_overdrawn"


@pytest.mark.parametrize(
    ("limits", "code"), [({"budget_vnd": 1_500_000}, "round_budget_holds"), ({"quota": 15}, "round_quota_holds")]
)
def test_budget_and_quota_hold(cast, fund, limits, code):
    round_ = make_round(fund, **limits)
    make_approved(round_)
    fits, too_much = make_award(round_, count=5), make_award(round_, count=6)
    with pytest.raises(ValidationError) as refusal:
        approve_awards(round_=round_, awards=[too_much], on=APPROVED, by=cast.chair)
    assert refusal.value.code == code
    approve_awards(round_=round_, awards=[fits], on=APPROVED, by=cast.chair)


def test_approving_again_changes_nothing(cast, fund, round_):
    award = make_award(round_)
    for _attempt in range(2):
        approve_awards(round_=round_, awards=[award], on=APPROVED, by=cast.chair)
    assert committed(fund) == 1_000_000
    assert Movement.objects.filter(kind=MovementKind.COMMITMENT).count() == 1


def test_what_is_no_proposal_any_more_is_not_approved(cast, round_):
    cancelled, proposal = make_award(round_), make_award(round_)
    cancel_awards(round_=round_, awards=[cancelled], on=APPROVED, reason="", by=cast.clerk)
    with pytest.raises(ValidationError) as refusal:
        approve_awards(round_=round_, awards=[proposal, cancelled], on=APPROVED, by=cast.chair)
    assert refusal.value.code == "award_not_proposed"
    proposal.refresh_from_db()
    assert proposal.state == AwardState.PROPOSED


def test_awards_of_another_round_are_refused(cast, fund, round_):
    other = make_award(make_round(fund, name="Đợt hai"))
    with pytest.raises(ValidationError) as refusal:
        approve_awards(round_=round_, awards=[make_award(round_), other], on=APPROVED, by=cast.chair)
    assert refusal.value.code == "award_of_other_round"
    with pytest.raises(ValidationError) as refusal:
        approve_awards(round_=round_, awards=[], on=APPROVED, by=cast.chair)
    assert refusal.value.code == "no_awards"


def test_a_unit_that_is_no_more_is_not_approved_for(cast):
    fund = make_fund(cast.province, holds_vnd=2_000_000)
    merged = make_unit("Hội xã Cũ", tier=cast.here.tier, parent=cast.province, dissolved_on=date(2024, 1, 20))
    round_ = make_round(fund)
    award = make_award(round_, unit=merged)
    with pytest.raises(ValidationError) as refusal:
        approve_awards(round_=round_, awards=[award], on=APPROVED, by=root())
    assert refusal.value.code == "award_in_subtree"
    assert committed(fund) == 0


def test_who_may_approve(cast, round_):
    award = make_award(round_)
    for user in (cast.officer, cast.clerk, cast.accountant, cast.cashier, cast.administrator):
        with pytest.raises(PermissionDenied):
            approve_awards(round_=round_, awards=[award], on=APPROVED, by=user)
    with pytest.raises(Http404):
        approve_awards(round_=round_, awards=[award], on=APPROVED, by=cast.outsider)


@pytest.mark.parametrize("count", [1, 3])
def test_approving_takes_the_same_queries_however_many(cast, round_, count, django_assert_num_queries):
    awards = [make_award(round_, count=1) for _number in range(count)]
    with django_assert_num_queries(17):
        approve_awards(round_=round_, awards=awards, on=APPROVED, by=cast.chair)


def test_cancelling_frees_the_money(cast, fund, round_):
    award, other = make_approved(round_), make_approved(round_, count=1)
    cancel_awards(round_=round_, awards=[award], on=HELD, reason="Chuyển trường", by=cast.chair)
    award.refresh_from_db()
    assert award.state == AwardState.CANCELLED
    assert (balance_vnd(fund), committed(fund)) == (1_900_000, other.value_vnd)
    released = Movement.objects.get(kind=MovementKind.RELEASE)
    assert (released.amount_vnd, released.occurred_on, released.note) == (1_000_000, HELD, "Chuyển trường")


def test_the_rest_of_a_lot_is_cancelled_and_what_was_handed_out_stays(cast, fund, round_):
    award = make_approved(round_)
    hand_out(round_, (award, 7))
    cancel_awards(round_=round_, awards=[award], on=HELD, reason="Còn thừa", by=cast.chair)
    award.refresh_from_db()
    assert (award.state, award.delivered_count, award.cancelled_count, award.remaining_count) == (
        AwardState.APPROVED,
        7,
        3,
        0,
    )
    assert (balance_vnd(fund), committed(fund)) == (1_300_000, 0)
    tally = RoundTally.objects.get()
    assert (tally.approved_count, tally.approved_vnd, tally.delivered_count) == (7, 700_000, 7)
    prove()


def test_what_was_handed_out_whole_is_not_cancelled(cast, round_):
    award = make_approved(round_)
    hand_out(round_, (award, 10))
    with pytest.raises(ValidationError) as refusal:
        cancel_awards(round_=round_, awards=[award], on=HELD, reason="Nhầm", by=cast.chair)
    assert refusal.value.code == "award_all_delivered"


def test_cancelling_again_changes_nothing(cast, fund, round_):
    award = make_approved(round_)
    for _attempt in range(2):
        cancel_awards(round_=round_, awards=[award], on=HELD, reason="Nhầm", by=cast.chair)
    assert Movement.objects.filter(kind=MovementKind.RELEASE).count() == 1
    assert balance_vnd(fund) == 2_000_000


def test_who_may_cancel(cast, round_):
    proposal, approved = make_award(round_), make_approved(round_)
    with pytest.raises(PermissionDenied):
        cancel_awards(round_=round_, awards=[proposal], on=HELD, reason="", by=cast.cashier)
    with pytest.raises(PermissionDenied):
        cancel_awards(round_=round_, awards=[proposal, approved], on=HELD, reason="", by=cast.clerk)
    with pytest.raises(Http404):
        cancel_awards(round_=round_, awards=[approved], on=HELD, reason="", by=cast.outsider)
    with pytest.raises(Http404):
        cancel_awards(round_=round_, awards=[proposal], on=HELD, reason="", by=cast.outsider)
    cancel_awards(round_=round_, awards=[proposal], on=HELD, reason="", by=cast.clerk)
    cancel_awards(round_=round_, awards=[approved], on=HELD, reason="", by=cast.chair)
    assert set(Award.unscoped.values_list("state", flat=True)) == {AwardState.CANCELLED}


def test_a_school_by_name_may_receive_more_than_one(cast, round_):
    (award,) = propose_awards(
        round_=round_,
        proposals=[
            lot(
                cast.here,
                kind="facility",
                beneficiary_group="school",
                recipient_kind=RecipientKind.SCHOOL,
                recipient_name="Trường Tiểu học Phú Lộc",
                content="Bàn ghế",
            )
        ],
        by=cast.officer,
    )
    assert (award.recipient_name, award.count) == ("Trường Tiểu học Phú Lộc", 10)
