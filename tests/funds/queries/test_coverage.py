"""Which units have a fund on a day."""

from __future__ import annotations

import json
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from funds.queries.coverage import coverage_by_child, coverage_by_tier, units_for_coverage, whole
from hkh.core.dates import Period
from members.models import Tier, Unit
from tests.cast import make_fund, make_unit

DAY = date(2024, 6, 30)


def shown(rows):
    return {str(row.of): (row.units, row.with_fund) for row in rows}


def test_a_unit_counts_once_and_only_with_a_fund_open_on_the_day(cast):
    make_fund(cast.here, "Một")
    make_fund(cast.here, "Hai")
    make_fund(cast.elsewhere, opened_on=DAY + timedelta(days=1))
    make_fund(cast.branch, opened_on=date(2020, 1, 1), closed_on=DAY)
    assert shown(coverage_by_tier(cast.province, day=DAY)) == {"Tỉnh": (1, 0), "Cơ sở": (2, 1), "Chi hội": (1, 0)}
    after = coverage_by_tier(cast.province, day=DAY + timedelta(days=1))
    assert shown(after) == {"Tỉnh": (1, 0), "Cơ sở": (2, 2), "Chi hội": (1, 0)}
    assert whole(after).percent == 50


def test_the_least_covered_child_comes_first(cast):
    make_fund(cast.here)
    rows = coverage_by_child(cast.province, day=DAY)
    assert [(row.of, row.units, row.with_fund) for row in rows] == [(cast.elsewhere, 1, 0), (cast.here, 2, 1)]


def test_tiers_without_funds_and_units_of_another_time_do_not_count(cast):
    Tier.objects.filter(pk=cast.branch.tier_id).update(holds_funds=False)
    make_unit("Xã mới", tier=cast.here.tier, parent=cast.province, founded_on=DAY + timedelta(days=1))
    assert shown(coverage_by_tier(cast.province, day=DAY)) == {"Tỉnh": (1, 0), "Cơ sở": (2, 0)}


def test_the_list_says_name_and_parent_of_the_day(cast):
    make_fund(cast.branch)
    rows = units_for_coverage(Unit.unscoped.all(), unit=cast.here, day=DAY).order_by("tier_then")
    assert {(row.name_then, row.parent_then, row.has_fund) for row in rows} == {
        ("Hội xã Hy Cương", "Tỉnh hội", False),
        ("Chi hội khu 1", "Hội xã Hy Cương", True),
    }


@pytest.mark.province
@pytest.mark.django_db
@pytest.mark.parametrize("code", ["2024-H1", "2025-Q3", "2026-Q3"])
def test_it_is_indicator_f6(code):
    out = StringIO()
    call_command("figures", "PHU-THO", code, format="json", stdout=out)
    figures = json.loads(out.getvalue())["figures"]
    rows = coverage_by_tier(Unit.unscoped.get(code="PHU-THO"), day=Period.parse(code).last_day)
    assert {row.of.code: row.with_fund for row in rows} == figures["with_fund"]
    assert {row.of.code: row.units for row in rows if row.units} == {
        tier: units for tier, units in figures["units"].items() if tier in figures["with_fund"] and units
    }
    assert whole(rows).percent < 100
