"""Lying bars with their figure at the end: what is the largest, and by how much. No axis, no pie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from hkh.core.charts import figures, palette
from hkh.core.charts.frame import HALO, Spec, address, by_role, frame, head_height
from hkh.core.charts.measure import text_width, wrap

#: Below this width labels stand above their bars, not beside them.
_NARROW: Final = 460
_GAP: Final = 7
_LINE: Final = 15


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. ``note`` follows the figure at its end, ready to read ("1.240 suất"); ``href`` leads to its rows."""

    label: str
    value: float
    note: str = ""
    href: str = ""


def sorted_bars(
    bars: Sequence[Bar],
    *,
    title: str,
    subtitle: str = "",
    unit: figures.Unit = "vnd",
    series: Sequence[str] = (),
    width: int = 560,
) -> Spec:
    """``bars`` from the largest down. Where a label is in ``series`` it takes that series' colour, so that the
    picture agrees with ``monthly_bars`` beside it. Raises: ValueError without bars.
    """
    ordered = sorted(bars, key=lambda bar: -bar.value)
    colours = {label: f"series-{index + 1}" for index, label in enumerate(series) if index < palette.SERIES}
    rows = [_row(bar, bar.label, unit) | {"colour": colours.get(bar.label, "accent")} for bar in ordered]
    return _lying(rows, title=title, subtitle=subtitle, width=width)


def ranked_bars(
    bars: Sequence[Bar],
    *,
    title: str,
    subtitle: str = "",
    unit: figures.Unit = "vnd",
    highlight: str = "",
    reference: tuple[str, float] | None = None,
    most: int = 15,
    width: int = 560,
) -> Spec:
    """The ``most`` largest of ``bars`` with their ranks; equal values share one. ``highlight`` names the bar that
    stands out and is shown with its rank even past the last. ``reference`` (label, value) is a line across.

    Raises: ValueError without bars.
    """
    ordered = sorted(bars, key=lambda bar: -bar.value)
    ranks = [1 + sum(other.value > bar.value for other in ordered) for bar in ordered]
    shown = [
        (rank, bar)
        for place, (rank, bar) in enumerate(zip(ranks, ordered, strict=True))
        if place < most or bar.label == highlight
    ]
    rows = [
        _row(bar, f"{rank}. {bar.label}", unit)
        | {"colour": "accent" if bar.label == highlight or not highlight else "rest"}
        for rank, bar in shown
    ]
    return _lying(rows, title=title, subtitle=subtitle, width=width, reference=reference)


def _row(bar: Bar, label: str, unit: figures.Unit) -> dict[str, Any]:
    short, exact = figures.short(bar.value, unit), figures.exact(bar.value, unit)
    return {
        "label": label,
        "value": bar.value,
        "end": f"{short} · {bar.note}" if bar.note else short,
        "text": f"{label}: {exact}, {bar.note}" if bar.note else f"{label}: {exact}",
        **address(bar.href),
    }


def _lying(
    rows: list[dict[str, Any]],
    *,
    title: str,
    subtitle: str,
    width: int,
    reference: tuple[str, float] | None = None,
) -> Spec:
    if not rows:
        raise ValueError("A chart needs at least one bar")
    narrow = width < _NARROW
    column = 0.0 if narrow else _label_column(rows, width)
    for key, row in enumerate(rows):
        row["key"] = key
        if narrow:
            row["lines"] = wrap(row["label"], width - 8, palette.TEXT_SIZE, lines=1)
        else:
            row["lines"] = wrap(row["label"], column, palette.TEXT_SIZE)
    step = 46 if narrow else 38 if any(len(row["lines"]) > 1 for row in rows) else 30
    low, high = _domain(rows, width - column - _GAP - 8, reference)
    layers = _drawn(rows, narrow, low, high)
    if reference:
        layers[1:1] = _reference(reference, high)
    return frame(
        title=title,
        subtitle=subtitle,
        width=width,
        height=head_height(title, subtitle, width) + step * len(rows) + (18 if reference else 0),
        layer=layers,
        encoding={
            "y": {"field": "key", "type": "ordinal", "sort": None, "axis": _labels(rows, column, narrow)},
            "x": {
                "type": "quantitative",
                "axis": None,
                "scale": {"domain": [low, high], "nice": False, "zero": False},
            },
        },
    ) | {"data": {"values": rows}}


