"""Lines in memory go out as the database would write them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from django.db.models import DecimalField, Value
from django.utils.translation import override

from funds.actions import record_donation
from funds.models import Donation, DonationForm, StockItem
from funds.queries.stock import with_stock
from hkh.core.sheets.columns import ListResource, going_out
from hkh.core.sheets.computing import cells_of
from hkh.core.sheets.exporting import export
from hkh.core.sheets.lists import Computed, list_called
from hkh.core.sheets.selecting import Form
from tests.cast import a_province, make_donor, make_fund

pytestmark = pytest.mark.django_db


def written(rows, columns, form: Form) -> list:
    target = BytesIO()
    count = export(rows, columns, form, target, title="Danh sách")
    if form is Form.CSV:
        return [count, target.getvalue()]
    return [count, *openpyxl.load_workbook(target).worksheets[0].values]


@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_database_and_python_write_the_same(form: Form, language: str) -> None:
    them = a_province()
    fund = make_fund(them.here)
    for n, name in enumerate(("=1+1", "Lê An", "'+84", 'Ông "A"; B, C', "-2\tx")):
        record_donation(
            unit=them.here,
            fund=fund,
            donor=make_donor(them.here, name),
            amount_vnd=10**n,
            received_on=date(2024, 1, n + 1),
            form=DonationForm.IN_KIND if n % 2 else DonationForm.CASH,
            goods=f"Vở {n}" if n % 2 else "",
            by=them.clerk,
        )
    rows = Donation.unscoped.order_by("pk")
    columns = [column for column in list_called("donations").columns() if isinstance(column.source, str)]
    assert {column.kind for column in columns} >= {"text", "int", "vnd", "choice", "flag", "day", "code"}
    with override(language):
        assert written(rows, columns, form) == written(list(rows), columns, form)


@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize("language", ["vi", "en"])
def test_fractions_are_written_the_same(form: Form, language: str) -> None:
    item = StockItem.unscoped.create(fund=make_fund(a_province().here), name="Gạo", measure="kg")
    columns = [column for column in list_called("stock").columns() if column.kind == "decimal"]
    for quantity in ("0", "12", "1.5", "0.125", "1234.125", "0.000001", "100"):
        rows = with_stock(StockItem.unscoped.filter(pk=item.pk))
        left = rows.annotate(put=Value(Decimal(quantity), output_field=DecimalField(max_digits=18, decimal_places=6)))
        puts = [going_out("put", column.label, "decimal") for column in columns[:1]]
        with override(language):
            assert written(left, puts, form) == written(list(left), puts, form), quantity


@dataclass
class Line:
    name: str | None
    inner: Line | None = None


class Lines(ListResource):
    slug, title = "lines", "Lines"

    name = going_out("name", "Name")
    inner_name = going_out("inner__name", "Inner")


def test_a_path_that_ends_early_is_an_empty_cell() -> None:
    lines = [Line("a", Line("b")), Line("", None), Line(None, Line("@c"))]
    assert list(cells_of(lines, Lines.sheet_columns(), Form.CSV)) == [("a", "b"), (None, None), (None, "'@c")]
    assert list(cells_of(lines, Lines.sheet_columns(), Form.XLSX)) == [("a", "b"), (None, None), (None, "@c")]


def test_a_computed_list_counts_no_further_than_asked() -> None:
    found = Computed([Line("a")] * 5)
    assert (found.count(), found.count(3), found.count(9)) == (5, 3, 5)
    assert found.ordered({}) == [Line("a")] * 5


def test_a_column_without_an_attribute_is_a_fault() -> None:
    with pytest.raises(TypeError):
        list(cells_of([Line("a")], [going_out(("a", "b"), "Born", "day_or_year")], Form.CSV))
