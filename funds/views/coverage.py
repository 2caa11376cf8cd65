"""Which units have a fund, and which have none yet."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from funds.lists.books import covered_of
from funds.queries.coverage import coverage_by_child, coverage_by_tier, whole
from funds.sheets.lists import CoverageResource
from funds.tables.funds import CoverageTable
from funds.views.here import actor, money_page, shell, tabs
from hkh.core.dates import format_date
from hkh.core.money import format_number, percent
from hkh.core.sheet_views import export_of
from members.here import unit_here
from members.models import Tier

CHILDREN_SHOWN = 40


@money_page
@require_GET
def coverage(request: HttpRequest) -> HttpResponse:
    """The share of units with a fund on a day, by tier and by unit below, and the list of those without."""
    unit = unit_here(request)
    found = covered_of(actor(request), unit, request.GET)
    day = found.filter.day
    tiers = coverage_by_tier(unit, day=day)
    children = coverage_by_child(unit, day=day)
    names: dict[int, Any] = {tier.pk: tier for tier in Tier.objects.all()}
    page = found.page(request.GET)
    return render(
        request,
        "funds/coverage.html",
        {
            "title": _("Units with a fund"),
            "here": shell(request, unit),
            "tabs": tabs("funds:fund-list"),
            "lede": _("On %(day)s. The association's target is a fund in every unit.") % {"day": format_date(day)},
            "all": _shown(whole(tiers), _("All tiers")),
            "tiers": [_shown(row, row.of.name) for row in tiers],
            "children": [(row.of.name, *_figures(row)) for row in children[:CHILDREN_SHOWN]],
            "children_columns": [_("Unit"), _("Units"), _("With a fund"), _("Without"), _("Share")],
            "filter": found.filter,
            "export": export_of(request, CoverageResource, unit=unit.code),
            "page": page,
            "count": ngettext("%(count)s unit", "%(count)s units", page.count) % {"count": page.counted},
            "table": CoverageTable(page.data, order_by=page.sort, request=request, tiers=names),
        },
    )


def _figures(row: Any) -> tuple[str, str, str, str]:
    return (
        format_number(row.units),
        format_number(row.with_fund),
        format_number(row.without),
        percent(row.percent, in_column=True),
    )


def _shown(row: Any, label: str) -> dict[str, Any]:
    """One bar: how far the tier is."""
    beside = _("%(with_fund)s of %(units)s units") % {
        "with_fund": format_number(row.with_fund),
        "units": format_number(row.units),
    }
    return {"label": label, "percent": row.percent, "text": percent(row.percent, in_column=True), "beside": beside}
