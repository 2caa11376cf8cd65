"""A cell as somebody typed it, turned into what is stored; and a word about it where it is not plain.

What two readers could read differently is refused with a sentence. What is read in a way that one should see before
it counts (a telephone number that had lost its zero, a name in capitals, a text from before Unicode) carries a remark.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Literal

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hkh.core.dates import FIRST_YEAR, LAST_YEAR, format_date, parse_date
from hkh.core.money import LARGEST_VND, parse_vnd
from hkh.core.sheets.legacy import to_unicode
from hkh.core.text import clean, search_key

Kind = Literal[
    "text", "lines", "name", "day", "day_or_year", "int", "vnd", "decimal", "phone", "choice", "flag", "code"
]


@dataclass(frozen=True, slots=True)
class Remark:
    """``code`` is its cause, equal for all cells of that cause; with ``refuses`` the cell has no value."""

    code: str
    text: str | Promise
    refuses: bool = False

    def __str__(self) -> str:
        return str(self.text)


LEGACY: Final = Remark(
    "legacy", gettext_lazy("The text was typed in an old font (TCVN3 or VNI) and has been converted.")
)
CAPITALS: Final = Remark("capitals", gettext_lazy("The name was in capitals or small letters only."))
ZERO: Final = Remark("phone_zero", gettext_lazy("The telephone number had lost its first 0."))
COUNTRY: Final = Remark("phone_country", gettext_lazy("The telephone number began with 84, the country's own code."))
SERIAL: Final = Remark("serial", gettext_lazy("The date stood there as a number of days."))
DIGITS: Final = Remark("date_digits", gettext_lazy("The date was written in digits alone and had lost its first 0."))
YEAR_KEPT: Final = Remark("year_kept", gettext_lazy("Only the year is kept, for the day is not said."))
#: What stands in a cell that says nothing; as a text, a name or a code it may mean itself.
_BLANKS: Final = frozenset({"-", "--", "–", "—", "…", "...", ".", "n/a", "#n/a", "null", "none"})
_MAY_BE_ANYTHING: Final = ("text", "lines", "name", "code")

Cleaned = tuple[Any, Remark | None]


def clean_cell(kind: Kind, raw: Any, *, legacy: str = "", starts_1904: bool = False) -> Cleaned:
    """What ``raw`` says, read as ``kind``, and a remark or None. No query.

    Empty cells are "" for texts, choices, codes and telephones, False for flags, None for the rest. ``day_or_year``
    gives a ``date`` or, where only the year is known, an ``int``. ``legacy`` names the old character set that the
    column is written in, as ``legacy.recognise`` found it; ``starts_1904`` says from when the file counts its days.
    """
    remark = None
    if isinstance(raw, str):
        text, was_legacy = to_unicode(raw, legacy)
        if kind != "lines":
            text = clean(text)
        remark = LEGACY if was_legacy else None
        raw = text
    says_nothing = isinstance(raw, str) and kind not in _MAY_BE_ANYTHING and raw.lower() in _BLANKS
    if raw is None or raw == "" or says_nothing:
        return EMPTY.get(kind), None
    try:
        value, own = _READERS[kind](raw, starts_1904)
    except ValidationError as refusal:
        return None, Remark(refusal.code or kind, " ".join(refusal.messages), refuses=True)
    return value, remark or own


#: What an empty cell of a kind holds; None where nothing is listed.
EMPTY: Final[dict[str, Any]] = {
    **dict.fromkeys(("text", "lines", "name", "phone", "choice", "code"), ""),
    "flag": False,
}


def as_text(raw: Any) -> str:
    """``raw`` as a person would type it: 12.0 is "12", a day is 05/09/2024."""
    if isinstance(raw, bool):
        return "x" if raw else ""
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 10**15:
        return str(int(raw))
    if isinstance(raw, datetime) and raw.time() == time():
        return format_date(raw.date())
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return format_date(raw)
    return str(raw)


def _text(raw: Any, starts_1904: bool) -> Cleaned:
    return (raw if isinstance(raw, str) else as_text(raw)), None


_END_OF_LINE = re.compile(r"\r\n?|\x0b|\x0c|\u2028|\u2029")


def _lines(raw: Any, starts_1904: bool) -> Cleaned:
    if not isinstance(raw, str):
        return as_text(raw), None
    lines = [clean(line) for line in _END_OF_LINE.sub("\n", raw).split("\n")]
    return "\n".join(lines).strip("\n"), None


_LETTERS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def _name(raw: Any, starts_1904: bool) -> Cleaned:
    name = as_text(raw)
    if (name.isupper() or name.islower()) and sum(map(str.isalpha, name)) > 1:
        return _LETTERS.sub(lambda word: word[0][:1].upper() + word[0][1:].lower(), name), CAPITALS
    return name, None


def _code(raw: Any, starts_1904: bool) -> Cleaned:
    """What stands before a bar is the code; behind it the drop-downs of the template name what it stands for."""
    return as_text(raw).partition("|")[0].strip(), None


_EARLIEST_1900, _EARLIEST_1904 = date(1899, 12, 30), date(1904, 1, 1)
_YEAR_ALONE = re.compile(r"(?:[0 ]{0,2}[-/. ]+[0 ]{0,2}[-/. ]+|năm )?([12][0-9]{3})", re.IGNORECASE)
_MONTH_AND_YEAR = re.compile(r"(?:tháng )?(1[0-2]|0?[1-9])[-/. ]+(?:năm )?([12][0-9]{3})", re.IGNORECASE)
_DIGITS_ALONE = re.compile(r"[0-9]{7,8}")


def _day(raw: Any, starts_1904: bool) -> Cleaned:
    value, remark = _day_or_year(raw, starts_1904)
    if isinstance(value, int):
        raise ValidationError(
            _("“%(text)s” names a year only. Write day/month/year, for example 5/9/2024."),
            code="date_year_only",
            params={"text": as_text(raw)[:60]},
        )
    return value, remark


def _day_or_year(raw: Any, starts_1904: bool) -> Cleaned:
    if isinstance(raw, datetime):
        return _within_reach(raw.date()), None
    if isinstance(raw, date):
        return _within_reach(raw), None
    if isinstance(raw, bool | time | timedelta):
        return _refuse_day(raw)
    if isinstance(raw, int | float):
        return _day_of_number(raw, starts_1904)
    if found := _YEAR_ALONE.fullmatch(raw):
        return _year(int(found[1])), None
    if found := _MONTH_AND_YEAR.fullmatch(raw):
        return _year(int(found[2])), YEAR_KEPT
    if _DIGITS_ALONE.fullmatch(raw):
        return parse_date(raw.zfill(8)), DIGITS if len(raw) == 7 else None
    if raw.replace(".", "", 1).isdigit() and raw[:1] in "123456789" and len(raw.partition(".")[0]) == 5:
        return _day_of_number(float(raw), starts_1904)
    return parse_date(raw), None


def _day_of_number(number: float, starts_1904: bool) -> Cleaned:
    """A year, the digits of a date without their first 0, or the days that a spreadsheet counts."""
    if number != number or number in (float("inf"), float("-inf")) or number < 1:
        return _refuse_day(number)
    if number == int(number) and FIRST_YEAR <= number <= LAST_YEAR:
        return int(number), None
    if number == int(number) and 10**6 <= number < 10**8:
        return parse_date(f"{int(number):08}"), DIGITS
    if number >= 80_000:  # past the year 2100, whichever way it is counted
        return _refuse_day(number)
    first = _EARLIEST_1904 if starts_1904 else _EARLIEST_1900
    return _within_reach(first + timedelta(days=int(number))), SERIAL


def _within_reach(day: date) -> date:
    _year(day.year)
    return day


def _year(year: int) -> int:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValidationError(
            _("The year %(year)s is too far away. Write a year from %(first)s to %(last)s."),
            code="date_year",
            params={"year": year, "first": FIRST_YEAR, "last": LAST_YEAR},
        )
    return year


def _refuse_day(raw: Any) -> Cleaned:
    raise ValidationError(
        _("“%(text)s” is not a date. Write day/month/year, for example 5/9/2024."),
        code="date",
        params={"text": as_text(raw)[:60]},
    )


_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:([., ])[0-9]{3})(?:\1[0-9]{3})*|[+-]?[0-9]+")


def _int(raw: Any, starts_1904: bool) -> Cleaned:
    if isinstance(raw, int | float) and not isinstance(raw, bool) and raw == raw and abs(raw) < 10**15:
        if raw == int(raw):
            return int(raw), None
    elif isinstance(raw, str) and _GROUPED.fullmatch(raw):
        return int(re.sub("[., ]", "", raw)), None
    raise ValidationError(
        _("“%(text)s” is not a whole number. Write digits alone, for example 12."),
        code="int",
        params={"text": as_text(raw)[:60]},
    )


def _vnd(raw: Any, starts_1904: bool) -> Cleaned:
    if isinstance(raw, float) and raw.is_integer() and 0 <= raw <= LARGEST_VND:
        return int(raw), None
    return parse_vnd(as_text(raw)), None


def _decimal(raw: Any, starts_1904: bool) -> Cleaned:
    """A number with a fraction, its mark a dot or a comma; one mark before three digits reads two ways."""
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return Decimal(repr(raw)).normalize(), None
    text = as_text(raw).replace(" ", "")
    marks = [sign for sign in text if sign in ".,"]
    if re.fullmatch("[1-9][0-9]{0,2}[.,][0-9]{3}", text):
        text = ""
    if len(set(marks)) == 2:
        last = marks[-1]
        text = text.replace("," if last == "." else ".", "").replace(last, ".")
    elif len(marks) > 1:
        text = re.sub("[.,]", "", text)
    else:
        text = text.replace(",", ".")
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise ValidationError(
            _("“%(text)s” is not a number that reads one way. Write for example 1500,5."),
            code="decimal",
            params={"text": as_text(raw)[:60]},
        )
    return number, None


_PHONE = re.compile(r"\+?[0-9][0-9 .()-]{6,18}")
_OF_THIS_COUNTRY = re.compile(r"(?:\+|00)? ?\(?84\)?[ .-]*(?:\(0\)|0)?[ .-]*(?=[1-9])")
_WITHOUT_ZERO = re.compile(r"[1-9][0-9]{8,9}")


def _phone(raw: Any, starts_1904: bool) -> Cleaned:
    """Digits, with whatever stands between them; this country's own code gives way to the 0 it stands for."""
    text = as_text(raw).strip("'’").strip()
    digits = re.sub(r"[ .()-]", "", text)
    remark = None
    if text.startswith(("+84", "+(84", "(+84", "0084")) or (digits.startswith("84") and len(digits) == 11):
        text, remark = "0" + _OF_THIS_COUNTRY.sub("", text.replace("(+84)", "+84"), count=1), COUNTRY
    elif (_WITHOUT_ZERO.fullmatch(digits) and len(digits) == 9) or (
        isinstance(raw, float | int) and len(digits) == 10 and digits.startswith("2")
    ):
        text, remark = "0" + text, ZERO
    if not _PHONE.fullmatch(text):
        raise ValidationError(
            _("“%(text)s” is not a telephone number. Write digits, for example 0912 345 678."),
            code="phone",
            params={"text": as_text(raw)[:60]},
        )
    return text, remark


_YES: Final = frozenset(["x", "v", "1", "true", "yes", "y", "co", "c", "dung", "ya", "✓", "✔", "√", "☑"])
_NO: Final = frozenset(["0", "false", "no", "n", "khong", "ko", "k", "sai", "tidak", "☐"])


def _flag(raw: Any, starts_1904: bool) -> Cleaned:
    if isinstance(raw, bool):
        return raw, None
    key = search_key(as_text(raw))
    if key in _YES:
        return True, None
    if key in _NO:
        return False, None
    raise ValidationError(
        _("“%(text)s” is neither yes nor no. Write x for yes, nothing for no."),
        code="flag",
        params={"text": as_text(raw)[:60]},
    )


_READERS: Final[dict[str, Callable[[Any, bool], Cleaned]]] = {
    "text": _text,
    "lines": _lines,
    "name": _name,
    "day": _day,
    "day_or_year": _day_or_year,
    "int": _int,
    "vnd": _vnd,
    "decimal": _decimal,
    "phone": _phone,
    "choice": _text,
    "flag": _flag,
    "code": _code,
}
