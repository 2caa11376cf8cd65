"""What a sheet does to the database: planned in sets, carried out as planned, taken back.

A domain says of each of its sheets how cells become a plan and how the plan is carried out (``SheetImport``); when
that happens, for whom and what people see of it is the business of whoever runs it. Everything is SQL over the tables
of a run (``staging``): a row or half a million take the same number of statements.

An empty cell says nothing: what is known stays.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models
from django.db.models import CheckConstraint
from django.db.models.sql.query import Query
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hkh.core.sheets.columns import SheetResource
from hkh.core.sheets.made import Fact, Made
from hkh.core.sheets.staging import VERDICTS, Stage

#: Causes whose sentence stands with the row already, as the cell's reader wrote it.
CELL = "cell:"


@dataclass(frozen=True)
class Cause:
    """Why a row is refused or, without ``refuses``, what one should know of it. ``%(value)s`` is what the row says."""

    sentence: str | Promise
    refuses: bool = True


@dataclass(frozen=True)
class Group:
    """Rows of one cause in one column: how many, and the first of them with what they say."""

    cause: str
    field: str
    count: int
    refuses: bool
    examples: list[tuple[int, str]]


class Refusal(Exception):
    """The whole sheet cannot be planned as asked. ``args[0]`` is the sentence."""


class SheetImport:
    """One kind of sheet. ``verb`` is the right that each row needs in its unit."""

    resource: ClassVar[type[SheetResource]]
    title: ClassVar[str | Promise] = ""
    verb: ClassVar[str]
    icon: ClassVar[str] = "file-spreadsheet"
    #: What its rows become, in a few words: for whoever chooses.
    purpose: ClassVar[str | Promise] = ""
    #: Where one sees what came of it (a URL's name).
    list_url: ClassVar[str] = ""
    causes: ClassVar[Mapping[str, Cause]] = {}
    #: What one should see of the rows in the preview: keys of columns.
    shown: ClassVar[tuple[str, ...]] = ()
    #: Which row of the database a changed one is, and what may change of it.
    model: ClassVar[type[models.Model]]
    facts: ClassVar[tuple[Fact, ...]] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if hasattr(cls, "resource"):  # not what several sheets share
            cls.title = cls.title or cls.resource.title

    @property
    def slug(self) -> str:
        return self.resource.slug

    def options(self, user: Any, data: Any = None, initial: Mapping[str, Any] | None = None) -> forms.Form:
        """What is asked along with the columns; ``said()`` of it must have JSON form."""
        return NoOptions(data)

    def missing(self, mapped: Iterable[str], options: Mapping[str, Any]) -> list[str]:
        """Keys of columns without which the sheet makes no sense, with these options."""
        there = set(mapped)
        return [column.key for column in self.resource.columns_in() if column.required and column.key not in there]

    def plan(self, stage: Stage, *, by: Any, options: Mapping[str, Any]) -> None:
        """Make ``stage.plan`` and fill ``stage.problems`` with what the database knows against rows.

        Raises: Refusal.
        """
        raise NotImplementedError

    def basis(self, *, by: Any) -> str:
        """What a plan made now rests on, in 64 signs at most: while it stays so, a plan need not be made anew.

        "" where nothing is known of it.
        """
        return ""

    def lock(self, stage: Stage) -> None:
        """Let what the plan rests on stand still until the transaction ends."""

    def apply(self, stage: Stage, *, by: Any, options: Mapping[str, Any]) -> Made:
        """Carry the plan out. Raises: IntegrityError where the database knows better."""
        raise NotImplementedError

    def obstacles(self, made: Made, changes: str, *, by: Any) -> list[str]:
        """What stands in the way of taking it back, as sentences; empty for nothing.

        ``changes`` is SQL of the changed rows: (object_id, changes, revision).
        """
        raise NotImplementedError

    def undo(self, made: Made, changes: str, *, by: Any) -> None:
        """Take back what was made and changed, after ``obstacles`` found none."""
        raise NotImplementedError


class NoOptions(forms.Form):
    def said(self) -> dict[str, Any]:
        return {}


def keep_for_now(name: str, select: str, params: Sequence[Any] = ()) -> None:
    """A table ``name`` of what ``select`` gives, there until the transaction ends. 3 statements."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL client_min_messages = warning")
        cursor.execute(f"DROP TABLE IF EXISTS {name}")
        cursor.execute(f"CREATE TEMP TABLE {name} ON COMMIT DROP AS {select}", params or None)


