"""Members by sheet: who is known already, what is new of them, who comes in.

A row is a known member where its card number says so or, in the same unit, name and birth; of two equal persons of one
unit the first row is the first of them. Days of joining and units change by verbs with a day of their own, never here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy, ngettext

from hkh.core.dates import today
from hkh.core.sheets.importing import Cause, Check, changes_of, keep_for_now, make_plan, note_problems, settle, state_of
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
from members.imports.units_named import UNIT_CAUSES, InUnits, find_units, ids_seen, lock_units, unit_checks
from members.models import Member, Membership, Tier, Unit
from members.models.people import NO_NAME, LeaveReason
from members.rules import Verb
from members.sheets.people import MemberResource

_BIRTH_YEAR = "coalesce(said.birth_year, extract(year FROM said.birth)::int)"

#: What may be known anew of a member. Spellings of one name (Hoà, Hòa) are no news, nor are gaps in a telephone number.
FACTS = (
    Fact("full_name", "text", "CASE WHEN said.name_key <> known.sort_key THEN said.full_name END"),
    Fact("birth_date", "date", "said.birth"),
    Fact(
        "birth_year",
        "smallint",
        "CASE WHEN said.birth IS NOT NULL AND said.birth IS DISTINCT FROM known.birth_date THEN"
        " extract(year FROM said.birth)::smallint WHEN known.birth_date IS NULL THEN said.birth_year END",
    ),
    Fact("sex", "text", "said.sex"),
    Fact(
        "phone",
        "text",
        r"CASE WHEN regexp_replace(said.phone, '\D', '', 'g') <> regexp_replace(known.phone, '\D', '', 'g')"
        " THEN said.phone END",
    ),
    Fact("email", "text", "said.email"),
    Fact("occupation", "text", "said.occupation"),
    Fact("address", "text", "said.address"),
    Fact("card_number", "text", "upper(said.card_number)"),
    Fact("note", "text", "said.note"),
)

_SAME_YEAR = "coalesce(extract(year FROM register.birth_date)::int, register.birth_year)"

_PLAN = f"""
    WITH said AS MATERIALIZED (
        SELECT keyed.*, hashtextextended(concat_ws('|', unit_id, name_key, birth, birth_year, upper(card_number)), 0)
                   AS same
        FROM (
            SELECT cell.*, found.id AS unit_id, found.is_ambiguous, hkh_sort_key(cell.full_name) AS name_key
            FROM {{cells}} cell LEFT JOIN imports_found_units found ON found.text = coalesce(cell.unit, '')
            OFFSET 0
        ) keyed
    ),
    turns AS (
        SELECT row_no, row_number() OVER equal AS turn, min(row_no) OVER (PARTITION BY same) AS first_row
        FROM said WINDOW equal AS (PARTITION BY same ORDER BY row_no)
    ),
    register AS (
        SELECT member.id, member.sort_key, member.birth_date, member.birth_year, member.card_number, here.unit_id,
               row_number() OVER (PARTITION BY here.unit_id, member.sort_key, member.birth_date, member.birth_year
                                  ORDER BY member.id) AS turn
        FROM members_membership here JOIN members_member member ON member.id = here.member_id
        WHERE here.left_on IS NULL AND here.unit_id IN (SELECT id FROM imports_found_units)
    ),
    alike AS (
        SELECT said.row_no,
               min(register.id) FILTER (WHERE equal.is_so AND register.turn = turns.turn) AS equal_id,
               min(register.id) FILTER (WHERE NOT equal.is_so) AS alike_id,
               count(*) FILTER (WHERE NOT equal.is_so) AS alike_count
        FROM said JOIN turns USING (row_no)
        JOIN register ON register.unit_id = said.unit_id AND register.sort_key = said.name_key
        CROSS JOIN LATERAL (SELECT CASE WHEN said.birth IS NOT NULL THEN register.birth_date = said.birth
            ELSE said.birth_year IS NOT DISTINCT FROM {_SAME_YEAR} END IS TRUE AS is_so) equal
        WHERE (said.card_number IS NULL OR register.card_number IN ('', upper(said.card_number)))
          AND (equal.is_so OR {_BIRTH_YEAR} IS NULL OR {_SAME_YEAR} IS NULL
               OR {_SAME_YEAR} = {_BIRTH_YEAR} AND (said.birth IS NULL OR register.birth_date IS NULL))
        GROUP BY said.row_no
    ),
    told AS (
        SELECT said.*, turns.turn, turns.first_row, alike.equal_id, coalesce(alike.alike_count, 0) AS alike_count,
               carded.id AS carded_id, coalesce(numbered.id, carded.id) AS sure_id,
               coalesce(numbered.id, carded.id, alike.equal_id, CASE alike.alike_count WHEN 1 THEN alike.alike_id END)
                   AS target_id
        FROM said JOIN turns USING (row_no) LEFT JOIN alike USING (row_no)
        LEFT JOIN members_member numbered ON numbered.id = said.id
        LEFT JOIN members_member carded
            ON carded.card_number = upper(said.card_number) AND carded.card_number <> ''
    )
    SELECT said.*, unit.name AS unit_name, unit.founded_on, unit.dissolved_on, unit.holds_members,
           known.full_name AS known_name, known.sort_key AS known_key, known.birth_date AS known_birth,
           known.birth_year AS known_birth_year, open.unit_id AS known_unit_id, open.joined_on AS known_joined_on,
           sight.id IS NOT NULL AS is_in_sight,
           coalesce(said.joined_on, make_date(said.joined_on_year, 1, 1)) AS joins_on,
           {changes_of(FACTS, known="known")} AS changes
    FROM told said
    LEFT JOIN imports_units unit ON unit.id = said.unit_id
    LEFT JOIN LATERAL (
        SELECT seen.id FROM members_membership was JOIN imports_units seen ON seen.id = was.unit_id
        WHERE was.member_id = said.sure_id
        AND was.leave_reason NOT IN ('{LeaveReason.TRANSFER}', '{LeaveReason.REORGANISATION}') LIMIT 1
    ) sight ON true
    -- Of whom a card number names elsewhere nothing is known here, not even what a refusal would tell of him.
    LEFT JOIN members_member known ON known.id = said.target_id AND (said.sure_id IS NULL OR sight.id IS NOT NULL)
    LEFT JOIN members_membership open ON open.member_id = known.id AND open.left_on IS NULL
