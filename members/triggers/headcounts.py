"""The rules of reported numbers: for days that have come, in order of revision, and kept.

``members_today()`` (migration 0010) is now in Việt Nam or the later day that an installation is fixed on.
"""

from __future__ import annotations

from pgtrigger import After, Before, Delete, Insert, Operation, Referencing, Statement, Truncate, Update

from hkh.core.triggers import Rule


def _never(operation: Operation) -> Rule:
    return Rule(
        name=f"headcount_kept_{str(operation).lower()}",
        level=Statement,
        when=Before,
        operation=operation,
        func="PERFORM members_refuse('headcount_kept', 'Reported numbers are never changed.'); RETURN NULL;",
    )


# The units first, locked against a second hand on the same number and against being dissolved meanwhile.
_CHECK_HEADCOUNTS = """
PERFORM 1 FROM members_unit WHERE id IN (SELECT unit_id FROM new_rows) ORDER BY id FOR NO KEY UPDATE;

SELECT one.counted_on INTO late FROM new_rows one WHERE one.counted_on > members_today() LIMIT 1;
IF late IS NOT NULL THEN
PERFORM members_refuse('headcount_not_in_future', 'A number is reported for a day to come.',
jsonb_build_object('day', to_char(late, 'DD/MM/YYYY')));
END IF;

SELECT min(unit.id) INTO culprit FROM new_rows one JOIN members_unit unit ON unit.id = one.unit_id
WHERE one.counted_on < unit.founded_on OR one.counted_on >= unit.dissolved_on;
IF culprit IS NOT NULL THEN
PERFORM members_refuse('headcount_within_unit', 'A number is reported for a day without the unit.',
jsonb_build_object('unit', (SELECT name FROM members_unit WHERE id = culprit)));
END IF;

SELECT min(one.unit_id) INTO culprit FROM new_rows one
JOIN members_unitversion version ON version.unit_id = one.unit_id AND version.valid_from <= one.counted_on
AND (version.valid_until IS NULL OR version.valid_until > one.counted_on)
JOIN members_tier tier ON tier.id = version.tier_id
WHERE NOT tier.holds_members;
IF culprit IS NOT NULL THEN
PERFORM members_refuse('headcount_tier', 'Units of this tier hold no members.',
jsonb_build_object('unit', (SELECT name FROM members_unit WHERE id = culprit)));
END IF;

SELECT min(touched.unit_id) INTO culprit FROM (
SELECT kept.unit_id FROM members_reportedheadcount kept
JOIN (SELECT DISTINCT unit_id, counted_on FROM new_rows) one USING (unit_id, counted_on)
GROUP BY kept.unit_id, kept.counted_on HAVING max(kept.revision) <> count(*) OR min(kept.revision) <> 1
) touched;
IF culprit IS NOT NULL THEN
PERFORM members_refuse('headcount_revisions_in_order', 'The revisions of a number leave one out.',
jsonb_build_object('unit', (SELECT name FROM members_unit WHERE id = culprit)));
END IF;
"""

HEADCOUNT_TRIGGERS = [
    _never(Update),
    _never(Delete),
    _never(Truncate),
    Rule(
        name="check_headcounts",
        level=Statement,
        when=After,
        operation=Insert,
        referencing=Referencing(new="new_rows"),
        declare=[("culprit", "bigint"), ("late", "date")],
        func=f"{_CHECK_HEADCOUNTS} RETURN NULL;",
    ),
]
