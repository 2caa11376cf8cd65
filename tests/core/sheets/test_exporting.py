"""What goes out: as the list has it, harmless, and the same again when it comes back in."""

from __future__ import annotations

import csv
import string
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import transaction
from django.http import QueryDict
from django.utils.translation import override
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from funds.actions import record_donation
from funds.models import Donation, DonationForm
from hkh.core.sheets.columns import match_headings
from hkh.core.sheets.exporting import export
from hkh.core.sheets.guard import check_file
from hkh.core.sheets.legacy import to_unicode
from hkh.core.sheets.lists import list_called
from hkh.core.sheets.quoting import quoted, unquoted
from hkh.core.sheets.reading import read
from hkh.core.sheets.selecting import Form
from hkh.core.text import clean
from tests.cast import a_province, make_donor, make_fund
from tests.members.rows import make_member

pytestmark = pytest.mark.django_db
WAYS = [(Form.XLSX, "rust"), (Form.XLSX, "python"), (Form.CSV, "rust")]

VIETNAMESE = "aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ"
SIGNS = VIETNAMESE + VIETNAMESE.upper() + string.ascii_letters + string.digits + string.punctuation + " –“”…€漢字😀"


def exported(tmp_path: Path, slug: str, user, query: str, form: Form = Form.XLSX, writer="rust", keys=()) -> Path:
    wanted, asked = list_called(slug), QueryDict(query)
    found = wanted.find(user, asked)
    path = tmp_path / f"{slug}.{form.value}"
    columns = [column for column in wanted.columns() if not keys or column.key in keys]
    export(found.ordered(asked), columns, form, path, title=str(wanted.title), writer=writer)
    return path


def come_back(path: Path, slug: str) -> list[dict[str, object]]:
    """The rows as the import would read them; nothing of it may be remarked on but telephones and their kin."""
    check_file(path, path.name)
    columns = {column.key: column for column in list_called(slug).resource.columns_in()}
    table = read(path, columns=list(columns.values()))
    found = match_headings(table.headings, columns.values())
    rows = []
    for _number, cells in table.rows:
        read_cells = {key: columns[key].read(cells[position]) for position, key in found.items()}
        refused = {key: str(remark) for key, (_value, remark) in read_cells.items() if remark and remark.refuses}
        assert not refused
        rows.append({key: value for key, (value, _remark) in read_cells.items()})
    return rows


@pytest.fixture
def them():
    return a_province()


def reads_as_written(text: str) -> bool:
    """Not so "Xuù", which spells Xú in VNI and nothing as it stands: it is converted, and asked about, wherever it
    comes from."""
    return not any(to_unicode(line)[1] for line in (text, *text.split("\n")))


texts = st.text(SIGNS, max_size=40).map(clean).filter(reads_as_written)
names = (
    st.lists(st.text(VIETNAMESE, min_size=2, max_size=6), min_size=1, max_size=4)
    .map(lambda words: " ".join(word.capitalize() for word in words))
    .filter(reads_as_written)
)
births = st.one_of(st.none(), st.dates(date(1900, 1, 1), date(2024, 1, 1)), st.integers(1900, 2024))
phones = st.one_of(st.just(""), st.from_regex(r"0[1-9][0-9]{8}", fullmatch=True), st.just("+62 812 345 678"))
people = st.fixed_dictionaries(
    {
        "full_name": names,
        "birth": births,
        "sex": st.sampled_from(["", "f", "m"]),
        "phone": phones,
        "occupation": texts,
        "address": texts,
        "note": st.lists(texts, max_size=3).map(lambda lines: "\n".join(lines).strip("\n")),
        "joined_on": st.dates(date(2001, 1, 1), date(2024, 1, 1)),
    }
)


@pytest.mark.parametrize(("form", "writer"), WAYS)
@pytest.mark.parametrize("language", ["vi", "en"])
@settings(
    max_examples=15,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=st.lists(people, min_size=1, max_size=6))
