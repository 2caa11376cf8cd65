"""A list as a sheet: Excel or a text file, from the database to the disk without resting in memory.

A text file is written by the database itself (COPY). It begins with the mark of UTF-8, so that Excel reads its letters,
and divides its cells as Excel does in the language in use: by semicolons where a comma marks fractions.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, Final

from django.db import connection, models, transaction
from django.template.defaultfilters import slugify
from django.utils.formats import get_format

from hkh.core.dates import today
from hkh.core.sheets.columns import SheetField
from hkh.core.sheets.computing import cells_of
from hkh.core.sheets.selecting import Form, statement
from hkh.core.sheets.writing import QUICKEST, Heading, Writer, write_xlsx
from hkh.core.text import search_key
from hkh.core.workbooks import MIME_TYPE

CONTENT_TYPES: Final = {Form.XLSX: MIME_TYPE, Form.CSV: "text/csv; charset=utf-8"}
_AT_ONCE: Final = 5_000

#: Hears how many rows are written.
Tell = Callable[[int], None]
#: What the database gives, or lines that are in memory already (``lists.Computed``).
Rows = models.QuerySet[Any] | Sequence[Any]


def export(
    rows: Rows,
    columns: Sequence[SheetField],
    form: Form,
    target: Path | BinaryIO,
    *,
    title: str,
    tell: Tell | None = None,
    writer: Writer = QUICKEST,
) -> int:
    """``rows`` with ``columns`` written to ``target``; how many there were. 1 query, for a workbook 3 and a savepoint;
    none for lines in memory.

    ``tell`` hears every few thousand rows how far it is, and may raise to end it.
    """
    if form is Form.XLSX:
        return _to_xlsx(rows, columns, target, title, tell, writer)
    if isinstance(target, Path):
        with target.open("wb") as stream:
            return _to_csv(rows, columns, stream, tell)
    return _to_csv(rows, columns, target, tell)


def _to_xlsx(
    rows: Rows,
    columns: Sequence[SheetField],
    target: Path | BinaryIO,
    title: str,
    tell: Tell | None,
    writer: Writer,
) -> int:
    count = rows.order_by().count() if isinstance(rows, models.QuerySet) else len(rows)
    headings = [Heading(str(column.label), _kind(column), column.width or 14) for column in columns]
    written = 0

    def lots() -> Iterator[Iterable[Sequence[Any]]]:
        nonlocal written
        for lot in _lots(rows, columns):
            yield _merged(lot, columns)
            written += len(lot)
            if tell is not None:
                tell(written)

    with transaction.atomic():
        write_xlsx(target, title, headings, chain.from_iterable(lots()), count=count, writer=writer)
    return written


def _kind(column: SheetField) -> str:
    """Of the cells as they go out, which may be plainer than what may come in."""
    if isinstance(column.source, tuple):
        return "day_or_year" if _is_pair(column) else "day"
    return "int" if column.kind == "day_or_year" else column.kind


def _is_pair(column: SheetField) -> bool:
    return isinstance(column.source, tuple) and None not in column.source


def _lots(rows: Rows, columns: Sequence[SheetField]) -> Iterator[list[tuple[Any, ...]]]:
    """The rows, some thousand at a time, as the server makes them: all will be asked for, and it plans for that."""
    if not isinstance(rows, models.QuerySet):
        lines = cells_of(rows, columns, Form.XLSX)
        while lot := list(islice(lines, _AT_ONCE)):
            yield lot
        return
    sql, params = statement(rows, columns, Form.XLSX)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL cursor_tuple_fraction = 1; SET LOCAL work_mem = '128MB'")
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql, params)
        while lot := cursor.fetchmany(_AT_ONCE):
            yield lot


def _merged(
    lot: list[tuple[Any, ...]], columns: Sequence[SheetField]
) -> Iterator[tuple[Any, ...]] | list[tuple[Any, ...]]:
    """Of day and year, which take two places each, whichever is known."""
    merged: Iterator[tuple[Any, ...]] | list[tuple[Any, ...]] = lot
    for place, column in enumerate(columns):
        if _is_pair(column):
            merged = _merged_at(place, merged)
    return merged


def _merged_at(place: int, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    return ((*row[:place], row[place] if row[place] is not None else row[place + 1], *row[place + 2 :]) for row in rows)


def _to_csv(rows: Rows, columns: Sequence[SheetField], stream: BinaryIO, tell: Tell | None) -> int:
    comma = get_format("DECIMAL_SEPARATOR") == ","
    divider = ";" if comma else ","
    text = io.StringIO()
    writer = csv.writer(text, delimiter=divider, lineterminator="\n")
    writer.writerow([str(column.label) for column in columns])
    if not isinstance(rows, models.QuerySet):
        writer.writerows(cells_of(rows, columns, Form.CSV, comma=comma))
        stream.write(("\ufeff" + text.getvalue()).encode())
        return len(rows)
    stream.write(("\ufeff" + text.getvalue()).encode())
    sql, params = statement(rows, columns, Form.CSV, comma=comma)
    with connection.cursor() as cursor:
        whole = cursor.cursor.mogrify(sql, params).decode()
        copy = f"COPY ({whole}) TO STDOUT WITH (FORMAT csv, DELIMITER '{divider}', ENCODING 'UTF8')"
        cursor.copy_expert(copy, _Counted(stream, tell))
        return int(cursor.rowcount)


class _Counted:
    """A stream that tells now and then how many lines went through it."""

    def __init__(self, stream: BinaryIO, tell: Tell | None) -> None:
        self._stream, self._tell, self._lines, self._told = stream, tell, 0, 0

    def write(self, data: bytes) -> int:
        self._stream.write(data)
        if self._tell is not None:
            self._lines += data.count(b"\n")
            if self._lines - self._told >= _AT_ONCE:
                self._told = self._lines
                self._tell(self._lines)
        return len(data)


def file_name(title: Any, form: Form) -> str:
    """ "hoi-vien-2024-09-05.xlsx"."""
    return f"{slugify(search_key(str(title)))}-{today().isoformat()}.{form.value}"
