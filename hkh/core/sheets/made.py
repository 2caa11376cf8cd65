"""What a sheet did to the database: ids it made, what it told known rows, what rests on it since; and back again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import connection, models
from django.utils.translation import gettext

from hkh.core.sheets.staging import CHANGED, Stage

#: Ids made, as [first, after the last], by the name of their table.
Made = dict[str, list[list[int]]]


@dataclass(frozen=True)
class Fact:
    """A column that a known row may be told anew. ``said`` is what the plan's source says, in SQL."""

    column: str
    type: str
    said: str


def next_id(model: type[models.Model]) -> str:
    """SQL: an id for a new row of ``model``. Its sequence is looked up once a statement, not once a row."""
    return f"nextval((SELECT pg_get_serial_sequence('{model._meta.db_table}', 'id')::regclass))"


def write_changes(stage: Stage, model: type[models.Model], facts: Sequence[Fact]) -> None:
    """What known rows are told anew, and their revision one up. 1 statement."""
    sets = ", ".join(_told(fact, "plan.changes", 1) for fact in facts)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE {model._meta.db_table} known SET {sets}, revision = known.revision + 1
            FROM {stage.of(CHANGED)} plan WHERE known.id = plan.target_id
            """
        )


def take_back_changes(changes: str, model: type[models.Model], facts: Sequence[Fact]) -> None:
    """What known rows were told, back to what they said before. 1 statement."""
    sets = ", ".join(_told(fact, "made.changes", 0) for fact in facts)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE {model._meta.db_table} known SET {sets}, revision = known.revision + 1
            FROM ({changes}) made WHERE known.id = made.object_id
            """
        )


def _told(fact: Fact, changes: str, side: int) -> str:
    new = f"({changes} -> '{fact.column}' ->> {side})::{fact.type}"
    return f"{fact.column} = CASE WHEN {changes} ? '{fact.column}' THEN {new} ELSE known.{fact.column} END"


def ranges_of(stage: Stage, ids: str, rows: str) -> list[list[int]]:
    """The ``ids`` of ``rows`` (SQL, with an alias) as few ranges, [first, after the last]. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT lower(span), upper(span)
            FROM (SELECT unnest(range_agg(int8range({ids}, {ids} + 1))) AS span FROM {rows}) spans ORDER BY 1
            """
        )
        return [list(row) for row in cursor.fetchall()]


def ids_in(spans: Sequence[Sequence[int]], column: str) -> str:
    """SQL: whether ``column`` lies in one of the spans. Numbers of our own making stand in it as such."""
    if not spans:
        return "false"
    return "(" + " OR ".join(f"{column} >= {int(first)} AND {column} < {int(after)}" for first, after in spans) + ")"


@dataclass(frozen=True)
class Reference:
    """Rows of another table that rest on rows that were made."""

    name: str
    count: int


def references(
    model: type[models.Model], spans: Sequence[Sequence[int]], *, but: Sequence[type[models.Model]] = ()
) -> list[Reference]:
    """Which tables point to rows of ``model`` in ``spans``, and how often; tables of ``but`` left out. 1 query each.

    Whatever has a foreign key is asked, also what was added to the program later.
    """
    found = []
    for relation in model._meta.related_objects:
        field = relation.field
        if not getattr(field, "db_constraint", False) or relation.related_model in but or relation.many_to_many:
            continue
        other = relation.related_model
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*) FROM {other._meta.db_table} other WHERE {ids_in(spans, f'other.{field.column}')}"
            )
            count = cursor.fetchone()[0]
        if count:
            found.append(Reference(str(other._meta.verbose_name_plural), count))
    return found


def edited_since(changes: str, model: type[models.Model]) -> int:
    """How many of the changed rows have been saved again since. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT count(*) FROM ({changes}) made LEFT JOIN {model._meta.db_table} known ON known.id = made.object_id
            WHERE known.revision IS DISTINCT FROM made.revision
            """
        )
        return int(cursor.fetchone()[0])


def resting_on(found: Iterable[Reference]) -> Iterator[str]:
    """``references`` as sentences."""
    for other in found:
        said = {"what": other.name, "n": other.count}
        yield gettext("%(what)s: %(n)s rest on rows that this sheet brought in.") % said
