from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from hkh.core.dates import Period, PeriodKind, format_date, official_date, parse_date, today

DAYS = st.dates(date(1950, 1, 1), date(2090, 12, 31))
KINDS = st.sampled_from(PeriodKind)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    return Period.containing(draw(DAYS), draw(KINDS))


def test_today_is_the_day_in_viet_nam(settings: Settings) -> None:
    settings.HKH_TODAY = ""
    before_midnight_in_utc = datetime(2024, 6, 30, 17, 30, tzinfo=ZoneInfo("UTC"))
    with time_machine.travel(before_midnight_in_utc, tick=False), timezone.override("UTC"):
        assert today() == date(2024, 7, 1)


def test_today_can_be_set(settings: Settings) -> None:
    settings.HKH_TODAY = "2024-06-30"
    assert today() == date(2024, 6, 30)


@pytest.mark.parametrize(
    ("code", "kind", "starts_on", "last_day", "label", "phrase", "short_label"),
    [
        ("2024-06", "month", (2024, 6, 1), (2024, 6, 30), "June 2024", "June 2024", "Jun"),
        ("2024-02", "month", (2024, 2, 1), (2024, 2, 29), "February 2024", "February 2024", "Feb"),
        ("2024-12", "month", (2024, 12, 1), (2024, 12, 31), "December 2024", "December 2024", "Dec"),
        ("2024-Q2", "quarter", (2024, 4, 1), (2024, 6, 30), "Quarter II of 2024", "quarter II of 2024", "Quarter II"),
        (
            "2026-Q3",
            "quarter",
            (2026, 7, 1),
            (2026, 9, 30),
            "Quarter III of 2026",
            "quarter III of 2026",
            "Quarter III",
        ),
        ("2024-H1", "half", (2024, 1, 1), (2024, 6, 30), "First half of 2024", "first half of 2024", "First half"),
        ("2024-H2", "half", (2024, 7, 1), (2024, 12, 31), "Second half of 2024", "second half of 2024", "Second half"),
        (
            "2025-9M",
            "nine_months",
            (2025, 1, 1),
            (2025, 9, 30),
            "First nine months of 2025",
            "first nine months of 2025",
            "Nine months",
        ),
        ("2024", "year", (2024, 1, 1), (2024, 12, 31), "Year 2024", "year 2024", "Whole year"),
        (
            "2024-SY",
            "school_year",
            (2024, 9, 1),
            (2025, 8, 31),
            "School year 2024-2025",
            "school year 2024-2025",
            "School year",
        ),
    ],
)
def test_each_kind_of_period(
    code: str,
    kind: str,
    starts_on: tuple[int, int, int],
    last_day: tuple[int, int, int],
    label: str,
    phrase: str,
    short_label: str,
) -> None:
    period = Period.parse(code)
    assert (period.kind, period.code) == (PeriodKind(kind), code)
    assert (period.starts_on, period.last_day) == (date(*starts_on), date(*last_day))
    assert period.ends_before == date(*last_day) + timedelta(days=1)
    with translation.override("en"):
        assert (period.label, period.phrase, period.short_label, str(period)) == (label, phrase, short_label, label)


@pytest.mark.parametrize(
    ("code", "vi", "phrase", "short", "id_"),
    [
        ("2024-06", "Tháng 6/2024", "tháng 6/2024", "T6", "Juni 2024"),
        ("2024-12", "Tháng 12/2024", "tháng 12/2024", "T12", "Desember 2024"),
        ("2026-Q3", "Quý III năm 2026", "quý III năm 2026", "Quý III", "Triwulan III 2026"),
        ("2024-H1", "6 tháng đầu năm 2024", "6 tháng đầu năm 2024", "6 tháng đầu", "Semester pertama 2024"),
        ("2024-H2", "6 tháng cuối năm 2024", "6 tháng cuối năm 2024", "6 tháng cuối", "Semester kedua 2024"),
        ("2025-9M", "9 tháng đầu năm 2025", "9 tháng đầu năm 2025", "9 tháng", "Sembilan bulan pertama 2025"),
        ("2024", "Năm 2024", "năm 2024", "Cả năm", "Tahun 2024"),
        ("2024-SY", "Năm học 2024-2025", "năm học 2024-2025", "Năm học", "Tahun ajaran 2024-2025"),
    ],
)
def test_labels_in_vietnamese_and_indonesian(code: str, vi: str, phrase: str, short: str, id_: str) -> None:
    period = Period.parse(code)
    with translation.override("vi"):
        assert (period.label, period.phrase, period.short_label) == (vi, phrase, short)
    with translation.override("id"):
        assert period.label == id_


