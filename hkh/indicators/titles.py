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
    """Of ``total`` so many registered and so many were recognised, as ``units`` say; ``is_said`` unless nobody did.

    Restated, a split unit is divided by its shares and counts among ``units`` with its largest part.
    """

    total: int = 0
    registered: int = 0
    recognised: int = 0
    units: int = 0

    @property
    def is_said(self) -> bool:
        return bool(self.units or self.total)

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


#: A year's figures count where their unit stood at its end or, ended during it, stood last. Of a split unit those that
#: were recognised, those only registered and the others are divided, so that no part recognises more than registered.
TITLES = """
    WITH {below}
    SELECT via, year, title, sum(recognised)::bigint AS recognised, sum(recognised + waiting)::bigint AS registered,
           sum(recognised + waiting + others)::bigint AS total, sum(counted)::int AS units
    FROM (
        SELECT a.via_id AS via, c.year, c.title, {split}c.recognised{by} AS recognised,
               {split}c.registered - c.recognised{by} AS waiting, {split}c.total - c.registered{by} AS others,
               {counted} AS counted
        FROM members_titlecount c
        JOIN below a ON a.unit_id = c.unit_id
        WHERE c.year IN (%(year)s, %(year)s - 1)
          AND members_stood_in_year(a.valid_from, a.valid_until, a.is_latest, c.year)
    ) own
    GROUP BY via, year, title"""


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
