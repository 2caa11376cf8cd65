"""Funds: what they hold and did, and the forms that open, edit, move and close."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from funds import actions
from funds.forms import CloseFundForm, FundForm
from funds.lists.books import movements_of
from funds.lists.gifts import funds_of
from funds.models import Appeal, Donation, Fund
from funds.queries import FundFlows, flows_by_fund, with_balances
from funds.queries.boards import boards_of
from funds.sheets.funds import FundResource
from funds.sheets.lists import BoardResource, LedgerResource
from funds.tables.donations import DonationTable
from funds.tables.funds import FundTable, LedgerTable
from funds.views.here import actor, money_page, posted_unit, shell, tabs, unit_for
from hkh.core.context import current_scope, forget_scope
from hkh.core.dates import Period, PeriodKind, format_date, today
from hkh.core.money import dong
from hkh.core.sheet_views import export_of
from members.here import stood_below, unit_here
from members.models import Unit
from members.rules import Verb, may, may_somewhere, require

LATEST = 8
MOST_FOUND = 20


@money_page
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """The unit's own funds in a period, the latest gifts of all below, and the appeals that are open."""
    unit, period = unit_here(request), period_here(request)
    own = Fund.objects.visible_to(request.user).filter(unit=unit, opened_on__lt=period.ends_before)
    funds = list(own.order_by("closed_on", "title_key"))
    flows = flows_by_fund(own, period=period)
    lines = [(fund, flows.get(fund.pk, FundFlows())) for fund in funds]
    latest = Donation.objects.visible_to(request.user).filter(stood_below(unit), voided_on=None)
    latest_table = DonationTable(
        list(latest.select_related("donor", "fund", "unit").order_by("-received_on", "-pk")[:LATEST]),
        exclude=("fund", "document"),
        orderable=False,
        request=request,
    )
    return render(
        request,
        "funds/overview.html",
        {
            "title": _("Funds and donations"),
            "here": shell(request, unit, period=period),
            "tabs": tabs("funds:overview"),
            "unit": unit,
            "period": period,
            "lines": lines,
            "total": _total([line for _fund, line in lines]),
            "latest": latest_table,
            "appeals": _open_appeals(request, unit),
            "may": _may_here(request, unit),
        },
    )


@money_page
@require_GET
def fund_list(request: HttpRequest) -> HttpResponse:
    """The funds of the unit and of all below it, with what they hold now."""
    unit = unit_here(request)
    found = funds_of(actor(request), unit, request.GET)
    page = found.page(request.GET)
    return render(
        request,
        "funds/fund_list.html",
        {
            "title": _("Funds"),
            "here": shell(request, unit),
            "tabs": tabs("funds:fund-list"),
            "filter": found.filter,
            "page": page,
            "export": export_of(request, FundResource, unit=unit.code),
            "export_boards": export_of(request, BoardResource, unit=unit.code),
            "count": ngettext("%(count)s fund", "%(count)s funds", page.count) % {"count": page.counted},
            "table": FundTable(page.data, order_by=page.sort, request=request),
            "may_open": may_somewhere(request.user, Verb.MANAGE_FUNDS),
            "may_transfer": may_somewhere(request.user, Verb.PREPARE_SPENDING),
        },
    )


@money_page
@require_GET
def fund_detail(request: HttpRequest, pk: int) -> HttpResponse:
    fund = visible_fund(request, pk, with_balances)
    period = period_here(request)
    itself = Fund.objects.visible_to(request.user).filter(pk=fund.pk)
    flows = flows_by_fund(itself, period=period).get(fund.pk, FundFlows())
    page = movements_of(fund, period, request.GET).page(request.GET)
    return render(
        request,
        "funds/fund_detail.html",
        {
            "title": fund.name,
            "here": shell(request, fund.unit, period=period),
            "tabs": tabs("funds:fund-list"),
            "fund": fund,
            "export": export_of(request, LedgerResource, fund=str(fund.pk), period=period.code),
            "is_closed": fund.closed_on is not None and fund.closed_on <= today(),
            "facts": _facts(fund),
            "boards": boards_of(fund),
            "figures": figures_of(fund),
            "flows": flows,
            "period": period,
            "page": page,
            "table": LedgerTable(page.data, request=request),
            "may": _may_here(request, fund.unit),
        },
    )


@money_page
@require_http_methods(["GET", "POST"])
def fund_add(request: HttpRequest) -> HttpResponse:
    unit = posted_unit(request) if request.method == "POST" else unit_for(request, Verb.MANAGE_FUNDS)
    if unit is None:
        raise Http404
    require(request.user, Verb.MANAGE_FUNDS, unit)
    form = FundForm(request.POST or None)
    if form.is_valid():
        facts = {name: value for name, value in form.cleaned_data.items() if name != "revision"}
        try:
            fund = actions.open_fund(unit=unit, by=actor(request), **facts)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The fund “%(fund)s” is open.") % {"fund": fund.name})
            return redirect("funds:fund-detail", fund.pk)
    return render(
        request,
        "funds/plain_form.html",
        {
            "title": _("Open a fund"),
            "here": shell(request, unit),
            "unit": unit,
            "form": form,
            "back_url": reverse("funds:fund-list"),
        },
    )


