"""What has come together day by day, against what was aimed at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from hkh.core.charts import figures, palette
from hkh.core.charts.frame import HALO, Spec, frame
from hkh.core.charts.measure import text_width
from hkh.core.dates import format_date

#: So many months, at most, stand under the line.
_MOST_TICKS = 8


def progress_line(
    days: Sequence[tuple[date, int]],
    *,
    title: str,
    starts_on: date,
    ends_on: date,
    target: int | None = None,
    unit: figures.Unit = "vnd",
    width: int = 720,
    height: int = 300,
) -> Spec:
    """The running sum of ``days`` (day, amount; in order) as steps from ``starts_on`` to ``ends_on``, both drawn;
    ``target`` is a line across. Raises: ValueError for days in the wrong order or outside.
    """
    rows = _running(days, starts_on, ends_on, unit)
    total = rows[-1]["sum"]
    highest = max(total, target or 0, 1)
    scale = figures.scale_for(highest, unit)
    extent = math.ceil(text_width(figures.number(highest / scale.divisor, 1), palette.SMALL_SIZE)) + 8
    x = _days_axis(starts_on, ends_on)
    axis = {"title": None, "tickCount": 4, "minExtent": extent, "maxExtent": extent}
    y = {
        "field": "sum",
        "type": "quantitative",
        "axis": axis | {"labelExpr": f"format(datum.value / {scale.divisor}, ',~f')"},
        "scale": {"domain": [0, highest * 1.12], "nice": False, "zero": True},
    }
    area = {"type": "area", "fill": "@accent-soft", "fillOpacity": 0.7, "interpolate": "step-after", "aria": False}
    line = {"type": "line", "stroke": "@accent", "strokeWidth": 2, "interpolate": "step-after", "aria": False}
    # Wide and unseen: what is said of each day is found by who hovers over it or listens.
    spoken = {"type": "point", "filled": True, "size": 120, "fill": "@accent", "opacity": 0.01}
    end = {"type": "point", "filled": True, "size": 40, "fill": "@accent", "opacity": 1, "aria": False}
    said = figures.short(total, unit)
    late = (ends_on - starts_on).days and rows[-1]["n"] > (ends_on - starts_on).days * 0.75
    text = {
        "type": "text",
        "baseline": "bottom",
        "dy": -6,
        "align": "right" if late else "left",
        "fontWeight": 600,
        "aria": False,
    }
    last: Spec = {"data": {"values": [rows[-1] | {"said": said}]}}
    layers: list[Spec] = [
        {"mark": area},
        {"mark": line},
        {"mark": spoken, "encoding": {"description": {"field": "text"}}},
        last | {"mark": end},
        last | {"mark": text | HALO, "encoding": {"text": {"field": "said"}}},
        last | {"mark": text, "encoding": {"text": {"field": "said"}}},
    ]
    if target:
        layers[:0] = _target(target, unit)
    return frame(
        title=title,
        subtitle=figures.unit_line(scale),
        width=width,
        height=height,
        layer=layers,
        encoding={"x": x, "y": y},
    ) | {"data": {"values": rows}}


def _running(
    days: Sequence[tuple[date, int]], starts_on: date, ends_on: date, unit: figures.Unit
) -> list[dict[str, Any]]:
    """A row a day with gifts, one before the first and one at the end: where the sum stood."""
    rows: list[dict[str, Any]] = []
    total, before = 0, starts_on
    for day, amount in [(starts_on, 0), *days, (ends_on, 0)]:
        if not before <= day <= ends_on:
            raise ValueError(f"{day} lies outside the line or before {before}")
        before, total = day, total + amount
        text = f"{format_date(day)}: {figures.exact(total, unit)}"
        rows.append({"n": (day - starts_on).days, "sum": total, "text": text})
    return rows


def _target(target: int, unit: figures.Unit) -> list[Spec]:
    label = _("Target: %(amount)s") % {"amount": figures.short(target, unit)}
    alone: Spec = {"data": {"values": [{"sum": target, "label": label}]}}
    y = {"field": "sum", "type": "quantitative"}
    rule = {"type": "rule", "stroke": "@compare", "strokeWidth": 1.25, "strokeDash": [4, 3], "aria": False}
    text = {"type": "text", "x": 2, "align": "left", "baseline": "bottom", "dy": -4, "fill": "@muted", "aria": False}
    return [
        alone | {"mark": rule, "encoding": {"x": None, "y": y}},
        alone | {"mark": text, "encoding": {"x": None, "y": y, "text": {"field": "label"}}},
    ]


def _days_axis(starts_on: date, ends_on: date) -> Spec:
    """Days since the first; under the axis the months, or in a short time some days."""
    span = max((ends_on - starts_on).days, 1)
    labels = _month_ticks(starts_on, ends_on) if span > 62 else _day_ticks(starts_on, span)
    expression = "{" + ",".join(f"'{n}':{label!r}" for n, label in labels.items()) + "}[datum.value]"
    return {
        "field": "n",
        "type": "quantitative",
        "scale": {"domain": [0, span], "nice": False, "zero": True},
        "axis": {"title": None, "values": list(labels), "labelExpr": expression, "domain": True, "grid": False},
    }


def _month_ticks(starts_on: date, ends_on: date) -> dict[int, list[str]]:
    months = []
    year, month = starts_on.year, starts_on.month
    while date(year, month, 1) <= ends_on:
        if date(year, month, 1) >= starts_on:
            months.append(date(year, month, 1))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    step = math.ceil(len(months) / _MOST_TICKS)
    labels, said = {}, 0
    for first in months[::step]:
        label = [figures.month_label(first)]
        if first.year != said:
            label.append(str(first.year))
            said = first.year
        labels[(first - starts_on).days] = label
    return labels


def _day_ticks(starts_on: date, span: int) -> dict[int, list[str]]:
    step = max(math.ceil(span / 5), 1)
    days = {n: starts_on + timedelta(days=n) for n in range(0, span + 1, step)}
    return {n: [f"{day.day}/{day.month}"] for n, day in days.items()}
