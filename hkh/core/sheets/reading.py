"""Sheets as they come: where the table begins, what heads its columns, its rows with their numbers.

    table = read(path, "Danh sách", columns=MemberResource.columns_in())
    found = match_headings(table.headings, MemberResource.columns_in())
    for numbers, cells in table.chunks():       # cells: one list a column
        ...

A file has passed ``guard.check_file`` before it is read.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice, pairwise
from pathlib import Path
from typing import Any

from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum

from hkh.core.sheets import ole
from hkh.core.sheets.cleaning import Cleaned, Remark, clean_cell
from hkh.core.sheets.columns import SheetField, match_headings
from hkh.core.sheets.delimited import read_delimited
from hkh.core.sheets.legacy import recognise
from hkh.core.text import search_key

__all__ = ["Cleaner", "SheetInfo", "Table", "clean_cell", "open_sheets", "read"]

#: So many rows are looked at for headings, and so many for old character sets.
_TOP, _SAMPLE = 40, 2_000
#: So many distinct cells of a column are remembered.
_REMEMBERED = 100_000

Row = tuple[int, list[Any]]


@dataclass(frozen=True, slots=True)
class SheetInfo:
    """A sheet's name and how many rows it reaches down; blank ones may be among them."""

    name: str
    rows: int


@dataclass
class Table:
    """The table on a sheet. ``head_row`` and the rows' numbers are those that the spreadsheet program shows.

    ``headings`` has a text for each column, "" for none. ``legacy`` names old character sets by the position of the
    column; ``starts_1904`` says from when numbers count days. ``rows`` can be gone through once.
    """

    name: str
    head_row: int
    headings: list[str]
    rows: Iterator[Row]
    legacy: dict[int, str] = field(default_factory=dict)
    starts_1904: bool = False
    #: How many rows the sheet reaches down; 0 where that is not known before they are read.
    depth: int = 0

    def chunks(self, size: int = 10_000) -> Iterator[tuple[list[int], list[list[Any]]]]:
        """The rows in lots, turned on their side: their numbers, and the cells of each column."""
        while lot := list(islice(self.rows, size)):
            numbers = [number for number, _cells in lot]
            yield numbers, [list(column) for column in zip(*(cells for _number, cells in lot), strict=True)]

    def cleaner(self, position: int, column: SheetField) -> Cleaner:
        """What cleans the cells at ``position`` as ``column``, lot by lot."""
        return Cleaner(column, legacy=self.legacy.get(position, ""), starts_1904=self.starts_1904)


class Cleaner:
    """Cleans a column's cells; equal cells are read once."""

    def __init__(self, column: SheetField, *, legacy: str = "", starts_1904: bool = False) -> None:
        self.column, self._legacy, self._starts_1904 = column, legacy, starts_1904
        self._known: dict[Any, Cleaned] = {}

    def __call__(self, cells: Sequence[Any]) -> tuple[list[Any], dict[int, Remark]]:
        """The values of ``cells`` and, by position in them, the remarks."""
        known = self._known
        if len(known) > _REMEMBERED:
            known.clear()
        values: list[Any] = []
        remarks: dict[int, Remark] = {}
        for raw in cells:
            key = raw if type(raw) is str else (type(raw), raw)
            found = known.get(key)
            if found is None:
                found = known[key] = self.column.read(raw, legacy=self._legacy, starts_1904=self._starts_1904)
            value, remark = found
            if remark is not None:
                remarks[len(values)] = remark
            values.append(value)
        return values, remarks


def sheet_names(path: Path | str, name: str = "") -> list[str]:
    """The names of the sheets that one can see, in their order, without reading them; [""] for delimited text."""
    if _is_delimited(path, name):
        return [""]
    with CalamineWorkbook.from_path(str(path)) as book:
        return _shown(book)


def _shown(book: CalamineWorkbook) -> list[str]:
    return [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.typ == SheetTypeEnum.WorkSheet and str(sheet.visible).rpartition(".")[2] == "Visible"
    ]


