"""Membership cards: who has one, sheets of them made, and the page that says whether one is genuine."""

from __future__ import annotations

from uuid import uuid4

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from hkh.core.dates import format_date, today
from hkh.core.models import Job
from hkh.core.money import format_number
from hkh.core.sheet_views import export_of
from members import actions
from members.actions.cards import CARDS_A_DOCUMENT
from members.cards import look_up
from members.filters import CARD_STATES
from members.forms import VerbForm
from members.here import user_of
from members.lists import cards_of
from members.models import Unit
from members.rules import Verb, require
from members.sheets.lists import CardResource
from members.tables import MembershipTable
from members.views.here import done, organisation_page, shell
from members.views.units import all_units

MOST_COUNTED = 1_000


class CardsForm(VerbForm):
    """Which cards are made; ``key`` keeps a double click from asking twice."""

    state = forms.ChoiceField(
        label=gettext_lazy("Cards for"),
        choices=[(state.value, label) for state, label in CARD_STATES.items()],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose for whom cards are made.")},
    )
    gives_numbers = forms.BooleanField(
        label=gettext_lazy("Give a number to whoever has none"), required=False, initial=True
    )
    key = forms.UUIDField(widget=forms.HiddenInput)


@organisation_page
@require_http_methods(["GET", "POST"])
def card_list(request: HttpRequest, code: str) -> HttpResponse:
    """Members of a unit and all below it with or without a card number, and the sheets made of their cards."""
    unit = get_object_or_404(all_units(request).select_related("tier", "parent"), code=code)
    require(request.user, Verb.EDIT_MEMBER, unit)
    found = cards_of(user_of(request), unit, request.GET)
    form = CardsForm(request.POST or None, initial={"state": found.filter.state.value, "key": uuid4()})
    if done(form, lambda: _ask(request, unit, form)):
        messages.success(request, _("The cards are being made. The files appear below when they are done."))
        return redirect(f"{request.path}#made")
    page = found.page(request.GET, most_counted=MOST_COUNTED)
    return render(
        request,
        "members/card_list.html",
        {
            "title": _("Membership cards"),
            "here": shell(request, unit),
            "unit": unit,
            "filter": found.filter,
            "export": export_of(request, CardResource, unit=unit.code),
            "form": form,
            "limits": _limits(),
            "page": page,
            "count": ngettext("%(count)s member", "%(count)s members", page.count) % {"count": page.counted},
            "table": MembershipTable(page.data, order_by=page.sort, request=request),
            "jobs": Job.objects.visible_to(request.user).filter(owner=request.user.pk, kind="members.cards")[:5],
        },
    )


@require_GET
def card_check(request: HttpRequest, token: str) -> HttpResponse:
    """Whether a card is genuine, for anybody who reads its code. 2 queries; says nothing that is not on the card."""
    card = look_up(token)
    context = {"title": _("Membership card"), "card": card, "day": format_date(today())}
    response = render(request, "members/card_check.html", context, status=200 if card else 404)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def _ask(request: HttpRequest, unit: Unit, form: CardsForm) -> Job:
    said = form.cleaned_data
    return actions.ask_for_cards(
        unit=unit,
        state=said["state"],
        gives_numbers=said["gives_numbers"],
        address=settings.HKH_ADDRESS or request.build_absolute_uri("/").rstrip("/"),
        key=str(said["key"]),
        by=user_of(request),
    )


def _limits() -> str:
    return _("Ten cards a page, %(pages)s cards a file, at most %(most)s cards at a time.") % {
        "pages": format_number(CARDS_A_DOCUMENT),
        "most": format_number(actions.MOST_CARDS),
    }