@pytest.mark.parametrize("code", ["2024-h1", " 2024-H1 "])
def test_a_code_is_read_in_small_letters_and_with_spaces(code: str) -> None:
    assert Period.parse(code) == Period(PeriodKind.HALF, 2024, 1)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "24",
        "2024-6",
        "2024-00",
        "2024-13",
        "2024-Q0",
        "2024-Q5",
        "2024-H3",
        "2024-6M",
        "2024-",
        "2024-06-01",
        "abc",
        "٢٠٢٤",
        "0000",
        "1899",
        "2101",
        "2024-9m1",
        "2024\n-H1",
        "99999",
    ],
)
def test_anything_else_is_refused_with_what_to_write(code: str) -> None:
    with translation.override("en"), pytest.raises(ValidationError) as refusal:
        Period.parse(code)
    assert refusal.value.messages == [
        f"“{code}” is not a period. Write a month as 2024-06, a quarter as 2024-Q2, half a year as 2024-H1, "
        "nine months as 2024-9M, a year as 2024, a school year as 2024-SY."
    ]


@pytest.mark.parametrize(
    ("kind", "number"), [("month", 0), ("month", 13), ("quarter", 5), ("half", 3), ("nine_months", 2), ("year", 2)]
)
def test_a_period_that_a_year_does_not_have_cannot_be_made(kind: str, number: int) -> None:
    with pytest.raises(ValueError, match=f"^A year has no {kind} number {number}$"):
        Period(PeriodKind(kind), 2024, number)


@given(periods())
def test_a_code_is_read_back(period: Period) -> None:
    assert Period.parse(period.code) == period


@given(DAYS, KINDS)
def test_a_day_lies_in_the_period_containing_it(day: date, kind: PeriodKind) -> None:
    period = Period.containing(day, kind)
    in_the_last_quarter = kind is PeriodKind.NINE_MONTHS and day.month > 9
    assert (day in period) is not in_the_last_quarter
    assert period.starts_on.year == day.year or kind is PeriodKind.SCHOOL_YEAR


@given(periods())
def test_previous_and_next_are_each_others_way_back(period: Period) -> None:
    assert period.next().previous() == period == period.previous().next()
    if period.kind is PeriodKind.NINE_MONTHS:
        assert period.next() == Period(PeriodKind.NINE_MONTHS, period.year + 1)
    else:
        assert period.next().starts_on == period.ends_before
        assert period.previous().ends_before == period.starts_on


@given(periods())
def test_same_last_year_is_twelve_months_before(period: Period) -> None:
    before = period.same_last_year()
    assert before.months() == [month.replace(year=month.year - 1) for month in period.months()]


@given(periods())
def test_months_fill_the_period(period: Period) -> None:
    months = period.divided_into(PeriodKind.MONTH)
    assert [month.starts_on for month in months] == period.months()
    assert months[0].starts_on == period.starts_on
    assert months[-1].ends_before == period.ends_before
    assert all(one.ends_before == other.starts_on for one, other in pairwise(months))


