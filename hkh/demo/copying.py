"""Rows into a table by COPY: the only way half a million people come in within seconds.

Triggers and constraints see every row as they would any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models, transaction

from hkh.core import copying
from hkh.core.copying import as_text


def copy_rows(model: type[models.Model], fields: str, rows: Iterable[Sequence[Any]]) -> None:
    """``rows`` into the table of ``model``; ``fields`` names its fields, spaces between. One statement."""
    copy_lines(model, fields, ("\t".join(map(as_text, row)) for row in rows))


def copy_lines(model: type[models.Model], fields: str, lines: Iterable[str]) -> None:
    """Like ``copy_rows``, of lines already in COPY's text format (no end of line). The server reads while we write.

    Triggers that look at all rows of the statement are planned as if these were few; so loops over them are made dear.
    """
    by_name = {field.name: str(field.column) for field in model._meta.concrete_fields}
    columns = [by_name[name] for name in fields.split()]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        copying.copy_lines(cursor, model._meta.db_table, columns, lines)
        cursor.execute("SET LOCAL enable_nestloop = on")


def analyze(*tables: type[models.Model]) -> None:
    """Gather statistics of tables just filled: whatever works on them row by row is planned blindly without."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(table._meta.db_table for table in tables)}")


def settle(*tables: type[models.Model]) -> None:
    """``analyze``, then check what waits for the end of the transaction: so it takes a twentieth of the time."""
    analyze(*tables)
    connection.check_constraints()


def reset_sequences(*tables: type[models.Model]) -> None:
    """Let the next row of each table come after those copied in with their ids."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(tables)):
            cursor.execute(statement)


@contextmanager
def without_foreign_keys(*tables: type[models.Model]) -> Iterator[None]:
    """The tables without their foreign keys for the length of the block.

    They come back as they were, validated as a whole: a fraction of what row by row costs. Inside a transaction,
    so that nobody else ever sees the tables without them.
    """
    connection.check_constraints()
    dropped: list[tuple[str, str, str]] = []
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(_FOREIGN_KEYS, [table._meta.db_table])
            dropped += cursor.fetchall()
        for table_name, name, _ in dropped:
            cursor.execute(f"ALTER TABLE {table_name} DROP CONSTRAINT {name}")
    yield
    with connection.cursor() as cursor:
        for table_name, name, definition in dropped:
            cursor.execute(f"ALTER TABLE {table_name} ADD CONSTRAINT {name} {definition}")


@contextmanager
def without_indexes(table: type[models.Model]) -> Iterator[None]:
    """The table without its secondary indexes for the length of the block; they are built again in one go."""
    with connection.cursor() as cursor:
        cursor.execute(_INDEXES, [table._meta.db_table])
        dropped = cursor.fetchall()
        for name, _ in dropped:
            cursor.execute(f"DROP INDEX {name}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        for _, definition in dropped:
            cursor.execute(definition)


_FOREIGN_KEYS = """
    SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = %s::regclass AND contype = 'f' ORDER BY conname
"""
_INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid = %s::regclass AND NOT indisprimary
      AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid) ORDER BY indexrelid
"""
