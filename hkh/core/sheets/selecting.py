"""The cells of an export as SQL: one statement a list, values ready to be written, so that Python touches no cell.

``Form.CSV`` makes every cell the text that stands in the file; ``Form.XLSX`` leaves numbers numbers and days days.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any

from django.db import connection, models
from django.db.models import Case, Expression, F, Func, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Coalesce

from hkh.core.sheets.columns import SheetField
from hkh.core.sheets.quoting import QUOTED_START


class Form(Enum):
    XLSX = "xlsx"
    CSV = "csv"


class _Said(Func):
    """An empty text is no cell at all."""

    template = "NULLIF(%(expressions)s, '')"
    output_field = TextField()


class _Quoted(Func):
    """See ``quoting.quoted``; looking at the first letter before the pattern makes it three times as quick."""

    output_field = TextField()

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> tuple[str, Any]:
        inner, params = compiler.compile(self.source_expressions[0])
        starts = ", ".join(str(ord(sign)) for sign in "=+-@\t\r'")
        sql = f"CASE WHEN ascii({inner}) IN ({starts}) AND {inner} ~ %s THEN '''' || {inner} ELSE {inner} END"
        return sql, (*params, *params, QUOTED_START, *params, *params)


class _Day(Func):
    template = "to_char(%(expressions)s, 'DD/MM/YYYY')"
    output_field = TextField()


class _Fraction(Func):
    """Without needless zeros, but never with three digits behind the mark, which would read as thousands."""

    template = "regexp_replace(trim_scale(%(expressions)s)::text, '(\\.[0-9]{3})$', '\\10')"
    output_field = TextField()


def statement(
    rows: QuerySet[Any], columns: Sequence[SheetField], form: Form, *, comma: bool = False
) -> tuple[str, Any]:
    """SQL and parameters of the cells of ``columns`` for ``rows``, in the order of ``rows``. No query.

    ``comma`` marks fractions by a comma in text files. A ``day_or_year`` column of a workbook that has a source
    for the year takes two places: the day, then the year as text, which no writer can take for a day.
    """
    cells = [cell for column in columns for cell in _cells(column, form, comma=comma)]
    query = rows.select_related(None).values_list(*cells).query
    sql, params = query.get_compiler(connection=connection).as_sql()
    return sql, params


def _cells(column: SheetField, form: Form, *, comma: bool) -> list[Expression | F]:
    if column.kind == "day_or_year" and isinstance(column.source, tuple):
        return _days_or_years(column.source, form)
    source = _source(column.source)
    match column.kind:
        case "choice":
            return [_label(column, source)]
        case "flag":
            return [Case(When(**{source.name: True}, then=Value("x")), default=Value(None), output_field=TextField())]
        case "int" | "vnd":
            return [source]
        case "decimal" if form is Form.XLSX:
            return [Cast(source, models.FloatField())]
        case "decimal":
            text = _Fraction(source)
            return [Func(text, Value("."), Value(","), function="replace", output_field=TextField()) if comma else text]
        case "day":
            return [_Day(source) if form is Form.CSV else source]
        case "day_or_year":
            return [source]
    said = _Said(source)
    return [_Quoted(said) if form is Form.CSV else said]


def _days_or_years(paths: tuple[str | None, ...], form: Form) -> list[Expression | F]:
    day, year = paths
    assert day is not None
    if form is Form.XLSX:
        return [F(day), Cast(F(year), TextField())] if year else [F(day)]
    if year is None:
        return [_Day(F(day))]
    return [Coalesce(_Day(F(day)), Cast(F(year), TextField()))]


def _source(source: Any) -> Any:
    if callable(source):
        return source()
    return F(source) if isinstance(source, str) else source


def _label(column: SheetField, source: Any) -> Expression:
    """The value's label in the language in use."""
    path = source.name
    labels = [When(**{path: value}, then=Value(label)) for value, label in column.choices]
    return Case(*labels, default=Value(None), output_field=TextField()) if labels else Value(None, TextField())
