"""Asking for handover protocols, and those that were made."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hkh.core import jobs
from hkh.core.models import Job
from hkh.decisions.actions import plan_of
from hkh.decisions.forms import ProtocolForm
from hkh.decisions.handlers import KIND
from hkh.decisions.protocol import heirs_of
from hkh.decisions.views.here import decision_here
from members.here import user_of
from members.models import DecisionState
from members.views.here import organisation_page, shell

MOST_SHOWN = 6


@organisation_page
@require_http_methods(["GET", "POST"])
def protocol_ask(request: HttpRequest, pk: int) -> HttpResponse:
    """For one unit that takes up or for all: the worker makes it. Whoever may see the decision may have it."""
    decision = decision_here(request, pk)
    back = reverse("decisions:decision-detail", args=[pk])
    if decision.state != DecisionState.APPLIED:
        return redirect(back)
    heirs = heirs_of(plan_of(decision))
    form = ProtocolForm(request.POST or None, heirs=heirs)
    if form.is_valid():
        heir = form.cleaned_data["heir"]
        jobs.enqueue(
            KIND,
            by=user_of(request),
            key=str(form.cleaned_data["key"]),
            title=_("Handover protocol: %(what)s") % {"what": dict(heirs).get(int(heir)) if heir else decision},
            decision=decision.pk,
            heir=int(heir) if heir else None,
        )
        return redirect(f"{request.path}#made")
    made = Job.objects.visible_to(request.user).filter(owner=request.user.pk, kind=KIND, payload__decision=pk)
    return render(
        request,
        "decisions/protocol.html",
        {
            "title": _("Handover protocol"),
            "lede": str(decision),
            "here": shell(request, decision.unit),
            "form": form,
            "has_heirs": bool(heirs),
            "jobs": made.order_by("-pk")[:MOST_SHOWN],
            "back_url": back,
        },
    )
