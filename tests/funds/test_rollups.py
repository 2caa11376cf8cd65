"""Roll-ups and balances: proved, found out when wrong, made anew."""

from __future__ import annotations

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from funds import rollups
from funds.models import DonationMonth, FundMonth
from tests.cast import account
from tests.funds.raw import book, commit_now, give, reverse, run, void


@pytest.fixture
def books(cast, fund, donor):
    """One gift that stays, one voided a month later, one handed straight on."""
    gift = {"unit": cast.here.pk, "donor": donor.pk, "fund": fund.pk}
    book(give(**gift))
    mistaken = give(**gift, amount_vnd=30_000)
    booked = book(mistaken)
    void(mistaken, date(2024, 7, 1))
    reverse(booked, occurred_on=date(2024, 7, 1))
    give(**{**gift, "fund": None})
    return fund


def contents():
    funds = FundMonth.objects.order_by("fund", "month", "pot", "kind")
    gifts = DonationMonth.objects.order_by("unit", "month", "is_pass_through")
    return (
        list(funds.values_list("month", "kind", "in_vnd", "out_vnd")),
        list(gifts.values_list("month", "count", "value_vnd")),
    )


def test_the_books_agree(books):
    assert rollups.check() == []


def test_rebuilding_makes_what_the_triggers_made(books):
    before = contents()
    rollups.rebuild()
    assert contents() == before
    assert rollups.check() == []


def test_a_wrong_month_is_found_and_mended(books):
    run("UPDATE funds_fundmonth SET in_vnd = in_vnd + 7 WHERE kind = 'opening'")
    run("DELETE FROM funds_donationmonth WHERE is_pass_through")
    code = books.code
    assert rollups.check() == [
        rollups.Difference("FundMonth.in_vnd", f"{code} 2000-01 cash opening", 1_000_000, 1_000_007),
        rollups.Difference("DonationMonth.count", f"{books.unit.code} 2024-06 cash enterprise pass-through", 1, 0),
        rollups.Difference(
            "DonationMonth.value_vnd", f"{books.unit.code} 2024-06 cash enterprise pass-through", 500_000, 0
        ),
    ]
    rollups.rebuild()
    assert rollups.check() == []


def test_a_wrong_balance_is_found(cast, books):
    commit_now()
    run("ALTER TABLE funds_account DISABLE TRIGGER USER")
    run("UPDATE funds_account SET balance_vnd = 5 WHERE id = %s", [account(books).pk])
    commit_now()
    run("ALTER TABLE funds_account ENABLE TRIGGER USER")
    assert rollups.check() == [rollups.Difference("balance", f"{books.code} free cash", 1_500_000, 5)]


def test_gifts_and_ledger_are_compared(cast, books):
    run("UPDATE funds_fundmonth SET in_vnd = 0 WHERE kind = 'donation' AND month = '2024-07-01'")
    assert rollups.Difference("donations booked", f"{books.code} 2024-07", -30_000, 0) in rollups.check()


def test_the_command_prints_what_differs_and_fails(books):
    out = StringIO()
    call_command("check_books", stdout=out)
    assert out.getvalue() == "The books agree.\n"
    run("UPDATE funds_donationmonth SET count = 9 WHERE is_pass_through")
    out = StringIO()
    with pytest.raises(CommandError) as failed:
        call_command("check_books", stdout=out)
    assert failed.value.returncode == 1
    assert out.getvalue() == (
        f"funds: DonationMonth.count · {books.unit.code} 2024-06 cash enterprise pass-through: 1 expected, 9 found\n"
    )
    call_command("rebuild_rollups", stdout=StringIO())
    call_command("check_books", stdout=StringIO())
