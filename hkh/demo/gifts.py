"""Who gives how many of what to whom in each half-year: numbers only; ``rounds`` makes rounds and awards of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from hkh.demo.funds_plan import Area, FundRow, Funds
from hkh.demo.shares import allocate, split
from hkh.demo.spec import GiftLine, Half, Province
from hkh.demo.units import UnitRow

#: Lines that every base association takes up, that schools take up too, that a branch does; others only some do.
BY_ALL = {"poor_pupil", "good_pupil_commune"}
BY_SCHOOLS = {"good_pupil_commune", "good_teacher"}
SOME_PERCENT = 40
#: Which part of a district's gifts the province took over when districts ended; the communes took the rest.
TO_PROVINCE = 0.4
#: How many clans and residential areas give in one half-year, in percent.
BRANCHES_GIVING = 55


@dataclass(frozen=True, slots=True)
class Gift:
    """``count`` pieces of a line, paid by ``payer``, for the pupils or teachers of ``receiver``, of ``area``."""

    line: GiftLine
    payer: FundRow
    area: Area
    receiver: UnitRow
    count: int


class GiftPlan:
    """The gifts of every half-year, from the one table in which all sums of the exact half agree."""

    def __init__(self, province: Province, funds: Funds) -> None:
        self._province = province
        self._funds = funds
        table = allocate(
            [district.gifts_count for district in province.districts],
            [district.gifts_vnd for district in province.districts],
            [line.count for line in province.lines],
            [line.unit_value_vnd for line in province.lines],
        )
        #: {(district code, line number): pieces}, and of these those that the provincial fund pays.
        self._pieces = {
            (district.code, line.number): row[line.number]
            for district, row in zip(province.districts, table, strict=True)
            for line in province.lines
        }
        self._by_province: dict[tuple[str, int], int] = {}
        for line in province.lines:
            column = [self._pieces[district.code, line.number] for district in province.districts]
            for district, part in zip(province.districts, split(line.by_tier["province"], column), strict=True):
                self._by_province[district.code, line.number] = part

    def of_half(self, half: Half) -> list[Gift]:
        """All gifts of ``half``, line by line and area by area."""
        rng = Random(f"gifts {half.starts_on}")
        gifts: list[Gift] = []
        for area in self._funds.areas(half):
            for line in self._province.lines:
                for tier, count in self._tiers(half, area, line).items():
                    gifts += self._to_receivers(half, area, line, tier, count, rng)
        return gifts

    def _tiers(self, half: Half, area: Area, line: GiftLine) -> dict[str, int]:
        """How many pieces of ``line`` each tier gives in ``area``."""
        factor = 1.0 if half.is_exact else half.given * (1 if half.is_spring else line.autumn_factor)
        if area.is_new:
            share = self._province.years.newcomers * factor / 2
            by_province = round(line.by_tier["province"] * share)
            return {"province": by_province, "base": round(line.count * share) - by_province}
        pieces, by_province = self._pieces[area.code, line.number], self._by_province[area.code, line.number]
        tiers = ("district", "base", "branch")
        rest = round((pieces - by_province) * factor)
        counts = dict(zip(tiers, split(rest, [line.by_tier[tier] for tier in tiers]), strict=True)) if rest else {}
        autumn = 1.0 if half.is_spring else self._province.years.autumn_of_province
        counts["province"] = round(by_province * factor * autumn)
        if area.top is None:
            taken = round(counts.get("district", 0) * TO_PROVINCE) if line.named_percent == 100 else 0
            counts["province"] += taken
            counts["base"] = counts.get("base", 0) + counts.pop("district", 0) - taken
        return counts

    def _to_receivers(
        self, half: Half, area: Area, line: GiftLine, tier: str, count: int, rng: Random
    ) -> Iterator[Gift]:
        if count <= 0:
            return
        if tier in ("province", "district"):
            payer = self._funds.root if tier == "province" else area.top
            assert payer is not None
            # Small numbers go to a few communes in turn, not always to the biggest ones.
            weights = [unit.place.people * rng.uniform(0.4, 1.6) if unit.place else 0 for unit in area.communes]
            for unit, part in zip(area.communes, split(count, weights), strict=True):
                if part:
                    yield Gift(line, payer, area, unit, part)
            return
        payers = self._givers(area, line, tier, rng)
        if not payers:
            fallback = area.top or self._funds.root
            yield Gift(line, fallback, area, area.communes[0], count)
            return
        for payer, part in zip(payers, split(count, [fund.weight for fund in payers]), strict=True):
            if part:
                yield Gift(line, payer, area, payer.unit, part)

    @staticmethod
    def _givers(area: Area, line: GiftLine, tier: str, rng: Random) -> list[FundRow]:
        """Which base associations or branches of ``area`` take up ``line`` this time."""
        if tier == "branch":
            return [fund for fund in area.branches if rng.randrange(100) < BRANCHES_GIVING] or area.branches[:1]
        bases = [fund for fund in area.bases if fund.unit.place or line.group in BY_SCHOOLS]
        bases = [fund for fund in bases if fund.unit.place or fund.unit.kind == "school"]
        if line.group in BY_ALL:
            return bases
        return [fund for fund in bases if rng.randrange(100) < SOME_PERCENT] or bases[:1]
