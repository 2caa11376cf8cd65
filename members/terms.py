"""Terms that end and offices that nobody holds since: what somebody has to see to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import ngettext

from hkh.core.dates import today
from hkh.core.money import format_number
from members.models import Appointment, OfficeEnd

#: A term that ends within so many days ends soon.
SOON_DAYS = 90


def ending_within(days: int) -> Q:
    """The condition that an office runs now and its term ends in at most ``days`` days."""
    return Q(valid_until__gt=today(), valid_until__lte=today() + timedelta(days=days), valid_from__lte=today())


def left_vacant() -> Q:
    """The condition that an office is over, its unit lives on, and nobody held that office in it longer or since."""
    later = Appointment.unscoped.filter(unit=OuterRef("unit"), position=OuterRef("position")).filter(
        Q(valid_until=None) | Q(valid_until__gt=OuterRef("valid_until"))
    )
    over = Q(valid_until__lte=today(), unit__dissolved_on=None) & ~Q(end_reason=OfficeEnd.CORRECTION)
    return over & Q(~Exists(later))


@dataclass(frozen=True)
class Terms:
    """How many offices end soon, how many ended and are held by nobody."""

    ending: int
    vacant: int


def to_settle(offices: QuerySet[Appointment]) -> Terms:
    """What of ``offices`` somebody has to see to. One query."""
    soon = Count("pk", filter=ending_within(SOON_DAYS))
    return Terms(**offices.order_by().aggregate(ending=soon, vacant=Count("pk", filter=left_vacant())))


def said(terms: Terms) -> list[tuple[str, str]]:
    """``terms`` in words, each with what the address of the list of offices asks for to show them."""
    found = []
    if terms.ending:
        text = ngettext(
            "%(count)s term ends within %(days)s days.", "%(count)s terms end within %(days)s days.", terms.ending
        )
        found.append((text % {"count": format_number(terms.ending), "days": SOON_DAYS}, f"ends={SOON_DAYS}"))
    if terms.vacant:
        text = ngettext(
            "%(count)s office is over and nobody holds it since.",
            "%(count)s offices are over and nobody holds them since.",
            terms.vacant,
        )
        found.append((text % {"count": format_number(terms.vacant)}, "state=vacant"))
    return found
