"""A report as a workbook: each of its tables a sheet with typed cells and totals as formulas."""

from __future__ import annotations

from datetime import datetime

from hkh.core.papers.content import Report, Table
from hkh.core.workbooks import Book, Sheet, render_workbook


def render_book(report: Report, *, created_at: datetime) -> bytes:
    """The workbook of ``report``. No query."""
    return render_workbook(
        Book(
            title=report.full_title,
            sheets=[_sheet(table, report) for table in report.sheets],
            created_at=created_at,
            author=report.letterhead.body,
        )
    )


def _sheet(table: Table, report: Report) -> Sheet:
    return Sheet(
        title=table.title,
        columns=table.columns,
        rows=table.rows,
        heading=table.title,
        facts=report.facts,
        totals=table.total is not None,
        notes=[table.note] if table.note else [],
        freeze_columns=2 if table.columns[0].key == "number" else 1,
    )
