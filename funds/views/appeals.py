"""Appeals: the list, how one goes on, its form, and what was decided about a surplus."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from funds import actions
from funds.forms.appeals import AppealForm, DecisionForm, PartnerLines, WithdrawForm
from funds.lists.gifts import appeals_of
from funds.models import Appeal, AppealDecision, AppealKind, Donation, Fund
from funds.queries import with_balances, with_raised
from funds.queries.appeals import pigs_by_unit, raised_by_day, with_standing
from funds.queries.vouchers import transfer_targets
from funds.sheets.appeals import AppealResource
from funds.tables.appeals import AppealDecisionTable, AppealTable, PigTable
from funds.views.here import actor, money_page, posted_unit, shell, tabs, unit_for
from hkh.core.charts import kept_width, progress_line, render_svg, untitled
from hkh.core.dates import format_date, today
from hkh.core.money import dong, format_number, percent
from hkh.core.sheet_views import export_of
from members.here import unit_here
from members.models import Unit
from members.rules import Verb, may, may_somewhere, require


@money_page
@require_GET
def appeal_list(request: HttpRequest) -> HttpResponse:
    """The appeals of the unit and of all below it, with what each raised."""
    unit = unit_here(request)
    found = appeals_of(actor(request), unit, request.GET)
    page = found.page(request.GET)
    return render(
        request,
        "funds/appeal_list.html",
        {
            "title": _("Appeals"),
            "here": shell(request, unit),
            "tabs": tabs("funds:appeal-list"),
            "filter": found.filter,
            "page": page,
            "export": export_of(request, AppealResource, unit=unit.code),
            "count": ngettext("%(count)s appeal", "%(count)s appeals", page.count) % {"count": page.counted},
            "table": AppealTable(page.data, order_by=page.sort, request=request),
            "may_open": may_somewhere(request.user, Verb.MANAGE_APPEALS),
        },
    )


@money_page
@require_GET
def appeal_detail(request: HttpRequest, pk: int) -> HttpResponse:
    gifts = Donation.objects.visible_to(request.user)
    visible = Appeal.objects.visible_to(request.user).select_related("unit").prefetch_related("partners")
    appeal: Any = get_object_or_404(with_raised(visible, donations=gifts), pk=pk)
    is_closed = appeal.closes_on is not None and appeal.closes_on <= today()
    share = round(appeal.raised_vnd * 100 / appeal.target_vnd) if appeal.target_vnd else None
    pigs = pigs_by_unit(appeal, donations=gifts) if appeal.kind == AppealKind.PIGGY_BANK else []
    fund = _kept(request, appeal)
    return render(
        request,
        "funds/appeal_detail.html",
        {
            "title": appeal.name,
            "here": shell(request, appeal.unit),
            "tabs": tabs("funds:appeal-list"),
            "appeal": appeal,
            "is_closed": is_closed,
            "percent": share,
            "percent_text": percent(share) if share is not None else "",
            "figures": _figures(appeal, pigs),
            "facts": _facts(appeal),
            "partners": list(appeal.partners.all()),
            "has_chart": appeal.gift_count > 0,
            "pigs": PigTable(_pig_rows(pigs), orderable=False, request=request) if pigs else None,
            "fund": fund,
            "decisions": _decisions(request, appeal) if fund is not None else None,
            "may_edit": may(request.user, Verb.MANAGE_APPEALS, appeal.unit),
            "may_record": may_somewhere(request.user, Verb.RECORD_DONATION),
        },
    )


@money_page
@require_GET
def appeal_chart(request: HttpRequest, pk: int) -> HttpResponse:
    """What came in day by day against the target, as a drawing. Pages fetch it by itself."""
    appeal = _visible(request, pk)
    days = raised_by_day(appeal, donations=Donation.objects.visible_to(request.user))
    ends_on = min(today(), appeal.closes_on - timedelta(days=1)) if appeal.closes_on else today()
    spec = progress_line(
        days,
        title=_("Raised so far"),
        starts_on=appeal.opens_on,
        ends_on=max(ends_on, appeal.opens_on, *(day for day, _sum in days)),
        target=appeal.target_vnd,
        width=kept_width(request.GET.get("width")),
        height=260,
    )
    return HttpResponse(render_svg(untitled(spec)))


@money_page
@require_http_methods(["GET", "POST"])
def appeal_add(request: HttpRequest) -> HttpResponse:
    unit = posted_unit(request) if request.method == "POST" else unit_for(request, Verb.MANAGE_APPEALS)
    if unit is None:
        raise Http404
    require(request.user, Verb.MANAGE_APPEALS, unit)
    form = AppealForm(request.POST or None, funds=_funds(request, unit))
    lines = PartnerLines(_sent(request))
    if all([form.is_valid(), lines.is_valid() or not lines.is_bound]):
        try:
            appeal = actions.open_appeal(unit=unit, by=actor(request), partners=_said(lines), **form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The appeal “%(appeal)s” is open.") % {"appeal": appeal.name})
            return redirect("funds:appeal-detail", appeal.pk)
    return _form_page(request, form, lines, unit, _("Open an appeal"), back=reverse("funds:appeal-list"))


@money_page
@require_http_methods(["GET", "POST"])
def appeal_edit(request: HttpRequest, pk: int) -> HttpResponse:
    appeal = _visible(request, pk)
    require(request.user, Verb.MANAGE_APPEALS, appeal.unit)
    form = AppealForm(request.POST or None, instance=appeal, funds=_funds(request, appeal.unit, appeal))
    lines = PartnerLines(_sent(request), initial=list(appeal.partners.values("name", "role")))
    if all([form.is_valid(), lines.is_valid() or not lines.is_bound]):
        partners = _said(lines) if lines.is_bound else None
        try:
            actions.edit_appeal(appeal=appeal, by=actor(request), partners=partners, **form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("funds:appeal-detail", appeal.pk)
    back = reverse("funds:appeal-detail", args=[appeal.pk])
    return _form_page(request, form, lines, appeal.unit, _("Edit the appeal"), back=back)


@money_page
@require_http_methods(["GET", "POST"])
def decision_add(request: HttpRequest, pk: int) -> HttpResponse:
    """So much of the surplus may go elsewhere: what was decided, by number and date."""
    appeal = _visible(request, pk)
    require(request.user, Verb.MANAGE_APPEALS, appeal.unit)
    form = DecisionForm(request.POST or None, funds=transfer_targets(actor(request)).exclude(pk=appeal.fund_id or 0))
    if form.is_valid():
        try:
            actions.record_appeal_decision(appeal=appeal, by=actor(request), **form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The decision is recorded."))
            return redirect("funds:appeal-detail", appeal.pk)
    return render(
        request,
        "funds/plain_form.html",
        {
            "title": _("Decide about the surplus"),
            "lede": appeal.name,
            "here": shell(request, appeal.unit),
            "unit": appeal.unit,
            "form": form,
            "back_url": reverse("funds:appeal-detail", args=[appeal.pk]),
        },
    )


@money_page
@require_http_methods(["GET", "POST"])
def decision_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    visible: Any = AppealDecision.objects.visible_to(request.user).select_related("appeal__unit", "appeal__fund")
    decision: AppealDecision = get_object_or_404(visible, pk=pk)
    appeal = decision.appeal
    require(request.user, Verb.MANAGE_APPEALS, appeal.unit)
    form = WithdrawForm(request.POST or None)
    if form.is_valid():
        try:
            actions.withdraw_appeal_decision(
                decision=decision, reason=form.cleaned_data["reason"], on=today(), by=actor(request)
            )
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The decision is withdrawn."))
            return redirect("funds:appeal-detail", appeal.pk)
    return render(
        request,
        "funds/plain_form.html",
        {
            "title": _("Withdraw the decision %(number)s") % {"number": decision.number},
            "lede": appeal.name,
            "here": shell(request, appeal.unit),
            "unit": appeal.unit,
            "form": form,
            "back_url": reverse("funds:appeal-detail", args=[appeal.pk]),
        },
    )


def _visible(request: HttpRequest, pk: int) -> Appeal:
    visible: Any = Appeal.objects.visible_to(request.user).select_related("unit", "fund")
    return get_object_or_404(visible, pk=pk)


def _kept(request: HttpRequest, appeal: Appeal) -> Any:
    """The fund kept for the appeal, with what it holds. 1 query, none without."""
    if appeal.fund_id is None:
        return None
    return with_balances(Fund.objects.visible_to(request.user)).filter(pk=appeal.fund_id).first()


def _decisions(request: HttpRequest, appeal: Appeal) -> AppealDecisionTable:
    rows = with_standing(AppealDecision.objects.visible_to(request.user).filter(appeal=appeal))
    hidden = () if may(request.user, Verb.MANAGE_APPEALS, appeal.unit) else ("withdraw",)
    return AppealDecisionTable(list(rows), exclude=hidden, orderable=False, request=request)


def _figures(appeal: Any, pigs: list[tuple[str, str, int, int]]) -> list[tuple[str, str]]:
    figures = [(_("Raised"), dong(appeal.raised_vnd)), (_("Gifts"), format_number(appeal.gift_count))]
    if appeal.target_vnd:
        figures.append((_("Target"), dong(appeal.target_vnd)))
    if pigs:
        figures.append((_("Piggy banks"), format_number(sum(count for _code, _name, count, _vnd in pigs))))
    return figures


def _pig_rows(pigs: list[tuple[str, str, int, int]]) -> list[dict[str, Any]]:
    return [{"code": code, "name": name, "pigs": count, "raised_vnd": vnd} for code, name, count, vnd in pigs]


def _facts(appeal: Appeal) -> list[tuple[Any, Any]]:
    said = (
        (_("Kind"), appeal.get_kind_display()),
        (_("Unit"), appeal.unit.name),
        (_("Purpose"), appeal.purpose),
        (_("Area"), appeal.area),
        (_("Opens on"), format_date(appeal.opens_on)),
        (_("Closes on"), format_date(appeal.closes_on) if appeal.closes_on else ""),
    )
    return [(term, text) for term, text in said if text]


def _funds(request: HttpRequest, unit: Unit, appeal: Appeal | None = None) -> Any:
    """What may be kept for an appeal of ``unit``, and what is kept for this one."""
    fits = Q(unit=unit, is_restricted=True, closed_on=None)
    kept = Q(pk=appeal.fund_id) if appeal is not None and appeal.fund_id else Q()
    return Fund.objects.visible_to(request.user).filter(fits | kept if kept else fits).order_by("title_key")


def _sent(request: HttpRequest) -> Any:
    return request.POST if "partners-TOTAL_FORMS" in request.POST else None


def _said(lines: Any) -> Any:
    return lines.said() if lines.is_bound else []


def _form_page(request: HttpRequest, form: Any, lines: Any, unit: Unit, title: str, *, back: str) -> HttpResponse:
    return render(
        request,
        "funds/appeal_form.html",
        {"title": title, "here": shell(request, unit), "unit": unit, "form": form, "lines": lines, "back_url": back},
    )
