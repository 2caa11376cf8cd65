"""The rules of bank statements, broken by plain SQL."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from funds.actions import parts_of, record_donation
from funds.models import AccountKind, BankLine, BankStatement, Donation, DonationForm, Movement
from hkh.core.dates import today
from tests.cast import account, make_donor, make_fund, outside
from tests.funds.raw import DAY, insert, post, refused, run
from tests.funds.statements.rows import make_bank_account, make_bank_line


@pytest.fixture
def bank(cast, fund):
    return make_bank_account(fund)


@pytest.fixture
def one(cast, bank) -> BankLine:
    return make_bank_line(bank, 500_000, by=cast.clerk)


def facts(line: BankLine, **changes) -> dict:
    return {
        "account_id": line.account_id,
        "statement_id": line.statement_id,
        "number": 9,
        "key": "k" * 64,
        "occurred_on": DAY,
        "amount_vnd": 1,
        "reference": "",
        "party": "",
        "party_account": "",
        "description": "",
        "state": "open",
        "set_aside_reason": "",
    } | changes


def decide(line: BankLine, sql: str, *values) -> None:
    """``sql`` set on the line, with who did it and when."""
    who = "(SELECT handed_in_by_id FROM funds_bankstatement LIMIT 1)"
    run(f"UPDATE funds_bankline SET {sql}, decided_by_id = {who}, decided_at = now() WHERE id = %s", [*values, line.pk])


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("bank_line_amount", {"amount_vnd": 0}),
        ("bank_line_not_in_future", {"occurred_on": today() + timedelta(days=2)}),
        ("bank_line_decided", {"state": "set_aside"}),
        ("bank_line_decided", {"state": "booked"}),
        ("bank_line_decided", {"set_aside_reason": "x"}),
    ],
)
def test_no_line_breaks_a_rule(one, rule, changes) -> None:
    with refused(rule):
        insert("funds_bankline", facts(one, **changes))


def test_an_account_s_fund_is_of_its_unit(cast, bank) -> None:
    with refused("bank_account_fund_of_unit"):
        run("UPDATE funds_bankaccount SET fund_id = %s", [make_fund(cast.elsewhere).pk])


def test_whoever_decided_is_known(cast, one) -> None:
    with refused("bank_line_decided_by"):
        run("UPDATE funds_bankline SET state = 'set_aside', set_aside_reason = 'x'")


def test_a_transfer_is_there_once(one) -> None:
    with refused("bank_line_once"):
        insert("funds_bankline", facts(one, key=one.key))


def test_a_line_belongs_to_its_statement_s_account(one, fund) -> None:
    with refused("bank_line_of_its_account"):
        insert("funds_bankline", facts(one, account_id=make_bank_account(fund).pk))


@pytest.mark.parametrize("change", ["amount_vnd = 1", "occurred_on = '2020-01-01'", "description = 'x'", "key = 'x'"])
def test_what_the_bank_wrote_does_not_change(one, change) -> None:
    with refused("bank_line_kept"):
        decide(one, change)


@pytest.mark.parametrize("sql", ["DELETE FROM funds_bankline", "TRUNCATE funds_bankline"])
def test_no_line_is_deleted(one, sql) -> None:
    with refused("bank_line_kept"):
        run(sql)


@pytest.mark.parametrize("sql", ["DELETE FROM funds_bankstatement", "UPDATE funds_bankstatement SET line_count = 0"])
def test_no_statement_changes(one, sql) -> None:
    with refused("bank_statement_kept"):
        run(sql)


def test_a_file_is_handed_in_once_an_account(cast, one) -> None:
    known = BankStatement.unscoped.get()
    with refused("bank_statement_once"):
        insert(
            "funds_bankstatement",
            {
                "account_id": known.account_id,
                "file_name": "x",
                "sha256": known.sha256,
                "first_on": DAY,
                "last_on": DAY,
                "line_count": 1,
                "handed_in_by_id": cast.clerk.pk,
            },
        )


@pytest.mark.parametrize("wrong", [{"amount_vnd": 1}, {"form": DonationForm.CASH}, {"is_pass_through": True}])
def test_a_line_holds_only_the_gift_that_it_is(cast, fund, donor, one, wrong) -> None:
    gift = {"received_on": DAY, "form": DonationForm.BANK_TRANSFER, "amount_vnd": 500_000} | wrong
    into = None if gift.get("is_pass_through") else fund
    donation = record_donation(unit=cast.here, fund=into, donor=donor, by=cast.clerk, **gift)
    with refused("bank_line_fits_donation"):
        decide(one, "state = 'linked', donation_id = %s", donation.pk)


def test_a_line_holds_no_gift_of_another_unit(cast, one) -> None:
    donation = record_donation(
        unit=cast.elsewhere,
        fund=make_fund(cast.elsewhere),
        donor=make_donor(cast.elsewhere),
        received_on=DAY,
        form=DonationForm.BANK_TRANSFER,
        amount_vnd=500_000,
        by=cast.outsider,
    )
    with refused("bank_line_fits_donation"):
        decide(one, "state = 'linked', donation_id = %s", donation.pk)


def test_a_line_holds_no_movement_of_another_unit_or_direction(cast, one) -> None:
    foreign = make_fund(cast.elsewhere, holds_vnd=500_000, opened_on=date(2020, 1, 1))
    movement = Movement.objects.get(target__fund=foreign)
    with refused("bank_line_fits_movement"):
        decide(one, "state = 'linked', movement_id = %s", movement.pk)


def test_a_line_opens_again_whoever_voids_its_gift(cast, fund, donor, one) -> None:
    facts: Any = {"received_on": DAY, "form": DonationForm.BANK_TRANSFER, "amount_vnd": 500_000}
    donation = record_donation(unit=cast.here, fund=fund, donor=donor, by=cast.clerk, **facts)
    decide(one, "state = 'linked', donation_id = %s", donation.pk)
    run("UPDATE funds_donation SET voided_on = %s, void_reason = 'x' WHERE id = %s", [DAY, donation.pk])
    booked = donation.movements.get()
    post(booked.target, booked.source, 500_000, "donation", donation_id=donation.pk, reverses_id=booked.pk)
    one.refresh_from_db()
    assert (one.state, one.donation) == ("open", None)
    with refused("bank_line_fits_donation"):
        decide(one, "state = 'linked', donation_id = %s", donation.pk)


def test_a_line_holds_no_movement_that_was_taken_back(cast, fund, one) -> None:
    free, there = account(fund), outside(AccountKind.OPENING)
    moved = post(there, free, 500_000, "opening")
    decide(one, "state = 'linked', movement_id = %s", moved)
    post(free, there, 500_000, "opening", reverses_id=moved)
    one.refresh_from_db()
    assert (one.state, one.movement) == ("open", None)
    with refused("bank_line_fits_movement"):
        decide(one, "state = 'linked', movement_id = %s", moved)


@pytest.fixture
def split(cast, fund, donor) -> list[Donation]:
    """A transfer of 500.000 đồng in two parts."""
    shares = [(fund, 300_000), (make_fund(cast.here, "Quỹ Vì em"), 200_000)]
    facts: Any = {"received_on": DAY, "form": DonationForm.BANK_TRANSFER, "amount_vnd": 500_000, "shares": shares}
    return parts_of(record_donation(unit=cast.here, donor=donor, by=cast.clerk, **facts))


def test_a_line_holds_a_split_gift_as_a_whole_by_its_first_part(cast, bank, one, split) -> None:
    decide(one, "state = 'linked', donation_id = %s", split[0].pk)
    one.refresh_from_db()
    assert one.donation == split[0]


def test_a_line_holds_no_part_of_a_split_gift_alone(cast, bank, one, split) -> None:
    with refused("bank_line_fits_donation"):
        decide(one, "state = 'linked', donation_id = %s", split[1].pk)
    for part in split:
        with refused("bank_line_fits_donation"):
            decide(make_bank_line(bank, part.amount_vnd, by=cast.clerk), "state = 'linked', donation_id = %s", part.pk)


def test_an_entry_is_matched_with_one_line(cast, fund, donor, bank, one) -> None:
    another = make_bank_line(bank, 500_000, by=cast.clerk)
    facts: Any = {"received_on": DAY, "form": DonationForm.BANK_TRANSFER, "amount_vnd": 500_000}
    donation = record_donation(unit=cast.here, fund=fund, donor=donor, by=cast.clerk, **facts)
    moved = post(outside(AccountKind.OPENING), account(fund), 500_000, "opening")
    decide(one, "state = 'linked', donation_id = %s", donation.pk)
    with refused("bank_line_donation_once"):
        decide(another, "state = 'linked', donation_id = %s", donation.pk)
    decide(another, "state = 'linked', movement_id = %s", moved)
    with refused("bank_line_movement_once"):
        decide(make_bank_line(bank, 500_000, by=cast.clerk), "state = 'linked', movement_id = %s", moved)
