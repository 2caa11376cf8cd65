"""Awards: proposed in rows, then, ticked in the list of their round, approved or cancelled."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from funds.models import Fund
from funds.queries import with_balances
from funds.views.here import shell
from hkh.core.keys import keys_of, number_of
from hkh.core.money import dong, format_number
from members.here import unit_here, user_of
from members.models import Unit
from members.queries import search_units, traces_of
from members.rules import Verb, may, may_somewhere, require, units_where
from scholarships import actions
from scholarships.forms.awards import ApproveForm, CancelForm, ChosenAwards, ProposalHead, ProposalRows
from scholarships.models import Award, AwardState, Round, RoundState
from scholarships.queries import calling, units_below
from scholarships.tables import AwardTable
from scholarships.views.here import giving_page, visible_round

MOST_FOUND = 20
#: So many of the awards proposed last are shown below the form.
SHOWN = 20
#: Rows added at once where there are no scripts.
MORE = 5


@giving_page
@require_http_methods(["GET", "POST"])
def award_propose(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose awards, a row each. Also to a round of a unit above, which calls all below it."""
    round_ = _round_to_propose_to(request, pk)
    if round_.state == RoundState.CLOSED:
        messages.error(request, _("The round is closed and takes no more awards. Open it again first."))
        return redirect("scholarships:round-detail", round_.pk)
    head = ProposalHead(request.POST or None)
    rows = ProposalRows(_with_more(request), form_kwargs=_choices(request, round_))
    if request.method == "POST" and "more" not in request.POST and head.is_valid() and rows.is_valid():
        proposals = [row.proposal() for row in rows if row.has_changed()]
        try:
            awards = actions.propose_awards(
                round_=round_,
                proposals=proposals,
                by=user_of(request),
                idempotency_key=head.cleaned_data["idempotency_key"],
            )
        except ValidationError as refusal:
            # Of one row alone it is known which field is meant.
            (rows[0] if len(proposals) == 1 == len(rows) else head).refuse(refusal)
        else:
            messages.success(request, _proposed(awards))
            if "again" in request.POST or not _sees(request, round_):
                return redirect("scholarships:award-propose", round_.pk)
            return redirect("scholarships:round-detail", round_.pk)
    so_far = Award.objects.visible_to(request.user).filter(round=round_).select_related("unit").order_by("-pk")
    return render(
        request,
        "scholarships/award_form.html",
        {
            "title": _("Propose awards"),
            "here": shell(request, unit_here(request)),
            "round": round_,
            "head": head,
            "rows": rows,
            "is_refused": request.method == "POST" and "more" not in request.POST,
            "so_far": AwardTable(list(so_far[:SHOWN]), orderable=False, request=request),
            "back_url": reverse("scholarships:round-detail", args=[round_.pk])
            if _sees(request, round_)
            else reverse("scholarships:round-list"),
        },
    )


@giving_page
@require_GET
def unit_search(request: HttpRequest, pk: int) -> HttpResponse:
    """What the unit field of a row finds: twenty at the most, below the round's unit and where one may propose."""
    units = _receivers(request, _round_to_propose_to(request, pk)).select_related("tier", "parent")
    text = request.GET.get("q", "")[:100]
    found = list(search_units(units, text)[:MOST_FOUND])
    traces = traces_of(found, text, seen=Unit.objects.visible_to(request.user))
    return render(request, "scholarships/_unit_options.html", {"hits": [(one, traces.get(one.pk)) for one in found]})


@giving_page
@require_http_methods(["GET", "POST"])
def award_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once more, then approve what was ticked: all of it, or nothing."""
    round_ = visible_round(request, pk)
    require(request.user, Verb.APPROVE_AWARDS, round_.unit)
    proposals = _awards(request, round_).filter(state=AwardState.PROPOSED)
    form = ApproveForm(request.POST or None, among=_awards(request, round_), initial=_ticked(request, proposals))
    if form.is_valid():
        try:
            awards = actions.approve_awards(
                round_=round_,
                awards=form.cleaned_data["awards"],
                on=form.cleaned_data["approved_on"],
                by=user_of(request),
            )
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Approved: %(awards)s. The money is set aside.") % {"awards": _sized(awards)})
            return redirect("scholarships:round-detail", round_.pk)
    chosen = _chosen(form, proposals)
    return _question(
        request,
        round_,
        form,
        chosen,
        title=_("Approve awards"),
        question=_("Approve %(awards)s?") % {"awards": _sized(chosen)},
        consequence=_("The money is set aside in “%(fund)s” and cannot be spent on anything else. %(left)s")
        % {"fund": round_.fund.name, "left": _left_in(request, round_)},
        button=_("Approve"),
        tone="primary",
    )


@giving_page
@require_http_methods(["GET", "POST"])
def award_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask once more, then withdraw proposals, or cancel what is left of approved awards."""
    round_ = visible_round(request, pk)
    if not may(request.user, Verb.APPROVE_AWARDS, round_.unit):
        require(request.user, Verb.PROPOSE_AWARDS, round_.unit)
    open_ones = _awards(request, round_).exclude(state=AwardState.CANCELLED)
    form = CancelForm(request.POST or None, among=_awards(request, round_), initial=_ticked(request, open_ones))
    if form.is_valid():
        try:
            awards = actions.cancel_awards(
                round_=round_,
                awards=form.cleaned_data["awards"],
                on=form.cleaned_data["cancelled_on"],
                reason=form.cleaned_data["reason"],
                by=user_of(request),
            )
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            counted = format_number(len(awards))
            messages.success(
                request,
                ngettext("Cancelled: %(count)s line.", "Cancelled: %(count)s lines.", len(awards)) % {"count": counted},
            )
            return redirect("scholarships:round-detail", round_.pk)
    chosen = _chosen(form, open_ones)
    return _question(
        request,
        round_,
        form,
        chosen,
        title=_("Cancel awards"),
        question=_("Cancel %(awards)s?") % {"awards": _sized(chosen)},
        consequence=_(
            "Proposals are withdrawn. Of approved awards what is not yet handed out is cancelled, and its money is "
            "free again. This cannot be taken back; the same can be proposed anew."
        ),
        button=_("Cancel the awards"),
        tone="danger",
    )