def _label_column(rows: Sequence[dict[str, Any]], width: int) -> float:
    """As wide as the widest label needs, in one line or two, and no more than two fifths of the picture."""
    widest = max(text_width(row["label"], palette.TEXT_SIZE) for row in rows)
    return min(widest + 1, width * 0.4)


def _domain(rows: Sequence[dict[str, Any]], plot: float, reference: tuple[str, float] | None) -> tuple[float, float]:
    """From zero (or the lowest below it) so far that the text behind every bar still fits in ``plot`` pixels."""
    low = min(0, *(row["value"] for row in rows))
    high = max(1e-9, *(row["value"] for row in rows), reference[1] if reference else 0)
    for row in rows:
        room = plot - _GAP - text_width(row["end"], palette.SMALL_SIZE, weight=600) - 2
        if room > plot * 0.1:
            high = max(high, (row["value"] - low) * plot / room + low)
    return low, high


def _labels(rows: Sequence[dict[str, Any]], column: float, narrow: bool) -> Spec | None:
    if narrow:
        return None
    expression = "[" + ",".join(_literal(row["lines"]) for row in rows) + "][datum.value]"
    return {
        "title": None,
        "labelExpr": expression,
        "labelAlign": "left",
        "labelPadding": column + _GAP,
        "labelLimit": 0,
        "labelFontSize": palette.TEXT_SIZE,
        "labelColor": "@ink",
        "labelLineHeight": _LINE,
        "labelOffset": {"condition": {"test": _has_two_lines(rows), "value": -_LINE / 2}, "value": 0},
    }


def _has_two_lines(rows: Sequence[dict[str, Any]]) -> str:
    """An expression: is the label of ``datum.value`` in two lines, and so to be raised by half of one?"""
    return f"indexof({[row['key'] for row in rows if len(row['lines']) > 1]}, datum.value) >= 0"


def _literal(lines: Sequence[str]) -> str:
    """A list of texts in Vega's expression language. Only quotes and backslashes mean anything there."""
    quoted = (line.replace("\\", "\\\\").replace("'", "\\'") for line in lines)
    return "[" + ",".join(f"'{line}'" for line in quoted) + "]"


def _drawn(rows: Sequence[dict[str, Any]], narrow: bool, low: float, high: float) -> list[Spec]:
    """Bars, their figures, and over each row an unseen field as wide as the picture: link and tooltip."""
    down = 9 if narrow else 0
    bar = {"type": "bar", "height": 14 if narrow else 18, "yOffset": down, "aria": False}
    end = {"type": "text", "align": "left", "dx": _GAP, "dy": down, "fontWeight": 600, "aria": False}
    field: dict[str, Any] = {"type": "bar", "fill": "#000", "fillOpacity": 0, "height": {"band": 1}}
    over: dict[str, Any] = {
        "x": {"datum": low},
        "x2": {"datum": high},
        "description": {"field": "text"},
    }
    if any("href" in row for row in rows):
        over["href"] = {"field": "href"}
    figure: Spec = {
        "transform": [{"calculate": "max(datum.value, 0)", "as": "tip"}],
        "encoding": {"x": {"field": "tip", "type": "quantitative"}, "text": {"field": "end"}},
    }
    layers: list[Spec] = [
        {"mark": bar, "encoding": {"x": {"field": "value"}, "fill": by_role()}},
        figure | {"mark": end | HALO},
        figure | {"mark": end},
    ]
    if narrow:
        label = {"type": "text", "align": "left", "dy": -10, "fontSize": palette.TEXT_SIZE, "aria": False}
        layers.append({"mark": label, "encoding": {"x": {"datum": low}, "text": {"field": "lines"}}})
    layers.append({"mark": field, "encoding": over})
    return layers


def _reference(reference: tuple[str, float], high: float) -> list[Spec]:
    label, value = reference
    x = {"datum": value, "type": "quantitative"}
    rule = {"type": "rule", "stroke": "@compare", "strokeWidth": 1.25, "strokeDash": [4, 3], "aria": False}
    text = {
        "type": "text",
        "y": -4,
        "baseline": "bottom",
        "align": "right" if value > high * 0.6 else "left",
        "fill": "@muted",
        "aria": False,
    }
    alone: Spec = {"data": {"values": [{}]}}
    return [
        alone | {"mark": rule, "encoding": {"x": x, "y": None}},
        alone | {"mark": text, "encoding": {"x": x, "y": None, "text": {"value": label}}},
    ]
