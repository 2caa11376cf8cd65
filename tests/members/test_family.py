"""Whom a unit came from and what it went into, over several steps both ways."""

from __future__ import annotations

from datetime import date

import pytest

from members.family import BARS, ROW, family_of, kin_of
from members.models import Succession, Unit
from tests.cast import Cast, make_unit

MERGED, REFORM = date(2025, 1, 1), date(2025, 7, 1)


@pytest.fixture
def units(cast: Cast, settings) -> dict[str, Unit]:
    """a and b became m, m and c became n, which was split into p (six tenths) and q."""
    settings.HKH_TODAY = "2026-07-01"
    lives = {
        "a": (date(2000, 1, 1), MERGED),
        "b": (date(2000, 1, 1), MERGED),
        "c": (date(2000, 1, 1), REFORM),
        "m": (MERGED, REFORM),
        "n": (REFORM, date(2026, 1, 1)),
        "p": (date(2026, 1, 1), None),
        "q": (date(2026, 1, 1), None),
    }
    made = {
        name: make_unit(name, tier=cast.here.tier, parent=cast.province, founded_on=since, dissolved_on=until)
        for name, (since, until) in lives.items()
    }
    for before, after, share in (
        ("a", "m", "1"),
        ("b", "m", "1"),
        ("m", "n", "1"),
        ("c", "n", "1"),
        ("n", "p", "0.6"),
        ("n", "q", "0.4"),
    ):
        Succession.objects.create(
            predecessor=made[before],
            successor=made[after],
            effective_on=made[after].founded_on,
            kind="whole" if share == "1" else "part",
            share=share,
        )
    return made


def drawn(unit: Unit, seen: set[int] | None = None):
    everything = set(Unit.unscoped.values_list("pk", flat=True))
    return family_of(unit, kin_of(unit), seen=everything if seen is None else seen, unnamed="?")


def test_both_directions_are_followed_over_several_steps(units: dict[str, Unit]) -> None:
    family = drawn(units["m"])
    assert [(row.name, row.depth, row.is_self) for row in family.rows] == [
        ("a", 1, False),
        ("b", 1, False),
        ("m", 0, True),
        ("n", 1, False),
        ("p", 2, False),
        ("q", 2, False),
    ]
    assert [row.share_percent for row in family.rows] == [None, None, None, None, 60, 40]
    assert len(family.links) == 5


def test_what_came_before_stands_above_with_its_own_before(units: dict[str, Unit]) -> None:
    family = drawn(units["n"])
    assert [(row.name, row.depth) for row in family.rows] == [
        ("c", 1),
        ("a", 2),
        ("b", 2),
        ("m", 1),
        ("n", 0),
        ("p", 1),
        ("q", 1),
    ]
    # The line of a runs along the lane of m down to m's own row.
    assert family.links[1].endswith(f"V {3 * ROW + ROW // 2}")


def test_bars_say_who_was_there_when(units: dict[str, Unit]) -> None:
    bars = {row.name: row.bar for row in drawn(units["m"]).rows}
    assert bars["a"][0] == 0
    assert bars["a"][1] == bars["m"][0]
    assert bars["m"][1] == bars["n"][0]
    assert bars["p"][1] == BARS


def test_what_is_out_of_sight_has_no_link_and_after_the_unit_no_name(units: dict[str, Unit]) -> None:
    family = drawn(units["m"], seen={units["m"].pk, units["q"].pk})
    assert [(row.name, bool(row.code)) for row in family.rows] == [
        ("a", False),
        ("b", False),
        ("m", True),
        ("?", False),
        ("?", False),
        ("q", True),
    ]


def test_a_unit_reached_by_two_ways_stands_in_two_rows(units: dict[str, Unit]) -> None:
    end = make_unit("z", tier=units["p"].tier, parent=units["p"].parent, founded_on=date(2026, 6, 1))
    for name in ("p", "q"):
        Succession.objects.create(predecessor=units[name], successor=end, effective_on=date(2026, 6, 1))
    family = drawn(units["n"])
    assert [row.name for row in family.rows][-4:] == ["p", "z", "q", "z"]
    y = {n: row.y for n, row in enumerate(family.rows)}
    ends = [int(path.rpartition(" ")[2]) for path in family.links]
    assert ends[-4:] == [y[4], y[5], y[4], y[7]]


def test_a_unit_alone_has_no_drawing(cast: Cast) -> None:
    assert drawn(cast.here) is None


def test_successions_that_lead_round_end(units: dict[str, Unit]) -> None:
    Succession.objects.create(predecessor=units["n"], successor=units["m"], effective_on=REFORM)
    family = drawn(units["m"])
    assert family is not None
    assert max(row.depth for row in family.rows) == 5


@pytest.mark.parametrize("name", ["a", "n"])
def test_the_family_is_found_by_one_query(units: dict[str, Unit], name: str, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        kin_of(units[name])
