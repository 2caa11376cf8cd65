"""Handing out, and taking it back."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.utils import translation

from funds.actions import record_donation
from funds.models import AccountKind, DonationForm, Movement, MovementKind, Pot, Stock
from hkh.core.dates import today
from scholarships import rollups
from scholarships.actions import record_distribution, void_distribution
from scholarships.models import Distribution
from tests.cast import a_province, balance_vnd, make_donor, make_fund
from tests.scholarships.actions.test_awards import give_goods
from tests.scholarships.rows import HELD, make_approved, make_award, make_round, prove

pytestmark = pytest.mark.django_db


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


def committed(fund, pot=Pot.CASH):
    return balance_vnd(fund, AccountKind.COMMITTED, pot)


def test_handing_out_spends_what_was_committed(cast, fund, round_, award):
    held = record_distribution(
        round_=round_, held_on=HELD, venue=" Nhà văn hóa  khu 1", lines=[(award, 4)], by=cast.clerk
    )
    award.refresh_from_db()
    assert (award.delivered_count, award.remaining_count) == (4, 6)
    assert (balance_vnd(fund), committed(fund)) == (9_000_000, 600_000)
    assert (held.unit, held.held_on, held.venue, held.recorded_by) == (
        cast.here,
        HELD,
        "Nhà văn hóa khu 1",
        cast.clerk,
    )
    line = held.lines.get()
    assert (line.count, line.value_vnd, line.movement.kind) == (4, 400_000, MovementKind.PAYMENT)


def test_one_payment_a_pot(cast, fund, round_, award):
    give_goods(fund, 5_000_000)
    named = make_approved(round_, count=1, recipient_name="Nguyễn Văn An", unit_value_vnd=500_000)
    bicycles = make_approved(round_, pot=Pot.GOODS, count=2, unit_value_vnd=2_025_000)
    record_distribution(round_=round_, held_on=HELD, lines=[(award, 10), (named, 1), (bicycles, 2)], by=cast.officer)
    paid = Movement.objects.filter(kind=MovementKind.PAYMENT).order_by("pk")
    assert [movement.amount_vnd for movement in paid] == [1_500_000, 4_050_000]
    assert (committed(fund), committed(fund, Pot.GOODS)) == (0, 0)


def test_more_than_is_left_is_refused_by_name(cast, round_, award):
    record_distribution(round_=round_, held_on=HELD, lines=[(award, 4)], by=cast.clerk)
    with pytest.raises(ValidationError) as refusal:
        record_distribution(round_=round_, held_on=HELD, lines=[(award, 7)], by=cast.clerk)
    assert refusal.value.code == "award_delivered_at_most_all"
    assert cast.here.name in refusal.value.messages[0]
    assert Distribution.unscoped.count() == 1


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        (lambda award, proposal: [], "no_awards"),
        (lambda award, proposal: [(award, 0)], "distribution_line_positive"),
        (lambda award, proposal: [(award, 1), (award, 1)], "distribution_line_once"),
        (lambda award, proposal: [(award, 1), (proposal, 1)], "line_of_approved"),
    ],
)
def test_lines_that_cannot_be(cast, fund, round_, award, lines, code):
    proposal = make_award(round_)
    with pytest.raises(ValidationError) as refusal:
        record_distribution(round_=round_, held_on=HELD, lines=lines(award, proposal), by=cast.clerk)
    assert refusal.value.code == code
    assert committed(fund) == 1_000_000


@pytest.mark.parametrize(
    ("held_on", "code"),
    [
        (date(2024, 1, 9), "distribution_in_round"),
        (date(2024, 1, 31), "line_after_approval"),
        (date(2100, 1, 1), "distribution_not_in_future"),
    ],
)
def test_days_that_cannot_be(cast, fund, round_, award, held_on, code):
    with pytest.raises(ValidationError) as refusal:
        record_distribution(round_=round_, held_on=held_on, lines=[(award, 1)], by=cast.clerk)
    assert refusal.value.code == code
    assert committed(fund) == 1_000_000


def test_a_double_submit_hands_out_once(cast, fund, round_, award):
    key = uuid4()

    def submit(count=4, held_on=HELD):
        return record_distribution(
            round_=round_, held_on=held_on, lines=[(award, count)], by=cast.clerk, idempotency_key=key
        )

    first = submit()
    assert submit() == first
    assert committed(fund) == 600_000
    for changed in ({"count": 5}, {"held_on": date(2024, 2, 6)}):
        with pytest.raises(ValidationError) as refusal:
            submit(**changed)
        assert refusal.value.code == "saved_already"
    assert Distribution.unscoped.count() == 1


def test_who_may_hand_out(cast, round_, award):
    for user in (cast.chair, cast.accountant, cast.viewer):
        with pytest.raises(PermissionDenied):
            record_distribution(round_=round_, held_on=HELD, lines=[(award, 1)], by=user)
    with pytest.raises(Http404):
        record_distribution(round_=round_, held_on=HELD, lines=[(award, 1)], by=cast.outsider)
    record_distribution(round_=round_, held_on=HELD, lines=[(award, 1)], by=cast.cashier)


@pytest.mark.parametrize("lines", [1, 3])
def test_handing_out_takes_the_same_queries_however_many_lines(cast, fund, round_, lines, django_assert_num_queries):
    awards = [make_approved(round_, count=1) for _number in range(lines)]
    with django_assert_num_queries(15):
        record_distribution(round_=round_, held_on=HELD, lines=[(award, 1) for award in awards], by=cast.clerk)


def test_a_void_takes_all_of_it_back(cast, fund, round_, award):
    give_goods(fund, 5_000_000)
    bicycles = make_approved(round_, pot=Pot.GOODS, count=2, unit_value_vnd=2_025_000)
    held = record_distribution(round_=round_, held_on=HELD, lines=[(award, 4), (bicycles, 1)], by=cast.clerk)
    voided = void_distribution(distribution=held, reason=" Ghi nhầm  đợt ", on=date(2024, 3, 1), by=cast.accountant)
    assert (voided.voided_on, voided.voided_by, voided.void_reason) == (
        date(2024, 3, 1),
        cast.accountant,
        "Ghi nhầm đợt",
    )
    award.refresh_from_db()
    bicycles.refresh_from_db()
    assert (award.delivered_count, bicycles.delivered_count) == (0, 0)
    assert (committed(fund), committed(fund, Pot.GOODS)) == (1_000_000, 4_050_000)
    prove()
    assert rollups.check() == []


def test_a_void_happens_once(cast, round_, award):
    held = record_distribution(round_=round_, held_on=HELD, lines=[(award, 4)], by=cast.clerk)
    void_distribution(distribution=held, reason="Nhầm", on=HELD, by=cast.chair)
    with pytest.raises(ValidationError) as refusal:
        void_distribution(distribution=held, reason="Nhầm", on=HELD, by=cast.chair)
    assert refusal.value.code == "distribution_void_once"


@pytest.mark.parametrize(
    ("reason", "on", "code"),
    [
        ("", HELD, "distribution_void_has_reason"),
        ("Nhầm", date(2024, 2, 4), "distribution_void_before_held"),
        ("Nhầm", date(2100, 1, 1), "movement_not_in_future"),
    ],
)
def test_voids_that_cannot_be(cast, fund, round_, award, reason, on, code):
    held = record_distribution(round_=round_, held_on=HELD, lines=[(award, 4)], by=cast.clerk)
    with pytest.raises(ValidationError) as refusal:
        void_distribution(distribution=held, reason=reason, on=on, by=cast.chair)
    assert refusal.value.code == code
    assert committed(fund) == 600_000


def test_who_may_void(cast, round_, award):
    held = record_distribution(round_=round_, held_on=HELD, lines=[(award, 4)], by=cast.clerk)
    for user in (cast.clerk, cast.cashier, cast.officer):
        with pytest.raises(PermissionDenied):
            void_distribution(distribution=held, reason="Nhầm", on=today(), by=user)
    with pytest.raises(Http404):
        void_distribution(distribution=held, reason="Nhầm", on=today(), by=cast.outsider)


# Which goods


@pytest.fixture
def store(cast, fund):
    """Goods of ``fund`` in its store, by name: 20 bicycles at 2,000,000 đồng, 100 satchels at 100,000."""
    lines = [
        {"what": "Xe đạp", "quantity": Decimal(20), "measure": "chiếc", "unit_value_vnd": 2_000_000},
        {"what": "Cặp sách", "quantity": Decimal(100), "measure": "chiếc", "unit_value_vnd": 100_000},
    ]
    facts: Any = {
        "received_on": date(2024, 1, 2),
        "form": DonationForm.IN_KIND,
        "amount_vnd": 50_000_000,
        "lines": lines,
    }
    record_donation(unit=cast.here, fund=fund, donor=make_donor(cast.here), by=cast.clerk, **facts)
    return {stock.item.name: stock for stock in Stock.objects.select_related("item")}


def left(stock):
    stock.refresh_from_db()
    return (stock.quantity, stock.value_vnd)


def test_the_goods_chosen_are_handed_out_and_come_back_with_a_void(cast, round_, store):
    sets = make_approved(round_, pot=Pot.GOODS, count=5, unit_value_vnd=2_100_000)
    goods = [(store["Xe đạp"], Decimal(5)), (store["Cặp sách"], Decimal(5))]
    held = record_distribution(round_=round_, held_on=HELD, lines=[(sets, 5)], goods=goods, by=cast.clerk)
    assert (left(store["Xe đạp"]), left(store["Cặp sách"])) == ((15, 30_000_000), (95, 9_500_000))
    void_distribution(distribution=held, reason="Ghi nhầm", on=date(2024, 3, 1), by=cast.accountant)
    assert (left(store["Xe đạp"]), left(store["Cặp sách"])) == ((20, 40_000_000), (100, 10_000_000))
    prove()


def test_money_and_goods_at_once_take_goods_for_the_goods_alone(cast, round_, award, store):
    satchels = make_approved(round_, pot=Pot.GOODS, count=10, unit_value_vnd=100_000)
    goods = [(store["Cặp sách"], Decimal(10))]
    record_distribution(round_=round_, held_on=HELD, lines=[(award, 4), (satchels, 10)], goods=goods, by=cast.clerk)
    assert (left(store["Xe đạp"]), left(store["Cặp sách"])) == ((20, 40_000_000), (90, 9_000_000))


def test_goods_that_are_not_there_or_for_no_award_leave_nothing_behind(cast, fund, round_, award, store):
    satchels = make_approved(round_, pot=Pot.GOODS, count=60, unit_value_vnd=100_000)
    facts = {"round_": round_, "held_on": HELD, "by": cast.clerk}
    with pytest.raises(ValidationError) as refusal:
        record_distribution(lines=[(satchels, 60)], goods=[(store["Cặp sách"], Decimal(101))], **facts)
    assert refusal.value.code == "goods_choice_held"
    assert "“Cặp sách”" in refusal.value.messages[0]
    with pytest.raises(ValidationError) as refusal:
        record_distribution(lines=[(satchels, 60)], goods=[(store["Cặp sách"], Decimal(6))], **facts)
    assert refusal.value.code == "goods_choice_worth"
    with translation.override("vi"):
        assert "600.000 đồng" in refusal.value.messages[0]
    with pytest.raises(ValidationError) as refusal:
        record_distribution(lines=[(award, 1)], goods=[(store["Cặp sách"], Decimal(1))], **facts)
    assert refusal.value.code == "goods_without_award"
    assert (Distribution.unscoped.count(), left(store["Cặp sách"])) == (0, (100, 10_000_000))


def test_a_double_submit_with_other_goods_is_refused(cast, round_, store):
    satchels = make_approved(round_, pot=Pot.GOODS, count=10, unit_value_vnd=100_000)
    facts = {"round_": round_, "held_on": HELD, "lines": [(satchels, 10)], "by": cast.clerk, "idempotency_key": uuid4()}
    goods = [(store["Cặp sách"], Decimal(10))]
    assert record_distribution(goods=goods, **facts) == record_distribution(goods=goods, **facts)
    for others in ([], [(store["Cặp sách"], Decimal(9))]):
        with pytest.raises(ValidationError) as refusal:
            record_distribution(goods=others, **facts)
        assert refusal.value.code == "saved_already"
    assert left(store["Cặp sách"]) == (90, 9_000_000)
