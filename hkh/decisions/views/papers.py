"""The list of decisions, and what is written down of one: drafted, put right, thrown away; its paper."""

from __future__ import annotations

from pathlib import PurePath

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import slugify
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from hkh.core.sheet_views import export_of
from hkh.core.text import search_key
from hkh.decisions import actions
from hkh.decisions.forms import DecisionForm, SureForm
from hkh.decisions.lists import DecisionResource, decisions_of
from hkh.decisions.tables import DecisionTable
from hkh.decisions.views.here import decision_here
from members.here import unit_here, user_of
from members.models import Decision
from members.rules import Verb, may, require
from members.views.here import done, organisation_page, shell


@organisation_page
@require_GET
def decision_list(request: HttpRequest) -> HttpResponse:
    """The decisions within the unit of the page and all below it."""
    unit = unit_here(request)
    found = decisions_of(user_of(request), unit, request.GET)
    page = found.page(request.GET)
    return render(
        request,
        "decisions/decision_list.html",
        {
            "title": _("Decisions on the organisation"),
            "lede": unit.name,
            "here": shell(request, unit),
            "filter": found.filter,
            "export": export_of(request, DecisionResource, unit=unit.code),
            "page": page,
            "count": ngettext("%(count)s decision", "%(count)s decisions", page.count) % {"count": page.counted},
            "table": DecisionTable(page.data, order_by=page.sort, request=request),
            "may_draft": may(request.user, Verb.REORGANISE, unit),
        },
    )


@organisation_page
@require_http_methods(["GET", "POST"])
def decision_add(request: HttpRequest) -> HttpResponse:
    """A new draft within the unit of the page."""
    unit = unit_here(request)
    require(user_of(request), Verb.REORGANISE, unit)
    form = DecisionForm(request.POST or None, request.FILES or None)
    made: list[Decision] = []

    def draft() -> None:
        key = form.cleaned_data["idempotency_key"]
        made.append(actions.draft_decision(unit=unit, idempotency_key=key, by=user_of(request), **form.facts()))

    if done(form, draft):
        return redirect("decisions:decision-detail", made[0].pk)
    title = _("Draft a decision within %(unit)s") % {"unit": unit.name}
    back = reverse("decisions:decision-list")
    return _form(request, form, {"title": title, "here": shell(request, unit), "back_url": back})


@organisation_page
@require_http_methods(["GET", "POST"])
def decision_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """What is written down of a draft, put right."""
    decision = decision_here(request, pk, to_change=True)
    back = reverse("decisions:decision-detail", args=[pk])
    if not decision.is_draft:
        return redirect(back)
    known = ("effective_on", "number", "signed_on", "issuer", "subject", "note", "revision")
    initial = {name: getattr(decision, name) for name in known}
    form = DecisionForm(request.POST or None, request.FILES or None, initial=initial)

    def save() -> None:
        revision = form.cleaned_data["revision"] or 0
        actions.edit_decision(decision=decision, revision=revision, by=user_of(request), **form.facts())

    if done(form, save):
        messages.success(request, _("Saved."))
        return redirect(back)
    context = {"title": _("Edit the decision"), "here": shell(request, decision.unit), "back_url": back}
    return _form(request, form, {**context, "has_file": bool(decision.file)})


@organisation_page
@require_http_methods(["GET", "POST"])
def decision_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft thrown away, once that is confirmed."""
    decision = decision_here(request, pk, to_change=True)
    form = SureForm(request.POST or None, initial={"revision": decision.revision})
    if decision.is_draft and done(form, lambda: actions.discard_decision(decision=decision, by=user_of(request))):
        messages.success(request, _("The draft has been thrown away."))
        return redirect("decisions:decision-list")
    return render(
        request,
        "decisions/sure.html",
        {
            "title": _("Throw the draft away"),
            "here": shell(request, decision.unit),
            "what": _("Throw away the draft “%(decision)s”?") % {"decision": decision},
            "consequence": _("Its changes are gone for good. Nothing of the organisation is touched."),
            "button": _("Throw away"),
            "form": form,
            "back_url": reverse("decisions:decision-detail", args=[pk]),
        },
    )


@organisation_page
@require_GET
def decision_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The signed paper, 20 MB at the most, for whoever may see the decision."""
    decision = decision_here(request, pk)
    if not decision.file:
        raise Http404
    try:
        with decision.file.open("rb") as stream:
            response = HttpResponse(stream.read(), content_type="application/octet-stream")
    except OSError as gone:
        raise Http404 from gone
    name = f"{slugify(search_key(f'quyet-dinh {decision}'))}{PurePath(decision.file.name or '').suffix}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _form(request: HttpRequest, form: DecisionForm, context: dict[str, object]) -> HttpResponse:
    return render(request, "decisions/decision_form.html", {"form": form, "label": _("Save"), **context})
