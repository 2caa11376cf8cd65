"""Whom a unit carries on for and who carries on for it, over several steps both ways, as rows beside a drawing.

Above the unit stand those it came from, the oldest on top; below it those it went into. Lines at the left lead from
row to row, bars at the right show who was there when.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db import connection

from hkh.core.dates import today
from members.models import Unit

#: So many steps are followed each way, and so many rows shown at the most.
MOST_STEPS, MOST_ROWS = 5, 80
#: Sizes of the drawing: a row's height, one step of the lines, the bars' width; all in CSS pixels.
ROW, LANE, EDGE = 56, 20, 12
BARS, BAR = 400, 10

_FAMILY = """
    WITH RECURSIVE step(is_before, near_id, far_id, kind, share, effective_on, steps) AS (
        SELECT link.is_before, link.near_id, link.far_id, s.kind, s.share, s.effective_on, 1
        FROM members_succession s
        CROSS JOIN LATERAL (VALUES
            (true, s.successor_id, s.predecessor_id), (false, s.predecessor_id, s.successor_id)
        ) link(is_before, near_id, far_id)
        WHERE link.near_id = %(unit)s
        UNION
        SELECT step.is_before, step.far_id,
               CASE WHEN step.is_before THEN s.predecessor_id ELSE s.successor_id END,
               s.kind, s.share, s.effective_on, step.steps + 1
        FROM step JOIN members_succession s
             ON step.far_id = CASE WHEN step.is_before THEN s.successor_id ELSE s.predecessor_id END
        WHERE step.steps < %(most_steps)s
    )
    SELECT DISTINCT step.is_before, step.near_id, step.kind, step.share, step.effective_on,
           u.id, u.name, u.code, u.founded_on, u.dissolved_on
    FROM step JOIN members_unit u ON u.id = step.far_id
    ORDER BY step.effective_on, u.name, u.id"""


@dataclass(frozen=True)
class Kin:
    """A unit met on the way, and by what share it passed on what it had; ``share`` None: the whole."""

    pk: int
    name: str
    code: str
    founded_on: date
    dissolved_on: date | None
    is_before: bool
    share: Decimal | None
    effective_on: date | None


@dataclass(frozen=True)
class Row:
    """One unit: ``depth`` steps away; ``code`` is empty where it is out of sight; ``bar`` from x to x."""

    name: str
    code: str
    since: date
    until: date | None
    share_percent: Decimal | None
    depth: int
    is_self: bool
    bar: tuple[int, int]
    y: int


@dataclass(frozen=True)
class Year:
    """A line of the time axis."""

    year: int
    x: int


@dataclass(frozen=True)
class Family:
    """The drawing: ``links`` are the paths of the lines, ``dots`` their ends (x, y, whether the unit itself)."""

    rows: Sequence[Row]
    links: Sequence[str]
    dots: Sequence[tuple[int, int, bool]]
    years: Sequence[Year]
    is_cut: bool = False
    lanes: int = 0
    bars: int = BARS
    bar: int = BAR
    row: int = ROW

    @property
    def height(self) -> int:
        return len(self.rows) * ROW


def kin_of(unit: Unit) -> dict[int, list[Kin]]:
    """By unit, the next ones on both sides, from ``unit`` on for ``MOST_STEPS`` steps. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_FAMILY, {"unit": unit.pk, "most_steps": MOST_STEPS})
        found = cursor.fetchall()
    kin: dict[int, list[Kin]] = defaultdict(list)
    for is_before, near_id, kind, share, effective_on, pk, name, code, founded_on, dissolved_on in found:
        part = share if kind == "part" else None
        kin[near_id].append(Kin(pk, name, code, founded_on, dissolved_on, is_before, part, effective_on))
    return kin


def family_of(unit: Unit, kin: Mapping[int, Sequence[Kin]], *, seen: set[int], unnamed: str) -> Family | None:
    """The drawing of ``kin``; None where the unit has nobody before or after it. No query.

    What a unit came from is its own history and named; whom it went into is ``unnamed`` where not in ``seen`` (ids).
    """
    if not kin.get(unit.pk):
        return None
    self_ = Kin(unit.pk, unit.name, unit.code, unit.founded_on, unit.dissolved_on, False, None, None)
    placed = [*_above(self_, kin, 1), (self_, 0, None), *_below(self_, kin, 1)]
    is_cut = len(placed) > MOST_ROWS
    if is_cut:
        middle = next(n for n, (one, depth, _near) in enumerate(placed) if depth == 0)
        first = max(0, min(middle - MOST_ROWS // 2, len(placed) - MOST_ROWS))
        placed = placed[first : first + MOST_ROWS]
    axis = _Axis([one.effective_on for one, _depth, _near in placed if one.effective_on])
    rows, links, dots = [], [], []
    place = {id(one): n * ROW + ROW // 2 for n, (one, _depth, _near) in enumerate(placed)}
    for n, (one, depth, near) in enumerate(placed):
        is_named = depth == 0 or one.is_before or one.pk in seen
        rows.append(
            Row(
                name=one.name if is_named else unnamed,
                code=one.code if depth == 0 or one.pk in seen else "",
                since=one.founded_on,
                until=one.dissolved_on,
                share_percent=one.share * 100 if one.share is not None else None,
                depth=depth,
                is_self=depth == 0,
                bar=(axis.place(one.founded_on), axis.place(one.dissolved_on or today())),
                y=n * ROW + ROW // 2,
            )
        )
        x, y = EDGE + depth * LANE, place[id(one)]
        dots.append((x, y, depth == 0))
        if near is not None and id(near) in place:
            links.append(_link(x, y, place[id(near)]))
    lanes = EDGE * 2 + LANE * max(depth for _one, depth, _near in placed)
    return Family(rows, links, dots, axis.years(), is_cut, lanes)


_Placed = tuple[Kin, int, Kin | None]


def _above(near: Kin, kin: Mapping[int, Sequence[Kin]], depth: int) -> Iterator[_Placed]:
    """Those before ``near``, each below its own predecessors."""
    for one in kin.get(near.pk, ()):
        if one.is_before and depth <= MOST_STEPS:
            own = replace(one)  # reached by two ways, a unit stands in two rows
            yield from _above(own, kin, depth + 1)
            yield own, depth, near


def _below(near: Kin, kin: Mapping[int, Sequence[Kin]], depth: int) -> Iterator[_Placed]:
    """Those after ``near``, each above its own successors."""
    for one in kin.get(near.pk, ()):
        if not one.is_before and depth <= MOST_STEPS:
            own = replace(one)
            yield own, depth, near
            yield from _below(own, kin, depth + 1)


def _link(x: int, y: int, near_y: int) -> str:
    """From a dot to the lane at its left and along it to the nearer unit's dot, round the corner."""
    turn = 6 if near_y > y else -6
    return f"M {x} {y} H {x - LANE + 6} Q {x - LANE} {y} {x - LANE} {y + turn} V {near_y}"


class _Axis:
    """Time from the year before the first change to today, in the bars' width; what began earlier is cut off there."""

    def __init__(self, changes: Sequence[date]) -> None:
        first = min(changes).year - 1
        self._first, self._last = date(first, 1, 1), max(today(), max(changes))

    def place(self, day: date) -> int:
        share = (day - self._first).days / max((self._last - self._first).days, 1)
        return round(BARS * min(max(share, 0.0), 1.0))

    def years(self) -> list[Year]:
        step = max(1, (self._last.year - self._first.year) // 6)
        return [Year(year, self.place(date(year, 1, 1))) for year in range(self._first.year, self._last.year + 1, step)]
