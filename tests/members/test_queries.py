from __future__ import annotations

from datetime import date

import pytest

from members.actions import move_unit, rename_unit
from members.models import Member, Unit
from members.queries import (
    children_on,
    current_membership,
    headcount,
    matching_members,
    namesakes,
    path_on,
    search_units,
    subtree_ids,
)
from tests.cast import Cast, make_unit
from tests.members.rows import make_member

REFORM = date(2025, 7, 1)
EVE = date(2025, 6, 30)


@pytest.fixture
def reformed(cast: Cast, settings) -> Cast:
    """On 1 July 2025 the branch moved to the other commune, which took another name."""
    settings.HKH_TODAY = "2026-06-30"
    by = cast.administrator
    move_unit(unit=cast.branch, parent=cast.elsewhere, on=REFORM, by=by)
    rename_unit(unit=cast.elsewhere, name="Hội phường Tu Vũ", on=REFORM, by=by)
    return cast


def codes(units) -> list[str]:
    return [unit.name for unit in units]


def test_the_subtree_is_that_of_the_day(reformed: Cast) -> None:
    def below(unit: Unit, day: date) -> set[int]:
        return {row["unit"] for row in subtree_ids(unit, day)}

    assert below(reformed.here, EVE) == {reformed.here.pk, reformed.branch.pk}
    assert below(reformed.here, REFORM) == {reformed.here.pk}
    assert below(reformed.elsewhere, REFORM) == {reformed.elsewhere.pk, reformed.branch.pk}
    assert below(reformed.province, date(1999, 12, 31)) == set()


def test_the_path_bears_the_names_of_the_day(reformed: Cast, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        then = path_on(reformed.branch, EVE)
    assert codes(then) == ["Tỉnh hội", "Hội xã Hy Cương", "Chi hội khu 1"]
    assert codes(path_on(reformed.branch, REFORM)) == ["Tỉnh hội", "Hội phường Tu Vũ", "Chi hội khu 1"]


def test_the_path_of_a_unit_that_was_not_there_is_that_of_its_nearest_day(reformed: Cast) -> None:
    gone = make_unit(
        "Chi hội cũ",
        tier=reformed.branch.tier,
        parent=reformed.elsewhere,
        founded_on=date(2010, 1, 1),
        dissolved_on=REFORM,
    )
    expected = ["Tỉnh hội", "Hội xã Tu Vũ", "Chi hội cũ"]
    assert codes(path_on(gone, date(2026, 1, 1))) == expected
    assert codes(path_on(gone, date(2005, 1, 1))) == expected


def test_the_children_are_those_of_the_day(reformed: Cast, django_assert_num_queries) -> None:
    assert codes(children_on(reformed.here, EVE)) == ["Chi hội khu 1"]
    assert codes(children_on(reformed.here, REFORM)) == []
    with django_assert_num_queries(1):
        assert codes(children_on(reformed.province, REFORM)) == ["Hội phường Tu Vũ", "Hội xã Hy Cương"]


def test_heads_are_counted_through_the_tree(cast: Cast) -> None:
    make_member(cast.branch, joined_on=date(2020, 3, 1))
    make_member(cast.branch, joined_on=date(2021, 3, 1), left_on=date(2022, 1, 1), leave_reason="left")
    day = date(2021, 12, 31)
    assert headcount(subtree_ids(cast.province, day), day) == 2
    assert headcount(subtree_ids(cast.here, date(2022, 1, 31)), date(2022, 1, 31)) == 1
    assert headcount(subtree_ids(cast.elsewhere, day), day) == 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("tu vu", ["Hội phường Tu Vũ"]),
        ("TU VŨ", ["Hội phường Tu Vũ"]),
        ("xã tu vũ", ["Hội phường Tu Vũ"]),
        ("hoi", ["Hội phường Tu Vũ", "Hội xã Hy Cương", "Tỉnh hội", "Chi hội khu 1"]),
        ("khu 1", ["Chi hội khu 1"]),
        ("không có", []),
        ("100%_", []),
    ],
)
def test_units_are_found_by_any_name_they_ever_had(reformed: Cast, text: str, found: list[str]) -> None:
    assert codes(search_units(Unit.unscoped.all(), text)) == found


def test_units_are_found_by_their_code(cast: Cast) -> None:
    assert codes(search_units(Unit.unscoped.all(), f" {cast.here.code.lower()}"))[0] == "Hội xã Hy Cương"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("huong", ["Lê Thị Hường", "Nguyễn Thị Hương"]),
        ("HƯƠNG nguyễn", ["Nguyễn Thị Hương"]),
        ("pt0007", ["Đỗ Văn Đức"]),
        ("do van duc", ["Đỗ Văn Đức"]),
        ("%", []),
    ],
)
def test_members_are_found_without_marks(cast: Cast, text: str, found: list[str]) -> None:
    make_member(cast.branch, "Nguyễn Thị Hương")
    make_member(cast.branch, "Lê Thị Hường")
    make_member(cast.branch, "Đỗ Văn Đức", card_number="PT0007")
    assert sorted(map(str, matching_members(Member.unscoped.all(), text))) == found


def test_the_membership_of_a_day(cast: Cast) -> None:
    member = make_member(cast.branch, left_on=date(2022, 1, 1), leave_reason="left")
    assert current_membership(member, date(2021, 12, 31)).unit == cast.branch  # type: ignore[union-attr]
    assert current_membership(member, date(2022, 1, 1)) is None


def test_namesakes_of_a_unit(cast: Cast) -> None:
    second = make_unit("Chi hội khu 2", tier=cast.branch.tier, parent=cast.here)
    born = make_member(cast.branch, "Nguyễn Thị Hương", birth_date=date(1950, 2, 3), birth_year=1950)
    unknown = make_member(cast.branch, "Nguyễn Thị Hương")
    make_member(cast.branch, "Nguyễn Thị Hương", birth_year=1960)
    make_member(cast.branch, "Nguyễn Thị Hương", left_on=date(2022, 1, 1), leave_reason="left")
    make_member(second, "Nguyễn Thị Hương")

    def same(birth: date | int | None) -> set[Member]:
        return set(namesakes(full_name="nguyen thi  huong", born=birth, unit=cast.branch))

    assert same(date(1950, 2, 3)) == {born, unknown}
    assert same(1950) == {born, unknown}
    assert same(date(1951, 2, 3)) == {unknown}
    assert len(same(None)) == 3
