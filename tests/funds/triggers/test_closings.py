"""A closed period, broken into by hand in SQL and by COPY: the database refuses whatever is dated in it."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, timedelta
from io import StringIO
from uuid import uuid4

import psycopg2
import pytest
from django.db import IntegrityError, connection, transaction

from funds.models import AccountKind, Closing, ClosingBalance, Reopening
from hkh.core.dates import today
from tests.cast import a_province, account, make_donor, make_fund, make_unit, outside
from tests.funds.raw import DAY, book, give, insert, post, refused, reverse, run, void

Q2_ENDS, LATER = date(2024, 7, 1), date(2024, 7, 2)


@pytest.fixture
def donor(cast):
    return make_donor(cast.here)


def close(unit, ends_before=Q2_ENDS, **said):
    row = {"unit_id": unit.pk, "period": "2024-Q2", "ends_before": ends_before, "last_movement_id": 0, "digest": ""}
    return Closing.unscoped.get(pk=insert("funds_closing", row | said))


def reopen(closing, unit, *, since=None, days=7):
    since = since or today()
    row = {
        "closing_id": closing.pk,
        "unit_id": unit.pk,
        "reopened_on": since,
        "until_on": since + timedelta(days=days),
        "reason": "Ghi sót phiếu thu",
    }
    return Reopening.objects.get(pk=insert("funds_reopening", row))


def opening(fund, on=DAY, amount_vnd=1_000):
    return post(outside(AccountKind.OPENING), account(fund), amount_vnd, "opening", occurred_on=on)


@pytest.mark.parametrize("closer", ["here", "province"])
def test_nothing_moves_in_a_closed_period(cast, fund, closer):
    opening(fund)
    close(getattr(cast, closer))
    with refused("movement_period_closed"):
        opening(fund)
    opening(fund, Q2_ENDS)


def test_nothing_moves_before_it_either(cast, fund):
    close(cast.here)
    with refused("movement_period_closed"):
        opening(fund, date(2010, 1, 1))


def test_copy_does_not_get_past(cast, fund, donor):
    close(cast.here)
    ends = f"{outside(AccountKind.OPENING).pk}\t{account(fund).pk}"
    columns = "source_id target_id amount_vnd kind occurred_on document note"
    moved = f"{ends}\t5\topening\t{DAY}\t\t"
    assert copied("funds_movement", columns, moved) == "movement_period_closed"
    columns = "unit_id fund_id donor_id received_on form amount_vnd is_pass_through currency goods purpose document"
    gift = f"{cast.here.pk}\t{fund.pk}\t{donor.pk}\t{DAY}\tcash\t5\tf\tVND\t\t\t\t\t"
    assert copied("funds_donation", f"{columns} note void_reason", gift) == "donation_period_closed"


def copied(table, columns, line):
    """The rule that refuses a line of COPY."""
    names = ", ".join([*columns.split(), "idempotency_key"])
    with pytest.raises(psycopg2.IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", StringIO(f"{line}\t{uuid4()}\n"))
    return refusal.value.diag.constraint_name


def test_no_gift_is_received_in_it_not_even_one_handed_straight_on(cast, fund, donor):
    close(cast.here)
    for into in (fund.pk, None):
        with refused("donation_period_closed"):
            give(unit=cast.here.pk, donor=donor.pk, fund=into)
    book(give(unit=cast.here.pk, donor=donor.pk, fund=fund.pk, received_on=Q2_ENDS))


def test_a_gift_of_it_is_voided_today_and_not_then(cast, fund, donor):
    gift = give(unit=cast.here.pk, donor=donor.pk, fund=fund.pk)
    moved = book(gift)
    close(cast.here)
    with refused("donation_void_period_closed"):
        void(gift, on=DAY)
    void(gift, on=LATER)
    with refused("movement_period_closed"):
        reverse(moved)
    reverse(moved, occurred_on=LATER)


def test_money_from_an_open_unit_does_not_get_into_a_closed_one(cast, fund):
    there = make_fund(cast.elsewhere, holds_vnd=50_000)
    close(cast.here)
    with refused("movement_period_closed"):
        post(account(there, AccountKind.TRANSIT), account(fund), 1_000, "transfer")
    with refused("movement_period_closed"):
        post(account(fund, AccountKind.TRANSIT), account(there), 1_000, "transfer")
    opening(there)


def test_a_commune_that_closes_leaves_the_others_open(cast):
    below, above = make_fund(cast.branch), make_fund(cast.province)
    close(cast.here)
    opening(above)
    with refused("movement_period_closed"):
        opening(below)


def test_a_unit_that_came_later_was_not_closed_then(cast):
    """Closed is what stood below on that day: a fact belongs to the tree of its date."""
    moved = make_unit("Chi hội đến sau", tier=cast.branch.tier, parent=cast.elsewhere, founded_on=date(2000, 1, 1))
    fund = make_fund(moved)
    run("UPDATE members_unitversion SET valid_until = '2024-06-15' WHERE unit_id = %s", [moved.pk])
    tier = cast.branch.tier_id
    run(
        "INSERT INTO members_unitversion (unit_id, name, tier_id, parent_id, valid_from) VALUES (%s, 'C', %s, %s, %s)",
        [moved.pk, tier, cast.here.pk, "2024-06-15"],
    )
    close(cast.here)
    opening(fund, DAY)
    with refused("movement_period_closed"):
        opening(fund, date(2024, 6, 20))


# What a closing holds


def test_a_closing_writes_down_what_each_fund_held(cast, fund):
    post(account(fund), account(fund, AccountKind.COMMITTED), 200_000, "commitment")
    opening(fund, Q2_ENDS)
    other = make_fund(cast.elsewhere, holds_vnd=7)
    closing = close(cast.here)
    held = ClosingBalance.objects.filter(closing=closing).values_list("fund", "pot", "free_vnd", "committed_vnd")
    assert list(held) == [(fund.pk, "cash", 800_000, 200_000)]
    assert len(closing.digest) == 64
    assert closing.digest != close(cast.elsewhere).digest
    assert ClosingBalance.objects.get(fund=other).free_vnd == 7


@pytest.mark.parametrize(
    ("rule", "sql"),
    [
        ("closing_kept", "UPDATE funds_closing SET digest = ''"),
        ("closing_kept", "DELETE FROM funds_closing"),
        ("closing_balance_kept", "UPDATE funds_closingbalance SET free_vnd = 0"),
        ("closing_balance_kept", "DELETE FROM funds_closingbalance"),
        (
            "closing_balance_kept",
            "INSERT INTO funds_closingbalance (closing_id, fund_id, pot, free_vnd, committed_vnd, transit_vnd)"
            " SELECT id, (SELECT min(id) FROM funds_fund), 'goods', 1, 0, 0 FROM funds_closing",
        ),
    ],
)
def test_a_closing_is_never_changed(cast, fund, rule, sql):
    close(cast.here)
    with refused(rule):
        run(sql)


def test_periods_are_closed_in_turn(cast):
    close(cast.here)
    for starts_on, ends_before in (
        (None, date(2024, 10, 1)),
        (date(2024, 8, 1), date(2024, 10, 1)),
        (Q2_ENDS, Q2_ENDS),
    ):
        with refused("closing_in_turn"):
            close(cast.here, ends_before, starts_on=starts_on)
    close(cast.here, date(2024, 10, 1), starts_on=Q2_ENDS)


def test_a_period_that_is_not_over_is_not_closed(cast):
    with refused("closing_over"):
        close(cast.here, today() + timedelta(days=1))


# Reopened


def test_reopened_it_lets_in_and_then_closes_by_itself(cast, fund):
    closing = close(cast.here)
    reopen(closing, cast.here, since=today() - timedelta(days=7))
    with refused("movement_period_closed"):
        opening(fund)
    reopen(closing, cast.here, since=today() - timedelta(days=6))
    opening(fund)


def test_a_period_is_not_reopened_ahead_of_time(cast, fund):
    closing = close(cast.here)
    with refused("reopening_ahead"):
        reopen(closing, cast.here, since=today() + timedelta(days=1))
    with refused("movement_period_closed"):
        opening(fund)


def test_it_can_be_reopened_for_one_unit_below(cast, fund):
    below, closing = make_fund(cast.branch), close(cast.here)
    reopen(closing, cast.branch)
    opening(below)
    with refused("movement_period_closed"):
        opening(fund)
    with refused("reopening_below"):
        reopen(closing, cast.elsewhere)


def test_what_two_units_closed_both_must_reopen(cast, fund):
    own, of_all = close(cast.here), close(cast.province)
    reopen(own, cast.here)
    with refused("movement_period_closed"):
        opening(fund)
    reopen(of_all, cast.here)
    opening(fund)


def test_a_reopening_ends_within_a_month_and_only_sooner_than_planned(cast):
    closing = close(cast.here)
    with refused("reopening_ends"):
        reopen(closing, cast.here, days=32)
    again = reopen(closing, cast.here)
    with refused("reopening_kept"):
        run("UPDATE funds_reopening SET until_on = until_on + 1 WHERE id = %s", [again.pk])
    with refused("reopening_kept"):
        run("DELETE FROM funds_reopening")
    run("UPDATE funds_reopening SET until_on = reopened_on WHERE id = %s", [again.pk])


@pytest.mark.django_db(transaction=True)
def test_a_snapshot_from_before_the_closing_is_no_way_in():
    cast = a_province()
    fund = make_fund(cast.here)
    with snapshot() as behind:
        close(cast.here)
        with pytest.raises(psycopg2.IntegrityError) as refusal:
            behind.execute(
                "INSERT INTO funds_movement (source_id, target_id, amount_vnd, kind, occurred_on, document, note,"
                " idempotency_key) VALUES (%s, %s, 1000, 'opening', %s, '', '', gen_random_uuid())",
                [outside(AccountKind.OPENING).pk, account(fund).pk, DAY],
            )
    assert refusal.value.diag.constraint_name == "books_read_committed"


@contextmanager
def snapshot():
    """The cursor of a second connection that sees what is there now, and nothing that comes later."""
    second = connection.copy()
    second.ensure_connection()
    try:
        second.connection.set_session(isolation_level="REPEATABLE READ", autocommit=False)
        with second.connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM funds_closing")
            yield cursor
    finally:
        second.close()


@pytest.mark.django_db(transaction=True)
def test_the_books_are_written_seeing_all_that_others_entered():
    written = ["movement", "donation", "voucher", "paper", "fund", "appeal", "appealdecision", "closing", "goodsissue"]
    tables = [*(f"funds_{name}" for name in written), "scholarships_award", "scholarships_distribution"]
    asked = [(table, level) for table in tables for level in ("READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE")]
    assert {(table, level) for table, level in asked if is_refused(table, level)} == {
        (table, level) for table, level in asked if level != "READ COMMITTED"
    }


def is_refused(table, level):
    """Whether a statement that would write into ``table`` is refused at this isolation level."""
    try:
        with transaction.atomic():
            run(f"SET TRANSACTION ISOLATION LEVEL {level}")
            run(f"UPDATE {table} SET id = id WHERE false")
    except IntegrityError as refusal:
        return refusal.__cause__.diag.constraint_name == "books_read_committed"  # type: ignore[union-attr]
    return False
