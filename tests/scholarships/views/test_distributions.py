"""Recording and voiding a distribution through the pages."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from django.urls import reverse

from funds.models import AccountKind
from scholarships.models import Distribution
from tests.cast import balance_vnd
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
