"""Funds, transfers and other movements through the pages."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import translation

from funds.actions import (
    approve_voucher,
    commit_money,
    confirm_transfer,
    prepare_voucher,
    return_transfer,
    set_spending_limit,
)
from funds.models import AccountKind, Fund, Movement, MovementKind
from tests.cast import a_hand, balance_vnd, make_expense, make_fund
from tests.funds.raw import DAY


@pytest.fixture(autouse=True)
def in_english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def page(client, cast):
    client.force_login(cast.accountant)
    return client


def test_a_fund_is_opened(page, cast):
    typed = {
        "unit": cast.here.code,
        "name": "Quỹ mới",
        "code": "QKH-9",
        "legal_status": "internal",
        "opened_on": "3/6/2024",
    }
    answer = page.post(reverse("funds:fund-add"), typed)
    fund = Fund.unscoped.get(code="QKH-9")
    assert answer["Location"] == reverse("funds:fund-detail", args=[fund.pk])
    assert (fund.unit, fund.opened_on) == (cast.here, DAY)
    again = page.post(reverse("funds:fund-add"), typed)
    assert again.context["form"].errors == {"code": ["Fund with this Code already exists."]}


def test_two_people_who_edit_one_fund_do_not_overwrite_each_other(page, cast, fund):
    address = reverse("funds:fund-edit", args=[fund.pk])
    typed = {"name": "Quỹ một", "legal_status": "internal", "opened_on": "1/1/2000", "revision": "1"}
    assert page.get(address).context["form"]["revision"].value() == 1
    page.post(address, typed)
    late = page.post(address, typed | {"name": "Quỹ hai"})
    assert late.context["form"].non_field_errors() == [
        "Someone else saved this form meanwhile. Open it again to see what changed, then enter yours."
    ]
    assert late.context["form"]["name"].value() == "Quỹ hai"
    assert Fund.unscoped.get(pk=fund.pk).name == "Quỹ một"


def test_a_fund_that_holds_money_does_not_close(page, fund):
    answer = page.post(reverse("funds:fund-close", args=[fund.pk]), {"closed_on": "3/6/2024"})
    assert answer.context["form"].errors == {
        "closed_on": ["The fund still holds money or goods. Pass on what is left, then close it."]
    }


@pytest.fixture
def alone(cast):
    """Small entries need one person only."""
    set_spending_limit(unit=cast.here, alone_up_to_vnd=1_000_000, by=cast.chair)


@pytest.fixture
def transfer(fund, cast):
    return {
        "idempotency_key": str(uuid4()),
        "occurred_on": "3/6/2024",
        "source": str(fund.pk),
        "target": str(make_fund(cast.branch, "Quỹ chi hội").pk),
        "pot": "cash",
        "amount_vnd": "400.000",
    }


def test_money_is_sent_once(page, fund, transfer, alone):
    for _ in range(2):
        page.post(reverse("funds:transfer-add"), transfer)
    assert (balance_vnd(fund), balance_vnd(fund, AccountKind.TRANSIT)) == (600_000, 400_000)


def test_a_transfer_of_more_than_there_is_says_what_is_left(page, fund, transfer):
    answer = page.post(reverse("funds:transfer-add"), transfer | {"amount_vnd": "15 triệu"})
    assert answer.context["form"].errors == {
        "amount_vnd": [
            "The fund holds only 1,000,000 đồng, not enough for 15,000,000 đồng. "
            "Lower the amount or choose another fund."
        ]
    }
    assert balance_vnd(fund) == 1_000_000


def test_funds_out_of_reach_cannot_be_chosen(page, cast, transfer):
    elsewhere = make_fund(cast.elsewhere, "Quỹ xã khác")
    answer = page.post(reverse("funds:transfer-add"), transfer | {"target": str(elsewhere.pk)})
    assert answer.context["form"].errors == {"target": ["Choose the fund from the list."]}
    assert "Quỹ xã khác" not in page.get(reverse("funds:fund-search"), {"q": "quy"}).content.decode()


def test_the_fund_field_finds_by_fund_and_by_unit(page, cast, fund):
    make_fund(cast.branch, "Quỹ chi hội")
    found = page.get(reverse("funds:fund-search"), {"q": "chi hoi khu"}).content.decode()
    assert found.count('role="option"') == 1
    assert "Quỹ chi hội · Chi hội khu 1" in found


@pytest.mark.parametrize(("kind", "left"), [("expense", 900_000), ("interest", 1_100_000), ("opening", 1_100_000)])
def test_other_movements_are_recorded(page, fund, alone, kind, left):
    typed = {
        "idempotency_key": str(uuid4()),
        "kind": kind,
        "occurred_on": "3/6/2024",
        "pot": "cash",
        "amount_vnd": "100000",
    }
    page.post(reverse("funds:entry-add", args=[fund.pk]), typed)
    assert Movement.objects.filter(occurred_on=DAY, kind=kind).count() == 1
    assert balance_vnd(fund) == left


def test_the_fund_book_of_a_period_adds_up(page, cast, fund):
    make_expense(fund, 100_000, date(2024, 3, 1))
    make_expense(fund, 50_000, DAY)
    commit_money(fund=fund, pot="cash", amount_vnd=300_000, occurred_on=DAY, by=cast.chair)
    shown = page.get(reverse("funds:fund-detail", args=[fund.pk]), {"period": "2024-Q2"}).context
    flows = shown["flows"]
    assert (flows.opening_vnd, flows.in_vnd, flows.out_vnd, flows.closing_vnd) == (900_000, 0, 50_000, 850_000)
    assert (flows.committed_vnd, flows.available_vnd) == (300_000, 550_000)
    assert [(row.kind, row.in_vnd, row.out_vnd, row.set_aside_vnd) for row in shown["page"].rows] == [
        (MovementKind.COMMITMENT, 0, 0, 300_000),
        (MovementKind.EXPENSE, 0, 50_000, 0),
    ]


def test_the_fund_book_shows_what_is_on_its_way_and_leads_to_its_voucher(page, cast, fund):
    target = make_fund(cast.branch, "Quỹ chi hội")
    facts: Any = {"kind": "transfer", "fund": fund, "target_fund": target, "occurred_on": DAY, "by": cast.accountant}
    prepared = [prepare_voucher(amount_vnd=amount_vnd, **facts) for amount_vnd in (70_000, 20_000, 5_000)]
    sent, arrived, back = (approve_voucher(voucher=voucher, by=cast.chair) for voucher in prepared)
    confirm_transfer(voucher=arrived, on=DAY, by=a_hand("receives"))
    return_transfer(voucher=back, reason="Nhầm quỹ", on=DAY, by=a_hand("receives"))
    shown = page.get(reverse("funds:fund-detail", args=[fund.pk]), {"period": "2024-Q2"}).context
    rows = [(row.kind, row.in_vnd, row.out_vnd, row.transit_vnd) for row in shown["page"].rows]
    assert rows == [
        (MovementKind.RETURNED, 0, 0, -5_000),
        (MovementKind.TRANSFER, 0, 20_000, -20_000),
        (MovementKind.SENDING, 0, 0, 5_000),
        (MovementKind.SENDING, 0, 0, 20_000),
        (MovementKind.SENDING, 0, 0, 70_000),
    ]
    assert shown["flows"].transit_vnd == sum(row[3] for row in rows)
    cells = [str(row.get_cell("what")) for row in shown["table"].rows]
    for cell, voucher in zip(cells, (back, arrived, back, arrived, sent), strict=True):
        assert f'href="{reverse("funds:voucher-detail", args=[voucher.pk])}"' in cell
        assert "Quỹ chi hội" in cell


def test_an_approval_speaks_of_transit_only_where_money_is_sent(page, client, cast, fund):
    facts: Any = {"fund": fund, "amount_vnd": 70_000, "occurred_on": DAY, "by": cast.accountant}
    plain = prepare_voucher(kind="expense", **facts)
    own = prepare_voucher(kind="transfer", target_fund=make_fund(cast.here, "Quỹ hai"), **facts)
    sent = prepare_voucher(kind="transfer", target_fund=make_fund(cast.branch, "Quỹ chi hội"), **facts)
    client.force_login(cast.chair)
    said = [
        client.get(reverse("funds:voucher-approve", args=[voucher.pk])).context["consequence"]
        for voucher in (plain, own, sent)
    ]
    assert said == [
        "It then stands in the books.",
        "It then stands in the books.",
        "It is then in transit, until the unit of “Quỹ chi hội” confirms that it has arrived.",
    ]


@pytest.mark.parametrize("period", ["nonsense", "2024-Q9"])
def test_a_misspelt_period_is_not_found(page, fund, period):
    assert page.get(reverse("funds:overview"), {"period": period}).status_code == 404


def test_the_overview_shows_own_funds_and_what_came_below(page, cast, fund):
    make_fund(cast.branch, "Quỹ chi hội", holds_vnd=5)
    shown = page.get(reverse("funds:overview"), {"period": "2000"}).context
    assert [(fund.name, flows.closing_vnd) for fund, flows in shown["lines"]] == [("Quỹ khuyến học xã", 1_000_000)]


def test_funds_are_sorted_by_what_they_hold(page, cast, fund):
    small = make_fund(cast.branch, "Aa", holds_vnd=5)
    for sort, expected in (("held_vnd", [small, fund]), ("-held_vnd", [fund, small]), ("name", [small, fund])):
        assert page.get(reverse("funds:fund-list"), {"sort": sort}).context["page"].rows == expected
