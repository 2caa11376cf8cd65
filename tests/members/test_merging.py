"""Two lines of memberships laid together."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from members.merging import Stay, one_line, stands_by_default

FIRST = date(2020, 1, 1)


def on(day: int | None) -> date | None:
    return None if day is None else FIRST + timedelta(days=day)


def stays(first_pk: int, *spans: tuple[int, int, int | None]) -> list[Stay]:
    """Unit, first day, last day (exclusive)."""
    return [Stay(first_pk + n, unit, on(since), on(until)) for n, (unit, since, until) in enumerate(spans)]  # type: ignore[arg-type]


def laid(standing: list[Stay], other: list[Stay]) -> list[tuple[int, int, int | None]]:
    line = one_line(standing, other).applied_to([*standing, *other])
    return [(s.unit_id, (s.joined_on - FIRST).days, (s.left_on - FIRST).days if s.left_on else None) for s in line]


def test_lines_that_do_not_meet_follow_each_other() -> None:
    assert laid(stays(1, (1, 10, None)), stays(9, (2, 0, 10))) == [(2, 0, 10), (1, 10, None)]


def test_what_began_earlier_elsewhere_ends_where_the_other_begins() -> None:
    assert laid(stays(1, (1, 10, None)), stays(9, (2, 0, None))) == [(2, 0, 10), (1, 10, None)]


def test_what_began_earlier_in_the_same_unit_is_the_earlier_day() -> None:
    assert laid(stays(1, (1, 10, None)), stays(9, (1, 0, None))) == [(1, 0, None)]


def test_what_began_later_is_taken_away() -> None:
    assert laid(stays(1, (1, 0, None)), stays(9, (2, 10, None))) == [(1, 0, None)]
    assert laid(stays(1, (1, 0, 20)), stays(9, (2, 10, None))) == [(1, 0, 20)]


def test_whose_line_is_likelier() -> None:
    assert stands_by_default(stays(1, (1, 5, None)), stays(9, (2, 0, 3))) is True
    assert stands_by_default(stays(1, (1, 5, None)), stays(9, (2, 0, None))) is False
    assert stands_by_default(stays(1, (1, 0, None)), stays(9, (2, 5, None))) is True


@st.composite
def lines(draw: st.DrawFn, first_pk: int) -> list[Stay]:
    """Memberships of one person: no two share a day."""
    days = draw(st.lists(st.integers(0, 30), unique=True, max_size=6).map(sorted))
    spans = [(draw(st.integers(1, 2)), days[n], days[n + 1]) for n in range(0, len(days) - 1, 2)]
    if len(days) % 2:
        spans.append((draw(st.integers(1, 2)), days[-1], None))  # type: ignore[arg-type]
    return stays(first_pk, *spans)


@given(standing=lines(100), other=lines(200))
def test_one_person_is_in_one_unit_at_a_time_and_the_line_that_stands_keeps_its_days(
    standing: list[Stay], other: list[Stay]
) -> None:
    result = one_line(standing, other).applied_to([*standing, *other])
    assert not [pair for pair in combinations(result, 2) if pair[0].meets(pair[1])]
    assert all(stay.left_on is None or stay.left_on > stay.joined_on for stay in result)
    by_pk = {stay.pk: stay for stay in result}
    for stay in standing:
        assert by_pk[stay.pk].left_on == stay.left_on
        assert by_pk[stay.pk].joined_on <= stay.joined_on
