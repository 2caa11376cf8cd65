from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import example, given
from hypothesis import strategies as st

from hkh.core.money import (
    LARGEST_VND,
    approx,
    approx_number,
    dong,
    format_number,
    format_vnd,
    parse_vnd,
    percent,
    short,
    signed_percent,
    words_vi,
)

GOLDEN = list(csv.DictReader((Path(__file__).parents[1] / "data/golden_amount_words.csv").open(encoding="utf-8")))


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", 0),
        ("0 đồng", 0),
        ("500", 500),
        ("1500000", 1_500_000),
        ("1.500", 1_500),
        ("1.500.000", 1_500_000),
        ("1,500,000", 1_500_000),
        ("1 500 000", 1_500_000),
        ("1 500", 1_500),
        (" 1.500.000\u00a0đ ", 1_500_000),
        ("1.500.000đ", 1_500_000),
        ("1.500.000 ₫", 1_500_000),
        ("1.500.000 đồng", 1_500_000),
        ("1.500.000 VNĐ", 1_500_000),
        ("1500000 vnd", 1_500_000),
        ("1.500.000,00", 1_500_000),
        ("1,500,000.00", 1_500_000),
        ("1500000.00", 1_500_000),
        ("1500000.0", 1_500_000),
        ("1.500,00", 1_500),
        ("1,5 triệu", 1_500_000),
        ("1.5 triệu", 1_500_000),
        ("1,5 TRIỆU ĐỒNG", 1_500_000),
        ("1,5 trieu", 1_500_000),
        ("1,5tr", 1_500_000),
        ("1,5trđ", 1_500_000),
        ("1tr5", 1_500_000),
        ("2tỷ3", 2_300_000_000),
        ("2 tỷ 300 triệu", 2_300_000_000),
        ("2 tỉ 300tr", 2_300_000_000),
        ("2tỷ300tr", 2_300_000_000),
        ("2 tỷ 300 triệu 500 nghìn đồng", 2_300_500_000),
        ("1 triệu 500.000", 1_500_000),
        ("1 triệu 500.000 đồng", 1_500_000),
        ("24,6 tỷ", 24_600_000_000),
        ("24,612345 tỷ", 24_612_345_000),
        ("0,125 tỷ", 125_000_000),
        ("500 nghìn", 500_000),
        ("500 ngàn", 500_000),
        ("500k", 500_000),
        ("1500 triệu", 1_500_000_000),
        ("1.234.567 nghìn", 1_234_567_000),
        ("1.5 million", 1_500_000),
        ("2,3 miliar", 2_300_000_000),
        ("150 ribu", 150_000),
        ("1.000.000.000.000.000", LARGEST_VND),
        ("1000000 tỷ", LARGEST_VND),
    ],
)
def test_an_amount_is_read_as_people_write_it(text: str, amount: int) -> None:
    assert parse_vnd(text) == amount


