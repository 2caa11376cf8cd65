"""The rules of offices that the database keeps: who holds what together with whom, and when.

Units are locked in the order of their ids before anybody looks, so that of two hands the second waits and then sees
what the first has written; neither ever waits for the other in a circle.
"""

from __future__ import annotations

from pgtrigger import After, Insert, Operation, Referencing, Statement, Update, UpdateOf

from hkh.core.triggers import Rule
from members.triggers.rules import at_the_end

_TOGETHER = """other.unit_id = one.unit_id AND other.id <> one.id
    AND (other.valid_until IS NULL OR other.valid_until > one.valid_from)
    AND (one.valid_until IS NULL OR one.valid_until > other.valid_from)"""
_HEADS = "('chair', 'branch_head')"
_HANDS = "('accountant', 'cashier')"

_CHECK = f"""
PERFORM 1 FROM members_unit WHERE id IN (SELECT unit_id FROM new_rows) ORDER BY id FOR NO KEY UPDATE;
EXECUTE $looked$
SELECT found.rule, found.unit_id, found.member_id FROM (
    SELECT 1, 'office_within_unit', one.unit_id, one.member_id
    FROM new_rows one JOIN members_unit unit ON unit.id = one.unit_id
    WHERE one.valid_from < unit.founded_on
       OR coalesce(one.valid_until, 'infinity') > coalesce(unit.dissolved_on, 'infinity')
    UNION ALL
    SELECT 2, 'office_once', one.unit_id, one.member_id
    FROM new_rows one JOIN members_appointment other ON {_TOGETHER}
    WHERE other.member_id = one.member_id AND other.position = one.position
    UNION ALL
    SELECT 3, 'office_one_chair', one.unit_id, other.member_id
    FROM new_rows one JOIN members_appointment other ON {_TOGETHER}
    WHERE one.position IN {_HEADS} AND other.position IN {_HEADS}
    UNION ALL
    SELECT 4, 'office_two_hands', one.unit_id, one.member_id
    FROM new_rows one JOIN members_appointment other ON {_TOGETHER}
    WHERE other.member_id = one.member_id AND one.position <> other.position
      AND one.position IN {_HANDS} AND other.position IN {_HANDS}
) found(rank, rule, unit_id, member_id) ORDER BY found.rank, found.unit_id LIMIT 1
$looked$ INTO broken;
IF broken.rule IS NOT NULL THEN
    PERFORM members_refuse(broken.rule, 'An office breaks the rule ' || broken.rule, jsonb_build_object(
        'unit', (SELECT name FROM members_unit WHERE id = broken.unit_id),
        'member', (SELECT full_name FROM members_member WHERE id = broken.member_id)));
END IF;
RETURN NULL;
"""


def _check(operation: Operation, referencing: Referencing) -> Rule:
    return Rule(
        name=f"check_offices_{str(operation).lower()}",
        level=Statement,
        when=After,
        operation=operation,
        referencing=referencing,
        declare=[("broken", "record")],
        func=_CHECK,
    )


APPOINTMENT_TRIGGERS = [
    _check(Insert, Referencing(new="new_rows")),
    _check(Update, Referencing(old="old_rows", new="new_rows")),
]

#: A unit whose life was shortened leaves no office behind.
UNIT_OFFICE_TRIGGERS = [
    at_the_end(
        "check_unit_offices",
        UpdateOf("founded_on", "dissolved_on"),
        "PERFORM members_check_unit_offices(NEW.id);",
    )
]
