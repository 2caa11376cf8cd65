"""What units declare, across the tree: members registered and reported, titles and their targets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from hkh.core.dates import format_date, today
from hkh.core.keys import number_of
from hkh.core.money import format_number
from hkh.core.sheet_views import export_of
from hkh.declared.headcounts import (
    HeadcountFilter,
    Line,
    as_headcount,
    figures,
    headings,
    in_order,
    sentences,
    unit_lines,
    with_bars,
)
from hkh.declared.lists import (
    HeadcountResource,
    TitleResource,
    UnitHeadcountResource,
    asked_title,
    child_headcounts,
    narrowed_units,
)
from hkh.declared.titles import child_lines, of_what, title_lines, total_line
from hkh.indicators import restating
from hkh.indicators.here import NoUnit, Place, resolve
from hkh.indicators.queries import headcounts_by_child, headcounts_by_unit
from hkh.indicators.titles import of_year, titles
from members.headcounts import Headcount
from members.here import user_of
from members.models import Title, Unit
from members.queries import children_on
from members.rules import Verb, may
from members.titles import targets_for

PAGE_SIZE = 50


@login_required
@require_GET
def headcount_page(request: HttpRequest) -> HttpResponse:
    """What the children of a unit register and report on the period's last day; a click goes down. 9 queries."""
    try:
        place = resolve(request)
    except NoUnit:
        return render(request, "dashboard/no_unit.html", {"title": _("Headcounts")})
    by_child = headcounts_by_child(place.lens)
    total = sum(by_child.values(), Headcount())
    sort = request.GET.get("sort", "")
    columns = [
        ("registered", _("Listed")),
        ("reported", _("Reported")),
        ("difference", _("Reported less registered")),
        ("differing", _("Units that differ")),
        ("silent", _("Units that reported")),
        ("", _("Listed, not reported")),
    ]
    lines = in_order(with_bars(child_headcounts(place.lens, by_child)), sort)
    return render(
        request,
        "declared/headcounts.html",
        {
            **_frame(request, place, total, is_tree=True),
            "export": export_of(request, HeadcountResource, **place.answers),
            "headings": headings(columns, sort),
            "lines": lines,
            "total": Line(_("Together"), "", total),
            # Above the branches' own association there is nothing to enter: one goes down first.
            "may_declare": any(not line.has_children for line in lines)
            and may(request.user, Verb.DECLARE, place.lens.unit),
        },
    )


@login_required
@require_GET
def headcount_units(request: HttpRequest) -> HttpResponse:
    """Unit by unit, those whose numbers differ first and largest first. 8 queries."""
    try:
        place = resolve(request)
    except NoUnit:
        return render(request, "dashboard/no_unit.html", {"title": _("Headcounts")})
    narrowed = HeadcountFilter(request.GET)
    every = headcounts_by_unit(place.lens)
    rows = narrowed_units(user_of(request), every, narrowed)
    start = _start(request.GET.get("after", ""), len(rows))
    shown = rows[start : start + PAGE_SIZE]
    units = Unit.objects.visible_to(request.user).in_bulk([row.pk for row in shown])
    total = sum(map(as_headcount, every), Headcount())
    lines = with_bars(unit_lines(shown, units))
    return render(
        request,
        "declared/headcount_units.html",
        {
            **_frame(request, place, total, is_tree=False),
            "filter": narrowed,
            "export": export_of(request, UnitHeadcountResource, **place.answers),
            "headings": headings(
                [("", label) for label in (_("Listed"), _("Reported"), _("Reported less registered"))], ""
            ),
            "lines": lines,
            "total": Line(_("Together"), "", sum(map(as_headcount, rows), Headcount())),
            "count": ngettext("%(count)s unit", "%(count)s units", len(rows)) % {"count": format_number(len(rows))},
            "before": str(max(start - PAGE_SIZE, 0)) if start else "",
            "after": str(start + PAGE_SIZE) if start + PAGE_SIZE < len(rows) else "",
        },
    )


@login_required
@require_GET
def title_page(request: HttpRequest) -> HttpResponse:
    """Titles of a unit and year against their targets, last year beside; the children of one title. 10 queries."""
    try:
        place = resolve(request)
    except NoUnit:
        return render(request, "dashboard/no_unit.html", {"title": _("Learning titles")})
    lens = of_year(place.lens)
    seen, year = titles(lens), lens.period.year
    title = asked_title(request.GET)
    children = children_on(lens.unit, lens.tree_day(min(lens.last_day, today())))
    lines = child_lines(seen, title, children)
    answers = {**place.answers, "period": year}
    return render(
        request,
        "declared/titles.html",
        {
            "title": _("Titles of the learning society, %(year)s") % {"year": year},
            "restated": restating.warning(lens),
            "here": replace(place.here, period=lens.period),
            "unit": lens.unit,
            "year": year,
            "year_before": year - 1,
            "titles": title_lines(seen, targets_for(lens.unit, year)),
            "has_figures": bool(seen.now),
            "tabs": [
                {
                    "label": one.label,
                    "url": f"{request.path}?{urlencode({**answers, 'title': one.value})}#children",
                    "is_current": one == title,
                }
                for one in Title
            ],
            "chosen": title.label,
            "export": export_of(request, TitleResource, **place.answers),
            "of": of_what(title),
            "lines": lines,
            "total": total_line(seen, title),
            "may_declare": year <= today().year and may(request.user, Verb.DECLARE, lens.unit),
        },
    )


def _frame(request: HttpRequest, place: Place, total: Headcount, *, is_tree: bool) -> dict[str, Any]:
    """What both pages show around their tables. No query, one restated."""
    tabs = [
        {"label": _("By tier"), "url": f"{reverse('declared:headcount-page')}?{place.query}", "is_current": is_tree},
        {
            "label": _("Unit by unit"),
            "url": f"{reverse('declared:headcount-units')}?{place.query}",
            "is_current": not is_tree,
        },
    ]
    day = min(place.lens.last_day, today())
    return {
        "title": _("Members registered and reported"),
        "restated": restating.warning(place.lens),
        "here": place.here,
        "unit": place.lens.unit,
        "day": format_date(day),
        "day_asked": day.isoformat(),
        "query": place.query,
        "tabs": tabs,
        "figures": figures(total),
        "sentences": sentences(total),
        "has_units": bool(total.units),
    }


def _start(text: str, count: int) -> int:
    """Where the page begins; what makes no sense begins at the beginning."""
    start = number_of(text, digits=6)
    return start if start < count else 0
