"""Many hands at once, each with a connection of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from funds import rollups
from funds.actions import (
    commit_money,
    correct_donation,
    edit_donor,
    issue_paper,
    issue_papers,
    prepare_voucher,
    record_donation,
    set_spending_limit,
    void_donation,
)
from funds.models import (
    AccountKind,
    Donation,
    DonationForm,
    DonorKind,
    Movement,
    MovementKind,
    Paper,
    PaperSeries,
    Pot,
    Voucher,
)
from hkh.demo.bench.race import run_race
from hkh.demo.bench.receipts import gaps_and_twins, issue_by_hands
from members.models import Role, User
from tests.cast import LONG_AGO, a_province, balance_vnd, make_donor, make_fund, make_user
from tests.funds.raw import DAY

pytestmark = pytest.mark.django_db(transaction=True)


def all_at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """What each deed answered, or the refusal it met; all start together, each on its own connection."""
    start = Barrier(len(deeds))

    def do(deed: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            start.wait(timeout=20)
            return deed()
        except ValidationError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(do, deed) for deed in deeds]]


@pytest.fixture
def cast(db):
    them = a_province()
    set_spending_limit(unit=them.here, alone_up_to_vnd=1_000_000, by=them.chair)
    return them


def test_eight_hands_do_not_overspend_a_fund(cast):
    fund = make_fund(cast.here, holds_vnd=1_000_000)

    def spend():
        return prepare_voucher(
            kind="expense",
            fund=fund,
            amount_vnd=300_000,
            occurred_on=DAY,
            by=User.objects.get(pk=cast.accountant.pk),
        )

    outcomes = all_at_once(*[spend] * 8)
    refusals = [outcome for outcome in outcomes if isinstance(outcome, ValidationError)]
    assert len(refusals) == 5
    assert {refusal.code for refusal in refusals} == {"account_not_overdrawn"}
    assert balance_vnd(fund) == 100_000
    assert rollups.check() == []


def test_eight_approvals_do_not_commit_more_than_there_is(cast):
    fund = make_fund(cast.here, holds_vnd=1_000_000)

    def commit():
        return commit_money(fund=fund, pot=Pot.CASH, amount_vnd=150_000, occurred_on=DAY, by=cast.chair)

    outcomes = all_at_once(*[commit] * 8)
    assert sum(isinstance(outcome, Movement) for outcome in outcomes) == 6
    assert balance_vnd(fund) == 100_000
    assert balance_vnd(fund, AccountKind.COMMITTED) == 900_000


def test_four_hundred_attempts_by_eight_hands_on_five_funds_overdraw_none(cast):
    raced = run_race(unit=cast.here, attempts=400, hands=8, funds=5, by=cast.accountant, chair=cast.chair)
    assert (raced.faults, raced.overdrawn, raced.twice, raced.differences) == ({}, 0, 0, [])
    assert raced.booked + raced.refused == 400
    assert raced.refused > 0  # there was less than all of them wanted
    assert raced.left_vnd == raced.expected_vnd


def test_a_double_submit_records_one_gift(cast):
    fund, donor, key = make_fund(cast.here), make_donor(cast.here), uuid4()

    def record():
        return record_donation(
            unit=cast.here,
            fund=fund,
            donor=donor,
            received_on=DAY,
            form=DonationForm.CASH,
            amount_vnd=500_000,
            by=User.objects.get(pk=cast.clerk.pk),
            idempotency_key=key,
        ).pk

    outcomes = all_at_once(*[record] * 8)
    assert outcomes == [Donation.unscoped.get().pk] * 8
    assert balance_vnd(fund) == 500_000


def test_a_double_submit_of_a_gift_handed_straight_on_records_one(cast):
    donor, key = make_donor(cast.here), uuid4()

    def record():
        return record_donation(
            unit=cast.here,
            donor=donor,
            received_on=DAY,
            form=DonationForm.CASH,
            amount_vnd=500_000,
            is_pass_through=True,
            by=User.objects.get(pk=cast.clerk.pk),
            idempotency_key=key,
        ).pk

    outcomes = all_at_once(*[record] * 4)
    assert outcomes == [Donation.unscoped.get().pk] * 4


def test_a_double_submit_spends_once_even_what_it_empties(cast):
    fund, key = make_fund(cast.here, holds_vnd=300_000), uuid4()

    def spend():
        return prepare_voucher(
            kind="expense",
            fund=fund,
            amount_vnd=300_000,
            occurred_on=DAY,
            by=User.objects.get(pk=cast.accountant.pk),
            idempotency_key=key,
        ).pk

    outcomes = all_at_once(*[spend] * 4)
    assert outcomes == [Voucher.unscoped.get(kind="expense").pk] * 4
    assert Movement.objects.filter(kind=MovementKind.EXPENSE).count() == 1


def test_transfers_both_ways_do_not_wait_for_each_other_for_ever(cast):
    one, two = make_fund(cast.here, holds_vnd=1_000_000), make_fund(cast.here, holds_vnd=1_000_000)

    def move(source, target):
        def deed():
            by = User.objects.get(pk=cast.accountant.pk)
            for _ in range(10):
                prepare_voucher(
                    kind="transfer", fund=source, target_fund=target, amount_vnd=1_000, occurred_on=DAY, by=by
                )

        return deed

    outcomes = all_at_once(*[move(one, two), move(two, one)] * 3)
    assert outcomes == [None] * 6
    assert (balance_vnd(one), balance_vnd(two)) == (1_000_000, 1_000_000)
    assert rollups.check() == []


def test_gifts_come_in_while_their_donor_is_put_right_and_others_are_corrected(cast):
    accountant = make_user("second", role=Role.ACCOUNTANT, unit=cast.here)
    fund, other = make_fund(cast.here), make_fund(cast.here)
    donor = make_donor(cast.here)
    facts = {"unit": cast.here, "donor": donor, "received_on": DAY, "form": DonationForm.CASH}
    mistaken = [
        record_donation(**facts, fund=into, amount_vnd=70_000, by=accountant) for into in (fund, other, fund, other)
    ]

    def record():
        return record_donation(**facts, fund=fund, amount_vnd=1_000, by=User.objects.get(pk=accountant.pk))

    def put_right():
        return edit_donor(
            donor=donor, revision=1, kind=DonorKind.CLAN, name=donor.name, by=User.objects.get(pk=accountant.pk)
        )

    def correct(donation, form):
        def deed():
            return correct_donation(
                donation=Donation.unscoped.get(pk=donation.pk),
                reason="Nhập nhầm hình thức",
                on=DAY,
                by=User.objects.get(pk=accountant.pk),
                **{**facts, "form": form, "fund": donation.fund, "amount_vnd": 7_000},
            )

        return deed

    corrections = [
        correct(donation, form)
        for donation, form in zip(mistaken, [DonationForm.BANK_TRANSFER, DonationForm.CASH] * 2, strict=True)
    ]
    outcomes = all_at_once(record, put_right, *corrections, record, record)
    assert [outcome for outcome in outcomes if isinstance(outcome, ValidationError)] == []
    assert (balance_vnd(fund), balance_vnd(other)) == (17_000, 14_000)
    assert rollups.check() == []


def test_a_fund_that_closes_takes_no_gift_on_its_way(cast):
    """Either the gift comes first and the fund stays open, or the fund closes first and the gift is refused."""
    from funds.actions import close_fund

    fund, donor = make_fund(cast.here, opened_on=LONG_AGO), make_donor(cast.here)

    def record():
        return record_donation(
            unit=cast.here,
            fund=fund,
            donor=donor,
            received_on=DAY,
            form=DonationForm.CASH,
            amount_vnd=500_000,
            by=User.objects.get(pk=cast.clerk.pk),
        )

    def close():
        return close_fund(fund=fund, closed_on=DAY, by=User.objects.get(pk=cast.chair.pk))

    outcomes = all_at_once(record, close)
    assert sum(isinstance(outcome, ValidationError) for outcome in outcomes) == 1


def test_eight_hands_number_two_hundred_receipts_without_gap_or_twin(cast):
    """Some issue one by one, some ten at once, and all of a series; the kinds do not wait for one another."""
    fund, donor = make_fund(cast.here), make_donor(cast.here)
    gifts = [
        record_donation(
            unit=cast.here, fund=fund, donor=donor, received_on=DAY, form="cash", amount_vnd=1_000 + n, by=cast.clerk
        )
        for n in range(200)
    ]

    def issue(mine, at_once):
        def deed():
            by = User.objects.get(pk=cast.cashier.pk)
            for start in range(0, len(mine), at_once):
                issue_papers(kind="receipt", subjects=mine[start : start + at_once], on=DAY, by=by)

        return deed

    outcomes = all_at_once(*[issue(gifts[hand::8], 1 if hand % 2 else 10) for hand in range(8)])
    assert outcomes == [None] * 8
    assert sorted(Paper.unscoped.values_list("number", flat=True)) == list(range(1, 201))
    assert PaperSeries.unscoped.get().last_number == 200


def test_one_receipt_of_a_gift_however_many_ask(cast):
    fund, donor = make_fund(cast.here), make_donor(cast.here)
    gift = record_donation(
        unit=cast.here, fund=fund, donor=donor, received_on=DAY, form="cash", amount_vnd=1_000, by=cast.clerk
    )

    def issue():
        by = User.objects.get(pk=cast.cashier.pk)
        return issue_paper(kind="receipt", subject=Donation.unscoped.get(pk=gift.pk), on=DAY, by=by).pk

    assert all_at_once(*[issue] * 8) == [Paper.unscoped.get().pk] * 8


def test_no_receipt_of_a_gift_on_its_way_out_stays_valid(cast):
    fund, donor = make_fund(cast.here), make_donor(cast.here)
    for n in range(5):
        gift = record_donation(
            unit=cast.here, fund=fund, donor=donor, received_on=DAY, form="cash", amount_vnd=1_000 + n, by=cast.clerk
        )

        def issue(gift=gift):
            return issue_paper(kind="receipt", subject=gift, on=DAY, by=User.objects.get(pk=cast.cashier.pk))

        def void(gift=gift):
            return void_donation(donation=gift, reason="Nhầm", on=DAY, by=User.objects.get(pk=cast.chair.pk))

        issued, voided = all_at_once(issue, void)
        assert isinstance(voided, Donation)
        assert not Paper.unscoped.filter(donation=gift, voided_on=None).exists()
        assert isinstance(issued, Paper) or issued.code == "paper_subject_stands"


def test_what_measures_the_numbers_at_full_size_tells_a_gap(cast):
    fund, donor = make_fund(cast.here), make_donor(cast.here)
    gifts = [
        record_donation(
            unit=cast.here, fund=fund, donor=donor, received_on=DAY, form="cash", amount_vnd=1_000 + n, by=cast.clerk
        )
        for n in range(24)
    ]
    issue_by_hands(gifts, hands=8, by=cast.cashier, on=DAY)
    assert gaps_and_twins(24) == 0
    assert gaps_and_twins(26) == 4
