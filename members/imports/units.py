"""Units by sheet: an unknown code founds one, of a known one kind and place are put right.

Rows may stand in any order: a parent may come later in the sheet than what stands under it. Names, tiers and parents of
known units change on a day, on the unit's page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy, ngettext

from hkh.core.dates import today
from hkh.core.sheets.importing import (
    Cause,
    Check,
    SheetImport,
    changes_of,
    keep_for_now,
    make_plan,
    note_problems,
    settle,
)
from hkh.core.sheets.made import (
    Fact,
    Made,
    edited_since,
    ids_in,
    next_id,
    ranges_of,
    references,
    resting_on,
    take_back_changes,
    write_changes,
)
from hkh.core.sheets.staging import NEW, Stage
from members.imports.units_named import units_allowed
from members.models import Unit, UnitAncestor, UnitVersion
from members.rules import Verb
from members.sheets.units import UnitResource

FACTS = (Fact("kind", "text", "said.kind"), Fact("place_id", "bigint", "said.place_id"))

_PLAN = f"""
    WITH said AS MATERIALIZED (
        SELECT cell.row_no, upper(cell.code) AS code, cell.name, cell.tier, tier.id AS tier_id,
               cell.parent, cell.kind, cell.place, place.id AS place_id, cell.founded_on,
               hkh_search_key(cell.name) AS name_key, hkh_search_key(cell.parent) AS parent_key,
               min(cell.row_no) OVER (PARTITION BY upper(cell.code)) AS first_row
        FROM {{cells}} cell
        LEFT JOIN members_tier tier ON tier.code = cell.tier AND tier.retired_on IS NULL
        LEFT JOIN members_place place ON place.uid = cell.place
    ),
    named AS (
        SELECT search_key, min(id) AS id, count(*) FROM imports_units WHERE dissolved_on IS NULL GROUP BY search_key
    )
    SELECT said.*, above.id AS parent_id, above.tier_id AS parent_tier_id, above.name AS parent_name,
           above.founded_on AS parent_founded_on, above.dissolved_on AS parent_dissolved_on,
           row.row_no AS parent_row, row.tier_id AS parent_row_tier_id, row.founded_on AS parent_row_founded_on,
           above.id IS NULL AND row.row_no IS NULL AND named.count > 1 AS is_ambiguous,
           known.id AS target_id, known.name AS known_name, known.tier_id AS known_tier_id,
           known.parent_id AS known_parent_id, known.founded_on AS known_founded_on,
           hkh_search_key(known.name) AS known_key, known.id IN (SELECT id FROM imports_units) AS is_in_sight,
           {changes_of(FACTS, known="known")} AS changes
    FROM said
    LEFT JOIN imports_units coded ON coded.code = upper(said.parent)
    LEFT JOIN named ON named.search_key = said.parent_key
    LEFT JOIN said row ON row.code = upper(said.parent) AND row.row_no = row.first_row AND coded.id IS NULL
    LEFT JOIN imports_units above
        ON above.id = coalesce(coded.id, CASE WHEN row.row_no IS NULL AND named.count = 1 THEN named.id END)
    LEFT JOIN members_unit known ON known.code = said.code