def test_members_come_back_as_they_went_out(tmp_path, them, form, writer, language, rows):
    point = transaction.savepoint()
    made = {}
    for row in rows:
        facts = {key: value for key, value in row.items() if key not in ("birth", "joined_on", "full_name")}
        known = {"birth_date" if isinstance(row["birth"], date) else "birth_year": row["birth"]}
        member = make_member(them.branch, row["full_name"], joined_on=row["joined_on"], **facts, **known)
        made[member.pk] = row
    try:
        with override(language):
            path = exported(tmp_path, "members", them.clerk, f"unit={them.branch.code}", form, writer)
            back = {row.pop("id"): row for row in come_back(path, "members")}
    finally:
        transaction.savepoint_rollback(point)
    assert back == {pk: {**row, "unit": them.branch.code, "email": "", "card_number": ""} for pk, row in made.items()}


@given(text=st.text("=+-@\t\r'a1 ", max_size=8))
def test_quoting_is_undone(text):
    assert unquoted(quoted(text)) == text
    assert quoted(text)[:1] not in ("=", "+", "-", "@", "\t", "\r")


FORMULAS = ["=1+1", "+84 0", "-5", "@SUM(A1)", "'=1", "''+x", "'plain", '=HYPERLINK("http://127.0.0.1")']


@pytest.mark.parametrize(("form", "writer"), WAYS)
def test_texts_that_begin_like_formulas_stay_texts(tmp_path, them, form, writer):
    for text in FORMULAS:
        make_donor(them.here, text)
    path = exported(tmp_path, "donors", them.clerk, f"unit={them.here.code}", form, writer)
    assert sorted(str(row["name"]) for row in come_back(path, "donors")) == sorted(FORMULAS)
    if form is Form.XLSX:
        cells: Any = [
            cell for row in openpyxl.load_workbook(path).worksheets[0] for cell in row if cell.value in FORMULAS
        ]
        assert len(cells) == len(FORMULAS)
        assert {(cell.data_type, cell.number_format) for cell in cells} == {("s", "@")}
    else:
        lines = path.read_bytes().decode("utf-8-sig").splitlines()
        cells_ = [cell for line in csv.reader(lines, delimiter=";") for cell in line]
        assert [cell for cell in cells_ if cell[:1] in ("=", "+", "-", "@")] == []


@pytest.mark.parametrize(("form", "writer"), WAYS)
def test_donations_come_back_as_they_went_out(tmp_path, them, form, writer):
    fund, donor = make_fund(them.here, "Quỹ Đất Tổ", code="Q-1"), make_donor(them.here, "Công ty Giấy")
    common: Any = {"unit": them.here, "donor": donor, "received_on": date(2024, 2, 29), "by": them.accountant}
    record_donation(**common, fund=fund, form=DonationForm.CASH, amount_vnd=10**15, document="PT-01", purpose="=vở")
    foreign: Any = {"currency": "USD", "foreign_amount": Decimal("100.25"), "exchange_rate": Decimal("25450.125")}
    record_donation(**common, fund=fund, form=DonationForm.BANK_TRANSFER, amount_vnd=2_551_375, **foreign)
    record_donation(**common, form=DonationForm.IN_KIND, amount_vnd=1, is_pass_through=True, goods="1 xe đạp")
    path = exported(tmp_path, "donations", them.clerk, f"unit={them.here.code}", form, writer)
    back = {row["id"]: row for row in come_back(path, "donations")}
    fields: tuple[str, ...] = (
        "received_on",
        "amount_vnd",
        "form",
        "purpose",
        "goods",
        "is_pass_through",
        "document",
        "currency",
    )
    fields += ("foreign_amount", "exchange_rate")
    for donation in Donation.unscoped.all():
        row = back[donation.pk]
        assert {name: row[name] for name in fields} == {name: getattr(donation, name) for name in fields}
        assert (row["donor"], row["donor_kind"], row["unit"]) == ("Công ty Giấy", "enterprise", them.here.code)
        assert row["fund"] == ("Q-1" if donation.fund else "")


