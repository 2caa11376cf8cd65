"""The rules of what units declare (headcounts, titles) that the database keeps by trigger.

What they call stands in migration 0010: ``members_today()``, now in Việt Nam or the later day that an installation
is fixed on; ``members_stood_in_year()``, whether a unit stood so at the end of a year or, ended in it, stood so last.
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

# A unit is locked against its own second hand, those above it against speaking for it at the same moment: two
# branches of one commune do not wait for each other. Locked in one order, each as strongly as it needs.
_CHECK_TITLES = """
PERFORM members_lock_for_titles(ARRAY(SELECT DISTINCT unit_id FROM new_rows));

SELECT one.year INTO late FROM new_rows one WHERE one.year > extract(year FROM members_today()) LIMIT 1;
IF late IS NOT NULL THEN
PERFORM members_refuse('title_not_in_future', 'Titles are counted for a year to come.',
jsonb_build_object('year', late::text));
END IF;

SELECT min(unit.id) INTO culprit FROM new_rows one JOIN members_unit unit ON unit.id = one.unit_id
WHERE unit.founded_on > make_date(one.year, 12, 31) OR unit.dissolved_on <= make_date(one.year, 1, 1);
IF culprit IS NOT NULL THEN
PERFORM members_refuse('title_within_unit', 'Titles are counted for a year without the unit.',
jsonb_build_object('unit', (SELECT name FROM members_unit WHERE id = culprit)));
END IF;

SELECT twice.unit_id, twice.other_id INTO culprit, speaker FROM (
SELECT one.unit_id, other.unit_id AS other_id
FROM new_rows one
JOIN members_unitancestor line ON line.unit_id = one.unit_id AND line.depth > 0
JOIN members_titlecount other ON other.unit_id = line.ancestor_id AND other.year = one.year AND other.title = one.title
WHERE members_stood_in_year(line.valid_from, line.valid_until, line.is_latest, one.year)
UNION ALL
SELECT one.unit_id, other.unit_id
FROM new_rows one
JOIN members_unitancestor line ON line.ancestor_id = one.unit_id AND line.depth > 0
JOIN members_titlecount other ON other.unit_id = line.unit_id AND other.year = one.year AND other.title = one.title
WHERE members_stood_in_year(line.valid_from, line.valid_until, line.is_latest, one.year)
) twice ORDER BY twice.unit_id, twice.other_id LIMIT 1;
IF culprit IS NOT NULL THEN
PERFORM members_refuse('title_one_speaks', 'A unit above or below speaks for this year and title already.',
jsonb_build_object('unit', (SELECT name FROM members_unit WHERE id = speaker)));
END IF;
"""


def _titles(operation: Operation) -> Rule:
    new = Referencing(new="new_rows")
    return Rule(
        name=f"check_titles_{str(operation).lower()}",
        level=Statement,
        when=After,
        operation=operation,
        referencing=new if str(operation) == "INSERT" else Referencing(new="new_rows", old="old_rows"),
        declare=[("culprit", "bigint"), ("speaker", "bigint"), ("late", "integer")],
        func=f"{_CHECK_TITLES} RETURN NULL;",
    )


TITLE_TRIGGERS = [_titles(Insert), _titles(Update)]
