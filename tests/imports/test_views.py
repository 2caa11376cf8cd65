"""The pages of imports: what they show, and that they do not cost more for longer sheets."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from hkh.imports.models import RunState
from tests.cast import Cast, a_province
from tests.imports.sheets import hand_in, told, upload, workbook
from tests.imports.test_runs import HEAD, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return a_province()


@pytest.mark.parametrize("many", [1, 3])
def test_a_preview_costs_the_same_for_longer_sheets(
    cast: Cast, client: Client, many: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rows = [row(cast, f"Người Thứ {n}") for n in range(many)] + [row(cast, "Lỗi", birth="31/2/1960")] * many
    run = hand_in("members", workbook(HEAD, *rows), by=cast.clerk)
    client.force_login(cast.clerk)
    address = reverse("imports:run-detail", args=[run.pk])
    client.get(address)
    with django_assert_num_queries(_PREVIEW):
        response = client.get(address)
    assert [shown.cells[0][1] for shown in response.context["rows"]] == [f"Người Thứ {n}" for n in range(many)]
    assert [cause.count for cause in response.context["causes"]] == [many]


def test_the_preview_names_the_columns_that_do_not_come_in(cast: Cast, client: Client) -> None:
    run = hand_in("members", workbook([*HEAD, "Hoàn cảnh riêng"], [*row(cast), "hộ nghèo"]), by=cast.clerk)
    client.force_login(cast.clerk)
    response = client.get(reverse("imports:run-detail", args=[run.pk]))
    assert response.context["left_out"] == ["Hoàn cảnh riêng"]
    assert "Hoàn cảnh riêng" in response.content.decode()


#: Session, account, run, two looks for the rows, the rows, savepoints around them, and the shell's.
_PREVIEW = 8


@pytest.mark.parametrize("many", [1, 3])
def test_the_list_of_runs_costs_the_same_for_more_of_them(
    cast: Cast, client: Client, many: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _n in range(many):
        hand_in("members", workbook(HEAD, row(cast)), by=cast.clerk)
    client.force_login(cast.clerk)
    with django_assert_num_queries(4):
        response = client.get(reverse("imports:run-list"))
    assert len(response.context["page"].rows) == many


def test_a_sheet_without_rows_is_said_to_be_empty(cast: Cast, client: Client) -> None:
    run = hand_in("members", workbook(HEAD), by=cast.clerk)
    client.force_login(cast.clerk)
    shown = client.get(reverse("imports:run-detail", args=[run.pk]), headers={"Accept-Language": "en"}).content.decode()
    assert "Below the headings there is no row." in shown
    assert "The server was started anew" not in shown


def test_who_may_bring_in_nothing_is_told_so_and_refused(cast: Cast, client: Client) -> None:
    client.force_login(cast.viewer)
    assert client.get(reverse("imports:sheet-list")).context["sheets"] == []
    assert client.get(reverse("imports:run-add", args=["members"])).status_code == 403
    assert client.get(reverse("imports:run-add", args=["nothing"])).status_code == 404


def test_what_the_guard_refuses_is_said_at_the_form(cast: Cast, client: Client) -> None:
    client.force_login(cast.clerk)
    address = reverse("imports:run-add", args=["members"])
    key = "6f1c1d9e-3a55-4c6e-9d0b-0c3f6f2a7b11"
    response = client.post(address, {"file": upload(b"MZ no sheet"), "idempotency_key": key})
    assert (response.status_code, response.context["refusal"] != "") == (200, True)


def test_columns_that_are_given_twice_or_are_missing_are_refused_where_they_were_chosen(
    cast: Cast, client: Client
) -> None:
    run = hand_in("members", workbook(("Ai", "Ở đâu", "Từ bao giờ"), ("An", cast.branch.code, "2015")), by=cast.clerk)
    assert run.state == RunState.MATCHING
    client.force_login(cast.clerk)
    address = reverse("imports:run-match", args=[run.pk])
    for said in ({"c0": "full_name", "c1": "full_name"}, {"c0": "full_name", "c1": "unit"}):
        response = client.post(address, said)
        assert (response.status_code, len(response.context["form"].non_field_errors())) == (200, 1)
    assert client.post(address, {"c0": "full_name", "c1": "unit", "c2": "joined_on"}).status_code == 302
    run.refresh_from_db()
    assert told(run) == (1, 0, 0, 0)
