"""Headcounts and titles of split units on the tree of today: by the same shares as money, recomputed by plain SQL."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from hkh.core.dates import Period
from hkh.indicators.lens import Lens
from hkh.indicators.queries import UnitHeadcount, headcounts_by_child, headcounts_by_unit, picture
from hkh.indicators.titles import Titles, titles
from members.headcounts import Headcount
from members.models import Membership, ReportedHeadcount, Succession, Title, TitleCount, Unit
from tests import cast
from tests.indicators.test_queries import admit, dissolve

pytestmark = pytest.mark.django_db

H1, YEAR = Period.parse("2024-H1"), Period.parse("2024")
SPLIT_ON, TODAY = date(2025, 1, 1), date(2025, 6, 30)
SHARES = ("0.45", "0.35", "0.20")


@pytest.fixture
def them() -> cast.Cast:
    """The commune ``elsewhere`` and its three branches: each split among three communes and their branches; the last
    were founded for it."""
    rng, them = Random(7), cast.a_province()
    old = [cast.make_unit(f"Chi hội cũ {n}", tier=them.branch.tier, parent=them.elsewhere) for n in range(3)]
    heirs = [(them.here, them.branch)]
    for name, founded_on in (("Hội xã Ba", date(2005, 1, 1)), ("Hội xã Tư", SPLIT_ON)):
        commune = cast.make_unit(name, tier=them.here.tier, parent=them.province, founded_on=founded_on)
        branch = cast.make_unit(f"Chi hội {name}", tier=them.branch.tier, parent=commune, founded_on=founded_on)
        heirs.append((commune, branch))
    admit(them.branch, 4, date(2023, 1, 1))
    declare(them.branch, 4, women=2)
    for unit, listed, reported in ((old[0], 17, 19), (old[1], 11, 6), (old[2], 13, 13)):
        admit(unit, listed, date(2023, 2, 1))
        declare(unit, reported, women=rng.randrange(reported))
    for title in Title:
        for year in (2023, 2024):
            total = rng.randrange(50, 900)
            registered = rng.randrange(total)
            enter(them.elsewhere, title, year, total, registered, rng.randrange(registered + 1))
        enter(them.here, title, 2024, 10, 5, 3)
    Membership.unscoped.filter(unit__in=old).update(left_on=SPLIT_ON, leave_reason="reorganisation")
    for before, which in ((them.elsewhere, 0), *((unit, 1) for unit in old)):
        for heir, share in zip(heirs, SHARES, strict=True):
            Succession.objects.create(
                predecessor=before, successor=heir[which], effective_on=SPLIT_ON, kind="part", share=share
            )
    for unit in (*old, them.elsewhere):
        dissolve(unit, SPLIT_ON)
    return them


def declare(unit: Unit, members: int, *, women: int) -> None:
    ReportedHeadcount.unscoped.create(
        unit=unit, counted_on=date(2024, 6, 15), members=members, women=women, source="list"
    )


def enter(unit: Unit, title: Title, year: int, total: int, registered: int, recognised: int) -> None:
    TitleCount.unscoped.create(
        unit=unit, year=year, title=title, total=total, registered=registered, recognised=recognised
    )


#: ``amounts`` (unit_id, key, amount) by commune of today: a split unit's by largest remainder, the larger share first.
PARTS = """
    WITH heir AS (
        SELECT predecessor_id, successor_id, share,
               row_number() OVER (PARTITION BY predecessor_id ORDER BY share DESC) AS place
        FROM members_succession
    ),
    fair AS (
        SELECT amounts.unit_id, key, amount, coalesce(successor_id, amounts.unit_id) AS by_id, place,
               abs(amount) * coalesce(share, 1) AS exact
        FROM ({amounts}) amounts LEFT JOIN heir ON predecessor_id = amounts.unit_id
    ),
    ranked AS (
        SELECT fair.*, abs(amount) - sum(floor(exact)) OVER split AS left_over,
               row_number() OVER (PARTITION BY unit_id, key ORDER BY exact - floor(exact) DESC, place) AS turn
        FROM fair WINDOW split AS (PARTITION BY unit_id, key)
    )
    SELECT CASE WHEN tier.holds_members THEN parent.name ELSE unit.name END, key,
           sum(sign(amount) * (floor(exact) + (turn <= left_over)::int))::int
    FROM ranked JOIN members_unit unit ON unit.id = by_id JOIN members_tier tier ON tier.id = unit.tier_id
    LEFT JOIN members_unit parent ON parent.id = unit.parent_id
    GROUP BY 1, 2"""

LISTED = """(SELECT count(*) FROM members_membership stay WHERE stay.unit_id = said.unit_id
    AND joined_on <= '2024-06-30' AND (left_on IS NULL OR left_on > '2024-06-30'))"""
HEADCOUNTS = f"""
    SELECT unit_id, 'listed' AS key, {LISTED} AS amount FROM members_reportedheadcount said
    UNION ALL SELECT unit_id, 'beyond', members - {LISTED} FROM members_reportedheadcount said
    UNION ALL SELECT unit_id, 'women', women FROM members_reportedheadcount"""
TITLES = """
    SELECT unit_id, year || title || 'recognised' AS key, recognised AS amount FROM members_titlecount
    UNION ALL SELECT unit_id, year || title || 'waiting', registered - recognised FROM members_titlecount
    UNION ALL SELECT unit_id, year || title || 'others', total - registered FROM members_titlecount"""


def parts(amounts: str) -> dict[tuple[str, str], int]:
    with connection.cursor() as cursor:
        cursor.execute(PARTS.format(amounts=amounts))
        return {(name, key): amount for name, key, amount in cursor.fetchall()}


def by_name(found: dict[int | None, Any]) -> dict[str, Any]:
    names = dict(Unit.unscoped.values_list("pk", "name"))
    return {names[pk] if pk else "": figures for pk, figures in found.items()}


def restated(unit: Unit, period: Period = H1) -> Lens:
    return Lens(unit, period, tree_on=TODAY)


def test_headcounts_of_split_units_go_by_their_shares(them: cast.Cast) -> None:
    found = by_name(headcounts_by_child(restated(them.province)))
    wanted = parts(HEADCOUNTS)
    assert {name for name, _ in wanted} == set(found) == {"Hội xã Hy Cương", "Hội xã Ba", "Hội xã Tư"}
    for name, one in found.items():
        assert one.registered == one.registered_there == wanted[name, "listed"]
        assert one.reported == wanted[name, "listed"] + wanted[name, "beyond"]
        assert one.women == wanted[name, "women"]
        assert one.more - one.fewer == one.difference == wanted[name, "beyond"]


def test_all_headcounts_together_are_what_they_were(them: cast.Cast) -> None:
    then = sum(headcounts_by_child(Lens(them.province, H1)).values(), Headcount())
    now = sum(headcounts_by_child(restated(them.province)).values(), Headcount())
    assert then == now
    assert (then.units, then.units_reporting, then.units_differing) == (5, 4, 2)
    assert (then.more, then.fewer) == (2, 5)


def test_listed_is_what_the_dashboard_says_of_the_same_child(them: cast.Cast) -> None:
    for child in picture(restated(them.province)).children:
        assert child.headcount.registered == child.members


def sums(found: list[UnitHeadcount]) -> dict[int, tuple[int, int]]:
    return {row.pk: (row.registered, row.reported or 0) for row in found}


def test_each_heir_alone_sees_its_part_of_each_unit(them: cast.Cast) -> None:
    """Whole units in the province, parts of them below each heir; all parts of a unit are the unit."""
    whole = sums(headcounts_by_unit(restated(them.province)))
    assert whole == sums(headcounts_by_unit(Lens(them.province, H1)))
    seen: dict[int, list[tuple[int, int]]] = {}
    for child in picture(restated(them.province)).children:
        for row in headcounts_by_unit(restated(Unit.unscoped.get(code=child.code))):
            seen.setdefault(row.pk, []).append((row.registered, row.reported or 0))
    assert {pk: tuple(map(sum, zip(*rows, strict=True))) for pk, rows in seen.items()} == whole
    assert sorted(len(rows) for rows in seen.values()) == [1, 1, 3, 3, 3]


def test_titles_of_a_split_unit_go_by_its_shares(them: cast.Cast) -> None:
    seen, wanted = titles(restated(them.province, YEAR)), parts(TITLES)
    for year, by_child in ((2024, seen.now), (2023, seen.last_year)):
        for name, figures in by_name(dict(by_child)).items():
            for title in Title:
                recognised, waiting, others = (
                    wanted[name, f"{year}{title}{part}"] for part in ("recognised", "waiting", "others")
                )
                one = figures[title]
                assert (one.recognised, one.registered, one.total) == (
                    recognised,
                    recognised + waiting,
                    recognised + waiting + others,
                )
                assert one.recognised <= one.registered <= one.total


def test_all_titles_together_are_what_they_were(them: cast.Cast) -> None:
    now, then = titles(restated(them.province, YEAR)), titles(Lens(them.province, YEAR))
    for title in Title:
        assert Titles.total(now.now, title) == Titles.total(then.now, title)
        assert Titles.total(now.last_year, title) == Titles.total(then.last_year, title)


@pytest.mark.parametrize("door", ["declared:headcount-page", "declared:headcount-units", "declared:title-page"])
def test_the_pages_warn_of_what_was_split(them: cast.Cast, client: Client, settings, door: str) -> None:
    settings.HKH_TODAY = TODAY.isoformat()
    client.force_login(them.administrator)
    asked = {"unit": them.province.code, "period": "2024-H1"}
    assert "Hội xã Tu Vũ" in client.get(reverse(door), {**asked, "tree": "today"}).context["restated"]
    assert client.get(reverse(door), {**asked, "tree": "then"}).context["restated"] == ""


def test_a_smaller_part_shows_its_numbers_though_its_unit_counts_elsewhere(
    them: cast.Cast, client: Client, settings
) -> None:
    settings.HKH_TODAY = TODAY.isoformat()
    client.force_login(them.administrator)
    asked = {"unit": them.province.code, "period": "2024-H1", "tree": "today"}
    lines = {line.name: line for line in client.get(reverse("declared:headcount-page"), asked).context["lines"]}
    part = lines["Hội xã Tư"]
    assert (part.registered, part.reported, part.difference, part.reporting) == ("8", "7", "−1", "–")
    shown = {line.name: line for line in client.get(reverse("declared:title-page"), asked).context["lines"]}
    assert shown["Hội xã Tư"].total != "–"
