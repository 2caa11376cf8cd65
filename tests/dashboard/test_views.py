from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hkh.core.money import dong
from tests import cast
from tests.indicators.test_queries import admit, give

pytestmark = pytest.mark.django_db

OVERVIEW = "/tong-quan/"


@pytest.fixture
def them() -> cast.Cast:
    return cast.a_province()


@pytest.mark.parametrize("gifts", [1, 3])
def test_overview_takes_twelve_queries_whatever_the_size(client: Client, them: cast.Cast, gifts: int) -> None:
    admit(them.branch, 2, date(2023, 1, 1))
    for day in range(1, gifts + 1):
        give(them.here, 1_000_000, date(2024, 5, day), them.clerk)
    client.force_login(them.administrator)
    client.get(OVERVIEW, {"unit": them.province.code, "period": "2024-H1"})

    with CaptureQueriesContext(connection) as captured:
        response = client.get(OVERVIEW, {"unit": them.province.code, "period": "2024-H1"})

    assert len(captured) == 12
    tiles = {tile.name: tile for tile in response.context["tiles"]}
    assert tiles["mobilised"].exact == dong(gifts * 1_000_000)
    assert tiles["members"].value == "2"
    assert [row.name for row in response.context["children"].rows] == ["Hội xã Hy Cương", "Hội xã Tu Vũ"]


def test_totals_of_the_children_are_the_tiles(client: Client, them: cast.Cast) -> None:
    give(them.here, 1_500_000, date(2024, 5, 1), them.clerk)
    give(them.elsewhere, 2_500_000, date(2024, 5, 1), them.outsider)
    client.force_login(them.administrator)

    response = client.get(OVERVIEW, {"unit": them.province.code, "period": "2024-05"})

    foot = {str(cell.label): cell.text for cell in response.context["children"].foot}
    assert "4.000.000" in foot.values()
    assert {tile.name: tile.exact for tile in response.context["tiles"]}["mobilised"] == dong(4_000_000)


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("-mobilised", ["Hội xã Tu Vũ", "Hội xã Hy Cương"]),
        ("mobilised", ["Hội xã Hy Cương", "Hội xã Tu Vũ"]),
        ("-name", ["Hội xã Tu Vũ", "Hội xã Hy Cương"]),
        ("nonsense", ["Hội xã Hy Cương", "Hội xã Tu Vũ"]),
    ],
)
def test_children_sort_by_any_column(client: Client, them: cast.Cast, sort: str, names: list[str]) -> None:
    give(them.here, 1_500_000, date(2024, 5, 1), them.clerk)
    give(them.elsewhere, 2_500_000, date(2024, 5, 1), them.outsider)
    client.force_login(them.administrator)

    response = client.get(OVERVIEW, {"unit": them.province.code, "period": "2024-05", "sort": sort})

    assert [row.name for row in response.context["children"].rows] == names


def test_unit_out_of_scope_is_not_found(client: Client, them: cast.Cast) -> None:
    client.force_login(them.outsider)
    assert client.get(OVERVIEW, {"unit": them.elsewhere.code}).status_code == 200
    for address in (OVERVIEW, "/bao-cao/", "/bao-cao/xem-truoc/", "/tong-quan/bieu-do/raised-months/"):
        assert client.get(address, {"unit": them.here.code}).status_code == 404
        assert client.get(address, {"unit": them.province.code}).status_code == 404


@pytest.mark.parametrize("period", ["2024-Q5", "abc", "2024-13", "0000", "99999"])
def test_period_that_does_not_exist_is_not_found(client: Client, them: cast.Cast, period: str) -> None:
    client.force_login(them.chair)
    assert client.get(OVERVIEW, {"period": period}).status_code == 404
    assert client.get(OVERVIEW).status_code == 200


def test_the_three_answers_are_kept_on_the_next_page(client: Client, them: cast.Cast) -> None:
    client.force_login(them.administrator)
    client.get(OVERVIEW, {"unit": them.elsewhere.code, "period": "2023-H2", "tree": "today"})

    response = client.get("/bao-cao/")

    assert response.context["unit"] == them.elsewhere
    assert response.context["period"].code == "2023-H2"
    assert response.context["here"].tree == "today"


def test_account_without_a_role_is_told_what_to_do(client: Client, them: cast.Cast) -> None:
    client.force_login(cast.make_user("nobody"))
    for address in (OVERVIEW, "/", "/bao-cao/"):
        response = client.get(address)
        assert response.status_code == 200
        assert "dashboard/no_unit.html" in [template.name for template in response.templates]


@pytest.mark.parametrize("name", ["raised-months", "raised-sources", "given-programmes", "given-groups", "map"])
def test_every_chart_is_drawn_or_says_that_there_is_nothing(client: Client, them: cast.Cast, name: str) -> None:
    give(them.here, 1_500_000, date(2024, 5, 1), them.clerk)
    client.force_login(them.administrator)

    body = client.get(reverse("dashboard:chart", args=[name]), {"period": "2024-H1"}).content.decode()

    assert "<svg" in body or 'class="quiet chart-none"' in body
    assert "style=" not in body
    assert ("<svg" in body) == name.startswith("raised")


@pytest.mark.parametrize("name", ["members", "mobilised", "balance", "given"])
def test_sparkline_ends_with_the_tile_s_figure(client: Client, them: cast.Cast, name: str) -> None:
    admit(them.branch, 3, date(2024, 2, 1))
    give(them.here, 1_500_000, date(2024, 5, 1), them.clerk)
    client.force_login(them.administrator)
    address = reverse("dashboard:sparkline", args=[name])
    client.get(address, {"unit": them.province.code, "period": "2024-H1"})

    with CaptureQueriesContext(connection) as captured:
        response = client.get(address, {"unit": them.province.code, "period": "2024-H1"})

    values = response.context["values"]
    assert len(values) == 12
    assert values[-1] == {"members": 3, "mobilised": 1_500_000, "balance": 1_500_000, "given": 0}[name]
    assert values[-2] == 0
    assert len(captured) == 6


def test_unknown_chart_is_not_found(client: Client, them: cast.Cast) -> None:
    client.force_login(them.administrator)
    assert client.get("/tong-quan/bieu-do/nothing/").status_code == 404
    assert client.get("/tong-quan/dien-bien/nothing/").status_code == 404
