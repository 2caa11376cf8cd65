"""Small spreadsheets of every kind, made byte by byte where no writer is at hand."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
from openpyxl.utils.datetime import CALENDAR_MAC_1904

Rows = Sequence[Sequence[Any]]


def xlsx(path: Path, rows: Rows, *, merge: Sequence[str] = (), title: str = "Sheet", **more: Rows) -> Path:
    """A workbook with one sheet of ``rows``, and one more for each of ``more``."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for name, lines in {title: rows, **more}.items():
        target = sheet if name == title else book.create_sheet(name)
        for line in lines:
            target.append(list(line))
    for place in merge:
        sheet.merge_cells(place)
    book.save(path)
    return path


def xlsx_of_1904(path: Path, rows: Rows) -> Path:
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    assert book.active is not None
    for line in rows:
        book.active.append(list(line))
    book.save(path)
    return path


def changed(path: Path, parts: Mapping[str, bytes | None], to: Path) -> Path:
    """The zip at ``path`` with other or more ``parts``; None takes one away."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            if content is not None:
                new.writestr(name, content)
    return to


def part(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


def ods(
    path: Path, rows: Rows, *, manifest: str = "", blank_tail: int = 0, more: Mapping[str, bytes] | None = None
) -> Path:
    """An OpenDocument spreadsheet, written by hand."""
    lines = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    if blank_tail:
        repeated = f'<table:table-row table:number-rows-repeated="{blank_tail}">'
        lines += f'{repeated}<table:table-cell table:number-columns-repeated="9"/></table:table-row>'
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="Trang 1">{lines}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("content.xml", content)
        archive.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0"?><m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<m:file-entry m:full-path="/" m:media-type="application/vnd.oasis.opendocument.spreadsheet"/>{manifest}'
            "</m:manifest>",
        )
        for name, inside in (more or {}).items():
            archive.writestr(name, inside)
    return path


def _ods_cell(value: Any) -> str:
    if value is None or value == "":
        return "<table:table-cell/>"
    if isinstance(value, date):
        kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    elif isinstance(value, int | float):
        kind = f'office:value-type="float" office:value="{value}"'
    else:
        kind = 'office:value-type="string"'
    return f"<table:table-cell {kind}><text:p>{escape(str(value))}</text:p></table:table-cell>"


# .xls: BIFF8 records in a compound file. Sources: [MS-XLS] 2.4, [MS-CFB] 2.

_FREE, _END, _TABLE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def xls(
    path: Path, rows: Rows, *, starts_1904: bool = False, locked: bool = False, streams: Sequence[str] = ()
) -> Path:
    """An old workbook with texts, numbers, days and, as ("=", value), formulas with what they came to."""
    head = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0x0006))
    if locked:
        head += _record(0x002F, b"\x01\x00" + b"\x01\x00\x01\x00" + bytes(48))
    head += _record(0x0042, struct.pack("<H", 1200)) + _record(0x0022, struct.pack("<H", starts_1904))
    head += _record(0x00E0, struct.pack("<HH", 0, 0) + bytes(16)) + _record(
        0x00E0, struct.pack("<HH", 0, 14) + bytes(16)
    )
    name = "Trang 1".encode("utf-16-le")
    length = len(head) + 4 + 8 + len(name) + 4
    bound = _record(0x0085, struct.pack("<IBBBB", length, 0, 0, len(name) // 2, 1) + name)
    book = head + bound + _record(0x000A, b"")
    assert len(book) == length
    cells = b"".join(_xls_cell(r, c, value, starts_1904) for r, row in enumerate(rows) for c, value in enumerate(row))
    width = max((len(row) for row in rows), default=0)
    sheet = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0x0006))
    sheet += _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0)) + cells + _record(0x000A, b"")
    path.write_bytes(compound({"Workbook": book + sheet, **dict.fromkeys(streams, b"")}))
    return path


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A compound file with ``streams``, each long enough to stand in sectors of its own."""
    sectors: list[bytes] = []
    table: list[int] = [_TABLE]
    places = {}
    entries = -(-128 * (len(streams) + 1) // 512)
    table += [n + 2 if n < entries - 1 else _END for n in range(entries)]
    for name, content in streams.items():
        data = content.ljust(max(4096, -(-len(content) // 512) * 512), b"\0")
        first = len(table)
        places[name] = (first, len(data))
        count = len(data) // 512
        table += [*range(first + 1, first + count), _END]
        sectors += [data[n : n + 512] for n in range(0, len(data), 512)]
    assert len(table) <= 128
    directory = _entry("Root Entry", 5, child=1, start=_END, size=0)
    for number, (name, (start, size)) in enumerate(places.items(), 1):
        directory += _entry(name, 2, right=number + 1 if number < len(places) else _FREE, start=start, size=size)
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHHHIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 0, 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    head += struct.pack("<109I", 0, *[_FREE] * 108)
    fat = struct.pack("<128I", *table, *[_FREE] * (128 - len(table)))
    return head + fat + directory.ljust(entries * 512, b"\0") + b"".join(sectors)


def _entry(name: str, kind: int, *, child: int = _FREE, right: int = _FREE, start: int, size: int) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    head = text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), kind, 1, _FREE, right, child)
    return head + bytes(36) + struct.pack("<IQ", start, size)


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _xls_cell(row: int, column: int, value: Any, starts_1904: bool) -> bytes:
    if value is None or value == "":
        return b""
    if isinstance(value, tuple):
        number = struct.pack("<d", value[1])
        return _record(0x0006, struct.pack("<HHH", row, column, 0) + number + struct.pack("<HIH", 0, 0, 0))
    if isinstance(value, date):
        days = (value - (date(1904, 1, 1) if starts_1904 else date(1899, 12, 30))).days
        return _record(0x0203, struct.pack("<HHHd", row, column, 1, days))
    if isinstance(value, int | float):
        return _record(0x0203, struct.pack("<HHHd", row, column, 0, value))
    text = value.encode("utf-16-le")
    return _record(0x0204, struct.pack("<HHHHB", row, column, 0, len(text) // 2, 1) + text)
