"""Sheets as offices really send them, each as a file."""

from __future__ import annotations

import time
from datetime import date

import pytest
import xlsxwriter

from hkh.core.sheets.columns import match_headings
from hkh.core.sheets.guard import check_file
from hkh.core.sheets.reading import open_sheets, read
from members.sheets.people import MemberResource
from tests.core.sheets import making

HEADINGS = ("STT", "Họ và tên", "Ngày sinh", "SĐT")
AN = ("1", "Nguyễn Văn An", "5/9/1958", "0912345678")
BINH = ("2", "Trần Thị Bình", "1960", "0987654321")


def members(path, sheet="", **kwargs):
    """What an import would see of the file: by row number, name, birth and telephone."""
    check_file(path, path.name)
    columns = {column.key: column for column in MemberResource.columns_in()}
    table = read(path, sheet, columns=list(columns.values()), **kwargs)
    found = match_headings(table.headings, columns.values())
    seen, remarks = {}, {}
    cleaners = {key: table.cleaner(position, columns[key]) for position, key in found.items()}
    for numbers, cells in table.chunks():
        cleaned = {key: cleaners[key](cells[position]) for position, key in found.items()}
        for n, number in enumerate(numbers):
            seen[number] = tuple(cleaned[key][0][n] for key in ("full_name", "birth", "phone") if key in cleaned)
            said = {remark.code for key in cleaned if (remark := cleaned[key][1].get(n))}
            if said:
                remarks[number] = said
    return seen, remarks


PLAIN = {2: ("Nguyễn Văn An", date(1958, 9, 5), "0912345678"), 3: ("Trần Thị Bình", 1960, "0987654321")}


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_every_kind_of_file(tmp_path, kind):
    path = getattr(making, kind)(tmp_path / f"a.{kind}", [HEADINGS, AN, BINH])
    assert members(path) == (PLAIN, {})


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_days_and_numbers_as_such(tmp_path, kind):
    rows = [HEADINGS, (1, "Nguyễn Văn An", date(1958, 9, 5), 912345678), (2, "Trần Thị Bình", 1960, 987654321)]
    path = getattr(making, kind)(tmp_path / f"a.{kind}", rows)
    assert members(path) == (PLAIN, {2: {"phone_zero"}, 3: {"phone_zero"}})


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_days_counted_from_1904(tmp_path, kind):
    serial = (date(1958, 9, 5) - date(1904, 1, 1)).days
    rows = [HEADINGS, (1, "Nguyễn Văn An", date(1958, 9, 5), ""), (2, "Trần Thị Bình", serial, "")]
    path = tmp_path / f"a.{kind}"
    making.xlsx_of_1904(path, rows) if kind == "xlsx" else making.xls(path, rows, starts_1904=True)
    seen, remarks = members(path)
    assert [row[1] for row in seen.values()] == [date(1958, 9, 5)] * 2
    assert remarks == {3: {"serial"}}


def test_days_as_text_and_as_numbers(tmp_path):
    births = ["05/09/1958", "5.9.58", "5-9-1958", "1958", "năm 1958", 21433, "21433", 5091958, "00/00/1958", "9/1958"]
    path = making.xlsx(tmp_path / "a.xlsx", [HEADINGS, *((n, "Lê A", birth, "") for n, birth in enumerate(births, 1))])
    seen, remarks = members(path)
    day = date(1958, 9, 5)
    assert [row[1] for row in seen.values()] == [day, day, day, 1958, 1958, day, day, day, 1958, 1958]
    assert remarks == {7: {"serial"}, 8: {"serial"}, 9: {"date_digits"}, 11: {"year_kept"}}


