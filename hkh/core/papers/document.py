"""A report as an official document: the same HTML for the preview in the page and for the PDF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from hkh.core.charts import render_svg
from hkh.core.dates import format_date, official_date
from hkh.core.money import format_number, percent
from hkh.core.papers.content import Report, Section, Table
from hkh.core.pdf import Attachment, Metadata, render_pdf
from hkh.core.workbooks import Column


@dataclass(frozen=True)
class _Cell:
    text: str
    is_figure: bool


def render_html(report: Report, *, stylesheets: Sequence[str] = ()) -> str:
    """The document as HTML with its pictures drawn in (60–80 ms each, once). ``stylesheets`` are addresses."""
    head = report.letterhead
    return render_to_string(
        "papers/document.html",
        {
            "report": report,
            "head": head,
            "dateline": f"{head.place}, {official_date(head.day)}",
            "sections": [_section(section) for section in report.sections],
            "annexes": [_table(table) for table in report.annexes],
            "stylesheets": stylesheets,
        },
    )


def render_pdf_of(report: Report, *, workbook: bytes, name: str) -> bytes:
    """The document as PDF/A-3 with its workbook inside, set in a process of its own."""
    attachment = Attachment(f"{name}.xlsx", workbook, description=report.full_title, relationship="Data")
    about = Metadata(title=report.full_title, authors=[report.letterhead.body], subject=report.subject)
    return render_pdf(render_html(report), attachments=[attachment], metadata=about)


def _section(section: Section) -> dict[str, Any]:
    return {
        "number": section.number,
        "heading": section.heading,
        "paragraphs": section.paragraphs,
        "tables": [_table(table) for table in section.tables],
        "pictures": [mark_safe(render_svg(spec, "print")) for spec in section.pictures],  # noqa: S308  # our own drawing
        "sections": [_section(part) for part in section.sections],
    }


def _table(table: Table) -> dict[str, Any]:
    return {
        "title": table.title,
        "headings": [_Cell(column.label, column.kind != "text") for column in table.columns],
        "rows": [_cells(row, table.columns) for row in table.rows],
        "total": _cells(table.total, table.columns) if table.total else None,
        "note": table.note,
        "is_wide": len(table.columns) > 6,
    }


def _cells(row: Mapping[str, Any], columns: Sequence[Column]) -> list[_Cell]:
    return [_Cell(written(row.get(column.key), column.kind), column.kind != "text") for column in columns]


def written(value: Any, kind: str) -> str:
    """A table's value as the document writes it: 1.234.567; 34,3 %; 05/09/2024; "–" for what is not known."""
    if value is None:
        return "" if kind == "int" else "–"
    if kind == "percent":
        return percent(Decimal(value) * 100, in_column=True)
    if isinstance(value, date):
        return format_date(value)
    return format_number(value) if kind in ("int", "vnd") else str(value)
