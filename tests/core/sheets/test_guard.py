"""Files that are not read, each with the sentence of why."""

from __future__ import annotations

import struct
import tracemalloc
import zipfile
import zlib

import pytest
from django.utils.translation import override

from hkh.core.sheets import guard
from hkh.core.sheets.guard import Refused, check_file
from tests.core.sheets import making

ROWS = [("Họ và tên", "Ngày sinh"), ("Lê A", "1958")]


@pytest.fixture
def book(tmp_path):
    return making.xlsx(tmp_path / "plain.xlsx", ROWS)


def code_of(path, name=""):
    with pytest.raises(Refused) as refused:
        check_file(path, name or path.name)
    assert str(refused.value)
    return refused.value.code


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_plain_files_pass(tmp_path, kind):
    path = getattr(making, kind)(tmp_path / f"a.{kind}", ROWS)
    check_file(path, f"Danh sách.{kind.upper()}")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1258"])
def test_plain_texts_pass(tmp_path, encoding):
    path = tmp_path / "a.csv"
    path.write_bytes("Ho ten;Ngay sinh\nLe A;1958\n".encode(encoding))
    check_file(path, "a.csv")


def test_the_sentence_is_in_the_language_in_use(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"")
    with override("vi"), pytest.raises(Refused) as refused:
        check_file(path, "a.xlsx")
    assert str(refused.value) == "Tệp rỗng. Hãy lưu lại bảng tính rồi chọn tệp mới."


# Macros


def test_macros_by_name_by_part_by_type_and_in_old_files(tmp_path, book):
    assert code_of(book, "a.xlsm") == "macros"
    assert code_of(making.changed(book, {"xl/vbaProject.bin": b"x"}, tmp_path / "a.xlsx")) == "macros"
    assert code_of(making.changed(book, {"xl/macrosheets/sheet1.xml": b"<a/>"}, tmp_path / "b.xlsx")) == "macros"
    types = making.part(book, "[Content_Types].xml").replace(b"sheet.main+xml", b"sheet.macroEnabled.main+xml")
    assert code_of(making.changed(book, {"[Content_Types].xml": types}, tmp_path / "c.xlsx")) == "macros"
    assert code_of(making.xls(tmp_path / "d.xls", ROWS, streams=["_VBA_PROJECT_CUR"])) == "macros"
    assert code_of(making.ods(tmp_path / "e.ods", ROWS, more={"Basic/Standard/a.xml": b"<a/>"})) == "macros"


# Passwords


def test_passwords(tmp_path, book):
    locked = tmp_path / "a.xlsx"
    locked.write_bytes(making.compound({"EncryptionInfo": b"\4\0\4\0", "EncryptedPackage": b"x" * 5000}))
    assert code_of(locked) == "password"
    assert code_of(making.xls(tmp_path / "b.xls", ROWS, locked=True)) == "password"
    entry = '<m:file-entry m:full-path="content.xml"><m:encryption-data/></m:file-entry>'
    assert code_of(making.ods(tmp_path / "c.ods", ROWS, manifest=entry)) == "password"
    flagged = bytearray(book.read_bytes())
    directory = flagged.find(b"PK\1\2")
    flagged[directory + 8] |= 1
    (tmp_path / "d.xlsx").write_bytes(flagged)
    assert code_of(tmp_path / "d.xlsx") == "password"


# Bombs


def test_a_bomb_is_known_by_its_directory_and_not_unpacked(tmp_path, book):
    path = tmp_path / "a.xlsx"
    making.changed(book, {"xl/worksheets/sheet2.xml": bytes(60 * 1024 * 1024)}, path)
    assert path.stat().st_size < 100_000
    tracemalloc.start()
    assert code_of(path) == "bomb"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * 1024 * 1024


def test_a_bomb_that_lies_about_its_size_is_stopped_at_the_first_byte_too_many(tmp_path, book):
    path = tmp_path / "a.xlsx"
    making.changed(book, {"xl/media/a.bin": bytes(50 * 1024 * 1024)}, path)
    data = bytearray(path.read_bytes())
    claimed, crc = struct.pack("<I", 100), struct.pack("<I", zlib.crc32(bytes(100)))
    with zipfile.ZipFile(path) as archive:
        head = archive.getinfo("xl/media/a.bin").header_offset
    directory = data.find(b"xl/media/a.bin", head + 30 + 14) - 46
    data[head + 22 : head + 26] = data[directory + 24 : directory + 28] = claimed
    data[head + 14 : head + 18] = data[directory + 16 : directory + 20] = crc
    path.write_bytes(data)
    assert code_of(path) == "bomb"


