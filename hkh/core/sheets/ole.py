"""The compound files of old Excel, as far as one must look into them before reading: what is inside, is it locked.

Source: [MS-CFB] (sectors, the chain of the table, the directory), [MS-XLS] 2.4.117 (FilePass), 2.4.77 (Date1904).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

SIGNATURE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LAST_SECTOR: Final = 0xFFFFFFFA
_MOST_SECTORS: Final = 300_000
_FILE_PASS: Final = 0x002F
_DATE_1904: Final = 0x0022
_END_OF_PART: Final = 0x000A
_MINI_LIMIT: Final = 4096


class Damaged(ValueError):
    """The file does not hold what its head says."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A stream: its first sector and its bytes."""

    start: int
    size: int


class _File:
    def __init__(self, stream: IO[bytes]) -> None:
        head = stream.read(512)
        if len(head) < 512 or not head.startswith(SIGNATURE):
            raise Damaged
        self._stream = stream
        (shift,) = struct.unpack_from("<H", head, 30)
        if shift not in (9, 12):
            raise Damaged
        self.sector_size = 1 << shift
        self.directory_start, self._more, self._more_count = (
            struct.unpack_from("<I", head, 48)[0],
            struct.unpack_from("<I", head, 68)[0],
            struct.unpack_from("<I", head, 72)[0],
        )
        self._table = self._read_table(list(struct.unpack_from("<109I", head, 76)))

    def _read_table(self, places: list[int]) -> list[int]:
        entries = self.sector_size // 4
        following = self._more
        for _n in range(min(self._more_count, 10_000)):
            if following >= _LAST_SECTOR:
                break
            more = struct.unpack(f"<{entries}I", self.sector(following))
            places += more[:-1]
            following = more[-1]
        table: list[int] = []
        for place in places:
            if place < _LAST_SECTOR:
                table += struct.unpack(f"<{entries}I", self.sector(place))
        return table

    def sector(self, number: int) -> bytes:
        self._stream.seek((number + 1) * self.sector_size)
        data = self._stream.read(self.sector_size)
        if len(data) < self.sector_size:
            data = data.ljust(self.sector_size, b"\0")
            if not data.strip(b"\0"):
                raise Damaged
        return data

    def chain(self, start: int) -> bytes:
        """The sectors from ``start`` on, put together."""
        data, number, seen = [], start, 0
        while number < _LAST_SECTOR:
            if number >= len(self._table) or seen > _MOST_SECTORS:
                raise Damaged
            data.append(self.sector(number))
            number, seen = self._table[number], seen + 1
        return b"".join(data)


def read_directory(path: Path) -> dict[str, Entry]:
    """What stands in the file at ``path``, by name. Raises: Damaged."""
    with path.open("rb") as stream:
        file = _File(stream)
        data = file.chain(file.directory_start)
    entries = {}
    for offset in range(0, len(data) - 127, 128):
        length, kind = struct.unpack_from("<HB", data, offset + 64)
        if kind in (1, 2, 5) and 2 <= length <= 64:
            name = data[offset : offset + length - 2].decode("utf-16-le", "replace")
            start, size = struct.unpack_from("<II", data, offset + 116)
            entries[name] = Entry(start, size)
    if not entries:
        raise Damaged
    return entries


@dataclass(frozen=True, slots=True)
class BookFacts:
    """What the first records of a workbook say."""

    is_locked: bool
    starts_1904: bool


def read_facts(path: Path) -> BookFacts | None:
    """What the workbook in the file says of itself; None where there is no workbook. Raises: Damaged, also where the
    workbook is cut off."""
    entries = read_directory(path)
    book = entries.get("Workbook") or entries.get("Book")
    if book is None:
        return None
    if book.size < _MINI_LIMIT:
        return BookFacts(is_locked=False, starts_1904=False)
    with path.open("rb") as stream:
        file = _File(stream)
        data = file.chain(book.start)
    if len(data) < book.size:
        raise Damaged
    found: dict[int, bytes] = {}
    offset = 0
    while offset + 4 <= len(data):
        kind, length = struct.unpack_from("<HH", data, offset)
        if kind == _END_OF_PART:
            break
        found.setdefault(kind, data[offset + 4 : offset + 4 + length])
        offset += 4 + length
    return BookFacts(is_locked=_FILE_PASS in found, starts_1904=found.get(_DATE_1904, b"")[:1] == b"\1")
