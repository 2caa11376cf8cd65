"""The rules of titles: for years that have come, and spoken for once.

``members_stood_in_year()`` (migration 0010) says whether a unit stood so at the end of a year or, ended in it, stood
so last.
"""

from __future__ import annotations

from pgtrigger import Insert, Update

from members.triggers.rules import statement

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

_FOUND = [("culprit", "bigint"), ("speaker", "bigint"), ("late", "integer")]

TITLE_TRIGGERS = [
    statement("check_titles", Insert, _CHECK_TITLES, declare=_FOUND),
    statement("check_titles", Update, _CHECK_TITLES, declare=_FOUND),
]
