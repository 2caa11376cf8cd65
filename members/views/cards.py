"""Membership cards: who has one, sheets of them made, and the page that says whether one is genuine."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from hkh.core.dates import format_date, today
from hkh.core.filters import ListFilter
from hkh.core.listing import listing
from hkh.core.models import Job
from hkh.core.money import format_number
from members import actions
from members.actions.cards import CARDS_A_DOCUMENT
from members.cards import CardState, carriers, look_up
from members.forms import VerbForm
from members.here import user_of
from members.models import Membership, Unit
from members.queries import matching_members
from members.rules import Verb, require
from members.tables import MembershipTable
from members.views.here import done, organisation_page, shell
from members.views.units import all_units

_STATES = {
    CardState.WITHOUT: gettext_lazy("Without a number"),
    CardState.WITH: gettext_lazy("With a number"),
    CardState.ALL: gettext_lazy("All members"),
}
SORTS = {"name": ("member__sort_key", "pk"), "joined_on": ("joined_on", "pk")}
MOST_COUNTED = 1_000


class CardFilter(ListFilter):
    """Members by whether a card number is on record; those without come first, for they are looked for."""

    card = forms.ChoiceField(
        label=gettext_lazy("Card"),
        required=False,
        choices=[
            ("", _STATES[CardState.WITHOUT]),
            (CardState.WITH.value, _STATES[CardState.WITH]),
            (CardState.ALL.value, _STATES[CardState.ALL]),
        ],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.call_search(gettext_lazy("Search by name or card number"))

    @property
    def state(self) -> CardState:
        return CardState(self.said().get("card", CardState.WITHOUT.value))


class CardsForm(VerbForm):
    """Which cards are made; ``key`` keeps a double click from asking twice."""

    state = forms.ChoiceField(
        label=gettext_lazy("Cards for"),
        choices=[(state.value, label) for state, label in _STATES.items()],
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
    narrowed = CardFilter(request.GET)
    form = CardsForm(request.POST or None, initial={"state": narrowed.state.value, "key": uuid4()})
    if done(form, lambda: _ask(request, unit, form)):
        messages.success(request, _("The cards are being made. The files appear below when they are done."))
        return redirect(f"{request.path}#made")
    rows = matching_members(_seen(request, unit, narrowed.state), narrowed.said().get("q", ""), prefix="member__")
    page = listing(
        rows.select_related("member", "unit"), sorts=SORTS, default="name", query=request.GET, most_counted=MOST_COUNTED
    )
    return render(
        request,
        "members/card_list.html",
        {
            "title": _("Membership cards"),
            "here": shell(request, unit),
            "unit": unit,
            "filter": narrowed,
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


def _seen(request: HttpRequest, unit: Unit, state: CardState) -> QuerySet[Membership]:
    """Those of ``carriers`` that the user sees."""
    return carriers(unit, state).filter(unit__in=all_units(request).values("pk"))


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
