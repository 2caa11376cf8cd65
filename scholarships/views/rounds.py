"""Rounds: the list, one of them with its awards, and the forms that open, edit and close."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from funds.models import Fund
from funds.queries import with_balances
from funds.views.here import posted_unit, shell, unit_for
from hkh.core.dates import format_date, today
from hkh.core.money import dong, format_number
from hkh.core.sheet_views import export_of
from members.here import unit_here, user_of
from members.models import Unit
from members.rules import Verb, may, may_somewhere, require, units_where
from scholarships import actions
from scholarships.filters import school_years
from scholarships.forms.rounds import CloseRoundForm, RoundForm
from scholarships.lists import awards_of, rounds_of
from scholarships.models import Round, RoundState
from scholarships.queries import calling, programmes_for
from scholarships.sheets import AwardResource, RoundResource
from scholarships.tables import AwardTable, RoundTable
from scholarships.views.here import giving_page, link, tabs, visible_round

#: So many calls of units above are shown.
CALLS = 5
#: A programme that was given up this long ago may still get a round entered late.
STILL_TYPED = timedelta(days=366)


@giving_page
@require_GET
def round_list(request: HttpRequest) -> HttpResponse:
    """The rounds of the unit and of all below it, and those of units above that take proposals."""
    unit = unit_here(request)
    found = rounds_of(user_of(request), unit, request.GET)
    page = found.page(request.GET)
    return render(
        request,
        "scholarships/round_list.html",
        {
            "title": _("Scholarships and gifts"),
            "here": shell(request, unit),
            "tabs": tabs("scholarships:round-list"),
            "filter": found.filter,
            "page": page,
            "export": export_of(request, RoundResource, unit=unit.code),
            "count": ngettext("%(count)s round", "%(count)s rounds", page.count) % {"count": page.counted},
            "table": RoundTable(page.data, order_by=page.sort, request=request),
            "calls": _calls(request),
            "may_propose": may_somewhere(request.user, Verb.PROPOSE_AWARDS),
            "may_open": may_somewhere(request.user, Verb.OPEN_ROUND),
            "may_hand_out": may_somewhere(request.user, Verb.RECORD_DISTRIBUTION),
        },
    )


@giving_page
@require_GET
def round_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What a round may give, what is proposed, approved and handed out of it, and its awards."""
    round_ = visible_round(request, pk)
    found = awards_of(user_of(request), round_, request.GET)
    page = found.page(request.GET)
    allowed = _may_here(request, round_)
    fund = with_balances(Fund.objects.visible_to(request.user)).filter(pk=round_.fund_id).first()
    return render(
        request,
        "scholarships/round_detail.html",
        {
            "title": round_.name,
            "here": shell(request, round_.unit),
            "tabs": tabs("scholarships:round-list"),
            "round": round_,
            "figures": _figures(round_, fund),
            "facts": _facts(round_),
            "filter": found.filter,
            "page": page,
            "export": export_of(request, AwardResource, round=str(round_.pk)),
            "count": ngettext("%(count)s award", "%(count)s awards", page.count) % {"count": page.counted},
            "table": AwardTable(
                page.data,
                order_by=page.sort,
                selectable=allowed["choose"],
                request=request,
            ),
            "may": allowed,
        },
    )


@giving_page
@require_http_methods(["GET", "POST"])
def round_add(request: HttpRequest) -> HttpResponse:
    unit = posted_unit(request) if request.method == "POST" else unit_for(request, Verb.OPEN_ROUND)
    if unit is None:
        raise Http404
    require(request.user, Verb.OPEN_ROUND, unit)
    form = RoundForm(request.POST or None, initial={"school_year": school_years()[0]}, **_choices(request, unit))
    if form.is_valid():
        try:
            round_ = actions.open_round(
                unit=unit,
                by=user_of(request),
                idempotency_key=form.cleaned_data["idempotency_key"],
                **form.facts(),
            )
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The round “%(round)s” is open. Now propose awards.") % {"round": round_.name})
            return redirect("scholarships:round-detail", round_.pk)
    back = reverse("scholarships:round-list")
    return _form_page(request, form, unit, title=_("Open a round"), button=_("Open the round"), back=back)


@giving_page
@require_http_methods(["GET", "POST"])
def round_edit(request: HttpRequest, pk: int) -> HttpResponse:
    round_ = visible_round(request, pk)
    require(request.user, Verb.OPEN_ROUND, round_.unit)
    form = RoundForm(request.POST or None, round_=round_, **_choices(request, round_.unit, round_))
    if form.is_valid():
        try:
            actions.edit_round(
                round_=round_,
                revision=form.cleaned_data["revision"] or 0,
                by=user_of(request),
                **form.facts(),
            )
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("scholarships:round-detail", round_.pk)
    back = reverse("scholarships:round-detail", args=[round_.pk])
    return _form_page(request, form, round_.unit, title=_("Edit the round"), button=_("Save"), back=back)


