"""The units below as a table: sortable by any column, shaded by rank in it, totals that equal the tiles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hkh.core.dates import format_date
from hkh.core.money import format_number, format_vnd, percent
from hkh.indicators.figures import Child, Picture

_SHADES = 4
Figure = int | Decimal | None


@dataclass(frozen=True)
class Column:
    """One figure of each child: how it is read, written and summed. ``fact`` ones stay on a phone's card."""

    key: str
    label: str | Promise
    figure: Callable[[Child], Figure]
    write: Callable[..., str]
    total: Callable[[Picture], Figure]
    fact: bool = False


COLUMNS = (
    Column("members", _("Members"), lambda c: c.members, format_number, lambda p: p.now.members, fact=True),
    Column("share", _("% of population"), lambda c: c.members_share, percent, lambda p: p.now.members_share),
    Column(
        "mobilised",
        _("Mobilised (đồng)"),
        lambda c: c.mobilised_vnd,
        format_vnd,
        lambda p: p.now.mobilised_vnd,
        fact=True,
    ),
    Column(
        "per_head",
        _("Đồng per inhabitant"),
        lambda c: c.mobilised_per_head_vnd,
        format_vnd,
        lambda p: p.now.mobilised_per_head_vnd,
    ),
    Column("balance", _("Held (đồng)"), lambda c: c.balance_vnd, format_vnd, lambda p: p.now.balance_vnd),
    Column("given", _("Awards given"), lambda c: c.given.count, format_number, lambda p: p.now.given.count, fact=True),
    Column(
        "given_value",
        _("Given (đồng)"),
        lambda c: c.given.value_vnd,
        format_vnd,
        lambda p: p.now.given.value_vnd,
    ),
)


@dataclass(frozen=True)
class Heading:
    """``sort`` is what a click on it asks for; ``aria_sort`` empty where the table is not sorted by it."""

    label: str | Promise
    sort: str
    aria_sort: str
    is_figure: bool


@dataclass(frozen=True)
class Cell:
    """``shade`` 0 to 4: how high the figure ranks in its column (0: not ranked)."""

    label: str | Promise
    text: str
    shade: int
    fact: bool


@dataclass(frozen=True)
class Row:
    name: str
    url: str
    note: str
    has_fund: bool
    cells: Sequence[Cell]


@dataclass(frozen=True)
class ChildrenTable:
    headings: Sequence[Heading]
    rows: Sequence[Row]
    foot: Sequence[Cell]


def children_table(seen: Picture, *, sort: str, query: dict[str, str]) -> ChildrenTable:
    """``seen.children`` as a table sorted by ``sort`` (a column's key, "-" before it: largest first; else as they
    come). ``query`` is what links keep. No query."""
    shades = {column.key: _shades([column.figure(child) for child in seen.children]) for column in COLUMNS}
    return ChildrenTable(
        headings=_headings(sort),
        rows=[_row(child, shades, query) for child in _sorted(seen.children, sort)],
        foot=[Cell(column.label, _text(column, column.total(seen)), 0, column.fact) for column in COLUMNS],
    )


def _headings(sort: str) -> list[Heading]:
    headings = [_heading("name", _("Unit"), sort, first="name", is_figure=False)]
    headings += [_heading(column.key, column.label, sort, first=f"-{column.key}") for column in COLUMNS]
    return headings


def _heading(key: str, label: str | Promise, sort: str, *, first: str, is_figure: bool = True) -> Heading:
    other = key if first != key else f"-{key}"
    is_sorted = sort.removeprefix("-") == key
    return Heading(
        label,
        sort=other if sort == first else first,
        aria_sort="" if not is_sorted else "descending" if sort.startswith("-") else "ascending",
        is_figure=is_figure,
    )


def _sorted(children: Sequence[Child], sort: str) -> Sequence[Child]:
    column = next((column for column in COLUMNS if column.key == sort.removeprefix("-")), None)
    if sort == "-name":
        return children[::-1]
    if column is None:
        return children
    known = [child for child in children if column.figure(child) is not None]
    unknown = [child for child in children if column.figure(child) is None]
    return [*sorted(known, key=lambda c: column.figure(c) or 0, reverse=sort.startswith("-")), *unknown]


def _row(child: Child, shades: dict[str, dict[Figure, int]], query: dict[str, str]) -> Row:
    cells = [
        Cell(column.label, _text(column, value := column.figure(child)), shades[column.key].get(value, 0), column.fact)
        for column in COLUMNS
    ]
    if child.pk is None:
        return Row(str(_("The unit's own")), "", str(_("recorded by the unit itself")), True, cells)
    url = f"{reverse('dashboard:overview')}?{urlencode({**query, 'unit': child.code})}"
    note = _("until %(day)s") % {"day": format_date(child.closed_on)} if child.closed_on else ""
    return Row(child.name, url, str(note), child.has_fund, cells)


def _shades(values: Sequence[Figure]) -> dict[Figure, int]:
    """Each value's quarter of the ranking, 4 for the highest; none where fewer than four differ."""
    ranked = sorted({value for value in values if value})
    if len(ranked) < _SHADES:
        return {}
    return {value: 1 + place * _SHADES // len(ranked) for place, value in enumerate(ranked)}


def _text(column: Column, value: Figure) -> str:
    return "–" if value is None else column.write(value)
