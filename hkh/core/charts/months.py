"""Amounts by month: bars stacked by series, the same months of last year as a line over them; sparklines."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from hkh.core.charts import figures, legend, palette
from hkh.core.charts.frame import HALO, Spec, address, by_role, frame
from hkh.core.charts.measure import text_width

_MOST_TOTALS = 12


@dataclass(frozen=True, slots=True)
class Month:
    """One month: ``amounts`` by series (label → amount), last year's total beside, ``href`` to its rows."""

    on: date
    amounts: Mapping[str, int] = field(default_factory=dict)
    last_year: int | None = None
    href: str = ""

    @property
    def total(self) -> int:
        return sum(self.amounts.values())


def monthly_bars(
    months: Sequence[Month],
    *,
    title: str,
    series: Sequence[str] = (),
    unit: figures.Unit = "vnd",
    last_year_label: str = "",
    width: int = 720,
    height: int = 320,
) -> Spec:
    """One bar a month, stacked from the bottom in the order of ``series`` (default: the largest first).

    The order also gives the colours, so pass it where two charts must agree. More than eight series: the rest
    become one. A month without any amount keeps its place. Raises: ValueError without months.
    """
    if not months:
        raise ValueError("A chart needs at least one month")
    shown, rest = _series(months, series)
    if rest:
        shown = (*shown, _("Others"))
    scale = figures.scale_for(max(max(m.total for m in months), max(m.last_year or 0 for m in months)), unit)
    compared = any(month.last_year is not None for month in months)
    line_label = (last_year_label or _("Same month last year")) if compared else ""
    extent = _axis_width(months, scale)
    entries = [legend.Entry(name, f"series-{n}") for n, name in enumerate(shown, 1)] if len(shown) > 1 else []
    if compared:
        entries.append(legend.Entry(line_label, "compare", line=True))
    key = legend.flow(entries, left=-extent, width=width - 8) if entries else []
    layers = [_bars(months, shown, rest, unit)]
    if compared:
        layers += _last_year(months, line_label, unit)
    if len(months) <= _MOST_TOTALS:
        layers += _totals(months, scale)
    return frame(
        title=title,
        subtitle=figures.unit_line(scale),
        width=width,
        height=height,
        layer=[*layers, *key],
        encoding={"x": _month_axis(months), "y": _amount_axis(scale, extent)},
    )


