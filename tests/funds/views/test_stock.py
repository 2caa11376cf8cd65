"""Goods in stock on the pages."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import translation

from funds.actions import issue_goods, record_donation
from funds.models import Stock, StockItem
from tests.cast import make_fund
from tests.funds.raw import DAY


@pytest.fixture(autouse=True)
def in_english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    with translation.override("en"):
        yield


def receive(cast, fund, donor, what="Xe đạp", quantity=20):
    record_donation(
        unit=cast.here,
        fund=fund,
        donor=donor,
        received_on=DAY,
        form="in_kind",
        amount_vnd=quantity * 25_000,
        lines=[{"what": what, "quantity": Decimal(quantity), "measure": "chiếc", "unit_value_vnd": 25_000}],
        by=cast.clerk,
    )
    return StockItem.unscoped.get(name=what)


@pytest.fixture
def bicycles(cast, fund, donor):
    return receive(cast, fund, donor)


def test_goods_stand_beside_the_money(client, cast, bicycles):
    client.force_login(cast.cashier)
    page = client.get(reverse("funds:stock-list"))
    assert page.context["figures"] == [
        ("Goods, at their stated value", "500,000 đồng"),
        ("Beside: money in the same funds", "1,000,000 đồng"),
    ]
    row = page.context["page"].rows[0]
    assert (row.in_quantity, row.out_quantity, row.issued_quantity, row.left_quantity, row.left_vnd) == (
        20,
        0,
        0,
        20,
        500_000,
    )


def test_a_lot_is_issued_and_taken_back(client, cast, bicycles):
    client.force_login(cast.cashier)
    address = reverse("funds:stock-issue", args=[bicycles.pk])
    typed = {
        "unit": cast.here.code,
        "idempotency_key": str(uuid4()),
        "issued_on": "3/6/2024",
        "unit_code": cast.branch.code,
        "quantity": "8",
    }
    for _twice in range(2):
        assert client.post(address, typed)["Location"] == reverse("funds:stock-detail", args=[bicycles.pk])
    page = client.get(reverse("funds:stock-detail", args=[bicycles.pk]))
    assert [(stock.holder, stock.quantity) for stock in page.context["holdings"]] == [(None, 12), (cast.branch, 8)]
    back = typed | {"is_return": "on", "quantity": "2,5", "idempotency_key": str(uuid4())}
    assert client.post(address, back).status_code == 302
    assert Stock.objects.get(item=bicycles, holder=cast.branch).quantity == Decimal("5.5")


@pytest.mark.parametrize(
    ("wrong", "errors"),
    [
        ({"quantity": "21"}, {"quantity": ["Only 20 chiếc of these goods are there. Lower the quantity."]}),
        ({"quantity": "mười"}, {"quantity": ["“mười” is not a quantity. Write for example 120 or 2,5."]}),
        ({"quantity": "0"}, {"quantity": ["Write a quantity above zero."]}),
        ({"unit_code": "U-0"}, {"unit_code": ["Choose the unit from the list."]}),
    ],
)
def test_a_lot_that_cannot_be_is_refused_and_what_was_typed_stays(client, cast, bicycles, wrong, errors):
    client.force_login(cast.cashier)
    typed = {"idempotency_key": str(uuid4()), "issued_on": "3/6/2024", "unit_code": cast.branch.code, "quantity": "1"}
    page = client.post(reverse("funds:stock-issue", args=[bicycles.pk]), typed | wrong)
    assert page.context["form"].errors == errors
    assert page.context["form"]["issued_on"].value() == "3/6/2024"
    assert not Stock.objects.filter(holder=cast.branch).exists()


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("stock-list", 8), ("stock-detail", 10)])
def test_pages_cost_the_same_however_much_there_is(
    client, cast, fund, donor, name, queries, count, django_assert_num_queries
):
    for n in range(count):
        item = receive(cast, fund, donor, what=f"Loại {n}")
        issue_goods(item=item, unit=cast.branch, quantity=Decimal(n + 1), on=DAY, by=cast.cashier)
    for _again in range(count - 1):
        receive(cast, fund, donor, what="Loại 0")
    client.force_login(cast.cashier)
    args = [StockItem.unscoped.get(name="Loại 0").pk] if name == "stock-detail" else []
    with django_assert_num_queries(queries):
        assert client.get(reverse(f"funds:{name}", args=args)).status_code == 200


def test_another_commune_s_goods_do_not_exist(client, cast, donor, bicycles):
    make_fund(cast.elsewhere)
    client.force_login(cast.outsider)
    assert client.get(reverse("funds:stock-list")).context["page"].rows == []
    for name in ("stock-detail", "stock-issue"):
        assert client.get(reverse(f"funds:{name}", args=[bicycles.pk])).status_code == 404
