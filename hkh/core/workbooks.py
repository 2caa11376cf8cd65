"""Workbooks: a typed description of sheets in, the bytes of an ``.xlsx`` out. Knows no report.

Figures are numbers, dates are dates, text is always text (never a formula, whatever it begins with), and the
totals are formulas whose value is stored beside them, so that readers that do not calculate see the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any, Final, Literal

from django.utils.translation import gettext as _
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

Kind = Literal["text", "int", "vnd", "quantity", "percent", "date", "month"]

MIME_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_ROWS: Final = 1_048_576
#: A cell is a binary double of which Excel keeps 15 digits; a larger figure would be altered in silence.
MAX_EXACT: Final = 999_999_999_999_999
MAX_TEXT: Final = 32_767

_NUMBER_FORMATS: Final[dict[Kind, str]] = {
    "text": "@",
    "int": "#,##0",
    "vnd": "#,##0",
    "quantity": "#,##0.###",
    "percent": "0.0%",
    "date": "dd/mm/yyyy",
    "month": "mm/yyyy",
}
_FONT: Final = "Times New Roman"
_GRID: Final = "#BFC5CC"
_NARROWEST, _WIDEST = 6, 48
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
_NOT_IN_XML: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NOT_IN_TAB: Final = re.compile(r"[\[\]:*?/\\]")


class WorkbookError(ValueError):
    """The description cannot become a workbook without changing what it says."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """A total that is one column's total divided by another's: a share or a figure per head, never summed."""

    numerator: str
    denominator: str


@dataclass(frozen=True, slots=True)
class Column:
    """``key`` finds the value in each row; ``width`` is in characters, measured where empty.

    ``total``: "sum" (``int`` and ``vnd`` unless told otherwise), "none", or a ``Ratio`` of two other columns.
    """

    key: str
    label: str
    kind: Kind = "text"
    total: Literal["auto", "sum", "none"] | Ratio = "auto"
    width: float | None = None

    @property
    def totals_by(self) -> Literal["sum", "none"] | Ratio:
        if self.total == "auto":
            return "sum" if self.kind in ("int", "vnd") else "none"
        return self.total


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table. ``rows`` are read once, in order, and may be a generator of any length.

    ``facts`` stand above the table as (label, value): unit, period, tree. ``notes`` stand below it.
    ``freeze_columns`` stay in sight when one scrolls to the right.
    """

    title: str
    columns: Sequence[Column]
    rows: Iterable[Mapping[str, Any]]
    heading: str = ""
    facts: Sequence[tuple[str, str]] = ()
    totals: bool = True
    notes: Sequence[str] = ()
    freeze_columns: int = 1
    landscape: bool = True


@dataclass(frozen=True, slots=True)
class Book:
    """``created_at`` (aware) is written into the file: equal books made for one moment are equal bytes."""

    title: str
    sheets: Sequence[Sheet]
    created_at: datetime
    author: str = ""
    subject: str = ""
    keywords: Sequence[str] = ()


def render_workbook(book: Book) -> bytes:
    """The ``.xlsx`` of ``book``. Memory does not grow with its rows.

    Raises: WorkbookError where a sheet is too long, a figure too large to be exact, a value not of its kind.
    """
    buffer = BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "default_date_format": "dd/mm/yyyy",
    }
    with Workbook(buffer, options) as workbook:
        workbook.set_properties(
            {
                "title": book.title,
                "subject": book.subject,
                "author": book.author,
                "company": book.author,
                "keywords": ", ".join(book.keywords),
                "created": book.created_at.astimezone(UTC).replace(tzinfo=None),
            }
        )
        formats = _Formats(workbook)
        names: set[str] = set()
        for sheet in book.sheets:
            _SheetWriter(workbook.add_worksheet(_tab_name(sheet.title, names)), sheet, formats).write()
    return buffer.getvalue()


def _tab_name(title: str, taken: set[str]) -> str:
    """``title`` as a tab may be named: 31 characters, none of ``[]:*?/\\``, unique whatever the case."""
    base = " ".join(_NOT_IN_TAB.sub(" ", title).split()).strip("'") or _("Sheet")
    name, number = base[:31].rstrip(), 2
    while name.casefold() in taken or name.casefold() == "history":
        tail = f" ({number})"
        name, number = base[: 31 - len(tail)].rstrip() + tail, number + 1
    taken.add(name.casefold())
    return name


