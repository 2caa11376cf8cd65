"""Units: the list, the picker, the page of one, founding and renaming."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from hkh.core.dates import format_date, today
from hkh.core.listing import listing
from hkh.core.money import format_number
from members import actions
from members.filters import UnitFilter
from members.forms import FoundForm, RenameForm
from members.here import unit_here, user_of
from members.history import history_of
from members.models import Grant, Unit, UnitAncestor
from members.queries import headcount, search_units, standing_on, subtree_ids
from members.rules import Verb, may, require
from members.tables import UnitTable
from members.views.here import organisation_page, shell

SORTS = {
    "name": ("tier__rank", "title_key", "pk"),
    "code": ("code", "pk"),
    "founded_on": ("founded_on", "pk"),
}
FOUND = {"match": ("match_rank", "tier__rank", "title_key", "pk")}
PICKED = 20


def _below(request: HttpRequest, unit: Unit) -> QuerySet[Unit]:
    """The units at and below ``unit``, where they stand now or stood last."""
    closure = UnitAncestor.objects.filter(ancestor=unit, is_latest=True).values("unit")
    return Unit.objects.visible_to(request.user).filter(pk__in=closure)


@organisation_page
@require_GET
def unit_list(request: HttpRequest) -> HttpResponse:
    """The unit of the page and all below it, by name or by any name they ever had."""
    unit = unit_here(request)
    narrowed = UnitFilter(request.GET)
    rows = narrowed.apply(_below(request, unit)).select_related("tier", "parent")
    found = "q" in narrowed.said()
    page = listing(
        rows, sorts={**SORTS, **FOUND} if found else SORTS, default="match" if found else "name", query=request.GET
    )
    return render(
        request,
        "members/unit_list.html",
        {
            "title": _("Organisation"),
            "here": shell(request, unit),
            "filter": narrowed,
            "page": page,
            "count": ngettext("%(count)s unit", "%(count)s units", page.count) % {"count": page.counted},
            "table": UnitTable(page.data, order_by=page.sort, request=request),
            "unit": unit,
            "may_found": may(request.user, Verb.REORGANISE, unit),
        },
    )


@organisation_page
@require_GET
def unit_search(request: HttpRequest) -> HttpResponse:
    """The picker's answer: at most twenty units in scope, by any name they ever had. 2 queries."""
    units = Unit.objects.visible_to(request.user).select_related("tier", "parent")
    found = search_units(units, request.GET.get("q", "")[:100])[:PICKED]
    return render(request, "members/_unit_options.html", {"units": found})


@organisation_page
@require_GET
def unit_detail(request: HttpRequest, code: str) -> HttpResponse:
    """What a unit is, where it stands, how it came to be, who acts in it."""
    unit = get_object_or_404(Unit.objects.visible_to(request.user).select_related("tier", "parent", "place"), code=code)
    day = today() if unit.dissolved_on is None else unit.founded_on
    children = Unit.objects.visible_to(request.user).filter(parent=unit).select_related("tier", "parent")
    return render(
        request,
        "members/unit_detail.html",
        {
            "title": unit.name,
            "here": shell(request, unit),
            "unit": unit,
            "figures": [
                (_("Members"), format_number(headcount(subtree_ids(unit, day), today()))),
                (
                    _("Units below"),
                    format_number(
                        UnitAncestor.objects.filter(standing_on(today()), ancestor=unit, depth__gt=0).count()
                    ),
                ),
            ],
            "facts": _facts(unit),
            "history": history_of(unit),
            "children": UnitTable(
                list(children.filter(dissolved_on=None).order_by("tier__rank", "title_key")[:PICKED]), request=request
            ),
            "grants": Grant.objects.filter(standing_on(today()), unit=unit).select_related("user").order_by("role"),
            "may_edit": may(request.user, Verb.EDIT_UNIT, unit) and unit.dissolved_on is None,
            "may_found": may(request.user, Verb.REORGANISE, unit) and unit.dissolved_on is None,
        },
    )


@organisation_page
@require_http_methods(["GET", "POST"])
def unit_add(request: HttpRequest, code: str) -> HttpResponse:
    """A new unit under the one with ``code``."""
    parent = get_object_or_404(Unit.objects.visible_to(request.user).select_related("tier"), code=code)
    require(request.user, Verb.REORGANISE, parent)
    form = FoundForm(request.POST or None, parent=parent)
    if form.is_valid():
        try:
            unit = actions.found_unit(parent=parent, by=user_of(request), **form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("%(unit)s was founded.") % {"unit": unit.name})
            return redirect("members:unit-detail", unit.code)
    title = _("Found a unit under %(parent)s") % {"parent": parent.name}
    return _form_page(request, form, parent, title)


@organisation_page
@require_http_methods(["GET", "POST"])
def unit_rename(request: HttpRequest, code: str) -> HttpResponse:
    """Another name from a day on; the old one stays known and is found."""
    unit = get_object_or_404(Unit.objects.visible_to(request.user).select_related("tier"), code=code)
    require(request.user, Verb.EDIT_UNIT, unit)
    form = RenameForm(request.POST or None, initial={"name": unit.name})
    if form.is_valid():
        try:
            actions.rename_unit(unit=unit, by=user_of(request), **form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("members:unit-detail", unit.code)
    return _form_page(request, form, unit, _("Rename the unit"))


def _form_page(request: HttpRequest, form: FoundForm | RenameForm, unit: Unit, title: str) -> HttpResponse:
    back = reverse("members:unit-detail", args=[unit.code])
    context = {"title": title, "here": shell(request, unit), "form": form, "back_url": back}
    return render(request, "members/plain_form.html", context)


def _facts(unit: Unit) -> list[tuple[str, str]]:
    said = (
        (_("Code"), unit.code),
        (_("Tier"), unit.tier.name),
        (_("Kind"), str(unit.get_kind_display())),
        (_("Stands under"), unit.parent.name if unit.parent else ""),
        (_("Place"), unit.place.name if unit.place else ""),
        (_("Founded"), format_date(unit.founded_on)),
        (_("Dissolved"), format_date(unit.dissolved_on) if unit.dissolved_on else ""),
    )
    return [(term, text) for term, text in said if text]
