"""Days and the periods that are reported on. What day it is today is asked here and nowhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from hkh.core.text import clean

#: What anybody may type; beyond it stands a slip of the finger.
FIRST_YEAR, LAST_YEAR = 1900, 2100
#: A year of two digits lies at most so many years ahead, else in the century before: 5-9-24, but 5-9-58.
YEARS_AHEAD = 10

ROMAN = ("", "I", "II", "III", "IV")


def today() -> date:
    """The day in Việt Nam, or ``HKH_TODAY`` where that is set (trying out, tests)."""
    if settings.HKH_TODAY:
        return date.fromisoformat(settings.HKH_TODAY)
    return timezone.localdate(timezone=timezone.get_default_timezone())


class PeriodKind(models.TextChoices):
    MONTH = "month", gettext_lazy("Month")
    QUARTER = "quarter", gettext_lazy("Quarter")
    HALF = "half", gettext_lazy("Half-year")
    NINE_MONTHS = "nine_months", gettext_lazy("Nine months")
    YEAR = "year", gettext_lazy("Year")
    SCHOOL_YEAR = "school_year", gettext_lazy("School year")


class _Shape(NamedTuple):
    """How a kind lies in its year: ``first_month`` of number 1, ``months`` long, ``per_year`` of them."""

    first_month: int
    months: int
    per_year: int


_SHAPES = {
    PeriodKind.MONTH: _Shape(1, 1, 12),
    PeriodKind.QUARTER: _Shape(1, 3, 4),
    PeriodKind.HALF: _Shape(1, 6, 2),
    PeriodKind.NINE_MONTHS: _Shape(1, 9, 1),
    PeriodKind.YEAR: _Shape(1, 12, 1),
    PeriodKind.SCHOOL_YEAR: _Shape(9, 12, 1),
}
_SUFFIXES = {
    PeriodKind.MONTH: "-{:02}",
    PeriodKind.QUARTER: "-Q{}",
    PeriodKind.HALF: "-H{}",
    PeriodKind.NINE_MONTHS: "-9M",
    PeriodKind.YEAR: "",
    PeriodKind.SCHOOL_YEAR: "-SY",
}
_BY_SUFFIX = {
    suffix.format(number): (kind, number)
    for kind, suffix in _SUFFIXES.items()
    for number in range(1, _SHAPES[kind].per_year + 1)
}


@dataclass(frozen=True)
class Period:
    """Whole months, half-open: ``[starts_on, ends_before)``.

    ``number`` counts within the year (month 1–12, quarter 1–4, half 1–2, else 1); ``year`` is the one in
    which a school year begins (on 1 September).
    """

    kind: PeriodKind
    year: int
    number: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", PeriodKind(self.kind))
        if not 1 <= self.number <= _SHAPES[self.kind].per_year:
            raise ValueError(f"A year has no {self.kind} number {self.number}")

    @classmethod
    def parse(cls, code: str) -> Period:
        """The period with this ``code``, such as 2024-06, 2024-Q2, 2024-H1, 2024-9M, 2024, 2024-SY.

        Raises: ValidationError for anything else, years outside 1900–2100 among it.
        """
        found = re.fullmatch(r"([0-9]{4})(-[0-9A-Z]+)?", code.strip().upper())
        known = _BY_SUFFIX.get(found[2] or "") if found else None
        if found is None or known is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
            raise ValidationError(
                _(
                    "“%(code)s” is not a period. Write a month as 2024-06, a quarter as 2024-Q2, half a year "
                    "as 2024-H1, nine months as 2024-9M, a year as 2024, a school year as 2024-SY."
                ),
                code="period",
                params={"code": code[:60]},
            )
        kind, number = known
        return cls(kind, int(found[1]), number)

    @classmethod
    def containing(cls, day: date, kind: PeriodKind | str) -> Period:
        """The period of ``kind`` in which ``day`` lies.

        The first nine months are those of the day's year, even where the day lies in its last quarter.
        """
        shape = _SHAPES[PeriodKind(kind)]
        year = day.year if day.month >= shape.first_month else day.year - 1
        months_in = (day.year - year) * 12 + day.month - shape.first_month
        return cls(PeriodKind(kind), year, min(months_in // shape.months + 1, shape.per_year))

    @property
    def code(self) -> str:
        """Short and for good, as in addresses and file names; ``parse`` reads it back."""
        return f"{self.year:04}{_SUFFIXES[self.kind].format(self.number)}"

    @property
    def starts_on(self) -> date:
        return _first_of_month(self.year, self._first_month)

    @property
    def ends_before(self) -> date:
        """The day after the last."""
        return _first_of_month(self.year, self._first_month + _SHAPES[self.kind].months)

    @property
    def last_day(self) -> date:
        return self.ends_before - timedelta(days=1)

    def __contains__(self, day: date) -> bool:
        return self.starts_on <= day < self.ends_before

    def months(self) -> list[date]:
        """The first day of each month, in order."""
        first = self._first_month
        return [_first_of_month(self.year, first + n) for n in range(_SHAPES[self.kind].months)]

    def previous(self) -> Period:
        """The period of the same kind before this one (before nine months: those of last year)."""
        return self._moved(-1)

    def next(self) -> Period:
        """The period of the same kind after this one (after nine months: those of next year)."""
        return self._moved(1)

    def same_last_year(self) -> Period:
        """What the same period last year is compared with (*cùng kỳ năm trước*)."""
        return Period(self.kind, self.year - 1, self.number)

    def divided_into(self, kind: PeriodKind | str) -> list[Period]:
        """The periods of a smaller ``kind`` that make this one up, in order.

        Raises: ValueError where they do not fit, as halves in nine months.
        """
        parts = [Period.containing(self.starts_on, kind)]
        while parts[-1].ends_before < self.ends_before:
            parts.append(parts[-1].next())
        if (parts[0].starts_on, parts[-1].ends_before) != (self.starts_on, self.ends_before):
            raise ValueError(f"{self.code} cannot be divided into periods of a {PeriodKind(kind)}")
        return parts

    @property
    def label(self) -> str:
        """As a heading, in the language in use: "Quý III năm 2026", "6 tháng đầu năm 2024"."""
        match self.kind, self.number:
            case PeriodKind.MONTH, _n:
                return date_format(self.starts_on, _month_format())
            case PeriodKind.QUARTER, number:
                return _("Quarter %(quarter)s of %(year)s") % {"quarter": ROMAN[number], "year": self.year}
            case PeriodKind.HALF, 1:
                return _("First half of %(year)s") % {"year": self.year}
            case PeriodKind.HALF, _n:
                return _("Second half of %(year)s") % {"year": self.year}
            case PeriodKind.NINE_MONTHS, _n:
                return _("First nine months of %(year)s") % {"year": self.year}
            case PeriodKind.YEAR, _n:
                return _("Year %(year)s") % {"year": self.year}
        return _("School year %(from)s-%(to)s") % {"from": self.year, "to": self.year + 1}

    @property
    def phrase(self) -> str:
        """``label`` as it stands inside a sentence: "quý III năm 2026"; months with names keep their capital."""
        label = self.label
        if self.kind is PeriodKind.MONTH and "F" in _month_format():
            return label
        return label[0].lower() + label[1:]

    @property
    def short_label(self) -> str:
        """Without the year, for a button or an axis: "T6", "Quý II", "6 tháng đầu", "Cả năm"."""
        match self.kind, self.number:
            case PeriodKind.MONTH, _n:
                return date_format(self.starts_on, pgettext("date format of a month without its year", "M"))
            case PeriodKind.QUARTER, number:
                return _("Quarter %(quarter)s") % {"quarter": ROMAN[number]}
            case PeriodKind.HALF, 1:
                return _("First half")
            case PeriodKind.HALF, _n:
                return _("Second half")
            case PeriodKind.NINE_MONTHS, _n:
                return _("Nine months")
            case PeriodKind.YEAR, _n:
                return _("Whole year")
        return _("School year")

    def __str__(self) -> str:
        return self.label

    @property
    def _first_month(self) -> int:
        shape = _SHAPES[self.kind]
        return shape.first_month + (self.number - 1) * shape.months

    def _moved(self, steps: int) -> Period:
        count = _SHAPES[self.kind].per_year
        years, index = divmod(self.number - 1 + steps, count)
        return Period(self.kind, self.year + years, index + 1)


def _first_of_month(year: int, month: int) -> date:
    """``month`` may run on past 12."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def _month_format() -> str:
    return pgettext("date format of a month with its year", "F Y")


