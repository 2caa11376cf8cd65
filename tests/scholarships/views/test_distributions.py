"""Recording and voiding a distribution through the pages."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from funds.actions import issue_goods, record_donation
from funds.models import AccountKind, DonationForm, Pot, Stock, StockItem
from scholarships.models import Distribution
from tests.cast import balance_vnd, make_donor, make_fund
from tests.scholarships.rows import HELD, hand_out, make_approved, make_award

ADD = "/trao-tang/dot-trao/ghi-nhan/"


@pytest.fixture
def page(client, cast):
    client.force_login(cast.cashier)
    return client


@pytest.fixture
def address(round_):
    return f"{ADD}?round={round_.pk}"


@pytest.fixture
def typed(approved):
    return {
        "idempotency_key": str(uuid4()),
        "held_on": "5/2/2024",
        "venue": "Nhà văn hóa xã",
        "document": "DS 7",
        f"count_{approved.pk}": "4",
    }


def test_a_distribution_is_recorded_as_typed(page, cast, fund, round_, approved, address, typed):
    answer = page.post(address, typed)
    held = Distribution.unscoped.get()
    assert answer["Location"] == reverse("scholarships:distribution-detail", args=[held.pk])
    assert (held.round, held.held_on, held.venue, held.document, held.recorded_by) == (
        round_,
        date(2024, 2, 5),
        "Nhà văn hóa xã",
        "DS 7",
        cast.cashier,
    )
    assert list(held.lines.values_list("award", "count", "value_vnd")) == [(approved.pk, 4, 400_000)]
    assert (balance_vnd(fund), balance_vnd(fund, AccountKind.COMMITTED)) == (9_000_000, 600_000)


def test_the_same_form_sent_twice_hands_out_once(page, address, typed):
    first, second = page.post(address, typed), page.post(address, typed)
    assert first["Location"] == second["Location"]
    assert Distribution.unscoped.count() == 1


def test_the_lines_hold_what_is_left(page, round_, approved, address):
    make_award(round_)
    hand_out(round_, (approved, 4))
    rows = page.get(address).context["form"].rows
    assert [(award.pk, field.value()) for award, field in rows] == [(approved.pk, 6)]


def test_the_lines_of_one_receiving_unit_can_be_had(page, cast, round_, approved, address):
    below = make_approved(round_, unit=cast.branch)
    rows = page.get(f"{address}&to={cast.branch.code}").context["form"].rows
    assert [award.pk for award, _field in rows] == [below.pk]
    assert page.get(f"{address}&to={cast.elsewhere.code}").status_code == 404


def test_a_mistake_is_said_at_its_field_and_nothing_typed_is_lost(page, approved, address, typed):
    number = f"count_{approved.pk}"
    form = page.post(address, typed | {number: "11", "held_on": "nay mai"}).context["form"]
    assert set(form.errors) == {number, "held_on"}
    assert form.errors[number] == ["Only 10 are left to hand out. Lower the number."]
    assert (form[number].value(), form["venue"].value(), form["held_on"].value()) == ("11", "Nhà văn hóa xã", "nay mai")


def test_what_somebody_else_handed_out_meanwhile_is_said_at_its_line(page, round_, approved, address, typed):
    hand_out(round_, (approved, 10))
    form = page.post(address, typed).context["form"]
    assert form.errors == {f"count_{approved.pk}": ["Only 0 are left to hand out. Lower the number."]}
    assert Distribution.unscoped.count() == 1


def test_nothing_handed_out_is_no_distribution(page, approved, address, typed):
    form = page.post(address, typed | {f"count_{approved.pk}": "0"}).context["form"]
    assert form.non_field_errors() == ["Write of at least one award how many were handed out."]


def test_a_date_before_the_round_is_refused_at_its_field(page, address, typed):
    form = page.post(address, typed | {"held_on": "1/1/2024"}).context["form"]
    assert list(form.errors) == ["held_on"]
    assert Distribution.unscoped.count() == 0


def test_only_rounds_with_something_left_are_offered(page, round_, approved):
    assert list(page.get(ADD).context["page"].rows) == [round_]
    hand_out(round_, (approved, 10))
    assert list(page.get(ADD).context["page"].rows) == []


def test_a_distribution_is_voided_with_its_reason(client, cast, fund, distribution):
    client.force_login(cast.accountant)
    address = reverse("scholarships:distribution-void", args=[distribution.pk])
    early = client.post(address, {"reason": "Nhầm đợt", "on": "1/2/2024"})
    assert early.context["form"].errors == {"on": ["It was held on 05/02/2024. Choose that day or a later one."]}
    assert client.post(address, {"reason": "Nhầm đợt", "on": "6/2/2024"}).status_code == 302
    distribution.refresh_from_db()
    assert (distribution.voided_on, distribution.void_reason) == (date(2024, 2, 6), "Nhầm đợt")
    assert balance_vnd(fund, AccountKind.COMMITTED) == 1_000_000
    again = client.post(address, {"reason": "Nhầm đợt", "on": "6/2/2024"})
    assert again.context["form"].non_field_errors() == ["This distribution was voided already, on 06/02/2024."]


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ({}, 1),
        ({"q": "nha van hoa"}, 1),
        ({"q": "khac"}, 0),
        ({"period": "2024-H1"}, 1),
        ({"period": "2024-H2"}, 0),
        ({"period": "nonsense"}, 1),
        ({"state": "voided"}, 0),
    ],
)
def test_the_list_is_narrowed_by_what_is_asked(page, distribution, asked, count):
    assert len(page.get("/trao-tang/dot-trao/", asked).context["page"].rows) == count


def test_the_list_of_a_unit_shows_what_it_received_whoever_held_it(page, cast, round_):
    own, below = make_approved(round_), make_approved(round_, unit=cast.branch)
    hand_out(round_, (own, 2), (below, 3), on=HELD)

    def given(code: str) -> list[tuple[int, int]]:
        rows = page.get("/trao-tang/dot-trao/", {"unit": code}).context["page"].rows
        return [(row.given_count, row.given_vnd) for row in rows]

    assert (given(cast.here.code), given(cast.branch.code)) == ([(5, 500_000)], [(3, 300_000)])


# Which goods


@pytest.fixture
def store(cast, fund):
    """Goods of ``fund``, by name and holder: 20 bicycles, five of them with the branch; 100 satchels."""
    lines = [
        {"what": "Xe đạp", "quantity": Decimal(20), "measure": "chiếc", "unit_value_vnd": 2_000_000},
        {"what": "Cặp sách", "quantity": Decimal(100), "measure": "chiếc", "unit_value_vnd": 100_000},
    ]
    facts: Any = {
        "received_on": date(2024, 1, 2),
        "form": DonationForm.IN_KIND,
        "amount_vnd": 50_000_000,
        "lines": lines,
    }
    record_donation(unit=cast.here, fund=fund, donor=make_donor(cast.here), by=cast.clerk, **facts)
    bicycles = StockItem.unscoped.get(name="Xe đạp")
    issue_goods(item=bicycles, unit=cast.branch, quantity=Decimal(5), on=HELD, by=cast.accountant)
    return {(stock.item.name, stock.holder): stock for stock in Stock.objects.select_related("item", "holder")}


@pytest.fixture
def bicycles(cast, round_, store):
    return make_approved(round_, unit=cast.branch, pot=Pot.GOODS, count=4, unit_value_vnd=2_000_000)


def test_goods_are_offered_only_for_awards_in_goods_those_with_the_receiver_first(
    page, cast, round_, approved, store, address
):
    def offered():
        rows = page.get(address).context["form"].goods_rows
        return [(stock.item.name, stock.holder, stock.quantity, stock.one_vnd) for stock, _field in rows]

    in_store = [("Cặp sách", None, 100, 100_000), ("Xe đạp", None, 15, 2_000_000)]
    at_branch = ("Xe đạp", cast.branch, 5, 2_000_000)
    assert offered() == []
    make_approved(round_, pot=Pot.GOODS, count=1, unit_value_vnd=2_000_000)
    assert offered() == [*in_store, at_branch]
    make_approved(round_, unit=cast.branch, pot=Pot.GOODS, count=4, unit_value_vnd=2_000_000)
    assert offered() == [at_branch, *in_store]


def test_the_goods_typed_are_handed_out_and_shown(page, cast, bicycles, store, address, typed):
    stock = store["Xe đạp", cast.branch]
    said = typed | {f"count_{bicycles.pk}": "3", f"goods_{stock.pk}": "3", f"goods_{store['Xe đạp', None].pk}": ""}
    answer = page.post(address, said, follow=True)
    shown = [(entry.item.name, entry.holder, entry.taken, entry.worth_vnd) for entry in answer.context["goods"]]
    assert shown == [("Xe đạp", cast.branch, 3, 6_000_000)]
    stock.refresh_from_db()
    assert stock.quantity == 2


def test_without_quantities_goods_of_the_value_are_handed_out(page, bicycles, store, address, typed):
    answer = page.post(address, typed | {f"count_{bicycles.pk}": "3"}, follow=True)
    assert [(entry.item.name, entry.holder, entry.taken) for entry in answer.context["goods"]] == [
        ("Cặp sách", None, 60)
    ]


def test_more_goods_than_there_are_are_refused_at_the_field_and_stay_typed(page, cast, bicycles, store, address, typed):
    field = f"goods_{store['Xe đạp', cast.branch].pk}"
    form = page.post(address, typed | {f"count_{bicycles.pk}": "4", field: "6"}).context["form"]
    assert form.errors == {field: ["Only 5 chiếc of these goods are there. Lower the quantity."]}
    assert form[field].value() == "6"
    worth = page.post(address, typed | {f"count_{bicycles.pk}": "4", field: "1"}).context["form"]
    assert worth.non_field_errors()[0].startswith("The goods chosen stand in the books for 2,000,000 đồng, but")
    assert Distribution.unscoped.count() == 0


def test_what_is_shown_of_a_stock_means_all_of_it(page, round_, store, address, typed):
    third, rest = (
        make_approved(round_, pot=Pot.GOODS, count=1, unit_value_vnd=value_vnd) for value_vnd in (333_333, 9_666_667)
    )
    page.post(address, typed | {f"count_{third.pk}": "1"})
    satchels = store["Cặp sách", None]
    satchels.refresh_from_db()
    assert satchels.quantity == Decimal("96.66667")
    said = {"idempotency_key": str(uuid4()), f"count_{rest.pk}": "1", f"goods_{satchels.pk}": "96,667"}
    page.post(address, typed | said)
    satchels.refresh_from_db()
    assert (satchels.quantity, satchels.value_vnd) == (Decimal(0), 0)


def test_goods_of_another_fund_are_not_taken(page, cast, bicycles, store, address, typed):
    other = make_fund(cast.here, "Quỹ Vì em")
    facts: Any = {"received_on": date(2024, 1, 2), "form": DonationForm.IN_KIND, "amount_vnd": 1_000, "goods": "Gạo"}
    record_donation(unit=cast.here, fund=other, donor=make_donor(cast.here), by=cast.clerk, **facts)
    foreign = Stock.objects.get(item__fund=other)
    page.post(address, typed | {f"count_{bicycles.pk}": "3", f"goods_{foreign.pk}": "1"})
    foreign.refresh_from_db()
    taken = store["Cặp sách", None].item.entries.filter(kind="out").count()
    assert (foreign.quantity, taken) == (Decimal(1), 1)


@pytest.mark.parametrize("kinds", [1, 3])
def test_the_form_asks_the_same_however_many_goods(
    page, cast, fund, bicycles, address, kinds, django_assert_num_queries
):
    for number in range(kinds):
        facts: Any = {"received_on": HELD, "form": DonationForm.IN_KIND, "amount_vnd": 1_000, "goods": f"Thứ {number}"}
        record_donation(unit=cast.here, fund=fund, donor=make_donor(cast.here), by=cast.clerk, **facts)
    page.get(address)
    with django_assert_num_queries(9):
        form = page.get(address).context["form"]
    assert len(form.goods_rows) == 3 + kinds
