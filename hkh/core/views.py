"""What belongs to no domain: how the pages look, amounts in words, the style page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from hkh.core import style
from hkh.core.context import PREFERENCES

_YEAR_S = 365 * 24 * 3600


@require_POST
def preference_set(request: HttpRequest) -> HttpResponse:
    """Keep theme or width of the navigation in a cookie, and go back to where one was."""
    back = request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(back if safe else "/")
    for cookie, allowed in PREFERENCES.items():
        value = request.POST.get(cookie, "")
        if value in allowed:
            response.set_cookie(cookie, value, max_age=_YEAR_S, samesite="Lax", secure=request.is_secure())
    return response


@require_GET
@login_required
def style_page(request: HttpRequest) -> HttpResponse:
    """Every part of the design system once, with made-up figures; for whoever builds a page."""
    return render(request, "style.html", style.showcase(request))