# --- The plan -----------------------------------------------------------------------------------------------


def make_plan(stage: Stage, select: str, params: Sequence[Any] = ()) -> None:
    """The plan anew from ``select``, and the problems anew from the cells that could not be read. 5 statements."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL client_min_messages = warning")
        cursor.execute(f"DROP TABLE IF EXISTS {stage.plan}, {stage.problems}")
        cursor.execute(f"CREATE UNLOGGED TABLE {stage.plan} AS {select}", params or None)
        cursor.execute(f"ANALYZE {stage.plan}")
        cursor.execute(
            f"""
            CREATE UNLOGGED TABLE {stage.problems}
            (row_no integer, cause text, field text, value text, refuses boolean)
            """
        )
        cursor.execute(
            f"""
            INSERT INTO {stage.problems}
            SELECT row_no, '{CELL}' || (fault ->> 1), fault ->> 0, fault ->> 2, true
            FROM {stage.cells}, jsonb_array_elements(faults) fault WHERE faults IS NOT NULL
            UNION ALL
            SELECT row_no, '{CELL}' || (remark ->> 1), remark ->> 0, (remark ->> 2) || ' → ' || (remark ->> 3), false
            FROM {stage.cells}, jsonb_array_elements(remarks) remark WHERE remarks IS NOT NULL
            """
        )


#: (cause, column, condition, value): SQL over the plan. The rows that meet the condition have the problem.
Check = tuple[str, str, str, str]


def note_problems(stage: Stage, checks: Iterable[Check], *, causes: Mapping[str, Cause], source: str = "") -> None:
    """The problems of the rows that meet a check. One statement.

    Conditions and values are SQL over ``plan``, or over ``source``, which must have ``row_no`` once.
    """
    checks = list(checks)
    if not source:
        # One pass finds the few rows that any check is met by; which ones they are is asked of those alone.
        any_of_them = " OR ".join(f"({condition})" for _cause, _field, condition, _value in checks) or "false"
        keep_for_now("imports_suspects", f"SELECT * FROM {stage.plan} plan WHERE {any_of_them}")
        source = "imports_suspects plan"
    parts = [
        f"SELECT row_no, '{cause}', '{field}', ({value})::text, {str(causes[cause].refuses).lower()}"
        f" FROM {source} WHERE {condition}"
        for cause, field, condition, value in checks
    ]
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {stage.problems} {' UNION ALL '.join(parts)}")


def settle(stage: Stage) -> None:
    """Gather statistics once all problems are noted: the verdicts are told by joining them."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {stage.problems}")


def changes_of(facts: Sequence[Fact], *, known: str) -> str:
    """SQL: what is said other than ``known`` has it, as {"column": [old, new]}; null for nothing or nobody known."""

    def differs(fact: Fact) -> str:
        return f"({fact.said} IS NOT NULL AND {fact.said} IS DISTINCT FROM {known}.{fact.column})"

    pairs = ", ".join(
        f"'{fact.column}', CASE WHEN {differs(fact)} THEN jsonb_build_array({known}.{fact.column}, {fact.said}) END"
        for fact in facts
    )
    any_differs = " OR ".join(map(differs, facts))
    return (
        f"CASE WHEN {known}.id IS NOT NULL AND ({any_differs}) THEN jsonb_strip_nulls(jsonb_build_object({pairs})) END"
    )


def rows_as(stage: Stage, model: type[models.Model]) -> str:
    """SQL: the rows that nothing speaks against so far, as they would stand in the table of ``model``; with ``row_no``.

    All columns of the table are there, whatever the plan knows of: those of a known row keep what it holds, those of a
    new one have the model's defaults. What is known and stays as it is, is left out.
    """
    table, defaults = model._meta.db_table, json.dumps(_defaults_of(model), cls=DjangoJSONEncoder)
    return f"""
        (SELECT plan.row_no, stood.* FROM {stage.plan} plan
        LEFT JOIN {table} known ON known.id = plan.target_id
        CROSS JOIN LATERAL jsonb_populate_record(
            CASE WHEN plan.target_id IS NULL THEN jsonb_populate_record(NULL::{table}, '{defaults}'::jsonb)
                 ELSE known END,
            jsonb_strip_nulls(to_jsonb(plan))
        ) stood
        WHERE (plan.target_id IS NULL OR plan.changes IS NOT NULL) AND plan.row_no NOT IN {stage.refused})
    """


