"""Columns of lists: figures to the right, dates and sums as they are written here.

On a phone a row becomes a card: ``main`` is its heading, ``fact`` columns stand below with their
labels, every other column is left out.
"""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.utils.functional import Promise
from django.utils.html import format_html

from hkh.core import dates, money

MAIN = {"td": {"class": "cell-main"}}


def _attrs(*, figure: bool, fact: bool) -> dict[str, dict[str, str]]:
    td = " ".join(name for name, wanted in (("num", figure), ("cell-fact", fact)) if wanted)
    return {"td": {"class": td}, "th": {"class": "num" if figure else ""}, "tf": {"class": td}}


class MainColumn(tables.Column):
    """The row's main text and its link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, attrs=MAIN, **kwargs)


class TextColumn(tables.Column):
    def __init__(self, *args: Any, fact: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, attrs=_attrs(figure=False, fact=fact), **kwargs)


class DayColumn(tables.Column):
    """A date as 05/09/2024."""

    def __init__(self, *args: Any, fact: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, attrs=_attrs(figure=False, fact=fact), **kwargs)

    def render(self, value: Any) -> str:
        return dates.format_date(value)


class NumberColumn(tables.Column):
    """A whole number in groups of three."""

    def __init__(self, *args: Any, fact: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, attrs=_attrs(figure=True, fact=fact), **kwargs)

    def render(self, value: Any) -> str:
        return money.format_number(value)


class DongColumn(NumberColumn):
    """A sum in whole đồng; the column's heading says the unit, the cells do not repeat it."""


def mark(label: str | Promise, tone: str = "plain") -> Any:
    """A state in one or two words, as ``components/_badge.html`` draws it."""
    return format_html('<span class="mark mark-{}">{}</span>', tone, label)
