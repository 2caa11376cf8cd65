"""The list of decisions: the same rows for the page and for the sheet that goes out."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hkh.core.sheets.columns import ListResource, going_out
from hkh.core.sheets.lists import Found, list_of
from hkh.decisions.filters import DecisionFilter
from members.lists import asked_unit
from members.models import Decision, DecisionState, Unit, User
from members.queries import latest_unit_ids
from members.rules import Verb, units_where


class DecisionResource(ListResource):
    """Decisions on the organisation."""

    slug, title = "decisions", _("Decisions on the organisation")

    number = going_out("number", _("Decision number"), "code", width=20)
    signed_on = going_out("signed_on", _("Signed on"), "day")
    issuer = going_out("issuer", _("Issued by"), width=32)
    subject = going_out("subject", pgettext_lazy("of a decision", "Subject"), width=48)
    unit_name = going_out("unit__name", _("Within"), width=34)
    effective_on = going_out("effective_on", _("Takes effect on"), "day", width=16)
    change_count = going_out("change_count", _("Changes"), "int", width=10)
    state = going_out("state", _("State"), "choice", choices=DecisionState.choices, width=18)
    applied_on = going_out(TruncDate("applied_at"), _("Carried out on"), "day", shown=False, width=16)
    note = going_out("note", _("Note"), "lines", shown=False, width=36)


def readable(user: User) -> QuerySet[Decision]:
    """The decisions in scope: those carried out, and all of the units that one may reorganise."""
    own = units_where(user, Verb.REORGANISE).values("pk")
    return Decision.objects.visible_to(user).filter(Q(state=DecisionState.APPLIED) | Q(unit__in=own))


def decisions_of(user: User, unit: Unit, query: QueryDict) -> Found[DecisionFilter]:
    """The decisions within ``unit`` and all below it, the last to take effect first."""
    narrowed = DecisionFilter(query)
    rows = narrowed.apply(readable(user).filter(unit__in=latest_unit_ids(unit)))
    rows = rows.defer("plan").annotate(change_count=Count("changes"))
    return Found(rows, narrowed, {"effective_on": ("effective_on", "pk")}, "-effective_on")


@list_of(DecisionResource)
def decisions(user: User, query: QueryDict) -> Found[DecisionFilter]:
    return decisions_of(user, asked_unit(user, query), query)
