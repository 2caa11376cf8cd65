"""The tiers explained: what stands under what, what each does, how many units there are; and the drawing of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from members.models import Tier, Unit, UnitAncestor

#: The drawing in its own units: a column of boxes, arrows at its left that lead from each tier to what it stands under.
WIDTH, BOX_LEFT, BOX_HEIGHT, STEP = 360, 96, 52, 76
_MARGIN, _LANE, _FIRST_LANE = 6, 18, 22
#: So many letters of a name fit in a box.
LETTERS = 28


@dataclass(frozen=True)
class TierShown:
    """A tier with the tiers it may stand under and those that may stand under it, and its units there are now."""

    tier: Tier
    under: Sequence[str]
    holds: Sequence[str]
    units: int

    @property
    def stands_alone(self) -> bool:
        return self.tier.may_stand_alone or not self.under


@dataclass(frozen=True)
class Box:
    """A tier in the drawing. ``y`` is its upper edge."""

    name: str
    units: int
    y: int
    is_retired: bool

    @property
    def middle(self) -> int:
        return self.y + BOX_HEIGHT // 2


@dataclass(frozen=True)
class Drawing:
    """Boxes from the top tier down; ``arrows`` are paths that end at the box stood under."""

    boxes: Sequence[Box]
    arrows: Sequence[str]
    height: int
    width: int = WIDTH
    left: int = BOX_LEFT
    box_width: int = WIDTH - BOX_LEFT - _MARGIN
    box_height: int = BOX_HEIGHT


def tiers_shown(unit: Unit) -> list[TierShown]:
    """All tiers, by rank, with the units that ``unit`` and all below it have in each now. 3 queries."""
    there = UnitAncestor.objects.filter(ancestor=unit, is_latest=True, unit__dissolved_on=None)
    counts = dict(there.values_list("tier").annotate(Count("pk")))
    tiers = list(Tier.objects.prefetch_related("may_stand_under"))
    under = {tier.pk: [above.pk for above in tier.may_stand_under.all()] for tier in tiers}
    return [
        TierShown(
            tier,
            under=[above.name for above in tiers if above.pk in under[tier.pk]],
            holds=[below.name for below in tiers if tier.pk in under[below.pk]],
            units=counts.get(tier.pk, 0),
        )
        for tier in tiers
    ]


def drawing_of(shown: Sequence[TierShown]) -> Drawing:
    """The tiers as boxes one below the other, an arrow for each "may stand under". No query."""
    boxes = [
        Box(_short(one.tier.name), one.units, _MARGIN + n * STEP, one.tier.retired_on is not None)
        for n, one in enumerate(shown)
    ]
    place = {one.tier.pk: n for n, one in enumerate(shown)}
    arrows = [
        _arrow(boxes[place[one.tier.pk]], boxes[place[above.pk]], place[one.tier.pk] - place[above.pk])
        for one in shown
        for above in one.tier.may_stand_under.all()
        if above.pk != one.tier.pk
    ]
    return Drawing(boxes, arrows, height=2 * _MARGIN + len(boxes) * STEP - (STEP - BOX_HEIGHT))


def _arrow(child: Box, parent: Box, distance: int) -> str:
    """From the child's left edge out to a lane, farther the farther the parent is, and up to the parent."""
    lane = max(BOX_LEFT - _FIRST_LANE - _LANE * (distance - 1), _MARGIN)
    start, end = child.middle - 6, parent.middle + 6
    return (
        f"M {BOX_LEFT} {start} H {lane + 10} Q {lane} {start} {lane} {start - 10}"
        f" V {end + 10} Q {lane} {end} {lane + 10} {end} H {BOX_LEFT - 4}"
    )


def _short(name: str) -> str:
    return name if len(name) <= LETTERS else f"{name[: LETTERS - 1].rstrip()}…"
