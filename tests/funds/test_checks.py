"""``check_books`` finds what went round the rules: each one broken while its trigger stands aside."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection

from funds import rollups
from funds.actions import issue_paper
from funds.checks import standing
from funds.models import AccountKind, Appeal, AppealDecision, Movement, Pot, StockItem, Voucher
from hkh.core.dates import today
from tests.cast import account, make_donor, make_expense, make_fund, make_transfer, outside
from tests.funds.raw import DAY, book, give, insert, post, reverse, run
from tests.funds.triggers.test_closings import close, reopen

TABLES = [
    "funds_movement",
    "funds_donation",
    "funds_voucher",
    "funds_account",
    "funds_closing",
    "funds_closingbalance",
    "funds_appeal",
    "funds_bookingproof",
    "funds_fund",
    "funds_goodsissue",
    "funds_paper",
    "funds_paperseries",
]


@contextmanager
def unwatched():
    """The triggers stand aside, as for somebody who may do everything."""
    connection.check_constraints()
    for table in TABLES:
        run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    connection.check_constraints()
    for table in TABLES:
        run(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def found() -> set[str]:
    connection.check_constraints()
    return {difference.record for difference in standing.check()}


@pytest.fixture
def busy(cast, fund):
    """Books in which everything happened that may."""
    donor = make_donor(cast.here)
    gift = book(give(unit=cast.here.pk, donor=donor.pk, fund=fund.pk))
    make_expense(fund, 10_000, DAY)
    make_transfer(fund, make_fund(cast.elsewhere, "Quỹ nơi nhận"), 20_000, DAY)
    make_transfer(fund, make_fund(cast.here, "Quỹ hai"), 30_000, DAY)
    reverse(post(account(fund), account(fund, AccountKind.COMMITTED), 5_000, "commitment"))
    return Movement.objects.get(pk=gift)


def test_books_kept_by_the_rules_are_right(cast, busy):
    close(cast.province)
    assert found() == set()
    assert rollups.check() == []


def moved(source, target, amount_vnd, kind, **said):
    return post(source, target, amount_vnd, kind, with_voucher=False, **said)


def test_a_movement_between_money_and_goods_is_found(fund, busy):
    with unwatched():
        moved(account(fund), account(fund, pot=Pot.GOODS), 5, "handover")
    assert found() == {"movement_same_pot"}


def test_a_handover_to_a_unit_that_does_not_carry_on_is_found(fund, busy):
    other = make_fund(fund.unit, "Quỹ ba")
    with unwatched():
        moved(account(fund), account(other), 5, "handover")
    assert found() == {"movement_handed_to_heir"}


def test_a_lot_issued_in_a_closed_period_is_found(cast, fund, busy):
    book(give(unit=cast.here.pk, donor=make_donor(cast.here).pk, fund=fund.pk, form="in_kind", goods="20 xe"))
    connection.check_constraints()
    item = StockItem.unscoped.get(fund=fund)
    closing = close(cast.here)
    with unwatched():
        insert(
            "funds_goodsissue",
            {
                "item_id": item.pk,
                "unit_id": cast.branch.pk,
                "quantity": 1,
                "is_return": False,
                "issued_on": DAY,
                "note": "",
                "idempotency_key": uuid4(),
            },
        )
    assert found() == {"issue_period_closed"}
    reopen(closing, cast.here, since=today() - timedelta(days=1))
    assert found() == set()


def test_a_reversal_of_another_amount_is_found(fund, busy):
    spent = Movement.objects.get(kind="opening", target__fund=fund)
    with unwatched():
        moved(spent.target, spent.source, spent.amount_vnd - 1, "opening", reverses_id=spent.pk)
    assert found() == {"movement_reversal_exact", "movement_with_voucher"}


def test_a_balance_below_zero_is_found(fund, busy):
    with unwatched():
        run("ALTER TABLE funds_account DROP CONSTRAINT account_not_overdrawn")
        run("UPDATE funds_account SET balance_vnd = -1 WHERE id = %s", [account(fund).pk])
    assert found() == {"account_not_overdrawn"}
    assert [difference.record for difference in rollups.check()] == ["balance"]


def test_restricted_money_spent_on_something_else_is_found(cast, busy):
    fund = make_fund(cast.here, "Quỹ học bổng", is_restricted=True, purpose="Học bổng", holds_vnd=9_000)
    other = make_fund(cast.here, "Quỹ ba")
    with unwatched():
        moved(account(fund), account(other), 5, "handover")
    assert found() == {"movement_serves_purpose"}


def test_a_surplus_that_went_elsewhere_undecided_is_found(cast, busy):
    fund = make_fund(cast.here, "Quỹ vì em", is_restricted=True, purpose="Tết", holds_vnd=9_000)
    appeal = Appeal.unscoped.create(unit=cast.here, kind="yearly", name="Tết", opens_on=date(2024, 1, 1), fund=fund)
    other = make_fund(cast.here, "Quỹ ba")
    facts = {"appeal": appeal, "number": "1/QĐ", "signed_by": "An", "target_fund": other}
    AppealDecision.unscoped.create(decided_on=DAY, amount_vnd=5, **facts)
    post(account(fund), account(other), 5, "transfer")
    assert found() == set()
    with unwatched():
        post(account(fund), account(other), 1, "transfer")
    assert found() == {"movement_surplus_decided"}


def test_a_gift_of_an_appeal_outside_its_fund_is_found(cast, fund, busy):
    kept = make_fund(cast.here, "Quỹ vì em", is_restricted=True, purpose="Tết")
    appeal = Appeal.unscoped.create(unit=cast.here, kind="yearly", name="Tết", opens_on=date(2024, 1, 1), fund=kept)
    donor = make_donor(cast.here)
    with unwatched():
        book(give(unit=cast.here.pk, donor=donor.pk, fund=fund.pk, appeal_id=appeal.pk))
    assert found() == {"donation_kept_for_appeal"}
    with unwatched():
        book(give(unit=cast.here.pk, donor=donor.pk, fund=kept.pk))
    assert found() == {"donation_kept_for_appeal", "donation_for_appeal_alone"}


def test_a_gift_that_was_not_booked_is_found(cast, fund, busy):
    with unwatched():
        give(unit=cast.here.pk, donor=make_donor(cast.here).pk, fund=fund.pk)
    assert found() == {"donation_booked"}


def test_a_gift_outside_the_dates_of_its_appeal_is_found(cast, fund, busy):
    appeal = Appeal.unscoped.create(unit=cast.here, kind="yearly", name="Tết", opens_on=date(2024, 7, 1))
    with unwatched():
        book(give(unit=cast.here.pk, donor=make_donor(cast.here).pk, fund=fund.pk, appeal_id=appeal.pk))
    assert found() == {"donation_in_appeal_dates"}


def test_spending_without_a_voucher_is_found(fund, busy):
    with unwatched():
        moved(account(fund), outside(AccountKind.RECIPIENTS), 5, "expense")
    assert found() == {"movement_with_voucher"}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("amount_vnd = amount_vnd + 1 WHERE kind = 'expense'", "voucher_booked"),
        ("target_fund_id = NULL, kind = 'shortage' WHERE kind = 'expense'", "voucher_booked"),
        ("decided_by_id = NULL WHERE kind = 'expense'", "voucher_beyond_limit"),
        ("amount_vnd = amount_vnd + 1 WHERE state = 'confirmed'", "voucher_booked"),
    ],
)
def test_vouchers_that_do_not_say_what_the_books_hold_are_found(busy, change, rule):
    with unwatched():
        run(f"UPDATE funds_voucher SET {change}")
    assert found() == {rule}


def test_two_sides_of_a_transfer_that_differ_are_found(fund, busy):
    with unwatched():
        run(
            """
            UPDATE funds_voucher SET state = 'sent', settled_id = NULL, settled_on = NULL, settled_by_id = NULL
            WHERE state = 'confirmed'
            """
        )
    assert found() == {"transit_matches_vouchers", "movement_with_voucher"}


def test_a_closing_that_was_altered_is_found(cast, busy):
    close(cast.here)
    with unwatched():
        run("UPDATE funds_closingbalance SET free_vnd = free_vnd + 1 WHERE pot = 'cash' AND free_vnd > 500000")
    assert found() == {"closing_digest", "closing_balance"}


def test_what_came_into_a_closed_period_is_found(cast, fund, busy):
    closing = close(cast.here)
    with unwatched():
        moved(account(fund), account(fund, AccountKind.COMMITTED), 5, "commitment")
    assert found() == {"movement_period_closed"}
    reopen(closing, cast.here, since=today() - timedelta(days=1))
    assert found() == set()


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("UPDATE funds_paper SET number = 2", "paper_gapless"),
        ("UPDATE funds_paperseries SET last_number = 3", "paper_gapless"),
        ("DELETE FROM funds_paper", "paper_gapless"),
        ("UPDATE funds_paper SET amount_vnd = 9999", "paper_amount"),
        ("UPDATE funds_paper SET kind = 'letter'; UPDATE funds_paperseries SET kind = 'letter'", "paper_fits"),
    ],
)
def test_papers_that_do_not_say_what_the_books_hold_are_found(cast, busy, sql, rule):
    spent = Voucher.unscoped.get(kind="expense")
    issue_paper(kind="payment", subject=spent, on=DAY, by=cast.cashier)
    assert found() == set()
    with unwatched():
        run(sql)
    assert found() == {rule}
