"""The whole register as a sheet that goes out, each way in a process of its own: seconds, and the most memory.

Floors: the bare writer on rows that lie ready; COPY TO of the same columns as they stand.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.http import QueryDict
from rustpy_xlsxwriter import write_worksheet

from hkh.core.sheets.columns import SheetField
from hkh.core.sheets.exporting import export
from hkh.core.sheets.lists import list_called
from hkh.core.sheets.selecting import Form, statement
from hkh.demo.bench.children import in_a_child
from hkh.demo.bench.measuring import Measured, chair, province, seconds


def members_out() -> dict[str, Measured]:
    """The register of the province as the chair takes it out, all columns, as a workbook and as a text file."""
    with tempfile.TemporaryDirectory(prefix="hkh-bench-") as folder:
        found = {way: in_a_child(write_one, way, f"{folder}/sheet") for way in WAYS}
    xlsx, csv = found["xlsx"], found["csv"]
    bare, copied = found["bare_writer"][0], found["copy_to"][0]
    return {
        "members_out.xlsx": Measured(xlsx[0], "s", bare, 1.5 * bare),
        "members_out.xlsx_memory": Measured(xlsx[1], "MiB", None, 250),
        "members_out.csv": Measured(csv[0], "s", copied, 2 * copied),
        "members_out.csv_memory": Measured(csv[1], "MiB", None, 250),
    }


def write_one(way: str, path: str) -> float:
    """Seconds of the writing alone."""
    return WAYS[way](Path(path))


def _asked() -> tuple[Any, list[SheetField], QueryDict]:
    wanted, query = list_called("members"), QueryDict(f"unit={province().code}")
    return wanted.find(chair(), query), wanted.columns(), query


def _export(form: Form) -> Callable[[Path], float]:
    def write(path: Path) -> float:
        found, columns, query = _asked()
        return seconds(lambda: export(found.ordered(query), columns, form, path, title="Hội viên"))

    return write


def _bare_writer(path: Path) -> float:
    found, columns, query = _asked()
    sql, params = statement(found.ordered(query), columns, Form.XLSX)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)
        names = [str(number) for number, _column in enumerate(cursor.description)]
        rows = cursor.fetchall()
    return seconds(lambda: write_worksheet((dict(zip(names, row, strict=True)) for row in rows), str(path)))


def _copy_to(path: Path) -> float:
    """The columns as they are stored, neither worded nor quoted, in the same order of rows."""
    found, columns, query = _asked()
    fields = dict.fromkeys(name for column in columns for name in _stored(column))
    sql, params = found.ordered(query).select_related(None).values_list(*fields).query.sql_with_params()
    with connection.cursor() as cursor, path.open("wb") as stream:
        copy = f"COPY ({cursor.cursor.mogrify(sql, params).decode()}) TO STDOUT WITH (FORMAT csv)"
        return seconds(lambda: cursor.copy_expert(copy, stream))


def _stored(column: SheetField) -> list[str]:
    source = column.source
    paths = source if isinstance(source, tuple) else (source,)
    return [path for path in paths if isinstance(path, str)]


WAYS: dict[str, Callable[[Path], float]] = {
    "copy_to": _copy_to,
    "csv": _export(Form.CSV),
    "bare_writer": _bare_writer,
    "xlsx": _export(Form.XLSX),
}
