"""Goods in stock: the list, one item with its goods book, and the lots issued."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from funds import actions
from funds.forms.stock import IssueForm
from funds.lists.books import entries_found, stock_of
from funds.models import StockItem
from funds.queries.stock import holdings_of, with_stock
from funds.sheets.lists import StockEntryResource, StockResource
from funds.tables.stock import StockEntryTable, StockTable
from funds.views.here import actor, funds_below, money_page, shell, tabs
from hkh.core.money import dong, format_quantity
from hkh.core.sheet_views import export_of
from members.here import unit_here
from members.models import Unit
from members.rules import Verb, may, require


@money_page
@require_GET
def stock_list(request: HttpRequest) -> HttpResponse:
    """What goods the funds of the unit and of all below it hold, item by item; and the money beside."""
    unit = unit_here(request)
    found = stock_of(actor(request), unit, request.GET)
    funds = funds_below(request, unit)
    page = found.page(request.GET)
    pots = dict(funds.order_by().values_list("accounts__pot").annotate(sum_vnd=Sum("accounts__balance_vnd", default=0)))
    return render(
        request,
        "funds/stock_list.html",
        {
            "title": _("Goods in stock"),
            "here": shell(request, unit),
            "tabs": tabs("funds:stock-list"),
            "figures": [
                (_("Goods, at their stated value"), dong(pots.get("goods", 0))),
                (_("Beside: money in the same funds"), dong(pots.get("cash", 0))),
            ],
            "filter": found.filter,
            "export": export_of(request, StockResource, unit=unit.code),
            "page": page,
            "count": ngettext("%(count)s kind of goods", "%(count)s kinds of goods", page.count)
            % {"count": page.counted},
            "table": StockTable(page.data, order_by=page.sort, request=request),
        },
    )


@money_page
@require_GET
def stock_detail(request: HttpRequest, pk: int) -> HttpResponse:
    item = visible_item(request, pk)
    page = entries_found(item, request.GET).page(request.GET)
    return render(
        request,
        "funds/stock_detail.html",
        {
            "title": item.name,
            "here": shell(request, item.fund.unit),
            "tabs": tabs("funds:stock-list"),
            "item": item,
            "figures": _figures(item),
            "holdings": list(holdings_of(item)),
            "page": page,
            "export": export_of(request, StockEntryResource, item=str(item.pk)),
            "table": StockEntryTable(
                page.data,
                request=request,
                may_issue_papers=may(request.user, Verb.ISSUE_PAPER, item.fund.unit_id),
            ),
            "may_issue": may(request.user, Verb.ISSUE_GOODS, item.fund.unit_id),
        },
    )


@money_page
@require_http_methods(["GET", "POST"])
def stock_issue(request: HttpRequest, pk: int) -> HttpResponse:
    """A lot of goods to a unit below, or back from there."""
    item = visible_item(request, pk)
    require(request.user, Verb.ISSUE_GOODS, item.fund.unit)
    units = Unit.objects.visible_to(request.user)
    initial = {"unit_code": request.GET.get("to", ""), "is_return": "back" in request.GET}
    form = IssueForm(request.POST or None, units=units, initial=initial)
    held = format_quantity(item.left_quantity - item.issued_quantity)
    form.fields["quantity"].help_text = _("The fund's store holds %(quantity)s %(measure)s.") % {
        "quantity": held,
        "measure": item.measure,
    }
    if form.is_valid():
        said = form.cleaned_data
        try:
            lot = actions.issue_goods(
                item=item,
                unit=said["unit_code"],
                on=said["issued_on"],
                by=actor(request),
                **{name: said[name] for name in ("quantity", "is_return", "document", "note", "idempotency_key")},
            )
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            told = {"quantity": format_quantity(lot.quantity), "measure": item.measure, "unit": lot.unit.name}
            messages.success(
                request,
                _("Taken back: %(quantity)s %(measure)s from %(unit)s.") % told
                if lot.is_return
                else _("Issued: %(quantity)s %(measure)s to %(unit)s.") % told,
            )
            return redirect("funds:stock-detail", item.pk)
    return render(
        request,
        "funds/plain_form.html",
        {
            "title": _("Issue “%(goods)s”") % {"goods": item.name},
            "here": shell(request, item.fund.unit),
            "unit": item.fund.unit,
            "form": form,
            "back_url": reverse("funds:stock-detail", args=[item.pk]),
        },
    )


def visible_item(request: HttpRequest, pk: int) -> Any:
    rows = with_stock(StockItem.objects.visible_to(request.user).select_related("fund__unit"))
    return get_object_or_404(rows, pk=pk)


def _figures(item: Any) -> list[tuple[str, str]]:
    def told(quantity: Any) -> str:
        return f"{format_quantity(quantity)} {item.measure}"

    return [
        (_("Came in"), told(item.in_quantity)),
        (_("Handed out or passed on"), told(item.out_quantity)),
        (_("Left"), told(item.left_quantity)),
        (_("of which issued to units"), told(item.issued_quantity)),
        (_("Left, at its value"), dong(item.left_vnd)),
    ]
