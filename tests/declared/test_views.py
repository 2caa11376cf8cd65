"""The pages of what units declare: sums that add up, what differs, titles against targets."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hkh.core.dates import Period
from hkh.indicators.lens import Lens
from hkh.indicators.named import named_figures
from hkh.indicators.queries import picture
from members.models import Title, TitleCount, TitleTarget, Unit
from tests import cast
from tests.indicators.test_queries import admit, dissolve, move
from tests.members.triggers.test_declared import report

pytestmark = pytest.mark.django_db

TREE, UNITS, TITLES = "declared:headcount-page", "declared:headcount-units", "declared:title-page"
DAY = date(2024, 6, 30)


@pytest.fixture(autouse=True)
def language(settings) -> None:
    settings.LANGUAGE_CODE = "en"
    settings.HKH_TODAY = "2026-06-15"


@pytest.fixture
def them() -> cast.Cast:
    return cast.a_province()


@pytest.fixture
def branches(them: cast.Cast) -> dict[str, Unit]:
    """Four branches: 10 listed and 12 reported; 20 and 17; 5 and 5; 7 and not reported."""
    made = {"more": them.branch}
    for name, parent in (("fewer", them.here), ("equal", them.elsewhere), ("silent", them.elsewhere)):
        made[name] = cast.make_unit(f"Chi hội {name}", tier=them.branch.tier, parent=parent)
    for name, listed, reported in (("more", 10, 12), ("fewer", 20, 17), ("equal", 5, 5), ("silent", 7, None)):
        admit(made[name], listed, date(2024, 1, 5))
        if reported is not None:
            report(made[name], reported, women=reported // 2)
    return made


def look(client: Client, door: str, unit: Unit, **query: Any) -> Any:
    return client.get(reverse(door), {"unit": unit.code, "period": "2024-H1", "tree": "then", **query})


def table(response: Any) -> list[tuple[str, ...]]:
    lines = [*response.context["lines"], response.context["total"]]
    return [(line.name, line.registered, line.reported, line.difference, line.reporting) for line in lines]


def test_children_stand_side_by_side_and_add_up(client: Client, them: cast.Cast, branches: dict[str, Unit]) -> None:
    client.force_login(them.administrator)
    page = look(client, TREE, them.province)
    assert table(page) == [
        ("Hội xã Hy Cương", "30", "29", "−1", "2 of 2"),
        ("Hội xã Tu Vũ", "12", "5", "0", "1 of 2"),
        ("Together", "42", "34", "−1", "3 of 4"),
    ]
    assert page.context["figures"] == [("Listed", "42"), ("Reported", "34"), ("Reported less registered", "−1")]
    assert page.context["sentences"] == [
        "3 of 4 units that hold members have reported; in their lists stand 35 members.",
        "1 have not reported; 7 members stand in their lists.",
        "2 report another number than their lists hold: 2 more, 3 fewer.",
        "Women: 16 (47.1%), where it was said.",
    ]
    below = look(client, TREE, them.elsewhere)
    assert table(below)[:2] == [
        ("Chi hội equal", "5", "5", "0", "1 of 1"),
        ("Chi hội silent", "7", "–", "–", "0 of 1"),
    ]
    assert [line.state for line in below.context["lines"]] == ["equal", "silent"]


def test_dashboard_figures_and_pages_say_one_number(client: Client, them: cast.Cast, branches: dict[str, Unit]) -> None:
    seen = picture(Lens(them.province, Period.parse("2024-H1")))
    named = named_figures(seen)
    assert (named["members"], named["members_reported"]) == (42, 34)
    assert named["headcounts"] == {
        "units": 4,
        "reporting": 3,
        "registered_there": 35,
        "differing": 2,
        "more": 2,
        "fewer": 3,
    }
    assert seen.headcount.registered == seen.now.members
    client.force_login(them.administrator)
    assert look(client, TREE, them.province).context["total"].reported == "34"
    assert look(client, UNITS, them.province, state="all").context["total"].reported == "34"
    notices = [notice.text for notice in look(client, "dashboard:overview", them.province).context["attention"].notices]
    assert "Numbers of members that differ: 2 units report 2 more and 3 fewer than listed." in notices
    assert "Number of members not reported: 1 of 4 units." in notices


def test_nothing_reported_is_not_zero(client: Client, them: cast.Cast) -> None:
    admit(them.branch, 3, date(2024, 1, 5))
    assert named_figures(picture(Lens(them.province, Period.parse("2024-H1"))))["members_reported"] is None
    report(them.branch, 0)
    assert named_figures(picture(Lens(them.province, Period.parse("2024-H1"))))["members_reported"] == 0
    client.force_login(them.administrator)
    assert table(look(client, TREE, them.province))[-1] == ("Together", "3", "0", "−3", "1 of 1")


def test_a_number_counts_where_its_unit_stood_and_while_it_was_there(
    client: Client, them: cast.Cast, branches: dict[str, Unit]
) -> None:
    move(them.branch, them.elsewhere, date(2025, 1, 1))
    report(them.branch, 13, on=date(2025, 3, 1))

    def reported(unit: Unit, period: str, tree_on: date | None = None) -> tuple[int, int]:
        count = picture(Lens(unit, Period.parse(period), tree_on)).headcount
        return count.units_reporting, count.reported

    assert reported(them.here, "2024-H1") == (2, 29)
    assert reported(them.here, "2025-H1") == (0, 0)
    assert reported(them.elsewhere, "2025-Q1") == (2, 18)
    assert reported(them.elsewhere, "2024-H1", date(2025, 6, 1)) == (2, 17)
    assert reported(them.here, "2024-H1", date(2025, 6, 1)) == (1, 17)
    assert reported(them.province, "2025-Q2") == (1, 13)
    gone = cast.make_unit("Chi hội cũ", tier=them.branch.tier, parent=them.elsewhere)
    report(gone, 4)
    dissolve(gone, date(2024, 8, 1))
    assert reported(them.elsewhere, "2024-H1") == (2, 9)
    assert reported(them.elsewhere, "2024-Q3") == (1, 5)


def test_units_that_differ_come_first_largest_first(client: Client, them: cast.Cast, branches: dict[str, Unit]) -> None:
    client.force_login(them.administrator)

    def names(**query: Any) -> list[str]:
        return [line.name for line in look(client, UNITS, them.province, **query).context["lines"]]

    assert names() == ["Chi hội fewer", "Chi hội khu 1"]
    assert names(least="3") == ["Chi hội fewer"]
    assert names(direction="more") == ["Chi hội khu 1"]
    assert names(state="equal") == ["Chi hội equal"]
    assert names(state="silent") == ["Chi hội silent"]
    assert names(state="all", q="chi hoi equal") == ["Chi hội equal"]
    assert names(state="all", kind="school") == []
    assert names(least="x", after="900") == ["Chi hội fewer", "Chi hội khu 1"]
    narrowed = look(client, UNITS, them.province, state="all", kind="residential")
    assert table(narrowed)[-1] == ("Together", "10", "12", "+2", "1 of 1")


def test_pages_of_fifty(client: Client, them: cast.Cast) -> None:
    for n in range(52):
        unit = cast.make_unit(f"Chi hội {n:02}", tier=them.branch.tier, parent=them.here)
        report(unit, 100 - n)
    client.force_login(them.chair)
    first = look(client, UNITS, them.here)
    assert (len(first.context["lines"]), first.context["before"], first.context["after"]) == (50, "", "50")
    second = look(client, UNITS, them.here, after="50")
    assert [line.name for line in second.context["lines"]] == ["Chi hội 50", "Chi hội 51"]
    assert (second.context["before"], second.context["after"]) == ("0", "")


@pytest.mark.parametrize("door", [TREE, UNITS, TITLES])
@pytest.mark.parametrize("unit_count", [1, 3])
def test_query_counts(client: Client, them: cast.Cast, door: str, unit_count: int, django_assert_num_queries) -> None:
    for n in range(unit_count):
        unit = cast.make_unit(f"Chi hội {n}", tier=them.branch.tier, parent=them.here)
        report(unit, 5 + n)
        speak(unit, 2024, total=10, registered=5, recognised=n)
    client.force_login(them.chair)
    look(client, door, them.here)
    with django_assert_num_queries({TREE: 8, UNITS: 8, TITLES: 9}[door]):
        assert len(look(client, door, them.here).context["lines"]) == unit_count + (door == TREE)


def test_scope(client: Client, them: cast.Cast, branches: dict[str, Unit]) -> None:
    client.force_login(them.outsider)
    for door in (TREE, UNITS, TITLES):
        assert look(client, door, them.here).status_code == 404
    assert [line.name for line in look(client, UNITS, them.elsewhere, state="all").context["lines"]] == [
        "Chi hội silent",
        "Chi hội equal",
    ]
    move(them.branch, them.elsewhere, date(2023, 1, 1))
    move(them.branch, them.here, date(2025, 1, 1))
    seen = look(client, UNITS, them.elsewhere, state="all")
    assert "Chi hội khu 1" not in [line.name for line in seen.context["lines"]]


# Titles


def speak(unit: Unit, year: int, *, title: str = "family", **figures: int) -> TitleCount:
    return TitleCount.unscoped.create(unit=unit, year=year, title=title, **figures)


@pytest.fixture
def told(them: cast.Cast) -> None:
    speak(them.here, 2024, total=500, registered=420, recognised=360)
    speak(them.here, 2023, total=500, registered=400, recognised=340)
    speak(them.elsewhere, 2024, total=300, registered=200, recognised=150)
    TitleTarget.objects.create(title=Title.FAMILY, year=2025, value_percent=Decimal(70), basis="387/QĐ-TTg")


def test_titles_add_up_and_stand_against_their_target(client: Client, them: cast.Cast, told: None) -> None:
    client.force_login(them.administrator)
    page = look(client, TITLES, them.province, period="2024-Q3")
    family, clan = page.context["titles"][:2]
    assert (family.total, family.registered, family.recognised, family.share) == ("800", "620", "510", "63.8%")
    assert (family.target, family.basis, family.is_reached) == ("70%", "by the end of 2025, 387/QĐ-TTg", False)
    assert (family.before, family.change) == ("68%", "−4.2 points")
    assert (clan.total, clan.share, clan.target) == ("–", "–", "")
    rows = [(line.name, line.total, line.recognised, line.share) for line in page.context["lines"]]
    assert rows == [("Hội xã Hy Cương", "500", "360", "72%"), ("Hội xã Tu Vũ", "300", "150", "50%")]
    assert (page.context["total"].total, page.context["total"].recognised) == ("800", "510")
    assert look(client, TITLES, them.here).context["titles"][0].is_reached is True
    assert look(client, TITLES, them.province, title="clan").context["lines"] == []


def test_a_year_without_figures_says_so(client: Client, them: cast.Cast, told: None) -> None:
    client.force_login(them.administrator)
    page = look(client, TITLES, them.province, period="2026-Q1")
    assert page.context["has_figures"] is False
    assert "Nobody below Tỉnh hội has entered figures of 2026 yet." in page.content.decode()
