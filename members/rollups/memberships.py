"""The roll-up of members: who joined and left a unit in a month. Kept by trigger, rebuilt and proved here.

Each statement on memberships is summed to its net change by unit and month, then added in the order of the
key, so that two hands never wait for each other in a circle.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from pgtrigger import After, Delete, Insert, Operation, Referencing, Statement, Update

from hkh.core.triggers import Rule

_MONTH_OF = "{day} - (extract(day FROM {day})::int - 1)"


def _events(rows: str, sign: int) -> str:
    joined, left = _MONTH_OF.format(day="joined_on"), _MONTH_OF.format(day="left_on")
    return f"""
    SELECT unit_id, {joined} AS month, {sign} AS joined, 0 AS gone FROM {rows}
    UNION ALL
    SELECT unit_id, {left}, 0, {sign} FROM {rows} WHERE left_on IS NOT NULL
    """


def _add(events: str) -> str:
    return f"""
    INSERT INTO members_membermonth (unit_id, month, joined, "left")
    SELECT unit_id, month, sum(joined), sum(gone)
    FROM ({events}) event
    GROUP BY unit_id, month
    HAVING sum(joined) <> 0 OR sum(gone) <> 0
    ORDER BY unit_id, month
    ON CONFLICT (unit_id, month) DO UPDATE
    SET joined = members_membermonth.joined + EXCLUDED.joined, "left" = members_membermonth."left" + EXCLUDED."left";
    """


def _keep(operation: Operation, referencing: Referencing, events: str) -> Rule:
    return Rule(
        name=f"keep_member_month_{str(operation).lower()}",
        level=Statement,
        when=After,
        operation=operation,
        referencing=referencing,
        func=f"{_add(events)} RETURN NULL;",
    )


MEMBER_MONTH_TRIGGERS = [
    _keep(Insert, Referencing(new="new_rows"), _events("new_rows", 1)),
    _keep(
        Update,
        Referencing(new="new_rows", old="old_rows"),
        f"{_events('new_rows', 1)} UNION ALL {_events('old_rows', -1)}",
    ),
    _keep(Delete, Referencing(old="old_rows"), _events("old_rows", -1)),
]


@dataclass(frozen=True)
class Difference:
    """A row of the roll-up that does not say what the memberships say."""

    unit: str
    month: date
    kept: tuple[int, int]
    counted: tuple[int, int]

    def __str__(self) -> str:
        return f"{self.unit} {self.month:%Y-%m}: joined, left kept {self.kept}, counted {self.counted}"


def rebuild() -> None:
    """Count all memberships anew. One pass (530,000 rows: about a second); writers wait meanwhile, readers do not."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE members_membership IN SHARE MODE")
        cursor.execute("DELETE FROM members_membermonth")
        cursor.execute(_add(_events("members_membership", 1)))


def check() -> list[Difference]:
    """Where the roll-up differs from the memberships; empty when all is well. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT unit.code, month, coalesce(kept.joined, 0), coalesce(kept."left", 0),
                   coalesce(counted.joined, 0), coalesce(counted.gone, 0)
            FROM members_membermonth kept
            FULL JOIN (
                SELECT unit_id, month, sum(joined) AS joined, sum(gone) AS gone
                FROM ({_events("members_membership", 1)}) event GROUP BY unit_id, month
            ) counted USING (unit_id, month)
            JOIN members_unit unit ON unit.id = unit_id
            WHERE (coalesce(kept.joined, 0), coalesce(kept."left", 0))
                  <> (coalesce(counted.joined, 0), coalesce(counted.gone, 0))
            ORDER BY unit.code, month
            """
        )
        return [
            Difference(unit, month, (kept_joined, kept_left), (int(joined), int(left)))
            for unit, month, kept_joined, kept_left, joined, left in cursor.fetchall()
        ]
