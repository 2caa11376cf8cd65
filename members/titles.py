"""Which target holds for a unit: targets are rows, and of several that fit the nearest counts."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from members.models import TitleTarget, Unit, UnitAncestor

_FAR = 1_000


def stood_in_year(year: int) -> Q:
    """The condition that a row of the closure held at the end of ``year`` or, ended during it, held last."""
    last = date(year, 12, 31)
    return Q(valid_from__lte=last) & (
        Q(valid_until=None) | Q(valid_until__gt=last) | Q(is_latest=True, valid_until__gt=date(year, 1, 1))
    )


def targets_for(unit: Unit, year: int) -> dict[str, TitleTarget]:
    """The target of each title that ``unit`` has to reach next, in ``year`` or later. 2 queries.

    The next year with a target first; of one year, the unit's own, that of the nearest unit above, that of its place
    (or the place of the nearest unit above that has one) and of the places above that, the one for all.
    """
    line = UnitAncestor.objects.filter(stood_in_year(year), unit=unit).order_by("depth")
    steps = list(
        line.values_list("ancestor", "ancestor__place", "ancestor__place__parent", "ancestor__place__parent__parent")
    )
    units = [step[0] for step in steps] or [unit.pk]
    places = list(dict.fromkeys(place for step in steps for place in step[1:] if place is not None))
    fitting = TitleTarget.objects.filter(
        Q(unit__in=units) | Q(unit=None, place__in=places) | Q(unit=None, place=None), year__gte=year
    )

    def distance(target: TitleTarget) -> int:
        if target.unit_id is not None:
            return units.index(target.unit_id)
        return _FAR + places.index(target.place_id) if target.place_id is not None else 2 * _FAR

    found: dict[str, TitleTarget] = {}
    for target in sorted(fitting, key=lambda row: (row.year, distance(row))):
        found.setdefault(target.title, target)
    return found