def test_too_many_parts(tmp_path, book, monkeypatch):
    monkeypatch.setattr(guard, "_MOST_PARTS", 20)
    parts = {f"xl/media/{n}": b"" for n in range(20)}
    assert code_of(making.changed(book, parts, tmp_path / "a.xlsx")) == "bomb"


def test_two_cells_far_apart(tmp_path):
    import xlsxwriter

    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "Họ và tên")
        sheet.write(1_048_575, 16_383, "x")
    assert code_of(path) == "bomb"
    with zipfile.ZipFile(path) as archive:
        cells = archive.read("xl/worksheets/sheet1.xml")
    single = {"xl/worksheets/sheet1.xml": cells.replace(b'"', b"'")}
    assert code_of(making.changed(path, single, tmp_path / "b.xlsx")) == "bomb"


@pytest.mark.parametrize("cells", ["A1 AAA2 A3", "A1 ZZ2 XFD3 AA4", "A1 B1048576 C4"])
def test_how_far_cells_reach_is_never_forgotten(cells):
    reach = guard._Reach()
    for cell in cells.split():
        reach.see(f'<c r="{cell}"/>'.encode())
    columns = 16_384 if "AAA" in cells or "XFD" in cells else 26
    assert (reach.columns, reach.rows) == (columns, 1_048_576 if "1048576" in cells else 9_999)


def test_an_open_document_that_repeats_a_cell_all_over_the_sheet(tmp_path):
    path = making.ods(tmp_path / "a.ods", ROWS)
    many = making.part(path, "content.xml").replace(
        b'<table:table-cell office:value-type="string"><text:p>1958',
        b'<table:table-cell table:number-columns-repeated="16384" office:value-type="string"><text:p>1958',
    )
    many = many.replace(b"<table:table-row><", b'<table:table-row table:number-rows-repeated="100000"><')
    assert code_of(making.changed(path, {"content.xml": many}, tmp_path / "b.ods")) == "bomb"


# Document types and entities


BILLION_LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]>'
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>'
)
FROM_OUTSIDE = b'<!DOCTYPE workbook SYSTEM "http://127.0.0.1/x.dtd"><workbook/>'


@pytest.mark.parametrize("content", [BILLION_LAUGHS, FROM_OUTSIDE, BILLION_LAUGHS.decode().encode("utf-16")])
@pytest.mark.parametrize("name", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/_rels/workbook.xml.rels"])
def test_document_types_in_any_part(tmp_path, book, content, name):
    assert code_of(making.changed(book, {name: content}, tmp_path / "a.xlsx")) == "doctype"


def test_document_types_in_open_documents(tmp_path):
    assert code_of(making.ods(tmp_path / "a.ods", ROWS, more={"styles.xml": BILLION_LAUGHS})) == "doctype"


# Another type than the name says


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", b"<html><table><tr><td>1</td></tr></table></html>"),
        ("a.xls", b"<html><table><tr><td>1</td></tr></table></html>"),
        ("a.csv", b"<html><table><tr><td>1</td></tr></table></html>"),
        ("a.xlsx", b"Ho ten;Ngay sinh\n"),
        ("a.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        ("a.pdf", b"%PDF-1.7"),
        ("a.exe", b"MZ"),
        ("khong-duoi", b"a;b"),
    ],
)
def test_other_files(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    assert code_of(path) == "wrong_type"


def test_other_zips_and_compound_files(tmp_path, book):
    document = tmp_path / "a.xlsx"
    with zipfile.ZipFile(document, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    assert code_of(document) == "wrong_type"
    assert code_of(book, "a.ods") == "wrong_type"
    assert code_of(book, "a.xls") == "wrong_type"
    assert code_of(book, "a.csv") == "wrong_type"
    letter = tmp_path / "b.xls"
    letter.write_bytes(making.compound({"WordDocument": b"x" * 5000}))
    assert code_of(letter) == "wrong_type"
    assert code_of(making.xls(tmp_path / "c.xls", ROWS), "c.xlsx") == "wrong_type"


# Size, and files that are not whole


def test_empty_and_too_large(tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_bytes(b"")
    assert code_of(path) == "empty"
    with path.open("wb") as stream:
        stream.truncate(100 * 1024 * 1024 + 1)
    assert code_of(path) == "too_large"


@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_cut_off(tmp_path, kind, share):
    path = getattr(making, kind)(tmp_path / f"a.{kind}", ROWS * 300)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    assert code_of(path) == "damaged"


def test_one_byte_changed_on_the_way(tmp_path, book):
    data = bytearray(book.read_bytes())
    with zipfile.ZipFile(book) as archive:
        inside = archive.getinfo("xl/worksheets/sheet1.xml")
    data[inside.header_offset + 30 + len(inside.filename) + inside.compress_size // 2] ^= 0xFF
    book.write_bytes(data)
    assert code_of(book) == "damaged"
