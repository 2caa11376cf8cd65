"""The levels of the roll of honour."""

from __future__ import annotations

from collections.abc import Sequence

from funds.models import HonourLevel
from hkh.core.text import clean
from hkh.core.violations import refusals
from members.models import Unit, User
from members.rules import Verb, require


def set_honour_levels(*, unit: Unit, levels: Sequence[tuple[str, int]], by: User) -> list[HonourLevel]:
    """The levels of ``unit`` as (name, least sum), in place of those before; none: those of the unit above count.

    Raises: Http404, PermissionDenied; ValidationError where two begin at one sum.
    """
    require(by, Verb.MANAGE_FUNDS, unit)
    with refusals():
        list(Unit.unscoped.select_for_update(no_key=True).filter(pk=unit.pk).values("pk"))
        HonourLevel.unscoped.filter(unit=unit).delete()
        return HonourLevel.unscoped.bulk_create(
            HonourLevel(unit=unit, name=clean(name), least_vnd=least_vnd) for name, least_vnd in levels
        )
