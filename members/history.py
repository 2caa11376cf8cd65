"""A unit's line through time, told from its versions and successions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from hkh.core.dates import today
from members.models import Succession, Unit, UnitVersion

#: The drawing is that wide; its first and last mark stand so far from the edges.
WIDTH, MARGIN = 960, 12


@dataclass(frozen=True)
class Event:
    """Something that happened to a unit. ``code`` leads to the other unit, where there is one in sight; ``x`` is
    where the event stands in the drawing."""

    on: date
    what: str
    code: str = ""
    x: float = 0.0


def history_of(unit: Unit, *, seen: set[int]) -> list[Event]:
    """What happened to ``unit``, oldest first. 3 queries. Other units that are not in ``seen`` (ids) stay unnamed."""
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
    events = []
    for row in Succession.objects.filter(predecessor=unit).select_related("successor"):
        events.append(_handover(row, _("Carried on by %(unit)s"), row.successor, seen))
    for row in Succession.objects.filter(successor=unit).select_related("predecessor"):
        events.append(_handover(row, _("Carries on for %(unit)s"), row.predecessor, seen))
    return events


def _handover(row: Succession, what: str, other: Unit, seen: set[int]) -> Event:
    is_seen = other.pk in seen
    what = what % {"unit": other.name if is_seen else _("another unit")}
    basis = f" · {row.legal_basis}" if row.legal_basis else ""
    return Event(row.effective_on, what + basis, other.code if is_seen else "")


def _place(on: date, first: date, last: date) -> float:
    share = (on - first).days / max((last - first).days, 1)
    return round(MARGIN + (WIDTH - 2 * MARGIN) * min(max(share, 0.0), 1.0), 1)
