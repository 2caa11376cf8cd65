"""Vouchers: the list, each one, and what moves funds besides gifts and awards, prepared here."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from funds import actions
from funds.forms.vouchers import EntryForm, LimitForm, TransferForm
from funds.lists.books import vouchers_of
from funds.models import Fund, Movement, SpendingLimit, Voucher, VoucherState
from funds.queries import with_balances
from funds.queries.papers import papers_beside
from funds.queries.vouchers import transfer_targets, waits_for
from funds.sheets.lists import VoucherResource
from funds.tables.vouchers import TONES, VoucherTable
from funds.views.books import MOST_FOUND, figures_of, visible_fund
from funds.views.here import actor, money_page, posted_unit, shell, tabs, unit_for
from hkh.core.dates import format_date
from hkh.core.money import dong, format_vnd, words_vi
from hkh.core.sheet_views import export_of
from hkh.core.text import search_key
from members.here import unit_here
from members.models import Unit
from members.queries import ever_named
from members.rules import Verb, may, may_somewhere, require, units_where


@money_page
@require_GET
def voucher_list(request: HttpRequest) -> HttpResponse:
    """The vouchers of the unit and of all below it, what was sent to them among it."""
    unit = unit_here(request)
    found = vouchers_of(actor(request), unit, request.GET)
    page = found.page(request.GET)
    approve, confirm = waits_for(actor(request))
    return render(
        request,
        "funds/voucher_list.html",
        {
            "title": _("Spending and transfers"),
            "here": shell(request, unit, period=found.filter.asked_period),
            "tabs": tabs("funds:voucher-list"),
            "filter": found.filter,
            "export": export_of(request, VoucherResource, unit=unit.code),
            "page": page,
            "count": ngettext("%(count)s voucher", "%(count)s vouchers", page.count) % {"count": page.counted},
            "table": VoucherTable(page.data, order_by=page.sort, request=request),
            "approve": approve,
            "confirm": confirm,
            "may_transfer": may_somewhere(request.user, Verb.PREPARE_SPENDING),
            "may_limit": may(request.user, Verb.APPROVE_SPENDING, unit),
            "unit": unit,
        },
    )


@money_page
@require_GET
def voucher_detail(request: HttpRequest, pk: int) -> HttpResponse:
    voucher = visible_voucher(request, pk)
    user, receiving = request.user, voucher.target_fund and voucher.target_fund.unit_id
    waits, sent = voucher.state == VoucherState.PREPARED, voucher.state == VoucherState.SENT
    own = voucher.prepared_by_id == user.pk
    receives = bool(receiving) and may(user, Verb.RECEIVE_TRANSFER, receiving)  # type: ignore[arg-type]
    prepares = may(user, Verb.PREPARE_SPENDING, voucher.unit_id)
    approves = may(user, Verb.APPROVE_SPENDING, voucher.unit_id)
    moved = [key for key in (voucher.posted_id, voucher.settled_id) if key]
    return render(
        request,
        "funds/voucher_detail.html",
        {
            "title": voucher.get_kind_display(),
            "here": shell(request, _unit_seen(request, voucher)),
            "tabs": tabs("funds:voucher-list"),
            "voucher": voucher,
            "tone": TONES[VoucherState(voucher.state)],
            "lede": words_vi(voucher.amount_vnd),
            "figures": _figures(request, voucher),
            "facts": _facts(request, voucher),
            "history": _history(voucher),
            "papers": papers_beside(
                request.user,
                voucher,
                voucher.unit_id,
                url=reverse("funds:voucher-paper", args=[voucher.pk]),
                stands=voucher.state in (VoucherState.BOOKED, VoucherState.SENT, VoucherState.CONFIRMED),
            ),
            "movements": Movement.objects.filter(pk__in=moved)
            .select_related("source__fund", "target__fund", "recorded_by")
            .order_by("pk"),
            "may": {
                "approve": waits and approves and not own,
                "refuse": waits and approves,
                "withdraw": waits and prepares,
                "confirm": sent and receives and user.pk not in (voucher.prepared_by_id, voucher.decided_by_id),
                "return": sent and (receives or prepares),
                "reverse": voucher.state == VoucherState.BOOKED and approves and not own,
            },
            "waits_for_another": waits and own,
        },
    )


@money_page
@require_http_methods(["GET", "POST"])
def transfer_add(request: HttpRequest) -> HttpResponse:
    """Money or goods from a fund of the user's to another; to another unit's it is in transit until confirmed."""
    sources = Fund.objects.visible_to(request.user).filter(unit__in=units_where(request.user, Verb.PREPARE_SPENDING))
    unit = unit_for(request, Verb.PREPARE_SPENDING)
    form = TransferForm(
        request.POST or None,
        sources=sources,
        targets=transfer_targets(actor(request)),
        initial={"source": request.GET.get("source", "")},
    )
    if form.is_valid():
        said = dict(form.cleaned_data)
        try:
            voucher = actions.prepare_voucher(
                kind="transfer", fund=said.pop("source"), target_fund=said.pop("target"), by=actor(request), **said
            )
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            return _prepared(request, voucher)
    return render(
        request,
        "funds/transfer_form.html",
        {"title": _("Transfer between funds"), "here": shell(request, unit), "form": form},
    )


@money_page
@require_http_methods(["GET", "POST"])
def entry_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Other spending, interest, the outcome of a count, or what was brought forward, in one fund."""
    fund = visible_fund(request, pk, with_balances)
    require(request.user, Verb.PREPARE_SPENDING, fund.unit)
    form = EntryForm(request.POST or None)
    if form.is_valid():
        try:
            voucher = actions.prepare_voucher(fund=fund, by=actor(request), **form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            return _prepared(request, voucher)
    limit = actions.alone_limit_vnd(fund.unit_id)
    return render(
        request,
        "funds/entry_form.html",
        {
            "title": _("Record income or spending"),
            "here": shell(request, fund.unit),
            "fund": fund,
            "figures": figures_of(fund),
            "form": form,
            "note": _("Up to %(limit)s it is booked at once; more waits for another person's approval.")
            % {"limit": dong(limit)}
            if limit
            else _("It waits for another person's approval, then it stands in the books."),
        },
    )


@money_page
@require_http_methods(["GET", "POST"])
def limit_set(request: HttpRequest) -> HttpResponse:
    """Up to how much one person is enough in a unit, and what was set before."""
    unit = posted_unit(request) if request.method == "POST" else unit_for(request, Verb.APPROVE_SPENDING)
    if unit is None:
        raise Http404
    require(request.user, Verb.APPROVE_SPENDING, unit)
    form = LimitForm(request.POST or None, initial={"alone_up_to_vnd": actions.alone_limit_vnd(unit.pk)})
    if form.is_valid():
        try:
            actions.set_spending_limit(unit=unit, by=actor(request), **form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved. It holds from now on."))
            return redirect(f"{reverse('funds:limit-set')}?unit={unit.code}")
    own = SpendingLimit.objects.visible_to(request.user).filter(unit=unit).select_related("set_by")
    return render(
        request,
        "funds/limit_form.html",
        {
            "title": _("Spending limit"),
            "here": shell(request, unit),
            "unit": unit,
            "form": form,
            "back_url": reverse("funds:voucher-list"),
            "columns": [_("From"), _("Set by"), _("One person is enough up to (đồng)")],
            "rows": [
                [_moment(one.set_at), str(one.set_by or "–"), format_vnd(one.alone_up_to_vnd)] for one in own[:20]
            ],
        },
    )


@money_page
@require_GET
def fund_search(request: HttpRequest) -> HttpResponse:
    """What the first fund field of a transfer finds: twenty at the most."""
    funds = Fund.objects.visible_to(request.user).filter(
        unit__in=units_where(request.user, Verb.PREPARE_SPENDING), closed_on=None
    )
    return _options(request, funds, has_balance=True)


@money_page
@require_GET
def target_search(request: HttpRequest) -> HttpResponse:
    """What the second one finds: also the funds of the units above, without what they hold."""
    return _options(request, transfer_targets(actor(request)), has_balance=False)


def visible_voucher(request: HttpRequest, pk: int) -> Voucher:
    visible = Voucher.objects.visible_to(request.user)
    return get_object_or_404(
        visible.select_related(
            "unit", "fund__unit", "target_fund__unit", "prepared_by", "decided_by", "settled_by", "posted", "settled"
        ),
        pk=pk,
    )


def _options(request: HttpRequest, funds: QuerySet[Fund], *, has_balance: bool) -> HttpResponse:
    key = search_key(request.GET.get("q", ""))[:100]
    for word in key.split():
        funds = funds.filter(search_key__contains=word) | funds.filter(unit__in=ever_named(word))
    rows = with_balances(funds.select_related("unit")).order_by("unit__tier__rank", "title_key", "pk")[:MOST_FOUND]
    return render(request, "funds/_fund_options.html", {"funds": rows, "has_balance": has_balance})


def _prepared(request: HttpRequest, voucher: Voucher) -> HttpResponse:
    amount = {"amount": dong(voucher.amount_vnd)}
    match voucher.state:
        case VoucherState.PREPARED:
            said = _("Prepared: %(amount)s. Nothing has moved yet; another person approves it.") % amount
        case VoucherState.SENT:
            said = _("Sent: %(amount)s. It is in transit until the receiving unit confirms it.") % amount
        case _other:
            said = _("Recorded: %(amount)s.") % amount
    messages.success(request, said)
    return redirect("funds:voucher-detail", voucher.pk)


def _unit_seen(request: HttpRequest, voucher: Voucher) -> Unit:
    """The side that the user sees; who receives may know nothing else of who sends."""
    if voucher.target_fund and not may(request.user, Verb.SEE, voucher.unit_id):
        return voucher.target_fund.unit
    return voucher.unit


def _figures(request: HttpRequest, voucher: Voucher) -> list[tuple[str, str]]:
    figures = [(_("Amount"), dong(voucher.amount_vnd))]
    if voucher.state == VoucherState.PREPARED and may(request.user, Verb.SEE, voucher.unit_id):
        fund: Any = with_balances(Fund.objects.visible_to(request.user).filter(pk=voucher.fund_id)).get()
        available = fund.goods_vnd if voucher.pot == "goods" else fund.money_vnd
        figures += [
            (_("Available in the fund"), dong(available)),
            (_("Left after it"), voucher_left(voucher, available)),
        ]
    return figures


def voucher_left(voucher: Voucher, available_vnd: int) -> str:
    sign = 1 if voucher.is_incoming else -1
    return dong(available_vnd + sign * voucher.amount_vnd)


def _facts(request: HttpRequest, voucher: Voucher) -> list[tuple[Any, Any]]:
    facts: list[tuple[Any, Any]] = [
        (_("Date"), format_date(voucher.occurred_on)),
        (_("Fund"), _fund(request, voucher.fund)),
    ]
    if voucher.target_fund:
        facts.append((_("To fund"), _fund(request, voucher.target_fund)))
    facts.append((_("Money or goods"), voucher.get_pot_display()))
    said = (
        (_("Paid to"), voucher.payee),
        (_("For what"), voucher.note),
        (_("Document"), voucher.document),
        (_("Why"), voucher.reason),
    )
    return facts + [(term, text) for term, text in said if text]


def _fund(request: HttpRequest, fund: Fund) -> Any:
    name = f"{fund.name} · {fund.unit.name}"
    if not may(request.user, Verb.SEE, fund.unit_id):
        return name
    return format_html('<a href="{}">{}</a>', reverse("funds:fund-detail", args=[fund.pk]), name)


def _history(voucher: Voucher) -> list[tuple[Any, Any]]:
    """Who did what and when; newest last."""
    lines: list[tuple[Any, Any]] = [
        (_moment(voucher.prepared_at), _("Prepared by %(who)s") % {"who": voucher.prepared_by})
    ]
    if voucher.decided_at:
        said = {
            VoucherState.REFUSED: _("Refused by %(who)s"),
            VoucherState.WITHDRAWN: _("Withdrawn by %(who)s"),
        }.get(VoucherState(voucher.state), _("Approved by %(who)s"))
        if voucher.decided_by:
            lines.append((_moment(voucher.decided_at), said % {"who": voucher.decided_by}))
        else:
            lines.append((_moment(voucher.decided_at), _("Booked by one person, within the unit's limit")))
    if voucher.settled_on:
        said = {
            VoucherState.CONFIRMED: _("Received, confirmed by %(who)s"),
            VoucherState.RETURNED: _("Sent back by %(who)s"),
        }.get(VoucherState(voucher.state), _("Taken back by %(who)s"))
        lines.append((format_date(voucher.settled_on), said % {"who": voucher.settled_by}))
    return lines


def _moment(at: Any) -> str:
    return formats.date_format(timezone.localtime(at), "H:i d/m/Y")
