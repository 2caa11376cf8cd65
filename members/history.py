"""A unit's line through time: founded, renamed, moved, merged, dissolved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from members.models import Succession, Unit


@dataclass(frozen=True)
class Event:
    """What happened to a unit on a day; ``code`` leads to the other unit, where there is one."""

    day: date
    what: str
    code: str = ""


def history_of(unit: Unit) -> list[Event]:
    """The events of ``unit``, oldest first. 3 queries."""
    versions = list(unit.versions.select_related("tier", "parent").order_by("valid_from"))
    events = []
    for before, version in zip([None, *versions], versions, strict=False):
        if before is None:
            under = {"name": version.name, "parent": version.parent.name if version.parent else ""}
            founded = _("Founded as “%(name)s” under %(parent)s") if version.parent else _("Founded as “%(name)s”")
            events.append(Event(version.valid_from, founded % under))
            continue
        if version.name != before.name:
            events.append(Event(version.valid_from, _("Renamed to “%(name)s”") % {"name": version.name}))
        if version.parent_id != before.parent_id and version.parent is not None:
            moved = _("Moved under %(parent)s") % {"parent": version.parent.name}
            events.append(Event(version.valid_from, moved, version.parent.code))
        if version.tier_id != before.tier_id:
            events.append(Event(version.valid_from, _("Became: %(tier)s") % {"tier": version.tier.name}))
    for link in Succession.objects.filter(successor=unit).select_related("predecessor"):
        took = _("Took over from %(unit)s") % {"unit": link.predecessor.name}
        events.append(Event(link.effective_on, took, link.predecessor.code))
    for link in Succession.objects.filter(predecessor=unit).select_related("successor").order_by("-share", "pk"):
        gave = _("Carried on by %(unit)s") % {"unit": link.successor.name}
        events.append(Event(link.effective_on, gave, link.successor.code))
    if unit.dissolved_on is not None:
        events.append(Event(unit.dissolved_on, _("Dissolved")))
    return sorted(events, key=lambda event: event.day)
