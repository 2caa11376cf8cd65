"""The five tiles: figure, what stands beside it, change against the same period last year."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hkh.core.money import dong, format_number, percent, short, signed_percent
from hkh.indicators.figures import Picture
from members.models import UnitKind


@dataclass(frozen=True)
class Tile:
    """One tile, ready to read. ``direction`` is up, down or same; ``series`` names its sparkline."""

    name: str
    label: str
    value: str
    exact: str
    beside: str
    change: str
    direction: str
    url: str
    series: str = ""


def tiles(seen: Picture, query: str) -> list[Tile]:
    """The five tiles of ``seen``; ``query`` keeps unit, period and tree in their links. No query."""
    return [make(seen, query) for make in (_units, _members, _mobilised, _balance, _given)]


def _units(seen: Picture, query: str) -> Tile:
    """The tiers below the unit's own."""
    own = min((tier.rank for tier in seen.now.units.values()), default=0)
    below = {code: tier for code, tier in seen.now.units.items() if tier.rank > own} or dict(seen.now.units)
    kinds = dict(UnitKind.choices)
    spoken = [
        f"{tier.name}: {format_number(tier.total)} ("
        + ", ".join(f"{format_number(n)} {str(kinds[UnitKind(kind)]).lower()}" for kind, n in tier.by_kind.items())
        + ")"
        for tier in below.values()
    ]
    now = sum(tier.total for tier in below.values())
    return _tile(
        "units",
        _("Units"),
        " · ".join(format_number(tier.total) for tier in below.values()) or "0",
        "; ".join(spoken),
        " · ".join(tier.name for tier in below.values()),
        now,
        sum(tier.total for code, tier in seen.last_year.units.items() if tier.rank > own or code in below),
        _url("members:unit-list", query),
    )


def _members(seen: Picture, query: str) -> Tile:
    share = seen.now.members_share
    beside = _("%(share)s of the population") % {"share": percent(share)} if share is not None else ""
    members = format_number(seen.now.members)
    return _tile(
        "members",
        _("Members"),
        members,
        ngettext("%(n)s member", "%(n)s members", seen.now.members) % {"n": members},
        beside,
        seen.now.members,
        seen.last_year.members,
        _url("members:member-list", query),
        "members",
    )


def _mobilised(seen: Picture, query: str) -> Tile:
    per_head = seen.now.mobilised_per_head_vnd
    beside = _("%(amount)s per inhabitant") % {"amount": dong(per_head)} if per_head is not None else ""
    return _tile(
        "mobilised",
        _("Mobilised in the period"),
        short(seen.now.mobilised_vnd),
        dong(seen.now.mobilised_vnd),
        beside,
        seen.now.mobilised_vnd,
        seen.last_year.mobilised_vnd,
        _url("funds:donation-list", query),
        "mobilised",
    )


def _balance(seen: Picture, query: str) -> Tile:
    return _tile(
        "balance",
        _("Held in funds"),
        short(seen.now.balance_vnd),
        dong(seen.now.balance_vnd),
        _("%(amount)s of it available") % {"amount": short(seen.now.money.available_vnd)},
        seen.now.balance_vnd,
        seen.last_year.balance_vnd,
        _url("funds:fund-list", query),
        "balance",
    )


def _given(seen: Picture, query: str) -> Tile:
    count = format_number(seen.now.given.count)
    return _tile(
        "given",
        _("Given"),
        _("%(count)s awards") % {"count": count},
        _("%(count)s awards worth %(amount)s") % {"count": count, "amount": dong(seen.now.given.value_vnd)},
        _("worth %(amount)s") % {"amount": short(seen.now.given.value_vnd)},
        seen.now.given.value_vnd,
        seen.last_year.given.value_vnd,
        _url("scholarships:distribution-list", query),
        "given",
    )


def _tile(
    name: str,
    label: str,
    value: str,
    exact: str,
    beside: str,
    now: int,
    before: int,
    url: str,
    series: str = "",
) -> Tile:
    change, direction = "", "same"
    if before:
        change = _("%(change)s on the same period last year") % {"change": signed_percent(now, before)}
        direction = "up" if now > before else "down" if now < before else "same"
    return Tile(name, label, value, exact, beside, change, direction, url, series)


def _url(name: str, query: str) -> str:
    return f"{reverse(name)}?{query}"
