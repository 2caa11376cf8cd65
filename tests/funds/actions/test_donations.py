"""Recording, voiding and correcting gifts."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.utils import translation

from funds import rollups
from funds.actions import commit_money, correct_donation, record_donation, void_donation
from funds.models import AccountKind, Appeal, AppealKind, Donation, DonationForm, Movement, Pot
from hkh.core.dates import today
from tests.cast import balance_vnd, make_donor, make_expense, make_fund
from tests.funds.raw import DAY


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def gift(cast, fund, donor):
    return {
        "unit": cast.here,
        "fund": fund,
        "donor": donor,
        "received_on": DAY,
        "form": DonationForm.CASH,
        "amount_vnd": 500_000,
    }


# Recorded


def test_a_gift_is_recorded_with_its_movement(cast, fund, gift):
    donation = record_donation(**gift, document="PT 12", purpose="Học bổng", by=cast.clerk)
    booked = Movement.objects.get(donation=donation)
    assert (booked.source.kind, booked.target.fund, booked.target.kind) == (
        AccountKind.DONORS,
        fund,
        AccountKind.FREE,
    )
    assert (booked.amount_vnd, booked.occurred_on, booked.document, booked.recorded_by) == (
        500_000,
        DAY,
        "PT 12",
        cast.clerk,
    )
    assert balance_vnd(fund) == 1_500_000
    assert donation.recorded_by == cast.clerk


def test_goods_are_recorded_at_their_value(cast, fund, gift):
    gift |= {"form": DonationForm.IN_KIND, "goods": "20 xe đạp, trường định giá"}
    record_donation(**gift, by=cast.clerk)
    assert balance_vnd(fund, pot=Pot.GOODS) == 500_000
    assert balance_vnd(fund) == 1_000_000


def test_foreign_money_keeps_its_amount_and_rate(cast, gift):
    donation = record_donation(
        **gift, currency="USD", foreign_amount=Decimal("20.00"), exchange_rate=Decimal(25_000), by=cast.clerk
    )
    assert (donation.currency, donation.foreign_amount, donation.exchange_rate) == ("USD", Decimal(20), Decimal(25_000))


def test_a_gift_handed_straight_on_stays_out_of_the_books(cast, fund, gift):
    gift |= {"fund": None, "is_pass_through": True}
    donation = record_donation(**gift, by=cast.clerk)
    assert donation.movements.count() == 0
    assert balance_vnd(fund) == 1_000_000


def test_the_same_form_sent_twice_records_once(cast, fund, gift):
    key = uuid4()
    first = record_donation(**gift, by=cast.clerk, idempotency_key=key)
    assert record_donation(**gift, by=cast.clerk, idempotency_key=key) == first
    assert balance_vnd(fund) == 1_500_000


def test_the_same_form_sent_again_with_another_amount_is_refused(cast, fund, gift):
    key = uuid4()
    record_donation(**gift, by=cast.clerk, idempotency_key=key)
    with pytest.raises(ValidationError) as refusal:
        record_donation(**{**gift, "amount_vnd": 900_000}, by=cast.clerk, idempotency_key=key)
    assert refusal.value.messages == [
        "This form has been saved already, with other details. Open the saved entry and correct it there."
    ]
    assert balance_vnd(fund) == 1_500_000


@pytest.mark.parametrize("role", ["chair", "officer", "viewer", "administrator"])
def test_who_may_not_record_is_told_so(cast, gift, role):
    with pytest.raises(PermissionDenied):
        record_donation(**gift, by=getattr(cast, role))


def test_another_commune_does_not_even_exist_for_the_outsider(cast, gift):
    with pytest.raises(Http404):
        record_donation(**gift, by=cast.outsider)


def test_a_donor_out_of_sight_does_not_exist(cast, gift):
    with pytest.raises(Http404):
        record_donation(**{**gift, "donor": make_donor(cast.elsewhere)}, by=cast.clerk)


@pytest.mark.parametrize(
    ("differently", "code"),
    [
        ({"amount_vnd": 0}, "donation_amount"),
        ({"amount_vnd": 10**15 + 1}, "donation_amount"),
        ({"fund": None}, "donation_fund_or_pass_through"),
        ({"is_pass_through": True}, "donation_fund_or_pass_through"),
        ({"received_on": date(1999, 12, 31)}, "donation_in_unit_life"),
        ({"form": DonationForm.IN_KIND}, "donation_goods_described"),
        ({"currency": "USD"}, "donation_currency"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence_and_leaves_nothing(cast, fund, gift, differently, code):
    with pytest.raises(ValidationError) as refusal:
        record_donation(**{**gift, **differently}, by=cast.clerk)
    assert refusal.value.code == code
    assert Donation.unscoped.count() == 0
    assert balance_vnd(fund) == 1_000_000


def test_tomorrow_is_refused(cast, gift):
    with pytest.raises(ValidationError) as refusal:
        record_donation(**{**gift, "received_on": today() + timedelta(days=1)}, by=cast.clerk)
    assert refusal.value.messages == ["The date lies in the future. Enter the day on which it happened."]


def test_a_fund_of_another_unit_is_refused(cast, gift):
    with pytest.raises(ValidationError) as refusal:
        record_donation(**{**gift, "fund": make_fund(cast.elsewhere)}, by=cast.clerk)
    assert refusal.value.code == "donation_fund_of_unit"


def test_a_fund_not_open_that_day_is_refused(cast, gift):
    with pytest.raises(ValidationError) as refusal:
        record_donation(**{**gift, "fund": make_fund(cast.here, opened_on=DAY + timedelta(days=1))}, by=cast.clerk)
    assert refusal.value.messages == ["The fund was not open on that date. Check the date or choose another fund."]
    assert Donation.unscoped.count() == 0


def test_an_appeal_takes_nothing_outside_its_dates(cast, gift):
    appeal = Appeal.unscoped.create(
        unit=cast.province, kind=AppealKind.YEARLY, name="Tết", opens_on=date(2024, 1, 1), closes_on=DAY
    )
    with pytest.raises(ValidationError) as refusal:
        record_donation(**gift, appeal=appeal, by=cast.clerk)
    assert refusal.value.code == "donation_in_appeal_dates"


def test_recording_costs_few_queries(cast, gift, django_assert_num_queries):
    record_donation(**gift, by=cast.clerk)
    with django_assert_num_queries(11):
        record_donation(**gift, by=cast.clerk, idempotency_key=uuid4())


# Voided


@pytest.fixture
def donation(cast, gift):
    return record_donation(**gift, by=cast.clerk)


def test_a_voided_gift_leaves_the_books_on_its_day(cast, fund, donation):
    later = DAY + timedelta(days=40)
    voided = void_donation(donation=donation, reason="  Nhập hai lần ", on=later, by=cast.accountant)
    assert (voided.voided_on, voided.voided_by, voided.void_reason) == (later, cast.accountant, "Nhập hai lần")
    back = Movement.objects.get(donation=donation, reverses__isnull=False)
    assert (back.occurred_on, back.note, back.recorded_by) == (later, "Nhập hai lần", cast.accountant)
    assert balance_vnd(fund) == 1_000_000
    assert rollups.check() == []


def test_a_gift_handed_straight_on_is_voided_too(cast, gift):
    donation = record_donation(**{**gift, "fund": None}, is_pass_through=True, by=cast.clerk)
    assert void_donation(donation=donation, reason="Nhầm", on=DAY, by=cast.chair).voided_on == DAY


def test_a_gift_is_voided_once(cast, donation):
    void_donation(donation=donation, reason="Nhầm", on=DAY, by=cast.chair)
    with pytest.raises(ValidationError) as refusal:
        void_donation(donation=donation, reason="Nhầm", on=DAY, by=cast.chair)
    assert refusal.value.messages == ["This donation was voided already, on 03/06/2024."]


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_void_says_why(cast, fund, donation, reason):
    with pytest.raises(ValidationError) as refusal:
        void_donation(donation=donation, reason=reason, on=DAY, by=cast.chair)
    assert refusal.value.messages == ["Say why the donation is voided."]
    assert balance_vnd(fund) == 1_500_000


@pytest.mark.parametrize(
    ("on", "code"),
    [
        (DAY - timedelta(days=1), "donation_void_has_reason"),
        (today() + timedelta(days=1), "donation_void_not_in_future"),
    ],
)
def test_a_void_has_a_possible_date(cast, donation, on, code):
    with pytest.raises(ValidationError) as refusal:
        void_donation(donation=donation, reason="Nhầm", on=on, by=cast.chair)
    assert refusal.value.code == code


def test_a_gift_already_spent_is_not_voided(cast, fund, donation):
    make_expense(fund, 1_100_000, DAY)
    with pytest.raises(ValidationError) as refusal:
        void_donation(donation=donation, reason="Nhầm", on=DAY, by=cast.chair)
    assert refusal.value.messages == [
        "Of this gift of 500,000 đồng only 400,000 đồng is still available in the fund: the rest is spent or set "
        "aside. Cancel what it was set aside for, then void the gift."
    ]


@pytest.mark.parametrize("role", ["cashier", "clerk", "officer", "viewer"])
def test_who_records_does_not_void(cast, donation, role):
    with pytest.raises(PermissionDenied):
        void_donation(donation=donation, reason="Nhầm", on=DAY, by=getattr(cast, role))


def test_the_outsider_voids_nothing_here(cast, donation):
    with pytest.raises(Http404):
        void_donation(donation=donation, reason="Nhầm", on=DAY, by=cast.outsider)


# Corrected


def test_a_correction_voids_and_enters_anew_at_once(cast, fund, gift, donation):
    corrected = correct_donation(
        donation=donation, reason="Thừa số 0", on=DAY, by=cast.accountant, **{**gift, "amount_vnd": 50_000}
    )
    donation.refresh_from_db()
    assert (donation.voided_on, donation.void_reason) == (DAY, "Thừa số 0")
    assert (corrected.amount_vnd, corrected.voided_on) == (50_000, None)
    assert balance_vnd(fund) == 1_050_000
    assert rollups.check() == []


def test_a_correction_may_move_the_gift_to_another_fund(cast, fund, gift, donation):
    right = make_fund(cast.here)
    correct_donation(donation=donation, reason="Nhầm quỹ", on=DAY, by=cast.accountant, **{**gift, "fund": right})
    assert (balance_vnd(fund), balance_vnd(right)) == (1_000_000, 500_000)


def test_a_mistyped_gift_can_be_corrected_though_the_fund_has_spent_it(cast, fund, gift, donation):
    commit_money(fund=fund, pot=Pot.CASH, amount_vnd=1_500_000, occurred_on=DAY, by=cast.chair)
    other = make_donor(cast.here, "Ông Ba")
    correct_donation(donation=donation, reason="Nhầm người", on=DAY, by=cast.accountant, **{**gift, "donor": other})
    assert (balance_vnd(fund), balance_vnd(fund, AccountKind.COMMITTED)) == (0, 1_500_000)


def test_a_correction_that_cannot_be_leaves_the_first_entry_alone(cast, fund, gift, donation):
    with pytest.raises(ValidationError):
        correct_donation(donation=donation, reason="Nhầm", on=DAY, by=cast.accountant, **{**gift, "amount_vnd": 0})
    donation.refresh_from_db()
    assert donation.voided_on is None
    assert balance_vnd(fund) == 1_500_000


def test_a_correction_sent_twice_corrects_once(cast, fund, gift, donation):
    key = uuid4()
    outcomes = [
        correct_donation(
            donation=donation,
            reason="Nhầm",
            on=DAY,
            by=cast.accountant,
            idempotency_key=key,
            **{**gift, "amount_vnd": 50_000},
        )
        for _ in range(2)
    ]
    assert outcomes[0] == outcomes[1]
    assert balance_vnd(fund) == 1_050_000


@pytest.mark.parametrize("role", ["chair", "cashier", "clerk", "viewer"])
def test_a_correction_needs_both_rights(cast, gift, donation, role):
    with pytest.raises(PermissionDenied):
        correct_donation(donation=donation, reason="Nhầm", on=DAY, by=getattr(cast, role), **gift)
