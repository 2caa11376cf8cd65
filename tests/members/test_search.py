"""Units by every name they ever had, and by those of what they carry on for."""

from __future__ import annotations

from datetime import date

import pytest

from members.actions import rename_unit
from members.models import Place, Succession, Unit
from members.queries import ever_named, matching_units, search_units, traces_of
from tests.cast import Cast, make_unit

MERGED, REFORM = date(2025, 1, 1), date(2025, 7, 1)


@pytest.fixture
def merged(cast: Cast, settings) -> dict[str, Unit]:
    """Tuy Lộc became part of Minh Thắng on 1 January 2025, and that of Tiên Lương on 1 July 2025."""
    settings.HKH_TODAY = "2026-06-30"

    def commune(name: str, since: date, until: date | None = None) -> Unit:
        return make_unit(
            f"Hội Khuyến học xã {name}", tier=cast.here.tier, parent=cast.province, founded_on=since, dissolved_on=until
        )

    units = {
        "old": commune("Tuy Lộc", date(2000, 1, 1), MERGED),
        "between": commune("Minh Thắng", MERGED, REFORM),
        "new": commune("Tiên Lương", REFORM),
    }
    for before, after, on in (("old", "between", MERGED), ("between", "new", REFORM)):
        Succession.objects.create(predecessor=units[before], successor=units[after], effective_on=on)
    return units


def found(text: str) -> list[Unit]:
    return list(search_units(Unit.unscoped.all(), text))


def told(units: list[Unit], text: str, seen=None) -> dict[Unit, tuple[list[str], list[str], list[list[Unit]]]]:
    traces = traces_of(units, text, seen=Unit.unscoped.all() if seen is None else seen)
    by_id = {unit.pk: unit for unit in units}
    return {
        by_id[pk]: (list(one.once), list(one.before), [list(step) for step in one.after]) for pk, one in traces.items()
    }


@pytest.mark.parametrize("typed", ["Tuy Lộc", "tuy loc", "xã tuy lộc", "Tuy Lô\u0323c"])
def test_an_old_name_leads_to_whoever_carries_on_step_by_step(merged: dict[str, Unit], typed: str) -> None:
    old, between, new = merged["old"], merged["between"], merged["new"]
    assert found(typed) == [old, new, between]
    assert told([old, new, between], typed) == {
        old: ([], [], [[between], [new]]),
        new: ([], ["Hội Khuyến học xã Tuy Lộc"], []),
        between: ([], ["Hội Khuyến học xã Tuy Lộc"], [[new]]),
    }


def test_a_name_once_borne_is_said(cast: Cast, settings) -> None:
    settings.HKH_TODAY = "2026-06-30"
    rename_unit(unit=cast.elsewhere, name="Hội phường Sông Đà", on=REFORM, by=cast.administrator)
    unit = Unit.unscoped.get(pk=cast.elsewhere.pk)
    assert found("tu vũ") == [unit]
    assert told([unit], "tu vũ") == {unit: (["Hội xã Tu Vũ"], [], [])}
    assert told([unit], "sông đà") == {}
    assert list(ever_named("tu vũ").values_list("unit", flat=True)) == [unit.pk]


def test_who_carries_on_out_of_sight_is_not_told(merged: dict[str, Unit]) -> None:
    seen = Unit.unscoped.exclude(pk=merged["new"].pk)
    assert told([merged["old"]], "", seen) == {merged["old"]: ([], [], [[merged["between"]]])}


def test_parts_go_to_several(cast: Cast, merged: dict[str, Unit]) -> None:
    Succession.objects.filter(predecessor=merged["between"]).update(kind="part", share="0.6")
    Succession.objects.create(
        predecessor=merged["between"], successor=cast.here, effective_on=REFORM, kind="part", share="0.4"
    )
    after = told([merged["between"]], "")[merged["between"]][2]
    assert [sorted(unit.name for unit in step) for step in after] == [
        ["Hội Khuyến học xã Tiên Lương", "Hội xã Hy Cương"]
    ]


@pytest.mark.parametrize("typed", ["%", "_", "\\", "' OR 1=1 --", "%uy%"])
def test_signs_are_letters_like_others(merged: dict[str, Unit], typed: str) -> None:
    assert found(typed) == []


def test_successions_that_lead_round_end(merged: dict[str, Unit]) -> None:
    Succession.objects.create(predecessor=merged["new"], successor=merged["old"], effective_on=REFORM)
    assert set(matching_units(Unit.unscoped.all(), "tuy loc")) == set(merged.values())
    assert set(told(list(merged.values()), "tuy loc")) == set(merged.values())


def test_the_state_s_code_is_no_key(cast: Cast) -> None:
    """08230 was the town of Phong Châu and is the commune of Phù Ninh: two places, each with its own association."""
    facts = {"code": "08230", "level": "commune"}
    town = Place.objects.create(uid="W08230-2024", name="Thị trấn Phong Châu", valid_until=REFORM, **facts)
    commune = Place.objects.create(uid="W08230-2025", name="Xã Phù Ninh", valid_from=REFORM, **facts)
    old = make_unit("Hội thị trấn Phong Châu", tier=cast.here.tier, parent=cast.province, dissolved_on=REFORM)
    new = make_unit("Hội xã Phù Ninh", tier=cast.here.tier, parent=cast.province, founded_on=REFORM)
    for unit, place in ((old, town), (new, commune)):
        Unit.unscoped.filter(pk=unit.pk).update(place=place)

    assert found("phong chau") == [old]
    assert found("phu ninh") == [new]
    assert found("08230") == []
    assert list(Unit.unscoped.filter(place=commune)) == [new]


@pytest.mark.parametrize("more", [0, 3])
def test_why_units_were_found_takes_two_queries(
    merged: dict[str, Unit], cast: Cast, more: int, django_assert_num_queries
) -> None:
    for n in range(more):
        heir = make_unit(f"Hội xã {n}", tier=cast.here.tier, parent=cast.province, founded_on=MERGED)
        Succession.objects.create(predecessor=merged["old"], successor=heir, effective_on=MERGED)
    units = found("tuy loc")
    with django_assert_num_queries(2):
        traces_of(units, "tuy loc", seen=Unit.unscoped.all())