"""

_CAUSES = {
    "code_odd": Cause(gettext_lazy("Write the code in letters, digits and hyphens, without spaces.")),
    "code_taken": Cause(gettext_lazy("Another unit already has this code. Choose another.")),
    "twice": Cause(gettext_lazy("The same code stands in row %(value)s already.")),
    "tier_unknown": Cause(gettext_lazy("There is no tier “%(value)s” in use.")),
    "place_unknown": Cause(gettext_lazy("There is no place with the key “%(value)s”. It may stay empty.")),
    "parent_missing": Cause(gettext_lazy("Say under which unit it stands: the code of the unit above it.")),
    "parent_unknown": Cause(
        gettext_lazy("There is no unit “%(value)s” among those where you may found units, nor in this sheet.")
    ),
    "parent_several": Cause(gettext_lazy("Several units are called “%(value)s”. Write the unit's code instead.")),
    "parent_gone": Cause(gettext_lazy("“%(value)s” does not exist on the day of founding. Check the date.")),
    "parent_refused": Cause(gettext_lazy("The unit above it, in row %(value)s, is refused.")),
    "circle": Cause(gettext_lazy("The rows of this unit and of those above it run in a circle.")),
    "tier_under": Cause(gettext_lazy("A unit of this tier may not stand under “%(value)s”.")),
    "founded_future": Cause(gettext_lazy("The day of founding, %(value)s, has not come yet.")),
    "moves": Cause(
        gettext_lazy("“%(value)s” changes its name, tier or place in the tree on a day: use the unit's page for that.")
    ),
    "founded_differs": Cause(gettext_lazy("Known as founded on another day: %(value)s. Write the day as it is known.")),
}


def _checks(*, may_be_top: bool) -> Iterable[Check]:
    new = "plan.target_id IS NULL"
    yield "code_odd", "code", f"{new} AND plan.code ~ '[ /?#%]'", "''"
    yield "code_taken", "code", "plan.target_id IS NOT NULL AND NOT plan.is_in_sight", "''"
    yield "twice", "code", "plan.row_no <> plan.first_row", "plan.first_row"
    yield "tier_unknown", "tier", "plan.tier IS NOT NULL AND plan.tier_id IS NULL", "plan.tier"
    yield "place_unknown", "place", "plan.place IS NOT NULL AND plan.place_id IS NULL", "plan.place"
    if not may_be_top:
        yield "parent_missing", "parent", f"{new} AND plan.parent IS NULL", "''"
    is_lost = "plan.parent IS NOT NULL AND plan.parent_id IS NULL AND plan.parent_row IS NULL"
    yield "parent_several", "parent", f"{new} AND {is_lost} AND plan.is_ambiguous", "plan.parent"
    yield "parent_unknown", "parent", f"{new} AND {is_lost} AND NOT coalesce(plan.is_ambiguous, false)", "plan.parent"
    founded = "coalesce(plan.parent_founded_on, plan.parent_row_founded_on)"
    yield (
        "parent_gone",
        "founded_on",
        f"{new} AND (plan.founded_on < {founded} OR plan.parent_dissolved_on IS NOT NULL)",
        "coalesce(plan.parent_name, plan.parent)",
    )
    yield (
        "tier_under",
        "tier",
        f"""{new} AND plan.tier_id IS NOT NULL AND coalesce(plan.parent_tier_id, plan.parent_row_tier_id) IS NOT NULL
            AND NOT EXISTS (SELECT FROM members_tier_may_stand_under allowed WHERE allowed.from_tier_id = plan.tier_id
                AND allowed.to_tier_id = coalesce(plan.parent_tier_id, plan.parent_row_tier_id))""",
        "coalesce(plan.parent_name, plan.parent)",
    )
    yield "founded_future", "founded_on", f"plan.founded_on > '{today().isoformat()}'", _DAY.format("plan.founded_on")
    yield from _checks_of_the_known()


def _checks_of_the_known() -> Iterable[Check]:
    known = "plan.target_id IS NOT NULL AND plan.is_in_sight"
    yield (
        "moves",
        "name",
        f"""{known} AND (plan.name_key <> plan.known_key OR plan.tier_id <> plan.known_tier_id
            OR plan.parent IS NOT NULL AND plan.parent_id IS DISTINCT FROM plan.known_parent_id
               AND plan.known_parent_id IN (SELECT id FROM imports_units))""",
        "plan.known_name",
    )
    yield (
        "founded_differs",
        "founded_on",
        f"{known} AND plan.founded_on <> plan.known_founded_on",
        _DAY.format("plan.known_founded_on"),
    )


_DAY = "to_char({}, 'DD/MM/YYYY')"


class UnitImport(SheetImport):
    """Units under those where their founder may found some."""

    resource = UnitResource
    verb = Verb.EDIT_UNIT
    icon = "sitemap"
    purpose = gettext_lazy("Branches and other units: an unknown code founds one under the unit above it.")
    list_url = "members:unit-list"
    causes = _CAUSES
    shown = ("code", "name", "tier", "parent", "founded_on")
    model = Unit
    facts = FACTS

    def plan(self, stage: Stage, *, by: Any, options: Mapping[str, Any]) -> None:
        units_allowed(by=by, verb=self.verb)
        make_plan(stage, _PLAN.format(cells=stage.cells))
        note_problems(stage, _checks(may_be_top=by.is_superuser), causes=self.causes)
        with connection.cursor() as cursor:
            _note_unreached(cursor, stage)
        settle(stage)

    def lock(self, stage: Stage) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT members_lock_tree()")

    def apply(self, stage: Stage, *, by: Any, options: Mapping[str, Any]) -> Made:
        with connection.cursor() as cursor:
            keep_for_now(
                "imports_new",
                f"""
                SELECT plan.*, {next_id(Unit)} AS id
                FROM (SELECT * FROM {stage.of(NEW)} plan ORDER BY row_no) plan
                """,
            )
            placed = "imports_new new LEFT JOIN imports_new above ON above.row_no = new.parent_row"
            cursor.execute(
                f"""
                INSERT INTO members_unit (id, code, kind, place_id, founded_on, name, tier_id, parent_id, revision)
                SELECT new.id, new.code, coalesce(new.kind, 'territorial'), new.place_id, new.founded_on, new.name,
                       new.tier_id, coalesce(new.parent_id, above.id), 1
                FROM {placed} ORDER BY new.id
                """
            )
            cursor.execute(
                f"""
                INSERT INTO members_unitversion (unit_id, name, tier_id, parent_id, valid_from)
                SELECT new.id, new.name, new.tier_id, coalesce(new.parent_id, above.id), new.founded_on
                FROM {placed} ORDER BY new.id
                """
            )
        write_changes(stage, Unit, FACTS)
        return {"unit": ranges_of(stage, "id", "imports_new new")}

    def obstacles(self, made: Made, changes: str, *, by: Any) -> list[str]:
        spans, found = made.get("unit", []), []
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                SELECT count(*) FILTER (WHERE unit.revision <> 1 OR (
                           SELECT count(*) FROM members_unitversion version WHERE version.unit_id = unit.id) <> 1),
                       (SELECT count(*) FROM members_unitversion below
                        WHERE {ids_in(spans, "below.parent_id")} AND NOT {ids_in(spans, "below.unit_id")})
                FROM members_unit unit WHERE {ids_in(spans, "unit.id")}
                """
            )
            edited, below = cursor.fetchone()
        edited += edited_since(changes, Unit)
        if edited:
            text = ngettext("%(n)s unit has changed since.", "%(n)s units have changed since.", edited)
            found.append(text % {"n": edited})
        if below:
            text = ngettext(
                "%(n)s unit has been placed under them since.", "%(n)s units have been placed under them since.", below
            )
            found.append(text % {"n": below})
        return [*found, *resting_on(references(Unit, spans, but=[Unit, UnitVersion, UnitAncestor]))]

    def undo(self, made: Made, changes: str, *, by: Any) -> None:
        spans = made.get("unit", [])
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM members_unitversion WHERE {ids_in(spans, 'unit_id')}")
            cursor.execute(f"DELETE FROM members_unit WHERE {ids_in(spans, 'id')}")
        take_back_changes(changes, Unit, FACTS)


