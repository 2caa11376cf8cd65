"""Donors by sheet. A row is a known donor by its number, else, in its unit, by tax code, else by name and telephone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy, ngettext

from funds.models import Donor
from funds.sheets.donors import DonorResource
from hkh.core.sheets.importing import (
    Cause,
    Check,
    causes_of,
    changes_of,
    keep_for_now,
    make_plan,
    note_checks,
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
from members.imports.units_named import UNIT_CAUSES, InUnits, find_units, lock_units, unit_checks
from members.rules import Verb

_DIGITS = r"regexp_replace({}, '\D', '', 'g')"

FACTS = (
    Fact("kind", "text", "said.kind"),
    Fact("name", "text", "CASE WHEN said.name_key <> known.search_key THEN said.name END"),
    Fact("country", "text", "said.country"),
    Fact(
        "phone",
        "text",
        f"CASE WHEN {_DIGITS.format('said.phone')} <> {_DIGITS.format('known.phone')} THEN said.phone END",
    ),
    Fact("email", "text", "said.email"),
    Fact("address", "text", "said.address"),
    Fact("tax_code", "text", "said.tax_code"),
    Fact("is_anonymous", "boolean", "said.is_anonymous"),
    Fact("note", "text", "said.note"),
)

_PLAN = f"""
    WITH said AS MATERIALIZED (
        SELECT keyed.*, min(row_no) OVER (
                   PARTITION BY unit_id, name_key, {_DIGITS.format("phone")}, tax_code) AS first_row
        FROM (
            SELECT cell.*, found.id AS unit_id, found.is_ambiguous, hkh_search_key(cell.name) AS name_key
            FROM {{cells}} cell LEFT JOIN imports_found_units found ON found.text = coalesce(cell.unit, '')
            OFFSET 0
        ) keyed
    ),
    register AS (
        SELECT coalesce(merged_into_id, id) AS id, unit_id, search_key, tax_code, {_DIGITS.format("phone")} AS digits
        FROM funds_donor
        WHERE unit_id IN (SELECT id FROM imports_found_units)
    ),
    taxed AS (
        SELECT said.row_no, min(register.id) AS id, count(DISTINCT register.id) FROM said
        JOIN register ON register.unit_id = said.unit_id AND register.tax_code = said.tax_code GROUP BY said.row_no
    ),
    named AS (
        SELECT said.row_no, min(register.id) AS id, count(DISTINCT register.id) FROM said
        JOIN register ON register.unit_id = said.unit_id AND register.search_key = said.name_key
        WHERE (said.tax_code IS NULL OR register.tax_code IN ('', said.tax_code))
          AND (said.phone IS NULL OR register.digits IN ('', {_DIGITS.format("said.phone")}))
        GROUP BY said.row_no
    ),
    told AS (
        SELECT said.*, seen.id AS numbered_id, named.count AS named_count,
               CASE WHEN said.id IS NOT NULL THEN seen.id WHEN taxed.id IS NOT NULL THEN taxed.id
                    WHEN named.count = 1 THEN named.id END AS target_id
        FROM said LEFT JOIN taxed USING (row_no) LEFT JOIN named USING (row_no)
        LEFT JOIN funds_donor seen ON seen.id = said.id AND seen.merged_into_id IS NULL
            AND seen.unit_id IN (SELECT id FROM imports_units)
    )
    SELECT said.*, known.unit_id AS known_unit_id, known.name AS known_name,
           {changes_of(FACTS, known="known")} AS changes
    FROM told said LEFT JOIN funds_donor known ON known.id = said.target_id
