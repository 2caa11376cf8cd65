"""The rules of vouchers, broken by hand in SQL: two people, nothing without one, both sides of a transfer equal."""

from __future__ import annotations

import pytest
from django.db import connection

from funds.actions import set_spending_limit
from funds.models import AccountKind, Pot, Voucher
from tests.cast import a_hand, account, balance_vnd, make_expense, make_fund, outside
from tests.funds.raw import DAY, post, refused, run, voucher

TRANSIT, FREE = AccountKind.TRANSIT, AccountKind.FREE


@pytest.fixture
def there(cast):
    return make_fund(cast.elsewhere, "Quỹ nơi nhận")


@pytest.fixture
def facts(cast, fund):
    """Of an expense that waits."""
    return {
        "unit_id": cast.here.pk,
        "fund_id": fund.pk,
        "kind": "expense",
        "pot": "cash",
        "state": "prepared",
        "amount_vnd": 300_000,
        "occurred_on": DAY,
        "prepared_by_id": a_hand("prepares").pk,
    }


def spend(fund, amount_vnd=300_000, **said):
    return post(account(fund), outside(AccountKind.RECIPIENTS), amount_vnd, "expense", with_voucher=False, **said)


def decide(number, **said):
    changes = ", ".join(f"{name} = %s" for name in said)
    run(f"UPDATE funds_voucher SET {changes} WHERE id = %s", [*said.values(), number])


@pytest.mark.parametrize("kind", ["expense", "interest", "adjustment", "transfer"])
def test_nothing_of_these_moves_without_a_voucher(cast, fund, kind):
    ways = {
        "expense": (account(fund), outside(AccountKind.RECIPIENTS)),
        "interest": (outside(AccountKind.ADJUSTMENT), account(fund)),
        "adjustment": (account(fund), outside(AccountKind.ADJUSTMENT)),
        "transfer": (account(fund), account(make_fund(cast.here))),
    }
    with refused("movement_with_voucher"):
        post(*ways[kind], 1_000, kind, with_voucher=False)


def test_a_reversal_wants_its_voucher_too(fund):
    booked = make_expense(fund, 300_000, DAY)
    with refused("movement_with_voucher"):
        post(
            outside(AccountKind.RECIPIENTS),
            account(fund),
            300_000,
            "expense",
            with_voucher=False,
            reverses_id=booked.posted_id,
        )


def test_copy_passes_no_movement_without_a_voucher(fund):
    with refused("movement_with_voucher"), connection.cursor() as cursor:
        line = f"{account(fund).pk}\t{outside(AccountKind.RECIPIENTS).pk}\t1000\texpense\t{DAY}\t\t\t"
        copy_in(cursor, "funds_movement", "source_id, target_id, amount_vnd, kind, occurred_on, document, note", line)


def copy_in(cursor, table, columns, line):
    from io import StringIO
    from uuid import uuid4

    cursor.copy_expert(f"COPY {table} ({columns}, idempotency_key) FROM STDIN", StringIO(f"{line}{uuid4()}\n"))


def test_who_prepared_does_not_approve(facts, fund):
    number = voucher(**facts)
    moved = spend(fund)
    with refused("voucher_two_people"):
        decide(number, state="booked", posted_id=moved, decided_by_id=facts["prepared_by_id"])
    decide(number, state="booked", posted_id=moved, decided_by_id=a_hand("approves").pk)


@pytest.mark.parametrize(("limit_vnd", "amount_vnd", "passes"), [(0, 1, False), (500, 501, False), (500, 500, True)])
def test_one_person_alone_books_up_to_the_limit(cast, facts, fund, limit_vnd, amount_vnd, passes):
    set_spending_limit(unit=cast.here, alone_up_to_vnd=limit_vnd, by=cast.chair)
    number = voucher(**facts | {"amount_vnd": amount_vnd})
    moved = spend(fund, amount_vnd)
    if passes:
        decide(number, state="booked", posted_id=moved)
        return
    with refused("voucher_beyond_limit"):
        decide(number, state="booked", posted_id=moved)
    decide(number, state="booked", posted_id=moved, decided_by_id=a_hand("approves").pk)


def test_the_limit_of_the_nearest_unit_above_holds(cast):
    def limit(unit):
        return run("SELECT funds_alone_limit(%s, clock_timestamp())", [unit.pk])[0][0]

    top = a_hand("top")
    set_spending_limit(unit=cast.province, alone_up_to_vnd=900, by=top)
    assert (limit(cast.here), limit(cast.branch)) == (900, 900)
    set_spending_limit(unit=cast.here, alone_up_to_vnd=700, by=cast.chair)
    set_spending_limit(unit=cast.here, alone_up_to_vnd=800, by=cast.chair)
    assert [limit(unit) for unit in (cast.province, cast.here, cast.branch, cast.elsewhere)] == [900, 800, 800, 900]


