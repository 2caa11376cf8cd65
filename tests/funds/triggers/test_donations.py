"""The rules of gifts, broken by hand in SQL."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from funds import rollups
from funds.models import AccountKind, Appeal, AppealKind, BookingProof, Donation, DonationMonth, DonorKind, Pot
from tests.cast import account, balance_vnd, make_donor, make_fund, make_unit, outside
from tests.funds.raw import DAY, book, commit_now, give, post, refused, reverse, run, void


@pytest.fixture
def gift(cast, fund, donor):
    """Facts of a gift to ``fund`` as ``give`` takes them."""
    return {"unit": cast.here.pk, "donor": donor.pk, "fund": fund.pk}


# Booked, and voided, as one


def test_a_gift_and_its_movement_stand_together(gift, fund):
    donation = give(**gift)
    book(donation)
    commit_now()
    assert balance_vnd(fund) == 1_500_000
    assert BookingProof.objects.count() == 0


def test_a_gift_without_its_movement_does_not_reach_the_commit(gift):
    with refused("donation_booked"):
        give(**gift)
    assert Donation.unscoped.count() == 0


def test_one_unbooked_gift_among_many_is_found(gift):
    with refused("donation_booked"):
        for _ in range(3):
            donation = give(**gift)
        book(donation)


def test_a_gift_handed_straight_on_is_never_booked(cast, donor, gift, fund):
    straight = give(unit=cast.here.pk, donor=donor.pk, fund=None)
    commit_now()
    with refused("movement_of_donation"):
        book(straight, target=account(fund))


def test_a_gift_is_booked_once(gift):
    donation = give(**gift)
    book(donation)
    with refused("movement_once_a_donation"):
        book(donation)


@pytest.mark.parametrize(
    "differently",
    [
        {"amount_vnd": 499_999},
        {"occurred_on": DAY - timedelta(days=1)},
        {"donation_id": None},
    ],
)
def test_what_is_booked_equals_the_gift(gift, differently):
    with refused("movement_of_donation"):
        book(give(**gift), **differently)


def test_a_gift_goes_to_its_own_fund_and_pot(cast, gift, fund):
    another = make_fund(cast.here)
    for target in (account(another), account(fund, pot=Pot.GOODS)):
        with refused("movement_of_donation"):
            book(give(**gift), target=target)


def test_goods_stand_among_the_goods(gift, fund):
    book(give(**gift, form="in_kind", goods="20 xe đạp"))
    commit_now()
    assert balance_vnd(fund, pot=Pot.GOODS) == 500_000
    assert balance_vnd(fund) == 1_000_000


def test_no_other_movement_names_a_gift(cast, gift, fund):
    donation = give(**gift)
    book(donation)
    with refused("movement_of_donation"):
        post(account(fund), account(make_fund(cast.here)), 1, "transfer", donation_id=donation.pk)


def test_a_void_and_its_reversal_stand_together(gift, fund):
    donation = give(**gift)
    booked = book(donation)
    commit_now()
    later = DAY + timedelta(days=9)
    void(donation, later)
    reverse(booked, occurred_on=later)
    commit_now()
    assert balance_vnd(fund) == 1_000_000


def test_a_void_without_its_reversal_does_not_reach_the_commit(gift):
    donation = give(**gift)
    book(donation)
    commit_now()
    with refused("donation_void_booked"):
        void(donation)


def test_a_reversal_without_its_void_does_not_reach_the_commit(gift):
    donation = give(**gift)
    booked = book(donation)
    commit_now()
    with refused("donation_void_booked"):
        reverse(booked)


def test_void_and_reversal_bear_one_date(gift):
    donation = give(**gift)
    booked = book(donation)
    with refused("donation_void_booked"):
        void(donation, DAY + timedelta(days=2))
        reverse(booked, occurred_on=DAY + timedelta(days=1))


# Facts that never change


@pytest.mark.parametrize(
    "change",
    [
        "amount_vnd = amount_vnd + 1",
        "received_on = received_on - 1",
        "form = 'bank_transfer'",
        "purpose = 'khác'",
        "note = 'khác'",
        "recorded_at = now() + interval '1 day'",
        "idempotency_key = gen_random_uuid()",
    ],
)
def test_what_was_recorded_does_not_change(gift, change):
    book(give(**gift))
    with refused("donation_settled"):
        run(f"UPDATE funds_donation SET {change}")


@pytest.mark.parametrize("change", ["voided_on = voided_on + 1", "voided_on = NULL, void_reason = ''"])
def test_a_void_is_for_good(gift, change):
    donation = give(**gift)
    booked = book(donation)
    void(donation)
    reverse(booked)
    with refused("donation_void_once"):
        run(f"UPDATE funds_donation SET {change}")


@pytest.mark.parametrize("sql", ["DELETE FROM funds_donation", "TRUNCATE funds_donation CASCADE"])
def test_gifts_are_never_deleted(gift, sql):
    book(give(**gift))
    commit_now()
    with refused("donation_kept"):
        run(sql)


def test_a_void_needs_its_reason(gift):
    donation = give(**gift)
    book(donation)
    with refused("donation_void_has_reason"):
        run("UPDATE funds_donation SET voided_on = %s", [DAY])


def test_a_void_does_not_come_before_the_gift(gift):
    donation = give(**gift)
    book(donation)
    with refused("donation_void_has_reason"):
        void(donation, DAY - timedelta(days=1))


def test_a_void_does_not_lie_in_the_future(gift):
    donation = give(**gift)
    book(donation)
    with refused("donation_void_not_in_future"):
        void(donation, timezone.localdate() + timedelta(days=1))


# Amounts


@pytest.mark.parametrize("amount_vnd", [0, -1, 10**15 + 1])
def test_amounts_are_above_zero_and_below_a_slip_of_the_finger(gift, amount_vnd):
    with refused("donation_amount"):
        give(**gift, amount_vnd=amount_vnd)


@pytest.mark.parametrize("facts", [{"is_pass_through": True}, {"fund": None, "is_pass_through": False}])
def test_a_gift_goes_into_a_fund_or_straight_on(gift, facts):
    with refused("donation_fund_or_pass_through"):
        give(**{**gift, **facts})


@pytest.mark.parametrize(
    "facts",
    [
        {"currency": "USD"},
        {"currency": "USD", "foreign_amount": 20},
        {"currency": "USD", "foreign_amount": -20, "exchange_rate": 25_000},
        {"currency": "VND", "foreign_amount": 20, "exchange_rate": 25_000},
    ],
)
def test_foreign_money_needs_amount_and_rate(gift, facts):
    with refused("donation_currency"):
        give(**gift, **facts)


@pytest.mark.parametrize("amount_vnd", [499_998, 500_002])
def test_foreign_money_adds_up_to_the_dong(gift, amount_vnd):
    with refused("donation_foreign_adds_up"):
        give(**gift, currency="USD", foreign_amount=20, exchange_rate=25_000, amount_vnd=amount_vnd)


def test_goods_are_described(gift):
    with refused("donation_goods_described"):
        give(**gift, form="in_kind")


# Where and when


def test_a_gift_goes_into_a_fund_of_its_unit(cast, gift):
    elsewhere = make_fund(cast.elsewhere)
    with refused("donation_fund_of_unit"):
        give(**{**gift, "fund": elsewhere.pk})


def test_a_unit_receives_only_while_it_exists(cast, donor):
    unit = make_unit(
        "Hội xã cũ",
        tier=cast.here.tier,
        parent=cast.province,
        founded_on=date(2010, 1, 1),
        dissolved_on=date(2024, 6, 3),
    )
    fund = make_fund(unit, opened_on=date(2010, 1, 1))
    for day in (date(2009, 12, 31), date(2024, 6, 3)):
        with refused("donation_in_unit_life"):
            give(unit=unit.pk, donor=donor.pk, fund=fund.pk, received_on=day)
    book(give(unit=unit.pk, donor=donor.pk, fund=fund.pk, received_on=date(2024, 6, 2)))
    commit_now()


def test_nothing_is_received_tomorrow(gift):
    with refused("donation_not_in_future"):
        give(**gift, received_on=timezone.localdate() + timedelta(days=1))


@pytest.fixture
def appeal(cast):
    return Appeal.unscoped.create(
        unit=cast.here,
        kind=AppealKind.EMERGENCY,
        name="Giúp em Bình",
        opens_on=date(2024, 6, 1),
        closes_on=date(2024, 7, 1),
    )


@pytest.mark.parametrize(
    ("day", "is_taken"),
    [
        (date(2024, 5, 31), False),
        (date(2024, 6, 1), True),
        (date(2024, 6, 30), True),
        (date(2024, 7, 1), False),
    ],
)
def test_an_appeal_takes_gifts_from_its_first_to_its_last_day(gift, appeal, day, is_taken):
    if is_taken:
        book(give(**gift, appeal_id=appeal.pk, received_on=day))
        commit_now()
    else:
        with refused("donation_in_appeal_dates"):
            give(**gift, appeal_id=appeal.pk, received_on=day)


def test_an_appeal_reaches_its_unit_and_all_below_it(cast, gift, donor, appeal):
    branch_fund = make_fund(cast.branch)
    book(give(unit=cast.branch.pk, donor=donor.pk, fund=branch_fund.pk, appeal_id=appeal.pk))
    for unit in (cast.elsewhere, cast.province):
        with refused("donation_in_appeal_unit"):
            give(unit=unit.pk, donor=donor.pk, fund=make_fund(unit).pk, appeal_id=appeal.pk)


def test_an_appeal_keeps_the_gifts_it_got(gift, appeal):
    book(give(**gift, appeal_id=appeal.pk))
    for change in ("opens_on = '2024-06-04'", "closes_on = '2024-06-03'"):
        with refused("appeal_holds_donations"):
            run(f"UPDATE funds_appeal SET {change}")
    with refused("appeal_settled"):
        run("UPDATE funds_appeal SET kind = 'yearly'")
    run("UPDATE funds_appeal SET closes_on = '2024-06-04'")


# The roll-up


def months():
    rows = DonationMonth.objects.order_by("unit", "month", "form", "donor_kind", "is_pass_through", "is_emergency")
    return [
        (
            row.unit_id,
            f"{row.month:%Y-%m}",
            row.form,
            row.donor_kind,
            row.is_pass_through,
            row.is_emergency,
            row.count,
            row.value_vnd,
        )
        for row in rows
    ]


def test_months_count_gifts_by_form_and_kind_of_donor(cast, gift, donor, appeal):
    here = cast.here.pk
    book(give(**gift))
    book(give(**gift, amount_vnd=250_000, received_on=date(2024, 6, 30)))
    book(give(**gift, form="in_kind", goods="Sách"))
    book(give(**gift, appeal_id=appeal.pk, amount_vnd=70_000))
    give(unit=here, donor=donor.pk, fund=None, amount_vnd=90_000)
    assert months() == [
        (here, "2024-06", "cash", "enterprise", False, False, 2, 750_000),
        (here, "2024-06", "cash", "enterprise", False, True, 1, 70_000),
        (here, "2024-06", "cash", "enterprise", True, False, 1, 90_000),
        (here, "2024-06", "in_kind", "enterprise", False, False, 1, 500_000),
    ]


def test_a_void_counts_negative_in_its_own_month(cast, gift):
    donation = give(**gift)
    booked = book(donation)
    july = date(2024, 7, 2)
    void(donation, july)
    reverse(booked, occurred_on=july)
    assert months() == [
        (cast.here.pk, "2024-06", "cash", "enterprise", False, False, 1, 500_000),
        (cast.here.pk, "2024-07", "cash", "enterprise", False, False, -1, -500_000),
    ]


def test_a_donor_put_right_takes_all_gifts_along(cast, gift, donor):
    other = make_donor(cast.here, "Hội đồng hương", kind=DonorKind.PERSON)
    book(give(**gift))
    book(give(**gift, amount_vnd=40_000))
    book(give(**{**gift, "donor": other.pk}, amount_vnd=1_000))
    run("UPDATE funds_donor SET kind = 'clan' WHERE id = %s", [donor.pk])
    assert [row for row in months() if row[-1]] == [
        (cast.here.pk, "2024-06", "cash", "clan", False, False, 2, 540_000),
        (cast.here.pk, "2024-06", "cash", "person", False, False, 1, 1_000),
    ]


def test_many_gifts_in_one_statement_are_checked_and_counted_like_one(cast, fund, donor):
    many = """
        INSERT INTO funds_donation (unit_id, fund_id, donor_id, received_on, form, amount_vnd, is_pass_through,
            currency, goods, purpose, document, note, void_reason, idempotency_key)
        SELECT %(unit)s, %(fund)s, %(donor)s, date %(day)s + (n %% %(days)s), 'cash', n, false,
            'VND', '', '', '', '', '', gen_random_uuid()
        FROM generate_series(1, 250) n
    """
    said = {"unit": cast.here.pk, "fund": fund.pk, "donor": donor.pk, "day": DAY, "days": 40}
    with refused("donation_fund_of_unit"):
        run(many, said | {"unit": cast.elsewhere.pk})
    with refused("donation_booked"):
        run(many, said)
    run(many, said)
    book_them = """
        INSERT INTO funds_movement (source_id, target_id, amount_vnd, kind, occurred_on, document, note, donation_id,
            idempotency_key)
        SELECT %s, %s, amount_vnd, 'donation', received_on, '', '', id, gen_random_uuid() FROM funds_donation
    """
    with refused("movement_same_pot"):
        run(book_them, [outside(AccountKind.DONORS).pk, account(fund, pot=Pot.GOODS).pk])
    run(book_them, [outside(AccountKind.DONORS).pk, account(fund).pk])
    commit_now()
    assert balance_vnd(fund) == 1_000_000 + 250 * 251 // 2
    assert sum(row[-2] for row in months()) == 250
    assert rollups.check() == []
