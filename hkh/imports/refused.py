"""The refused rows as a workbook: as they were handed in, with the reason in the last column."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from hkh.core.sheets.cleaning import as_text
from hkh.core.sheets.importing import SheetImport
from hkh.core.workbooks import Book, Column, Sheet, render_workbook
from hkh.imports.files import table_of
from hkh.imports.models import ImportRun
from hkh.imports.words import sentence_of

_REASON = "reason"


def refused_workbook(run: ImportRun, kind: SheetImport) -> tuple[str, bytes]:
    """Its name and its bytes. The file is read once more, from top to bottom; 1 query.

    Cells stand there as text, as one sees them: whoever puts them right and hands the sheet in again finds the same.
    """
    table = table_of(run, kind.resource.columns_in())
    headings = [heading or _("Column %(n)s") % {"n": n} for n, heading in enumerate(table.headings, 1)]
    columns = [Column(str(n), heading) for n, heading in enumerate(headings)]
    columns.append(Column(_REASON, _("Why it was refused"), width=60))
    sheet = Sheet(
        title=_("Refused rows"), columns=columns, rows=_rows(run, kind, table.rows), totals=False, freeze_columns=0
    )
    book = Book(title=_("Refused rows"), sheets=[sheet], created_at=timezone.now())
    name = _("%(file)s - refused rows") % {"file": Path(run.file_name).stem[:150]}
    return f"{name}.xlsx", render_workbook(book)


def _rows(run: ImportRun, kind: SheetImport, rows: Iterator[tuple[int, list[Any]]]) -> Iterator[dict[str, Any]]:
    reasons = _reasons(run, kind)
    for number, cells in rows:
        if number in reasons:
            said = {str(n): "" if cell is None else as_text(cell) for n, cell in enumerate(cells)}
            yield {**said, _REASON: " ".join(reasons[number])}


def _reasons(run: ImportRun, kind: SheetImport) -> dict[int, list[str]]:
    reasons: dict[int, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT row_no, cause, value FROM {run.stage.problems} WHERE refuses ORDER BY row_no, cause, field"
        )
        for number, cause, value in cursor.fetchall():
            reasons.setdefault(number, []).append(sentence_of(kind, cause, value or ""))
    return reasons
