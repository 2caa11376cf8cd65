"""The database keeps the rules of handing out, whoever writes."""

from datetime import date
from uuid import uuid4

import pytest

from funds.models import AccountKind
from scholarships.models import Award
from tests.cast import a_province, balance_vnd, make_expense, make_fund, make_unit
from tests.scholarships.rows import (
    APPROVED,
    HELD,
    OPENED,
    execute,
    hand_out,
    insert,
    make_approved,
    make_award,
    make_round,
    pay,
    prove,
    refused_by,
    reverse,
)

pytestmark = pytest.mark.django_db

LINES = "scholarships_distributionline"


@pytest.fixture
def cast():
    return a_province()


@pytest.fixture
def fund(cast):
    return make_fund(cast.here, holds_vnd=10_000_000)


@pytest.fixture
def round_(fund):
    return make_round(fund)


@pytest.fixture
def award(round_):
    return make_approved(round_)


def distribution(round_, **facts) -> int:
    row = {
        "round_id": round_.pk,
        "unit_id": round_.unit_id,
        "held_on": HELD,
        "venue": "",
        "document": "",
        "note": "",
        "void_reason": "",
        "idempotency_key": str(uuid4()),
    }
    return insert("scholarships_distribution", row | facts)


def line(held: int, award: Award, movement, count: int = 1, **facts):
    return {
        "distribution_id": held,
        "award_id": award.pk,
        "count": count,
        "value_vnd": count * award.unit_value_vnd,
        "movement_id": movement.pk,
    } | facts


def test_lines_written_by_hand_pass_when_they_are_right(fund, round_, award):
    other = make_approved(round_, count=1, recipient_name="Nguyễn Văn An", unit_value_vnd=500_000)
    held, paid = distribution(round_), pay(fund, 700_000)
    insert(LINES, line(held, award, paid, 2), line(held, other, paid))
    prove()
    award.refresh_from_db()
    assert (award.delivered_count, balance_vnd(fund, AccountKind.COMMITTED)) == (2, 800_000)


def test_a_distribution_is_held_after_the_opening_and_not_in_the_future(round_):
    with refused_by("distribution_in_round"):
        distribution(round_, held_on=date(2024, 1, 9))
    with refused_by("distribution_not_in_future"):
        distribution(round_, held_on=date(2100, 1, 1))


def test_a_distribution_is_held_by_the_rounds_unit_or_one_below(cast, round_):
    distribution(round_, unit_id=cast.branch.pk)
    with refused_by("distribution_in_subtree"):
        distribution(round_, unit_id=cast.elsewhere.pk)


def test_a_dissolved_unit_holds_no_distribution(cast):
    merged = make_unit("Hội xã Cũ", tier=cast.here.tier, parent=cast.province, dissolved_on=HELD)
    round_ = make_round(make_fund(merged))
    with refused_by("distribution_in_subtree"):
        distribution(round_)


def test_a_distribution_does_not_start_voided(round_):
    with refused_by("distribution_starts_valid"):
        distribution(round_, voided_on=HELD, void_reason="Nhầm")


def test_a_distribution_is_never_deleted_nor_its_lines(round_, award):
    hand_out(round_, (award, 1))
    with refused_by("distribution_kept"):
        execute("DELETE FROM scholarships_distribution")
    with refused_by("line_kept"):
        execute("DELETE FROM scholarships_distributionline")
    with refused_by("line_kept"):
        execute("UPDATE scholarships_distributionline SET count = 2")


@pytest.mark.parametrize(
    "change",
    ["held_on = '2024-02-06'", "venue = 'Khác'", "document = '1'", "note = 'x'", "idempotency_key = gen_random_uuid()"],
)
def test_what_was_recorded_of_a_distribution_does_not_change(round_, award, change):
    hand_out(round_, (award, 1))
    with refused_by("distribution_settled"):
        execute(f"UPDATE scholarships_distribution SET {change}")


def test_an_award_of_another_round_is_refused(fund, round_, award):
    other = make_approved(make_round(fund, name="Đợt hai"))
    held = distribution(round_)
    with refused_by("line_of_round"):
        insert(LINES, line(held, other, pay(fund, 100_000)))