def _note_unreached(cursor: Any, stage: Stage) -> None:
    """Rows whose parent's row is refused, or whose parents run in a circle: they do not hang on any known unit."""
    cursor.execute(
        f"""
        WITH RECURSIVE sound AS (
            SELECT row_no, parent, parent_row FROM {stage.plan} plan
            WHERE target_id IS NULL AND row_no NOT IN (SELECT row_no FROM {stage.problems} WHERE refuses)
        ),
        reached(row_no) AS (
            SELECT row_no FROM sound WHERE parent_row IS NULL
            UNION
            SELECT sound.row_no FROM reached JOIN sound ON sound.parent_row = reached.row_no
        ),
        lost AS (SELECT * FROM sound WHERE row_no NOT IN (SELECT row_no FROM reached)),
        below(row_no) AS (
            SELECT lost.row_no FROM lost WHERE lost.parent_row NOT IN (SELECT row_no FROM sound)
            UNION
            SELECT lost.row_no FROM below JOIN lost ON lost.parent_row = below.row_no
        )
        INSERT INTO {stage.problems}
        SELECT row_no, CASE WHEN row_no IN (SELECT row_no FROM below) THEN 'parent_refused' ELSE 'circle' END, 'parent',
               parent_row::text, true
        FROM lost
        """
    )
