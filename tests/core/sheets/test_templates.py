"""Templates: what they offer, and that what is typed into them is read."""

from __future__ import annotations

from io import BytesIO

import openpyxl
import pytest
from django.utils.translation import override

from hkh.core.sheets.columns import match_headings
from hkh.core.sheets.guard import check_file
from hkh.core.sheets.lists import list_called
from hkh.core.sheets.reading import read
from hkh.core.sheets.templates import render_template
from tests.cast import a_province, make_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def them():
    return a_province()


def template(slug, user) -> bytes:
    return render_template(list_called(slug).resource, user)


@pytest.mark.parametrize("slug", ["members", "units", "donors", "donations", "awards"])
@pytest.mark.parametrize("language", ["vi", "en", "id"])
def test_a_template_comes_back_with_all_its_columns_and_no_example(them, slug, language, tmp_path):
    path = tmp_path / "mau.xlsx"
    with override(language):
        path.write_bytes(template(slug, them.clerk))
    check_file(path, path.name)
    columns = list_called(slug).resource.columns_in()
    table = read(path, columns=columns)
    found = match_headings(table.headings, columns)
    assert list(found.values()) == [column.key for column in columns]
    assert (table.head_row, list(table.rows)) == (3, [])


def test_what_is_typed_into_a_template_is_read(them, tmp_path):
    book = openpyxl.load_workbook(BytesIO(template("members", them.clerk)))
    sheet = book.worksheets[0]
    place: dict[object, int] = {cell.value: cell.column or 0 for cell in sheet[3]}
    for heading, value in (("Họ và tên", "Lê Thị Hoa"), ("Ngày sinh", "1958"), ("Mã đơn vị", "U-1 | Chi hội khu 1")):
        sheet.cell(5, place[heading], value)
    book.save(tmp_path / "mau.xlsx")
    columns = list_called("members").resource.columns_in()
    table = read(tmp_path / "mau.xlsx", columns=columns)
    found = {key: position for position, key in match_headings(table.headings, columns).items()}
    by_key = {column.key: column for column in columns}
    [(number, cells)] = table.rows
    assert number == 5
    assert {key: by_key[key].read(cells[found[key]])[0] for key in ("full_name", "birth", "unit")} == {
        "full_name": "Lê Thị Hoa",
        "birth": 1958,
        "unit": "U-1",
    }


def test_drop_downs_hold_the_choices_and_the_units_of_the_reader_alone(them):
    make_unit("Chi hội khu 1", tier=them.branch.tier, parent=them.elsewhere)
    book = openpyxl.load_workbook(BytesIO(template("members", them.clerk)))
    sheet, choices = book.worksheets[0], book["_"]
    assert choices.sheet_state == "hidden"
    offered = [[cell.value for cell in column if cell.value] for column in choices.iter_cols()]
    assert [values for values in offered if values] == [["Nữ", "Nam"], [f"{them.branch.code} | Chi hội khu 1"]]
    rules = {str(rule.sqref).split(":")[0][:-1]: rule for rule in sheet.data_validations.dataValidation}
    lists = {key for key, rule in rules.items() if rule.type == "list"}
    assert {sheet[f"{letter}3"].value for letter in lists} == {"Giới tính", "Mã đơn vị"}
    note = "Chỉ ghi cho hội viên đã có trong hệ thống. Để trống nếu là mới."
    assert sheet["B3"].comment.text == note
