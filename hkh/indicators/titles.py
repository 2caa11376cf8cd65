"""Titles of the learning society, summed up the tree: each counted once, by the one unit that speaks for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from hkh.core.dates import Period
from hkh.indicators.lens import Lens
from hkh.indicators.queries import parameters_of, rows, through
from members.models import Title


@dataclass(frozen=True)
class TitleFigures:
    """Of ``total`` so many registered and so many were recognised, as ``units`` say; none of them: nobody has said."""

    total: int = 0
    registered: int = 0
    recognised: int = 0
    units: int = 0

    @property
    def recognised_share(self) -> Decimal | None:
        """Recognised in per cent of all."""
        return Decimal(100 * self.recognised) / self.total if self.total else None

    @property
    def registered_share(self) -> Decimal | None:
        return Decimal(100 * self.registered) / self.total if self.total else None

    def __add__(self, other: TitleFigures) -> TitleFigures:
        return TitleFigures(
            self.total + other.total,
            self.registered + other.registered,
            self.recognised + other.recognised,
            self.units + other.units,
        )


#: Figures by child (id; None: the unit's own), then by title.
ByChild = Mapping[int | None, Mapping[str, TitleFigures]]


@dataclass(frozen=True)
class Titles:
    """All titles of a unit in a year and the year before, by child; those of one child are all that stand below it."""

    now: ByChild = field(default_factory=dict)
    last_year: ByChild = field(default_factory=dict)

    @staticmethod
    def total(by_child: ByChild, title: Title | str) -> TitleFigures:
        """Of all children and the unit's own together."""
        return sum((figures.get(title, TitleFigures()) for figures in by_child.values()), TitleFigures())


#: A year's figures count where their unit stood at its end or, ended during it, stood last.
TITLES = """
    WITH {below}
    SELECT below.via_id AS via, c.year, c.title, sum(c.total)::bigint AS total,
           sum(c.registered)::bigint AS registered, sum(c.recognised)::bigint AS recognised, count(*) AS units
    FROM members_titlecount c
    JOIN below ON below.unit_id = c.unit_id
    WHERE c.year IN (%(year)s, %(year)s - 1)
      AND members_stood_in_year(below.valid_from, below.valid_until, below.is_latest, c.year) {main}
    GROUP BY below.via_id, c.year, c.title"""


def of_year(lens: Lens) -> Lens:
    """``lens`` over the whole year that its period lies in: titles are counted once a year."""
    return replace(lens, period=Period("year", lens.period.year))  # type: ignore[arg-type]


def titles(lens: Lens) -> Titles:
    """The titles of the year of ``lens`` and of the one before. One query."""
    lens = of_year(lens)
    found: dict[int, defaultdict[int | None, dict[str, TitleFigures]]] = {
        lens.period.year: defaultdict(dict),
        lens.period.year - 1: defaultdict(dict),
    }
    for row in rows(through(lens, TITLES), {**parameters_of(lens), "year": lens.period.year}):
        figures = TitleFigures(row["total"], row["registered"], row["recognised"], row["units"])
        found[row["year"]][row["via"]][row["title"]] = figures
    return Titles(found[lens.period.year], found[lens.period.year - 1])
