"""Template tags of the design system: icons, sparklines, chips of filters, the period picker's links."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django import forms, template
from django.conf import settings
from django.http import QueryDict
from django.template import RequestContext
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from hkh.core.dates import Period, PeriodKind

register = template.Library()
log = logging.getLogger(__name__)

_ICONS = settings.BASE_DIR / "node_modules/@tabler/icons/icons/outline"
_ICON_NAME = re.compile(r"[a-z0-9-]+")
_SPARK_WIDTH, _SPARK_HEIGHT = 120, 32
#: Where in a long list one stands; means nothing once the list is another.
CURSORS = ("after", "before")


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """The Tabler icon ``name``, drawn into the page. Without ``label`` it is decoration and not read out.

    ``size``: "sm" for 16 px beside small text, else 20 px.
    """
    shapes = _icon_shapes(name)
    if not shapes:
        log.error("There is no icon named %s", name)
        return mark_safe("")
    said = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon{}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        'stroke-linecap="round" stroke-linejoin="round" focusable="false" {}>{}</svg>',
        f" icon-{size}" if size else "",
        said,
        shapes,
    )


@lru_cache(maxsize=256)
def _icon_shapes(name: str) -> SafeString:
    path = _ICONS / f"{name}.svg"
    if not _ICON_NAME.fullmatch(name) or not path.is_file():
        return mark_safe("")
    inner = re.search(r"<svg[^>]*>(.*)</svg>", path.read_text(), re.DOTALL)
    lines = (line.strip() for line in (inner[1] if inner else "").splitlines())
    return mark_safe("".join(line for line in lines if line and 'd="M0 0h24v24H0z"' not in line))  # noqa: S308


@register.filter
def spark_points(values: Sequence[float | None]) -> str:
    """``values`` as the points of a polyline in a box of 120 by 32; gaps (None) are left out."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(0, *known), max(known)
    spread = (high - low) or 1
    step = _SPARK_WIDTH / (len(values) - 1)
    return " ".join(
        f"{n * step:.1f},{2 + (_SPARK_HEIGHT - 4) * (1 - (value - low) / spread):.1f}"
        for n, value in enumerate(values)
        if value is not None
    )


@register.filter
def spark_end(values: Sequence[float | None]) -> dict[str, str]:
    """Where the line ends: ``x`` and ``y`` of its last point."""
    x, _, y = spark_points(values).rpartition(" ")[2].partition(",")
    return {"x": x, "y": y}


@register.filter
def within_hundred(percent: float | None) -> str:
    """``percent`` as a whole number from 0 to 100, for the width of a bar."""
    return str(round(min(100, max(0, percent or 0))))


@dataclass(frozen=True)
class Chip:
    """One filter that is on; ``url`` is the list without it."""

    label: str
    value: str
    url: str


@register.simple_tag(takes_context=True)
def active_filters(context: RequestContext, form: forms.BaseForm, search: str = "q") -> list[Chip]:
    """The filters of a GET form that are on, each with the address of the list without it. No query
    but the choices' own. The search box, which shows itself, is left out."""
    if not form.is_valid():
        return []
    query: QueryDict = context.request.GET
    chips = []
    for bound in form:
        value = form.cleaned_data.get(bound.name)
        if bound.name == search or value in (None, "", []) or (isinstance(value, bool) and not value):
            continue
        rest = query.copy()
        for name in [bound.html_name, *(key for key in query if key.startswith(f"{bound.html_name}_"))]:
            rest.pop(name, None)
        for cursor in CURSORS:
            rest.pop(cursor, None)
        chips.append(Chip(str(bound.label), _reading(bound, value), f"?{rest.urlencode()}"))
    return chips


def _reading(bound: forms.BoundField, value: Any) -> str:
    if value is True:
        return ""
    if isinstance(value, slice):
        return " – ".join(str(end) for end in (value.start, value.stop) if end is not None)
    choices = dict(getattr(bound.field, "choices", ()) or ())
    values = value if isinstance(value, list | tuple) else [value]
    return ", ".join(str(choices.get(one, choices.get(str(one), one))) for one in values)


@register.simple_tag(takes_context=True)
def kept_query(context: RequestContext, form: forms.BaseForm) -> SafeString:
    """What the address says and ``form`` does not ask (the order of the list), as hidden fields of a GET form.

    Cursors are dropped: another selection begins at its first page.
    """
    asked = tuple(form.add_prefix(name) for name in form.fields)
    kept = [
        (name, value)
        for name, values in context.request.GET.lists()
        if name not in CURSORS and not name.startswith(asked)
        for value in values
    ]
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', kept)


@register.filter
def get(mapping: Any, key: str) -> Any:
    """``mapping[key]`` for keys that a template cannot spell (with a hyphen), or nothing."""
    return mapping.get(key, "")


@dataclass(frozen=True)
class PeriodChoice:
    """One period to go to; ``short`` on its button, ``title`` in full."""

    code: str
    short: str
    title: str
    is_current: bool


@dataclass(frozen=True)
class PeriodChoices:
    """All that the period picker shows; the codes go into the address."""

    label: str
    year: int
    before: str
    after: str
    year_before: str
    year_after: str
    groups: list[list[PeriodChoice]]


#: The picker's rows, each a line of buttons.
_PICKER_ROWS = (
    (PeriodKind.MONTH,),
    (PeriodKind.QUARTER,),
    (PeriodKind.HALF, PeriodKind.NINE_MONTHS, PeriodKind.YEAR),
)


@register.simple_tag
def period_choices(period: Period) -> PeriodChoices:
    """The period picker's choices around ``period``. No query."""
    whole = Period(PeriodKind.YEAR, period.year)
    rows = []
    for kinds in _PICKER_ROWS:
        periods = [p for kind in kinds for p in _of_kind(whole, kind)]
        rows.append([PeriodChoice(p.code, p.short_label, p.label, p == period) for p in periods])
    return PeriodChoices(
        label=period.label,
        year=period.year,
        before=period.previous().code,
        after=period.next().code,
        year_before=period.same_last_year().code,
        year_after=Period(period.kind, period.year + 1, period.number).code,
        groups=rows,
    )


def _of_kind(year: Period, kind: PeriodKind) -> list[Period]:
    if kind is PeriodKind.NINE_MONTHS:
        return [Period(kind, year.year)]
    return year.divided_into(kind)
