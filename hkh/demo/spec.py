"""What the demo province is to add up to: read from the files in ``data/``, nothing else.

``FULL`` is the province of the article in the first half of 2024, ``SMALL`` one district of it. Both are inputs: the
generator makes facts that add up to them, and tests recompute the sums from the facts.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"

PROVINCE_CODE = "PHU-THO"
FUND_CODE = "DAT-TO"

#: The half-year that comes out exactly as the files say.
EXACT_FROM = date(2024, 1, 1)
EXACT_UNTIL = date(2024, 7, 1)
BOOKS_OPEN_ON = date(2022, 1, 1)
COMMUNES_MERGED_ON = date(2025, 1, 1)
DISTRICTS_ENDED_ON = date(2025, 7, 1)
#: The eve of the first reorganisation: a province that ends before it has not lived through what is told of it.
EARLIEST_LAST_DAY = date(2024, 12, 31)

#: Who raises: the tiers of the article's total.
TIERS = ("province", "district", "direct", "base", "branch")


def rows_of(name: str) -> Iterator[dict[str, str]]:
    """The rows of a CSV file in ``data/``."""
    with open(DATA / name, encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def table_of(name: str) -> dict[str, Any]:
    """A TOML file in ``data/``."""
    with open(DATA / name, "rb") as file:
        return tomllib.load(file)


@dataclass(frozen=True)
class District:
    """A district or direct association: what it and all below it count on 30 June 2024 and raised before."""

    code: str
    name: str
    communes: int
    others: int
    branches: int
    population: int
    members: int
    own_vnd: int
    base_vnd: int
    branch_vnd: int
    gifts_count: int
    gifts_vnd: int


@dataclass(frozen=True)
class GiftLine:
    """A line of what was given in the exact half: how many, of what value, paid by which tier, when in a year.

    ``spring`` and ``autumn`` are (first day as MM-DD, or "tet"; how many days); in autumn there are
    ``autumn_factor`` times as many. Of ``named_percent`` of them the recipient's name is known.
    """

    number: int
    kind: str
    group: str
    programme: str
    content: str
    count: int
    unit_value_vnd: int
    by_tier: dict[str, int]
    named_percent: int
    autumn_factor: float
    spring: tuple[str, int]
    autumn: tuple[str, int]


@dataclass(frozen=True)
class Source:
    """What one kind of donor gave in one form to the units of one tier."""

    tier: str
    donor_kind: str
    form: str
    amount_vnd: int


@dataclass(frozen=True)
class Equipment:
    """The classroom equipment that a foreign organisation gave to a school, through the provincial fund."""

    commune: str
    school: str
    donor: str
    country: str
    content: str
    value_vnd: int
    received_on: date
    delivered_on: date


@dataclass(frozen=True)
class Emergency:
    """A family struck by misfortune: an appeal, help from the provincial fund, and money handed over directly."""

    commune: str
    reason: str
    value_vnd: int
    opens_on: date
    pass_through_vnd: int = 0


@dataclass(frozen=True)
class Half:
    """A half-year, measured against the exact one."""

    starts_on: date
    raised: float
    given: float

    @property
    def is_spring(self) -> bool:
        return self.starts_on.month == 1

    @property
    def is_exact(self) -> bool:
        return self.starts_on == EXACT_FROM

    @property
    def ends_before(self) -> date:
        year = self.starts_on.year
        return date(year, 7, 1) if self.is_spring else date(year + 1, 1, 1)


@dataclass(frozen=True)
class YearlyAppeal:
    """An appeal of the province that comes back every year; ``takes_percent`` of the fitting gifts belong to it."""

    kind: str
    name: str
    purpose: str
    opens: str
    closes: str
    takes_percent: int
    kinds: tuple[str, ...] = ("person", "enterprise", "agency")


@dataclass(frozen=True)
class Years:
    """How the invented years run."""

    tet: tuple[date, ...]
    raised_by_month: tuple[int, ...]
    last_day: date
    newcomers: float
    autumn_of_province: float
    province_fund_growth: float
    spent_on_work: dict[str, float]
    typhoon_on: date
    members_a_year_before: float
    members_growth_a_year: float
    members_leaving_a_year: float
    halves: tuple[Half, ...]
    appeals: tuple[YearlyAppeal, ...]

    @classmethod
    def read(cls) -> Years:
        table = table_of("years.toml")
        halves = tuple(Half(**half) for half in table.pop("half"))
        appeals = tuple(YearlyAppeal(**_frozen(appeal)) for appeal in table.pop("appeal"))
        return cls(halves=halves, appeals=appeals, **_frozen(table))

    def until(self, last_day: date) -> Years:
        """These years, ending on an earlier day. Raises: ValueError for a day too early or later than they end."""
        if not EARLIEST_LAST_DAY <= last_day <= self.last_day:
            raise ValueError(f"The demo ends between {EARLIEST_LAST_DAY} and {self.last_day}.")
        halves = tuple(half for half in self.halves if half.starts_on <= last_day)
        return replace(self, last_day=last_day, halves=halves)


def _frozen(table: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}


@dataclass(frozen=True)
class Province:
    """All that the generator is told, and the sums that must come out of what it makes."""

    scale: str
    opening_vnd: int
    communes: tuple[str, ...]
    new_communes_without_unit: int
    new_members_a_branch: tuple[int, int]
    emergencies_a_half: tuple[int, int]
    typhoon_emergencies: int
    equipment: Equipment
    emergencies: tuple[Emergency, ...]
    districts: tuple[District, ...]
    directs: tuple[District, ...]
    fund_in_vnd: int
    lines: tuple[GiftLine, ...]
    sources: tuple[Source, ...]
    last_day: date | None = None

    @cached_property
    def years(self) -> Years:
        years = Years.read()
        return years.until(self.last_day) if self.last_day else years

    @property
    def all_units(self) -> tuple[District, ...]:
        return self.districts + self.directs

    @property
    def district_units(self) -> int:
        return len(self.all_units)

    @property
    def base_units(self) -> int:
        return sum(unit.communes + unit.others for unit in self.all_units)

    @property
    def branches(self) -> int:
        return sum(unit.branches for unit in self.all_units)

    @property
    def members(self) -> int:
        return sum(unit.members for unit in self.all_units)

    @property
    def mobilised_vnd(self) -> int:
        return sum(source.amount_vnd for source in self.sources)

    @property
    def fund_out_vnd(self) -> int:
        given = sum(line.by_tier["province"] * line.unit_value_vnd for line in self.lines)
        return given + self.equipment.value_vnd + sum(case.value_vnd for case in self.emergencies)

    @property
    def fund_closing_vnd(self) -> int:
        return self.opening_vnd + self.fund_in_vnd - self.fund_out_vnd

    @property
    def given_count(self) -> int:
        return sum(line.count for line in self.lines)

    @property
    def given_vnd(self) -> int:
        return sum(line.count * line.unit_value_vnd for line in self.lines)


def read_province(scale: str, *, until: date | None = None) -> Province:
    """The province of ``scale``, "full" or "small"; with ``until``, as it was at the end of that day."""
    prefix = {"full": "demo", "small": "small"}[scale]
    table = table_of(f"{prefix}.toml")
    units = list(rows_of(f"{prefix}_h1_2024_units.csv"))
    return Province(
        scale=scale,
        opening_vnd=table["opening_vnd"],
        communes=tuple(table["communes"]),
        new_communes_without_unit=table["new_communes_without_unit"],
        new_members_a_branch=tuple(table["new_members_a_branch"]),
        emergencies_a_half=tuple(table["emergencies_a_half"]),
        typhoon_emergencies=table["typhoon_emergencies"],
        equipment=Equipment(**table["school_equipment"]),
        emergencies=tuple(Emergency(**case) for case in table["emergency"]),
        districts=tuple(_district(row) for row in units if row["kind"] == "district"),
        directs=tuple(_district(row) for row in units if row["kind"] == "direct"),
        fund_in_vnd=sum(int(row["mobilised_own_tier"]) for row in units if row["kind"] == "province"),
        lines=tuple(_line(n, row) for n, row in enumerate(rows_of(f"{prefix}_h1_2024_gifts.csv"))),
        sources=tuple(
            Source(row["tier"], row["donor_kind"], row["form"], int(row["amount_vnd"]))
            for row in rows_of(f"{prefix}_h1_2024_sources.csv")
        ),
        last_day=until,
    )


def _district(row: dict[str, str]) -> District:
    return District(
        code=row["code"],
        name=row["name_vi"],
        communes=int(row["commune_associations"]),
        others=int(row["other_base_associations"]),
        branches=int(row["branches"]),
        population=int(row["population"] or 0),
        members=int(row["members"]),
        own_vnd=int(row["mobilised_own_tier"]),
        base_vnd=int(row["mobilised_base_tier"]),
        branch_vnd=int(row["mobilised_branch_clan"]),
        gifts_count=int(row["gifts_count"]),
        gifts_vnd=int(row["gifts_value"]),
    )


def _line(number: int, row: dict[str, str]) -> GiftLine:
    return GiftLine(
        number=number,
        kind=row["kind"],
        group=row["group"],
        programme=row["programme"],
        content=row["programme_or_content"],
        count=int(row["count"]),
        unit_value_vnd=int(row["unit_value"]),
        by_tier={tier: int(row[f"by_{tier}"]) for tier in TIERS if tier != "direct"},
        named_percent=int(row["named_percent"]),
        autumn_factor=float(row["autumn_factor"]),
        spring=(row["spring_on"], int(row["spring_days"])),
        autumn=(row["autumn_on"], int(row["autumn_days"])),
    )


FULL = read_province("full")
SMALL = read_province("small")