def _question(
    request: HttpRequest, round_: Round, form: ChosenAwards, chosen: list[Award], **words: str
) -> HttpResponse:
    return render(
        request,
        "scholarships/award_question.html",
        {
            "here": shell(request, round_.unit),
            "round": round_,
            "form": form,
            "chosen": chosen,
            "table": AwardTable(chosen, orderable=False, request=request),
            "back_url": reverse("scholarships:round-detail", args=[round_.pk]),
            **words,
        },
    )


def _round_to_propose_to(request: HttpRequest, pk: int) -> Round:
    """A round that takes proposals of the user: one in sight, or an open one of a unit above.

    Raises: Http404, PermissionDenied.
    """
    may_propose = units_where(request.user, Verb.PROPOSE_AWARDS).filter(dissolved_on=None)
    if may_somewhere(request.user, Verb.PROPOSE_AWARDS):
        called = calling(may_propose).select_related("unit", "fund", "programme").filter(pk=pk).first()
        if called is not None:
            return called
    round_ = visible_round(request, pk)
    require(request.user, Verb.PROPOSE_AWARDS, round_.unit)
    return round_


def _sees(request: HttpRequest, round_: Round) -> bool:
    return may(request.user, Verb.SEE, round_.unit_id)


def _receivers(request: HttpRequest, round_: Round) -> QuerySet[Unit]:
    """The units that may receive of ``round_`` and that the user may propose for."""
    allowed = units_where(request.user, Verb.PROPOSE_AWARDS)
    living = Unit.objects.visible_to(request.user).filter(pk__in=allowed.values("pk"), dissolved_on=None)
    return units_below(living, round_.unit)


def _choices(request: HttpRequest, round_: Round) -> dict[str, Any]:
    receivers = _receivers(request, round_)
    return {
        "units": receivers,
        "units_url": reverse("scholarships:unit-search", args=[round_.pk]),
        "unit": receivers.filter(pk=unit_here(request).pk).first(),
    }


def _with_more(request: HttpRequest) -> Any:
    """What was posted, with some rows more where these were asked for."""
    if request.method != "POST":
        return None
    if "more" not in request.POST:
        return request.POST
    posted = request.POST.copy()
    posted["form-TOTAL_FORMS"] = str(number_of(posted.get("form-TOTAL_FORMS"), digits=3) + MORE)
    return posted


def _awards(request: HttpRequest, round_: Round) -> QuerySet[Award]:
    return Award.objects.visible_to(request.user).filter(round=round_).select_related("unit").order_by("pk")


def _ticked(request: HttpRequest, among: QuerySet[Award]) -> dict[str, str]:
    """The awards ticked in the list, or, with ``?all=1``, all there are: what the question is asked about."""
    if request.method == "POST":
        return {}
    rows = among
    if "all" not in request.GET:
        rows = among.filter(pk__in=keys_of(request.GET.getlist("award")))
    return {"awards": ",".join(str(key) for key in rows.values_list("pk", flat=True))}


def _chosen(form: ChosenAwards, among: QuerySet[Award]) -> list[Award]:
    keys = keys_of(str(form["awards"].value() or "").split(","))
    return list(among.filter(pk__in=keys)) if keys else []


def _sized(awards: list[Award]) -> str:
    """ "12 awards worth 2.400.000 đồng": what is still to be given of them."""
    counts = [award.remaining_count or award.count for award in awards]
    value_vnd = sum(award.unit_value_vnd * count for award, count in zip(awards, counts, strict=True))
    return ngettext("%(count)s award worth %(value)s", "%(count)s awards worth %(value)s", sum(counts)) % {
        "count": format_number(sum(counts)),
        "value": dong(value_vnd),
    }


def _left_in(request: HttpRequest, round_: Round) -> str:
    fund: Any = with_balances(Fund.objects.visible_to(request.user)).filter(pk=round_.fund_id).first()
    if fund is None:
        return ""
    if fund.goods_vnd:
        return _("It has %(left)s available, and goods worth %(goods)s.") % {
            "left": dong(fund.money_vnd),
            "goods": dong(fund.goods_vnd),
        }
    return _("It has %(left)s available.") % {"left": dong(fund.money_vnd)}


def _proposed(awards: list[Award]) -> str:
    return _("Proposed: %(awards)s.") % {"awards": _sized(awards)}
