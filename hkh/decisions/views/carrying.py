"""A decision looked at beforehand, carried out, taken back, undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hkh.core.dates import format_date, today
from hkh.core.money import dong, format_number
from hkh.decisions import actions
from hkh.decisions.forms import CarryOutForm, SureForm
from hkh.decisions.plan import Plan
from hkh.decisions.showing import shown
from hkh.decisions.views.here import decision_here, told
from members.here import user_of
from members.models import Decision, DecisionState
from members.views.here import done, organisation_page, shell


@organisation_page
@require_GET
def decision_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """All that carrying the decision out would do, what stands in the way, and the button."""
    decision = decision_here(request, pk, to_change=True)
    back = reverse("decisions:decision-detail", args=[pk])
    if decision.state in (DecisionState.APPLIED, DecisionState.UNDONE):
        return redirect(back)
    plan = actions.preview_decision(decision=decision, by=user_of(request))
    is_later = decision.effective_on > today()
    return render(
        request,
        "decisions/preview.html",
        {
            "title": _("What the decision does"),
            "here": shell(request, decision.unit),
            "decision": decision,
            "shown": shown(plan),
            "back_url": back,
            "ready": not plan.faults and decision.state != DecisionState.SCHEDULED,
            "what": _("Carry out “%(decision)s”?") % {"decision": decision},
            "consequence": _consequence(decision, plan, is_later=is_later),
            "button": _("Let it take effect on its day") if is_later else _("Carry out"),
            "form": CarryOutForm(initial={"basis": plan.basis}),
        },
    )


@organisation_page
@require_POST
def decision_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Carried out as it was looked at; a refusal leads back to the plan and says why."""
    decision = decision_here(request, pk, to_change=True)
    form = CarryOutForm(request.POST)
    basis = form.cleaned_data["basis"] if form.is_valid() else ""
    if not told(request, lambda: actions.apply_decision(decision=decision, basis=basis, by=user_of(request))):
        return redirect("decisions:decision-preview", pk)
    if decision.effective_on > today():
        text = _("The decision takes effect by itself on %(day)s.") % {"day": format_date(decision.effective_on)}
    else:
        text = _("The decision has been carried out.")
    messages.success(request, text)
    return redirect("decisions:decision-detail", pk)


@organisation_page
@require_http_methods(["GET", "POST"])
def decision_unschedule(request: HttpRequest, pk: int) -> HttpResponse:
    """Back into draft, so that it can be changed."""
    decision = decision_here(request, pk, to_change=True)
    return _sure(
        request,
        decision,
        lambda: actions.unschedule_decision(decision=decision, by=user_of(request)),
        title=_("Take back into draft"),
        what=_("Take “%(decision)s” back into draft?") % {"decision": decision},
        consequence=_("It does not take effect by itself any more. Its changes stay, and can be put right."),
        button=_("Take back into draft"),
        tone="primary",
        is_open=decision.state in (DecisionState.SCHEDULED, DecisionState.BLOCKED),
    )


@organisation_page
@require_http_methods(["GET", "POST"])
def decision_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything as before, or the list of what was built on it since."""
    decision = decision_here(request, pk, to_change=True)
    obstacles = actions.obstacles_to_undo(decision=decision, by=user_of(request))
    return _sure(
        request,
        decision,
        lambda: actions.undo_decision(decision=decision, by=user_of(request)),
        title=_("Undo the decision"),
        what=_("Undo “%(decision)s”?") % {"decision": decision},
        consequence=_(
            "Units, members, roles and rounds stand again as before; money goes back by entries of its own, so the "
            "books keep both. The decision stays on record as undone, and can be drafted anew."
        ),
        button=_("Undo"),
        tone="danger",
        is_open=decision.state == DecisionState.APPLIED,
        obstacles=obstacles,
    )


@organisation_page
@require_POST
def decision_redraft(request: HttpRequest, pk: int) -> HttpResponse:
    """A new draft of one that was undone."""
    decision = decision_here(request, pk, to_change=True)
    made: list[Decision] = []
    if told(request, lambda: made.append(actions.redraft_decision(decision=decision, by=user_of(request)))):
        return redirect("decisions:decision-detail", made[0].pk)
    return redirect("decisions:decision-detail", pk)


def _sure(
    request: HttpRequest,
    decision: Decision,
    verb: Callable[[], Any],
    *,
    is_open: bool,
    obstacles: list[str] | None = None,
    **words: str,
) -> HttpResponse:
    """Ask once more, then do it and lead to the decision; where it is not ``is_open`` lead there at once."""
    back = reverse("decisions:decision-detail", args=[decision.pk])
    if not is_open:
        return redirect(back)
    form = SureForm(request.POST or None, initial={"revision": decision.revision})
    if not obstacles and done(form, verb):
        return redirect(back)
    context = {"here": shell(request, decision.unit), "form": form, "back_url": back, "obstacles": obstacles or []}
    return render(request, "decisions/sure.html", {**context, **words})


def _consequence(decision: Decision, plan: Plan, *, is_later: bool) -> str:
    """What follows, with the numbers that matter."""
    numbers = {
        "closed": format_number(len(plan.closed)),
        "opened": format_number(len(plan.opened)),
        "members": format_number(plan.members_moving),
        "amount": dong(plan.handed_over_vnd),
        "day": format_date(decision.effective_on),
    }
    parts = [
        ngettext("%(closed)s unit ends", "%(closed)s units end", len(plan.closed)) % numbers,
        ngettext("%(opened)s begins", "%(opened)s begin", len(plan.opened)) % numbers,
        _("%(members)s members stand elsewhere") % numbers,
        _("%(amount)s is handed over") % numbers,
    ]
    told_parts = ", ".join(parts)
    if is_later:
        return _("On %(day)s, by itself: %(parts)s.") % {**numbers, "parts": told_parts}
    return _("From %(day)s on: %(parts)s. It can be undone while nothing was built on it.") % {
        **numbers,
        "parts": told_parts,
    }
