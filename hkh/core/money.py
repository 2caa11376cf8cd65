"""Sums in whole đồng: read as people type them, written as Vietnamese documents have them.

Separators follow the language in use (1.500.000,5 in Vietnamese and Indonesian, 1,500,000.5 in English).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.formats import get_format
from django.utils.translation import gettext as _

from hkh.core.text import clean, search_key

THOUSAND, MILLION, BILLION = 10**3, 10**6, 10**9

#: "gần" (nearly) is said where no more than this share of the last step shown is missing, else "trên" (over).
NEARLY = Decimal("0.05")

Number = int | float | Decimal

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")

#: A thousand times what a province raises in a lifetime: more is a slip of the finger.
LARGEST_VND = 10**15

#: By search key, so that tỷ, tỉ and ty are one.
_UNITS = {
    **dict.fromkeys(("ty", "ti", "billion", "miliar", "milyar"), BILLION),
    **dict.fromkeys(("trieu", "tr", "million", "juta"), MILLION),
    **dict.fromkeys(("nghin", "ngan", "ng", "k", "thousand", "ribu"), THOUSAND),
}
_UNIT_NAMES = {BILLION: "tỷ", MILLION: "triệu", THOUSAND: "nghìn"}

_CURRENCY = re.compile(r" ?(dong|vnd|d)$")
_TENTH_BEHIND = re.compile(r"([1-9][0-9]*)(ty|ti|trieu|tr)([1-9])")
_PART = re.compile(r" ?([0-9](?:[0-9., ]*[0-9])?) ?([a-z]*)")
_WHOLE = re.compile(r"0|[1-9][0-9]*")
_GROUPS = re.compile(r"[1-9][0-9]{0,2}(?:( [0-9]{3})+|(\.[0-9]{3})+|(,[0-9]{3})+)")
_FRACTION = re.compile(r"([0-9., ]*[0-9])([.,])([0-9]+)")


class _Part(NamedTuple):
    digits: str
    unit: int | None


def parse_vnd(text: str) -> int:
    """The sum in đồng: 1.500.000, 1 500 000, "1.500.000 đ", "1,5 triệu", "2 tỷ 300 triệu", "1tr5".

    Nothing is guessed. A dot before three digits marks thousands where no unit follows (1.500); a comma
    there, or either mark before three digits and a unit (1,500 triệu), reads two ways and is refused. 0 is a
    sum. Raises: ValidationError, saying what to write, also below 0 and above ``LARGEST_VND``.
    """
    line = clean(text)
    key = search_key(line.replace("₫", "đ"))
    if key[:1] in ("-", "−", "–"):
        raise ValidationError(_("An amount cannot be less than 0. Leave out the sign."), code="amount_negative")
    total = sum(_amounts(key, line), Decimal(0))
    if total > LARGEST_VND:
        raise _refusal(
            _("“%(text)s” is more than %(largest)s đồng. Check the zeros and the unit."),
            "amount_too_large",
            line,
            largest=format_number(LARGEST_VND),
        )
    if total != int(total):
        raise _refusal(_("“%(text)s” is not a whole number of đồng. Round it."), "amount_fraction", line)
    return int(total)


def format_number(number: Number, decimals: int = 0) -> str:
    """1234567 -> "1.234.567"; rounded half up to ``decimals`` places."""
    written = f"{_rounded(number, decimals):,f}"
    if get_format("DECIMAL_SEPARATOR") != ",":
        return written
    return written.translate({ord(","): ".", ord("."): ","})


def format_quantity(quantity: Decimal) -> str:
    """Decimal("120.500000") -> "120,5": at most three decimals, none that say nothing."""
    shown = _rounded(quantity, 3).normalize()
    return format_number(shown, max(0, -int(shown.as_tuple().exponent)))


def format_vnd(amount_vnd: int) -> str:
    """1500000 -> "1.500.000", for columns whose heading says đồng."""
    return format_number(amount_vnd)


def dong(amount_vnd: int) -> str:
    """1500000 -> "1.500.000 đồng"."""
    return _("%(amount)s đồng") % {"amount": format_number(amount_vnd)}


def short(amount_vnd: int) -> str:
    """24612345000 -> "24,6 tỷ đồng": rounded to a tenth of a million or of a billion; exact below a million."""
    unit = _unit(amount_vnd)
    if _rounded(Decimal(abs(amount_vnd)) / unit, 1) >= 1000 and unit == MILLION:  # 999,96 triệu
        unit = BILLION
    return _in_unit(Decimal(amount_vnd) / unit, unit)


def approx(amount_vnd: int) -> str:
    """24612345000 -> "trên 24,6 tỷ đồng", as a report puts it; a sum of whole steps is given as it is.

    Steps are a tenth of a billion or of a million; below a million the sum is exact. "trên" stands before the
    step below, "gần" before the one above where at most a twentieth of a step is missing (24,696 tỷ -> "gần
    24,7 tỷ đồng"); either is true.
    """
    unit = _unit(amount_vnd)
    if unit == 1 or amount_vnd < 0:
        return dong(amount_vnd)
    step = unit // 10
    steps, words = _steps(amount_vnd, step)
    if words == "nearly" and unit == MILLION and steps * step == BILLION:
        unit, steps = BILLION, 10
    return _worded(_in_unit(Decimal(steps) / 10, unit), words)


def approx_number(number: int) -> str:
    """530486 -> "trên 530.000": in thousands from 100.000 on, in hundreds from 10.000 on, else exact."""
    if number < 10_000:
        return format_number(number)
    step = THOUSAND if number >= 100_000 else 100
    steps, words = _steps(number, step)
    return _worded(format_number(steps * step), words)


def percent(share: Number, decimals: int = 1, *, in_column: bool = False) -> str:
    """8.23 -> "8,2 %"; a share that is exactly whole has no decimals: "100 %", but 99.96 -> "100,0 %".

    ``in_column``: beside others of its kind, all have their decimals: "60,0 %" above "73,3 %".
    """
    is_whole = share == int(share) and not in_column
    return _("%(share)s%%") % {"share": format_number(share, 0 if is_whole else decimals)}


def signed_percent(now: int, before: int) -> str:
    """The change from ``before`` to ``now``: "+8,2 %", "-3 %", "0 %"; empty where there was nothing before."""
    if before == 0:
        return ""
    change = Decimal(now - before) * 100 / abs(before)
    return ("+" if change > 0 else "") + percent(change)


def hand_over(total_vnd: int, weights: Sequence[int]) -> list[int]:
    """``total_vnd`` in whole parts like ``weights``, rounded down, what is left over to the largest.

    Of equal ones the first. The parts add up to the đồng. Weights are not all zero. Source: DOMAIN §4.4.
    """
    whole = sum(weights)
    parts = [total_vnd * weight // whole for weight in weights]
    parts[max(range(len(weights)), key=lambda n: (weights[n], -n))] += total_vnd - sum(parts)
    return parts


def words_vi(number: int, unit: str = " đồng") -> str:
    """24000 -> "Hai mươi tư nghìn đồng": in Vietnamese words, whatever the language in use.

    Raises: ValueError from 10¹⁸ on.
    """
    if abs(number) >= 10**18:
        raise ValueError("Too large to be put into words")
    words = _spoken(abs(number)) if number else _DIGITS[0]
    return ("Âm " + words if number < 0 else words[0].upper() + words[1:]) + unit


def _amounts(key: str, line: str) -> list[Decimal]:
    """What each part comes to; a part is smaller than the unit of the one before it."""
    plain = _CURRENCY.sub("", key)
    parts = _parts(_TENTH_BEHIND.sub(r"\1,\3\2", plain) if _TENTH_BEHIND.fullmatch(plain) else plain, line)
    if len(parts) > 1 and parts[-1].unit is None and re.fullmatch("[1-9][0-9]{0,2}", parts[-1].digits):
        raise _refusal(
            _("“%(text)s”: say the unit of “%(part)s” too, for example %(part)s nghìn."),
            "amount_last_unit",
            line,
            part=parts[-1].digits,
        )
    amounts = [_number(part, line) * (part.unit or 1) for part in parts]
    for before, part, amount in zip(parts, parts[1:], amounts[1:], strict=False):
        if before.unit is None or (part.unit or 1) >= before.unit or not 0 < amount < before.unit:
            raise _unreadable(line)
    return amounts


def _parts(key: str, line: str) -> list[_Part]:
    """The parts of "2 ty 300 trieu". Raises: ValidationError where anything else stands between."""
    parts = []
    position = 0
    while position < len(key):
        found = _PART.match(key, position)
        if found is None or (found[2] and found[2] not in _UNITS):
            raise _unreadable(line)
        parts.append(_Part(found[1], _UNITS.get(found[2])))
        position = found.end()
    if not parts or any(sign.isnumeric() and sign not in "0123456789" for sign in line):  # 10² is not 102
        raise _unreadable(line)
    return parts


def _number(part: _Part, line: str) -> Decimal:
    """The digits of ``part``, exactly. Raises: ValidationError where they read two ways or none."""
    digits, unit = part
    if _WHOLE.fullmatch(digits):
        return Decimal(digits)
    if digits.isdigit():
        raise _refusal(
            _("“%(text)s” begins with 0, like a telephone or account number. Write the amount without it."),
            "amount_leading_zero",
            line,
        )
    if _GROUPS.fullmatch(digits):
        if "," in digits or unit:
            _refuse_one_group(digits, unit, line)
        return Decimal(re.sub("[., ]", "", digits))
    found = _FRACTION.fullmatch(digits)
    if found is None or not _is_whole(found[1], found[2], found[3]):
        raise _unreadable(line)
    whole = re.sub("[., ]", "", found[1])
    if unit is None and len(whole) < 4:
        raise _refusal(
            _(
                "“%(text)s” has no unit. Write the whole amount, for example 1.500.000, "
                "or the unit too, for example 1,5 triệu."
            ),
            "amount_no_unit",
            line,
        )
    return Decimal(f"{whole}.{found[3]}")


def _is_whole(whole: str, mark: str, fraction: str) -> bool:
    """Whether ``whole`` can stand before the decimal ``mark``: 1500, or 1.500 before a comma.

    Three digits behind the mark would rather be thousands, except after 0.
    """
    if len(fraction) == 3:
        return whole == "0"
    return bool(_WHOLE.fullmatch(whole) or (mark not in whole and _GROUPS.fullmatch(whole)))


def _refuse_one_group(digits: str, unit: int | None, line: str) -> None:
    """Refuse 1,500 and 1.500 triệu; two groups and more, or a space, leave no doubt."""
    pieces = re.split("[.,]", digits)
    if len(pieces) != 2 or " " in digits:
        return
    fraction = pieces[1].rstrip("0")
    name = _UNIT_NAMES[unit or MILLION]
    raise _refusal(
        _("“%(text)s” can be read in two ways. Write %(one)s or %(other)s."),
        "amount_two_ways",
        line,
        one=f"{''.join(pieces)} {name}" if unit else ".".join(pieces),
        other=f"{pieces[0]},{fraction} {name}" if fraction else f"{pieces[0]} {name}",
    )


def _unreadable(line: str) -> ValidationError:
    return _refusal(
        _("“%(text)s” is not an amount. Write for example 1.500.000, 1,5 triệu or 2 tỷ 300 triệu."),
        "amount",
        line,
    )


def _refusal(sentence: str, code: str, line: str, **params: str) -> ValidationError:
    text = line if len(line) <= 60 else line[:59] + "…"
    return ValidationError(sentence, code=code, params={"text": text, **params})


def _rounded(number: Number, decimals: int) -> Decimal:
    """Half up, as people round; str() keeps 8.25 from being 8.2499…"""
    exact = Decimal(str(number)) if isinstance(number, float) else Decimal(number)
    return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def _unit(amount_vnd: int) -> int:
    amount = abs(amount_vnd)
    return BILLION if amount >= BILLION else MILLION if amount >= MILLION else 1


def _in_unit(value: Decimal, unit: int) -> str:
    """``value`` with one decimal, left out where it is 0, and its unit."""
    tenths = _rounded(value, 1)
    amount = {"amount": format_number(tenths, 0 if tenths == int(tenths) else 1)}
    if unit == BILLION:
        return _("%(amount)s billion đồng") % amount
    return _("%(amount)s million đồng") % amount if unit == MILLION else dong(int(value))


def _steps(number: int, step: int) -> tuple[int, str]:
    """How many ``step`` to say, and whether ``number`` is "over" or "nearly" that, or just that ("")."""
    steps, rest = divmod(number, step)
    if rest == 0:
        return steps, ""
    return (steps + 1, "nearly") if step - rest <= NEARLY * step else (steps, "over")


def _worded(amount: str, words: str) -> str:
    if words == "over":
        return _("over %(amount)s") % {"amount": amount}
    return _("nearly %(amount)s") % {"amount": amount} if words == "nearly" else amount


def _spoken(number: int) -> str:
    """Lower-case words; billions are counted by the same rule (một nghìn tỷ); ``number`` > 0."""
    billions, rest = divmod(number, BILLION)
    words = [_spoken(billions), "tỷ"] if billions else []
    for size, name in ((MILLION, "triệu"), (THOUSAND, "nghìn"), (1, "")):
        group, rest = divmod(rest, size)
        if group:
            words += [*_group(group, leads=not words), name]
    return " ".join(word for word in words if word)


def _group(group: int, *, leads: bool) -> list[str]:
    """Three digits, 1–999. Only the leading group leaves out a hundred that is not there."""
    hundreds, tens, ones = group // 100, group // 10 % 10, group % 10
    words = [] if leads and not hundreds else [_DIGITS[hundreds], "trăm"]
    if tens == 1:
        words.append("mười")
    elif tens:
        words += [_DIGITS[tens], "mươi"]
    elif ones and words:
        words.append("linh")
    if ones:
        words.append(
            {(1, True): "mốt", (4, True): "tư"}.get((ones, tens > 1))
            or ("lăm" if ones == 5 and tens else _DIGITS[ones])
        )
    return words
