"""A unit's line through time, told from its versions and successions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hkh.core.dates import today
from members.models import Succession, Unit, UnitVersion

#: The drawing is that wide; its first and last mark stand so far from the edges.
WIDTH, MARGIN = 960, 12
#: More handovers than these on one day are told together.
MOST_TOLD = 3


@dataclass(frozen=True)
class Event:
    """Something that happened to a unit. ``code`` leads to the other unit, where there is one in sight; ``x`` is
    where the event stands in the drawing."""

    on: date
    what: str
    code: str = ""
    x: float = 0.0


def history_of(unit: Unit, *, seen: set[int]) -> list[Event]:
    """What happened to ``unit``, oldest first. 3 queries.

    Other units that are not in ``seen`` (ids) stay unnamed, but for those it took over: they are its own history.
    """
    events: list[Event] = []
    before: UnitVersion | None = None
    for version in unit.versions.select_related("parent", "tier").order_by("valid_from"):
        events += _changes(before, version, seen)
        before = version
    events += _successions(unit, seen)
    if unit.dissolved_on is not None:
        events.append(Event(unit.dissolved_on, _("Dissolved")))
    first, last = unit.founded_on, unit.dissolved_on or max(today(), unit.founded_on)
    return [
        Event(event.on, event.what, event.code, _place(event.on, first, last))
        for event in sorted(events, key=lambda one: one.on)
    ]


def _changes(before: UnitVersion | None, version: UnitVersion, seen: set[int]) -> list[Event]:
    on, parent = version.valid_from, version.parent
    code = parent.code if parent and parent.pk in seen else ""
    names = {"name": version.name, "unit": parent.name if parent and code else _("another unit")}
    if before is None:
        what = _("Founded as “%(name)s”, under %(unit)s") if parent else _("Founded as “%(name)s”")
        return [Event(on, what % names, code)]
    changes = []
    if version.name != before.name:
        changes.append(Event(on, _("Renamed to “%(name)s”") % names))
    if version.tier_id != before.tier_id:
        changes.append(Event(on, _("Became: %(tier)s") % {"tier": version.tier.name}))
    if version.parent_id != before.parent_id:
        changes.append(Event(on, _("Moved under %(unit)s") % names if parent else _("Moved to the top"), code))
    return changes


def _successions(unit: Unit, seen: set[int]) -> list[Event]:
    """Who carries on for whom, one by one; of more than ``MOST_TOLD`` on one day the number alone, for the drawing of
    the unit's family names them."""
    after = [
        (row, _handover(row, _("Carried on by %(unit)s"), row.successor, seen, is_named=row.successor_id in seen))
        for row in Succession.objects.filter(predecessor=unit).select_related("successor")
    ]
    before = [
        (row, _handover(row, _("Carries on for %(unit)s"), row.predecessor, seen, is_named=True))
        for row in Succession.objects.filter(successor=unit).select_related("predecessor")
    ]
    return [
        *_gathered(after, lambda count: ngettext("Carried on by %(n)s unit", "Carried on by %(n)s units", count)),
        *_gathered(before, lambda count: ngettext("Carries on for %(n)s unit", "Carries on for %(n)s units", count)),
    ]


def _gathered(told: list[tuple[Succession, Event]], several: Callable[[int], str]) -> list[Event]:
    events = []
    days = defaultdict(list)
    for row, event in told:
        days[row.effective_on].append(event)
    for on, of_day in days.items():
        if len(of_day) <= MOST_TOLD:
            events += of_day
        else:
            events.append(Event(on, several(len(of_day)) % {"n": len(of_day)}))
    return events


def _handover(row: Succession, what: str, other: Unit, seen: set[int], *, is_named: bool) -> Event:
    what = what % {"unit": other.name if is_named else _("another unit")}
    basis = f" · {row.legal_basis}" if row.legal_basis else ""
    return Event(row.effective_on, what + basis, other.code if other.pk in seen else "")


def _place(on: date, first: date, last: date) -> float:
    share = (on - first).days / max((last - first).days, 1)
    return round(MARGIN + (WIDTH - 2 * MARGIN) * min(max(share, 0.0), 1.0), 1)
