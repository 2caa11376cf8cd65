"""Which target holds: the next year with one, and of that year the nearest to the unit."""

from __future__ import annotations

import pytest

from members.models import Place, TitleTarget, Unit
from members.titles import targets_for
from tests.cast import Cast


def target(value: int, year: int = 2025, **of: object) -> None:
    TitleTarget.objects.create(title="family", year=year, value_percent=value, basis="", **of)


def share(unit: Unit, year: int = 2025) -> int | None:
    found = targets_for(unit, year).get("family")
    return int(found.value_percent) if found else None


@pytest.fixture
def places(cast: Cast) -> dict[str, Place]:
    province = Place.objects.create(uid="p", code="25", name="Tỉnh", level="province")
    commune = Place.objects.create(uid="c", code="8344", name="Xã", level="commune", parent=province)
    Unit.unscoped.filter(pk=cast.here.pk).update(place=commune)
    return {"province": province, "commune": commune}


def test_the_nearest_target_counts(cast: Cast, places: dict[str, Place]) -> None:
    assert share(cast.branch) is None
    target(10)
    assert share(cast.branch) == 10
    target(20, place=places["province"])
    assert share(cast.branch) == 20
    assert share(cast.elsewhere) == 10
    target(30, place=places["commune"])
    assert share(cast.branch) == 30
    target(40, unit=cast.province)
    assert (share(cast.branch), share(cast.elsewhere)) == (40, 40)
    target(50, unit=cast.here)
    assert (share(cast.branch), share(cast.here), share(cast.elsewhere)) == (50, 50, 40)
    target(60, unit=cast.branch)
    assert (share(cast.branch), share(cast.here)) == (60, 50)


def test_the_next_year_counts_before_what_is_nearer(cast: Cast) -> None:
    target(70)
    target(80, year=2030)
    target(90, year=2028, unit=cast.here)
    assert [share(cast.here, year) for year in (2023, 2025, 2026, 2028, 2029, 2031)] == [70, 70, 90, 90, 80, None]


def test_two_queries(cast: Cast, django_assert_num_queries) -> None:
    target(70)
    target(60, unit=cast.branch)
    with django_assert_num_queries(2):
        targets_for(cast.branch, 2025)