"""

_CAUSES = {
    **UNIT_CAUSES,
    "unit_tier": Cause(gettext_lazy("“%(value)s” holds no members of its own. Write the code of a branch below it.")),
    "unit_over": Cause(gettext_lazy("“%(value)s” did not exist on the day of joining, or has been dissolved since.")),
    "joined_future": Cause(gettext_lazy("The day of joining, %(value)s, has not come yet.")),
    "joined_before_birth": Cause(gettext_lazy("Nobody joins before being born. Check both dates.")),
    "joined_differs": Cause(
        gettext_lazy("Known as a member since another day (%(value)s). Leave the day of joining as it is known.")
    ),
    "no_name": Cause(gettext_lazy("“%(value)s” is no name: it holds no letter. Write the full name.")),
    "birth_odd": Cause(gettext_lazy("Check the date of birth: %(value)s.")),
    "birth_differs": Cause(
        gettext_lazy("Known with another year of birth (%(value)s). Correct it on the member's page.")
    ),
    "twice": Cause(gettext_lazy("The same person stands in row %(value)s already.")),
    "card_twice": Cause(gettext_lazy("The card number %(value)s stands in another row of this sheet too.")),
    "several": Cause(
        gettext_lazy("The unit has %(value)s members of this name. Write the date of birth or the card number.")
    ),
    "number_unknown": Cause(
        gettext_lazy("There is no member number %(value)s in your units. Leave the column empty to admit a new member.")
    ),
    "number_other": Cause(
        gettext_lazy("The number belongs to %(value)s. Check number and name: have the columns been sorted apart?")
    ),
    "card_other": Cause(gettext_lazy("The card number belongs to %(value)s. Check the number or the name.")),
    "card_taken": Cause(gettext_lazy("Another member already has this card number.")),
    "elsewhere": Cause(
        gettext_lazy("%(value)s is a member of another unit. Use a transfer on the member's page, not a sheet.")
    ),
    "gone": Cause(gettext_lazy("%(value)s has left the association. Take the person in again on the member's page.")),
}


def _checks() -> Iterable[Check]:
    day = f"'{today().isoformat()}'::date"
    joined = "coalesce(plan.known_joined_on, plan.joins_on)"
    yield from unit_checks()
    yield "unit_tier", "unit", "NOT plan.holds_members", "plan.unit_name"
    yield (
        "unit_over",
        "unit",
        "plan.holds_members AND (plan.dissolved_on IS NOT NULL"
        " OR plan.target_id IS NULL AND plan.joins_on < plan.founded_on)",
        "plan.unit_name",
    )
    yield "joined_future", "joined_on", f"plan.joins_on > {day}", _DAY.format("plan.joins_on")
    yield (
        "joined_before_birth",
        "joined_on",
        f"plan.birth > {joined} AND plan.birth <= {day} OR plan.birth_year > extract(year FROM {joined})",
        "''",
    )
    yield (
        "joined_differs",
        "joined_on",
        "plan.known_unit_id = plan.unit_id AND (plan.joined_on <> plan.known_joined_on"
        " OR plan.joined_on_year <> extract(year FROM plan.known_joined_on))",
        _DAY.format("plan.known_joined_on"),
    )
    yield "no_name", "full_name", f"plan.full_name ~ '{NO_NAME}'", "plan.full_name"
    yield (
        "birth_odd",
        "birth",
        f"plan.birth > {day} OR plan.birth_year > {today().year}",
        f"coalesce({_DAY.format('plan.birth')}, plan.birth_year::text)",
    )
    yield (
        "birth_differs",
        "birth",
        "plan.birth IS NULL AND plan.birth_year <> extract(year FROM plan.known_birth)",
        "extract(year FROM plan.known_birth)::int",
    )
    yield (
        "twice",
        "full_name",
        "plan.turn > 1 AND plan.faults IS NULL AND plan.unit_id IS NOT NULL"
        " AND plan.equal_id IS NULL AND plan.sure_id IS NULL",
        "plan.first_row",
    )
    yield (
        "several",
        "full_name",
        "plan.sure_id IS NULL AND plan.equal_id IS NULL AND plan.alike_count > 1",
        "plan.alike_count",
    )
    yield from _checks_of_the_known()


def _checks_of_the_known() -> Iterable[Check]:
    """Of rows that say by number or card which member they mean."""
    numbered, carded = "plan.id IS NOT NULL", "plan.id IS NULL AND plan.carded_id IS NOT NULL"
    seen = "plan.sure_id IS NOT NULL AND plan.is_in_sight"
    is_other = """plan.known_key <> plan.name_key AND coalesce(plan.birth <> plan.known_birth,
        plan.birth_year IS DISTINCT FROM coalesce(extract(year FROM plan.known_birth)::int, plan.known_birth_year))"""
    yield (
        "number_unknown",
        "id",
        f"{numbered} AND (plan.sure_id IS DISTINCT FROM plan.id OR NOT plan.is_in_sight)",
        "plan.id",
    )
    yield (
        "number_other",
        "id",
        f"{numbered} AND plan.sure_id = plan.id AND plan.is_in_sight AND {is_other}",
        "plan.known_name",
    )
    yield (
        "card_taken",
        "card_number",
        f"{carded} AND NOT plan.is_in_sight OR plan.carded_id <> plan.target_id",
        "''",
    )
    yield "card_other", "card_number", f"{carded} AND {seen} AND {is_other}", "plan.known_name"
    yield "elsewhere", "unit", f"{seen} AND plan.known_unit_id <> plan.unit_id", "plan.known_name"
    yield "gone", "full_name", f"{seen} AND plan.known_unit_id IS NULL", "plan.known_name"


_DAY = "to_char({}, 'DD/MM/YYYY')"


class MemberImport(InUnits):
    """Members into units that hold members."""

    resource = MemberResource
    verb = Verb.EDIT_MEMBER
    icon = "users"
    purpose = gettext_lazy("Who belongs to which branch: new members come in, known ones are put right.")
    list_url = "members:member-list"
    causes = _CAUSES
    shown = ("full_name", "birth", "unit", "joined_on", "phone", "card_number")
    model = Member
    facts = FACTS

    def plan(self, stage: Stage, *, by: Any, options: Mapping[str, Any]) -> None:
        find_units(stage, by=by, verb=self.verb, otherwise=options.get("unit", ""))
        make_plan(stage, _PLAN.format(cells=stage.cells))
        note_problems(stage, _checks(), causes=self.causes)
        with connection.cursor() as cursor:
            _note_pairs(cursor, stage)
        settle(stage)

    def basis(self, *, by: Any) -> str:
        # The day stands in the checks.
        said = [_PLAN, *_checks(), ids_seen(by=by, verb=self.verb), state_of((Member, Membership, Unit, Tier))]
        return sha256(repr(said).encode()).hexdigest()

    def lock(self, stage: Stage) -> None:
        lock_units(stage)

    def apply(self, stage: Stage, *, by: Any, options: Mapping[str, Any]) -> Made:
        with connection.cursor() as cursor:
            keep_for_now(
                "imports_new",
                f"""
                SELECT row_no, {next_id(Member)} AS id
                FROM (SELECT row_no FROM {stage.of(NEW)} plan ORDER BY row_no) in_order
                """,
            )
            cursor.execute("SELECT count(*) FROM imports_new")
            is_many = cursor.fetchone()[0] > _MANY
            if is_many:
                _prepare_for_many(cursor)
            cursor.execute(
                f"""
                INSERT INTO members_member (id, full_name, birth_date, birth_year, sex, phone, email, occupation,
                                            address, card_number, note, revision)
                SELECT new.id, said.full_name, said.birth, {_BIRTH_YEAR}, coalesce(said.sex, ''),
                       coalesce(said.phone, ''), coalesce(said.email, ''), coalesce(said.occupation, ''),
                       coalesce(said.address, ''), coalesce(upper(said.card_number), ''), coalesce(said.note, ''), 1
                FROM {stage.plan} said JOIN imports_new new USING (row_no)
                """
            )
            cursor.execute(
                f"""
                INSERT INTO members_membership (member_id, unit_id, joined_on, leave_reason)
                SELECT new.id, said.unit_id, said.joins_on, ''
                FROM {stage.plan} said JOIN imports_new new USING (row_no)
                """
            )
            if is_many:
                _settle_many(cursor)
            write_changes(stage, Member, FACTS)
            return {"member": ranges_of(stage, "id", "imports_new new")}

    def obstacles(self, made: Made, changes: str, *, by: Any) -> list[str]:
        return [*_touched(made.get("member", [])), *_changed_since(edited_since(changes, Member))]

    def undo(self, made: Made, changes: str, *, by: Any) -> None:
        spans = made.get("member", [])
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM members_membership WHERE {ids_in(spans, 'member_id')}")
            cursor.execute(f"DELETE FROM members_member WHERE {ids_in(spans, 'id')}")
        take_back_changes(changes, Member, FACTS)


#: Statements of more rows than this are planned for many.
_MANY = 5_000


def _prepare_for_many(cursor: Any) -> None:
    """Triggers plan their loops as if the rows were few; and the index of the search takes a lot at once far faster."""
    cursor.execute("SET LOCAL enable_nestloop = off")
    cursor.execute("SET LOCAL gin_pending_list_limit = '1GB'")
    cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")


def _settle_many(cursor: Any) -> None:
    """What was put off is done before anybody searches; statistics, since the proofs at the end rest on them."""
    cursor.execute("SELECT gin_clean_pending_list('member_search')")
    cursor.execute("SET LOCAL enable_nestloop = on")
    cursor.execute("ANALYZE members_member, members_membership")


def _note_pairs(cursor: Any, stage: Stage) -> None:
    """Rows that speak of one member, or bear one card number: of all but the first it is said."""
    cursor.execute(
        f"""
        INSERT INTO {stage.problems}
        SELECT row_no, 'twice', 'full_name', first_row::text, true FROM (
            SELECT row_no, min(row_no) OVER (PARTITION BY target_id) AS first_row
            FROM {stage.plan} WHERE (sure_id IS NULL OR is_in_sight) AND target_id IN (
                SELECT target_id FROM {stage.plan} WHERE target_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1)
        ) pair WHERE row_no <> first_row
        UNION ALL
        SELECT row_no, 'card_twice', 'card_number', card_number, true FROM {stage.plan}
        WHERE target_id IS NULL AND upper(card_number) IN (
            SELECT upper(card_number) FROM {stage.plan} WHERE target_id IS NULL AND card_number IS NOT NULL
            GROUP BY 1 HAVING count(*) > 1)
        """
    )


def _touched(spans: list[list[int]]) -> Iterable[str]:
    """What happened to members of ``spans`` since they came in."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT count(*) FILTER (WHERE revision <> 1), count(*) FILTER (WHERE memberships <> 1 OR has_left)
            FROM members_member member
            LEFT JOIN LATERAL (
                SELECT count(*) AS memberships, bool_or(left_on IS NOT NULL) AS has_left
                FROM members_membership WHERE member_id = member.id
            ) own ON true
            WHERE {ids_in(spans, "member.id")}
            """
        )
        corrected, moved = cursor.fetchone()
    if corrected:
        text = ngettext("%(n)s member has been corrected since.", "%(n)s members have been corrected since.", corrected)
        yield text % {"n": corrected}
    if moved:
        text = ngettext(
            "%(n)s member has left or moved to another unit since.",
            "%(n)s members have left or moved to another unit since.",
            moved,
        )
        yield text % {"n": moved}
    yield from resting_on(references(Member, spans, but=[Membership]))


def _changed_since(count: int) -> Iterable[str]:
    if count:
        text = ngettext(
            "%(n)s known member that this sheet changed has been saved again since.",
            "%(n)s known members that this sheet changed have been saved again since.",
            count,
        )
        yield text % {"n": count}
