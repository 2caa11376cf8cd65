"""The trace that carrying out a decision leaves: which rows it made, changed and removed, and what they were before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from django.db import connection

from hkh.decisions.world import rows

#: Of the rows made in each table, the columns that must not have changed when it is undone. Also: the tables that
#: a decision writes, in the order in which it does.
WATCHED: dict[str, tuple[str, ...]] = {
    "members_unit": ("name", "tier_id", "parent_id", "founded_on", "dissolved_on"),
    "members_unitversion": ("unit_id", "name", "tier_id", "parent_id", "valid_from", "valid_until"),
    "members_succession": ("predecessor_id", "successor_id", "effective_on", "kind", "share"),
    "members_membership": ("member_id", "unit_id", "joined_on", "left_on", "leave_reason"),
    "members_grant": ("user_id", "role", "unit_id", "valid_from", "valid_until"),
    "members_appointment": ("unit_id", "member_id", "position", "valid_from", "valid_until", "end_reason"),
    "funds_boardmember": ("fund_id", "since", "until"),
    "scholarships_round": ("unit_id", "state", "closed_on"),
    "scholarships_award": ("unit_id", "state"),
    "funds_appeal": ("unit_id", "opens_on", "closes_on"),
    "funds_appealpartner": ("appeal_id", "number", "name", "role"),
    "funds_donor": ("unit_id",),
    "funds_fund": ("unit_id", "opened_on", "closed_on", "purpose", "is_restricted"),
    "funds_movement": ("source_id", "target_id", "amount_vnd", "occurred_on"),
}


def object_of(alias: str, columns: Collection[str]) -> str:
    """SQL: ``columns`` of a row as a JSON object."""
    pairs = ", ".join(f"'{column}', {alias}.{column}" for column in columns)
    return f"jsonb_build_object({pairs})"


class Trace:
    """Collected while a decision is carried out, written once at its end. 1 or 2 statements a table."""

    def __init__(self, decision_id: int) -> None:
        self._decision_id = decision_id
        self._made: dict[str, list[int]] = defaultdict(list)
        self._changed: dict[tuple[str, tuple[str, ...]], dict[int, str]] = defaultdict(dict)
        self._removed: dict[str, dict[int, str]] = defaultdict(dict)

    def made(self, table: str, ids: Collection[int]) -> None:
        self._made[table].extend(ids)

    def changing(self, table: str, columns: tuple[str, ...], ids: Collection[int]) -> None:
        """These columns of these rows are about to be changed."""
        if ids:
            sql = f"SELECT id, {object_of('was', columns)}::text FROM {table} was WHERE id = ANY (%s)"
            self._changed[table, columns].update(rows(sql, [list(ids)]))

    def removing(self, table: str, ids: Collection[int]) -> None:
        if ids:
            sql = f"SELECT id, to_jsonb(was)::text FROM {table} was WHERE id = ANY (%s)"
            self._removed[table].update(rows(sql, [list(ids)]))

    def write(self) -> None:
        with connection.cursor() as cursor:
            for table, ids in self._made.items():
                cursor.execute(
                    f"""
                    INSERT INTO members_decisioneffect (decision_id, table_name, row_id, deed, after)
                    SELECT %s, %s, now_is.id, 'made', {object_of("now_is", WATCHED[table])}
                    FROM {table} now_is WHERE now_is.id = ANY (%s) ORDER BY now_is.id
                    """,
                    [self._decision_id, table, ids],
                )
            for (table, columns), before in self._changed.items():
                cursor.execute(
                    f"""
                    INSERT INTO members_decisioneffect (decision_id, table_name, row_id, deed, before, after)
                    SELECT %s, %s, now_is.id, 'changed', was.before::jsonb, {object_of("now_is", columns)}
                    FROM unnest(%s::bigint[], %s::text[]) was(id, before) JOIN {table} now_is USING (id)
                    ORDER BY now_is.id
                    """,
                    [self._decision_id, table, list(before), list(before.values())],
                )
            for table, before in self._removed.items():
                cursor.execute(
                    """
                    INSERT INTO members_decisioneffect (decision_id, table_name, row_id, deed, before)
                    SELECT %s, %s, was.id, 'removed', was.before::jsonb
                    FROM unnest(%s::bigint[], %s::text[]) was(id, before) ORDER BY was.id
                    """,
                    [self._decision_id, table, list(before), list(before.values())],
                )
