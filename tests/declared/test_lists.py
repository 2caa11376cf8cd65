"""What units declare, taken out as it stands on the pages."""

from __future__ import annotations

import csv
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hkh.core.sheets.lists import list_called
from members.models import TitleCount, Unit
from tests import cast
from tests.declared.test_views import branches, language, look, them
from tests.indicators.test_queries import admit
from tests.members.triggers.test_declared import report

__all__ = ["branches", "language", "them"]

pytestmark = pytest.mark.django_db


def sheet(client: Client, page: Any, *keys: str) -> list[list[str]]:
    said = {"form": "csv", "column": keys}
    response = client.post(page.context["export"].url, said)
    assert response.status_code == 200
    return list(csv.reader(response.content.decode("utf-8-sig").splitlines()))[1:]


@pytest.mark.parametrize("query", [{}, {"state": "all"}, {"state": "silent"}, {"direction": "fewer"}, {"q": "equal"}])
def test_unit_by_unit_holds_the_page_s_units_in_its_order(
    client: Client, them: cast.Cast, branches: dict[str, Unit], query: dict[str, str]
) -> None:
    client.force_login(them.administrator)
    page = look(client, "declared:headcount-units", them.province, **query)
    shown = [line.code for line in page.context["lines"]]
    assert [row[0] for row in sheet(client, page, "code")] == shown


def test_numbers_go_out_as_numbers_and_what_nobody_reported_is_empty(
    client: Client, them: cast.Cast, branches: dict[str, Unit]
) -> None:
    client.force_login(them.administrator)
    page = look(client, "declared:headcount-units", them.province, state="all")
    rows = sheet(client, page, "registered", "reported", "difference", "counted_on")
    assert rows == [
        ["20", "17", "-3", "30/06/2024"],
        ["10", "12", "2", "30/06/2024"],
        ["7", "", "", ""],
        ["5", "5", "0", "30/06/2024"],
    ]


def test_by_child_the_sheet_stands_as_the_page_is_sorted(
    client: Client, them: cast.Cast, branches: dict[str, Unit]
) -> None:
    client.force_login(them.administrator)
    for sort in ("", "registered", "-registered"):
        page = look(client, "declared:headcount-page", them.province, sort=sort)
        rows = sheet(client, page, "name", "registered", "reported", "differing")
        lines = page.context["lines"]
        assert rows == [[line.name, line.registered, line.reported, line.differing] for line in lines]
        assert len(rows) == 2


def test_the_title_of_the_tab_goes_out_by_unit(client: Client, them: cast.Cast) -> None:
    for unit, total, recognised in ((them.here, 400, 300), (them.elsewhere, 300, 100)):
        for title in ("family", "clan"):
            TitleCount.unscoped.create(
                unit=unit, year=2024, title=title, total=total, registered=total, recognised=recognised
            )
    client.force_login(them.administrator)
    for title, label in (("family", "Learning family"), ("clan", "Learning clan")):
        page = look(client, "declared:title-page", them.province, title=title)
        rows = sheet(client, page, "title_name", "year", "name", "total", "recognised", "share", "share_before")
        expected = {
            (label, "2024", them.here.name, "400", "300", "75", ""),
            (label, "2024", them.elsewhere.name, "300", "100", "33.3", ""),
        }
        assert {tuple(row) for row in rows} == expected
        assert [row[2] for row in rows] == [line.name for line in page.context["lines"]]


def test_who_sees_one_commune_takes_out_that_commune(
    client: Client, them: cast.Cast, branches: dict[str, Unit]
) -> None:
    client.force_login(them.clerk)
    page = look(client, "declared:headcount-units", them.here, state="all")
    assert {row[0] for row in sheet(client, page, "code")} == {branches["more"].code, branches["fewer"].code}
    for slug in ("headcount-units", "headcounts", "titles"):
        for unit in (them.elsewhere, them.province):
            query = {"unit": unit.code, "period": "2024-H1"}
            assert client.get(reverse("core:list-export", args=[slug], query=query)).status_code == 404
        query = {"unit": them.here.code, "period": "yesterday"}
        assert client.get(reverse("core:list-export", args=[slug], query=query)).status_code == 404


@pytest.mark.parametrize("reporting", [1, 3])
@pytest.mark.parametrize(("slug", "queries"), [("headcount-units", 8), ("headcounts", 8)])
def test_the_sheet_costs_the_same_however_many_units(
    client: Client, them: cast.Cast, slug: str, queries: int, reporting: int, django_assert_num_queries: Any
) -> None:
    for n in range(reporting):
        branch = cast.make_unit(f"Chi hội {n}", tier=them.branch.tier, parent=them.here)
        admit(branch, 3, date(2024, 1, 5))
        report(branch, 5)
    client.force_login(them.administrator)
    query = {"unit": them.here.code, "period": "2024-H1", "state": "all"}
    asked = reverse("core:list-export", args=[slug], query=query)
    client.post(asked, {"form": "csv", "column": [column.key for column in list_called(slug).columns()]})
    with django_assert_num_queries(queries):
        client.post(asked, {"form": "csv"})