def test_only_what_was_approved_is_handed_out(fund, round_, award):
    proposal = make_award(round_)
    held = distribution(round_)
    with refused_by("line_of_approved"):
        insert(LINES, line(held, proposal, pay(fund, 100_000)))


def test_nothing_is_handed_out_before_its_approval(fund, round_, award):
    early = date(2024, 1, 31)
    make_approved(round_, on=OPENED)
    held = distribution(round_, held_on=early)
    with refused_by("line_after_approval"):
        insert(LINES, line(held, award, pay(fund, 100_000, on=early)))


def test_a_dissolved_unit_receives_nothing(cast):
    fund = make_fund(cast.province, holds_vnd=10_000_000)
    round_ = make_round(fund)
    merged = make_unit("Hội xã Cũ", tier=cast.here.tier, parent=cast.province, dissolved_on=HELD)
    award = make_approved(round_, unit=merged)
    held = distribution(round_)
    with refused_by("line_in_unit_life"):
        insert(LINES, line(held, award, pay(fund, 100_000)))


def test_the_value_of_a_line_is_number_times_value(fund, round_, award):
    held = distribution(round_)
    with refused_by("line_value"):
        insert(LINES, line(held, award, pay(fund, 100_001), value_vnd=100_001))


def test_no_more_is_handed_out_than_was_approved(fund, round_, award):
    make_approved(round_)
    held = distribution(round_)
    with refused_by("award_delivered_at_most_all"):
        insert(LINES, line(held, award, pay(fund, 1_100_000), 11))


def test_a_line_is_paid_by_the_rounds_fund_on_the_day(cast, fund, round_, award):
    other = make_fund(cast.here, holds_vnd=1_000_000)
    make_approved(make_round(other, name="Đợt hai"))
    held = distribution(round_)
    with refused_by("line_paid_by_round"):
        insert(LINES, line(held, award, pay(other, 100_000)))
    with refused_by("line_paid_by_round"):
        insert(LINES, line(held, award, pay(fund, 100_000, on=date(2024, 2, 6))))


def test_a_line_is_paid_by_a_payment_not_by_other_spending(fund, round_, award):
    spent = make_expense(fund, 100_000, HELD).posted
    held = distribution(round_)
    with refused_by("line_paid_by_round"):
        insert(LINES, line(held, award, spent))


@pytest.mark.parametrize("paid_vnd", [199_999, 200_001])
def test_a_payment_is_the_sum_of_its_lines(fund, round_, award, paid_vnd):
    held = distribution(round_)
    with refused_by("line_paid_exactly"):
        insert(LINES, line(held, award, pay(fund, paid_vnd), 2))


def test_a_payment_serves_one_distribution(fund, round_, award):
    paid = pay(fund, 200_000)
    first, second = distribution(round_), distribution(round_)
    with refused_by("line_paid_exactly"):
        insert(LINES, line(first, award, paid), line(second, award, paid))
    insert(LINES, line(first, award, paid, 2))
    with refused_by("fund_matches_awards"):
        insert(LINES, line(second, award, paid, 2))


def test_an_award_stands_once_in_a_distribution(fund, round_, award):
    held, paid = distribution(round_), pay(fund, 200_000)
    with refused_by("distribution_line_once"):
        insert(LINES, line(held, award, paid), line(held, award, paid))
    insert(LINES, line(held, award, paid, 2))


def test_a_void_and_its_reversal_go_together(fund, round_, award):
    held = hand_out(round_, (award, 2))
    prove()
    with refused_by("distribution_void_reversed"):
        execute("UPDATE scholarships_distribution SET voided_on = %s, void_reason = 'Nhầm'", [HELD])
    with refused_by("fund_matches_awards"):
        reverse(held.lines.get().movement)
    with refused_by("distribution_void_reversed"):
        reverse(held.lines.get().movement, on=date(2024, 2, 6))
        execute("UPDATE scholarships_distribution SET voided_on = %s, void_reason = 'Nhầm'", [HELD])
    reverse(held.lines.get().movement)
    execute("UPDATE scholarships_distribution SET voided_on = %s, void_reason = 'Nhầm'", [HELD])
    prove()
    award.refresh_from_db()
    assert (award.delivered_count, balance_vnd(fund, AccountKind.COMMITTED)) == (0, 1_000_000)


