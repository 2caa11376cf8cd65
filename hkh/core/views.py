"""What belongs to no domain: how the pages look, amounts in words, the style page."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hkh.core import money, style
from hkh.core.context import PREFERENCES
from hkh.core.keys import number_of
from hkh.core.widgets import grouped

_YEAR_S = 365 * 24 * 3600
_LONGEST_AMOUNT = 60
_CHART_WIDTH = 560


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
def amount_words(request: HttpRequest) -> JsonResponse:
    """How the server reads a typed sum: ``{vnd, grouped, words, problem}``, where problem is a sentence or empty."""
    typed = request.GET.get("so", "")[:_LONGEST_AMOUNT]
    try:
        amount_vnd = money.parse_vnd(typed)
    except ValidationError as refusal:
        return JsonResponse({"vnd": None, "grouped": "", "words": "", "problem": " ".join(refusal.messages)})
    return JsonResponse(
        {
            "vnd": amount_vnd,
            "grouped": grouped(amount_vnd),
            "words": money.words_vi(amount_vnd),
            "problem": "",
        }
    )


@require_http_methods(["GET", "POST"])
@login_required
def style_page(request: HttpRequest) -> HttpResponse:
    """Every part of the design system once, with made-up figures; for whoever builds a page.

    Its form comes empty, or filled in and wrong with ``?form=wrong``; what is sent is checked and kept nowhere.
    """
    if request.method == "POST":
        form = style.SampleForm(request.POST)
        if form.is_valid():
            said = _("Understood: %(amount)s.") % {"amount": money.dong(form.cleaned_data["amount_vnd"])}
            messages.success(request, said)
            return redirect("core:style-page")
    else:
        form = style.SampleForm(style.TYPED if request.GET.get("form") == "wrong" else None)
    return render(request, "style.html", style.showcase(request, form))


@require_GET
@login_required
def style_search(request: HttpRequest) -> HttpResponse:
    """What the style page's combobox finds."""
    return HttpResponse(style.found_units(request.GET.get("q", "")))


@require_GET
@login_required
def style_chart(request: HttpRequest) -> HttpResponse:
    """The style page's chart."""
    width = number_of(request.GET.get("width"), digits=4) or _CHART_WIDTH
    return HttpResponse(style.sample_chart(min(max(width, 300), 1200)))


@require_GET
@login_required
def style_progress(request: HttpRequest) -> HttpResponse:
    """The style page's running job, which is done when it is asked again."""
    return render(request, "components/_progress.html", style.sample_job())
