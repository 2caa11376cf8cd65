"""Rows of the register and the tree for tests, straight into the tables."""

from __future__ import annotations

from datetime import date
from typing import Any

from members.models import Member, Membership, Tier, Unit, UnitAncestor, UnitVersion

JOINED_ON = date(2020, 3, 14)


def make_member(
    unit: Unit,
    full_name: str = "Nguyễn Thị Hương",
    *,
    joined_on: date = JOINED_ON,
    left_on: date | None = None,
    leave_reason: str = "",
    **facts: Any,
) -> Member:
    member = Member.unscoped.create(full_name=full_name, **facts)
    Membership.unscoped.create(
        member=member, unit=unit, joined_on=joined_on, left_on=left_on, leave_reason=leave_reason
    )
    return member


def tier(code: str) -> Tier:
    return Tier.objects.get(code=code)


def closure(unit: Unit) -> list[tuple[Any, ...]]:
    """Ancestor, depth, via, tier (codes), from, until, whether latest; by depth, then day."""
    rows = UnitAncestor.objects.filter(unit=unit).order_by("depth", "valid_from")
    return list(
        rows.values_list("ancestor__code", "depth", "via__code", "tier__code", "valid_from", "valid_until", "is_latest")
    )


def versions(unit: Unit) -> list[tuple[Any, ...]]:
    """Name, parent's name, from, until; by day."""
    rows = UnitVersion.objects.filter(unit=unit).order_by("valid_from")
    return list(rows.values_list("name", "parent__name", "valid_from", "valid_until"))
