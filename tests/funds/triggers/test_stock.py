"""The rules of goods in stock, broken by hand in SQL; and that the stock says what the ledger says."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from funds import rollups
from funds.models import AccountKind, Pot, Stock, StockEntry, StockItem
from hkh.core.dates import today
from tests.cast import account, make_fund, outside
from tests.funds.raw import DAY, book, commit_now, give, insert, post, refused, reverse, run, void
from tests.funds.triggers.test_closings import Q2_ENDS, close


@pytest.fixture
def bicycles(cast, fund, donor):
    """Twenty bicycles at 25,000 đồng in the store of ``fund``; the item."""
    donation = give(
        unit=cast.here.pk, donor=donor.pk, fund=fund.pk, amount_vnd=500_000, form="in_kind", goods="20 xe đạp"
    )
    book(donation)
    row = {"donation_id": donation.pk, "what": "Xe đạp", "quantity": 20, "measure": "chiếc"}
    insert("funds_goodsline", row | {"unit_value_vnd": 25_000, "value_vnd": 500_000, "valuation": "donor"})
    commit_now()
    return StockItem.unscoped.get()


def left(item, holder=None):
    stock = Stock.objects.filter(item=item, holder=holder).first()
    return (stock.quantity, stock.value_vnd) if stock else (0, 0)


def lot(item, unit, quantity, **facts):
    row = {"item_id": item.pk, "unit_id": unit.pk, "quantity": quantity, "issued_on": DAY, "is_return": False, **facts}
    columns, marks = ", ".join(row), ", ".join(["%s"] * len(row))
    sql = f"INSERT INTO funds_goodsissue ({columns}, idempotency_key) VALUES ({marks}, gen_random_uuid()) RETURNING id"
    return run(sql, list(row.values()))[0][0]


def spend(fund, amount_vnd, **facts):
    return post(
        account(fund, pot=Pot.GOODS), outside(AccountKind.RECIPIENTS, Pot.GOODS), amount_vnd, "expense", **facts
    )


def test_a_gift_of_goods_comes_into_the_store(bicycles):
    assert (bicycles.name, bicycles.measure, left(bicycles)) == ("Xe đạp", "chiếc", (20, 500_000))
    assert rollups.check() == []


def test_goods_without_lines_are_one_lot(cast, fund, donor):
    book(give(unit=cast.here.pk, donor=donor.pk, fund=fund.pk, form="in_kind", goods="Gạo, mì"))
    commit_now()
    item = StockItem.unscoped.get()
    assert (item.name, item.measure, left(item)) == ("Gạo, mì", "lô", (1, 500_000))


def test_the_same_goods_again_are_the_same_item(cast, fund, donor, bicycles):
    donation = give(unit=cast.here.pk, donor=donor.pk, fund=fund.pk, amount_vnd=60_000, form="in_kind", goods="xe")
    book(donation)
    row = {"donation_id": donation.pk, "what": "XE  ĐẠP", "quantity": 2, "measure": "Chiếc"}
    insert("funds_goodsline", row | {"unit_value_vnd": 30_000, "value_vnd": 60_000, "valuation": "donor"})
    commit_now()
    assert left(StockItem.unscoped.get()) == (22, 560_000)


def test_what_leaves_the_ledger_leaves_the_store(fund, bicycles):
    spend(fund, 75_000)
    commit_now()
    assert left(bicycles) == (17, 425_000)
    assert rollups.check() == []


def test_what_is_reversed_comes_back_to_the_piece(fund, bicycles):
    spent = spend(fund, 75_000)
    commit_now()
    reverse(spent)
    commit_now()
    assert left(bicycles) == (20, 500_000)
    assert rollups.check() == []


def test_a_voided_gift_leaves_the_store(fund, bicycles):
    donation = bicycles.entries.get().movement.donation
    void(donation)
    reverse(donation.movements.get().pk)
    commit_now()
    assert left(bicycles) == (0, 0)


def test_goods_passed_on_stand_in_the_other_fund(cast, fund, bicycles):
    other = make_fund(cast.here)
    post(account(fund, pot=Pot.GOODS), account(other, pot=Pot.GOODS), 100_000, "transfer")
    commit_now()
    assert left(bicycles) == (16, 400_000)
    assert left(StockItem.unscoped.get(fund=other)) == (4, 100_000)
    assert rollups.check() == []


def test_goods_brought_forward_are_one_lot(fund):
    post(outside(AccountKind.OPENING, Pot.GOODS), account(fund, pot=Pot.GOODS), 300_000, "opening")
    commit_now()
    assert left(StockItem.unscoped.get()) == (1, 300_000)


def test_setting_goods_aside_moves_nothing_in_the_store(fund, bicycles):
    free, committed = (account(fund, kind, Pot.GOODS) for kind in (AccountKind.FREE, AccountKind.COMMITTED))
    post(free, committed, 50_000, "commitment")
    post(committed, free, 50_000, "release")
    commit_now()
    assert StockEntry.objects.count() == 1


def test_whole_pieces_go_first(cast, fund, donor, bicycles):
    book(give(unit=cast.here.pk, donor=donor.pk, fund=fund.pk, amount_vnd=70_000, form="in_kind", goods="Gạo"))
    commit_now()
    spend(fund, 70_000)
    commit_now()
    assert left(bicycles) == (20, 500_000)


# Lots


def test_a_lot_goes_to_a_unit_and_stays_the_fund_s(cast, fund, bicycles):
    lot(bicycles, cast.branch, 8)
    assert (left(bicycles), left(bicycles, cast.branch)) == ((12, 300_000), (8, 200_000))
    lot(bicycles, cast.branch, 3, is_return=True)
    assert (left(bicycles), left(bicycles, cast.branch)) == ((15, 375_000), (5, 125_000))
    assert rollups.check() == []


def test_the_store_is_emptied_before_the_lots(cast, fund, bicycles):
    lot(bicycles, cast.branch, 15)
    spend(fund, 200_000)
    commit_now()
    assert (left(bicycles), left(bicycles, cast.branch)) == ((0, 0), (12, 300_000))


@pytest.mark.parametrize("quantity", [21, Decimal("20.001")])
def test_no_more_is_issued_than_there_is(cast, bicycles, quantity):
    with refused("issue_held"):
        lot(bicycles, cast.branch, quantity)


def test_no_more_is_taken_back_than_was_issued(cast, bicycles):
    lot(bicycles, cast.branch, 2)
    with refused("issue_held"):
        lot(bicycles, cast.branch, 3, is_return=True)


def test_a_lot_goes_below_and_not_into_the_future(cast, bicycles):
    for unit in (cast.here, cast.elsewhere, cast.province):
        with refused("issue_to_unit_below"):
            lot(bicycles, unit, 1)
    with refused("issue_to_unit_below"):
        lot(bicycles, cast.branch, 1, issued_on=date(1999, 12, 31))
    with refused("issue_not_in_future"):
        lot(bicycles, cast.branch, 1, issued_on=today() + timedelta(days=2))
    with refused("issue_counts"):
        lot(bicycles, cast.branch, 0)


def test_lots_are_kept(cast, bicycles):
    lot(bicycles, cast.branch, 1)
    for sql in ("UPDATE funds_goodsissue SET quantity = 2", "DELETE FROM funds_goodsissue"):
        with refused("issue_kept"):
            run(sql)


# By hand


def test_nobody_writes_the_stock(bicycles):
    for sql in (
        "UPDATE funds_stock SET quantity = 30",
        "DELETE FROM funds_stock",
        f"INSERT INTO funds_stock (item_id, holder_id, quantity, value_vnd) VALUES ({bicycles.pk}, 1, 0, 0)",
    ):
        with refused("stock_follows"):
            run(sql)


def test_nobody_writes_or_changes_entries(bicycles):
    movement = bicycles.entries.get().movement_id
    with refused("stock_entry_follows"):
        row = {"item_id": bicycles.pk, "kind": "out", "quantity": -1, "value_vnd": -25_000, "occurred_on": DAY}
        insert("funds_stockentry", row | {"movement_id": movement})
    for sql in ("UPDATE funds_stockentry SET quantity = 1", "DELETE FROM funds_stockentry"):
        with refused("stock_entry_kept"):
            run(sql)


def test_a_difference_is_found(bicycles):
    run("ALTER TABLE funds_stock DISABLE TRIGGER USER")
    run("UPDATE funds_stock SET quantity = 19, value_vnd = 499000")
    assert [(one.record, one.expected, one.found) for one in rollups.check()] == [
        ("stock", 500_000, 499_000),
        ("stock.quantity", 20, 19),
        ("stock.value_vnd", 500_000, 499_000),
    ]


def test_a_stock_never_falls_below_nothing(bicycles):
    run("ALTER TABLE funds_stock DISABLE TRIGGER USER")
    for change in ("quantity = -1", "value_vnd = -1", "quantity = 0"):
        with refused("stock_not_negative"):
            run(f"UPDATE funds_stock SET {change}")


def test_no_lot_is_issued_in_a_closed_period(cast, bicycles):
    lot(bicycles, cast.branch, 2)
    close(cast.here)
    with refused("issue_period_closed"):
        lot(bicycles, cast.branch, 2)
    with refused("issue_period_closed"):
        lot(bicycles, cast.branch, 1, is_return=True)
    lot(bicycles, cast.branch, 2, issued_on=Q2_ENDS)
    assert left(bicycles, cast.branch) == (4, 100_000)
