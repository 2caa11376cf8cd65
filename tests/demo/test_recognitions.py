"""What officers of the demo were honoured with: every kind, every year that is over, and nothing that could not be."""

from __future__ import annotations

import pytest

from hkh.decisions.world import rows
from members.models import RecognitionKind

pytestmark = [pytest.mark.django_db, pytest.mark.province]


def test_a_few_hundred_of_every_kind_in_the_years_that_are_over() -> None:
    found = rows("SELECT kind, count(*), min(year), max(year) FROM members_recognition GROUP BY kind", {})
    assert {kind for kind, *_more in found} == set(RecognitionKind.values)
    assert {(first, last) for _kind, _count, first, last in found} == {(2022, 2025)}
    assert 200 <= sum(count for _kind, count, *_years in found) <= 500


def test_only_members_of_that_time_are_honoured_and_by_units_that_stood_then() -> None:
    strange = rows(
        """
        SELECT title.id FROM members_recognition title WHERE NOT EXISTS (
            SELECT FROM members_membership stay WHERE stay.member_id = title.member_id AND stay.left_on IS NULL
              AND stay.joined_on <= make_date(title.year, 10, 2))
        OR title.kind IN ('commendation', 'other') AND NOT EXISTS (
            SELECT FROM members_unitversion version WHERE version.name = title.given_by
              AND version.valid_from <= make_date(title.year, 10, 2)
              AND coalesce(version.valid_until, 'infinity') > make_date(title.year, 10, 2))""",
        {},
    )
    assert strange == []


def test_a_giver_has_one_decision_a_year_and_kind() -> None:
    several = rows(
        """
        SELECT given_by, year, kind FROM members_recognition WHERE given_by <> ''
        GROUP BY 1, 2, 3 HAVING count(DISTINCT decision) > 1""",
        {},
    )
    assert several == []
