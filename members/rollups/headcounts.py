"""The roll-up of reported numbers: which one of a unit counts on which days. Kept by trigger, rebuilt and proved here.

A statement on reported numbers has the days of the units that it touches told anew, the units locked first and in
one order, so that two hands on one unit follow each other and none waits in a circle.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from pgtrigger import After, Insert, Referencing, Statement

from hkh.core.triggers import Rule

#: How long a number counts that no other follows.
HOLDS_FOR = "1 year"


def _spans(where: str) -> str:
    """The days of each number that counts, of the units that ``where`` picks."""
    return f"""
    SELECT unit_id, counted_on AS valid_from,
           least(lead(counted_on) OVER (PARTITION BY unit_id ORDER BY counted_on),
                 (counted_on + interval '{HOLDS_FOR}')::date) AS valid_until,
           members, women, minority
    FROM (
        SELECT DISTINCT ON (unit_id, counted_on) unit_id, counted_on, members, women, minority
        FROM members_reportedheadcount {where}
        ORDER BY unit_id, counted_on, revision DESC
    ) latest
    WHERE members IS NOT NULL
    """


def _fill(where: str) -> str:
    return f"""
    INSERT INTO members_headcountspan (unit_id, valid_from, valid_until, members, women, minority)
    {_spans(where)};
    """


_TOUCHED = "IN (SELECT unit_id FROM new_rows)"

SPAN_TRIGGERS = [
    Rule(
        name="keep_headcount_span",
        level=Statement,
        when=After,
        operation=Insert,
        referencing=Referencing(new="new_rows"),
        func=f"""
        PERFORM 1 FROM members_unit WHERE id {_TOUCHED} ORDER BY id FOR NO KEY UPDATE;
        DELETE FROM members_headcountspan WHERE unit_id {_TOUCHED};
        {_fill(f"WHERE unit_id {_TOUCHED}")}
        RETURN NULL;
        """,
    )
]


@dataclass(frozen=True)
class Difference:
    """A stretch of days of which the roll-up does not say what the facts say (None: nothing)."""

    unit: str
    valid_from: date
    kept: tuple[date, int] | None
    counted: tuple[date, int] | None

    def __str__(self) -> str:
        return f"{self.unit} {self.valid_from}: until, members kept {self.kept}, counted {self.counted}"


def rebuild() -> None:
    """Tell the days of all numbers anew; writers wait meanwhile, readers do not."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE members_reportedheadcount IN SHARE MODE")
        cursor.execute("DELETE FROM members_headcountspan")
        cursor.execute(_fill(""))


def check() -> list[Difference]:
    """Where the roll-up differs from the reported numbers; empty when all is well. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT unit.code, valid_from, kept.valid_until, kept.members, counted.valid_until, counted.members
            FROM members_headcountspan kept
            FULL JOIN ({_spans("")}) counted USING (unit_id, valid_from)
            JOIN members_unit unit ON unit.id = unit_id
            WHERE (kept.valid_until, kept.members, kept.women, kept.minority)
                  IS DISTINCT FROM (counted.valid_until, counted.members, counted.women, counted.minority)
            ORDER BY unit.code, valid_from
            """
        )
        return [
            Difference(
                unit,
                valid_from,
                (kept_until, kept) if kept_until else None,
                (counted_until, counted) if counted_until else None,
            )
            for unit, valid_from, kept_until, kept, counted_until, counted in cursor.fetchall()
        ]
