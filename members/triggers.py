"""The triggers by which the database keeps the rules of the tree and of membership.

What they call stands in migrations 0002 and 0007, as do the triggers of the table behind
``Tier.may_stand_under``, which is no model of its own. A rule that a change may break for a moment is deferred
to the end of the transaction. Statement triggers that look at the rows of their statement hold their SQL here,
since a function they call would not see these rows; it is written without comments, for it is stored as one line.
"""

from __future__ import annotations

from pgtrigger import (
    After,
    Before,
    Condition,
    Deferred,
    Delete,
    Insert,
    Operation,
    Operations,
    Referencing,
    Row,
    Statement,
    Truncate,
    Update,
    UpdateOf,
)

from hkh.core.triggers import Rule


def _statement(name: str, operation: Operation, func: str) -> Rule:
    """After one statement, with its rows as ``new_rows`` and ``old_rows``."""
    referencing = {
        "insert": Referencing(new="new_rows"),
        "update": Referencing(new="new_rows", old="old_rows"),
        "delete": Referencing(old="old_rows"),
    }[str(operation).lower()]
    return Rule(
        name=f"{name}_{str(operation).lower()}",
        level=Statement,
        when=After,
        operation=operation,
        referencing=referencing,
        func=f"{func} RETURN NULL;",
    )


def _at_the_end(name: str, operation: Operation | Operations, func: str, *, condition: Condition | None = None) -> Rule:
    """For each row, when the transaction ends (or is asked to check now)."""
    return Rule(
        name=name,
        level=Row,
        when=After,
        operation=operation,
        timing=Deferred,
        condition=condition,
        func=f"{func} RETURN NULL;",
    )


def _lock_first(name: str, operation: Operation | Operations) -> Rule:
    return Rule(
        name=name,
        level=Statement,
        when=Before,
        operation=operation,
        func="PERFORM members_lock_tree(); RETURN NULL;",
    )


def _never_emptied(name: str) -> Rule:
    """No statement may empty the whole table: the triggers on its rows would not be asked."""
    return Rule(
        name=f"{name}_emptied",
        level=Statement,
        when=Before,
        operation=Truncate,
        func=f"PERFORM members_refuse('{name}', 'The table is not emptied.'); RETURN NULL;",
    )


def _refresh(rows: str) -> str:
    units = f"ARRAY(SELECT DISTINCT unit_id FROM ({rows}) changed)"
    return f"PERFORM members_check_overlap({units}); PERFORM members_refresh_tree({units});"


_NEW, _OLD = "SELECT unit_id FROM new_rows", "SELECT unit_id FROM old_rows"

ANCESTOR_TRIGGERS = [_never_emptied("tree_kept")]
VERSION_TRIGGERS = [
    _never_emptied("tree_kept"),
    _lock_first("a_lock_tree", Insert | Update | Delete),
    _statement("refresh_tree", Insert, _refresh(_NEW)),
    _statement("refresh_tree", Update, _refresh(f"{_NEW} UNION ALL {_OLD}")),
    _statement("refresh_tree", Delete, _refresh(_OLD)),
    _at_the_end(
        "check_version",
        Insert | Update,
        "PERFORM members_check_unit(NEW.unit_id); PERFORM members_check_version(NEW.id);",
    ),
    _at_the_end("check_unit_left", Delete | UpdateOf("unit_id"), "PERFORM members_check_unit(OLD.unit_id);"),
]

_LIFE = UpdateOf("founded_on", "dissolved_on")

UNIT_TRIGGERS = [
    _lock_first("a_lock_tree", _LIFE | Delete),
    _at_the_end(
        "check_unit",
        Insert | UpdateOf("founded_on", "dissolved_on", "name", "tier_id", "parent_id"),
        "PERFORM members_check_unit(NEW.id);",
        # What the versions' own trigger writes (at depth 1) is looked at with the versions.
        condition=Condition("pg_trigger_depth() = 0"),
    ),
    _at_the_end("check_unit_members", _LIFE, "PERFORM members_check_unit_members(NEW.id);"),
]

TIER_TRIGGERS = [
    _lock_first("a_lock_tree", UpdateOf("rank", "may_stand_alone", "retired_on")),
    _at_the_end("check_tier_members", UpdateOf("holds_members"), "PERFORM members_check_tier_members(NEW.id);"),
    _at_the_end("check_tier_order", UpdateOf("rank"), "PERFORM members_check_tier_order(NEW.id);"),
    _at_the_end("check_tier_top", UpdateOf("may_stand_alone"), "PERFORM members_check_tier_top(NEW.id);"),
    _at_the_end("check_tier_retired", UpdateOf("retired_on"), "PERFORM members_check_tier_retired(NEW.id);"),
]

GRANT_TRIGGERS = [
    _at_the_end("check_two_hands", Insert | Update, "PERFORM members_check_two_hands(NEW.id);"),
]

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


def _membership_check(operation: Operation) -> Rule:
    trigger = _statement("check_memberships", operation, _CHECK_MEMBERSHIPS)
    trigger.declare = [
        ("culprit", "bigint"),
        ("units", "bigint[]"),
        ("first_days", "date[]"),
        ("last_days", "date[]"),
        ("suspects", "bigint[]"),
    ]
    return trigger


MEMBERSHIP_TRIGGERS = [_never_emptied("membership_kept"), _membership_check(Insert), _membership_check(Update)]