def _defaults_of(model: type[models.Model]) -> dict[str, Any]:
    """What a new row holds where nothing is said."""
    found: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.has_default() and not callable(field.default):
            found[str(field.column)] = field.default
        elif isinstance(field, models.CharField | models.TextField) and not field.null:
            found[str(field.column)] = ""
    return found


def note_checks(stage: Stage, model: type[models.Model], *, causes: Mapping[str, Cause]) -> None:
    """The model's own CHECKs, asked in sets of the rows as they would stand. 2 statements."""
    checks = [
        (constraint.name, "", f"({_check_sql(model, constraint)}) IS FALSE", "''")
        for constraint in model._meta.constraints
        if isinstance(constraint, CheckConstraint)
    ]
    note_problems(stage, checks, causes=causes, source=f"{rows_as(stage, model)} stood")


def causes_of(model: type[models.Model]) -> dict[str, Cause]:
    """The sentences of the model's own rules, by their names."""
    return {
        constraint.name: Cause(constraint.violation_error_message or "")
        for constraint in model._meta.constraints
        if isinstance(constraint, CheckConstraint)
    }


def _check_sql(model: type[models.Model], constraint: CheckConstraint) -> str:
    """The condition over bare columns."""
    query = Query(model=model, alias_cols=False)
    where = query.build_where(constraint.condition)  # type: ignore[arg-type]
    sql, params = where.as_sql(query.get_compiler(connection=connection), connection)
    with connection.cursor() as cursor:
        return cursor.mogrify(sql, params).decode() if params else sql


def state_of(tables: Iterable[type[models.Model]]) -> str:
    """The rows of ``tables`` as they stand, in one word: whatever is written to one gives another. 1 query.

    A version of a row is known by where it lies and by whose it is; what it holds need not be read.
    """
    version = "hashint8extended(xmin::text::bigint, hashtidextended(ctid, 0))"
    parts = " UNION ALL ".join(
        f"SELECT {turn}, count(*), bit_xor({version}) FROM {table._meta.db_table}" for turn, table in enumerate(tables)
    )
    with connection.cursor() as cursor:
        cursor.execute(f"{parts} ORDER BY 1")
        return repr(cursor.fetchall())


# --- What it comes to ---------------------------------------------------------------------------------------


def counts(stage: Stage) -> dict[str, int]:
    """How many rows of each verdict. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT verdict, count(*) FROM {stage.verdicts} judged GROUP BY verdict")
        found = dict(cursor.fetchall())
    return {verdict: found.get(verdict, 0) for verdict in VERDICTS}


def digest(stage: Stage) -> str:
    """One number for the whole plan: what shall become of each row, and of which known one. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT bit_xor(hashtextextended(row_no || verdict || coalesce(target_id::text, '') ||
                                            coalesce(changes::text, ''), 0))
            FROM {stage.verdicts} judged
            """
        )
        return str(cursor.fetchone()[0])


def groups(stage: Stage, *, examples: int = 4) -> list[Group]:
    """The problems by cause and column, refusals first, the most frequent first. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT cause, field, count, refuses, jsonb_agg(jsonb_build_array(row_no, value) ORDER BY row_no)
            FROM (
                SELECT *, row_number() OVER of_cause AS nth, count(*) OVER (PARTITION BY cause, field, refuses)
                FROM {stage.problems}
                WINDOW of_cause AS (PARTITION BY cause, field, refuses ORDER BY row_no)
            ) counted WHERE nth <= %s
            GROUP BY cause, field, count, refuses ORDER BY refuses DESC, count DESC, cause, field
            """,
            [examples],
        )
        return [
            Group(cause, field, count, refuses, [(row, value or "") for row, value in _json(some)])
            for cause, field, count, refuses, some in cursor.fetchall()
        ]


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


# --- Carrying out and taking back ---------------------------------------------------------------------------


UNIT_UNKNOWN = Cause(
    _("There is no unit “%(value)s” among those where you may do this. Check its code, or write its full name.")
)
