"""The rules of tiers and of the tree through time."""

from __future__ import annotations

from pgtrigger import Before, Condition, Delete, Insert, Row, Update, UpdateOf

from hkh.core.triggers import Rule
from members.triggers.rules import at_the_end, lock_first, never_emptied, statement


def _refresh(rows: str) -> str:
    units = f"ARRAY(SELECT DISTINCT unit_id FROM ({rows}) changed)"
    return f"PERFORM members_check_overlap({units}); PERFORM members_refresh_tree({units});"


_NEW, _OLD = "SELECT unit_id FROM new_rows", "SELECT unit_id FROM old_rows"

ANCESTOR_TRIGGERS = [
    never_emptied("tree_kept"),
    Rule(
        name="closure_follows",
        level=Row,
        when=Before,
        operation=Insert | Update | Delete,
        # Depth 0 is a statement from outside; the versions' trigger writes at depth 1.
        condition=Condition("pg_trigger_depth() = 0"),
        func="PERFORM members_refuse('closure_follows', 'The closure follows the versions.'); RETURN NULL;",
    ),
]
VERSION_TRIGGERS = [
    never_emptied("tree_kept"),
    lock_first("a_lock_tree", Insert | Update | Delete),
    statement("refresh_tree", Insert, _refresh(_NEW)),
    statement("refresh_tree", Update, _refresh(f"{_NEW} UNION ALL {_OLD}")),
    statement("refresh_tree", Delete, _refresh(_OLD)),
    at_the_end(
        "check_version",
        Insert | Update,
        "PERFORM members_check_unit(NEW.unit_id); PERFORM members_check_version(NEW.id);",
    ),
    at_the_end("check_unit_left", Delete | UpdateOf("unit_id"), "PERFORM members_check_unit(OLD.unit_id);"),
]

_LIFE = UpdateOf("founded_on", "dissolved_on")

UNIT_TRIGGERS = [
    lock_first("a_lock_tree", _LIFE | Delete),
    at_the_end(
        "check_unit",
        Insert | UpdateOf("founded_on", "dissolved_on", "name", "tier_id", "parent_id"),
        "PERFORM members_check_unit(NEW.id);",
        # What the versions' own trigger writes (at depth 1) is looked at with the versions.
        condition=Condition("pg_trigger_depth() = 0"),
    ),
    at_the_end("check_unit_members", _LIFE, "PERFORM members_check_unit_members(NEW.id);"),
]

TIER_TRIGGERS = [
    lock_first("a_lock_tree", UpdateOf("rank", "may_stand_alone", "retired_on")),
    at_the_end("check_tier_members", UpdateOf("holds_members"), "PERFORM members_check_tier_members(NEW.id);"),
    at_the_end("check_tier_order", UpdateOf("rank"), "PERFORM members_check_tier_order(NEW.id);"),
    at_the_end("check_tier_top", UpdateOf("may_stand_alone"), "PERFORM members_check_tier_top(NEW.id);"),
    at_the_end("check_tier_retired", UpdateOf("retired_on"), "PERFORM members_check_tier_retired(NEW.id);"),
]