def test_title_rows_above_and_numbered_columns_below_the_heading(tmp_path):
    rows = [
        ("HỘI KHUYẾN HỌC TỈNH PHÚ THỌ", "", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", ""),
        ("HỘI XÃ HY CƯƠNG", "", "Độc lập - Tự do - Hạnh phúc", ""),
        (),
        ("", "DANH SÁCH HỘI VIÊN", "", ""),
        ("", "(Kèm theo Công văn số 12 ngày 5/9/2024)", "", ""),
        HEADINGS,
        ("(1)", "(2)", "(3)", "(4)"),
        AN,
        (),
        BINH,
    ]
    seen, remarks = members(making.xlsx(tmp_path / "a.xlsx", rows, merge=["A1:B1", "C1:D1", "B4:D4"]))
    assert (seen, remarks) == ({8: PLAIN[2], 10: PLAIN[3]}, {})


def test_merged_headings_and_cells(tmp_path):
    rows = [
        ("STT", "Họ và tên", "Ngày sinh", "Liên hệ", "", "Đơn vị"),
        ("", "", "", "SĐT", "Địa chỉ", ""),
        (1, "Nguyễn Văn An", "5/9/1958", "0912345678", "Khu 1", "CH-1"),
        (2, "Trần Thị Bình", "1960", "0987654321", "Khu 2", None),
        (3, "Lê Thị Cúc", "", "", "", "CH-2"),
    ]
    path = making.xlsx(tmp_path / "a.xlsx", rows, merge=["A1:A2", "B1:B2", "C1:C2", "D1:E1", "F1:F2", "F3:F4"])
    table = read(path, columns=MemberResource.columns_in())
    assert table.headings == ["STT", "Họ và tên", "Ngày sinh", "Liên hệ SĐT", "Liên hệ Địa chỉ", "Đơn vị"]
    assert [(number, cells[1], cells[5]) for number, cells in table.rows] == [
        (3, "Nguyễn Văn An", "CH-1"),
        (4, "Trần Thị Bình", "CH-1"),
        (5, "Lê Thị Cúc", "CH-2"),
    ]


def test_formulas_count_as_what_they_came_to(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_formula(1, 1, '=CONCATENATE("Nguyễn"," Văn An")', None, "Nguyễn Văn An")
        sheet.write_formula(1, 2, "=1950+8", None, 1958)
        sheet.write_formula(1, 3, "=900000000+12345678", None, 912345678)
    assert members(path) == ({2: ("Nguyễn Văn An", 1958, "0912345678")}, {2: {"phone_zero"}})
    old = making.xls(tmp_path / "a.xls", [HEADINGS, (1, "Nguyễn Văn An", ("=", 1958), "")])
    assert members(old)[0] == {2: ("Nguyễn Văn An", 1958, "")}


def test_several_sheets_and_hidden_ones(tmp_path):
    path = making.xlsx(tmp_path / "a.xlsx", [["Bìa"]], title="Bìa", Khu1=[HEADINGS, AN], Khu2=[HEADINGS, BINH, BINH])
    assert [(sheet.name, sheet.rows) for sheet in open_sheets(path)] == [("Bìa", 1), ("Khu1", 2), ("Khu2", 3)]
    assert members(path, "Khu2")[0] == {2: PLAIN[3], 3: PLAIN[3]}


def test_text_in_other_forms_of_unicode(tmp_path):
    rows = [HEADINGS, (1, "Nguye\u0302\u0303n\u00a0Va\u0306n An ", "", ""), (2, "\u00d0ặng Thị \u00d0ào", "", "")]
    seen, remarks = members(making.xlsx(tmp_path / "a.xlsx", rows))
    assert [row[0] for row in seen.values()] == ["Nguyễn Văn An", "Đặng Thị Đào"]
    assert remarks == {}


def test_names_in_capitals(tmp_path):
    path = making.xlsx(tmp_path / "a.xlsx", [HEADINGS, (1, "NGUYỄN VĂN AN", "", ""), (2, "Lê Bá", "", "")])
    assert members(path) == ({2: ("Nguyễn Văn An", None, ""), 3: ("Lê Bá", None, "")}, {2: {"capitals"}})


@pytest.mark.parametrize(
    ("typed", "charset"),
    [
        (("NguyÔn V¨n An", "TrÇn ThÞ B×nh", "Lª Thu Hµ", "Bá"), "tcvn3"),
        (("Nguyeãn Vaên An", "Traàn Thò Bình", "Leâ Thu Haø", "Boû"), "vni"),
    ],
)
@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_text_from_before_unicode(tmp_path, typed, charset, kind):
    rows = [HEADINGS, *((n, name, "", "") for n, name in enumerate(typed, 1))]
    path = getattr(making, kind)(tmp_path / f"a.{kind}", rows)
    assert read(path, columns=MemberResource.columns_in()).legacy == {1: charset}
    seen, remarks = members(path)
    assert [row[0] for row in seen.values()] == ["Nguyễn Văn An", "Trần Thị Bình", "Lê Thu Hà", "Bỏ"]
    assert remarks == {row: {"legacy"} for row in range(2, 6)}


def test_blank_tail_of_a_million_rows_is_quick(tmp_path):
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet, grid = book.add_worksheet(), book.add_format({"border": 1})
        for n, row in enumerate([HEADINGS, AN, BINH]):
            sheet.write_row(n, 0, row)
        for n in range(3, 300_000):
            sheet.write_blank(n, 1, None, grid)
        sheet.write_string(1_048_575, 1, " ")
    began = time.perf_counter()
    assert members(path) == (PLAIN, {})
    assert time.perf_counter() - began < 8
    tail = making.ods(tmp_path / "a.ods", [HEADINGS, AN, BINH], blank_tail=1_048_573)
    assert members(tail) == (PLAIN, {})


def test_the_example_of_a_template_is_left_out(tmp_path):
    rows = [HEADINGS, ("VD", "Nguyễn Thị Ví Dụ", "", ""), AN, ("ví dụ:", "Lê A", "", ""), BINH]
    assert members(making.xlsx(tmp_path / "a.xlsx", rows))[0] == {3: PLAIN[2], 5: PLAIN[3]}


def test_the_heading_may_be_pointed_at(tmp_path):
    path = making.xlsx(tmp_path / "a.xlsx", [("Họ và tên", "Ngày sinh"), ("Ai?", "Khi nào?"), ("Lê A", "1958")])
    table = read(path, head_row=2)
    assert (table.head_row, table.headings, list(table.rows)) == (2, ["Ai?", "Khi nào?"], [(3, ["Lê A", "1958"])])


def test_a_heading_is_found_without_knowing_the_columns(tmp_path):
    path = making.xlsx(tmp_path / "a.xlsx", [("Danh sách",), (), HEADINGS, (1, "Lê A", 1958, 912345678)])
    assert read(path).head_row == 3


def test_an_empty_sheet_is_an_empty_table(tmp_path):
    table = read(making.xlsx(tmp_path / "a.xlsx", []), columns=MemberResource.columns_in())
    assert (table.head_row, table.headings, list(table.rows)) == (0, [], [])


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1258"])
def test_text_files(tmp_path, separator, encoding):
    lines = "\r\n".join(
        separator.join(f'"{cell}"' if cell == AN[1] else cell for cell in row) for row in (HEADINGS, AN, BINH)
    )
    path = tmp_path / "a.csv"
    path.write_bytes(in_1258(lines) if encoding == "cp1258" else lines.encode(encoding))
    assert members(path) == (PLAIN, {})


def in_1258(text):
    """As Windows writes it: most letters whole, the tone of the others behind them."""
    import unicodedata

    written = b""
    for letter in text:
        try:
            written += letter.encode("cp1258")
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", letter)
            tone = next(sign for sign in parts if sign in "\u0300\u0301\u0303\u0309\u0323")
            rest = unicodedata.normalize("NFC", parts.replace(tone, ""))
            written += rest.encode("cp1258") + tone.encode("cp1258")
    return written


@pytest.mark.parametrize("name", ["NguyÔn V¨n An", "Nguyeãn Vaên An"])
def test_text_files_from_before_unicode(tmp_path, name):
    path = tmp_path / "a.csv"
    path.write_bytes(f"STT;Ho ten;Ngay sinh\r\n1;{name};1958\r\n2;{name};1960\r\n".encode("cp1252"))
    assert members(path) == (
        {2: ("Nguyễn Văn An", 1958), 3: ("Nguyễn Văn An", 1960)},
        {2: {"legacy"}, 3: {"legacy"}},
    )


def test_text_files_that_name_their_separator_and_quote_formulas(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("sep=;\nHọ và tên;Ghi chú\nLê A;'=1+1\nLê B;''=1\nLê C;'t\n", encoding="utf-8")
    table = read(path, columns=MemberResource.columns_in())
    assert [cells for _number, cells in table.rows] == [["Lê A", "=1+1"], ["Lê B", "'=1"], ["Lê C", "'t"]]
