"""Who sits on the boards of a fund."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from funds.models import BoardBody, BoardMember, Fund
from hkh.core.dates import today


def boards_of(fund: Fund, *, day: date | None = None) -> list[tuple[str, list[BoardMember]]]:
    """The council and the control board of ``fund`` on ``day`` (default today), those without members left out.
    1 query."""
    day = day or today()
    seats = BoardMember.unscoped.filter(Q(until=None) | Q(until__gt=day), fund=fund, since__lte=day)
    seated: dict[str, list[BoardMember]] = {}
    for seat in seats.order_by("pk"):
        seated.setdefault(seat.body, []).append(seat)
    return [(str(BoardBody(body).label), seated[body]) for body in BoardBody.values if body in seated]
