"""Reads over runs, for their pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from hkh.core.money import format_number
from hkh.core.sheets import staging
from hkh.core.sheets.importing import CELL, SheetImport
from hkh.imports.handlers import changes_of
from hkh.imports.models import ImportRun, RunState
from hkh.imports.registry import SHEETS
from hkh.imports.words import label_of, sentence_of, shown

#: Rows of a verdict that the preview shows.
SHOWN = 20


@dataclass(frozen=True)
class Cause:
    """One cause of refusals or remarks: its sentence, the column, how many rows, the first of them."""

    sentence: str
    column: str
    count: int
    counted: str
    examples: list[tuple[int, str]]


def obstacles_of(run: ImportRun, *, by: Any) -> list[str]:
    """What stands in the way of taking ``run`` back; empty for nothing. A query for each table that points there."""
    if run.state != RunState.APPLIED:
        return [_("Only what has been taken in can be taken back.")]
    return SHEETS[run.sheet].obstacles(run.made, changes_of(run), by=by)


def causes_of(run: ImportRun, *, refuses: bool) -> list[Cause]:
    """The causes as people read them, the most frequent first. No query."""
    kind = SHEETS[run.sheet]
    found = []
    for group in run.groups:
        if group["refuses"] != refuses:
            continue
        examples = [(row, sentence_of(kind, group["cause"], value)) for row, value in group["examples"]]
        heading = _heading(kind, group, examples)
        if not refuses and group["cause"].startswith(CELL):
            examples = [(row, value) for row, value in group["examples"]]
        count = group["count"]
        column = label_of(kind, group["field"]) if group["field"] else ""
        found.append(Cause(heading, column, count, format_number(count), examples))
    return found


def _heading(kind: SheetImport, group: Mapping[str, Any], examples: list[tuple[int, str]]) -> str:
    """One sentence for the whole group; where rows differ in it, the first row's."""
    if not group["refuses"] and group["cause"].startswith(CELL):
        return remark_of(group["cause"].removeprefix(CELL))
    return examples[0][1] if examples else ""


def remark_of(code: str) -> str:
    """The sentence of a remark of the cells' reader."""
    from hkh.core.sheets import cleaning

    remarks = {one.code: one for one in vars(cleaning).values() if isinstance(one, cleaning.Remark)}
    return str(remarks[code].text) if code in remarks else code


def left_out(run: ImportRun) -> list[str]:
    """The headings of the file's columns that are taken for nothing. No query."""
    headings = run.layout.get("headings", [])
    return [heading for position, heading in enumerate(headings) if heading and str(position) not in run.matching]


@dataclass(frozen=True)
class Row:
    """A row of the plan as the preview shows it: its number, its cells with their headings, what changes of it, why it
    is refused."""

    number: int
    cells: list[tuple[str, str]]
    changes: list[tuple[str, str, str]]
    reasons: list[str]


def rows_of(run: ImportRun, verdict: str, *, limit: int = SHOWN) -> tuple[list[str], list[Row]]:
    """Headings and the first rows of ``verdict``. 2 queries."""
    kind = SHEETS[run.sheet]
    columns = {column.key: column for column in kind.resource.columns_in()}
    wanted = [key for key in kind.shown if key in columns]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT to_jsonb(judged) FROM {run.stage.of(verdict)} judged ORDER BY row_no LIMIT %s", [limit])
        plans = [_loaded(plan) for (plan,) in cursor.fetchall()]
        numbers = [plan["row_no"] for plan in plans]
        reasons = _reasons(cursor, run, kind, numbers) if verdict == staging.REFUSED and numbers else {}
    rows = [
        Row(
            number=plan["row_no"],
            cells=[(str(columns[key].label), _cell(plan, key, columns)) for key in wanted],
            changes=changes_said(kind, plan["changes"]),
            reasons=reasons.get(plan["row_no"], []),
        )
        for plan in plans
    ]
    return [str(columns[key].label) for key in wanted], rows


def changes_said(kind: SheetImport, changes: Mapping[str, list[Any]] | None) -> list[tuple[str, str, str]]:
    """Column, old, new of each change; a year that goes along with its day is left out."""
    columns = {column.key: column for column in kind.resource.columns_in()}
    said = dict(changes or {})
    if "birth_date" in said:
        said.pop("birth_year", None)
    return [
        (label_of(kind, key), shown(old, columns.get(key)), shown(new, columns.get(key)))
        for key, (old, new) in said.items()
    ]


def _cell(plan: Mapping[str, Any], key: str, columns: Mapping[str, Any]) -> str:
    """What the row says in a column; of a day of which only the year is known, the year."""
    value = plan.get(key)
    if value in (None, "") and plan.get(f"{key}_year") is not None:
        value = str(plan[f"{key}_year"])
    return shown(value, columns[key])


def _reasons(cursor: Any, run: ImportRun, kind: SheetImport, numbers: list[int]) -> dict[int, list[str]]:
    cursor.execute(
        f"""
        SELECT row_no, cause, value FROM {run.stage.problems} WHERE refuses AND row_no = ANY (%s)
        ORDER BY row_no, cause, field
        """,
        [numbers],
    )
    reasons: dict[int, list[str]] = {}
    for number, cause, value in cursor.fetchall():
        reasons.setdefault(number, []).append(sentence_of(kind, cause, value or ""))
    return reasons


def _loaded(value: Any) -> dict[str, Any]:
    import json

    return json.loads(value) if isinstance(value, str) else value
