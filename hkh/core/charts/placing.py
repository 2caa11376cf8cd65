"""Names beside their points without running into each other: the largest first, each where it finds room."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hkh.core.charts.measure import text_width

#: Left, top, right, bottom, in pixels from the upper left corner.
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Spot:
    """A circle that has a name, on the paper."""

    name: str
    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Name:
    """Where a name stands: the middle of its left end."""

    text: str
    x: float
    y: float


def place(
    named: Sequence[Spot],
    others: Sequence[Spot],
    *,
    width: float,
    height: float,
    size: float,
    always: int = 6,
) -> list[Name]:
    """The names of ``named`` that find room within ``width`` × ``height``, in the order given.

    A name never covers a name. It covers circles of ``others`` as little as may be; one that would cover much
    is left out, but for the first ``always``.
    """
    taken: list[Box] = []
    placed: list[Name] = []
    for order, spot in enumerate(named):
        best: tuple[float, Box] | None = None
        for rank, box in enumerate(_candidates(spot, size)):
            if not _inside(box, width, height) or any(_meet(box, other) for other in taken):
                continue
            cost = rank * 0.5 + sum(_covered(box, other) for other in others if other is not spot)
            if best is None or cost < best[0]:
                best = (cost, box)
        if best is not None and (order < always or best[0] < size * 1.6):
            left, top, _right, bottom = best[1]
            taken.append(best[1])
            placed.append(Name(spot.name, round(left, 1), round((top + bottom) / 2, 1)))
    return placed


def _candidates(spot: Spot, size: float) -> Iterator[Box]:
    """Boxes for the name, the best liked first: right, left, above, below, aslant."""
    width, line = text_width(spot.name, size, weight=500), size * 1.25
    x, y, out = spot.x, spot.y, spot.radius + 3
    aslant = spot.radius * 0.71 + 2
    lefts_and_middles = [
        (x + out, y),
        (x - out - width, y),
        (x - width / 2, y - out - line / 2),
        (x - width / 2, y + out + line / 2),
        (x + aslant, y - aslant - line / 4),
        (x + aslant, y + aslant + line / 4),
        (x - aslant - width, y - aslant - line / 4),
        (x - aslant - width, y + aslant + line / 4),
    ]
    for left, middle in lefts_and_middles:
        yield left, middle - line / 2, left + width, middle + line / 2


def _inside(box: Box, width: float, height: float) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= width and box[3] <= height


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _covered(box: Box, spot: Spot) -> float:
    """How much of ``spot`` lies under ``box``, as the side of a square."""
    across = min(box[2], spot.x + spot.radius) - max(box[0], spot.x - spot.radius)
    down = min(box[3], spot.y + spot.radius) - max(box[1], spot.y - spot.radius)
    return (across * down) ** 0.5 if across > 0 and down > 0 else 0.0
