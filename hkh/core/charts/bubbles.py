"""A map without borders: a bubble at each place's centroid, its area one figure, its shade another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from hkh.core.charts import figures, palette, placing
from hkh.core.charts.frame import HALO, Spec, address, by_role, frame, head_height
from hkh.core.charts.measure import wrap

_LARGEST: Final = 30.0
_SMALLEST: Final = 3.0
#: Below this width the key stands under the map, not beside it.
_NARROW: Final = 520
_KEY_WIDTH: Final = 150
_LINE: Final = 19


@dataclass(frozen=True, slots=True)
class Bubble:
    """A place: degrees north and east, the figure of its area, the figure of its shade (``None``: not known)."""

    name: str
    latitude: float
    longitude: float
    size: float
    shade: float | None = None
    href: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """What a figure of the map counts: "hội viên", "vận động trên đầu người"."""

    label: str
    unit: figures.Unit


def bubble_map(
    bubbles: Sequence[Bubble],
    *,
    title: str,
    size: Measure,
    shade: Measure,
    subtitle: str = "",
    names: int = 24,
    width: int = 640,
) -> Spec:
    """Bubbles in Mercator's projection: area as ``size``, ``shade`` in up to five steps of equal membership.

    The ``names`` largest places are named, as far as names do not run into each other. Bubbles of size 0 are left
    out. Raises: ValueError where none is left.
    """
    seen = sorted((b for b in bubbles if b.size > 0), key=lambda b: (-b.size, b.name))
    if not seen:
        raise ValueError("A map needs at least one bubble")
    narrow = width < _NARROW
    plot = width - 8 if narrow else width - _KEY_WIDTH - 24
    drops, radius, map_height = _project(seen, plot)
    bounds = _bounds([b.shade for b in seen if b.shade is not None])
    left, top = (4.0, map_height + 24) if narrow else (plot + 24.0, 10.0)
    key = _Key(left, top, side_by_side=narrow)
    key.sizes(size, seen[0].size, radius)
    key.shades(shade, bounds, [b.shade for b in seen])
    height = max(map_height, key.bottom + 6)
    rows = [
        _row(bubble, drop, _step(bubble.shade, bounds), size, shade) for bubble, drop in zip(seen, drops, strict=True)
    ]
    canvas = float(width - 8)
    return frame(
        title=title,
        subtitle=subtitle,
        width=width,
        height=round(height) + head_height(title, subtitle, width),
        layer=[
            _circles(rows),
            *_writing(placing.place(drops[:names], drops, width=plot, height=map_height, size=palette.SMALL_SIZE)),
            *key.layers(),
        ],
        encoding={"x": _pixels("x", canvas), "y": _pixels("y", height) | {"sort": "descending"}},
    )


def _pixels(field: str, extent: float) -> Spec:
    scale = {"domain": [0, extent], "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "axis": None, "scale": scale}


def _project(seen: Sequence[Bubble], plot: int) -> tuple[list[placing.Spot], float, float]:
    """Each bubble on the paper (largest first, so the small lie on top), the largest radius, the map's height."""
    points = [(math.radians(b.longitude), _mercator(b.latitude)) for b in seen]
    west, east = min(x for x, _y in points), max(x for x, _y in points)
    south, north = min(y for _x, y in points), max(y for _x, y in points)
    # Not taller than wide by more than a fifth; a single place or a line of places gets a frame all the same.
    spread = max(east - west, (north - south) / 1.2, 1e-4)
    shares = [b.size / seen[0].size for b in seen]
    # A sixth of the ground under bubbles: full enough to compare, open enough to tell them apart.
    ground = plot * plot * 0.8
    radius = min(_LARGEST, plot * 0.075, math.sqrt(ground * 0.16 / (math.pi * sum(shares))))
    edge = radius + 12
    scale = (plot - 2 * edge) / spread
    indent = (plot - (east - west) * scale) / 2
    drops = [
        placing.Spot(
            name=bubble.name,
            x=indent + (x - west) * scale,
            y=edge + (north - y) * scale,
            radius=max(radius * math.sqrt(share), _SMALLEST),
        )
        for bubble, (x, y), share in zip(seen, points, shares, strict=True)
    ]
    return drops, radius, (north - south) * scale + 2 * edge


def _mercator(latitude: float) -> float:
    return math.log(math.tan(math.pi / 4 + math.radians(latitude) / 2))