UNREADABLE = "“{}” is not an amount. Write for example 1.500.000, 1,5 triệu or 2 tỷ 300 triệu."
NO_UNIT = "“{}” has no unit. Write the whole amount, for example 1.500.000, or the unit too, for example 1,5 triệu."
TWO_WAYS = "“{}” can be read in two ways. Write {} or {}."
LAST_UNIT = "“{}”: say the unit of “{}” too, for example {} nghìn."
NOT_WHOLE = "“{}” is not a whole number of đồng. Round it."
TOO_LARGE = "“{}” is more than 1,000,000,000,000,000 đồng. Check the zeros and the unit."
NEGATIVE = "An amount cannot be less than 0. Leave out the sign."
LEADING_ZERO = "“{}” begins with 0, like a telephone or account number. Write the amount without it."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        *(
            (text, UNREADABLE.format(text))
            for text in ("", "abc", "đ", "triệu", "1.5.0", "1.50.000", "1500.000", "1..5")
        ),
        *((text, UNREADABLE.format(text)) for text in ("1.500,000", "1,500.000", "1 5", "1 50 000", "1.", ",5", "+5")),
        *(
            (text, UNREADABLE.format(text))
            for text in ("100 đô", "100 USD", "10²", "½ triệu", "１００", "1e6", "1'000'000")
        ),
        *((text, UNREADABLE.format(text)) for text in ("300 triệu 2 tỷ", "2 triệu 3 triệu", "1 tỷ 1500 triệu")),
        *(
            (text, UNREADABLE.format(text))
            for text in ("5 triệu đ đ", "tầm 5 triệu", "5 triệu và 3 nghìn", "1500,250 tỷ")
        ),
        *((text, NO_UNIT.format(text)) for text in ("1.5", "1,5", "24,6", "15,00", "0,5", "1,5 đồng")),
        ("1,500", TWO_WAYS.format("1,500", "1.500", "1,5 triệu")),
        ("25,000 đ", TWO_WAYS.format("25,000 đ", "25.000", "25 triệu")),
        ("1.500 triệu", TWO_WAYS.format("1.500 triệu", "1500 triệu", "1,5 triệu")),
        ("1,250 tỷ", TWO_WAYS.format("1,250 tỷ", "1250 tỷ", "1,25 tỷ")),
        ("1 triệu 500", LAST_UNIT.format("1 triệu 500", "500", "500")),
        ("2 tỷ 3", LAST_UNIT.format("2 tỷ 3", "3", "3")),
        ("1tr500", LAST_UNIT.format("1tr500", "500", "500")),
        ("1 triệu 500 đồng", LAST_UNIT.format("1 triệu 500 đồng", "500", "500")),
        ("1,2345678 triệu", NOT_WHOLE.format("1,2345678 triệu")),
        ("1.500.000,50", NOT_WHOLE.format("1.500.000,50")),
        ("1.000.000.000.000.001", TOO_LARGE.format("1.000.000.000.000.001")),
        ("1000001 tỷ", TOO_LARGE.format("1000001 tỷ")),
        ("9" * 60, TOO_LARGE.format("9" * 60)),
        ("-5", NEGATIVE),
        ("- 1,5 triệu", NEGATIVE),
        ("\u22121.500.000", NEGATIVE),
        ("0912345678", LEADING_ZERO.format("0912345678")),
        ("00", LEADING_ZERO.format("00")),
        ("1tr05", LEADING_ZERO.format("1tr05")),
    ],
)
def test_what_is_no_clear_amount_is_refused_with_what_to_write(text: str, sentence: str) -> None:
    with translation.override("en"), pytest.raises(ValidationError) as refusal:
        parse_vnd(text)
    assert refusal.value.messages == [sentence]


@given(st.text(alphabet="0123456789.,  triệuỷtđồngk-₫²", max_size=16) | st.text(max_size=16))
def test_anything_typed_is_an_amount_or_refused(text: str) -> None:
    answer = amount_or_refusal(text)
    assert isinstance(answer, ValidationError) or (type(answer) is int and 0 <= answer <= LARGEST_VND)


def amount_or_refusal(text: str) -> int | ValidationError:
    try:
        return parse_vnd(text)
    except ValidationError as refusal:
        return refusal


@given(st.integers(0, LARGEST_VND), st.sampled_from(["vi", "id"]))
@example(1500, "vi")
def test_a_written_amount_is_read_back(amount: int, language: str) -> None:
    with translation.override(language):
        assert parse_vnd(format_vnd(amount)) == parse_vnd(dong(amount)) == amount
    assert parse_vnd(str(amount)) == parse_vnd(f"{amount:,}".replace(",", " ")) == amount


@given(st.integers(1, 10**6), st.integers(0, 9))
def test_tenths_of_a_unit_are_read_exactly(whole: int, tenth: int) -> None:
    assert parse_vnd(f"{whole},{tenth} triệu") == whole * 10**6 + tenth * 10**5
    assert parse_vnd(f"{whole}.{tenth} nghìn") == whole * 1000 + tenth * 100


@pytest.mark.parametrize("row", GOLDEN, ids=[row["amount"] for row in GOLDEN])
def test_golden_words_and_figures(row: dict[str, str]) -> None:
    assert words_vi(int(row["amount"])) == row["words_vi"]
    assert format_vnd(int(row["amount"])) == row["formatted"]


def test_all_golden_cases_are_there() -> None:
    assert len(GOLDEN) == 43


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (4, "Bốn đồng"),
        (14, "Mười bốn đồng"),
        (104, "Một trăm linh bốn đồng"),
        (40, "Bốn mươi đồng"),
        (1_000_100, "Một triệu một trăm đồng"),
        (1_005_000_000_000, "Một nghìn không trăm linh năm tỷ đồng"),
        (10**15, "Một triệu tỷ đồng"),
        (999_999_999, "Chín trăm chín mươi chín triệu chín trăm chín mươi chín nghìn chín trăm chín mươi chín đồng"),
    ],
)
def test_words(amount: int, words: str) -> None:
    assert words_vi(amount) == words


