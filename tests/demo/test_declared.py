"""What the units of the demo declare: mostly what their lists say, some otherwise, some nothing."""

from __future__ import annotations

from datetime import date

import pytest
from django.db.models import Count, F

from hkh.core.dates import Period
from hkh.indicators.lens import Lens
from hkh.indicators.queries import headcounts_by_child
from hkh.indicators.titles import Titles, titles
from members.headcounts import Headcount
from members.models import ReportedHeadcount, Title, TitleCount, TitleTarget, Unit
from members.titles import targets_for

pytestmark = [pytest.mark.django_db, pytest.mark.province]


def test_numbers_are_mostly_equal_some_differ_some_are_missing() -> None:
    lens = Lens(Unit.unscoped.get(code="PHU-THO"), Period.parse("2024-H1"))
    total = sum(headcounts_by_child(lens).values(), Headcount())
    assert total.units == 30
    assert 0 < total.units_silent < 6
    assert 0 < total.units_differing < 10
    days = set(ReportedHeadcount.unscoped.values_list("counted_on", flat=True))
    assert days == {date(year, *day) for year in range(2022, 2027) for day in ((6, 30), (12, 31))} - {
        date(2022, 6, 30),
        date(2026, 12, 31),
    }
    corrected = ReportedHeadcount.unscoped.filter(revision=2)
    assert all(row.note for row in corrected)


def test_titles_are_told_for_four_years_by_one_unit_on_each_way_down() -> None:
    per_year = TitleCount.unscoped.values_list("year").annotate(Count("pk")).order_by("year")
    assert [year for year, count in per_year if count] == [2022, 2023, 2024, 2025]
    assert not TitleCount.unscoped.filter(recognised__gt=F("registered")).exists()
    province = Unit.unscoped.get(code="PHU-THO")
    for year in ("2024", "2025"):
        seen = titles(Lens(province, Period.parse(year)))
        for title in Title.values:
            told = TitleCount.unscoped.filter(year=int(year), title=title)
            assert Titles.total(seen.now, title).recognised == sum(row.recognised for row in told)


def test_the_targets_of_the_state_are_data() -> None:
    assert TitleTarget.objects.count() == 10
    province = Unit.unscoped.get(code="PHU-THO")
    shares = {title: (row.year, int(row.value_percent)) for title, row in targets_for(province, 2024).items()}
    assert shares == {
        "family": (2025, 70),
        "clan": (2025, 65),
        "community": (2025, 65),
        "unit": (2025, 80),
        "citizen": (2025, 40),
    }
    assert {row.year for row in targets_for(province, 2026).values()} == {2030}
