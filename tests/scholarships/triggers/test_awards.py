"""The database keeps the rules of awards, whoever writes."""

from contextlib import nullcontext
from datetime import date

import pytest

from scholarships.actions import cancel_awards
from scholarships.models import Award, RoundTally
from tests.cast import a_province, make_fund, make_unit
from tests.scholarships.rows import (
    APPROVED,
    HELD,
    OPENED,
    commit,
    execute,
    hand_out,
    insert,
    make_approved,
    make_award,
    make_round,
    prove,
    refused_by,
    root,
)

pytestmark = pytest.mark.django_db

TABLE = "scholarships_award"


@pytest.fixture
def cast():
    return a_province()


@pytest.fixture
def fund(cast):
    return make_fund(cast.here, holds_vnd=10_000_000)


@pytest.fixture
def round_(fund):
    return make_round(fund)


def award_row(round_, **facts):
    return {
        "round_id": round_.pk,
        "unit_id": round_.unit_id,
        "kind": "gift",
        "beneficiary_group": "poor_pupil",
        "recipient_kind": "pupil",
        "recipient_name": "",
        "school": "",
        "grade": "",
        "content": "",
        "pot": "cash",
        "count": 10,
        "unit_value_vnd": 100_000,
        "state": "proposed",
        "approved_on": None,
    } | facts


def tally(round_):
    row = RoundTally.objects.get(round=round_)
    return {
        stage: (getattr(row, f"{stage}_count"), getattr(row, f"{stage}_vnd"))
        for stage in ("proposed", "approved", "delivered")
    }


def test_an_award_goes_to_the_rounds_unit_or_one_below(cast, round_):
    insert(TABLE, award_row(round_), award_row(round_, unit_id=cast.branch.pk))
    with refused_by("award_in_subtree"):
        insert(TABLE, award_row(round_, unit_id=cast.elsewhere.pk))
    with refused_by("award_in_subtree"):
        insert(TABLE, award_row(round_, unit_id=cast.province.pk))


def test_a_proposal_does_not_move_to_a_unit_elsewhere(cast, round_):
    make_award(round_)
    with refused_by("award_in_subtree"):
        execute("UPDATE scholarships_award SET unit_id = %s", [cast.elsewhere.pk])


@pytest.mark.parametrize(
    ("approved_on", "stands"), [(date(2024, 5, 31), True), (date(2024, 6, 1), False), (date(2024, 6, 2), False)]
)
def test_on_the_day_of_approval_the_unit_stands_below(cast, approved_on, stands):
    fund = make_fund(cast.province, holds_vnd=10_000_000)
    merged = make_unit("Hội xã Cũ", tier=cast.here.tier, parent=cast.province, dissolved_on=date(2024, 6, 1))
    make_award(make_round(fund), unit=merged)
    with refused_by("award_in_subtree") if not stands else nullcontext():
        commit(fund, 1_000_000, on=approved_on)
        execute("UPDATE scholarships_award SET state = 'approved', approved_on = %s", [approved_on])


def test_a_unit_dissolved_before_the_round_opened_receives_nothing(cast):
    round_ = make_round(make_fund(cast.province))
    gone = make_unit("Hội xã Cũ", tier=cast.here.tier, parent=cast.province, dissolved_on=OPENED)
    with refused_by("award_in_subtree"):
        insert(TABLE, award_row(round_, unit_id=gone.pk))


def test_an_award_is_not_approved_before_its_round_opens_nor_in_the_future(fund, round_):
    make_award(round_)
    with refused_by("award_approved_in_round"):
        execute("UPDATE scholarships_award SET state = 'approved', approved_on = '2024-01-09'")
    with refused_by("award_approved_not_in_future"):
        execute("UPDATE scholarships_award SET state = 'approved', approved_on = funds_today() + 1")


def test_a_closed_round_takes_no_awards_and_approves_none(fund, round_):
    make_award(round_)
    execute("UPDATE scholarships_round SET state = 'closed', closed_on = %s", [APPROVED])
    with refused_by("award_round_open"):
        insert(TABLE, award_row(round_))
    with refused_by("award_round_open"):
        execute("UPDATE scholarships_award SET state = 'approved', approved_on = %s", [APPROVED])
    with refused_by("award_round_open"):
        execute("UPDATE scholarships_award SET count = 11")
    execute("UPDATE scholarships_award SET state = 'cancelled'")


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"state": "cancelled"}, "award_starts_undelivered"),
        ({"state": "approved", "approved_on": APPROVED, "delivered_count": 1}, "award_starts_undelivered"),
        ({"state": "approved", "approved_on": APPROVED, "cancelled_count": 1}, "award_starts_undelivered"),
        ({"state": "approved"}, "award_approval_dated"),
        ({"approved_on": APPROVED}, "award_approval_dated"),
        ({"delivered_count": 1}, "award_delivered_once_approved"),
        ({"cancelled_count": 1}, "award_cancelled_once_approved"),
        ({"count": 0}, "award_value"),
        ({"unit_value_vnd": 0}, "award_value"),
        ({"unit_value_vnd": -1}, "award_value"),
        ({"count": 1_000_001, "unit_value_vnd": 1}, "award_within_reason"),
        ({"count": 2, "unit_value_vnd": 10**15}, "award_within_reason"),
        ({"recipient_name": "Nguyễn Văn An"}, "award_named_is_one"),
    ],
)
def test_how_an_award_may_start(round_, facts, rule):
    with refused_by(rule):
        insert(TABLE, award_row(round_, **facts))


