"""A plan as people look at it: who becomes what, who moves, what is handed over; grouped, since it may be long."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.utils.translation import gettext as _

from hkh.core.money import percent
from hkh.decisions.plan import Closed, Handover, Moved, Officer, Opened, Plan

#: Sizes of the drawing old → new, in CSS pixels, as in static/css/decisions.css.
ROW, SPAN = 48, 56
#: Of so many units the officers are named whose terms end.
MOST_RELIEVED = 120
#: So many groups stand open at once, and so many names are told of a group.
MOST_OPEN, MOST_TOLD = 4, 12


@dataclass(frozen=True)
class Body:
    """A unit in the drawing; ``code`` is empty where it has no page (yet). ``short`` leaves out what all of the
    group are called."""

    name: str
    short: str
    code: str
    members: int
    is_new: bool = False


@dataclass(frozen=True)
class Becoming:
    """Units that end (``old``) and those that carry on for them (``new``), with the lines between them."""

    title: str
    old: Sequence[Body]
    new: Sequence[Body]
    paths: Sequence[str]
    shares: Sequence[str]
    is_open: bool = False
    span: int = SPAN

    @property
    def height(self) -> int:
        return ROW * max(len(self.old), len(self.new), 1)


@dataclass(frozen=True)
class Gathering:
    """What comes to stand under one unit: how many units with how many members, the first of them by name."""

    parent: str
    units: int
    members: int
    told: Sequence[Moved]
    is_open: bool = False

    @property
    def untold(self) -> int:
        return self.units - len(self.told)


@dataclass(frozen=True)
class Till:
    """What one unit's funds receive."""

    unit: str
    parts: Sequence[Handover]
    is_open: bool = False

    @property
    def cash_vnd(self) -> int:
        return sum(part.cash_vnd for part in self.parts)

    @property
    def goods_vnd(self) -> int:
        return sum(part.goods_vnd for part in self.parts)

    @property
    def total_vnd(self) -> int:
        return self.cash_vnd + self.goods_vnd


@dataclass(frozen=True)
class Shown:
    """The plan, ready for a page. What is given equals what is received, so ``difference_vnd`` is 0. ``relieved`` are
    the officers whose terms end, by unit."""

    plan: Plan
    becomings: Sequence[Becoming]
    founded: Sequence[Opened]
    ended: Sequence[Closed]
    gatherings: Sequence[Gathering]
    altered: Sequence[Moved]
    tills: Sequence[Till]
    relieved: Sequence[tuple[str, Sequence[Officer]]]
    given_vnd: int
    received_vnd: int

    @property
    def difference_vnd(self) -> int:
        return self.given_vnd - self.received_vnd

    @property
    def units_relieved_beyond(self) -> int:
        """How many units with officers are told in a number only."""
        return max(0, len(self.relieved) - MOST_RELIEVED)

    @property
    def relieved_told(self) -> Sequence[tuple[str, Sequence[Officer]]]:
        return self.relieved[:MOST_RELIEVED]

    @property
    def units_moving(self) -> int:
        return sum(one.units for one in self.gatherings)


def shown(plan: Plan) -> Shown:
    """``plan`` grouped for the page. No query; in the size of the plan."""
    heirs = {heir.ref for closed in plan.closed for heir in closed.heirs}
    return Shown(
        plan=plan,
        becomings=becomings(plan),
        founded=[opened for opened in plan.opened if opened.ref not in heirs],
        ended=[closed for closed in plan.closed if not closed.heirs],
        gatherings=_gatherings(plan),
        altered=[one for one in plan.moved if one.old_name != one.name or one.old_tier_id != one.tier_id],
        tills=tills(plan.handovers),
        relieved=[(unit, list(of_unit)) for unit, of_unit in groupby(plan.officers, key=lambda one: one.unit)],
        given_vnd=sum(fund.cash_vnd + fund.goods_vnd for fund in plan.old_funds),
        received_vnd=plan.handed_over_vnd,
    )


