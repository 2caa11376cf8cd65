"""Distributions: the list, one of them, recording what was handed out, and taking it back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from funds.models import Fund, Movement, Pot, Stock
from funds.queries import with_balances
from funds.queries.stock import handed_out, stocks_to_hand_out
from funds.views.here import asked_tree, shell, unit_for
from hkh.core.dates import format_date
from hkh.core.keys import key_of, keys_of
from hkh.core.listing import listing
from hkh.core.money import dong, format_number
from hkh.core.sheet_views import export_of
from members.here import stood_below, unit_here, user_of
from members.models import Unit
from members.rules import Verb, may, may_somewhere, require, units_where
from scholarships import actions
from scholarships.filters import WaitingRoundFilter
from scholarships.forms.distributions import DistributionForm, VoidDistributionForm
from scholarships.lists import distributions_of
from scholarships.models import Award, Distribution, Round
from scholarships.queries import (
    lines_of,
    receiving_units,
    to_hand_out,
    undelivered,
    with_tallies,
)
from scholarships.sheets import DistributionResource
from scholarships.tables import DistributionTable, LineTable, WaitingRoundTable
from scholarships.views.here import giving_page, link, tabs, visible_round

ROUND_SORTS = {"opened_on": ("opened_on", "pk")}
#: More lines than these are recorded in several goes: a list is signed at one place, on one day.
MOST_LINES = 200


@giving_page
@require_GET
def distribution_list(request: HttpRequest) -> HttpResponse:
    """What was handed out to the unit and to all below it, whoever held it."""
    unit, tree = unit_here(request), asked_tree(request)
    found = distributions_of(user_of(request), unit, request.GET, tree=tree)
    page = found.page(request.GET)
    return render(
        request,
        "scholarships/distribution_list.html",
        {
            "title": _("Distributions"),
            "here": shell(request, unit, period=found.filter.asked_period, tree=tree),
            "tabs": tabs("scholarships:distribution-list"),
            "filter": found.filter,
            "page": page,
            "export": export_of(request, DistributionResource, unit=unit.code, tree=tree),
            "count": ngettext("%(count)s distribution", "%(count)s distributions", page.count)
            % {"count": page.counted},
            "table": DistributionTable(page.data, order_by=page.sort, request=request),
            "may_record": may_somewhere(request.user, Verb.RECORD_DISTRIBUTION),
        },
    )


@giving_page
@require_GET
def distribution_detail(request: HttpRequest, pk: int) -> HttpResponse:
    distribution = _visible_distribution(request, pk)
    lines = list(lines_of(distribution))
    return render(
        request,
        "scholarships/distribution_detail.html",
        {
            "title": distribution.round.name,
            "here": shell(request, distribution.unit),
            "tabs": tabs("scholarships:distribution-list"),
            "distribution": distribution,
            "lede": _("Handed out on %(day)s") % {"day": format_date(distribution.held_on)},
            "figures": [
                (_("Value"), dong(sum(line.value_vnd for line in lines))),
                (_("Awards"), format_number(sum(line.count for line in lines))),
                (_("Receiving units"), format_number(len({line.award.unit_id for line in lines}))),
            ],
            "facts": _facts(distribution),
            "history": _history(distribution),
            "goods": list(handed_out(Movement.objects.filter(distribution_lines__distribution=distribution)))
            if any(line.award.pot == Pot.GOODS for line in lines)
            else [],
            "table": LineTable(lines, orderable=False, request=request),
            "may_void": distribution.voided_on is None
            and may(request.user, Verb.VOID_DISTRIBUTION, distribution.unit_id),
        },
    )


@giving_page
@require_http_methods(["GET", "POST"])
def distribution_add(request: HttpRequest) -> HttpResponse:
    """Record what was handed out of a round; without one, choose it first."""
    asked = key_of(request.GET.get("round"))
    if not asked:
        return _choose_round(request)
    round_ = visible_round(request, asked)
    require(request.user, Verb.RECORD_DISTRIBUTION, round_.unit)
    receivers, receiver = _receivers(request, round_)
    waiting = _waiting(request, round_, receiver)
    form = DistributionForm(request.POST or None, awards=waiting, stocks=_stocks(request, round_, waiting))
    if form.is_valid():
        names = ("held_on", "venue", "document", "note", "idempotency_key")
        try:
            distribution = actions.record_distribution(
                round_=round_,
                lines=form.lines(),
                goods=form.goods(),
                by=user_of(request),
                **{name: form.cleaned_data[name] for name in names},
            )
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            total_vnd = sum(line.value_vnd for line in distribution.lines.all())
            messages.success(request, _("Recorded: %(value)s handed out.") % {"value": dong(total_vnd)})
            return redirect("scholarships:distribution-detail", distribution.pk)
    return render(
        request,
        "scholarships/distribution_form.html",
        {
            "title": _("Record a distribution"),
            "here": shell(request, round_.unit),
            "round": round_,
            "figures": _figures(request, round_),
            "form": form,
            "receivers": receivers,
            "receiver": receiver,
            "is_cut": request.method == "GET" and len(waiting) == MOST_LINES,
            "most": MOST_LINES,
        },
    )


@giving_page
@require_http_methods(["GET", "POST"])
def distribution_void(request: HttpRequest, pk: int) -> HttpResponse:
    distribution = _visible_distribution(request, pk)
    require(request.user, Verb.VOID_DISTRIBUTION, distribution.unit_id)
    form = VoidDistributionForm(request.POST or None)
    if form.is_valid():
        try:
            actions.void_distribution(distribution=distribution, by=user_of(request), **form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Voided. Its awards can be handed out again."))
            return redirect("scholarships:distribution-detail", distribution.pk)
    return render(
        request,
        "scholarships/confirm.html",
        {
            "title": _("Void a distribution"),
            "here": shell(request, distribution.unit),
            "question": _("Void the distribution of “%(round)s” on %(day)s?")
            % {"round": distribution.round.name, "day": format_date(distribution.held_on)},
            "consequence": _(
                "All its lines are taken back and their money is set aside for the awards again. Distribution and void "
                "both stay in the books, with the reason."
            ),
            "button": _("Void the distribution"),
            "tone": "danger",
            "form": form,
            "back_url": reverse("scholarships:distribution-detail", args=[distribution.pk]),
        },
    )


def _choose_round(request: HttpRequest) -> HttpResponse:
    """Of which round: those with approved awards that are not handed out yet, where the user may do it."""
    unit = unit_for(request, Verb.RECORD_DISTRIBUTION)
    narrowed = WaitingRoundFilter(request.GET)
    allowed = units_where(request.user, Verb.RECORD_DISTRIBUTION).values("pk")
    rounds = Round.objects.visible_to(request.user).filter(stood_below(unit), unit__in=allowed)
    rows = narrowed.apply(with_tallies(undelivered(rounds.select_related("unit"))))
    page = listing(rows, sorts=ROUND_SORTS, default="-opened_on", query=request.GET)
    return render(
        request,
        "scholarships/distribution_choose.html",
        {
            "title": _("Record a distribution"),
            "here": shell(request, unit),
            "filter": narrowed,
            "page": page,
            "count": ngettext("%(count)s round", "%(count)s rounds", page.count) % {"count": page.counted},
            "table": WaitingRoundTable(page.data, order_by=page.sort, request=request),
        },
    )


def _waiting(request: HttpRequest, round_: Round, receiver: Unit | None) -> list[Award]:
    """The awards that the form asks about: on a post those it asked about, whatever became of them since."""
    awards = Award.objects.visible_to(request.user).filter(round=round_)
    if request.method == "POST":
        keys = [name.removeprefix("count_") for name in request.POST if name.startswith("count_")]
        shown = awards.filter(pk__in=keys_of(keys))
        return list(shown.select_related("unit").order_by("unit__title_key", "unit", "pk"))
    waiting = to_hand_out(awards)
    return list((waiting.filter(unit=receiver) if receiver else waiting)[:MOST_LINES])


def _stocks(request: HttpRequest, round_: Round, awards: list[Award]) -> list[Stock]:
    """The goods that the form lets choose from, where an award is in goods: on a post also those it showed. 1 query."""
    receivers = {award.unit_id for award in awards if award.pot == Pot.GOODS}
    if not receivers:
        return []
    keys = [name.removeprefix("goods_") for name in request.POST if name.startswith("goods_")]
    shown = keys_of(keys)
    stocks = stocks_to_hand_out(round_.fund, near=receivers)
    return list(stocks.filter(Q(quantity__gt=0) | Q(pk__in=shown))[:MOST_LINES])


def _receivers(request: HttpRequest, round_: Round) -> tuple[QuerySet[Unit], Unit | None]:
    """The units that still wait for something of the round, and the one that the address asks for."""
    waiting = to_hand_out(Award.objects.visible_to(request.user).filter(round=round_))
    units = receiving_units(Unit.objects.visible_to(request.user), waiting)
    asked = request.GET.get("to", "")
    if not asked:
        return units, None
    receiver = Unit.objects.visible_to(request.user).filter(code=asked[:64]).first()
    if receiver is None:
        raise Http404
    return units, receiver


def _visible_distribution(request: HttpRequest, pk: int) -> Distribution:
    visible = Distribution.objects.visible_to(request.user)
    return get_object_or_404(
        visible.select_related("unit", "round__fund", "round__programme", "recorded_by", "voided_by"), pk=pk
    )


def _figures(request: HttpRequest, round_: Any) -> list[tuple[str, str]]:
    fund: Any = with_balances(Fund.objects.visible_to(request.user)).filter(pk=round_.fund_id).first()
    figures = [
        (_("Approved, not yet handed out"), dong(round_.approved_vnd - round_.delivered_vnd)),
    ]
    if fund is not None:
        figures.append((_("The fund has set aside"), dong(fund.committed_vnd)))
        figures.append((_("The fund has available"), dong(fund.money_vnd)))
    return figures


def _facts(distribution: Distribution) -> list[tuple[Any, Any]]:
    round_ = distribution.round
    said = (
        (_("Round"), link("scholarships:round-detail", round_.pk, round_.name)),
        (_("Programme"), round_.programme.name),
        (_("Held by"), distribution.unit.name),
        (_("Date"), format_date(distribution.held_on)),
        (_("Venue"), distribution.venue),
        (_("Document"), distribution.document),
        (_("Paid from"), link("funds:fund-detail", round_.fund_id, round_.fund.name)),
        (_("Note"), distribution.note),
    )
    return [(term, text) for term, text in said if text]


def _history(distribution: Distribution) -> list[tuple[str, str]]:
    """Who did what, when, and why; newest last."""
    stamp = formats.date_format(timezone.localtime(distribution.recorded_at), "H:i d/m/Y")
    lines = [(stamp, _("Recorded by %(who)s") % {"who": distribution.recorded_by or _("the system")})]
    if distribution.voided_on:
        said = _("Voided by %(who)s: %(why)s") % {
            "who": distribution.voided_by or _("the system"),
            "why": distribution.void_reason,
        }
        lines.append((format_date(distribution.voided_on), said))
    return lines
