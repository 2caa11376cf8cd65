"""Cells: what is understood, what is remarked on, what is refused."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

import pytest

from hkh.core.sheets.cleaning import clean_cell


def read(kind, raw, **kwargs):
    value, remark = clean_cell(kind, raw, **kwargs)
    return value, remark.code if remark else ""


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("5/9/1958", date(1958, 9, 5)),
        ("05.09.58", date(1958, 9, 5)),
        ("5-9-1958", date(1958, 9, 5)),
        ("05091958", date(1958, 9, 5)),
        ("1958-09-05", date(1958, 9, 5)),
        ("1958-09-05 00:00:00", date(1958, 9, 5)),
        ("ngày 5 tháng 9 năm 1958", date(1958, 9, 5)),
        (" 5 / 9 / 1958\u00a0", date(1958, 9, 5)),
        (date(1958, 9, 5), date(1958, 9, 5)),
        (datetime(1958, 9, 5, 7, 30), date(1958, 9, 5)),
        ("1958", 1958),
        (1958.0, 1958),
        ("năm 1958", 1958),
        ("00/00/1958", 1958),
        ("", None),
        (None, None),
        ("-", None),
    ],
)
def test_births(raw, value):
    assert read("day_or_year", raw) == (value, "")


@pytest.mark.parametrize(
    ("raw", "value", "remark"),
    [
        (21433.0, date(1958, 9, 5), "serial"),
        ("21433", date(1958, 9, 5), "serial"),
        (5091958.0, date(1958, 9, 5), "date_digits"),
        ("9/1958", 1958, "year_kept"),
        ("tháng 9 năm 1958", 1958, "year_kept"),
        ("31/2/1958", None, "date_day"),
        ("9/25/1958", None, "date_month"),
        ("5/9/1858", None, "date_year"),
        (-3.0, None, "date"),
        (250_000.0, None, "date"),
        (float("nan"), None, "date"),
        (time(3, 4), None, "date"),
        (True, None, "date"),
        ("khoảng năm sáu mươi", None, "date"),
    ],
)
def test_births_that_one_should_look_at(raw, value, remark):
    assert read("day_or_year", raw) == (value, remark)


def test_days_of_a_workbook_that_counts_from_1904():
    assert read("day", 19971.0, starts_1904=True) == (date(1958, 9, 5), "serial")


def test_a_day_is_more_than_a_year():
    assert read("day", "1958") == (None, "date_year_only")


@pytest.mark.parametrize(
    ("raw", "value", "remark"),
    [
        ("0912345678", "0912345678", ""),
        ("0912 345 678", "0912 345 678", ""),
        ("0210.384.6123", "0210.384.6123", ""),
        (912345678.0, "0912345678", "phone_zero"),
        ("912345678", "0912345678", "phone_zero"),
        (2103846123.0, "02103846123", "phone_zero"),
        ("+84 912 345 678", "0912 345 678", "phone_country"),
        ("(+84) 912345678", "0912345678", "phone_country"),
        ("+84 (0)912345678", "0912345678", "phone_country"),
        ("84912345678", "0912345678", "phone_country"),
        ("+62 812 3456 789", "+62 812 3456 789", ""),
        ("'0912345678", "0912345678", ""),
        ("", "", ""),
        ("không có", None, "phone"),
        ("12", None, "phone"),
    ],
)
def test_telephones(raw, value, remark):
    assert read("phone", raw) == (value, remark)


@pytest.mark.parametrize(
    ("raw", "value", "remark"),
    [
        ("Nguyễn Văn An", "Nguyễn Văn An", ""),
        ("  Nguyễn   Văn\u00a0An ", "Nguyễn Văn An", ""),
        ("Nguye\u0302\u0303n Va\u0306n An", "Nguyễn Văn An", ""),
        ("\u00d0ặng Thị \u00d0ào", "Đặng Thị Đào", ""),
        ("NGUYỄN VĂN AN", "Nguyễn Văn An", "capitals"),
        ("nguyễn văn an", "Nguyễn Văn An", "capitals"),
        ("H'HEN NIÊ", "H'hen Niê", "capitals"),
        ("Lê A", "Lê A", ""),
    ],
)
def test_names(raw, value, remark):
    assert read("name", raw) == (value, remark)


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("vnd", 1500000.0, 1_500_000),
        ("vnd", "1.500.000 đ", 1_500_000),
        ("vnd", "1,5 triệu", 1_500_000),
        ("vnd", "", None),
        ("int", "1.234", 1234),
        ("int", 12.0, 12),
        ("decimal", "25450,5", Decimal("25450.5")),
        ("decimal", "25.450,5", Decimal("25450.5")),
        ("decimal", 25450.5, Decimal("25450.5")),
        ("flag", "x", True),
        ("flag", "Có", True),
        ("flag", True, True),
        ("flag", "không", False),
        ("flag", "", False),
        ("code", "PT-01 | Chi hội khu 1", "PT-01"),
        ("code", 101.0, "101"),
        ("text", 12.0, "12"),
        ("text", date(2024, 9, 5), "05/09/2024"),
        ("lines", " a  b \r\n\r\n c ", "a b\n\nc"),
    ],
)
def test_other_kinds(kind, raw, value):
    assert read(kind, raw) == (value, "")


@pytest.mark.parametrize(
    ("kind", "raw", "code"),
    [
        ("vnd", "-5", "amount_negative"),
        ("vnd", 1.5, "amount_no_unit"),
        ("int", "zwei", "int"),
        ("int", 1.5, "int"),
        ("decimal", "25.450", "decimal"),
        ("decimal", "NaN", "decimal"),
        ("flag", "vielleicht", "flag"),
    ],
)
def test_what_reads_two_ways_or_none_is_refused(kind, raw, code):
    assert read(kind, raw) == (None, code)