def test_words_of_other_units_and_of_too_much() -> None:
    assert words_vi(577, unit=" hội") == "Năm trăm bảy mươi bảy hội"
    with pytest.raises(ValueError, match=r"^Too large to be put into words$"):
        words_vi(10**18)


def heard(words: str) -> int:
    """The number that a Vietnamese sentence says, word by word, as a listener adds it up."""
    ones = {"không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4, "năm": 5, "lăm": 5}
    ones |= {"sáu": 6, "bảy": 7, "tám": 8, "chín": 9, "linh": 0}
    done = group = last = 0
    for word in words.split():
        if word in ones:
            last = ones[word]
        elif word == "mười":
            group, last = group + 10, 0
        elif word in ("mươi", "trăm"):
            group, last = group + last * {"mươi": 10, "trăm": 100}[word], 0
        elif word in ("nghìn", "triệu"):
            done, group, last = done + (group + last) * {"nghìn": 10**3, "triệu": 10**6}[word], 0, 0
        elif word == "tỷ":
            done, group, last = (done + group + last) * 10**9, 0, 0
        else:
            raise AssertionError(word)
    return done + group + last


@given(st.integers(0, LARGEST_VND) | st.integers(0, 10**6).map(lambda n: n * 1_000_001))
def test_words_say_the_number(amount: int) -> None:
    words = words_vi(amount)
    assert words.endswith(" đồng")
    assert heard(words.removesuffix(" đồng").lower()) == amount


@pytest.mark.parametrize(
    ("number", "decimals", "vi", "en"),
    [
        (0, 0, "0", "0"),
        (999, 0, "999", "999"),
        (1_234_567, 0, "1.234.567", "1,234,567"),
        (-1_500_000, 0, "-1.500.000", "-1,500,000"),
        (1_234_567.891, 2, "1.234.567,89", "1,234,567.89"),
        (0.125, 2, "0,13", "0.13"),
        (2.5, 0, "3", "3"),
        (Decimal("8.25"), 1, "8,3", "8.3"),
    ],
)
def test_format_number(number: int | float | Decimal, decimals: int, vi: str, en: str) -> None:
    for language, written in (("vi", vi), ("id", vi), ("en", en)):
        with translation.override(language):
            assert format_number(number, decimals) == written


def test_dong() -> None:
    for language, written in (("vi", "1.500.000 đồng"), ("en", "1,500,000 đồng"), ("id", "1.500.000 đồng")):
        with translation.override(language):
            assert dong(1_500_000) == written


@pytest.mark.parametrize(
    ("amount", "vi", "en", "id_"),
    [
        (0, "0 đồng", "0 đồng", "0 đồng"),
        (999_999, "999.999 đồng", "999,999 đồng", "999.999 đồng"),
        (1_000_000, "1 triệu đồng", "1 million đồng", "1 juta đồng"),
        (812_345_000, "812,3 triệu đồng", "812.3 million đồng", "812,3 juta đồng"),
        (999_949_999, "999,9 triệu đồng", "999.9 million đồng", "999,9 juta đồng"),
        (999_950_000, "1 tỷ đồng", "1 billion đồng", "1 miliar đồng"),
        (6_030_500_000, "6 tỷ đồng", "6 billion đồng", "6 miliar đồng"),
        (24_612_345_000, "24,6 tỷ đồng", "24.6 billion đồng", "24,6 miliar đồng"),
        (24_650_000_000, "24,7 tỷ đồng", "24.7 billion đồng", "24,7 miliar đồng"),
        (1_234_500_000_000, "1.234,5 tỷ đồng", "1,234.5 billion đồng", "1.234,5 miliar đồng"),
        (-24_612_345_000, "-24,6 tỷ đồng", "-24.6 billion đồng", "-24,6 miliar đồng"),
    ],
)
def test_short(amount: int, vi: str, en: str, id_: str) -> None:
    for language, written in (("vi", vi), ("en", en), ("id", id_)):
        with translation.override(language):
            assert short(amount) == written


@pytest.mark.parametrize(
    ("amount", "vi", "en", "id_"),
    [
        (24_612_345_000, "trên 24,6 tỷ đồng", "over 24.6 billion đồng", "lebih dari 24,6 miliar đồng"),
        (16_318_000_000, "trên 16,3 tỷ đồng", "over 16.3 billion đồng", "lebih dari 16,3 miliar đồng"),
        (6_030_500_000, "trên 6 tỷ đồng", "over 6 billion đồng", "lebih dari 6 miliar đồng"),
        (4_525_000_000, "trên 4,5 tỷ đồng", "over 4.5 billion đồng", "lebih dari 4,5 miliar đồng"),
        (24_600_000_000, "24,6 tỷ đồng", "24.6 billion đồng", "24,6 miliar đồng"),
        (24_694_999_999, "trên 24,6 tỷ đồng", "over 24.6 billion đồng", "lebih dari 24,6 miliar đồng"),
        (24_695_000_000, "gần 24,7 tỷ đồng", "nearly 24.7 billion đồng", "hampir 24,7 miliar đồng"),
        (999_996_000, "gần 1 tỷ đồng", "nearly 1 billion đồng", "hampir 1 miliar đồng"),
        (812_345_000, "trên 812,3 triệu đồng", "over 812.3 million đồng", "lebih dari 812,3 juta đồng"),
        (1_500_000, "1,5 triệu đồng", "1.5 million đồng", "1,5 juta đồng"),
        (200_500, "200.500 đồng", "200,500 đồng", "200.500 đồng"),
        (0, "0 đồng", "0 đồng", "0 đồng"),
    ],
)
def test_approx(amount: int, vi: str, en: str, id_: str) -> None:
    for language, written in (("vi", vi), ("en", en), ("id", id_)):
        with translation.override(language):
            assert approx(amount) == written


@given(st.integers(10**6, LARGEST_VND))
def test_approx_is_true(amount: int) -> None:
    with translation.override("en"):
        words, _, rest = approx(amount).rpartition(" ")[0].removesuffix(" đồng").partition(" ")
        if words not in ("over", "nearly"):
            words, rest = "", f"{words} {rest}"
        figure, unit = rest.split()
    said = int(Decimal(figure.replace(",", "")) * {"million": 10**6, "billion": 10**9}[unit])
    assert {"over": said < amount, "nearly": said > amount, "": said == amount}[words]
    assert abs(said - amount) < {"million": 10**5, "billion": 10**8}[unit]


@pytest.mark.parametrize(
    ("number", "vi"),
    [
        (530_486, "trên 530.000"),
        (477_077, "trên 477.000"),
        (529_970, "gần 530.000"),
        (70_000, "70.000"),
        (61_311, "trên 61.300"),
        (5_695, "5.695"),
        (0, "0"),
    ],
)
def test_approx_number(number: int, vi: str) -> None:
    with translation.override("vi"):
        assert approx_number(number) == vi


@pytest.mark.parametrize(
    ("share", "vi", "en"),
    [
        (8.23, "8,2 %", "8.2%"),
        (8.25, "8,3 %", "8.3%"),
        (34.35, "34,4 %", "34.4%"),
        (100, "100 %", "100%"),
        (100.0, "100 %", "100%"),
        (99.96, "100,0 %", "100.0%"),
        (0, "0 %", "0%"),
        (-3.14, "-3,1 %", "-3.1%"),
        (Decimal("1234.5"), "1.234,5 %", "1,234.5%"),
    ],
)
def test_percent(share: int | float | Decimal, vi: str, en: str) -> None:
    for language, written in (("vi", vi), ("id", vi.replace(" ", "")), ("en", en)):
        with translation.override(language):
            assert percent(share) == written


def test_shares_in_a_column_all_have_their_decimals() -> None:
    with translation.override("vi"):
        shown = [percent(share, in_column=True) for share in (60, 73.3, 100, 0, Decimal("0.04"))]
    assert shown == ["60,0 %", "73,3 %", "100,0 %", "0,0 %", "0,0 %"]


@pytest.mark.parametrize(
    ("now", "before", "vi"),
    [
        (1082, 1000, "+8,2 %"),
        (970, 1000, "-3 %"),
        (1000, 1000, "0 %"),
        (3000, 1000, "+200 %"),
        (0, 1000, "-100 %"),
        (5, 0, ""),
    ],
)
def test_signed_percent(now: int, before: int, vi: str) -> None:
    with translation.override("vi"):
        assert signed_percent(now, before) == vi
