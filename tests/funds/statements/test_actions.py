"""Statements handed in, and what becomes of their lines."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from threading import Barrier
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, connections
from django.http import Http404

from funds.actions import (
    Decision,
    add_bank_account,
    approve_voucher,
    book_gift,
    book_line,
    book_lines,
    correct_donation,
    edit_bank_account,
    hand_in_statement,
    link_line,
    parts_of,
    prepare_interest,
    prepare_voucher,
    record_donation,
    reopen_line,
    reverse_voucher,
    set_line_aside,
    set_spending_limit,
    void_donation,
)
from funds.models import BankAccount, BankLine, BankStatement, Donation, DonationForm, Movement, VoucherKind
from funds.statements import Statement
from hkh.core.dates import today
from tests.cast import balance_vnd, make_fund
from tests.funds.raw import DAY, commit_now
from tests.funds.statements.rows import hand_in, line, make_bank_account, make_bank_line, statement


@pytest.fixture
def bank(cast, fund) -> BankAccount:
    return make_bank_account(fund)


def gift(cast, fund, donor, *, amount_vnd: int = 500_000, form: str = DonationForm.BANK_TRANSFER) -> Donation:
    received = partial(record_donation, unit=cast.here, fund=fund, donor=donor, by=cast.clerk)
    return received(received_on=DAY, form=form, amount_vnd=amount_vnd)


def booked(fund, kind: VoucherKind, amount_vnd: int, cast) -> Movement:
    """A voucher of DAY, prepared by the accountant and approved by the chair: its movement."""
    prepared = prepare_voucher(kind=kind, fund=fund, amount_vnd=amount_vnd, occurred_on=DAY, by=cast.accountant)
    voucher = approve_voucher(voucher=prepared, by=cast.chair)
    assert voucher.posted is not None
    return voucher.posted


def refused(verb, code: str = "", **facts) -> str:
    with pytest.raises(ValidationError) as refusal:
        verb(**facts)
    if code:
        assert refusal.value.code == code
    return " ".join(refusal.value.messages)


def test_the_same_file_twice_brings_nothing_twice(cast, bank) -> None:
    facts = {"account": bank, "file_name": "a.xlsx", "sha256": "a" * 64, "by": cast.clerk}
    file = statement(bank, line(100_000, "A"), line(200_000, "B"))
    first = hand_in_statement(statement=file, **facts)
    second = hand_in_statement(statement=file, **facts)
    assert ((first.new, first.known), (second.new, second.known)) == ((2, 0), (0, 2))
    assert second.statement == first.statement
    assert BankLine.unscoped.count() == 2


def test_an_overlapping_file_brings_only_what_is_new(cast, bank) -> None:
    hand_in(bank, line(100_000, "A"), line(200_000, "B"), by=cast.clerk)
    news = hand_in(bank, line(200_000, "B"), line(300_000, "C"), by=cast.clerk)
    assert [one.reference for one in news] == ["C"]


def test_two_genuine_equal_transfers_of_one_day_are_both_there(cast, bank) -> None:
    both = hand_in(bank, line(100_000, text="ung ho"), line(100_000, text="ung ho"), by=cast.clerk)
    assert len(both) == 2
    assert hand_in(bank, line(100_000, text="ung ho"), line(100_000, text="ung ho"), by=cast.clerk) == []


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"account_number": "999999"}, "999999"),
        ({"currency": "USD"}, "USD"),
        ({"opening_vnd": 0, "closing_vnd": 5}, "99.995"),
        ({"lines": ()}, ""),
    ],
)
def test_what_does_not_fit_the_account_is_refused(cast, bank, facts, said) -> None:
    good = {"account_number": bank.number, "currency": "VND", "lines": (line(100_000, "A"),)}
    file = Statement(**good | facts)
    sentence = refused(hand_in_statement, account=bank, statement=file, file_name="a", sha256="a" * 64, by=cast.clerk)
    assert said in sentence
    assert BankStatement.unscoped.count() == 0


def test_a_line_of_tomorrow_and_a_closed_account_are_refused(cast, bank) -> None:
    facts = {"account": bank, "file_name": "a", "sha256": "a" * 64, "by": cast.clerk}
    tomorrow = line(1, "A", on=today() + timedelta(days=1))
    refused(hand_in_statement, statement=statement(bank, tomorrow), **facts)
    edit_bank_account(
        account=bank, revision=1, fund=bank.fund, holder="", closed_on=date(2024, 1, 1), by=cast.accountant
    )
    bank.refresh_from_db()
    refused(hand_in_statement, statement=statement(bank, line(1, "A")), **facts)
    assert BankLine.unscoped.count() == 0


def test_a_line_is_booked_once_with_the_bank_s_reference(cast, fund, donor, bank) -> None:
    one = make_bank_line(bank, 500_000, by=cast.clerk)
    donation = book_line(decision=Decision(line=one, donor=donor, fund=fund), by=cast.clerk)
    one.refresh_from_db()
    assert (one.state, one.donation, one.decided_by) == ("booked", donation, cast.clerk)
    assert (donation.amount_vnd, donation.document, donation.received_on) == (500_000, one.reference, DAY)
    assert balance_vnd(fund) == 1_500_000
    refused(book_line, decision=Decision(line=one, donor=donor, fund=fund), by=cast.clerk)
    assert Donation.unscoped.count() == 1


def test_of_many_lines_the_good_ones_are_booked_and_the_others_say_why(cast, fund, donor, bank) -> None:
    closed = make_fund(cast.here, "Quỹ cũ", closed_on=date(2020, 1, 1))
    good, bad = hand_in(bank, line(1_000, "A"), line(2_000, "B"), by=cast.clerk)
    decisions = [Decision(line=bad, donor=donor, fund=closed), Decision(line=good, donor=donor, fund=fund)]
    booked, refusals = book_lines(decisions=decisions, by=cast.clerk)
    assert [donation.amount_vnd for donation in booked] == [1_000]
    assert [one for one, _sentence in refusals] == [bad]
    bad.refresh_from_db()
    assert bad.state == "open"
    assert Donation.unscoped.count() == 1


def test_money_that_went_out_is_no_gift(cast, fund, donor, bank) -> None:
    one = make_bank_line(bank, -500_000, by=cast.clerk)
    refused(book_line, decision=Decision(line=one, donor=donor, fund=fund), by=cast.clerk)
    refused(prepare_interest, line=one, fund=fund, by=cast.accountant)


def test_a_line_is_matched_with_what_was_recorded_before(cast, fund, donor, bank) -> None:
    donation = gift(cast, fund, donor)
    one = make_bank_line(bank, 500_000, by=cast.clerk)
    link_line(line=one, to=donation, by=cast.clerk)
    one.refresh_from_db()
    assert (one.state, one.donation) == ("linked", donation)
    other = make_bank_line(bank, 500_000, by=cast.clerk)
    refused(link_line, line=other, to=donation, by=cast.clerk)
    reopen_line(line=one, by=cast.clerk)
    one.refresh_from_db()
    assert (one.state, one.donation) == ("open", None)


def test_a_line_is_not_matched_with_what_does_not_fit(cast, fund, donor, bank) -> None:
    one = make_bank_line(bank, 500_000, by=cast.clerk)
    for facts in ({"amount_vnd": 400_000}, {"form": DonationForm.CASH}):
        other = gift(cast, fund, donor, **facts)
        refused(link_line, "bank_line_fits_donation", line=one, to=other, by=cast.clerk)
    spent = booked(fund, VoucherKind.EXPENSE, 500_000, cast)
    refused(link_line, "bank_line_fits_movement", line=one, to=spent, by=cast.clerk)
    out = make_bank_line(bank, -500_000, by=cast.clerk)
    link_line(line=out, to=spent, by=cast.clerk)
    out.refresh_from_db()
    assert out.movement == spent


def test_interest_goes_the_way_of_every_voucher(cast, fund, bank) -> None:
    one = make_bank_line(bank, 7_000, by=cast.clerk)
    voucher = prepare_interest(line=one, fund=fund, by=cast.accountant)
    one.refresh_from_db()
    assert (voucher.posted, one.state) == (None, "open")
    assert prepare_interest(line=one, fund=fund, by=cast.accountant) == voucher
    approved = approve_voucher(voucher=voucher, by=cast.chair)
    assert approved.posted is not None
    link_line(line=one, to=approved.posted, by=cast.clerk)
    one.refresh_from_db()
    assert (approved.posted.kind, one.movement) == ("interest", approved.posted)


def test_interest_up_to_the_unit_s_limit_is_booked_at_once(cast, fund, bank) -> None:
    set_spending_limit(unit=cast.here, alone_up_to_vnd=10_000, by=cast.chair)
    one = make_bank_line(bank, 7_000, by=cast.clerk)
    voucher = prepare_interest(line=one, fund=fund, by=cast.accountant)
    one.refresh_from_db()
    assert voucher.posted is not None
    assert (one.state, one.movement) == ("booked", voucher.posted)


def test_interest_taken_back_opens_its_line(cast, fund, bank) -> None:
    set_spending_limit(unit=cast.here, alone_up_to_vnd=10_000, by=cast.chair)
    one = make_bank_line(bank, 7_000, by=cast.clerk)
    voucher = prepare_interest(line=one, fund=fund, by=cast.accountant)
    reverse_voucher(voucher=voucher, reason="Ngân hàng ghi nhầm", on=DAY, by=cast.chair)
    one.refresh_from_db()
    assert (one.state, one.movement) == ("open", None)
    commit_now()


def test_a_line_is_set_aside_with_a_reason_and_opened_again(cast, bank) -> None:
    one = make_bank_line(bank, -11_000, by=cast.clerk)
    refused(set_line_aside, line=one, reason="  ", by=cast.clerk)
    set_line_aside(line=one, reason="Phí chuyển tiền", by=cast.clerk)
    one.refresh_from_db()
    assert (one.state, one.set_aside_reason) == ("set_aside", "Phí chuyển tiền")
    refused(set_line_aside, line=one, reason="Nhầm", by=cast.clerk)
    reopen_line(line=one, by=cast.clerk)
    one.refresh_from_db()
    assert (one.state, one.set_aside_reason) == ("open", "")


def test_voiding_a_booked_gift_opens_its_line(cast, fund, donor, bank) -> None:
    one = make_bank_line(bank, 500_000, by=cast.clerk)
    donation = book_line(decision=Decision(line=one, donor=donor, fund=fund), by=cast.clerk)
    one.refresh_from_db()
    refused(reopen_line, line=one, by=cast.clerk)
    void_donation(donation=donation, reason="Nhầm người", on=DAY, by=cast.chair)
    one.refresh_from_db()
    assert (one.state, one.donation) == ("open", None)
    again = book_line(decision=Decision(line=one, donor=donor, fund=fund), by=cast.clerk)
    assert again.pk != donation.pk
    commit_now()


def test_a_corrected_gift_keeps_its_line(cast, fund, donor, bank) -> None:
    one = make_bank_line(bank, 500_000, by=cast.clerk)
    donation = book_line(decision=Decision(line=one, donor=donor, fund=fund), by=cast.clerk)
    corrected = correct_donation(
        donation=donation,
        reason="Sai mục đích",
        on=DAY,
        by=cast.accountant,
        unit=cast.here,
        fund=fund,
        donor=donor,
        received_on=DAY,
        form=DonationForm.BANK_TRANSFER,
        amount_vnd=500_000,
        purpose="Sách vở",
    )
    one.refresh_from_db()
    assert (one.state, one.donation) == ("booked", corrected)


def test_who_may_do_what(cast, fund, donor, bank) -> None:
    one = make_bank_line(bank, 500_000, by=cast.clerk)
    donation = gift(cast, fund, donor)
    file = statement(bank, line(1, "Z"))
    split = {"unit": cast.here, "donor": donor, "received_on": DAY, "form": DonationForm.BANK_TRANSFER}
    split |= {"amount_vnd": 500_000, "shares": [(fund, 1), (make_fund(cast.here), 499_999)]}
    deeds = [
        lambda by: add_bank_account(fund=fund, bank="BIDV", number="12345", by=by),
        lambda by: edit_bank_account(account=bank, revision=1, fund=fund, holder="", closed_on=None, by=by),
        lambda by: hand_in_statement(account=bank, statement=file, file_name="a", sha256="f" * 64, by=by),
        lambda by: book_line(decision=Decision(line=one, donor=donor, fund=fund), by=by),
        lambda by: link_line(line=one, to=donation, by=by),
        lambda by: book_gift(line=one, by=by, **split),
        lambda by: set_line_aside(line=one, reason="x", by=by),
        lambda by: reopen_line(line=one, by=by),
        lambda by: prepare_interest(line=one, fund=fund, by=by),
    ]
    for deed in deeds:
        with pytest.raises(Http404):
            deed(cast.outsider)
        with pytest.raises(PermissionDenied):
            deed(cast.viewer)
    assert Movement.objects.filter(kind="interest").count() == 0


def test_an_account_is_entered_once_and_belongs_to_its_fund_s_unit(cast, fund, bank) -> None:
    made = add_bank_account(fund=fund, bank=" BIDV ", number="0101-234 567", by=cast.accountant)
    assert (made.unit, made.bank, made.number) == (cast.here, "BIDV", "0101234567")
    refused(add_bank_account, fund=fund, bank="BIDV", number="0101234567", by=cast.accountant)
    refused(add_bank_account, fund=fund, bank="BIDV", number="12", by=cast.accountant)
    refused(add_bank_account, fund=fund, bank=" ", number="12345", by=cast.accountant)
    other = make_fund(cast.elsewhere)
    refused(edit_bank_account, account=made, revision=1, fund=other, holder="", closed_on=None, by=cast.accountant)
    facts = {"account": made, "fund": fund, "holder": "Hội", "closed_on": None, "by": cast.accountant}
    edit_bank_account(revision=1, **facts)
    refused(edit_bank_account, "stale", revision=1, **facts)


def test_handing_in_asks_the_same_whatever_the_lines(cast, bank, django_assert_num_queries) -> None:
    hand_in(bank, line(1, "first"), by=cast.clerk)  # what the clerk may do is known from here on
    for number, lines in enumerate((1, 40)):
        file = statement(bank, *(line(1 + n, f"{number}-{n}") for n in range(lines)))
        with django_assert_num_queries(9):
            hand_in_statement(account=bank, statement=file, file_name="a", sha256=f"{number:064}", by=cast.clerk)


@pytest.mark.django_db(transaction=True)
def test_two_hands_book_a_line_once(cast, fund, donor, bank) -> None:
    one = make_bank_line(bank, 500_000, by=cast.clerk)

    def book(_n: int) -> str:
        try:
            book_line(decision=Decision(line=one, donor=donor, fund=fund), by=cast.clerk)
            return "booked"
        except ValidationError:
            return "refused"
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as hands:
        outcomes = sorted(hands.map(book, range(8)))
    assert outcomes == ["booked"] + ["refused"] * 7
    assert Donation.unscoped.count() == 1
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_two_hands_match_one_gift_with_two_lines_and_one_is_told_so(cast, fund, donor, bank) -> None:
    donation = gift(cast, fund, donor)
    lines = [make_bank_line(bank, 500_000, by=cast.clerk) for _n in range(2)]
    start = Barrier(2)

    def link(one: BankLine) -> str:
        try:
            connection.ensure_connection()
            start.wait(timeout=20)
            return link_line(line=one, to=donation, by=cast.clerk).state
        except ValidationError as refusal:
            return str(refusal.code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as hands:
        outcomes = sorted(hands.map(link, lines))
    assert outcomes == ["bank_line_donation_once", "linked"]
    assert sorted(BankLine.unscoped.values_list("state", "donation")) == [("linked", donation.pk), ("open", None)]
    connection.close()


# Gifts split over funds


@pytest.fixture
def shares(cast, fund):
    return [(fund, 300_000), (make_fund(cast.here, "Quỹ Vì em"), 200_000)]


@pytest.fixture
def whole(cast, donor, shares):
    """What is written down of a transfer of 500.000 đồng that goes into two funds."""
    facts = {"received_on": DAY, "form": DonationForm.BANK_TRANSFER, "amount_vnd": 500_000, "shares": shares}
    return {"unit": cast.here, "donor": donor, **facts}


def test_a_line_is_matched_with_a_split_gift_whichever_part_is_named(cast, fund, bank, whole) -> None:
    first, second = parts_of(record_donation(**whole, by=cast.clerk))
    one, small = (make_bank_line(bank, amount_vnd, by=cast.clerk) for amount_vnd in (500_000, 200_000))
    refused(link_line, "bank_line_fits_donation", line=small, to=second, by=cast.clerk)
    link_line(line=one, to=second, by=cast.clerk)
    one.refresh_from_db()
    assert (one.state, one.donation) == ("linked", first)
    reopen_line(line=one, by=cast.clerk)
    one.refresh_from_db()
    assert (one.state, one.donation) == ("open", None)


def test_voiding_a_split_gift_by_any_part_opens_its_line(cast, bank, whole) -> None:
    one = make_bank_line(bank, 500_000, by=cast.clerk)
    first, second = parts_of(book_gift(line=one, **whole, by=cast.clerk))
    one.refresh_from_db()
    assert (one.state, one.donation) == ("booked", first)
    void_donation(donation=second, reason="Nhầm quỹ", on=DAY, by=cast.chair)
    one.refresh_from_db()
    assert (one.state, one.donation) == ("open", None)


def test_a_gift_corrected_into_several_funds_keeps_its_line_and_back(cast, fund, donor, bank, whole) -> None:
    one = make_bank_line(bank, 500_000, by=cast.clerk)
    donation = book_line(decision=Decision(line=one, donor=donor, fund=fund), by=cast.clerk)
    correction = {"reason": "Chia hai quỹ", "on": DAY, "by": cast.accountant}
    first, second = parts_of(correct_donation(donation=donation, **correction, **whole))
    one.refresh_from_db()
    assert (one.state, one.donation) == ("booked", first)
    alone = {**whole, "shares": (), "fund": fund}
    corrected = correct_donation(donation=second, **correction, **alone)
    one.refresh_from_db()
    assert (one.state, one.donation) == ("booked", corrected)


def test_a_line_becomes_a_split_gift_once(cast, fund, bank, shares, whole) -> None:
    one, key = make_bank_line(bank, 500_000, by=cast.clerk), uuid4()
    first, again = (book_gift(line=one, **whole, idempotency_key=key, by=cast.clerk) for _n in range(2))
    assert first == again
    assert [balance_vnd(into) for into, _amount in shares] == [1_300_000, 200_000]
    refused(book_gift, line=one, **whole, by=cast.clerk)
    other = make_bank_line(bank, 500_000, by=cast.clerk)
    refused(book_gift, "saved_already", line=other, **whole, idempotency_key=key, by=cast.clerk)
    assert Donation.unscoped.count() == 2


def test_a_line_becomes_no_gift_of_another_amount_or_form(cast, bank, shares, whole) -> None:
    one = make_bank_line(bank, 400_000, by=cast.clerk)
    refused(book_gift, "bank_line_fits_donation", line=one, **whole, by=cast.clerk)
    cash = {**whole, "form": DonationForm.CASH}
    refused(
        book_gift, "bank_line_fits_donation", line=make_bank_line(bank, 500_000, by=cast.clerk), **cash, by=cast.clerk
    )
    assert Donation.unscoped.count() == 0