"""

_CAUSES = {
    **UNIT_CAUSES,
    **causes_of(Donor),
    "number_unknown": Cause(
        gettext_lazy("There is no row number %(value)s in your units. Leave the column empty to add a new one.")
    ),
    "other_unit": Cause(gettext_lazy("“%(value)s” is known to another unit, and stays with it.")),
    "several": Cause(
        gettext_lazy("The unit knows %(value)s donors of this name. Write the telephone number or the tax code.")
    ),
    "twice": Cause(gettext_lazy("The same donor stands in row %(value)s already.")),
}


def _checks() -> Iterable[Check]:
    yield from unit_checks()
    yield "number_unknown", "id", "plan.id IS NOT NULL AND plan.numbered_id IS NULL", "plan.id"
    yield "other_unit", "unit", "plan.known_unit_id <> plan.unit_id", "plan.known_name"
    yield "several", "name", "plan.target_id IS NULL AND plan.named_count > 1", "plan.named_count"
    yield (
        "twice",
        "name",
        "plan.target_id IS NULL AND plan.unit_id IS NOT NULL AND plan.row_no <> plan.first_row",
        "plan.first_row",
    )


class DonorImport(InUnits):
    """Donors, each known to a unit."""

    resource = DonorResource
    verb = Verb.EDIT_DONOR
    icon = "heart-handshake"
    purpose = gettext_lazy("Who gives: firms, agencies, persons and clans, with telephone and tax code.")
    list_url = "funds:donor-list"
    causes = _CAUSES
    shown = ("name", "kind", "unit", "phone", "tax_code")
    model = Donor
    facts = FACTS

    def plan(self, stage: Stage, *, by: Any, options: Mapping[str, Any]) -> None:
        find_units(stage, by=by, verb=self.verb, otherwise=options.get("unit", ""))
        make_plan(stage, _PLAN.format(cells=stage.cells))
        note_problems(stage, _checks(), causes=self.causes)
        note_pairs(stage, "name")
        note_checks(stage, Donor, causes=self.causes)
        settle(stage)

    def lock(self, stage: Stage) -> None:
        lock_units(stage)

    def apply(self, stage: Stage, *, by: Any, options: Mapping[str, Any]) -> Made:
        with connection.cursor() as cursor:
            keep_for_now(
                "imports_new",
                f"""
                SELECT row_no, {next_id(Donor)} AS id
                FROM (SELECT row_no FROM {stage.of(NEW)} plan ORDER BY row_no) in_order
                """,
            )
            cursor.execute(
                f"""
                INSERT INTO funds_donor (id, unit_id, kind, name, country, phone, email, address, tax_code,
                                         is_anonymous, note, revision)
                SELECT new.id, said.unit_id, said.kind, said.name, coalesce(said.country, ''),
                       coalesce(said.phone, ''), coalesce(said.email, ''), coalesce(said.address, ''),
                       coalesce(said.tax_code, ''), coalesce(said.is_anonymous, false), coalesce(said.note, ''), 1
                FROM {stage.plan} said JOIN imports_new new USING (row_no)
                """
            )
        write_changes(stage, Donor, FACTS)
        return {"donor": ranges_of(stage, "id", "imports_new new")}

    def obstacles(self, made: Made, changes: str, *, by: Any) -> list[str]:
        spans, found = made.get("donor", []), []
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM funds_donor WHERE revision <> 1 AND {ids_in(spans, 'id')}")
            edited = cursor.fetchone()[0] + edited_since(changes, Donor)
        if edited:
            text = ngettext(
                "%(n)s donor has been saved again since.", "%(n)s donors have been saved again since.", edited
            )
            found.append(text % {"n": edited})
        return [*found, *resting_on(references(Donor, spans))]

    def undo(self, made: Made, changes: str, *, by: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM funds_donor WHERE {ids_in(made.get('donor', []), 'id')}")
        take_back_changes(changes, Donor, FACTS)


def note_pairs(stage: Stage, field: str) -> None:
    """Rows that speak of one known row: of all but the first it is said. Its cause is ``twice``."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO {stage.problems}
            SELECT row_no, 'twice', '{field}', first_row::text, true FROM (
                SELECT row_no, min(row_no) OVER (PARTITION BY target_id) AS first_row
                FROM {stage.plan} WHERE target_id IS NOT NULL
            ) pair WHERE row_no <> first_row
            """
        )
