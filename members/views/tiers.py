"""The page that explains the tiers."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from members.here import unit_here
from members.rules import is_administrator
from members.tiers import drawing_of, tiers_shown
from members.views.here import organisation_page, shell


@organisation_page
@require_GET
def tier_list(request: HttpRequest) -> HttpResponse:
    """Which tier may stand under which, what each does, how many units the unit of the page has in it."""
    unit = unit_here(request)
    shown = tiers_shown(unit)
    return render(
        request,
        "members/tier_list.html",
        {
            "title": _("Tiers of the association"),
            "lede": _("How many units: %(unit)s and all below it, today") % {"unit": unit.name},
            "here": shell(request, unit),
            "tiers": shown,
            "drawing": drawing_of(shown),
            "may_change": is_administrator(request.user),
        },
    )
