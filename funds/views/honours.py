"""The roll of honour: on the page, and asked for as PDF and Excel."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from funds import actions
from funds.filters import HonourFilter
from funds.forms.lines import LevelLines
from funds.honours import asked_gifts, title_of
from funds.models import HonourLevel
from funds.queries.honours import levels_for, roll_of_honour
from funds.sheets.lists import HonourResource
from funds.tables.donors import HonourTable
from funds.views.here import actor, money_page, posted_unit, shell, tabs, unit_for
from hkh.core import jobs
from hkh.core.dates import today
from hkh.core.money import format_number
from hkh.core.sheet_views import export_of
from members.here import unit_here
from members.rules import Verb, may, require

SHOWN = 200


@money_page
@require_http_methods(["GET", "POST"])
def honour_roll(request: HttpRequest) -> HttpResponse:
    """Who gave most to the unit and to all below it, in a period or ever. A post asks for PDF and Excel."""
    unit = unit_here(request)
    narrowed = HonourFilter(request.GET)
    period = narrowed.asked_period
    if request.method == "POST":
        require(request.user, Verb.MAKE_REPORT, unit)
        jobs.enqueue(
            "funds.honour",
            by=actor(request),
            key=request.POST.get("key", "") or str(uuid4()),
            title=title_of(unit, period),
            unit=unit.code,
            period=period.code if period else "",
        )
        messages.success(request, _("The roll of honour is being made. It waits for you among the jobs."))
        return redirect("core:job-list")
    levels = levels_for(unit, day=today())
    roll = roll_of_honour(asked_gifts(actor(request), unit, period), levels=levels)
    count = ngettext("%(count)s donor", "%(count)s donors", len(roll)) % {"count": format_number(len(roll))}
    return render(
        request,
        "funds/honour_roll.html",
        {
            "title": _("Roll of honour"),
            "lede": title_of(unit, period),
            "here": shell(request, unit, period=period),
            "tabs": tabs("funds:donor-list"),
            "filter": narrowed,
            "export": export_of(request, HonourResource, unit=unit.code),
            "count": count,
            "levels": levels,
            "table": HonourTable(roll[:SHOWN], orderable=False, request=request),
            "is_cut": len(roll) > SHOWN,
            "key": str(uuid4()),
            "may_make": may(request.user, Verb.MAKE_REPORT, unit),
            "may_manage": may(request.user, Verb.MANAGE_FUNDS, unit),
        },
    )


@money_page
@require_http_methods(["GET", "POST"])
def honour_levels(request: HttpRequest) -> HttpResponse:
    """From which sums on the roll names a donor, in this unit and below."""
    unit = posted_unit(request) if request.method == "POST" else unit_for(request, Verb.MANAGE_FUNDS)
    if unit is None:
        raise Http404
    require(request.user, Verb.MANAGE_FUNDS, unit)
    own = HonourLevel.objects.visible_to(request.user).filter(unit=unit)
    lines = LevelLines(
        request.POST if "levels-TOTAL_FORMS" in request.POST else None, initial=list(own.values("name", "least_vnd"))
    )
    if lines.is_bound and lines.is_valid():
        levels = [(line["name"], line["least_vnd"]) for line in lines.said()]
        try:
            actions.set_honour_levels(unit=unit, levels=levels, by=actor(request))
        except ValidationError as refusal:
            lines.non_form_errors().extend(refusal.messages)
        else:
            messages.success(request, _("Saved."))
            return redirect(f"{reverse('funds:honour-roll')}?unit={unit.code}")
    return render(
        request,
        "funds/lines_form.html",
        {
            "title": _("Levels of the roll of honour"),
            "lede": unit.name,
            "here": shell(request, unit),
            "unit": unit,
            "lines": lines,
            "back_url": reverse("funds:honour-roll"),
        },
    )
