"""Which units have a fund of their own: the association's target is all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from funds.models import Fund
from members.models import Tier, Unit, UnitAncestor, UnitVersion


@dataclass(frozen=True)
class Covered:
    """Of ``units`` how many have a fund: those of one tier, or all below one unit. ``of`` is the tier or the unit."""

    of: Any
    units: int
    with_fund: int

    @property
    def without(self) -> int:
        return self.units - self.with_fund

    @property
    def percent(self) -> float:
        return self.with_fund * 100 / self.units if self.units else 0


def has_fund_on(day: date, *, unit: str = "pk") -> Exists:
    """Whether the unit at the row's ``unit`` has a fund that is open on ``day``."""
    still_open = Q(closed_on=None) | Q(closed_on__gt=day)
    return Exists(Fund.unscoped.filter(still_open, unit=OuterRef(unit), opened_on__lte=day))


def holding_below(unit: Unit, *, day: date) -> QuerySet[UnitAncestor]:
    """The closure rows of ``unit`` and all below it on ``day`` whose tier is to hold funds. No query."""
    stood = Q(valid_until=None) | Q(valid_until__gt=day)
    return UnitAncestor.objects.filter(stood, ancestor=unit, valid_from__lte=day, tier__holds_funds=True)


def coverage_by_tier(unit: Unit, *, day: date) -> list[Covered]:
    """Of each tier at and below ``unit`` on ``day``, highest first. 2 queries. Equals indicator F6."""
    counted = _counted(holding_below(unit, day=day), by="tier", day=day)
    tiers = Tier.objects.in_bulk(list(counted))
    return sorted((Covered(tiers[key], *of) for key, of in counted.items()), key=lambda row: row.of.rank)


def coverage_by_child(unit: Unit, *, day: date) -> list[Covered]:
    """Of each unit directly below ``unit`` on ``day`` with all below it, the least covered first. 2 queries."""
    counted = _counted(holding_below(unit, day=day).filter(depth__gt=0), by="via", day=day)
    children = Unit.unscoped.in_bulk(list(counted))
    rows = [Covered(children[key], *of) for key, of in counted.items()]
    return sorted(rows, key=lambda row: (row.percent, -row.units, row.of.title_key))


def whole(rows: Iterable[Covered]) -> Covered:
    """All of ``rows`` together."""
    listed = list(rows)
    return Covered(None, sum(row.units for row in listed), sum(row.with_fund for row in listed))


def units_for_coverage(units: QuerySet[Unit], *, unit: Unit, day: date) -> QuerySet[Any]:
    """Those of ``units`` that stood at or below ``unit`` on ``day`` in a tier that holds funds. No query of its own.

    Columns: ``name_then``, ``parent_then``, ``tier_then`` (id) as of ``day``, ``has_fund`` (bool).
    """
    stood = Q(valid_until=None) | Q(valid_until__gt=day)
    then = UnitVersion.objects.filter(stood, unit=OuterRef("pk"), valid_from__lte=day)
    above = UnitVersion.objects.filter(stood, unit=OuterRef("parent"), valid_from__lte=day).values("name")
    return units.filter(Exists(holding_below(unit, day=day).filter(unit=OuterRef("pk")))).annotate(
        name_then=Subquery(then.values("name")),
        parent_then=Subquery(then.values(above_name=Subquery(above))),
        parent_id_then=Subquery(then.values("parent")),
        tier_then=Subquery(then.values("tier")),
        has_fund=has_fund_on(day),
    )


def _counted(closure: QuerySet[UnitAncestor], *, by: str, day: date) -> dict[int, tuple[int, int]]:
    rows = (
        closure.annotate(key=F(by), funded=has_fund_on(day, unit="unit"))
        .order_by()
        .values("key")
        .annotate(units=Count("pk"), with_fund=Count("pk", filter=Q(funded=True)))
    )
    return {row["key"]: (row["units"], row["with_fund"]) for row in rows}