def open_sheets(path: Path | str, name: str = "") -> list[SheetInfo]:
    """The sheets of the file that one can see, in their order, with the rows that they reach down.

    ``name`` is the file's own, where ``path`` has not its ending.
    """
    if _is_delimited(path, name):
        table = read_delimited(Path(path))
        return [SheetInfo("", sum(1 for _row in table))]
    with CalamineWorkbook.from_path(str(path)) as book:
        return [SheetInfo(sheet, _depth(book.get_sheet_by_name(sheet))) for sheet in _shown(book)]


def _depth(sheet: CalamineSheet) -> int:
    return sheet.end[0] + 1 if sheet.end else 0


def read(
    path: Path | str,
    sheet: str = "",
    *,
    name: str = "",
    columns: Sequence[SheetField] = (),
    head_row: int | None = None,
) -> Table:
    """The table on ``sheet`` (the first that one can see if none is named).

    Where ``columns`` are told, the row that heads most of them is the heading; else the first full row of texts.
    ``head_row`` overrules both. Blank rows, the example of a template and a row that only numbers the columns are
    left out; what a merged cell says counts for all its rows.
    """
    if _is_delimited(path, name):
        return _table("", enumerate(read_delimited(Path(path)), 1), {}, columns, head_row)
    sheet = sheet or sheet_names(path, name)[0]
    book = CalamineWorkbook.from_path(str(path))
    found = book.get_sheet_by_name(sheet)
    table = _table(sheet, enumerate(found.iter_rows(), 1), _merged(found), columns, head_row)
    table.starts_1904 = _starts_1904(Path(path))
    table.depth = _depth(found)
    return table


def _is_delimited(path: Path | str, name: str) -> bool:
    return Path(name or path).suffix.lower() in (".csv", ".txt", ".tsv")


Merged = Mapping[int, Sequence[tuple[int, int, int]]]


def _merged(sheet: CalamineSheet) -> dict[int, list[tuple[int, int, int]]]:
    """By its first row: the last row, and the first and last column (positions in the rows) of each merged cell."""
    by_row: dict[int, list[tuple[int, int, int]]] = {}
    left = sheet.start[1] if sheet.start else 0
    for (top, first), (bottom, last) in sheet.merged_cell_ranges or ():
        if last >= left:
            by_row.setdefault(top + 1, []).append((bottom + 1, max(0, first - left), last - left))
    return by_row


def _table(
    name: str, rows: Iterator[Row], merged: Merged, columns: Sequence[SheetField], head_row: int | None
) -> Table:
    top = list(islice(rows, max(_TOP, head_row or 0)))
    index = _heading_index(top, columns) if head_row is None else head_row - 1
    if not top or index is None:
        return Table(name, 0, [], iter(()))
    head, below = top[index], top[index + 1 :]
    headings, deep = _headings(head, below, merged)
    width = len(head[1])
    rest = chain(below[deep:], rows)
    said = _without_noise(_filled_down(rest, merged), headings)
    sample = list(islice(said, _SAMPLE))
    legacy = {
        position: charset
        for position in range(width)
        if (charset := recognise(cells[position] for _n, cells in sample if isinstance(cells[position], str)))
    }
    return Table(name, head[0], headings, chain(sample, said), legacy)


def _heading_index(top: Sequence[Row], columns: Sequence[SheetField]) -> int | None:
    """Which of the first rows heads the table."""
    best, most = None, 0.0
    for index, (_number, cells) in enumerate(top):
        texts = [cell for cell in cells if isinstance(cell, str) and cell.strip()]
        full = sum(1 for cell in cells if cell not in ("", None))
        score = float(len(match_headings(cells, columns))) if columns else 0.0
        if not columns and full >= 2:
            score = len({text.strip() for text in texts if len(text) <= 60}) - 0.5 * (full - len(texts))
        if score > most:
            best, most = index, score
    if best is None and top:
        return next(
            (n for n, (_number, cells) in enumerate(top) if any(cell not in ("", None) for cell in cells)), None
        )
    return best


