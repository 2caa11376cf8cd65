"""The boards of a fund: who manages it and who controls it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Required, TypedDict

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from funds.actions.saving import cleaned
from funds.models import BoardBody, BoardMember, Fund
from hkh.core.violations import refusals
from members.models import User
from members.rules import Verb, require


class Seat(TypedDict, total=False):
    """One seat; ``id`` names the row that it changes, and is empty for a new one."""

    id: int | None
    body: Required[BoardBody | str]
    name: Required[str]
    position: str
    since: Required[date]
    until: date | None


def seat_board(*, fund: Fund, seats: Sequence[Seat], by: User) -> list[BoardMember]:
    """The seats of the fund as they stand now; who left keeps the row, with the day. All or nothing.

    Raises: Http404, PermissionDenied; ValidationError where somebody would sit twice, or a row is not the fund's.
    """
    require(by, Verb.MANAGE_FUNDS, fund.unit_id)
    with refusals():
        known = {row.pk: row for row in BoardMember.unscoped.select_for_update().filter(fund=fund)}
        # Whoever leaves makes room first.
        for seat in sorted(seats, key=lambda seat: seat.get("until") is None):
            facts = cleaned({name: value for name, value in seat.items() if name != "id"})
            key = seat.get("id")
            row = BoardMember(fund=fund) if key is None else known.get(key)
            if row is None:
                raise ValidationError(_("This seat belongs to another fund. Open the page again."), code="seat")
            for name, value in facts.items():
                setattr(row, name, value)
            row.save()
        return list(BoardMember.unscoped.filter(fund=fund).order_by("body", "pk"))
