"""Two entries of one person put together: what becomes of the memberships, and rows remembered whole.

Nothing is written here but what ``members.actions.merging`` asks for.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

from django.db import connection, models

from members.models import DuplicatePair, Member, MemberMerge, Membership

#: Rows by table and id, each as the database writes it in JSON.
Rows = dict[str, dict[str, dict[str, Any]]]


@dataclass(frozen=True)
class Stay:
    """A membership as far as two lines of them are laid together."""

    pk: int
    unit_id: int
    joined_on: date
    left_on: date | None

    def meets(self, other: Stay) -> bool:
        return (self.left_on is None or self.left_on > other.joined_on) and (
            other.left_on is None or other.left_on > self.joined_on
        )

    @classmethod
    def of(cls, row: Membership) -> Stay:
        return cls(row.pk, row.unit_id, row.joined_on, row.left_on)


@dataclass(frozen=True)
class Line:
    """What becomes of memberships, by id: ended earlier, begun earlier, taken away. All others stay as they are."""

    ended: dict[int, date]
    begun: dict[int, date]
    dropped: set[int]

    @property
    def touched(self) -> set[int]:
        return {*self.ended, *self.begun, *self.dropped}

    def applied_to(self, stays: Sequence[Stay]) -> list[Stay]:
        """The line that results, in its order."""
        left = [stay for stay in stays if stay.pk not in self.dropped]
        changed = [
            replace(
                stay,
                joined_on=self.begun.get(stay.pk, stay.joined_on),
                left_on=self.ended.get(stay.pk, stay.left_on),
            )
            for stay in left
        ]
        return sorted(changed, key=lambda stay: stay.joined_on)


def one_line(standing: Sequence[Stay], other: Sequence[Stay]) -> Line:
    """Two people's memberships as one person's, who is in one unit at a time.

    Where both say something of the same days, ``standing`` is believed. A membership of ``other`` that began before
    ends when the one that is believed begins; in the same unit that one began on the earlier day. What began later is
    taken away.
    """
    line = Line({}, {}, set())
    for stay in other:
        met = [one for one in standing if one.meets(stay)]
        if not met:
            continue
        first = min(met, key=lambda one: one.joined_on)
        if stay.joined_on < first.joined_on and stay.unit_id != first.unit_id:
            line.ended[stay.pk] = first.joined_on
            continue
        line.dropped.add(stay.pk)
        if stay.joined_on < first.joined_on:
            line.begun[first.pk] = stay.joined_on
    return line


def stands_by_default(one: Sequence[Stay], other: Sequence[Stay]) -> bool:
    """Whether the line of ``one`` is the likelier: who is a member still, else who joined first."""

    def rank(stays: Sequence[Stay]) -> tuple[bool, date]:
        return all(stay.left_on for stay in stays), min((stay.joined_on for stay in stays), default=date.max)

    return rank(one) <= rank(other)


def of_people() -> Iterator[tuple[type[models.Model], models.Field[Any, Any]]]:
    """The tables with rows that belong to a person, and the field that says to whom; the person's own left aside."""
    for relation in Member._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and isinstance(relation, models.ManyToOneRel)):
            continue
        model = relation.related_model
        if isinstance(model, type) and model not in (Member, MemberMerge, DuplicatePair):
            yield model, relation.field


@cache
def _columns(model: type[models.Model]) -> tuple[str, ...]:
    """The columns that are written, not made by the database."""
    fields = model._meta.concrete_fields
    return tuple(str(field.column) for field in fields if not isinstance(field, models.GeneratedField))


def rows_of(people: Sequence[int]) -> Rows:
    """Every row of these people: their own, and those of all tables that speak of them. One query a table."""
    asked: list[tuple[type[models.Model], str]] = [(Member, "id")]
    asked += [(model, field.attname) for model, field in of_people()]
    found: Rows = {}
    with connection.cursor() as cursor:
        for model, column in asked:
            table = model._meta.db_table
            pairs = ", ".join(f"'{name}', \"{name}\"" for name in _columns(model))
            cursor.execute(
                f'SELECT id, jsonb_build_object({pairs}) FROM "{table}" WHERE "{column}" = ANY (%s) ORDER BY id',
                [list(people)],
            )
            rows = found.setdefault(table, {})
            rows.update({str(pk): _as_dict(row) for pk, row in cursor.fetchall()})
    return found


def put_back(model: type[models.Model], rows: Sequence[dict[str, Any]], columns: Sequence[str] = ()) -> None:
    """Make ``columns`` (all) of rows that are there as ``rows`` say. One statement."""
    if not rows:
        return
    table = model._meta.db_table
    names = [name for name in columns or _columns(model) if name != "id"]
    said = ", ".join(f'"{name}" = said."{name}"' for name in names)
    _with_rows(
        f'UPDATE "{table}" kept SET {said} FROM jsonb_populate_recordset(NULL::"{table}", %s) said '
        "WHERE kept.id = said.id",
        rows,
    )


def bring_back(model: type[models.Model], rows: Sequence[dict[str, Any]]) -> None:
    """Enter ``rows`` that were taken away, with their ids. One statement."""
    if not rows:
        return
    table = model._meta.db_table
    names = ", ".join(f'"{name}"' for name in _columns(model))
    _with_rows(
        f'INSERT INTO "{table}" ({names}) SELECT {names} FROM jsonb_populate_recordset(NULL::"{table}", %s)', rows
    )


def _with_rows(statement: str, rows: Sequence[dict[str, Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(list(rows))])


def _as_dict(row: Any) -> dict[str, Any]:
    return json.loads(row) if isinstance(row, str) else row
