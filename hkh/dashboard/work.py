"""What waits for a user, and the doors he or she may use: no dead ends, no doors that refuse."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, F, Sum
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, ngettext

from funds.queries.vouchers import waits_for
from hkh.core.money import short
from members.models import Appointment, User
from members.rules import Verb, may_somewhere, units_where
from members.terms import said, to_settle
from scholarships.models import Award, AwardState


@dataclass(frozen=True)
class Door:
    label: str | Promise
    text: str | Promise
    icon: str
    url: str


@dataclass(frozen=True)
class Task:
    text: str
    url: str


_DOORS = (
    (
        Verb.RECORD_DONATION,
        "funds:donation-add",
        gettext_lazy("Record a donation"),
        gettext_lazy("Money or goods received"),
        "coin",
    ),
    (
        Verb.RECORD_DISTRIBUTION,
        "scholarships:distribution-add",
        gettext_lazy("Record a distribution"),
        gettext_lazy("Gifts and scholarships handed out"),
        "gift",
    ),
    (
        Verb.OPEN_ROUND,
        "scholarships:round-add",
        gettext_lazy("Open a round"),
        gettext_lazy("A new round of a programme"),
        "school",
    ),
    (
        Verb.EDIT_MEMBER,
        "members:member-add",
        gettext_lazy("Admit a member"),
        gettext_lazy("One person into a unit"),
        "user-plus",
    ),
    (
        Verb.MAKE_REPORT,
        "reports:report-room",
        gettext_lazy("Make the report"),
        gettext_lazy("PDF and Excel of a period"),
        "report-analytics",
    ),
)


def doors(user: User, query: str) -> list[Door]:
    """What ``user`` may do somewhere, as links. At most one query."""
    return [
        Door(label, text, icon, f"{reverse(name)}?{query}")
        for verb, name, label, text, icon in _DOORS
        if may_somewhere(user, verb)
    ]


def _vouchers(user: User, query: str) -> list[Task]:
    approve, confirm = waits_for(user)
    address = f"{reverse('funds:voucher-list')}?{query}"
    found = []
    if approve.count:
        text = ngettext(
            "%(n)s entry of %(value)s waits for your approval.",
            "%(n)s entries of %(value)s together wait for your approval.",
            approve.count,
        )
        found.append(Task(text % {"n": approve.count, "value": short(approve.value_vnd)}, f"{address}&waits=approve"))
    if confirm.count:
        text = ngettext(
            "%(n)s transfer of %(value)s is on its way and waits for your confirmation.",
            "%(n)s transfers of %(value)s together are on their way and wait for your confirmation.",
            confirm.count,
        )
        found.append(Task(text % {"n": confirm.count, "value": short(confirm.value_vnd)}, f"{address}&waits=confirm"))
    return found


def _terms(user: User, query: str) -> list[Task]:
    """Offices below the units where the user appoints that end soon, or ended and are held by nobody."""
    if not may_somewhere(user, Verb.APPOINT):
        return []
    offices = Appointment.objects.visible_to(user).filter(unit__in=units_where(user, Verb.APPOINT))
    address = f"{reverse('members:office-list')}?{query}"
    return [Task(text, f"{address}&{asked}") for text, asked in said(to_settle(offices))]


def tasks(user: User, query: str) -> list[Task]:
    """Awards that wait for the user's approval or for being handed out; entries and transfers that wait for his or
    her approval or confirmation; terms that end. At most five queries."""
    found = _vouchers(user, query)
    if may_somewhere(user, Verb.APPROVE_AWARDS):
        waiting = (
            Award.objects.visible_to(user)
            .filter(state=AwardState.PROPOSED, round__unit__in=units_where(user, Verb.APPROVE_AWARDS))
            .aggregate(awards=Sum("count"), value=Sum("value_vnd"), rounds=Count("round", distinct=True))
        )
        if waiting["awards"]:
            found.append(
                Task(
                    ngettext(
                        "%(awards)s proposed awards worth %(value)s wait for your approval, in %(rounds)s round.",
                        "%(awards)s proposed awards worth %(value)s wait for your approval, in %(rounds)s rounds.",
                        waiting["rounds"],
                    )
                    % {**waiting, "value": short(waiting["value"])},
                    f"{reverse('scholarships:round-list')}?{query}",
                )
            )
    if may_somewhere(user, Verb.RECORD_DISTRIBUTION):
        rounds = (
            Award.objects.visible_to(user)
            .filter(
                state=AwardState.APPROVED,
                delivered_count__lt=F("count") - F("cancelled_count"),
                round__unit__in=units_where(user, Verb.RECORD_DISTRIBUTION),
            )
            .aggregate(rounds=Count("round", distinct=True))["rounds"]
        )
        if rounds:
            found.append(
                Task(
                    ngettext(
                        "%(n)s round has approved awards that are not yet handed out.",
                        "%(n)s rounds have approved awards that are not yet handed out.",
                        rounds,
                    )
                    % {"n": rounds},
                    f"{reverse('scholarships:distribution-list')}?{query}",
                )
            )
    return found + _terms(user, query)