@pytest.mark.parametrize(
    ("code", "kind", "parts"),
    [
        ("2024", "quarter", ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"]),
        ("2024", "half", ["2024-H1", "2024-H2"]),
        ("2024-H2", "quarter", ["2024-Q3", "2024-Q4"]),
        ("2024-9M", "quarter", ["2024-Q1", "2024-Q2", "2024-Q3"]),
        ("2024-Q4", "month", ["2024-10", "2024-11", "2024-12"]),
        ("2024-06", "month", ["2024-06"]),
    ],
)
def test_divided_into(code: str, kind: str, parts: list[str]) -> None:
    assert [part.code for part in Period.parse(code).divided_into(kind)] == parts


@pytest.mark.parametrize(
    ("code", "kind"), [("2024-9M", "half"), ("2024-SY", "quarter"), ("2024-Q1", "half"), ("2024-SY", "year")]
)
def test_what_does_not_fit_is_not_divided(code: str, kind: str) -> None:
    with pytest.raises(ValueError, match=f"^{code} cannot be divided into periods of a {kind}$"):
        Period.parse(code).divided_into(kind)


@pytest.mark.parametrize(
    "text",
    [
        "5/9/2024",
        "05/09/2024",
        "05092024",
        "5-9-24",
        "5.9.2024",
        "5 9 2024",
        " 5/ 9/2024\u00a0",
        "2024-09-05",
        "2024/9/5",
        "2024-09-05 00:00:00",
        "2024-09-05T00:00",
        "ngày 5 tháng 9 năm 2024",
        "Ngày 05 tháng 9 năm 2024",
    ],
)
def test_a_date_is_read_as_people_write_it(text: str) -> None:
    assert parse_date(text) == date(2024, 9, 5)


@pytest.mark.parametrize(
    ("text", "year"), [("5-9-24", 2024), ("5-9-34", 2034), ("5-9-35", 1935), ("5-9-58", 1958), ("5-9-00", 2000)]
)
def test_a_year_of_two_digits_lies_at_most_ten_years_ahead(text: str, year: int, settings: Settings) -> None:
    settings.HKH_TODAY = "2024-06-30"
    assert parse_date(text) == date(year, 9, 5)


NOT_A_DATE = "“%s” is not a date. Write day/month/year, for example 5/9/2024."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", NOT_A_DATE % ""),
        ("hôm qua", NOT_A_DATE % "hôm qua"),
        ("5/9", NOT_A_DATE % "5/9"),
        ("050924", NOT_A_DATE % "050924"),
        ("5/9/024", NOT_A_DATE % "5/9/024"),
        ("5/9/20245", NOT_A_DATE % "5/9/20245"),
        ("2024-09-05 10:30", NOT_A_DATE % "2024-09-05 10:30"),
        ("٥/٩/٢٠٢٤", NOT_A_DATE % "٥/٩/٢٠٢٤"),
        (
            "9/25/2024",
            "There is no month 25. Write the day first: day/month/year, for example 25/9/2024.",
        ),
        ("5/0/2024", "There is no month 0. Write the day first: day/month/year, for example 25/9/2024."),
        ("31/2/2024", "There is no day 31 in month 2/2024, which has 29 days."),
        ("29/2/2023", "There is no day 29 in month 2/2023, which has 28 days."),
        ("0/1/2024", "There is no day 0 in month 1/2024, which has 31 days."),
        ("32/12/2024", "There is no day 32 in month 12/2024, which has 31 days."),
        ("5/9/0024", "The year 24 is too far away. Write a year from 1900 to 2100."),
        ("5/9/2240", "The year 2240 is too far away. Write a year from 1900 to 2100."),
    ],
)
def test_what_is_no_date_is_refused_with_what_to_do(text: str, sentence: str) -> None:
    with translation.override("en"), pytest.raises(ValidationError) as refusal:
        parse_date(text)
    assert refusal.value.messages == [sentence]


@given(DAYS)
def test_a_written_date_is_read_back(day: date) -> None:
    assert parse_date(format_date(day)) == parse_date(official_date(day)) == parse_date(day.isoformat()) == day
    assert parse_date(f"{day:%d%m%Y}") == day


def test_format_date() -> None:
    assert format_date(date(2024, 9, 5)) == "05/09/2024"


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2026, 2, 5), "ngày 05 tháng 02 năm 2026"),
        (date(2026, 1, 31), "ngày 31 tháng 01 năm 2026"),
        (date(2026, 3, 9), "ngày 09 tháng 3 năm 2026"),
        (date(2026, 12, 10), "ngày 10 tháng 12 năm 2026"),
    ],
)
def test_official_date(day: date, text: str) -> None:
    assert official_date(day) == text