def _series(months: Sequence[Month], asked: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The series drawn each for itself, and those drawn together."""
    totals: dict[str, int] = {}
    for month in months:
        for name, amount in month.amounts.items():
            totals[name] = totals.get(name, 0) + amount
    names = [*asked, *(name for name in sorted(totals, key=lambda n: (-totals[n], n)) if name not in asked)]
    present = [name for name in names if name in asked or totals.get(name)]
    if len(present) <= palette.SERIES:
        return tuple(present), ()
    return tuple(present[: palette.SERIES - 1]), tuple(present[palette.SERIES - 1 :])


def _bars(months: Sequence[Month], shown: Sequence[str], rest: Sequence[str], unit: figures.Unit) -> Spec:
    rows = []
    for month in months:
        for order, name in enumerate(shown):
            together = rest and order == len(shown) - 1
            amount = sum(month.amounts.get(n, 0) for n in rest) if together else month.amounts.get(name, 0)
            if not amount:
                continue
            row: dict[str, Any] = {"month": _key(month), "order": order, "amount": amount}
            row["colour"] = f"series-{order + 1}"
            row["text"] = f"{figures.month_name(month.on)}, {name}: {figures.exact(amount, unit)}"
            rows.append(row | address(month.href))
    encoding: dict[str, Any] = {
        "y": {"field": "amount", "type": "quantitative", "stack": "zero"},
        "order": {"field": "order"},
        "description": {"field": "text"},
        "fill": by_role(),
    }
    if any("href" in row for row in rows):
        encoding["href"] = {"field": "href"}
    mark = {"type": "bar", "stroke": "@surface", "strokeWidth": 0.75, "width": {"band": 0.66}}
    return {"data": {"values": rows}, "mark": mark, "encoding": encoding}


def _last_year(months: Sequence[Month], label: str, unit: figures.Unit) -> list[Spec]:
    rows = [
        {
            "month": _key(month),
            "amount": month.last_year,
            "text": f"{figures.month_name(month.on)}, {label}: {figures.exact(month.last_year, unit)}",
        }
        for month in months
        if month.last_year is not None
    ]
    y = {"field": "amount", "type": "quantitative"}
    line = {"type": "line", "stroke": "@compare", "strokeWidth": 1.75, "strokeJoin": "round", "aria": False}
    halo = {"type": "line", "stroke": "@surface", "strokeWidth": 4, "strokeJoin": "round", "aria": False}
    point = {"type": "point", "shape": "circle", "filled": True, "size": 26, "fill": "@compare", "opacity": 1}
    return [
        {"data": {"values": rows}, "mark": halo, "encoding": {"y": y}},
        {"data": {"values": rows}, "mark": line, "encoding": {"y": y}},
        {"data": {"values": rows}, "mark": point, "encoding": {"y": y, "description": {"field": "text"}}},
    ]


def _totals(months: Sequence[Month], scale: figures.Scale) -> list[Spec]:
    decimals = 0 if scale.divisor == 1 else 1
    highest = max((max(_top(month), month.last_year or 0) for month in months), default=0)
    rows = [
        {
            "month": _key(month),
            "amount": _label_place(month, highest),
            "total": figures.number(month.total / scale.divisor, decimals),
        }
        for month in months
        if month.total
    ]
    mark = {"type": "text", "baseline": "bottom", "dy": -4, "fontWeight": 600, "aria": False}
    y = {"field": "amount", "type": "quantitative"}
    layer: Spec = {"data": {"values": rows}, "encoding": {"y": y, "text": {"field": "total"}}}
    return [layer | {"mark": mark | HALO}, layer | {"mark": mark}]


def _top(month: Month) -> float:
    """Where the month's bar ends."""
    return sum(amount for amount in month.amounts.values() if amount > 0)


def _label_place(month: Month, highest: float) -> float:
    """Above the bar; above last year's point where that would stand in the figure."""
    top = _top(month)
    stands_in_it = month.last_year is not None and top <= month.last_year < top + highest * 0.1
    return month.last_year if stands_in_it and month.last_year is not None else top


def _month_axis(months: Sequence[Month]) -> Spec:
    """The months in order; under the first of each year, the year."""
    labels: dict[str, list[str]] = {}
    for index, month in enumerate(months):
        label = [figures.month_label(month.on)]
        if index == 0 or month.on.year != months[index - 1].on.year:
            label.append(str(month.on.year))
        labels[_key(month)] = label
    expression = "{" + ",".join(f"'{key}':{label!r}" for key, label in labels.items()) + "}[datum.value]"
    return {
        "field": "month",
        "type": "ordinal",
        "scale": {"domain": list(labels), "paddingOuter": 0.15},
        "axis": {"title": None, "labelAngle": 0, "labelExpr": expression, "domain": True, "grid": False},
    }


def _amount_axis(scale: figures.Scale, extent: float) -> Spec:
    axis = {"title": None, "tickCount": 4, "minExtent": extent, "maxExtent": extent}
    return {
        "type": "quantitative",
        "axis": axis | {"labelExpr": f"format(datum.value / {scale.divisor}, ',~f')"},
    }


def _axis_width(months: Sequence[Month], scale: figures.Scale) -> int:
    """Pixels for the widest number that the axis may show: the largest amount with one decimal, signs included."""
    ends = [
        *(m.total for m in months),
        *(m.last_year or 0 for m in months),
        *(v for m in months for v in m.amounts.values()),
    ]
    decimals = 0 if scale.divisor == 1 or max(ends) >= 5 * scale.divisor else 1
    widest = max((figures.number(end / scale.divisor, decimals) for end in (max(ends), min(0, *ends))), key=len)
    return math.ceil(text_width(widest, palette.SMALL_SIZE)) + 8


def _key(month: Month) -> str:
    return f"{month.on:%Y-%m}"


def sparkline(
    values: Sequence[float | None], *, title: str, width: int = 120, height: int = 34, from_zero: bool = True
) -> Spec:
    """The course of ``values`` without axes, its last point marked; ``None`` leaves a gap. For a tile.

    ``from_zero`` for flows; a stock that hardly moves shows its movement without it.
    """
    known = [value for value in values if value is not None]
    if not known:
        raise ValueError("A sparkline needs at least one value")
    rows = [{"n": n, "v": value} for n, value in enumerate(values)]
    last = next(row for row in reversed(rows) if row["v"] is not None)
    low, high = min(known), max(known)
    bottom = min(0, low) if from_zero else low - (high - low) * 0.15
    y = {
        "field": "v",
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [bottom, high if high > bottom else bottom + 1], "nice": False, "zero": False},
    }
    x = {
        "field": "n",
        "type": "quantitative",
        "axis": None,
        "scale": {"domain": [0, max(len(rows) - 1, 1)], "nice": False, "padding": 4},
    }
    area = {"type": "area", "fill": "@accent-soft", "fillOpacity": 0.7, "interpolate": "monotone"}
    line = {"type": "line", "stroke": "@accent", "strokeWidth": 1.75, "interpolate": "monotone"}
    dot = {"type": "point", "filled": True, "fill": "@accent", "size": 30, "opacity": 1}
    spec = frame(
        title=title,
        width=width,
        height=height,
        layer=[
            {"mark": area | {"aria": False}, "encoding": {"y2": {"datum": bottom}}},
            {"mark": line | {"aria": False}},
            {"data": {"values": [last]}, "mark": dot | {"aria": False}},
        ],
        encoding={"x": x, "y": y},
        drawn_title=False,
    )
    return spec | {"data": {"values": rows}, "padding": {"left": 1, "right": 2, "top": 5, "bottom": 1}}
