"""Big plain sheets written row by row to a file: one table, a heading, nothing else.

Two writers stand behind one function: the quick one in Rust, and XlsxWriter where that is not to be had. What a reader
sees is the same. Texts are cells of text whatever they begin with. Styled workbooks are made by ``hkh.core.workbooks``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, repeat
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal

from xlsxwriter import Workbook

from hkh.core.workbooks import MAX_ROWS

try:
    import rustpy_xlsxwriter as rust
except ImportError:  # pragma: no cover (no wheel for this machine)
    rust = None  # type: ignore[assignment]

Writer = Literal["rust", "python"]
QUICKEST: Final[Writer] = "rust" if rust else "python"

_NUMBER_FORMATS: Final = {
    "day": "dd/mm/yyyy",
    "int": "0",
    "vnd": "#,##0",
    "decimal": "#,##0.######",
}
_HEAD_COLOUR: Final = "#E8EDF3"
_NOT_IN_TAB: Final = re.compile(r"[\[\]:*?/\\]")


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's heading, the kind of its cells (``cleaning.Kind``) and its width in characters."""

    label: str
    kind: str = "text"
    width: float = 14

    @property
    def number_format(self) -> str:
        """Of its cells; where days and years stand under one another, days bring their own."""
        return _NUMBER_FORMATS.get(self.kind, "@")


def write_xlsx(
    target: Path | BinaryIO,
    title: str,
    headings: Sequence[Heading],
    rows: Iterable[Sequence[Any]],
    *,
    count: int,
    writer: Writer = QUICKEST,
) -> None:
    """A workbook at ``target`` with ``rows`` (None, texts, numbers, days) on a sheet called ``title``.

    ``count`` is how many there are: what is more than a sheet holds goes on to the next. Memory does not grow with
    the rows. Signs that no XML may hold are left out of texts by XlsxWriter's way and kept by the other.
    """
    name = _NOT_IN_TAB.sub(" ", title).strip()[:25] or "1"
    rest = iter(rows)
    sheets = [
        (name if number == 0 else f"{name} ({number + 1})", islice(rest, MAX_ROWS - 1))
        for number in range(max(1, -(-count // (MAX_ROWS - 1))))
    ]
    if writer == "rust" and count:
        _write_rust(target, headings, sheets)
    else:
        _write_python(target, headings, sheets)


Sheets = Sequence[tuple[str, Iterator[Sequence[Any]]]]


def _write_rust(target: Path | BinaryIO, headings: Sequence[Heading], sheets: Sheets) -> None:
    labels = [heading.label for heading in headings]
    head = rust.Format().set_bold().set_background_color(_HEAD_COLOUR).set_text_wrap()
    # Columns of one look share one format: the writer then writes half a million rows quicker by a twentieth.
    looks = {one: rust.Format().set_num_format(one) for one in {heading.number_format for heading in headings}}
    formats: Any = [None if heading.kind == "day_or_year" else looks[heading.number_format] for heading in headings]
    names = [name for name, _rows in sheets]
    rust.write_worksheets(
        # Half a million times, so without a step of Python: dict(zip(labels, row)) for each row.
        [(name, map(dict, map(zip, repeat(labels), rows))) for name, rows in sheets],
        target,
        freeze_panes={"general": {"row": 1, "col": 0}},
        datetime_format="dd/mm/yyyy",
        column_widths={name: [heading.width for heading in headings] for name in names},
        column_formats=dict.fromkeys(names, formats),
        header_format=dict.fromkeys(names, head),
        autofilter=dict.fromkeys(names, True),
    )


def _write_python(target: Path | BinaryIO, headings: Sequence[Heading], sheets: Sheets) -> None:
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "default_date_format": "dd/mm/yyyy",
    }
    with Workbook(str(target) if isinstance(target, Path) else target, options) as book:
        head = book.add_format({"bold": True, "bg_color": _HEAD_COLOUR, "text_wrap": True})
        formats = [
            None if heading.kind == "day_or_year" else book.add_format({"num_format": heading.number_format})
            for heading in headings
        ]
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            for column, heading in enumerate(headings):
                sheet.set_column(column, column, heading.width, formats[column])
                sheet.write_string(0, column, heading.label, head)
            last = 0
            for last, row in enumerate(rows, 1):
                for column, cell in enumerate(row):
                    if isinstance(cell, str):
                        sheet.write_string(last, column, cell, formats[column])
                    elif cell is not None:
                        sheet.write(last, column, cell, formats[column])
            sheet.autofilter(0, 0, last, max(0, len(headings) - 1))