class _Formats:
    """The book's cell formats, each made once."""

    def __init__(self, workbook: Workbook) -> None:
        def make(**properties: Any) -> Format:
            return workbook.add_format({"font_name": _FONT, "font_size": 11, "valign": "top", **properties})

        grid = {"border": 1, "border_color": _GRID}
        total = {"bold": True, "top": 2, "top_color": "#000000", "bottom": 1, "bg_color": "#F3F4F6"}
        self.heading = make(bold=True, font_size=14)
        self.fact_label = make(font_color="#5B6470")
        self.fact = make()
        self.note = make(italic=True, font_color="#5B6470")
        self.header = make(bold=True, text_wrap=True, align="center", valign="vcenter", bg_color="#E8EDF3", **grid)
        self.cell = {
            kind: make(num_format=number, align="left" if kind == "text" else "right", **grid)
            for kind, number in _NUMBER_FORMATS.items()
        }
        self.long_text = make(num_format="@", align="left", text_wrap=True, **grid)
        # The mark that Excel itself sets when one types an apostrophe first: editing the cell keeps it text.
        self.quoted = make(num_format="@", align="left", quote_prefix=True, **grid)
        self.total = {kind: make(num_format=number, **total) for kind, number in _NUMBER_FORMATS.items()}


class _SheetWriter:
    """Writes one sheet from the top down, as constant memory demands; adds up and measures on the way."""

    def __init__(self, worksheet: Worksheet, sheet: Sheet, formats: _Formats) -> None:
        self.worksheet, self.sheet, self.formats = worksheet, sheet, formats
        self.position = {column.key: index for index, column in enumerate(sheet.columns)}
        if len(self.position) != len(sheet.columns):
            raise WorkbookError(f"Sheet {sheet.title!r}: two columns share a key")
        self.sums: list[int] = [0] * len(sheet.columns)
        self.widths = [_header_width(column.label) for column in sheet.columns]
        self.row = 0

    def write(self) -> None:
        self._write_top()
        header = self.row
        self._write_header()
        first = self.row
        for values in self.sheet.rows:
            self._write_row(values)
        last = self.row - 1
        if last < first:
            self.worksheet.write_string(self.row, 0, _("No rows."), self.formats.note)
            self.row += 1
        elif self.sheet.totals:
            self._write_totals(first, last)
        self._write_notes()
        self._set_up(header, max(last, header))

    def _write_top(self) -> None:
        if self.sheet.heading:
            self.worksheet.write_string(self.row, 0, _clean(self.sheet.heading), self.formats.heading)
            self.row += 1
        for label, value in self.sheet.facts:
            # One cell, not two: the value must not hang on the width of the first column.
            fact = f"{_clean(label)}: {_clean(value)}"
            self.worksheet.write_string(self.row, 0, fact, self.formats.fact)
            self.row += 1
        if self.row:
            self.row += 1

    def _write_header(self) -> None:
        for index, column in enumerate(self.sheet.columns):
            self.worksheet.write_string(self.row, index, _clean(column.label), self.formats.header)
        self.row += 1

    def _write_row(self, values: Mapping[str, Any]) -> None:
        if self.row >= MAX_ROWS - len(self.sheet.notes) - 4:
            raise WorkbookError(f"Sheet {self.sheet.title!r}: more rows than a sheet holds ({MAX_ROWS:,})")
        for index, column in enumerate(self.sheet.columns):
            value = values[column.key]
            if value is None or value == "":
                self.worksheet.write_blank(self.row, index, None, self.formats.cell[column.kind])
            elif column.kind == "text":
                self._write_text(index, str(value))
            elif column.kind in ("date", "month"):
                self._write_date(index, column, value)
            else:
                self._write_number(index, column, value)
        self.row += 1

    def _write_text(self, index: int, value: str) -> None:
        text = _clean(value)
        style = self.formats.cell["text"]
        if value.startswith(_FORMULA_STARTS):
            style = self.formats.quoted
        elif len(text) > _WIDEST or "\n" in text:
            style = self.formats.long_text
        self.worksheet.write_string(self.row, index, text, style)
        self._measure(index, max((len(line) for line in text.split("\n")), default=0))

    def _write_date(self, index: int, column: Column, value: Any) -> None:
        if not isinstance(value, date):
            raise WorkbookError(f"{self.sheet.title!r}, {column.key}: {value!r} is no date")
        day = datetime(value.year, value.month, 1 if column.kind == "month" else value.day)  # noqa: DTZ001
        self.worksheet.write_datetime(self.row, index, day, self.formats.cell[column.kind])
        self._measure(index, 10)

    def _write_number(self, index: int, column: Column, value: Any) -> None:
        if column.kind == "percent":
            if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
                raise WorkbookError(f"{self.sheet.title!r}, {column.key}: {value!r} is no number")
            self.worksheet.write_number(self.row, index, float(value), self.formats.cell["percent"])
            return
        if column.kind == "quantity":
            self._write_quantity(index, column, value)
            return
        if isinstance(value, bool) or not isinstance(value, int):
            raise WorkbookError(f"{self.sheet.title!r}, {column.key}: {value!r} is no whole number")
        _exact(value)
        self.worksheet.write_number(self.row, index, value, self.formats.cell[column.kind])
        self.sums[index] += value
        self._measure(index, len(f"{value:,}"))

    def _write_quantity(self, index: int, column: Column, value: Any) -> None:
        """With decimals only where there are some: the format alone would leave the point of a whole number."""
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise WorkbookError(f"{self.sheet.title!r}, {column.key}: {value!r} is no quantity")
        style = self.formats.cell["int" if value == int(value) else "quantity"]
        self.worksheet.write_number(self.row, index, float(value), style)
        self._measure(index, len(f"{value:,.3f}"))

    def _write_totals(self, first: int, last: int) -> None:
        """SUBTOTAL, not SUM: it counts what a filter leaves in sight, and no filter hides its row."""
        row = self.row
        for index, column in enumerate(self.sheet.columns):
            style = self.formats.total[column.kind]
            rule = column.totals_by
            if isinstance(rule, Ratio):
                self._write_ratio(row, index, rule, column)
            elif rule == "sum":
                total = _exact(self.sums[index])
                formula = f"=SUBTOTAL(109,{xl_range(first, index, last, index)})"
                self.worksheet.write_formula(row, index, formula, style, total)
                self._measure(index, len(f"{total:,}") + 1)
            elif index == 0:
                self.worksheet.write_string(row, 0, _("Total"), style)
            else:
                self.worksheet.write_blank(row, index, None, style)
        self.row += 1

    def _write_ratio(self, row: int, index: int, rule: Ratio, column: Column) -> None:
        above, below = self.position[rule.numerator], self.position[rule.denominator]
        for part in (above, below):
            if self.sheet.columns[part].totals_by != "sum":
                raise WorkbookError(f"{self.sheet.title!r}, {column.key}: a ratio needs two summed columns")
        numerator, denominator = xl_rowcol_to_cell(row, above), xl_rowcol_to_cell(row, below)
        value: float | int | str = self.sums[above] / self.sums[below] if self.sums[below] else ""
        quotient = f"{numerator}/{denominator}"
        if column.kind != "percent":
            quotient = f"ROUND({quotient},0)"
            value = _half_away(self.sums[above], self.sums[below]) if self.sums[below] else ""
        formula = f'=IF({denominator}=0,"",{quotient})'
        self.worksheet.write_formula(row, index, formula, self.formats.total[column.kind], value)

    def _write_notes(self) -> None:
        if self.sheet.notes:
            self.row += 1
        for note in self.sheet.notes:
            self.worksheet.write_string(self.row, 0, _clean(note), self.formats.note)
            self.row += 1

    def _set_up(self, header: int, last: int) -> None:
        """Widths, filter, frozen panes, print: A4, one page wide, the header on each page."""
        for index, column in enumerate(self.sheet.columns):
            width = column.width or min(max(self.widths[index] + 2, _NARROWEST), _WIDEST)
            self.worksheet.set_column(index, index, width)
        end = len(self.sheet.columns) - 1
        self.worksheet.freeze_panes(header + 1, self.sheet.freeze_columns)
        self.worksheet.autofilter(header, 0, last, end)
        cells = xl_range(header + 1, 0, max(last, header + 1), end)
        self.worksheet.ignore_errors({"number_stored_as_text": cells})
        self.worksheet.set_paper(9)
        if self.sheet.landscape:
            self.worksheet.set_landscape()
        self.worksheet.set_margins(left=0.6, right=0.6, top=0.75, bottom=0.75)
        self.worksheet.fit_to_pages(1, 0)
        self.worksheet.repeat_rows(header)
        self.worksheet.hide_gridlines(2)
        title = _clean(self.sheet.heading or self.sheet.title).replace("&", "&&")[:180]
        self.worksheet.set_footer(f'&L&"{_FONT}"&9{title}&R&"{_FONT}"&9&P/&N')

    def _measure(self, index: int, characters: int) -> None:
        if characters > self.widths[index]:
            self.widths[index] = min(characters, _WIDEST)


def _header_width(label: str) -> int:
    """Labels wrap: the longest word must fit, and a long label gets no more than three lines."""
    words = label.split() or [""]
    return max(max(len(word) for word in words), len(label) // 3) + 2


def _exact(value: int) -> int:
    if abs(value) > MAX_EXACT:
        raise WorkbookError(f"{value:,} is too large for an exact cell")
    return value


def _half_away(numerator: int, denominator: int) -> int:
    """Rounded as Excel's ROUND does: halves away from zero."""
    sign = -1 if (numerator < 0) != (denominator < 0) else 1
    return sign * ((2 * abs(numerator) + abs(denominator)) // (2 * abs(denominator)))


def _clean(text: str) -> str:
    """``text`` as a cell can hold it: no control characters, not longer than Excel takes."""
    cleaned = _NOT_IN_XML.sub("", str(text)).replace("\r\n", "\n").replace("\r", "\n")
    return cleaned if len(cleaned) <= MAX_TEXT else cleaned[: MAX_TEXT - 1] + "…"
