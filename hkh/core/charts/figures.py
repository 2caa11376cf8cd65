"""Figures as a chart writes them: short, in the reader's language, with the unit said once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, Literal

from babel.dates import format_date, format_skeleton
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

Unit = Literal["vnd", "count", "percent"]

_MINUS: Final = "\u2212"
_SWAPPED: Final = str.maketrans(",.", ".,")


@dataclass(frozen=True, slots=True)
class Scale:
    """The measure in which an axis counts: ``divisor`` đồng (or pieces) make one ``name``."""

    divisor: int
    name: str


def scale_for(largest: float, unit: Unit) -> Scale:
    """The measure in which ``largest`` reads as a number of one to four figures."""
    if unit == "percent":
        return Scale(1, "%")
    if unit == "count":
        return Scale(1_000_000, _("million")) if largest >= 10_000_000 else Scale(1, "")
    for divisor, name in (
        (1_000_000_000, _("billion đồng")),
        (1_000_000, _("million đồng")),
        (1_000, _("thousand đồng")),
    ):
        if largest >= divisor:
            return Scale(divisor, name)
    return Scale(1, _("đồng"))


def number(value: float, decimals: int = 0) -> str:
    """``value`` with exactly ``decimals`` and the language's marks: 1.234,5 or 1,234.5. Zero has no sign."""
    rounded = _rounded(value, decimals)
    text = f"{abs(rounded):,.{decimals}f}"
    if not _english():
        text = text.translate(_SWAPPED)
    return f"{_MINUS}{text}" if rounded < 0 else text


def _rounded(value: float, decimals: int) -> Decimal:
    """Halves away from zero, as people and spreadsheets round."""
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def scaled(value: float, scale: Scale) -> str:
    """``value`` counted in ``scale``, with the three figures that tell and no idle zero: "3,28", "24,6", "834"."""
    counted = value / scale.divisor
    decimals = 0 if scale.divisor == 1 else 2 if abs(counted) < 10 else 1 if abs(counted) < 100 else 0
    while decimals and _rounded(counted, decimals) == _rounded(counted, decimals - 1):
        decimals -= 1
    return number(counted, decimals)


def short(value: float, unit: Unit) -> str:
    """``value`` as one says it: "3,28 tỷ đồng", "16.500", "34,3 %"."""
    if unit == "percent":
        return f"{number(value, 1)}\u00a0%"
    scale = scale_for(abs(value), unit)
    return f"{scaled(value, scale)}\u00a0{scale.name}" if scale.name else scaled(value, scale)


def exact(value: float, unit: Unit) -> str:
    """``value`` to the last đồng, for those who hover or listen."""
    if unit == "percent":
        return f"{number(value, 2)}\u00a0%"
    return f"{number(value)}\u00a0{_('đồng')}" if unit == "vnd" else number(value)


def month_label(month: date) -> str:
    """A month as short as an axis needs it: "T9" in Vietnamese, "Sep" elsewhere."""
    language = (get_language() or "vi").split("-")[0]
    return f"T{month.month}" if language == "vi" else str(format_date(month, "LLL", locale=language))


def month_name(month: date) -> str:
    """A month in full, for those who hover or listen: "Tháng 9 năm 2026"."""
    language = (get_language() or "vi").split("-")[0]
    name = str(format_skeleton("yMMMM", month, locale=language))
    return name[:1].upper() + name[1:]


def _english() -> bool:
    return (get_language() or "vi").startswith("en")


def format_locale() -> dict[str, Any]:
    """The language's marks, as d3-format wants them."""
    decimal, thousands = (".", ",") if _english() else (",", ".")
    return {"decimal": decimal, "thousands": thousands, "grouping": [3], "currency": ["", ""], "minus": _MINUS}


def unit_line(scale: Scale) -> str:
    """The line under a title that says the unit once; empty where nothing is to say."""
    if not scale.name:
        return ""
    return pgettext("chart subtitle", "Unit: %(unit)s") % {"unit": scale.name}
