"""Text files of cells: whatever they are written in and divided by."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hkh.core.sheets.legacy import recognise
from hkh.core.sheets.quoting import unquoted

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LOOKED_AT = 200_000
_SEPARATORS = (";", "\t", ",", "|")


def read_delimited(path: Path) -> Iterator[list[Any]]:
    """The rows of ``path``, all equally long as far as the first two hundred lines reach; every cell is a text."""
    encoding = encoding_of(path)
    with path.open(encoding=encoding, newline="", errors="replace") as stream:
        head = stream.read(_LOOKED_AT)
        stream.seek(0)
        separator = separator_of(head)
        declared = re.match(r"\ufeff?sep=(.)\r?\n", head)
        if declared:
            stream.readline()
        width = max(
            (len(row) for row in csv.reader(head.splitlines(keepends=True)[:200], delimiter=separator)), default=0
        )
        csv.field_size_limit(1_000_000)
        for row in csv.reader(stream, delimiter=separator):
            cells = [unquoted(cell) if cell[:1] == "'" else cell for cell in row]
            yield cells + [""] * (width - len(cells))


def encoding_of(path: Path) -> str:
    """What ``path`` is written in: by its mark, else UTF-8 where all of it is, else one of the old ones."""
    with path.open("rb") as stream:
        head = stream.read(4)
        for mark, name in _BOMS:
            if head.startswith(mark):
                return name
        if head[1:2] == b"\0" and head[:1] != b"\0":
            return "utf-16-le"
        stream.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while lot := stream.read(1 << 20):
                decoder.decode(lot)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            stream.seek(0)
            return _old_encoding(stream.read(_LOOKED_AT))
    return "utf-8"


def _old_encoding(sample: bytes) -> str:
    """TCVN3 and VNI come as Windows' western letters; else it is Windows' Vietnamese."""
    western = sample.decode("cp1252", errors="replace")
    return "cp1252" if recognise(re.split(r"[;,\t\r\n|]+", western)) else "cp1258"


def separator_of(head: str) -> str:
    """What divides the cells: the one that ``sep=`` names, else the one that divides the lines most evenly."""
    if declared := re.match(r"\ufeff?sep=(.)\r?\n", head):
        return declared[1]
    lines = [line for line in head.splitlines()[:60] if line.strip()]
    best, most = ",", 0
    for separator in _SEPARATORS:
        counts = [len(row) - 1 for row in csv.reader(lines, delimiter=separator)]
        usual = max(set(counts), key=counts.count, default=0)
        score = usual and counts.count(usual) * 2 + min(usual, 5)
        if score > most:
            best, most = separator, score
    return best
