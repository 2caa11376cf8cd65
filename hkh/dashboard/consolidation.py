"""The way from gross to net, as the page of the consolidation shows it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from funds.models import MovementKind
from hkh.core.money import format_number, format_vnd
from hkh.indicators.consolidation import Consolidation

#: So many pairs are shown, the most first; the rest as one sum.
MOST_PAIRS = 50


@dataclass(frozen=True)
class Side:
    """One table: how *mobilised* or *spent* comes about."""

    title: str
    columns: tuple[str, str]
    rows: list[tuple[str, str]]
    foot: tuple[str, str]


@dataclass(frozen=True)
class Pair:
    giver: str
    giver_unit: str
    taker: str
    taker_unit: str
    label: str
    amount_vnd: int


@dataclass(frozen=True)
class Rest:
    label: str
    amount_vnd: int


def sides(found: Consolidation) -> list[Side]:
    """Both tables. Lines that are nothing are left out, but for what makes the idea plain."""
    transfers, handovers = found.inside_vnd(MovementKind.TRANSFER), found.inside_vnd(MovementKind.HANDOVER)
    left_out = [
        (_("Left out: transfers between the funds"), -transfers, True),
        (_("Left out: handovers on reorganisation"), -handovers, True),
    ]
    mobilised = [
        (_("Came into the funds, gross"), found.gross_in_vnd, True),
        *left_out,
        (_("From funds of other units"), -found.from_outside_vnd, False),
        (_("Interest and surplus found by counts"), -found.other_in_vnd, False),
        (_("Gifts received here for funds of other units"), found.gifts_for_others_vnd, False),
        (_("Gifts that other units received for these funds"), -found.gifts_by_others_vnd, False),
    ]
    spent = [
        (_("Went out of the funds, gross"), found.gross_out_vnd, True),
        *left_out,
        (_("To funds of other units"), -found.to_outside_vnd, False),
        (_("Shortage found by counts"), -found.other_out_vnd, False),
    ]
    return [
        _side(_("Mobilised"), mobilised, found.net_in_vnd),
        _side(_("Spent"), spent, found.net_out_vnd),
    ]


def _side(title: str, lines: list[tuple[str, int, bool]], net_vnd: int) -> Side:
    rows = [(label, format_vnd(amount_vnd)) for label, amount_vnd, always in lines if amount_vnd or always]
    return Side(title, (_("What"), _("Amount (đồng)")), rows, (title, format_vnd(net_vnd)))


def pairs(found: Consolidation) -> tuple[list[Pair], Rest | None]:
    """What was left out, pair by pair, and the sum of those that are too many to show."""
    shown, rest = found.pairs[:MOST_PAIRS], found.pairs[MOST_PAIRS:]
    told = [
        Pair(
            one.giver,
            one.giver_unit,
            one.taker,
            one.taker_unit,
            str(MovementKind(one.kind).label),
            one.amount_vnd,
        )
        for one in shown
    ]
    if not rest:
        return told, None
    label = ngettext("%(count)s more pair", "%(count)s more pairs", len(rest)) % {"count": format_number(len(rest))}
    return told, Rest(label, sum(one.amount_vnd for one in rest))
