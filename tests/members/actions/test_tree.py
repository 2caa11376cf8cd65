from __future__ import annotations

from datetime import date
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from members.actions import dissolve_unit, edit_unit, found_unit, move_unit, rename_unit
from members.models import Unit
from members.queries import check_tree
from members.rules import Verb, may
from tests.cast import LONG_AGO, Cast, make_unit
from tests.members.rows import closure, make_member, versions

REFORM = date(2025, 7, 1)


@pytest.fixture(autouse=True)
def day(settings) -> None:
    settings.HKH_TODAY = "2026-06-30"


def found(cast: Cast, **facts) -> Unit:
    return found_unit(
        **{
            "name": "Chi hội khu 2",
            "code": "KHU-2",
            "tier": cast.branch.tier,
            "parent": cast.here,
            "founded_on": REFORM,
            "by": cast.chair,
            **facts,
        }
    )


def test_a_unit_is_founded(cast: Cast) -> None:
    unit = found(cast, name="  Chi  hội khu 2 ", code="khu-2")
    assert (unit.name, unit.code, unit.parent) == ("Chi hội khu 2", "KHU-2", cast.here)
    assert versions(unit) == [("Chi hội khu 2", "Hội xã Hy Cương", REFORM, None)]
    assert [row[:2] for row in closure(unit)] == [
        ("KHU-2", 0),
        (cast.here.code, 1),
        (cast.province.code, 2),
    ]
    assert may(cast.chair, Verb.EDIT_UNIT, unit) is True


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": " "}, "name"),
        ({"code": "A B"}, "code"),
        ({"code": ""}, "code"),
        ({"founded_on": date(2026, 7, 1)}, "on"),
    ],
)
def test_a_founding_is_refused_at_its_field(cast: Cast, facts: dict, field: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        found(cast, **facts)
    assert list(refusal.value.message_dict) == [field]
    assert Unit.unscoped.count() == 4


def test_a_code_is_given_once(cast: Cast) -> None:
    found(cast)
    with pytest.raises(ValidationError) as refusal:
        found(cast)
    assert list(refusal.value.message_dict) == ["code"]


def test_the_database_refuses_in_a_sentence(cast: Cast) -> None:
    with pytest.raises(ValidationError) as refusal:
        found(cast, founded_on=date(1999, 1, 1))
    assert refusal.value.code == "parent_exists"
    assert refusal.value.params == {"unit": "Chi hội khu 2", "parent": "Hội xã Hy Cương"}
    assert Unit.unscoped.count() == 4


def test_who_may_found(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        found(cast, by=cast.clerk)
    with pytest.raises(Http404):
        found(cast, by=cast.outsider)
    with pytest.raises(PermissionDenied):
        found(cast, tier=cast.province.tier, parent=None, by=cast.administrator)
    cast.administrator.is_superuser = True
    assert found(cast, tier=cast.province.tier, parent=None, by=cast.administrator).parent is None


def test_a_unit_is_renamed(cast: Cast) -> None:
    rename_unit(unit=cast.branch, name="Chi hội khu phố 1", on=REFORM, by=cast.chair)
    assert versions(cast.branch) == [
        ("Chi hội khu 1", "Hội xã Hy Cương", LONG_AGO, REFORM),
        ("Chi hội khu phố 1", "Hội xã Hy Cương", REFORM, None),
    ]
    assert (cast.branch.name, cast.branch.revision) == ("Chi hội khu phố 1", 2)


def test_the_same_name_again_changes_nothing(cast: Cast) -> None:
    rename_unit(unit=cast.branch, name=" Chi hội  khu 1", on=REFORM, by=cast.chair)
    assert (len(versions(cast.branch)), cast.branch.revision) == (1, 1)


def test_a_move_and_a_new_name_on_one_day_are_one_change(cast: Cast) -> None:
    move_unit(unit=cast.branch, parent=cast.elsewhere, on=REFORM, by=cast.administrator)
    rename_unit(unit=cast.branch, name="Chi hội khu 9", on=REFORM, by=cast.administrator)
    assert versions(cast.branch) == [
        ("Chi hội khu 1", "Hội xã Hy Cương", LONG_AGO, REFORM),
        ("Chi hội khu 9", "Hội xã Tu Vũ", REFORM, None),
    ]
    assert check_tree() == []


def test_the_past_is_not_changed(cast: Cast) -> None:
    rename_unit(unit=cast.branch, name="Chi hội khu 9", on=REFORM, by=cast.chair)
    with pytest.raises(ValidationError) as refusal:
        rename_unit(unit=cast.branch, name="Chi hội khu 8", on=date(2025, 6, 30), by=cast.chair)
    assert list(refusal.value.message_dict) == ["on"]


def test_the_future_is_not_decided_yet(cast: Cast) -> None:
    with pytest.raises(ValidationError) as refusal:
        rename_unit(unit=cast.branch, name="Chi hội khu 9", on=date(2026, 7, 1), by=cast.chair)
    assert list(refusal.value.message_dict) == ["on"]


def test_a_move_needs_the_right_in_both_units(cast: Cast) -> None:
    with pytest.raises(PermissionDenied):
        move_unit(unit=cast.branch, parent=cast.elsewhere, on=REFORM, by=cast.chair)
    with pytest.raises(PermissionDenied):
        move_unit(unit=cast.here, parent=None, on=REFORM, by=cast.administrator)


def test_a_move_into_itself_is_refused_in_a_sentence(cast: Cast) -> None:
    cast.here.tier.may_stand_under.add(cast.here.tier)
    move_unit(unit=cast.elsewhere, parent=cast.here, on=REFORM, by=cast.administrator)
    with pytest.raises(ValidationError) as refusal:
        move_unit(unit=cast.here, parent=cast.elsewhere, on=REFORM, by=cast.administrator)
    assert refusal.value.code == "tree_no_circle"
    assert check_tree() == []


def test_a_unit_is_dissolved(cast: Cast) -> None:
    dissolve_unit(unit=cast.branch, on=REFORM, by=cast.administrator)
    assert cast.branch.dissolved_on == REFORM
    assert [row[4:] for row in closure(cast.branch)] == [(LONG_AGO, REFORM, True)] * 3
    with pytest.raises(ValidationError):
        rename_unit(unit=cast.branch, name="Chi hội khu 9", on=REFORM, by=cast.administrator)


@pytest.mark.parametrize(
    ("who", "rule"), [("here", "parent_exists"), ("branch", "unit_has_members")], ids=["children", "members"]
)
def test_a_unit_is_not_dissolved_over_others(cast: Cast, who: str, rule: str) -> None:
    make_member(cast.branch)
    with pytest.raises(ValidationError) as refusal:
        dissolve_unit(unit=getattr(cast, who), on=REFORM, by=cast.administrator)
    assert refusal.value.code == rule
    assert Unit.unscoped.filter(dissolved_on=None).count() == 4


def test_a_unit_is_not_dissolved_on_the_day_of_its_last_change(cast: Cast) -> None:
    late = make_unit("Chi hội mới", tier=cast.branch.tier, parent=cast.here, founded_on=REFORM)
    with pytest.raises(ValidationError) as refusal:
        dissolve_unit(unit=late, on=REFORM, by=cast.administrator)
    assert list(refusal.value.message_dict) == ["on"]


def test_what_is_written_of_a_unit_is_corrected_once_for_each_showing(cast: Cast) -> None:
    edit = partial(edit_unit, unit=cast.branch, kind="school", place=None, by=cast.chair)
    edit(code="khu-1", revision=1)
    assert (cast.branch.code, cast.branch.kind, cast.branch.revision) == ("KHU-1", "school", 2)
    with pytest.raises(ValidationError):
        edit(code="khu-1", revision=1)
    with pytest.raises(ValidationError) as refusal:
        edit(code=cast.here.code, revision=2)
    assert list(refusal.value.message_dict) == ["code"]
