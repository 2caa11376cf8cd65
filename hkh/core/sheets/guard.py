"""What a file must be before anybody reads it: a spreadsheet of a known kind, whole, harmless, of bearable size."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Final
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hkh.core.money import format_number
from hkh.core.sheets import ole

LARGEST: Final = 100 * 1024 * 1024
#: Half a million members unpack to a quarter of this.
LARGEST_UNPACKED: Final = 1_500 * 1024 * 1024
#: Sheets of numbers shrink to a twentieth, of blank cells to a fiftieth; bombs to a thousandth.
HIGHEST_RATIO: Final = 200
_SMALL: Final = 10 * 1024 * 1024
_MOST_PARTS: Final = 5_000
#: A reader lays cells out as a rectangle; two cells far apart would fill the memory.
MOST_CELLS: Final = 60_000_000
_LOT: Final = 1 << 20

ENDINGS: Final = (".xlsx", ".xls", ".ods", ".csv")
_WITH_MACROS: Final = (".xlsm", ".xltm", ".xlsb", ".xlam")


class Refused(ValidationError):
    """The file is not read. ``str()`` is the sentence for who brought it."""

    def __init__(self, sentence: str, code: str) -> None:
        super().__init__(sentence, code=code)

    def __str__(self) -> str:
        return str(self.message)


def check_file(path: Path | str, name: str) -> None:
    """Let pass a spreadsheet at ``path`` that calls itself ``name``. Reads all of it once, keeps nothing.

    Raises: Refused, with ``code`` one of: macros, password, bomb, doctype, wrong_type, too_large, empty, damaged.
    """
    path, ending = Path(path), Path(name).suffix.lower()
    size = path.stat().st_size
    if size == 0:
        raise Refused(_("The file is empty. Save the sheet again and choose the new file."), "empty")
    if size > LARGEST:
        raise Refused(
            _("The file is larger than %(most)s MB. Split it into several files.")
            % {"most": format_number(LARGEST // 1024**2)},
            "too_large",
        )
    if ending in _WITH_MACROS:
        raise _macros()
    if ending not in ENDINGS:
        raise _wrong_type()
    with path.open("rb") as stream:
        start = stream.read(4096)
    if start.startswith(b"PK"):
        _check_zip(path, ending)
    elif start.startswith(ole.SIGNATURE):
        _check_ole(path, ending)
    elif ending == ".csv":
        _check_text(path, start)
    elif ending == ".xlsx" and start.lstrip()[:1] == b"<":
        raise _wrong_type(_("It is a web page or an XML file with another ending."))
    else:
        raise _wrong_type()


def _macros() -> Refused:
    return Refused(
        _("The file holds macros (small programs), which are never taken in. Save it as .xlsx and choose that file."),
        "macros",
    )


def _password() -> Refused:
    return Refused(
        _("The file is locked with a password. Take the password off, save it and choose it again."), "password"
    )


def _damaged() -> Refused:
    return Refused(
        _("The file is damaged or was cut off on its way. Open it, save it again and choose the new file."), "damaged"
    )


def _bomb() -> Refused:
    return Refused(
        _("The file would unpack to far more than a sheet holds, so it is not opened. Save the sheet as a new file."),
        "bomb",
    )


def _doctype() -> Refused:
    return Refused(
        _("The file holds a document type (DOCTYPE), which no sheet needs. Save it as a new .xlsx file."), "doctype"
    )


def _wrong_type(detail: str = "") -> Refused:
    sentence = _("This is not a spreadsheet of the kind that its name says. Save it as .xlsx, .xls, .ods or .csv.")
    return Refused(f"{detail} {sentence}".strip(), "wrong_type")


# Zip: .xlsx and .ods


def _check_zip(path: Path, ending: str) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            _check_directory(archive, path.stat().st_size)
            _check_contents(archive, ending)
            _check_parts(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ParseError, UnicodeDecodeError, OSError):
        raise _damaged() from None


def _check_directory(archive: zipfile.ZipFile, size: int) -> None:
    """By what the directory says, before anything is unpacked."""
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise _password()
    total = sum(part.file_size for part in parts)
    if len(parts) > _MOST_PARTS or total > LARGEST_UNPACKED:
        raise _bomb()
    if any(part.file_size > _SMALL and part.file_size > HIGHEST_RATIO * part.compress_size for part in parts):
        raise _bomb()
    if sum(part.compress_size for part in parts) > size:  # parts that lie over one another
        raise _bomb()


def _check_contents(archive: zipfile.ZipFile, ending: str) -> None:
    names = {part.filename for part in archive.infolist()}
    lowered = {name.lower() for name in names}
    if any(
        "vbaproject" in name or "/macrosheets/" in name or name.startswith(("basic/", "scripts/")) for name in lowered
    ):
        raise _macros()
    is_xlsx, is_ods = "xl/workbook.xml" in names, "content.xml" in names and "mimetype" in names
    if is_xlsx and b"macroEnabled" in archive.read("[Content_Types].xml")[:200_000]:
        raise _macros()
    if is_ods:
        if not archive.read("mimetype")[:100].startswith(b"application/vnd.oasis.opendocument.spreadsheet"):
            raise _wrong_type()
        if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise _password()
    if not ((is_xlsx and ending == ".xlsx") or (is_ods and ending == ".ods")):
        raise _wrong_type()


def _check_parts(archive: zipfile.ZipFile) -> None:
    """Each part unpacks to what the directory says and not a byte more; no XML part brings a document type along."""
    if "content.xml" in archive.namelist():
        _check_repeated(archive)
    for part in archive.infolist():
        is_xml = part.filename.lower().endswith((".xml", ".rels", ".vml"))
        if is_xml:
            with archive.open(part) as stream:
                _check_xml_start(stream)
        reach = _Reach()
        unpacked = 0
        for lot in _unpacked(archive, part):
            unpacked += len(lot)
            if unpacked > part.file_size:
                raise _bomb()
            if is_xml and "worksheets/" in part.filename:
                reach.see(lot)
        if unpacked != part.file_size:
            raise _damaged()
        if reach.cells > MOST_CELLS:
            raise Refused(
                _("Cells stand too far apart on a sheet (down to row %(row)s). Delete what stands far off the table.")
                % {"row": format_number(reach.rows)},
                "bomb",
            )


_ODS_TABLE: Final = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_ODS_TYPE: Final = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}value-type"


def _check_repeated(archive: zipfile.ZipFile) -> None:
    """An OpenDocument cell may say how often it stands there: a few bytes for a whole sheet."""
    cells = row_cells = 0
    try:
        with archive.open("content.xml") as stream:
            for _event, element in iterparse(stream, events=("end",), forbid_dtd=True):
                if element.tag == f"{_ODS_TABLE}table-cell":
                    if element.get(_ODS_TYPE):
                        row_cells += _repeated(element.get(f"{_ODS_TABLE}number-columns-repeated"))
                elif element.tag == f"{_ODS_TABLE}table-row":
                    cells += row_cells * _repeated(element.get(f"{_ODS_TABLE}number-rows-repeated"))
                    row_cells = 0
                    element.clear()
                    if cells > MOST_CELLS:
                        raise _bomb()
    except DefusedXmlException:
        raise _doctype() from None


def _repeated(times: str | None) -> int:
    return int(times) if times and times.isdecimal() and len(times) < 12 else 1


def _check_xml_start(stream: IO[bytes]) -> None:
    """Up to the first element, before which a document type stands if there is one."""
    try:
        for _event, _element in iterparse(stream, events=("start",), forbid_dtd=True):
            return
    except DefusedXmlException:
        raise _doctype() from None


def _unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """What ``part`` really unpacks to, in lots; zipfile would stop at the size that the directory claims."""
    if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _wrong_type()
    stream = archive.fp
    assert stream is not None
    with archive.open(part):  # looks whether the part's own head agrees with the directory
        pass
    stream.seek(part.header_offset + 26)
    lengths = stream.read(4)
    stream.seek(part.header_offset + 30 + int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little"))
    left, crc = part.compress_size, 0
    inflate = zlib.decompressobj(-zlib.MAX_WBITS) if part.compress_type == zipfile.ZIP_DEFLATED else None
    while left > 0 and (packed := stream.read(min(_LOT // 4, left))):
        left -= len(packed)
        while packed:
            lot = inflate.decompress(packed, _LOT) if inflate else packed
            packed = inflate.unconsumed_tail if inflate else b""
            crc = zlib.crc32(lot, crc)
            yield lot
    if crc != part.CRC or (inflate is not None and not inflate.eof):
        raise _damaged()


class _Reach:
    """How far the cells of a sheet reach, by the shape of their names: an upper bound, found without parsing."""

    _COLUMNS = ((rb"[A-Z]{3}[0-9]", 16_384), (rb"[A-Z]{2}[0-9]", 702))
    _ROWS = (
        (rb"[A-Z]{1,3}[0-9]{7}[\"']", 1_048_576),
        (rb"[A-Z]{1,3}[0-9]{6}[\"']", 999_999),
        (rb"[A-Z]{1,3}[0-9]{5}[\"']", 99_999),
    )

    def __init__(self) -> None:
        self.columns, self.rows, self._tail = 26, 9_999, b""
        self._beyond = self._names()

    @property
    def cells(self) -> int:
        return self.columns * self.rows

    def see(self, lot: bytes) -> None:
        lot = self._tail + lot
        self._tail = lot[-24:]
        if self._beyond is not None and self._beyond.search(lot):
            self.columns = max(self.columns, self._farthest(self._COLUMNS, lot))
            self.rows = max(self.rows, self._farthest(self._ROWS, lot))
            self._beyond = self._names()

    def _names(self) -> re.Pattern[bytes] | None:
        """Any name beyond what has been seen: one search a lot, and a quick one, for it begins with fixed letters."""
        further = [name for name, n in self._COLUMNS if n > self.columns]
        further += [name for name, n in self._ROWS if n > self.rows]
        return _name(b"|".join(further)) if further else None

    @staticmethod
    def _farthest(names: Sequence[tuple[bytes, int]], lot: bytes) -> int:
        return next((n for name, n in names if _name(name).search(lot)), 0)


def _name(shape: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"r=[\"'](?:" + shape + rb")")


# .xls


def _check_ole(path: Path, ending: str) -> None:
    try:
        entries = ole.read_directory(path)
        if "EncryptedPackage" in entries or "EncryptionInfo" in entries:
            raise _password()
        if any(name.startswith("_VBA_PROJECT") or name == "VBA" for name in entries):
            raise _macros()
        facts = ole.read_facts(path)
    except ole.Damaged:
        raise _damaged() from None
    if facts is None or ending != ".xls":
        raise _wrong_type()
    if facts.is_locked:
        raise _password()


# .csv


def _check_text(path: Path, start: bytes) -> None:
    if start.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"<":
        raise _wrong_type(_("It is a web page or an XML file with another ending."))
    is_wide = start.startswith((b"\xff\xfe", b"\xfe\xff")) or start[1:2] == b"\0"
    if is_wide:
        return
    with path.open("rb") as stream:
        while lot := stream.read(_LOT):
            if b"\0" in lot:
                raise _wrong_type()
