"""The rules of goods chosen for handing out, broken by hand in SQL; and what the store says afterwards."""

from __future__ import annotations

from decimal import ROUND_UP, Decimal
from random import Random

import pytest

from funds import rollups
from funds.models import AccountKind, Movement, Pot, Stock, StockEntry, StockItem
from tests.cast import account, make_fund, outside
from tests.funds.raw import DAY, book, commit_now, give, insert, post, refused, reverse, run
from tests.funds.triggers.test_stock import left, lot


@pytest.fixture
def store(cast, fund, donor):
    """Twenty bicycles at 25,000 đồng and three hundred notebooks at 1,000 in the store of ``fund``, by name."""
    donation = give(
        unit=cast.here.pk, donor=donor.pk, fund=fund.pk, amount_vnd=800_000, form="in_kind", goods="Hai thứ"
    )
    book(donation)
    for what, quantity, one in (("Xe đạp", 20, 25_000), ("Vở", 300, 1_000)):
        row = {"donation_id": donation.pk, "what": what, "quantity": quantity, "measure": "chiếc"}
        insert("funds_goodsline", row | {"unit_value_vnd": one, "value_vnd": quantity * one, "valuation": "donor"})
    commit_now()
    return {item.name: item for item in StockItem.unscoped.all()}


def paid(fund, amount_vnd, *chosen, on=DAY):
    """A payment in goods of what was set aside before, with (item, quantity, holder or nothing) chosen; its id."""
    free, committed = (account(fund, kind, Pot.GOODS) for kind in (AccountKind.FREE, AccountKind.COMMITTED))
    post(free, committed, amount_vnd, "commitment", occurred_on=on)
    number = post(committed, outside(AccountKind.RECIPIENTS, Pot.GOODS), amount_vnd, "payment", occurred_on=on)
    for item, quantity, *holder in chosen:
        choose(number, item, quantity, *holder)
    return number


def choose(movement, item, quantity, holder=None):
    row = {"movement_id": movement, "item_id": item.pk, "quantity": quantity, "holder_id": holder and holder.pk}
    return insert("funds_goodschoice", row)


def test_what_was_chosen_leaves_the_store_and_nothing_else(fund, store):
    paid(fund, 75_000, (store["Vở"], 50), (store["Xe đạp"], 1))
    commit_now()
    assert (left(store["Vở"]), left(store["Xe đạp"])) == ((250, 250_000), (19, 475_000))
    assert rollups.check() == []


def test_prices_that_differ_lie_on_what_is_handed_out_and_the_rest_stays_with_what_is_left(fund, store):
    paid(fund, 60_000, (store["Xe đạp"], 2))
    commit_now()
    assert left(store["Xe đạp"]) == (18, 440_000)
    assert rollups.check() == []


def test_what_a_unit_holds_can_be_chosen(cast, fund, store):
    lot(store["Xe đạp"], cast.branch, 5)
    paid(fund, 50_000, (store["Xe đạp"], 2, cast.branch))
    commit_now()
    assert (left(store["Xe đạp"]), left(store["Xe đạp"], cast.branch)) == ((15, 375_000), (3, 75_000))


def test_all_that_is_left_takes_all_its_value_along(fund, store):
    paid(fund, 510_000, (store["Xe đạp"], 20), (store["Vở"], 12))
    commit_now()
    assert (left(store["Xe đạp"]), left(store["Vở"])) == ((0, 0), (288, 290_000))


def test_taken_back_it_returns_to_the_piece(fund, store):
    number = paid(fund, 75_000, (store["Vở"], 50), (store["Xe đạp"], 1))
    commit_now()
    reverse(number)
    free, committed = (account(fund, kind, Pot.GOODS) for kind in (AccountKind.FREE, AccountKind.COMMITTED))
    post(committed, free, 75_000, "release")
    commit_now()
    assert (left(store["Vở"]), left(store["Xe đạp"])) == ((300, 300_000), (20, 500_000))
    assert rollups.check() == []


