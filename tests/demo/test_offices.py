"""The offices of the demo: every unit is led, its money is in two hands, and nobody serves who is no member."""

from __future__ import annotations

import pytest

from hkh.decisions.world import rows
from hkh.demo.spec import SMALL
from members.models import Position

pytestmark = [pytest.mark.django_db, pytest.mark.province]

#: What a unit of each tier needs at least.
LED_BY = {
    "PROVINCE": {"chair", "standing_vice_chair", "vice_chair", "accountant", "cashier"},
    "DISTRICT": {"chair", "standing_vice_chair", "vice_chair", "accountant", "cashier"},
    "GRASSROOTS": {"chair", "vice_chair", "accountant", "cashier"},
    "BRANCH": {"branch_head"},
}


def ask(sql: str) -> list[tuple]:
    return rows(sql, {})


@pytest.mark.parametrize("day", ["2024-06-30", "2025-01-01", "2025-06-30", "2025-07-01"])
def test_every_unit_is_led_on_the_days_around_the_reorganisations(day: str) -> None:
    held = ask(
        f"""
        SELECT unit.code, tier.code, array_agg(DISTINCT office.position)
        FROM members_unitversion version JOIN members_unit unit ON unit.id = version.unit_id
        JOIN members_tier tier ON tier.id = version.tier_id
        LEFT JOIN members_appointment office ON office.unit_id = unit.id
         AND office.valid_from <= '{day}' AND office.valid_until > '{day}'
        WHERE version.valid_from <= '{day}' AND (version.valid_until IS NULL OR version.valid_until > '{day}')
        GROUP BY unit.code, tier.code ORDER BY unit.code"""
    )
    missing = {code: LED_BY[tier] - set(offices) for code, tier, offices in held if LED_BY[tier] - set(offices)}
    assert missing == {}
    assert len(held) > SMALL.branches


def test_only_members_hold_offices_for_as_long_as_they_are() -> None:
    assert (
        ask(
            """
        SELECT office.id FROM members_appointment office WHERE NOT EXISTS (
            SELECT FROM members_membership stay WHERE stay.member_id = office.member_id
            AND stay.joined_on <= office.valid_from AND stay.left_on IS NULL)"""
        )
        == []
    )


def test_the_officers_of_a_unit_belong_below_it() -> None:
    """Held against the tree by a recursive walk, on the day on which each office began."""
    outside = ask(
        """
        WITH RECURSIVE up(office, since, unit_id) AS (
            SELECT office.id, office.valid_from, stay.unit_id FROM members_appointment office
            JOIN members_membership stay ON stay.member_id = office.member_id
            UNION ALL
            SELECT up.office, up.since, version.parent_id FROM up
            JOIN members_unitversion version ON version.unit_id = up.unit_id
             AND version.valid_from <= up.since AND (version.valid_until IS NULL OR version.valid_until > up.since)
            WHERE version.parent_id IS NOT NULL
        )
        SELECT office.id FROM members_appointment office WHERE NOT EXISTS (
            SELECT FROM up WHERE up.office = office.id AND up.unit_id = office.unit_id)"""
    )
    assert outside == []


def test_terms_end_with_their_unit_by_reorganisation() -> None:
    ended = ask(
        """
        SELECT count(*) FILTER (WHERE office.valid_until = unit.dissolved_on),
               count(*) FILTER (WHERE office.valid_until = unit.dissolved_on AND end_reason <> 'reorganisation'),
               count(*) FILTER (WHERE office.valid_until > unit.dissolved_on),
               count(DISTINCT unit.id), (SELECT count(*) FROM members_unit WHERE dissolved_on IS NOT NULL)
        FROM members_appointment office JOIN members_unit unit ON unit.id = office.unit_id
        WHERE unit.dissolved_on IS NOT NULL"""
    )
    ((at_the_end, otherwise, beyond, units, closed),) = ended
    assert (otherwise, beyond, units) == (0, 0, closed)
    assert at_the_end >= closed * len(LED_BY["GRASSROOTS"])


def test_some_terms_end_soon_some_were_renewed_some_were_broken_off() -> None:
    ((soon, again, broken_off),) = ask(
        """
        SELECT count(*) FILTER (WHERE valid_until > '2026-09-30' AND valid_until <= '2027-03-31'),
               count(*) FILTER (WHERE EXISTS (
                   SELECT FROM members_appointment next WHERE next.unit_id = office.unit_id
                   AND next.member_id = office.member_id AND next.position = office.position
                   AND next.valid_from = office.valid_until)),
               count(*) FILTER (WHERE end_reason IN ('resigned', 'relieved'))
        FROM members_appointment office"""
    )
    assert min(soon, again, broken_off) > 3


def test_who_signs_in_as_an_officer_of_the_province_holds_the_office_in_the_register() -> None:
    held = ask(
        """
        SELECT office.position, person.full_name FROM members_appointment office
        JOIN members_member person ON person.id = office.member_id JOIN members_unit unit ON unit.id = office.unit_id
        WHERE unit.code = 'PHU-THO' AND office.position IN ('chair', 'accountant', 'cashier')
          AND office.valid_from <= '2026-09-30' AND office.valid_until > '2026-09-30' ORDER BY 1"""
    )
    assert held == [
        (Position.ACCOUNTANT, "Trần Thị Thu Hà"),
        (Position.CASHIER, "Lê Thị Mai"),
        (Position.CHAIR, "Hà Quang Minh"),
    ]
