"""Rows into a table by COPY: the only way half a million people come in within seconds.

Triggers and constraints see every row as they would any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models, transaction

#: How much text is handed to the server at a time.
CHUNK = 1 << 18

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_rows(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """``rows`` into the table of ``model``; ``fields`` are its field or column names. One statement."""
    copy_lines(model, fields, ("\t".join(map(as_text, row)) for row in rows))


def copy_lines(model: type[models.Model], fields: Sequence[str], lines: Iterable[str]) -> None:
    """Like ``copy_rows``, of lines already in COPY's text format (no end of line). The server reads while we write.

    Triggers that look at all rows of the statement are planned as if these were few; so loops over them are made dear.
    """
    columns = ", ".join(f'"{model._meta.get_field(name).column}"' for name in fields)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.copy_expert(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN', _Stream(lines), CHUNK)
        cursor.execute("SET LOCAL enable_nestloop = on")


def analyze(*tables: type[models.Model]) -> None:
    """Gather statistics of tables just filled: whatever works on them row by row is planned blindly without."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(table._meta.db_table for table in tables)}")


def settle(*tables: type[models.Model]) -> None:
    """``analyze``, then check what waits for the end of the transaction: in this order it takes a twentieth of the time."""
    analyze(*tables)
    connection.check_constraints()


def as_text(value: Any) -> str:
    """``value`` as COPY reads it."""
    if value is None:
        return "\\N"
    if value is True or value is False:
        return "t" if value else "f"
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value)


def reset_sequences(*tables: type[models.Model]) -> None:
    """Let the next row of each table come after those copied in with their ids."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(tables)):
            cursor.execute(statement)


@contextmanager
def stripped(model: type[models.Model]) -> Iterator[None]:
    """The table of ``model`` without its secondary indexes and foreign keys for the length of the block.

    They come back as they were, foreign keys validated as a whole: a fraction of what row by row costs. Inside a
    transaction, so that nobody ever sees the table without them.
    """
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(_CONSTRAINTS, {"table": table})
        constraints = cursor.fetchall()
        cursor.execute(_INDEXES, {"table": table})
        indexes = cursor.fetchall()
        for name, _ in constraints:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
    yield
    with connection.cursor() as cursor:
        for _, definition in indexes:
            cursor.execute(definition)
        for name, definition in constraints:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


_CONSTRAINTS = """
    SELECT quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = %(table)s::regclass AND contype = 'f' ORDER BY conname
"""
_INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid = %(table)s::regclass AND NOT indisprimary
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid) ORDER BY indexrelid
"""


class _Stream:
    """Lines as the file that COPY reads from."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines: Iterator[str] = iter(lines)
        self._rest = ""

    def read(self, size: int) -> str:
        parts, length = [self._rest], len(self._rest)
        for line in self._lines:
            parts += (line, "\n")
            length += len(line) + 1
            if length >= size:
                break
        text = "".join(parts)
        self._rest = text[size:]
        return text[:size]