@money_page
@require_http_methods(["GET", "POST"])
def fund_edit(request: HttpRequest, pk: int) -> HttpResponse:
    fund = visible_fund(request, pk)
    require(request.user, Verb.MANAGE_FUNDS, fund.unit)
    form = FundForm(request.POST or None, instance=fund)
    if form.is_valid():
        facts = dict(form.cleaned_data)
        revision = facts.pop("revision") or 0
        try:
            actions.edit_fund(fund=fund, revision=revision, by=actor(request), **facts)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("funds:fund-detail", fund.pk)
    return render(
        request,
        "funds/plain_form.html",
        {
            "title": _("Edit the fund"),
            "here": shell(request, fund.unit),
            "unit": fund.unit,
            "form": form,
            "back_url": reverse("funds:fund-detail", args=[fund.pk]),
        },
    )


@money_page
@require_http_methods(["GET", "POST"])
def fund_close(request: HttpRequest, pk: int) -> HttpResponse:
    fund = visible_fund(request, pk)
    require(request.user, Verb.MANAGE_FUNDS, fund.unit)
    form = CloseFundForm(request.POST or None)
    if form.is_valid():
        try:
            actions.close_fund(fund=fund, closed_on=form.cleaned_data["closed_on"], by=actor(request))
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The fund “%(fund)s” is closed.") % {"fund": fund.name})
            return redirect("funds:fund-detail", fund.pk)
    return render(
        request,
        "funds/fund_close.html",
        {"title": _("Close the fund"), "here": shell(request, fund.unit), "fund": fund, "form": form},
    )


def visible_fund(request: HttpRequest, pk: int, columns: Any = lambda rows: rows) -> Fund:
    rows: QuerySet[Fund] = columns(Fund.objects.visible_to(request.user).select_related("unit"))
    return get_object_or_404(rows, pk=pk)


def period_here(request: HttpRequest) -> Period:
    """The period of the address or of the page before; else the year so far."""
    code = current_scope(request).period
    try:
        return Period.parse(code) if code else Period.containing(today(), PeriodKind.YEAR)
    except ValidationError as refusal:
        forget_scope(request, "period")
        if "period" in request.GET:
            raise Http404(_("There is no such period.")) from refusal
        return Period.containing(today(), PeriodKind.YEAR)


def _open_appeals(request: HttpRequest, unit: Unit) -> QuerySet[Appeal]:
    visible = Appeal.objects.visible_to(request.user).filter(stood_below(unit), opens_on__lte=today())
    return (visible.filter(closes_on=None) | visible.filter(closes_on__gt=today())).order_by("-opens_on")[:LATEST]


def _may_here(request: HttpRequest, unit: Unit) -> dict[str, bool]:
    return {
        "record": may(request.user, Verb.RECORD_DONATION, unit),
        "manage": may(request.user, Verb.MANAGE_FUNDS, unit),
        "transfer": may(request.user, Verb.PREPARE_SPENDING, unit),
        "appeal": may(request.user, Verb.MANAGE_APPEALS, unit),
    }


def _total(flows: list[FundFlows]) -> FundFlows:
    return FundFlows(
        sum(line.opening_vnd for line in flows),
        sum(line.in_vnd for line in flows),
        sum(line.out_vnd for line in flows),
        sum(line.committed_vnd for line in flows),
        sum(line.transit_vnd for line in flows),
    )


def figures_of(fund: Any) -> list[tuple[str, str]]:
    figures = [(_("Money available"), dong(fund.money_vnd))]
    if fund.goods_vnd:
        figures.append((_("Goods available"), dong(fund.goods_vnd)))
    if fund.committed_vnd:
        figures.append((_("Committed"), dong(fund.committed_vnd)))
    if fund.transit_vnd:
        figures.append((_("In transit"), dong(fund.transit_vnd)))
    return [*figures, (_("Balance"), dong(fund.held_vnd))]


def _facts(fund: Fund) -> list[tuple[Any, Any]]:
    facts: list[tuple[Any, Any]] = [
        (_("Unit"), fund.unit.name),
        (_("Code"), fund.code),
        (_("Legal status"), fund.get_legal_status_display()),
        (_("Opened on"), format_date(fund.opened_on)),
    ]
    if fund.purpose:
        facts.append((_("Purpose"), fund.purpose))
    if fund.licence_on:
        said = _("No. %(number)s of %(day)s") % {"number": fund.licence_number, "day": format_date(fund.licence_on)}
        facts.append((_("Licence"), f"{said}, {fund.licence_by}" if fund.licence_by else said))
    if fund.closed_on:
        facts.append((_("Closed on"), format_date(fund.closed_on)))
    return facts
