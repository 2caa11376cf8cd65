"""What a workbook holds, read back by two readers that were written by others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.utils import translation
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from hkh.core.workbooks import Book, Column, Ratio, Sheet, WorkbookError, render_workbook

MADE_AT = datetime(2026, 10, 5, 8, 30, tzinfo=UTC)
COLUMNS = (
    Column("name", "Đơn vị"),
    Column("members", "Hội viên", "int"),
    Column("population", "Dân số", "int"),
    Column("share", "Hội viên trên dân số", "percent", total=Ratio("members", "population")),
    Column("raised_vnd", "Vận động (đồng)", "vnd"),
    Column("per_head_vnd", "Đồng trên đầu người", "vnd", total=Ratio("raised_vnd", "population")),
    Column("founded_on", "Thành lập", "date"),
    Column("last_month", "Tháng gần nhất", "month"),
)
ROWS: tuple[dict[str, Any], ...] = (
    {
        "name": "Hội Khuyến học xã Tiên Lương",
        "members": 1_200,
        "population": 4_000,
        "share": 0.3,
        "raised_vnd": 12_345_678_901_234,
        "per_head_vnd": 3_086_419_725,
        "founded_on": date(2025, 7, 1),
        "last_month": date(2026, 9, 17),
    },
    {
        "name": "Hội Khuyến học phường Nông Trang",
        "members": 0,
        "population": 3_000,
        "share": Decimal("0"),
        "raised_vnd": None,
        "per_head_vnd": None,
        "founded_on": None,
        "last_month": None,
    },
)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def book(*sheets: Sheet, title: str = "Báo cáo quý III") -> Book:
    return Book(title=title, sheets=sheets, created_at=MADE_AT, author="Hội Khuyến học tỉnh Phú Thọ")


def units_sheet(**changes: Any) -> Sheet:
    described: dict[str, Any] = {
        "title": "Đơn vị",
        "columns": COLUMNS,
        "rows": ROWS,
        "heading": "Số liệu theo đơn vị",
        "facts": (("Kỳ", "Quý III năm 2026"), ("Cây tổ chức", "ngày 30/9/2026")),
        "notes": ("Ô trống: chưa báo cáo.",),
    }
    return Sheet(**(described | changes))


def opened(content: bytes, *, data_only: bool = False) -> Worksheet:
    sheet = load_workbook(BytesIO(content), data_only=data_only).worksheets[0]
    assert isinstance(sheet, Worksheet)
    return sheet


def test_title_facts_header_rows_totals_and_notes_stand_in_this_order() -> None:
    values = [[cell.value for cell in row] for row in opened(render_workbook(book(units_sheet())), data_only=True).rows]

    blank = [None] * 7
    assert values == [
        ["Số liệu theo đơn vị", *blank],
        ["Kỳ: Quý III năm 2026", *blank],
        ["Cây tổ chức: ngày 30/9/2026", *blank],
        [None, *blank],
        [column.label for column in COLUMNS],
        [
            "Hội Khuyến học xã Tiên Lương",
            1_200,
            4_000,
            0.3,
            12_345_678_901_234,
            3_086_419_725,
            datetime(2025, 7, 1),
            datetime(2026, 9, 1),
        ],
        ["Hội Khuyến học phường Nông Trang", 0, 3_000, 0, None, None, None, None],
        ["Total", 1_200, 7_000, 1_200 / 7_000, 12_345_678_901_234, 1_763_668_414, None, None],
        [None, *blank],
        ["Ô trống: chưa báo cáo.", *blank],
    ]


def test_totals_are_formulas() -> None:
    sheet = opened(render_workbook(book(units_sheet())))

    assert [cell.value for cell in sheet[8]] == [
        "Total",
        "=SUBTOTAL(109,B6:B7)",
        "=SUBTOTAL(109,C6:C7)",
        '=IF(C8=0,"",B8/C8)',
        "=SUBTOTAL(109,E6:E7)",
        '=IF(C8=0,"",ROUND(E8/C8,0))',
        None,
        None,
    ]


def test_calamine_reads_the_same_totals_without_calculating() -> None:
    rows = CalamineWorkbook.from_filelike(BytesIO(render_workbook(book(units_sheet())))).get_sheet_by_index(0)

    assert rows.to_python()[5:8] == [
        [
            "Hội Khuyến học xã Tiên Lương",
            1_200,
            4_000,
            0.3,
            12_345_678_901_234,
            3_086_419_725,
            date(2025, 7, 1),
            date(2026, 9, 1),
        ],
        ["Hội Khuyến học phường Nông Trang", 0, 3_000, 0, "", "", "", ""],
        ["Total", 1_200, 7_000, 1_200 / 7_000, 12_345_678_901_234, 1_763_668_414, "", ""],
    ]


def test_a_total_of_nothing_divides_by_nothing() -> None:
    columns = (
        Column("name", "Tên"),
        Column("part", "Phần", "int"),
        Column("whole", "Cả", "int"),
        Column("share", "Tỷ lệ", "percent", total=Ratio("part", "whole")),
    )
    rows = [{"name": "A", "part": 0, "whole": 0, "share": None}]

    sheet = opened(render_workbook(book(Sheet(title="Tỷ lệ", columns=columns, rows=rows))), data_only=True)

    assert [cell.value for cell in sheet[3]] == ["Total", 0, 0, None]


def test_number_formats_and_header_that_stays_in_sight_and_prints_on_each_page() -> None:
    sheet = opened(render_workbook(book(units_sheet())))

    assert [cell.number_format for cell in sheet[6]] == [
        "@",
        "#,##0",
        "#,##0",
        "0.0%",
        "#,##0",
        "#,##0",
        "dd/mm/yyyy",
        "mm/yyyy",
    ]
    assert sheet.freeze_panes == "B6"
    assert sheet.auto_filter.ref == "A5:H7"
    assert sheet.print_title_rows == "$5:$5"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    set_up = sheet.sheet_properties.pageSetUpPr
    assert set_up is not None
    assert set_up.fitToPage is True
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)


@pytest.mark.parametrize(
    "dangerous",
    [
        "=1+1",
        "+84912345678",
        "-5",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        '=HYPERLINK("http://x","y")',
        "http://x.vn",
    ],
)
def test_text_stays_text(dangerous: str) -> None:
    sheet = Sheet(title="Chữ", columns=(Column("text", "Chữ"),), rows=[{"text": dangerous}], totals=False)

    cell = opened(render_workbook(book(sheet)))["A2"]

    assert (cell.data_type, cell.hyperlink) == ("s", None)
    assert cell.value == dangerous.replace("\r", "\n")  # as cells break lines
    assert cell.quotePrefix is (dangerous[0] in "=+-@\t\r")


def test_figures_kept_as_text_keep_their_zeros() -> None:
    sheet = Sheet(title="Số", columns=(Column("phone", "Điện thoại"),), rows=[{"phone": "0912345678"}])

    assert opened(render_workbook(book(sheet)))["A2"].value == "0912345678"


def test_control_characters_are_left_out_and_long_text_is_cut_visibly() -> None:
    rows = [{"text": "a\x00b\x0bc\nd"}, {"text": "x" * 40_000}]

    sheet = opened(render_workbook(book(Sheet(title="Chữ", columns=(Column("text", "Chữ"),), rows=rows))))

    assert sheet["A2"].value == "abc\nd"
    assert sheet["A3"].value == "x" * 32_766 + "…"


def test_a_sheet_without_rows_says_so() -> None:
    sheet = opened(render_workbook(book(Sheet(title="Trống", columns=COLUMNS, rows=()))))

    assert [[cell.value for cell in row][:2] for row in sheet.rows] == [
        ["Đơn vị", "Hội viên"],
        ["No rows.", None],
    ]


def test_tabs_take_any_title_and_never_collide() -> None:
    long = "Số liệu vận động theo tháng và theo nguồn năm 2026"
    sheets = [
        Sheet(title=title, columns=(Column("a", "A"),), rows=())
        for title in (long, long, "Quý I/2026", "quý i 2026", "[]", "'x'")
    ]

    names = load_workbook(BytesIO(render_workbook(book(*sheets)))).sheetnames

    assert names == [
        "Số liệu vận động theo tháng và",
        "Số liệu vận động theo tháng (2)",
        "Quý I 2026",
        "quý i 2026 (2)",
        "Sheet",
        "x",
    ]


def test_properties_name_the_book_and_its_moment() -> None:
    properties = load_workbook(BytesIO(render_workbook(book(units_sheet())))).properties

    assert (properties.title, properties.creator, properties.created) == (
        "Báo cáo quý III",
        "Hội Khuyến học tỉnh Phú Thọ",
        datetime(2026, 10, 5, 8, 30),
    )


def test_equal_books_are_equal_bytes() -> None:
    assert render_workbook(book(units_sheet())) == render_workbook(book(units_sheet()))


def test_rows_may_be_a_stream() -> None:
    def stream() -> Iterator[dict[str, Any]]:
        for number in range(5_000):
            yield {"name": f"Chi hội {number}", "members": number}

    columns = (Column("name", "Tên"), Column("members", "Hội viên", "int"))
    sheet = opened(render_workbook(book(Sheet(title="Dài", columns=columns, rows=stream()))), data_only=True)

    assert sheet["B5002"].value == sum(range(5_000))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("vnd", 10**15),
        ("vnd", 1.5),
        ("int", True),
        ("int", "12"),
        ("date", "2026-01-01"),
        ("percent", "34 %"),
    ],
)
def test_a_value_that_a_cell_would_alter_is_refused(kind: Any, value: object) -> None:
    sheet = Sheet(title="Sai", columns=(Column("value", "Giá trị", kind),), rows=[{"value": value}])

    with pytest.raises(WorkbookError):
        render_workbook(book(sheet))


def test_a_column_that_the_rows_lack_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        render_workbook(book(Sheet(title="Sai", columns=(Column("missing", "?"),), rows=[{"name": 1}])))


def test_two_columns_of_one_key_are_refused() -> None:
    with pytest.raises(WorkbookError):
        render_workbook(book(Sheet(title="Sai", columns=(Column("a", "A"), Column("a", "B")), rows=())))


def test_quantities_have_decimals_only_where_there_are_some() -> None:
    columns = (Column("what", "Hiện vật"), Column("quantity", "Số lượng", "quantity"))
    rows = [{"what": "Gạo", "quantity": Decimal("12.500000")}, {"what": "Vở", "quantity": Decimal("3.000000")}]
    made = render_workbook(book(Sheet("Kho", columns, rows)))
    cells = load_workbook(BytesIO(made)).worksheets[0]["B"]
    assert [(cell.value, cell.number_format) for cell in cells[1:3]] == [(12.5, "#,##0.###"), (3, "#,##0")]
    assert cells[3].value is None  # of different measures there is no sum
    with pytest.raises(WorkbookError, match="is no quantity"):
        render_workbook(book(Sheet("Kho", columns, [{"what": "Gạo", "quantity": "12,5"}])))