@pytest.mark.parametrize(
    "sql", ["UPDATE funds_spendinglimit SET alone_up_to_vnd = 5", "DELETE FROM funds_spendinglimit"]
)
def test_limits_are_never_changed_afterwards(cast, sql):
    set_spending_limit(unit=cast.here, alone_up_to_vnd=700, by=cast.chair)
    with refused("spending_limit_kept"):
        run(sql)


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount_vnd": 300_001},
        {"occurred_on": "2024-06-04"},
        {"pot": "goods"},
        {"kind": "shortage"},
    ],
)
def test_the_books_hold_exactly_what_was_prepared(facts, fund, wrong):
    number = voucher(**facts | wrong)
    moved = spend(fund)
    with refused("voucher_booked"):
        decide(number, state="booked", posted_id=moved, decided_by_id=a_hand("approves").pk)
    decide_rightly = voucher(**facts)
    decide(decide_rightly, state="booked", posted_id=moved, decided_by_id=a_hand("approves").pk)


def test_what_was_prepared_does_not_change(facts):
    number = voucher(**facts)
    connection.check_constraints()
    with refused("voucher_settled"):
        decide(number, amount_vnd=1)
    for sql in ("DELETE FROM funds_voucher", "TRUNCATE funds_voucher CASCADE"):
        with refused("voucher_kept"):
            run(sql)


@pytest.mark.parametrize("state", ["booked", "sent", "confirmed", "returned", "reversed", "prepared"])
def test_what_was_refused_stays_refused(facts, state):
    number = voucher(**facts | {"state": "refused", "decided_by_id": a_hand("approves").pk, "reason": "Trùng"})
    with refused("voucher_steps"):
        decide(number, state=state)


# In transit


@pytest.fixture
def sent(facts, fund, there):
    """300.000 on their way to another unit."""
    number = voucher(**facts | {"kind": "transfer", "target_fund_id": there.pk})
    moved = post(account(fund), account(fund, TRANSIT), 300_000, "sending", with_voucher=False)
    decide(number, state="sent", posted_id=moved, decided_by_id=a_hand("approves").pk)
    connection.check_constraints()
    return Voucher.unscoped.get(pk=number)


def settle(sent, moved, state="confirmed", by="receives", **said):
    decide(
        sent.pk,
        **{
            "state": state,
            "settled_id": moved,
            "settled_on": DAY,
            "settled_by_id": a_hand(by).pk,
            "reason": "x",
            **said,
        },
    )


def test_what_is_in_transit_is_available_to_nobody_and_in_the_total(fund, there, sent):
    assert (balance_vnd(fund), balance_vnd(fund, TRANSIT), balance_vnd(there)) == (700_000, 300_000, 0)


def test_between_units_money_does_not_go_straight(fund, there):
    with refused("movement_transfer_confirmed"):
        post(account(fund), account(there), 1_000, "transfer", with_voucher=False)


def test_money_does_not_go_into_transit_or_out_of_it_by_itself(fund, there, sent):
    with refused("movement_with_voucher"):
        post(account(fund), account(fund, TRANSIT), 1_000, "sending", with_voucher=False)
    with refused("movement_with_voucher"):
        post(account(fund, TRANSIT), account(there), 300_000, "transfer", with_voucher=False)


def test_both_sides_of_a_transfer_are_equal(fund, there, sent):
    with refused("transit_matches_vouchers"):
        settle(sent, post(account(fund, TRANSIT), account(there), 299_999, "transfer", with_voucher=False))
    settle(sent, post(account(fund, TRANSIT), account(there), 300_000, "transfer", with_voucher=False))
    connection.check_constraints()
    assert (balance_vnd(fund, TRANSIT), balance_vnd(there)) == (0, 300_000)


def test_it_arrives_in_the_fund_it_was_sent_to(cast, fund, there, sent):
    other = make_fund(cast.elsewhere, "Quỹ khác nơi nhận")
    with refused("voucher_booked"):
        settle(sent, post(account(fund, TRANSIT), account(other), 300_000, "transfer", with_voucher=False))


def test_who_sent_does_not_confirm(fund, there, sent):
    for by in ("prepares", "approves"):
        with refused("voucher_confirmed_by_another"):
            settle(sent, post(account(fund, TRANSIT), account(there), 300_000, "transfer", with_voucher=False), by=by)


def test_what_comes_back_is_whole_and_says_why(fund, sent):
    with refused("voucher_refusal_has_reason"):
        moved = post(account(fund, TRANSIT), account(fund), 300_000, "returned", with_voucher=False)
        settle(sent, moved, "returned", reason="")
    settle(sent, post(account(fund, TRANSIT), account(fund), 300_000, "returned", with_voucher=False), "returned")
    connection.check_constraints()
    assert (balance_vnd(fund), balance_vnd(fund, TRANSIT)) == (1_000_000, 0)


def test_a_fund_with_money_in_transit_does_not_close(fund, sent):
    with refused("fund_empty_to_close"):
        run("UPDATE funds_fund SET closed_on = %s WHERE id = %s", ["2024-06-04", fund.pk])


def test_goods_and_money_in_transit_are_apart(fund, sent):
    assert balance_vnd(fund, TRANSIT, Pot.GOODS) == 0
    with refused("movement_same_pot"):
        post(account(fund, TRANSIT), account(fund, FREE, Pot.GOODS), 1_000, "returned", with_voucher=False)