def _bounds(shades: Sequence[float]) -> list[float]:
    """Where one step ends and the next begins: the quintiles in two figures, each once."""
    ordered = sorted(shades)
    cuts = {_two_figures(ordered[len(ordered) * step // palette.STEPS]) for step in range(1, palette.STEPS) if ordered}
    return sorted(cut for cut in cuts if ordered[0] < cut <= ordered[-1])


def _two_figures(value: float) -> float:
    return round(value, 1 - math.floor(math.log10(abs(value)))) if value else 0


def _step(shade: float | None, bounds: Sequence[float]) -> str:
    """The role of the colour that ``shade`` gets."""
    if shade is None:
        return "missing"
    return _role(sum(shade >= bound for bound in bounds), bounds)


def _role(step: int, bounds: Sequence[float]) -> str:
    """Few steps take the dark end, where bubbles tell best from the ground; a single one the middle."""
    return f"step-{palette.STEPS - len(bounds) + step}" if bounds else f"step-{palette.STEPS // 2 + 1}"


def _row(bubble: Bubble, drop: placing.Spot, colour: str, size: Measure, shade: Measure) -> dict[str, Any]:
    known = _("not known") if bubble.shade is None else figures.exact(bubble.shade, shade.unit)
    return {
        "x": round(drop.x, 1),
        "y": round(drop.y, 1),
        "area": round(math.pi * drop.radius**2, 1),
        "colour": colour,
        "text": f"{bubble.name}: {size.label} {figures.exact(bubble.size, size.unit)}; {shade.label} {known}",
        **address(bubble.href),
    }


def _circles(rows: Sequence[dict[str, Any]], *, key: bool = False) -> Spec:
    encoding: dict[str, Any] = {
        "size": {"field": "area", "type": "quantitative", "scale": None, "legend": None},
        "fill": by_role(),
    }
    if not key:
        encoding["description"] = {"field": "text"}
    if any("href" in row for row in rows):
        encoding["href"] = {"field": "href"}
    mark = {"type": "point", "shape": "circle", "stroke": "@surface", "strokeWidth": 1, "opacity": 1}
    if key:
        mark["aria"] = False
    return {"data": {"values": list(rows)}, "mark": mark | {"fillOpacity": 0.9}, "encoding": encoding}


def _writing(names: Sequence[placing.Name]) -> list[Spec]:
    """The names twice: a broad edge in the ground's colour, so that they read over bubbles, then the letters."""
    rows = [{"x": name.x, "y": name.y, "name": name.text} for name in names]
    letters = {"type": "text", "align": "left", "baseline": "middle", "fontWeight": 500, "aria": False}
    layer: Spec = {"data": {"values": rows}, "encoding": {"text": {"field": "name"}}}
    return [layer | {"mark": letters | HALO}, layer | {"mark": letters}]


class _Key:
    """The legend, drawn with the same marks as the map: three circles for the areas, a row for each shade."""

    def __init__(self, left: float, top: float, *, side_by_side: bool) -> None:
        self.left, self.top, self.side_by_side = left, top, side_by_side
        self.y = self.bottom = top
        self.circles: list[dict[str, Any]] = []
        self.texts: list[dict[str, Any]] = []

    def sizes(self, measure: Measure, largest: float, radius: float) -> None:
        self._heading(measure.label)
        shown = sorted({_pleasant(largest * share) for share in (1, 0.3, 0.05)} - {0}, reverse=True)
        for value in shown:
            r = max(radius * math.sqrt(value / largest), _SMALLEST)
            self.y += max(r, _LINE / 2)
            self._entry(r, radius, "rest", figures.short(value, measure.unit))
            self.y += max(r, _LINE / 2) + 1
        self._next_block(170.0)

    def shades(self, measure: Measure, bounds: Sequence[float], shades: Sequence[float | None]) -> None:
        if all(shade is None for shade in shades):
            return
        known = [shade for shade in shades if shade is not None]
        scale = figures.scale_for(max(known), measure.unit)
        self._heading(f"{measure.label} ({scale.name})" if scale.name else measure.label)
        for text, colour in _steps(scale, bounds, known, missing=None in shades):
            self.y += _LINE / 2
            self._entry(6.0, 6.0, colour, text)
            self.y += _LINE / 2
        self.bottom = max(self.bottom, self.y)

    def layers(self) -> list[Spec]:
        text = {"type": "text", "align": "left", "baseline": "middle", "aria": False}
        heads = [row for row in self.texts if row["head"]]
        entries = [row for row in self.texts if not row["head"]]
        encoding = {"text": {"field": "words"}}
        return [
            _circles(self.circles, key=True),
            {"data": {"values": heads}, "mark": text | {"fontWeight": 600}, "encoding": encoding},
            {"data": {"values": entries}, "mark": text | {"color": "@muted"}, "encoding": encoding},
        ]

    def _heading(self, label: str) -> None:
        for line in wrap(label, _KEY_WIDTH, palette.SMALL_SIZE, weight=600):
            self.texts.append({"x": self.left, "y": self.y, "words": line, "head": True})
            self.y += 15
        self.y += 1

    def _entry(self, radius: float, widest: float, colour: str, words: str) -> None:
        x = self.left + widest
        self.circles.append({"x": x, "y": self.y, "area": math.pi * radius**2, "colour": colour})
        self.texts.append({"x": x + widest + 8, "y": self.y, "words": words, "head": False})

    def _next_block(self, across: float) -> None:
        self.bottom = max(self.bottom, self.y)
        if self.side_by_side:
            self.left, self.y = self.left + across, self.top
        else:
            self.y += 20


def _steps(
    scale: figures.Scale, bounds: Sequence[float], known: Sequence[float], *, missing: bool
) -> list[tuple[str, str]]:
    """Each step's words and colour, the highest first, as a legend is read."""
    written = [figures.scaled(bound, scale) for bound in bounds]
    rows = []
    for step in range(len(bounds), -1, -1):
        if not bounds:
            ends = dict.fromkeys(figures.scaled(end, scale) for end in (min(known), max(known)))
            words = " – ".join(ends)
        elif step == len(bounds):
            words = _("from %(bound)s") % {"bound": written[-1]}
        elif step == 0:
            words = _("below %(bound)s") % {"bound": written[0]}
        else:
            words = f"{written[step - 1]} – {written[step]}"
        rows.append((words, _role(step, bounds)))
    if missing:
        rows.append((_("not known"), "missing"))
    return rows


def _pleasant(value: float) -> float:
    """``value`` rounded down to one leading figure of 1, 2 or 5."""
    if value <= 0:
        return 0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step for step in (5, 2, 1) if step * power <= value * 1.0000001) * power
