"""The roll of honour: who gave most, in a period or ever."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from funds.models import Donation, Donor, HonourLevel
from members.models import Unit, UnitAncestor

MOST_NAMED = 1_000


@dataclass(frozen=True)
class Honoured:
    """A place on the roll. ``name`` is what may be shown; ``donor_id`` is None for who wishes to stay unnamed."""

    rank: int
    name: str
    kind: str
    address: str
    gifts: int
    given_vnd: int
    level: str
    donor_id: int | None


def levels_for(unit: Unit, *, day: date) -> list[HonourLevel]:
    """The levels that count for ``unit``: its own, else those of the nearest unit above on ``day``; highest first.
    1 query."""
    above = UnitAncestor.objects.filter(
        Q(valid_until=None) | Q(valid_until__gt=day), unit=unit, valid_from__lte=day
    ).values_list("ancestor", "depth")
    levels = HonourLevel.unscoped.filter(unit__in=[ancestor for ancestor, _depth in above])
    depth = dict(above)
    found = sorted(levels, key=lambda level: (depth[level.unit_id], -level.least_vnd))
    return [level for level in found if level.unit_id == found[0].unit_id]


def roll_of_honour(donations: QuerySet[Donation], *, levels: Sequence[HonourLevel]) -> list[Honoured]:
    """Who gave ``donations`` (scoped; voided ones left out), the most first; equal sums share a rank. 2 queries.

    What a donor gave on merged cards counts together, a split gift once. With ``levels`` the roll ends at the lowest
    of them. Gifts handed straight to families do not count: they are in nobody's books. At most ``MOST_NAMED``.
    """
    rows = (
        donations.filter(voided_on=None, is_pass_through=False)
        .order_by()
        .annotate(giver=Coalesce("donor__merged_into", "donor"))
        .values("giver")
        .annotate(sum_vnd=Sum("amount_vnd"), gifts=Count("pk", filter=Q(part=None) | Q(part=1)))
    )
    if levels:
        rows = rows.filter(sum_vnd__gte=min(level.least_vnd for level in levels))
    found = list(rows.order_by("-sum_vnd", "giver")[:MOST_NAMED])
    donors = Donor.unscoped.in_bulk([row["giver"] for row in found])
    roll: list[Honoured] = []
    for place, row in enumerate(found, 1):
        donor, sum_vnd = donors[row["giver"]], row["sum_vnd"]
        rank = roll[-1].rank if roll and roll[-1].given_vnd == sum_vnd else place
        level = next((one.name for one in levels if sum_vnd >= one.least_vnd), "")
        is_named = not donor.is_anonymous
        roll.append(
            Honoured(
                rank,
                donor.name if is_named else _("A benefactor who wishes to stay unnamed"),
                donor.get_kind_display(),
                donor.address if is_named else "",
                row["gifts"],
                sum_vnd,
                level,
                donor.pk if is_named else None,
            )
        )
    return roll
