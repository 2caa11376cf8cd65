"""Who may have been entered twice: found for the whole register at once, in the database.

People are laid beside each other only where they share something telling: name and day of birth, a telephone, or
name and unit (or name, year and the unit above). What such a pair has in common is weighed; from ``THRESHOLD`` on a
person has to decide. Groups of more than ``MOST_ALIKE`` share what many share (a school's telephone) and tell nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection, transaction

from members.models import DuplicatePair, Likeness

THRESHOLD = 70
MOST_ALIKE = 40
#: What each likeness weighs.
WEIGHTS = {
    Likeness.NAME: 40,
    Likeness.NAME_WITHOUT_MARKS: 25,
    Likeness.BIRTH_DATE: 40,
    Likeness.BIRTH_SWAPPED: 30,
    Likeness.BIRTH_YEAR: 20,
    Likeness.BIRTH_UNKNOWN: 15,
    Likeness.PHONE: 35,
    Likeness.UNIT: 15,
    Likeness.PARENT: 8,
}
#: Off the sum where both entries state a sex and not the same.
OTHER_SEX = 30

_PEOPLE = """
    CREATE TEMPORARY TABLE alike_person ON COMMIT DROP AS
    SELECT person.id, person.search_key, person.sort_key, person.birth_date, person.sex,
           coalesce(extract(year FROM person.birth_date)::int, person.birth_year) AS year,
           CASE WHEN length(digits.said) >= 9 THEN regexp_replace(digits.said, '^(84|0084)?0*', '') END AS phone,
           latest.unit_id, unit.parent_id
    FROM members_member person
    JOIN (
        SELECT DISTINCT ON (member_id) member_id, unit_id FROM members_membership
        ORDER BY member_id, left_on DESC NULLS FIRST
    ) latest ON latest.member_id = person.id
    JOIN members_unit unit ON unit.id = latest.unit_id
    CROSS JOIN LATERAL (
        SELECT CASE WHEN person.phone <> '' THEN regexp_replace(person.phone, '[^0-9]+', '', 'g') END
    ) digits(said)
    WHERE person.merged_into_id IS NULL"""

#: What two people must share to be laid beside each other.
_SHARED = (
    "search_key, birth_date",
    "phone",
    "unit_id, search_key",
    "parent_id, search_key, year",
)

_PAIRS = """
    INSERT INTO alike_pair
    WITH shared AS (
        SELECT id, {keys}, count(*) OVER (PARTITION BY {keys}) AS bearers FROM alike_person WHERE ({keys}) IS NOT NULL
    ), few AS (SELECT * FROM shared WHERE bearers BETWEEN 2 AND {most})
    SELECT one.id, other.id FROM few one JOIN few other USING ({keys}) WHERE one.id < other.id"""

_WEIGHED = """
    CREATE TEMPORARY TABLE alike ON COMMIT DROP AS
    SELECT pair.first_id, pair.second_id, told.likenesses,
           least(100, (SELECT sum(weight.points) FROM unnest(told.likenesses) said(name)
                       JOIN (VALUES {weights}) weight(name, points) USING (name))
               - CASE WHEN one.sex <> '' AND other.sex <> '' AND one.sex <> other.sex THEN {other_sex} ELSE 0 END
           ) AS score
    FROM (SELECT DISTINCT first_id, second_id FROM alike_pair) pair
    JOIN alike_person one ON one.id = pair.first_id
    JOIN alike_person other ON other.id = pair.second_id
    CROSS JOIN LATERAL (SELECT array_remove(ARRAY[
        CASE WHEN one.sort_key = other.sort_key THEN 'name'
             WHEN one.search_key = other.search_key THEN 'name_without_marks' END,
        CASE WHEN one.birth_date = other.birth_date THEN 'birth_date'
             WHEN one.birth_date IS NOT NULL AND other.birth_date IS NOT NULL THEN
                 CASE WHEN one.year = other.year
                           AND extract(month FROM one.birth_date) = extract(day FROM other.birth_date)
                           AND extract(day FROM one.birth_date) = extract(month FROM other.birth_date)
                      THEN 'birth_swapped' END
             WHEN one.year = other.year THEN 'birth_year'
             WHEN one.year IS NULL OR other.year IS NULL THEN 'birth_unknown' END,
        CASE WHEN one.phone = other.phone THEN 'phone' END,
        CASE WHEN one.unit_id = other.unit_id THEN 'unit' WHEN one.parent_id = other.parent_id THEN 'parent' END
    ], NULL) AS likenesses) told"""

_KEPT = """
    INSERT INTO members_duplicatepair AS known (first_id, second_id, score, likenesses, state, found_at)
    SELECT first_id, second_id, score, likenesses, 'open', now() FROM alike
    WHERE score >= {threshold} ORDER BY first_id, second_id
    ON CONFLICT (first_id, second_id) DO UPDATE SET score = excluded.score, likenesses = excluded.likenesses
    WHERE (known.score, known.likenesses) IS DISTINCT FROM (excluded.score, excluded.likenesses)"""

_NO_MORE = """
    DELETE FROM members_duplicatepair known WHERE known.state = 'open' AND NOT EXISTS (
        SELECT FROM alike WHERE alike.first_id = known.first_id AND alike.second_id = known.second_id
          AND alike.score >= {threshold})"""


@dataclass(frozen=True)
class Found:
    """What came of a search: people looked at, pairs laid beside each other, pairs that wait for a decision."""

    people: int
    compared: int
    waiting: int


def find_duplicates(told: Callable[[int, int], None] = lambda step, steps: None) -> Found:
    """Look through the whole register. Pairs decided to be different stay so; those no longer alike go.

    ``told`` hears how many of how many steps are done. 530,000 people: some ten seconds, one transaction. A second
    search waits for the first.
    """
    steps: list[str] = [
        _PEOPLE,
        "CREATE TEMPORARY TABLE alike_pair (first_id bigint, second_id bigint) ON COMMIT DROP",
        *(_PAIRS.format(keys=keys, most=MOST_ALIKE) for keys in _SHARED),
        "ANALYZE alike_person, alike_pair",
        _WEIGHED.format(
            weights=", ".join(f"('{name}', {points})" for name, points in WEIGHTS.items()), other_sex=OTHER_SEX
        ),
        "ANALYZE alike",
        _KEPT.format(threshold=THRESHOLD),
        _NO_MORE.format(threshold=THRESHOLD),
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('members.duplicates'))")
        cursor.execute("SET LOCAL work_mem = '128MB'")
        for number, step in enumerate(steps):
            told(number, len(steps))
            cursor.execute(step)
        cursor.execute("SELECT (SELECT count(*) FROM alike_person), (SELECT count(*) FROM alike)")
        people, compared = cursor.fetchone()
        cursor.execute("DROP TABLE alike, alike_pair, alike_person")
        cursor.execute("RESET work_mem")
    return Found(people, compared, DuplicatePair.unscoped.filter(state="open").count())
