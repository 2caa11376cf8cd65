"""Sheets of membership cards: ten a page of A4, of the size of a bank card, with marks to cut along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from hkh.core.dates import format_date
from hkh.core.pdf import Metadata, render_pdf
from hkh.core.qr import code_svg
from members.cards import Card

CARDS_A_PAGE = 10
STYLESHEET = "css/cards.css"
#: Marks to cut along: both ends of three lines down and of six across.
_CUTS = 18
#: Beyond so many letters a text is set smaller, and smaller still.
_LONG_NAMES, _LONG_UNITS = (22, 34, 70), (44, 80, 130)
_SIZES = ("usual", "long", "longer", "longest")


@dataclass(frozen=True)
class _Drawn:
    """A card in its place on the page."""

    card: Card
    slot: int
    since: str
    name_size: str
    unit_size: str
    address: str
    code: SafeString


def render_sheet(cards: Sequence[Card], *, address: str, title: str) -> bytes:
    """The cards as a PDF, in a process of its own. ``address`` leads to this installation, up to the slash."""
    return render_pdf(
        sheet_html(cards, address=address, title=title),
        stylesheets=(STYLESHEET,),
        metadata=Metadata(title=title, authors=[settings.HKH_ASSOCIATION]),
        seconds=180,
    )


def sheet_html(cards: Sequence[Card], *, address: str, title: str) -> str:
    """The document before it is set."""
    pages = [cards[start : start + CARDS_A_PAGE] for start in range(0, len(cards), CARDS_A_PAGE)]
    drawn = [[_draw(card, slot, address) for slot, card in enumerate(page)] for page in pages]
    context = {"title": title, "pages": drawn, "association": settings.HKH_ASSOCIATION, "cuts": range(1, _CUTS + 1)}
    return render_to_string("members/card_sheet.html", context)


def card_address(card: Card, address: str) -> str:
    """Where one sees whether the card is genuine."""
    return f"{address}/the/{card.token}/"


def _draw(card: Card, slot: int, address: str) -> _Drawn:
    leads_to = card_address(card, address)
    return _Drawn(
        card=card,
        slot=slot,
        since=format_date(card.since),
        name_size=_size(card.full_name, _LONG_NAMES),
        unit_size=_size(card.unit, _LONG_UNITS),
        address=leads_to,
        code=code_svg(leads_to, label="Mã kiểm tra thẻ"),
    )


def _size(text: str, steps: Sequence[int]) -> str:
    return _SIZES[sum(len(text) > step for step in steps)]
