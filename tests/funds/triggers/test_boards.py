"""The rules of licences and boards, broken by hand in SQL."""

from __future__ import annotations

import pytest

from tests.funds.raw import insert, refused, run


def seat(fund, name="Bà Lan", body="council", since="2024-01-01", until=None):
    facts = {"fund_id": fund.pk, "body": body, "name": name, "position": "", "since": since, "until": until}
    return insert("funds_boardmember", facts)


def test_nobody_sits_on_both_boards_at_once(fund):
    seat(fund, until="2025-01-01")
    with refused("board_one_seat"):
        seat(fund, name="BÀ  LAN", body="control", since="2024-12-31")
    with refused("board_one_seat"):
        seat(fund, since="2023-01-01")
    later = seat(fund, body="control", since="2025-01-01")
    with refused("board_one_seat"):
        run("UPDATE funds_boardmember SET since = '2024-06-01' WHERE id = %s", [later])


def test_a_seat_ends_after_it_began(fund):
    with refused("board_dates_in_order"):
        seat(fund, since="2024-01-01", until="2024-01-01")


@pytest.mark.parametrize(
    "change",
    [
        "legal_status = 'licensed'",
        "legal_status = 'licensed', licence_number = '12'",
        "legal_status = 'licensed', licence_on = '2011-01-01'",
        "licence_number = '12', licence_on = '2011-01-01'",
    ],
)
def test_a_licence_is_whole_or_none(fund, change):
    with refused("fund_licence_known"):
        run(f"UPDATE funds_fund SET {change} WHERE id = %s", [fund.pk])
