"""Units in memory: who they are, where they stood when, what became of them; and how they are written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from hkh.demo.copying import copy_rows, reset_sequences, settle
from hkh.demo.places import PlaceRow
from members.models import Succession, Tier, Unit, UnitAncestor, UnitVersion

PROVINCE, DISTRICT, GRASSROOTS, BRANCH = 1, 2, 3, 4

#: id: code, names, under which tiers, holds members, owes returns.
TIERS = {
    PROVINCE: ("PROVINCE", "Tỉnh hội", "Provincial association", "Himpunan tingkat provinsi", (), False, True),
    DISTRICT: (
        "DISTRICT",
        "Hội cấp huyện và trực thuộc",
        "District and direct associations",
        "Himpunan tingkat distrik dan langsung",
        (PROVINCE,),
        False,
        True,
    ),
    GRASSROOTS: (
        "GRASSROOTS",
        "Hội cơ sở",
        "Base associations",
        "Himpunan akar rumput",
        (PROVINCE, DISTRICT),
        False,
        True,
    ),
    BRANCH: ("BRANCH", "Chi hội", "Branches", "Ranting", (GRASSROOTS,), True, False),
}


@dataclass(slots=True)
class Stretch:
    """What a unit was called and where it stood, ``[since, until)``."""

    name: str
    tier: int
    parent: UnitRow | None
    since: date
    until: date | None = None


@dataclass(slots=True, eq=False, repr=False)
class UnitRow:
    """A unit. ``area`` is the old district it belongs to (its code), whatever it stands under later.

    ``commune`` is the commune association in whose place it lies; ``members`` its own (a branch's) on 30 June
    2024; ``weight`` how much it raises and gives against its like.
    """

    id: int
    code: str
    kind: str
    area: str
    founded: date
    stretches: list[Stretch]
    place: PlaceRow | None = None
    commune: UnitRow | None = None
    dissolved: date | None = None
    members: int = 0
    weight: float = 0
    clan: str = ""
    children: list[UnitRow] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.stretches[-1].name

    @property
    def tier(self) -> int:
        return self.stretches[-1].tier

    @property
    def parent(self) -> UnitRow | None:
        return self.stretches[-1].parent

    @property
    def short_name(self) -> str:
        """The name without "Hội Khuyến học" or "Chi hội"."""
        return self.name.removeprefix("Hội Khuyến học ").removeprefix("Chi hội ")

    def exists_on(self, day: date) -> bool:
        return self.founded <= day and (self.dissolved is None or day < self.dissolved)


@dataclass(slots=True)
class SuccessionRow:
    predecessor: UnitRow
    successor: UnitRow
    day: date
    share_millionths: int
    legal_basis: str


class Tree:
    """All units that ever were."""

    def __init__(self) -> None:
        self.units: list[UnitRow] = []
        self.successions: list[SuccessionRow] = []
        self.by_code: dict[str, UnitRow] = {}

    def found(
        self,
        *,
        code: str,
        name: str,
        kind: str,
        tier: int,
        parent: UnitRow | None,
        on: date,
        area: str = "",
        place: PlaceRow | None = None,
        commune: UnitRow | None = None,
        clan: str = "",
    ) -> UnitRow:
        unit = UnitRow(
            id=len(self.units) + 1,
            code=code,
            kind=kind,
            area=area,
            founded=max(on, parent.founded) if parent else on,
            stretches=[],
            place=place,
            commune=commune,
            clan=clan,
        )
        unit.stretches.append(Stretch(name, tier, parent, unit.founded))
        if parent:
            parent.children.append(unit)
        self.units.append(unit)
        self.by_code[code] = unit
        return unit

    def move(self, unit: UnitRow, *, under: UnitRow, on: date) -> None:
        """``unit`` stands under another from ``on``."""
        last = unit.stretches[-1]
        if last.parent:
            last.parent.children.remove(unit)
        under.children.append(unit)
        last.until = on
        unit.stretches.append(Stretch(last.name, last.tier, under, on))

    def dissolve(self, unit: UnitRow, *, on: date) -> None:
        """``unit`` is no more from ``on``; what stood under it has been moved."""
        if unit.children:
            raise ValueError(f"{unit.code} still has units below it.")
        if unit.parent:
            unit.parent.children.remove(unit)
        unit.dissolved = unit.stretches[-1].until = on

    def succeed(self, old: UnitRow, new: UnitRow, *, on: date, basis: str, share_millionths: int = 1_000_000) -> None:
        self.successions.append(SuccessionRow(old, new, on, share_millionths, basis))

    def of_tier(self, tier: int, day: date) -> Iterator[UnitRow]:
        return (unit for unit in self.units if unit.tier == tier and unit.exists_on(day))


def load_units(tree: Tree) -> None:
    """Write tiers, units, versions and successions; the closure follows by trigger."""
    for rank, (code, vi, en, indonesian, _, holds_members, owes_returns) in TIERS.items():
        Tier.objects.create(
            id=rank,
            code=code,
            rank=rank,
            name_vi=vi,
            name_en=en,
            name_id=indonesian,
            holds_members=holds_members,
            owes_returns=owes_returns,
        )
    for rank, row in TIERS.items():
        Tier.objects.get(pk=rank).may_stand_under.set(row[4])
    copy_rows(
        Unit,
        "id code kind place founded_on dissolved_on name tier parent",
        (
            (
                u.id,
                u.code,
                u.kind,
                u.place and u.place.id,
                u.founded,
                u.dissolved,
                u.name,
                u.tier,
                u.parent and u.parent.id,
            )
            for u in tree.units
        ),
    )
    copy_rows(
        UnitVersion,
        "id unit name tier parent valid_from valid_until",
        (
            (n, unit.id, s.name, s.tier, s.parent and s.parent.id, s.since, s.until)
            for n, (unit, s) in enumerate(((unit, s) for unit in tree.units for s in unit.stretches), start=1)
        ),
    )
    copy_rows(
        Succession,
        "id predecessor successor effective_on kind share legal_basis",
        (
            (
                n,
                s.predecessor.id,
                s.successor.id,
                s.day,
                "whole" if s.share_millionths == 1_000_000 else "part",
                f"{s.share_millionths / 1_000_000:.6f}",
                s.legal_basis,
            )
            for n, s in enumerate(tree.successions, start=1)
        ),
    )
    reset_sequences(Tier, Unit, UnitVersion, Succession)
    settle(Tier, Tier.may_stand_under.through, Unit, UnitVersion, UnitAncestor, Succession)
