"""Membership cards: whose they are, what they say, and how anybody can tell whether one is genuine.

A card bears an address of this installation with a signature over the member and the card's number: nobody can make
up another, and a card whose number was given anew is known to be the old one. What the address answers says nothing
that the card does not say already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.db.models import QuerySet

from hkh.core.dates import today
from hkh.core.proofs import Proof
from members.models import Member, Membership, Unit
from members.queries import latest_unit_ids

PROOF = Proof("members.card")


class CardState(StrEnum):
    """Members with or without a number on record."""

    WITHOUT = "without"
    WITH = "with"
    ALL = "all"


@dataclass(frozen=True)
class Card:
    """A card as it is printed. ``since`` is the day of joining the unit; ``born`` as far as it is known."""

    member_id: int
    number: str
    full_name: str
    born: str
    unit: str
    since: date

    @property
    def token(self) -> str:
        return token_of(self.member_id, self.number)


@dataclass(frozen=True)
class Genuine:
    """What anybody may know of a genuine card. ``is_valid``: its bearer is a member today, of ``unit``."""

    initials: str
    unit: str
    is_valid: bool


def token_of(member_id: int, number: str) -> str:
    """The part of the address that proves the card."""
    return PROOF.token(member_id, _signed(member_id, number))


def look_up(token: str) -> Genuine | None:
    """What the card says whose ``token`` this is; None where it is none of ours or was replaced. 2 queries."""
    member_id = PROOF.pk_of(token)
    member = Member.unscoped.filter(pk=member_id).exclude(card_number="").first() if member_id is not None else None
    if member is None or not PROOF.holds(token, _signed(member.pk, member.card_number)):
        return None
    rows = Membership.unscoped.filter(member=member).select_related("unit")
    last = rows.order_by("-joined_on").first()
    is_valid = last is not None and last.is_current_on(today()) and member.deceased_on is None
    return Genuine(initials(member.full_name), last.unit.name if last else "", is_valid)


def initials(name: str) -> str:
    """N.T.H. for Nguyễn Thị Hương."""
    return "".join(f"{word[0].upper()}." for word in name.split())


def carriers(unit: Unit, state: CardState | str) -> QuerySet[Membership]:
    """The members of ``unit`` and of all below it today, as they stand now, by what is on record. Not run here."""
    rows = Membership.unscoped.current_on(today()).filter(unit__in=latest_unit_ids(unit))
    if state == CardState.WITHOUT:
        return rows.filter(member__card_number="")
    if state == CardState.WITH:
        return rows.exclude(member__card_number="")
    return rows


def _signed(member_id: int, number: str) -> str:
    return f"{member_id}:{number}"