def test_a_distribution_is_voided_once_with_a_reason_and_not_in_the_future(fund, round_, award):
    held = hand_out(round_, (award, 2))
    with refused_by("distribution_void_has_reason"):
        execute("UPDATE scholarships_distribution SET voided_on = %s", [HELD])
    with refused_by("distribution_void_has_reason"):
        execute("UPDATE scholarships_distribution SET voided_on = %s, void_reason = 'Nhầm'", [APPROVED])
    with refused_by("distribution_void_not_in_future"):
        execute("UPDATE scholarships_distribution SET voided_on = funds_today() + 1, void_reason = 'Nhầm'")
    reverse(held.lines.get().movement)
    execute("UPDATE scholarships_distribution SET voided_on = %s, void_reason = 'Nhầm'", [HELD])
    with refused_by("distribution_void_once"):
        execute("UPDATE scholarships_distribution SET void_reason = 'Nhầm nữa'")
    with refused_by("distribution_void_once"):
        execute("UPDATE scholarships_distribution SET voided_on = NULL, void_reason = ''")
    with refused_by("line_before_void"):
        insert(LINES, line(held.pk, make_approved(round_), pay(fund, 100_000)))


def test_a_unit_does_not_end_before_what_it_received(cast, round_):
    award = make_approved(round_, unit=cast.branch)
    held = hand_out(round_, (award, 2))
    prove()
    with refused_by("unit_holds_awards"):
        dissolve(cast.branch, on=HELD)
    reverse(held.lines.get().movement, on=date(2024, 3, 1))
    execute("UPDATE scholarships_distribution SET voided_on = '2024-03-01', void_reason = 'Nhầm'")
    with refused_by("unit_holds_awards"):
        dissolve(cast.branch, on=date(2024, 3, 1))
    dissolve(cast.branch, on=date(2024, 3, 2))
    prove()


def close_first_quarter(unit):
    """The books of ``unit`` and of all below it, closed up to the end of March."""
    row = {
        "unit_id": unit.pk,
        "period": "2024-Q1",
        "ends_before": date(2024, 4, 1),
        "last_movement_id": 0,
        "digest": "",
    }
    insert("funds_closing", row)


@pytest.mark.parametrize("closer", ["here", "province"])
def test_no_distribution_is_held_in_a_closed_period(cast, round_, closer):
    close_first_quarter(getattr(cast, closer))
    for holder in (cast.here, cast.branch):
        with refused_by("distribution_period_closed"):
            distribution(round_, unit_id=holder.pk, held_on=date(2024, 3, 31))
        distribution(round_, unit_id=holder.pk, held_on=date(2024, 4, 1))


def test_what_another_commune_closed_keeps_no_distribution_out(cast, round_):
    close_first_quarter(cast.elsewhere)
    distribution(round_)


def test_a_distribution_of_a_closed_period_is_voided_later_and_not_then(cast, round_, award):
    held = hand_out(round_, (award, 2))
    close_first_quarter(cast.here)
    for day in (HELD, date(2024, 3, 31)):
        with refused_by("distribution_void_period_closed"):
            execute("UPDATE scholarships_distribution SET voided_on = %s, void_reason = 'Nhầm'", [day])
        with refused_by("movement_period_closed"):
            reverse(held.lines.get().movement, on=day)
    reverse(held.lines.get().movement, on=date(2024, 4, 1))
    execute("UPDATE scholarships_distribution SET voided_on = '2024-04-01', void_reason = 'Nhầm'")
    prove()


def dissolve(unit, *, on):
    execute("UPDATE members_unit SET dissolved_on = %s WHERE id = %s", [on, unit.pk])
    execute("UPDATE members_unitversion SET valid_until = %s WHERE unit_id = %s", [on, unit.pk])