def test_approved_awards_may_be_loaded_in_one_statement_with_their_money(cast, fund, round_):
    commit(fund, 3_000_000)
    row = award_row(round_, state="approved", approved_on=APPROVED)
    insert(TABLE, row, row | {"unit_id": cast.branch.pk}, row)
    prove()
    assert tally(round_) == {"proposed": (0, 0), "approved": (30, 3_000_000), "delivered": (0, 0)}


@pytest.mark.parametrize(
    "change",
    [
        "count = 11",
        "unit_value_vnd = 1",
        "kind = 'award'",
        "beneficiary_group = 'good_teacher'",
        "recipient_kind = 'teacher'",
        "school = 'THCS'",
        "grade = '5'",
        "content = 'Vở'",
        "birth_year = 2010",
        "pot = 'goods'",
        "approved_on = '2024-02-02'",
        "idempotency_key = gen_random_uuid()",
        "id = id + 1000000",
    ],
)
@pytest.mark.parametrize("state", ["approved", "cancelled"])
def test_what_was_approved_does_not_change(round_, change, state):
    award = make_approved(round_)
    if state == "cancelled":
        cancel_awards(round_=round_, awards=[award], on=APPROVED, reason="Nhầm", by=root())
    with refused_by("award_settled"):
        execute(f"UPDATE scholarships_award SET {change}")


def test_an_approved_award_stays_with_its_unit_and_round(cast, fund, round_):
    make_approved(round_)
    second = make_round(fund, name="Đợt hai")
    with refused_by("award_settled"):
        execute("UPDATE scholarships_award SET unit_id = %s", [cast.branch.pk])
    with refused_by("award_settled"):
        execute("UPDATE scholarships_award SET round_id = %s", [second.pk])


def test_an_approved_award_does_not_become_a_proposal_again(round_):
    make_approved(round_)
    with refused_by("award_settled"):
        execute("UPDATE scholarships_award SET state = 'proposed', approved_on = NULL")


def test_a_cancelled_proposal_stays_cancelled(fund, round_):
    make_award(round_)
    execute("UPDATE scholarships_award SET state = 'cancelled'")
    with refused_by("award_state_path"):
        execute("UPDATE scholarships_award SET state = 'proposed'")
    with refused_by("award_settled"):
        execute("UPDATE scholarships_award SET state = 'approved', approved_on = %s", [APPROVED])


def test_cancelling_gives_the_money_back(round_):
    make_approved(round_)
    prove()
    with refused_by("fund_matches_awards"):
        execute("UPDATE scholarships_award SET state = 'cancelled'")


def test_what_was_handed_out_is_not_cancelled(round_):
    award = make_approved(round_)
    hand_out(round_, (award, 1))
    with refused_by("award_delivered_once_approved"):
        execute("UPDATE scholarships_award SET state = 'cancelled'")


def test_part_of_a_lot_is_cancelled_for_good(round_):
    award = make_approved(round_)
    hand_out(round_, (award, 4))
    cancel_awards(round_=round_, awards=[award], on=HELD, reason="Không có người nhận", by=root())
    with refused_by("award_cancelled_for_good"):
        execute("UPDATE scholarships_award SET cancelled_count = 5")
    with refused_by("award_delivered_at_most_all"):
        execute("UPDATE scholarships_award SET cancelled_count = 7")


def test_delivered_follows_the_distributions_alone(round_):
    award = make_approved(round_)
    with refused_by("award_delivered_follows"):
        execute("UPDATE scholarships_award SET delivered_count = 1")
    hand_out(round_, (award, 4))
    with refused_by("award_delivered_follows"):
        execute("UPDATE scholarships_award SET delivered_count = 3")
    assert Award.unscoped.get().delivered_count == 4


def test_only_proposals_are_deleted(round_):
    make_award(round_)
    kept = make_approved(round_)
    with refused_by("award_kept"):
        execute("DELETE FROM scholarships_award")
    execute("DELETE FROM scholarships_award WHERE state = 'proposed'")
    assert Award.unscoped.get() == kept


def test_the_tally_follows_every_step(round_):
    award = make_award(round_)
    other = make_award(round_, count=1, recipient_name="Nguyễn Văn An", unit_value_vnd=500_000)
    assert tally(round_) == {"proposed": (11, 1_500_000), "approved": (0, 0), "delivered": (0, 0)}
    execute("UPDATE scholarships_award SET count = 12 WHERE id = %s", [award.pk])
    assert tally(round_) == {"proposed": (13, 1_700_000), "approved": (0, 0), "delivered": (0, 0)}
    make_approved(round_, count=5)
    assert tally(round_) == {"proposed": (13, 1_700_000), "approved": (5, 500_000), "delivered": (0, 0)}
    execute("DELETE FROM scholarships_award WHERE id = %s", [other.pk])
    assert tally(round_) == {"proposed": (12, 1_200_000), "approved": (5, 500_000), "delivered": (0, 0)}
    hand_out(round_, (Award.unscoped.get(state="approved"), 2))
    assert tally(round_) == {"proposed": (12, 1_200_000), "approved": (5, 500_000), "delivered": (2, 200_000)}