_DAY_FIRST = re.compile(r"([0-9]{1,2})[-/. ]+([0-9]{1,2})[-/. ]+([0-9]{4}|[0-9]{2})")
_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")
_DIGITS = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{4})")
_WORDS = re.compile(r"\b(?:ngày|tháng|năm)\b", re.IGNORECASE)
_MIDNIGHT = re.compile(r"[ T]00:00(:00)?$")


def parse_date(text: str) -> date:
    """The day somebody typed: day before month, as 5/9/2024, 05092024, 5-9-24, or 2024-09-05.

    Also "ngày 5 tháng 9 năm 2024", and the midnight that spreadsheets add. Raises: ValidationError, saying
    what is wrong with it, for anything else; nothing is guessed but the century of a year of two digits.
    """
    line = _MIDNIGHT.sub("", clean(text))
    line = _WORDS.sub(" ", line).strip()
    if found := _YEAR_FIRST.fullmatch(line):
        year, month, day = (int(part) for part in found.groups())
    elif found := _DAY_FIRST.fullmatch(line) or _DIGITS.fullmatch(line):
        day, month, year = (int(part) for part in found.groups())
        year = _with_century(year) if len(found[3]) == 2 else year
    else:
        raise ValidationError(
            _("“%(text)s” is not a date. Write day/month/year, for example 5/9/2024."),
            code="date",
            params={"text": clean(text)[:60]},
        )
    return _existing(day, month, year)


def _with_century(year: int) -> int:
    last = today().year + YEARS_AHEAD
    return last - (last - year) % 100


def _existing(day: int, month: int, year: int) -> date:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValidationError(
            _("The year %(year)s is too far away. Write a year from %(first)s to %(last)s."),
            code="date_year",
            params={"year": year, "first": FIRST_YEAR, "last": LAST_YEAR},
        )
    if not 1 <= month <= 12:
        raise ValidationError(
            _("There is no month %(month)s. Write the day first: day/month/year, for example 25/9/2024."),
            code="date_month",
            params={"month": month},
        )
    days = (_first_of_month(year, month + 1) - timedelta(days=1)).day
    if not 1 <= day <= days:
        raise ValidationError(
            _("There is no day %(day)s in month %(month)s/%(year)s, which has %(days)s days."),
            code="date_day",
            params={"day": day, "month": month, "year": year, "days": days},
        )
    return date(year, month, day)


def format_date(day: date) -> str:
    """05/09/2024, in every language: lists, forms and documents agree."""
    return f"{day:%d/%m/%Y}"


def official_date(day: date) -> str:
    """ "ngày 05 tháng 02 năm 2026", as official letters have it, always in Vietnamese.

    A zero stands before days up to 9 and the months 1 and 2. Source: Nghị định 30/2020/NĐ-CP.
    """
    month = f"{day.month:02}" if day.month <= 2 else str(day.month)
    return f"ngày {day.day:02} tháng {month} năm {day.year}"