def test_without_a_choice_goods_are_drawn_by_value(fund, store):
    paid(fund, 75_000)
    commit_now()
    assert (left(store["Vở"]), left(store["Xe đạp"])) == ((225, 225_000), (20, 500_000))


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_chosen_the_store_says_what_the_ledger_says(cast, fund, store, seed):
    any_of = Random(seed)
    lot(store["Vở"], cast.branch, 120)
    for _turn in range(6):
        there = list(Stock.objects.filter(value_vnd__gt=1_000).order_by("pk"))
        if not there:
            break
        stocks = any_of.sample(there, min(any_of.randint(1, 3), len(there)))
        takes_all = any_of.random() < 0.2
        shares = [1 if takes_all else any_of.uniform(0.01, 0.5) for _stock in stocks]
        chosen = [
            (stock, min(stock.quantity, (stock.quantity * Decimal(share)).quantize(Decimal("0.001"), ROUND_UP)))
            for stock, share in zip(stocks, shares, strict=True)
        ]
        worth_vnd = sum(stock.value_vnd * quantity / stock.quantity for stock, quantity in chosen)
        amount_vnd = round(worth_vnd * (1 if takes_all else Decimal(any_of.uniform(0.8, 1.2))))
        number = paid(fund, amount_vnd, *((stock.item, quantity, stock.holder) for stock, quantity in chosen))
        commit_now()
        entries = StockEntry.objects.filter(movement=number)
        assert {(entry.item_id, entry.holder_id, -entry.quantity) for entry in entries} == {
            (stock.item_id, stock.holder_id, quantity) for stock, quantity in chosen
        }
        assert -sum(entry.value_vnd for entry in entries) == amount_vnd
    assert rollups.check() == []


def test_no_more_is_handed_out_than_there_is(cast, fund, store):
    with refused("goods_choice_held"):
        paid(fund, 525_000, (store["Xe đạp"], 21))
    lot(store["Xe đạp"], cast.branch, 15)
    with refused("goods_choice_held"):
        paid(fund, 150_000, (store["Xe đạp"], 6))
    with refused("goods_choice_held"):
        paid(fund, 1_000, (store["Vở"], 1, cast.branch))
    assert left(store["Xe đạp"]) == (5, 125_000)


@pytest.mark.parametrize(
    ("amount_vnd", "bicycles"),
    [
        (100_000, Decimal("0.5")),  # a slip of the pen
        (100_000, 9),
        (490_000, 20),  # all of them, and some of their worth would stay without goods
        (510_000, 20),
        (480_000, 18),  # two would be left with less than half of their worth
        (430_000, 19),  # one would be left with more than twice its worth
    ],
)
def test_goods_worth_far_more_or_less_are_asked_about(fund, store, amount_vnd, bicycles):
    with refused("goods_choice_worth"):
        paid(fund, amount_vnd, (store["Xe đạp"], bicycles))


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_choice_says_how_many(fund, store, quantity):
    with refused("goods_choice_counts"):
        paid(fund, 25_000, (store["Xe đạp"], quantity))


def test_goods_from_one_place_stand_once(fund, store):
    with refused("goods_choice_once"):
        paid(fund, 50_000, (store["Xe đạp"], 1), (store["Xe đạp"], 1))


def test_only_goods_of_the_fund_that_pays_are_chosen_and_for_payments_alone(cast, fund, donor, store):
    other = make_fund(cast.here, "Quỹ Vì em")
    book(give(unit=cast.here.pk, donor=donor.pk, fund=other.pk, amount_vnd=70_000, form="in_kind", goods="Gạo"))
    commit_now()
    with refused("goods_choice_of_payment"):
        paid(fund, 70_000, (StockItem.unscoped.get(fund=other), 1))
    spent = post(account(fund, pot=Pot.GOODS), outside(AccountKind.RECIPIENTS, Pot.GOODS), 25_000, "expense")
    with refused("goods_choice_of_payment"):
        choose(spent, store["Xe đạp"], 1)


def test_what_was_handed_out_is_chosen_at_once_and_kept(fund, store):
    number = paid(fund, 50_000, (store["Xe đạp"], 2))
    commit_now()
    with refused("goods_choice_in_time"):
        choose(number, store["Vở"], 1)
    for sql in (
        "UPDATE funds_goodschoice SET quantity = 1",
        "DELETE FROM funds_goodschoice",
        "TRUNCATE funds_goodschoice",
    ):
        with refused("goods_choice_kept"):
            run(sql)
    assert Movement.objects.get(pk=number).goods_chosen.get().quantity == 2
