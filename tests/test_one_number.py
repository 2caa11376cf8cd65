"""The same numbers on the dashboard, in the PDF's text, in the workbook's cells and in ``figures``."""

from __future__ import annotations

import json
import re
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from hkh.core.models import Job, MadeFile
from hkh.core.money import dong, format_number, format_vnd
from hkh.demo.accounts import LOGINS
from members.models import User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.province]

PERIODS = ["2024-H1", "2024-Q3", "2025"]


def figures(unit: str, period: str) -> dict[str, Any]:
    out = StringIO()
    call_command("figures", unit, period, format="json", stdout=out)
    printed = json.loads(out.getvalue())
    assert (printed["unit"], printed["period"]) == (unit, period)
    return printed["figures"]


def chair() -> User:
    return User.objects.get(username=next(name for name, role, _unit, _purpose in LOGINS if role == "chair"))


@pytest.fixture
def browser(client: Client) -> Client:
    client.force_login(chair())
    return client


def make_documents(browser: Client, unit: str, period: str) -> dict[str, bytes]:
    """The PDF and the workbook, asked for on the page and made by the worker."""
    address = f"{reverse('reports:report-room')}?unit={unit}&period={period}&tree=then"
    form = browser.get(address).context["form"]
    posted = {field.html_name: "" if field.value() is None else field.value() for field in form if field.name != "day"}
    posted |= {"day": form["day"].value().strftime("%d/%m/%Y"), "make": "1"}
    response = browser.post(address, posted)
    assert response.status_code == 302, response.context["form"].errors
    call_command("worker", "--once")
    job = Job.objects.get()
    assert job.status == "done", job.error_detail
    return {file.name.rsplit(".", 1)[1]: file.full_path.read_bytes() for file in MadeFile.objects.filter(job=job)}


def folded(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("period", PERIODS)
def test_dashboard_pdf_workbook_and_command_agree(browser: Client, period: str) -> None:
    known = figures("PHU-THO", period)
    page = browser.get(f"{reverse('dashboard:overview')}?unit=PHU-THO&period={period}&tree=then")
    made = make_documents(browser, "PHU-THO", period)

    tiles = {tile.name: tile.exact for tile in page.context["tiles"]}
    html = folded(page.content.decode())
    pdf = folded("\n".join(one.extract_text() for one in PdfReader(BytesIO(made["pdf"])).pages))
    book = load_workbook(BytesIO(made["xlsx"]), data_only=True)

    assert tiles["mobilised"] == dong(known["mobilised"])
    assert tiles["balance"] == dong(known["money"]["closing"])
    assert tiles["members"].startswith(format_number(known["members"]))
    assert tiles["given"].endswith(dong(known["given"]["value"]))
    assert format_number(known["given"]["count"]) in tiles["given"]
    for exact in tiles.values():
        assert exact in html

    for figure in (dong(known["mobilised"]), dong(known["money"]["closing"]), dong(known["given"]["value"])):
        assert figure in pdf
    assert format_number(known["members"]) in pdf
    assert format_number(known["given"]["count"]) in pdf
    for tier in known["units"].values():
        assert format_number(tier) in pdf

    cells = totals(book.worksheets[1])
    assert cells["members"] == known["members"]
    assert cells["mobilised"] == known["mobilised"]
    assert cells["given_count"] == known["given"]["count"]
    assert cells["given_value"] == known["given"]["value"]
    assert cells["balance"] == known["money"]["closing"]

    for code, flows in known["funds"].items():
        fund = next(one for one in page.context["seen"].own_funds if one.code == code)
        row = next(row for row in book.worksheets[2].iter_rows(values_only=True) if row[0] == fund.name)
        assert row[1:5] == (flows["opening"], flows["in"], flows["out"], flows["closing"])
        for amount in (flows["opening"], flows["in"], flows["out"], flows["closing"]):
            assert format_vnd(amount) in html
            assert format_vnd(amount) in pdf


def totals(sheet: Any) -> dict[str, int]:
    """The last filled row of the table of units, by the columns' keys."""
    keys = ["number", "name", "population", "members", "share", "mobilised", "given_count", "given_value", "balance"]
    rows = [row for row in sheet.iter_rows(values_only=True) if len(row) >= len(keys) and row[3] is not None]
    return dict(zip(keys, rows[-1], strict=False))


def test_workbook_totals_are_formulas_over_the_rows(browser: Client) -> None:
    made = make_documents(browser, "PHU-THO", "2024-H1")
    values = load_workbook(BytesIO(made["xlsx"]), data_only=True).worksheets[1]
    formulas = load_workbook(BytesIO(made["xlsx"])).worksheets[1]
    last = max(cell.row for cell in formulas["D"] if isinstance(cell.value, str) and cell.value.startswith("="))
    first = next(cell.row for cell in values["A"] if cell.value == 1)
    assert sum(int(str(values.cell(row, 6).value)) for row in range(first, last)) == values.cell(last, 6).value


def test_report_says_sums_the_way_people_say_them(browser: Client) -> None:
    known = figures("PHU-THO", "2024-H1")
    made = make_documents(browser, "PHU-THO", "2024-H1")
    pdf = folded("\n".join(one.extract_text() for one in PdfReader(BytesIO(made["pdf"])).pages))
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in pdf
    assert "6 tháng đầu năm 2024" in pdf
    assert f"({dong(known['mobilised'])})" in pdf
