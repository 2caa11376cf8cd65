"""Closing a period: every check green or red with the way to it, then locked; and reopening one for a while."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from funds import actions
from funds.actions.closings import next_period
from funds.checks.closing import closing_checks
from funds.forms.vouchers import CloseBooksForm, ReopenForm
from funds.lists.books import closed_of
from funds.models import Closing
from funds.sheets.lists import ClosingResource
from funds.views.here import actor, money_page, posted_unit, shell, tabs
from hkh.core.dates import PeriodKind, today
from hkh.core.sheet_views import export_of
from members.here import unit_here
from members.rules import Verb, may, require


@money_page
@require_http_methods(["GET", "POST"])
def closing_list(request: HttpRequest) -> HttpResponse:
    """The closed periods of a unit and, for who may close, the next one with its checks."""
    unit = posted_unit(request) if request.method == "POST" else unit_here(request)
    if unit is None:
        raise Http404
    may_close = may(request.user, Verb.CLOSE_BOOKS, unit)
    quarter, month = next_period(unit), next_period(unit, kind=PeriodKind.MONTH)
    form = CloseBooksForm((request.POST or None) if may_close else None, periods=[quarter, month])
    if form.is_valid():
        try:
            closing = actions.close_books(unit=unit, period=form.cleaned_data["period"], by=actor(request))
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Closed: %(period)s.") % {"period": closing.as_period.phrase})
            return redirect(f"{reverse('funds:closing-list')}?{urlencode({'unit': unit.code})}")
    closed = list(closed_of(actor(request), unit))
    checks = closing_checks(unit, quarter, since=closed[0].ends_before if closed else None)
    return render(
        request,
        "funds/closing_list.html",
        {
            "title": _("Closing the books"),
            "here": shell(request, unit),
            "tabs": tabs("funds:closing-list"),
            "unit": unit,
            "form": form,
            "quarter": quarter,
            "checks": [(check, f"{reverse(check.page)}?{urlencode(check.query)}") for check in checks],
            "closed": [(one, [r for r in one.reopenings.all() if r.is_open_on(today())]) for one in closed],
            "export": export_of(request, ClosingResource, unit=unit.code),
            "may_close": may_close,
            "may_reopen": may(request.user, Verb.REOPEN_BOOKS, unit),
        },
    )


@money_page
@require_http_methods(["GET", "POST"])
def closing_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    closing = get_object_or_404(Closing.objects.visible_to(request.user).select_related("unit"), pk=pk)
    require(request.user, Verb.REOPEN_BOOKS, closing.unit_id)
    form = ReopenForm(request.POST or None)
    if form.is_valid():
        try:
            actions.reopen_books(closing=closing, unit=closing.unit, by=actor(request), **form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Open again. It is closed by itself when the days are over."))
            return redirect(f"{reverse('funds:closing-list')}?{urlencode({'unit': closing.unit.code})}")
    return render(
        request,
        "funds/closing_reopen.html",
        {
            "title": _("Reopen a period"),
            "here": shell(request, closing.unit),
            "closing": closing,
            "form": form,
            "question": _("Reopen %(period)s?") % {"period": closing.as_period.phrase},
        },
    )