def _headings(head: Row, below: Sequence[Row], merged: Merged) -> tuple[list[str], int]:
    """The text above each column, and how many rows below ``head`` belong to the heading too."""
    number, cells = head
    texts = [_heading(cell) for cell in cells]
    deep = 0
    for bottom, first, last in merged.get(number, ()):
        deep = max(deep, min(bottom - number, 2))
        for position in range(first + 1, min(last + 1, len(texts))):
            texts[position] = texts[position] or texts[first]
    for _number, cells in below[:deep]:
        texts = [
            " ".join(part for part in (text, _heading(cell)) if part) for text, cell in zip(texts, cells, strict=False)
        ]
    return texts, deep


def _heading(cell: Any) -> str:
    return "" if cell is None else " ".join(str(cell).split())


def _filled_down(rows: Iterator[Row], merged: Merged) -> Iterator[Row]:
    """The rows, each cell of a cell merged downwards with what stands in its first one."""
    if not any(bottom > top for top, cells in merged.items() for bottom, _first, _last in cells):
        return rows
    return _fill(rows, merged)


def _fill(rows: Iterator[Row], merged: Merged) -> Iterator[Row]:
    held: dict[int, tuple[int, Any]] = {}
    for number, cells in rows:
        for position, (bottom, value) in list(held.items()):
            if number > bottom:
                del held[position]
            elif cells[position] in ("", None):
                cells[position] = value
        for bottom, first, _last in merged.get(number, ()):
            if bottom > number:
                held[first] = (bottom, cells[first])
        yield number, cells


_NUMBERING = re.compile(r"\(?\[?([0-9]{1,2}|[A-Za-z])\)?\]?\.?")
_EXAMPLE = frozenset(("vd", "vi du", "example", "contoh"))


def _without_noise(rows: Iterator[Row], headings: Sequence[str]) -> Iterator[Row]:
    """The rows that say something: no blank ones, no numbering of the columns, no example of a template."""
    width = len(headings)
    is_first = True
    for number, cells in rows:
        if not any(cells):
            continue
        said = [cell for cell in cells if cell not in ("", None) and not (isinstance(cell, str) and cell.isspace())]
        if not said:
            continue
        if is_first:
            is_first = False
            if len(said) > 1 and _numbers_columns(said):
                continue
        if isinstance(said[0], str) and len(said[0]) < 10 and search_key(said[0]).strip(" .:") in _EXAMPLE:
            continue
        if len(cells) != width:
            cells = [*cells[:width], *[""] * (width - len(cells))]
        yield number, cells


def _numbers_columns(cells: Sequence[Any]) -> bool:
    """Whether ``cells`` only count the columns: 1, 2, 3 or (1), (2), (3) or A, B, 1, 2."""
    signs = [_NUMBERING.fullmatch(_heading(int(c) if isinstance(c, float) and c.is_integer() else c)) for c in cells]
    if not all(signs):
        return False
    numbers = [int(sign[1]) for sign in signs if sign is not None and sign[1].isdigit()]
    return len(numbers) > 1 and all(after - before == 1 for before, after in pairwise(numbers))


def _starts_1904(path: Path) -> bool:
    """Whether the workbook counts its days from 1904, as those from old Macs do."""
    with path.open("rb") as stream:
        start = stream.read(8)
    if start == ole.SIGNATURE:
        facts = ole.read_facts(path)
        return facts is not None and facts.starts_1904
    if not start.startswith(b"PK"):
        return False
    with zipfile.ZipFile(path) as archive:
        if "xl/workbook.xml" not in archive.namelist():
            return False
        head = archive.open("xl/workbook.xml").read(20_000)
    return re.search(rb'date1904="(?:1|true)"', head) is not None
