"""Which units have a fund, and who among them raises and gives in a half-year."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from hkh.demo.names import in_sentence
from hkh.demo.places import SISTER_PROVINCES
from hkh.demo.spec import BOOKS_OPEN_ON, FUND_CODE, PROVINCE_CODE, Half, Province
from hkh.demo.units import BRANCH, DISTRICT, GRASSROOTS, Tree, UnitRow

#: Of a hundred units of each sort, how many have a fund of their own.
WITH_FUND = {"commune": 95, "other": 74, "clan": 42, "residential": 9, "newcomer": 70}


@dataclass(slots=True, eq=False, repr=False)
class FundRow:
    """A fund in memory; ``weight`` is how much it raises and gives against its like."""

    id: int
    unit: UnitRow
    code: str
    name: str
    opened: date
    closed: date | None
    weight: float
    licensed: bool = False


@dataclass(slots=True)
class Area:
    """An old district (or sister province) as it stands at the beginning of a half-year.

    ``top`` is the district's fund until it ended. ``bases`` and ``branches`` raise and give, ``communes`` receive.
    """

    code: str
    top: FundRow | None
    bases: list[FundRow]
    branches: list[FundRow]
    communes: list[UnitRow]

    @property
    def is_new(self) -> bool:
        return self.code in SISTER_PROVINCES


class Funds:
    """All funds, and what the plans ask of them."""

    def __init__(self, tree: Tree, province: Province) -> None:
        self.rows: list[FundRow] = []
        self.by_unit: dict[int, FundRow] = {}
        self._tree = tree
        self._province = province
        self._areas: dict[date, list[Area]] = {}
        #: The unit that carries on for a unit that ended: the one with the greatest share.
        self.heirs: dict[int, UnitRow] = {}
        for link in sorted(tree.successions, key=lambda link: link.share_millionths):
            self.heirs[link.predecessor.id] = link.successor
        self._branches: dict[int, list[UnitRow]] = defaultdict(list)
        for unit in tree.units:
            for stretch in unit.stretches:
                if stretch.parent and unit.tier == BRANCH:
                    self._branches[stretch.parent.id].append(unit)
        self._open_all()
        self.root = self.by_unit[tree.by_code[PROVINCE_CODE].id]
        self.directs = [self.by_unit[tree.by_code[f"PT-{direct.code}"].id] for direct in province.directs]

    def _open_all(self) -> None:
        rng = Random("funds")
        had_fund: set[int] = set()
        before: dict[int, list[int]] = defaultdict(list)
        for link in self._tree.successions:
            before[link.successor.id].append(link.predecessor.id)
        for unit in self._tree.units:
            predecessors = before[unit.id]
            chance = rng.randrange(100)
            if unit.tier == GRASSROOTS and predecessors:
                wanted = any(p in had_fund for p in predecessors)
            else:
                wanted = self._wants_fund(unit, chance)
            if wanted:
                had_fund.add(unit.id)
                self._open(unit, rng)

    @staticmethod
    def _wants_fund(unit: UnitRow, chance: int) -> bool:
        if unit.tier < GRASSROOTS:
            return True
        if unit.tier == GRASSROOTS:
            if not unit.place:
                # Base associations of direct associations put their money into the fund above.
                return unit.commune is not None and chance < WITH_FUND["other"]
            return chance < WITH_FUND["newcomer" if unit.area in SISTER_PROVINCES else "commune"]
        return unit.founded.year < BOOKS_OPEN_ON.year and chance < WITH_FUND.get(unit.kind, 0)

    def _open(self, unit: UnitRow, rng: Random) -> None:
        is_root = unit.tier == 1
        size = sum(b.members for b in self._branches_ever(unit)) if unit.tier == GRASSROOTS else unit.members
        opened = (
            unit.founded
            if unit.founded >= BOOKS_OPEN_ON
            else min(unit.founded + timedelta(days=rng.randrange(30, 900)), BOOKS_OPEN_ON)
        )
        fund = FundRow(
            id=len(self.rows) + 1,
            unit=unit,
            code=FUND_CODE if is_root else f"Q-{unit.code.removeprefix('PT-')}",
            name="Quỹ Khuyến học, khuyến tài Đất Tổ" if is_root else _name(unit),
            opened=date(2011, 9, 8) if is_root else opened,
            closed=unit.dissolved,
            weight=max(size, 5) * rng.uniform(0.6, 1.5),
            licensed=is_root,
        )
        self.rows.append(fund)
        self.by_unit[unit.id] = fund

    def _branches_ever(self, unit: UnitRow) -> list[UnitRow]:
        return self._branches[unit.id]

    def areas(self, half: Half) -> list[Area]:
        """Who raises, gives and receives in ``half``, by old district; the sister provinces come last."""
        day = half.starts_on
        if day not in self._areas:
            self._areas[day] = self._areas_on(day)
        return self._areas[day]

    def _areas_on(self, day: date) -> list[Area]:
        found: dict[str, Area] = {
            code: Area(code, None, [], [], [])
            for code in [district.code for district in self._province.districts] + list(SISTER_PROVINCES)
        }
        for unit in self._tree.units:
            if unit.area not in found or not unit.exists_on(day):
                continue
            area, fund = found[unit.area], self.by_unit.get(unit.id)
            if unit.place and unit.tier == GRASSROOTS:
                area.communes.append(unit)
            if fund is None or fund.opened > day:
                continue
            if unit.tier == DISTRICT:
                area.top = fund
            elif unit.tier == GRASSROOTS:
                area.bases.append(fund)
            else:
                area.branches.append(fund)
        return [area for area in found.values() if area.communes]

    def heir_of(self, unit: UnitRow) -> UnitRow:
        """Who carries on for ``unit`` today; a district's tasks went to the province."""
        while unit.dissolved is not None:
            unit = self.root.unit if unit.tier == DISTRICT else self.heirs[unit.id]
        return unit


def _name(unit: UnitRow) -> str:
    if unit.kind == "clan":
        return f"Quỹ khuyến học {in_sentence(unit.short_name)}"
    return f"Quỹ khuyến học {unit.short_name if unit.tier != BRANCH else in_sentence(unit.short_name)}"