@giving_page
@require_http_methods(["GET", "POST"])
def round_close(request: HttpRequest, pk: int) -> HttpResponse:
    round_ = visible_round(request, pk)
    require(request.user, Verb.OPEN_ROUND, round_.unit)
    form = CloseRoundForm(request.POST or None)
    if form.is_valid():
        try:
            actions.close_round(round_=round_, on=form.cleaned_data["closed_on"], by=user_of(request))
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The round “%(round)s” is closed.") % {"round": round_.name})
            return redirect("scholarships:round-detail", round_.pk)
    return render(
        request,
        "scholarships/confirm.html",
        {
            "title": _("Close the round"),
            "here": shell(request, round_.unit),
            "question": _("Close the round “%(round)s”?") % {"round": round_.name},
            "consequence": _("It takes no more awards from then on. What is approved can still be handed out."),
            "button": _("Close the round"),
            "tone": "primary",
            "form": form,
            "back_url": reverse("scholarships:round-detail", args=[round_.pk]),
        },
    )


@giving_page
@require_http_methods(["GET", "POST"])
def round_reopen(request: HttpRequest, pk: int) -> HttpResponse:
    round_ = visible_round(request, pk)
    require(request.user, Verb.OPEN_ROUND, round_.unit)
    if request.method == "POST":
        actions.reopen_round(round_=round_, by=user_of(request))
        messages.success(request, _("The round “%(round)s” is open again.") % {"round": round_.name})
        return redirect("scholarships:round-detail", round_.pk)
    return render(
        request,
        "scholarships/confirm.html",
        {
            "title": _("Open the round again"),
            "here": shell(request, round_.unit),
            "question": _("Open the round “%(round)s” again?") % {"round": round_.name},
            "consequence": _("Awards can be proposed and approved in it again."),
            "button": _("Open again"),
            "tone": "primary",
            "back_url": reverse("scholarships:round-detail", args=[round_.pk]),
        },
    )


def _calls(request: HttpRequest) -> QuerySet[Round]:
    """The rounds out of the user's sight to which he or she may propose all the same. 1 query."""
    calls = calling(units_where(request.user, Verb.PROPOSE_AWARDS).filter(dissolved_on=None))
    calls = calls.exclude(pk__in=Round.objects.visible_to(request.user).values("pk"))
    return calls.select_related("unit").order_by("-opened_on", "-pk")[:CALLS]


def _choices(request: HttpRequest, unit: Unit, round_: Round | None = None) -> dict[str, Any]:
    open_ones = Q(unit=unit, closed_on=None)
    wanted = open_ones | Q(pk=round_.fund_id) if round_ else open_ones
    funds = with_balances(Fund.objects.visible_to(request.user).filter(wanted))
    return {
        "programmes": programmes_for(round_.programme if round_ else None, open_since=today() - STILL_TYPED),
        "funds": funds.order_by("is_restricted", "title_key", "pk"),
    }


def _form_page(
    request: HttpRequest, form: RoundForm, unit: Unit, *, title: str, button: str, back: str
) -> HttpResponse:
    return render(
        request,
        "scholarships/round_form.html",
        {
            "title": title,
            "here": shell(request, unit),
            "unit": unit,
            "form": form,
            "button": button,
            "has_fund": bool(form.fields["fund"].queryset),  # type: ignore[attr-defined]
            "back_url": back,
        },
    )


def _may_here(request: HttpRequest, round_: Round) -> dict[str, bool]:
    is_open = round_.state == RoundState.OPEN
    waits = round_.approved_count > round_.delivered_count  # type: ignore[attr-defined]
    approves = may(request.user, Verb.APPROVE_AWARDS, round_.unit)
    proposes = may(request.user, Verb.PROPOSE_AWARDS, round_.unit)
    return {
        "edit": may(request.user, Verb.OPEN_ROUND, round_.unit),
        "propose": is_open and proposes,
        "approve": approves,
        "choose": bool(round_.proposed_count and (approves or proposes)) or (waits and approves),  # type: ignore[attr-defined]
        "hand_out": waits and may(request.user, Verb.RECORD_DISTRIBUTION, round_.unit),
    }


def _figures(round_: Any, fund: Any) -> list[tuple[Any, Any]]:
    def sized(amount_vnd: int, count: int) -> str:
        return _("%(amount)s (%(count)s)") % {"amount": dong(amount_vnd), "count": format_number(count)}

    figures = [(_("Budget"), dong(round_.budget_vnd))] if round_.budget_vnd else []
    figures += [
        (_("Proposed"), sized(round_.proposed_vnd, round_.proposed_count)),
        (_("Approved"), sized(round_.approved_vnd, round_.approved_count)),
        (_("Handed out"), sized(round_.delivered_vnd, round_.delivered_count)),
        (_("Still to hand out"), dong(round_.approved_vnd - round_.delivered_vnd)),
    ]
    if fund is not None:
        figures.append((_("The fund has available"), dong(fund.money_vnd)))
        if fund.goods_vnd:
            figures.append((_("Goods available"), dong(fund.goods_vnd)))
    return figures


def _facts(round_: Round) -> list[tuple[Any, Any]]:
    said = (
        (_("Programme"), round_.programme.name),
        (_("School year"), round_.school_year),
        (_("Unit"), round_.unit.name),
        (_("Fund that pays"), link("funds:fund-detail", round_.fund_id, round_.fund.name)),
        (_("Opened on"), format_date(round_.opened_on)),
        (_("Closed on"), format_date(round_.closed_on) if round_.closed_on else ""),
        (_("Quota"), format_number(round_.quota) if round_.quota else ""),
        (_("Criteria"), round_.criteria),
        (_("Opened by"), str(round_.opened_by or "")),
    )
    return [(term, text) for term, text in said if text]