def becomings(plan: Plan) -> list[Becoming]:
    """Closed units with all their heirs, and with whoever shares an heir with them."""
    opened = {one.ref: one for one in plan.opened}
    groups = _connected([closed for closed in plan.closed if closed.heirs])
    found = []
    for group in groups:
        heirs = {heir.ref: heir for closed in group for heir in closed.heirs}
        common = _common([*(one.name for one in group), *(heir.name for heir in heirs.values())])
        new = [
            Body(
                heir.name,
                heir.name[common:],
                "" if ref in opened else heir.code,
                opened[ref].members if ref in opened else 0,
                ref in opened,
            )
            for ref, heir in heirs.items()
        ]
        place = {ref: n for n, ref in enumerate(heirs)}
        lines = [(n, place[heir.ref], heir.share) for n, closed in enumerate(group) for heir in closed.heirs]
        found.append(
            Becoming(
                title=_title(group, [heir.name for heir in heirs.values()]),
                old=[Body(one.name, one.name[common:], one.code, one.members) for one in group],
                new=new,
                paths=[_path(len(group), len(new), old, to) for old, to, _share in lines],
                shares=[
                    _("%(old)s → %(new)s: %(share)s")
                    % {"old": group[old].name, "new": new[to].name, "share": percent(Decimal(share) * 100)}
                    for old, to, share in lines
                    if Decimal(share) != 1
                ],
                is_open=len(groups) <= MOST_OPEN,
            )
        )
    return found


def tills(handovers: Iterable[Handover]) -> list[Till]:
    """What is handed over, by the unit that receives it."""
    by_unit: dict[tuple[int, str], list[Handover]] = defaultdict(list)
    for part in handovers:
        by_unit[part.to_ref, part.to_unit].append(part)
    return [Till(unit, parts, len(by_unit) <= MOST_OPEN) for (_ref, unit), parts in by_unit.items()]


def _gatherings(plan: Plan) -> list[Gathering]:
    by_parent: dict[str, list[Moved]] = defaultdict(list)
    for one in plan.moved:
        if one.is_move:
            by_parent[one.parent].append(one)
    return [
        Gathering(
            parent,
            len(units),
            sum(unit.members for unit in units),
            units if len(by_parent) <= MOST_OPEN and len(units) <= MOST_TOLD else units[:MOST_TOLD],
            len(by_parent) <= MOST_OPEN,
        )
        for parent, units in by_parent.items()
    ]


def _connected(closed: Sequence[Closed]) -> list[list[Closed]]:
    """Closed units in groups: two stand together where they share an heir, directly or by a third."""
    group_of: dict[int, list[Closed]] = {}
    groups: list[list[Closed]] = []
    for one in closed:
        met: list[list[Closed]] = []
        for heir in one.heirs:
            known = group_of.get(heir.ref)
            if known is not None and all(known is not other for other in met):
                met.append(known)
        group = met[0] if met else []
        for other in met[1:]:
            group.extend(other)
            groups = [kept for kept in groups if kept is not other]
        if not met:
            groups.append(group)
        group.append(one)
        for member in group:
            for heir in member.heirs:
                group_of[heir.ref] = group
    return groups


def _title(old: Sequence[Closed], new: Sequence[str]) -> str:
    """ "A, B, C → D", the long side by its number."""

    def side(names: Sequence[str]) -> str:
        if len(names) <= 3:
            return ", ".join(names)
        return _("%(first)s and %(n)s others") % {"first": names[0], "n": len(names) - 1}

    return f"{side([one.name for one in old])} → {side(new)}"


def _common(names: Sequence[str]) -> int:
    """How many letters all ``names`` begin with alike, in whole words, so that something is left of each."""
    words = [name.split(" ")[:-1] for name in names]
    length = 0
    for same in zip(*words, strict=False):
        if len(set(same)) > 1:
            break
        length += len(same[0]) + 1
    return length


def _path(old_count: int, new_count: int, old: int, new: int) -> str:
    height = ROW * max(old_count, new_count)
    start = (height - ROW * old_count) // 2 + ROW * old + ROW // 2
    end = (height - ROW * new_count) // 2 + ROW * new + ROW // 2
    half = SPAN // 2
    return f"M 0 {start} C {half} {start} {half} {end} {SPAN} {end}"
