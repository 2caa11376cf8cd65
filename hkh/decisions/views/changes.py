"""A decision's page: the draft put together change by change, or what was carried out."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hkh.core.dates import format_date, today
from hkh.core.keys import key_of
from hkh.decisions import actions
from hkh.decisions.forms import FORMS, ChangeForm, SureForm
from hkh.decisions.grouping import grouped
from hkh.decisions.showing import shown
from hkh.decisions.tables import TONES
from hkh.decisions.views.here import concerned, decision_here, told
from members.here import user_of
from members.models import Change, ChangeKind, Decision, DecisionState
from members.queries import search_units, traces_of
from members.rules import Verb, may, topmost_units
from members.views.here import done, organisation_page, shell

MOST_FOUND = 20
#: What each kind of change is for.
NOTES = {
    "merge": gettext_lazy(
        "Units end, and one that is there or a new one carries on: branches, members, funds go to it."
    ),
    "split": gettext_lazy("A unit ends and several carry on, each with its share."),
    "found": gettext_lazy("A new unit, from the decision's day on."),
    "move": gettext_lazy("A unit stands under another one, with all below it."),
    "rename": gettext_lazy("A unit bears another name; it is still found by the old one."),
    "tier": gettext_lazy("A unit stands in another tier of the association."),
    "dissolve": gettext_lazy("A unit ends and nobody carries on; it must be empty."),
}


@organisation_page
@require_GET
def decision_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Of a decision that was carried out, what was done; of any other, what it says and the next step."""
    decision = decision_here(request, pk)
    state = DecisionState(decision.state)
    was_done = decision.plan is not None
    changes = [] if was_done else grouped(decision)
    return render(
        request,
        "decisions/decision_detail.html",
        {
            "title": str(decision),
            "badge": state.label,
            "tone": TONES[state],
            "lede": decision.subject,
            "here": shell(request, decision.unit),
            "decision": decision,
            "facts": _facts(decision),
            "groups": changes,
            "change_count": sum(len(group.lines) for group in changes),
            "shown": shown(actions.plan_of(decision)) if was_done else None,
            "kinds": _kinds(decision) if decision.is_draft else [],
            "is_due_later": decision.effective_on > today(),
            "may_change": may(request.user, Verb.REORGANISE, decision.unit),
        },
    )


@organisation_page
@require_http_methods(["GET", "POST"])
def change_add(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """One more change of a kind; "save and enter another" stays on the form."""
    decision = decision_here(request, pk, to_change=True)
    back = reverse("decisions:decision-detail", args=[pk])
    if kind not in FORMS or not decision.is_draft:
        return redirect(back)
    form = FORMS[kind](request.POST or None, decision=decision, units=concerned(request, decision))
    if done(form, lambda: _add(request, decision, form)):
        messages.success(request, _("The change stands in the decision."))
        return redirect(request.path if "again" in request.POST else f"{back}#changes")
    return render(
        request,
        "decisions/change_form.html",
        {
            "title": ChangeKind(kind).label,
            "lede": str(decision),
            "here": shell(request, decision.unit),
            "form": form,
            "note": NOTES[kind],
            "back_url": back,
        },
    )


@organisation_page
@require_POST
def change_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """A change taken out of its draft, and with a founding all that rests on the new unit."""
    decision = decision_here(request, pk, to_change=True)
    key = key_of(request.POST.get("change"))
    change = Change.objects.select_related("decision").filter(decision=decision, pk=key).first()
    if change is not None:
        known = change
        told(request, lambda: actions.remove_change(change=known, by=user_of(request)))
    return redirect(f"{reverse('decisions:decision-detail', args=[pk])}#changes")


@organisation_page
@require_http_methods(["GET", "POST"])
def changes_clear(request: HttpRequest, pk: int) -> HttpResponse:
    """All changes taken out of a draft, once that is confirmed."""
    decision = decision_here(request, pk, to_change=True)
    back = reverse("decisions:decision-detail", args=[pk])
    form = SureForm(request.POST or None, initial={"revision": decision.revision})
    if decision.is_draft and done(form, lambda: actions.clear_changes(decision=decision, by=user_of(request))):
        return redirect(back)
    return render(
        request,
        "decisions/sure.html",
        {
            "title": _("Take all changes out"),
            "here": shell(request, decision.unit),
            "what": _("Take all changes out of “%(decision)s”?") % {"decision": decision},
            "consequence": _("The draft itself stays, to be filled anew or from another sheet."),
            "button": _("Take all out"),
            "form": form,
            "back_url": back,
        },
    )


@organisation_page
@require_GET
def unit_search(request: HttpRequest, pk: int) -> HttpResponse:
    """What the fields of a change find: units that the decision may name and, where asked, those it founds."""
    decision = decision_here(request, pk, to_change=True)
    text = request.GET.get("q", "")[:100]
    found = list(search_units(concerned(request, decision).select_related("tier", "parent"), text)[:MOST_FOUND])
    traces = traces_of(found, text, seen=concerned(request, decision))
    foundings = decision.changes.filter(kind=ChangeKind.FOUND) if "new" in request.GET else Change.objects.none()
    return render(
        request,
        "decisions/_unit_options.html",
        {
            "foundings": foundings.filter(name__icontains=text)[:MOST_FOUND],
            "hits": [(unit, traces.get(unit.pk)) for unit in found],
            "top": topmost_units(user_of(request)),
        },
    )


def _add(request: HttpRequest, decision: Decision, form: ChangeForm) -> None:
    actions.add_changes(decision=decision, changes=form.changes(), by=user_of(request))


def _facts(decision: Decision) -> list[tuple[str, str]]:
    said = (
        (_("Takes effect on"), format_date(decision.effective_on)),
        (_("Number and symbol"), decision.number),
        (_("Signed on"), format_date(decision.signed_on) if decision.signed_on else ""),
        (_("Issued by"), decision.issuer),
        (_("Within"), decision.unit.name),
        (_("Note"), decision.note),
    )
    return [(term, text) for term, text in said if text]


def _kinds(decision: Decision) -> list[tuple[str, str, str]]:
    """Label, what it is for, address: of each kind of change."""
    return [
        (str(ChangeKind(kind).label), str(NOTES[kind]), reverse("decisions:change-add", args=[decision.pk, kind]))
        for kind in FORMS
    ]
