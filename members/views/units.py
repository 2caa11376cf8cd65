"""Units: the list, the pickers, the page of one."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from hkh.core.dates import format_date, today
from hkh.core.listing import RowsAsSorted
from hkh.core.money import format_number
from hkh.core.sheet_views import export_of
from members.family import Kin, family_of, kin_of
from members.headcounts import headcount_on
from members.here import unit_here, user_of
from members.history import WIDTH, history_of
from members.lists import units_of
from members.models import Appointment, Grant, Place, Unit
from members.queries import (
    counts_below,
    headcounts,
    roles_in,
    search_places,
    search_units,
    traces_of,
    with_order_of_offices,
)
from members.rules import Verb, may, topmost_units, units_where
from members.sheets.units import UnitResource
from members.tables import UnitTable, term_end
from members.views.here import organisation_page, shell

PICKED = 20


@organisation_page
@require_GET
def unit_list(request: HttpRequest) -> HttpResponse:
    """What stands below the unit of the page: the next step down, or all of it once something is asked for."""
    unit = unit_here(request)
    found = units_of(user_of(request), unit, request.GET)
    page = found.page(request.GET)
    lede = _("All below %(unit)s") if found.filter.goes_deep else _("Directly below %(unit)s")
    return render(
        request,
        "members/unit_list.html",
        {
            "title": _("Organisation"),
            "lede": lede % {"unit": unit.name},
            "here": shell(request, unit),
            "filter": found.filter,
            "page": page,
            "export": export_of(request, UnitResource, unit=unit.code),
            "count": ngettext("%(count)s unit", "%(count)s units", page.count) % {"count": page.counted},
            "table": _table(request, page.rows, page.sort, searched=found.filter.said().get("q", "")),
            "unit": unit,
            "may_found": unit.exists_on(today()) and may(request.user, Verb.EDIT_UNIT, unit),
        },
    )


@organisation_page
@require_GET
def unit_search(request: HttpRequest) -> HttpResponse:
    """The picker's answer: at most twenty units in scope, by any name they ever had. 4 queries.

    ``?for=members`` offers units that one may enter members in, ``?for=parents`` such that one may move units under.
    """
    units = all_units(request)
    match request.GET.get("for", ""):
        case "members":
            units = open_to(request, Verb.EDIT_MEMBER).filter(tier__holds_members=True)
        case "offices":
            units = open_to(request, Verb.APPOINT)
        case "parents":
            units = open_to(request, Verb.REORGANISE)
    text = request.GET.get("q", "")[:100]
    found = list(search_units(units.select_related("tier", "parent"), text)[:PICKED])
    traces = traces_of(found, text, seen=all_units(request))
    hits = [(unit, traces.get(unit.pk)) for unit in found]
    return render(request, "members/_unit_options.html", {"hits": hits, "top": topmost_units(user_of(request))})


@organisation_page
@require_GET
def place_search(request: HttpRequest) -> HttpResponse:
    """The places that a unit may belong to; they are public. 1 query."""
    found = search_places(Place.objects.select_related("parent"), request.GET.get("q", "")[:100])
    return render(request, "members/_place_options.html", {"places": found[:PICKED]})


@organisation_page
@require_GET
def unit_detail(request: HttpRequest, code: str) -> HttpResponse:
    """What a unit is, where it stands, how it came to be, who acts in it."""
    asked = request.GET.get("unit", "")
    if asked and asked != code:  # the picker at the top leads from one unit's page to another's
        return redirect("members:unit-detail", asked)
    unit = get_object_or_404(all_units(request).select_related("tier", "parent", "place"), code=code)
    children = all_units(request).filter(parent=unit).filter(dissolved_on=None).select_related("tier", "parent")
    first = list(children.order_by("tier__rank", "title_key", "pk")[:PICKED])
    user, is_there = user_of(request), unit.exists_on(today())
    kin = kin_of(unit)
    seen = _neighbours(request, unit, kin)
    return render(
        request,
        "members/unit_detail.html",
        {
            "title": unit.name,
            "here": shell(request, unit),
            "unit": unit,
            "is_there": is_there,
            "figures": _figures(unit),
            "facts": _facts(unit, shows_parent=unit.pk not in topmost_units(user)),
            "history": history_of(unit, seen=seen),
            "family": family_of(unit, kin, seen=seen, unnamed=_("Another unit")),
            "width": WIDTH,
            "children": _table(request, first) if first else None,
            "offices": _offices(request, unit),
            "grants": roles_in(Grant.objects.all(), unit, today()),
            "links": _links(unit),
            "may": {
                "found": is_there and may(user, Verb.EDIT_UNIT, unit),
                "edit": may(user, Verb.EDIT_UNIT, unit),
                "reorganise": is_there and may(user, Verb.REORGANISE, unit),
                "appoint": is_there and may(user, Verb.APPOINT, unit),
                "make_cards": is_there and may(user, Verb.EDIT_MEMBER, unit),
                "add_member": is_there and unit.tier.holds_members and may(user, Verb.EDIT_MEMBER, unit),
            },
        },
    )


def _offices(request: HttpRequest, unit: Unit) -> list[tuple[Appointment, Any]]:
    """Who holds which office of the unit now, with the end of the term; the chair first. 1 query."""
    seen: Any = Appointment.objects.visible_to(request.user)
    held = seen.filter(unit=unit).held_on(today()).select_related("member")
    ordered: Any = with_order_of_offices(held)
    return [(office, term_end(office)) for office in ordered.order_by("office_order", "pk")]


def all_units(request: HttpRequest) -> QuerySet[Unit]:
    return Unit.objects.visible_to(request.user)


def open_to(request: HttpRequest, verb: Verb) -> QuerySet[Unit]:
    """The units that are there and where the user may ``verb``."""
    return all_units(request).filter(pk__in=units_where(request.user, verb).values("pk"), dissolved_on=None)


def _neighbours(request: HttpRequest, unit: Unit, kin: dict[int, list[Kin]]) -> set[int]:
    """Ids of the units in sight that this one ever stood under, came from or went into. 1 query."""
    family = {one.pk for near in kin.values() for one in near}
    known = all_units(request).filter(Q(pk__in=family) | Q(child_versions__unit=unit))
    return set(known.order_by().values_list("pk", flat=True))


def _table(request: HttpRequest, rows: list[Unit], sort: str = "", *, searched: str = "") -> UnitTable:
    """``rows`` with what is counted below each; 2 queries. Where a search or a dissolved unit leaves the question,
    also why each was found and who carries on; 2 more."""
    ids = [row.pk for row in rows]
    asks = searched or any(row.dissolved_on for row in rows)
    return UnitTable(
        RowsAsSorted(rows),
        counted_below=counts_below(ids),
        members_below=headcounts(ids),
        top=topmost_units(user_of(request)),
        traces=traces_of(rows, searched, seen=all_units(request)) if asks else {},
        order_by=sort,
        orderable=bool(sort),
        exclude=() if sort else ("parent",),  # directly below, all stand under the same
        request=request,
    )


def _figures(unit: Unit) -> list[tuple[str, str]]:
    members, below = headcounts([unit.pk]).get(unit.pk, 0), counts_below([unit.pk]).get(unit.pk, 0)
    figures = [(_("Members"), format_number(members)), (_("Units below"), format_number(below))]
    reported = headcount_on(unit, today())
    if reported.units_reporting:
        of = {"some": format_number(reported.units_reporting), "all": format_number(reported.units)}
        words = _("%(number)s (by %(some)s of %(all)s units)") if reported.units > 1 else "%(number)s"
        figures.append((_("Members reported"), words % {"number": format_number(reported.reported), **of}))
    elif reported.units:
        figures.append((_("Members reported"), _("not reported")))
    return figures


def _facts(unit: Unit, *, shows_parent: bool) -> list[tuple[str, str]]:
    said = (
        (_("Code"), unit.code),
        (_("Tier"), unit.tier.name),
        (_("Kind"), str(unit.get_kind_display())),
        (_("Stands under"), unit.parent.name if unit.parent and shows_parent else ""),
        (_("Place"), unit.place.name if unit.place else ""),
        (_("Founded on"), format_date(unit.founded_on)),
        (_("Dissolved on"), format_date(unit.dissolved_on) if unit.dissolved_on else ""),
    )
    return [(term, text) for term, text in said if text]


def _links(unit: Unit) -> list[tuple[str, str]]:
    """Where else the unit is looked at: label and address."""
    doors = (
        ("dashboard:overview", _("Overview")),
        ("members:member-list", _("Members")),
        ("members:office-list", _("Offices")),
        ("declared:headcount-page", _("Headcounts")),
        ("declared:title-page", _("Learning titles")),
        ("funds:fund-list", _("Funds")),
        ("scholarships:round-list", _("Scholarships and gifts")),
        ("reports:report-room", _("Report")),
    )
    links = []
    for name, label in doors:
        try:
            links.append((label, f"{reverse(name)}?unit={unit.code}"))
        except NoReverseMatch:
            continue
    return links
