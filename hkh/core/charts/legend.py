"""A legend that flows like text: swatch and name after swatch and name, as many to a line as fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from hkh.core.charts import palette
from hkh.core.charts.frame import Spec, by_role
from hkh.core.charts.measure import text_width, wrap

_LINE: Final = 19
_SWATCH: Final = 10
_STROKE: Final = 20
_AFTER_SWATCH: Final = 6
_BETWEEN: Final = 16
#: The layers' positions are pixels, not the chart's months and amounts.
_NOWHERE: Final[Spec] = {"x": None, "y": None}


@dataclass(frozen=True, slots=True)
class Entry:
    """One name and the palette's role that it explains; ``line`` for a line instead of a patch."""

    name: str
    role: str
    line: bool = False


def flow(entries: Sequence[Entry], *, left: float, width: float) -> list[Spec]:
    """``entries`` in lines of ``width`` pixels, above the plot and beginning at ``left`` (0 = the plot's edge)."""
    rows: list[dict[str, Any]] = []
    x, line = 0.0, 0
    for entry in entries:
        swatch = (_STROKE if entry.line else _SWATCH) + _AFTER_SWATCH
        name = wrap(entry.name, width - swatch, palette.TEXT_SIZE, lines=1)[0]
        taken = swatch + text_width(name, palette.TEXT_SIZE)
        if x and x + taken > width:
            x, line = 0.0, line + 1
        here = {"left": left + x, "x": left + x + swatch, "line": line, "is_line": entry.line}
        rows.append(here | {"name": name, "colour": entry.role})
        x += taken + _BETWEEN
    height = _LINE * (line + 1)
    for row in rows:
        row["y"] = row["line"] * _LINE - height - 6
    return _layers(rows)


def _layers(rows: Sequence[dict[str, Any]]) -> list[Spec]:
    """Patches, strokes (flat patches) and names. Vega-Lite centres a rectangle on the point that it is given."""
    layers: list[Spec] = []
    for is_line, width, height in ((False, _SWATCH, _SWATCH), (True, _STROKE, 2)):
        if drawn := [row for row in rows if row["is_line"] == is_line]:
            mark = {"type": "rect", "width": width, "height": height, "stroke": None, "aria": False}
            mark |= {"x": {"expr": f"datum.left + {width / 2}"}, "y": {"expr": "datum.y"}}
            layers.append({"data": {"values": drawn}, "mark": mark, "encoding": _NOWHERE | {"fill": by_role()}})
    text = {"type": "text", "align": "left", "baseline": "middle", "fontSize": palette.TEXT_SIZE, "aria": False}
    text |= {"x": {"expr": "datum.x"}, "y": {"expr": "datum.y"}}
    encoding = _NOWHERE | {"text": {"field": "name"}}
    return [*layers, {"data": {"values": list(rows)}, "mark": text, "encoding": encoding}]