def test_a_workbook_has_numbers_and_days_and_a_heading_that_stays(tmp_path, them):
    fund = make_fund(them.here, holds_vnd=5_000_000)
    path = exported(tmp_path, "funds", them.clerk, f"unit={them.here.code}")
    sheet: Any = openpyxl.load_workbook(path).worksheets[0]
    cells = {str(head.value): cell for head, cell in zip(sheet[1], sheet[2], strict=True)}
    assert (cells["Số dư (đồng)"].value, cells["Số dư (đồng)"].number_format) == (5_000_000, "#,##0")
    assert cells["Ngày mở"].value.date() == fund.opened_on
    assert cells["Ngày mở"].number_format == "dd/mm/yyyy"
    assert (sheet.freeze_panes, sheet["A1"].font.bold) == ("A2", True)


def test_a_text_file_is_read_by_excel_as_it_is(tmp_path, them):
    make_fund(them.here, "Quỹ Đất Tổ")
    raw = exported(
        tmp_path, "funds", them.clerk, f"unit={them.here.code}", Form.CSV, keys=("name", "opened_on")
    ).read_bytes()
    assert raw.decode() == "\ufeffQuỹ;Ngày mở\nQuỹ Đất Tổ;01/01/2000\n"
    with override("en"):
        raw = exported(tmp_path, "funds", them.clerk, f"unit={them.here.code}", Form.CSV, keys=("name",)).read_bytes()
    assert raw.decode() == "\ufeffFund\nQuỹ Đất Tổ\n"


@pytest.mark.parametrize("form", list(Form))
def test_an_empty_list_is_a_heading(tmp_path, them, form):
    path = exported(tmp_path, "appeals", them.clerk, f"unit={them.here.code}", form)
    table = read(path)
    assert (table.headings[0], list(table.rows)) == ("Đợt vận động", [])


@pytest.mark.parametrize(
    "slug", ["members", "units", "donors", "donations", "funds", "appeals", "rounds", "distributions"]
)
@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize("count", [1, 3])
def test_an_export_takes_as_many_queries_whatever_it_holds(
    tmp_path, them, slug, form, count, django_assert_num_queries
):
    for n in range(count):
        make_member(them.branch, f"Lê A {n}")
        make_donor(them.here, f"Ông {n}")
        make_fund(them.here, f"Quỹ {n}", holds_vnd=1000)
    wanted, asked = list_called(slug), QueryDict(f"unit={them.here.code}")
    columns, ordered = wanted.columns(), wanted.find(them.clerk, asked).ordered(asked)
    lookups = 1 if slug == "units" else 0  # the names of the tiers
    with django_assert_num_queries((3 if form is Form.XLSX else 1) + lookups + (2 if form is Form.XLSX else 0)):
        export(ordered, columns, form, BytesIO(), title="x")


def test_who_is_told_how_far_it_is_may_end_it(tmp_path, them, monkeypatch):
    from hkh.core.sheets import exporting

    monkeypatch.setattr(exporting, "_AT_ONCE", 2)
    for n in range(5):
        make_donor(them.here, f"Ông {n}")
    asked = QueryDict(f"unit={them.here.code}")
    wanted = list_called("donors")
    rows, told = wanted.find(them.clerk, asked).ordered(asked), list[int]()
    export(rows, wanted.columns(), Form.XLSX, tmp_path / "a.xlsx", title="x", tell=told.append)
    assert told == [2, 4, 5]

    def stop(written: int) -> None:
        raise KeyError(written)

    for form in Form:
        with pytest.raises(KeyError), transaction.atomic():
            export(rows, wanted.columns(), form, tmp_path / "b", title="x", tell=stop)


def test_rows_that_one_sheet_does_not_hold_go_on_to_the_next(tmp_path, monkeypatch):
    from hkh.core.sheets import writing

    monkeypatch.setattr(writing, "MAX_ROWS", 3)
    for writer in ("rust", "python"):
        path = tmp_path / f"{writer}.xlsx"
        writing.write_xlsx(path, "A", [writing.Heading("n")], [[str(n)] for n in range(5)], count=5, writer=writer)
        book = openpyxl.load_workbook(path)
        assert [[row[0].value for row in sheet] for sheet in book] == [["n", "0", "1"], ["n", "2", "3"], ["n", "4"]]
        assert book.sheetnames == ["A", "A (2)", "A (3)"]
