"""The rules of membership: of one unit at a time, within its life, and only where members are held."""

from __future__ import annotations

from pgtrigger import Insert, Update

from members.triggers.rules import never_emptied, statement

# Locks first, looks then. Persons are locked against a second hand that enters memberships of the same
# person, save those that this transaction itself made: nobody else sees them yet. Units are locked against
# being dissolved meanwhile; hands that only enter members do not wait for each other there.
# Two open memberships are the unique index's business, so one of an overlapping pair has an end.
# Aggregates instead of LIMIT 1: with that the planner expects a find and walks row by row.
_CHECK_MEMBERSHIPS = """
PERFORM 1 FROM members_member
WHERE id IN (SELECT member_id FROM new_rows) AND xmin <> pg_current_xact_id()::xid
ORDER BY id FOR NO KEY UPDATE;
PERFORM 1 FROM members_unit WHERE id IN (SELECT unit_id FROM new_rows) ORDER BY id FOR SHARE;

SELECT min(member_id) INTO culprit FROM (
SELECT one.member_id
FROM new_rows one JOIN members_membership other ON other.member_id = one.member_id AND other.id <> one.id
WHERE one.left_on IS NULL AND other.left_on IS NOT NULL AND other.left_on > one.joined_on
UNION ALL
SELECT one.member_id
FROM new_rows one JOIN members_membership other ON other.member_id = one.member_id AND other.id <> one.id
WHERE one.left_on IS NOT NULL AND other.joined_on < one.left_on
AND (other.left_on IS NULL OR other.left_on > one.joined_on)
) overlapping;
IF culprit IS NOT NULL THEN
PERFORM members_refuse('membership_no_overlap', 'A person is a member of two units on one day.',
jsonb_build_object('member', (SELECT full_name FROM members_member WHERE id = culprit)));
END IF;

SELECT array_agg(unit_id), array_agg(first_on), array_agg(last_until) INTO units, first_days, last_days FROM (
SELECT unit_id, min(joined_on) AS first_on, max(coalesce(left_on, 'infinity')) AS last_until
FROM new_rows GROUP BY unit_id
) span;

SELECT min(unit.id) INTO culprit
FROM unnest(units, first_days, last_days) span(unit_id, first_on, last_until)
JOIN members_unit unit ON unit.id = span.unit_id
WHERE span.first_on < unit.founded_on OR span.last_until > coalesce(unit.dissolved_on, 'infinity');
IF culprit IS NOT NULL THEN
PERFORM members_refuse('membership_within_unit', 'A membership lies outside the life of its unit.',
jsonb_build_object('unit', (SELECT name FROM members_unit WHERE id = culprit)));
END IF;

SELECT array_agg(version.id) INTO suspects
FROM unnest(units, first_days, last_days) span(unit_id, first_on, last_until)
JOIN members_unitversion version ON version.unit_id = span.unit_id
JOIN members_tier tier ON tier.id = version.tier_id
WHERE NOT tier.holds_members AND span.last_until > version.valid_from
AND (version.valid_until IS NULL OR version.valid_until > span.first_on);
IF suspects IS NOT NULL THEN
SELECT min(version.unit_id) INTO culprit
FROM members_unitversion version JOIN new_rows one ON one.unit_id = version.unit_id
WHERE version.id = ANY (suspects)
AND (one.left_on IS NULL OR one.left_on > version.valid_from)
AND (version.valid_until IS NULL OR version.valid_until > one.joined_on);
IF culprit IS NOT NULL THEN
PERFORM members_refuse('membership_tier', 'Units of this tier hold no members.',
jsonb_build_object('unit', (SELECT name FROM members_unit WHERE id = culprit)));
END IF;
END IF;
"""

_FOUND = [
    ("culprit", "bigint"),
    ("units", "bigint[]"),
    ("first_days", "date[]"),
    ("last_days", "date[]"),
    ("suspects", "bigint[]"),
]

MEMBERSHIP_TRIGGERS = [
    never_emptied("membership_kept"),
    statement("check_memberships", Insert, _CHECK_MEMBERSHIPS, declare=_FOUND),
    statement("check_memberships", Update, _CHECK_MEMBERSHIPS, declare=_FOUND),
]
