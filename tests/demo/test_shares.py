"""Sums that come out exactly: pure numbers, no database."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hkh.core.money import hand_over
from hkh.demo.shares import allocate, chop, fill, shared_rows, split
from hkh.demo.spec import FULL, SMALL, Province


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=30), st.sampled_from([1, 1000]))
def test_split_adds_up(total, weights, step):
    parts = split(total, weights, step=step)

    assert sum(parts) == total
    assert min(parts) >= 0
    assert sum(1 for part in parts if part % step) <= 1


def test_split_gives_the_largest_remainder_first():
    assert split(10, [1, 1, 1]) == [4, 3, 3]
    assert split(10, [2, 1, 1]) == [5, 3, 2]
    assert split(0, []) == []


def test_split_among_nobody_is_refused():
    with pytest.raises(ValueError, match="Nobody"):
        split(1, [])


def test_the_remainder_of_a_hand_over_goes_to_the_largest():
    assert hand_over(100, [1, 5, 1]) == [14, 72, 14]


@given(st.lists(st.lists(st.integers(0, 500), min_size=3, max_size=3), min_size=1, max_size=8))
def test_shared_rows_keep_both_sums(table):
    rows, columns = [sum(row) for row in table], [sum(column) for column in zip(*table, strict=True)]

    shared = shared_rows(rows, columns)

    assert [sum(row) for row in shared] == rows
    assert [sum(column) for column in zip(*shared, strict=True)] == columns
    assert all(part >= 0 for row in shared for part in row)


@pytest.mark.parametrize("province", [FULL, SMALL], ids=["full", "small"])
def test_gifts_agree_by_district_and_by_line(province: Province):
    districts, lines = province.districts, province.lines

    table = allocate(
        [district.gifts_count for district in districts],
        [district.gifts_vnd for district in districts],
        [line.count for line in lines],
        [line.unit_value_vnd for line in lines],
    )

    assert all(part >= 0 for row in table for part in row)
    assert [sum(row) for row in table] == [district.gifts_count for district in districts]
    assert [sum(column) for column in zip(*table, strict=True)] == [line.count for line in lines]
    assert [sum(part * line.unit_value_vnd for part, line in zip(row, lines, strict=True)) for row in table] == [
        district.gifts_vnd for district in districts
    ]


def test_gifts_that_cannot_agree_are_refused():
    with pytest.raises(ValueError, match="add up"):
        allocate([2, 2], [400, 500], [2, 2], [100, 200])
    with pytest.raises(ValueError, match="all sums agree"):
        allocate([1, 1], [250_000, 150_000], [1, 1], [100_000, 300_000])


def test_pieces_fill_every_room_and_none_is_lost():
    rng = Random("fill")
    pieces = [("person", "cash", amount) for amount in chop(1_000_000, 90_000, rng, step=1000)]
    pieces += [("agency", "bank_transfer", amount) for amount in chop(345_000, 50_000, rng, step=1000)]
    rng.shuffle(pieces)
    room = {"a": 700_000, "b": 0, "c": 645_000}

    laid = list(fill(room, pieces))

    assert {key: sum(amount for where, *_, amount in laid if where == key) for key in room} == room
    assert sum(amount for _, kind, _, amount in laid if kind == "agency") == 345_000


def test_pieces_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="add up"):
        list(fill({"a": 1}, [("person", "cash", 2)]))


@pytest.mark.parametrize("province", [FULL, SMALL], ids=["full", "small"])
def test_the_tables_of_the_half_year_agree_among_themselves(province: Province):
    by_tier = {source.tier: 0 for source in province.sources}
    for source in province.sources:
        by_tier[source.tier] += source.amount_vnd

    assert by_tier == {
        "province": province.fund_in_vnd,
        "district": sum(district.own_vnd for district in province.districts),
        "direct": sum(direct.own_vnd for direct in province.directs),
        "base": sum(district.base_vnd for district in province.districts),
        "branch": sum(district.branch_vnd for district in province.districts),
    }
    assert province.given_count == sum(district.gifts_count for district in province.districts)
    assert province.given_vnd == sum(district.gifts_vnd for district in province.districts)
    assert all(sum(line.by_tier.values()) == line.count for line in province.lines)
