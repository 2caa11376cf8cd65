"""The whole road in a browser: sign in, record a donation, see the tile move, take the PDF away and open it."""

from __future__ import annotations

import re
from io import BytesIO
from threading import Thread

import pytest
from django.db import connection
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from hkh.core import worker
from hkh.core.dates import today
from hkh.demo.accounts import LOGINS, PASSWORD
from members.models import Unit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.province]

AMOUNT = 1_500_000


def username(role: str) -> str:
    return next(name for name, its_role, _unit, _purpose in LOGINS if its_role == role)


def sign_in(page: Page, role: str) -> None:
    page.goto("/dang-nhap/")
    page.fill("#id_username", username(role))
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_be_visible()


def mobilised(page: Page, unit: str, period: str) -> int:
    page.goto(f"/tong-quan/?unit={unit}&period={period}&tree=then")
    exact = page.locator("[data-tile=mobilised] [data-exact]").text_content() or ""
    return int(re.sub(r"\D", "", exact) or 0)


def work() -> None:
    """The worker, once, as a process of its own would: on another connection."""
    try:
        worker.work(once=True, stopping=lambda: False)
    finally:
        connection.close()


def test_donation_moves_the_tile_and_stands_in_the_pdf(page: Page) -> None:
    unit = Unit.unscoped.get(parent=None, dissolved_on=None)
    period = f"{today():%Y-%m}"
    sign_in(page, "accountant")
    before = mobilised(page, unit.code, period)

    page.goto(f"/quy/ung-ho/ghi-nhan/?unit={unit.code}")
    page.locator("input[name=received_on], #id_received_on").first.fill(f"{today():%d%m%Y}")
    donor = page.get_by_role("combobox", name=re.compile("Nhà tài trợ"))
    donor.press_sequentially("cong ty", delay=30)
    page.locator("[role=option]").first.wait_for()
    donor.press("ArrowDown")
    donor.press("Enter")
    page.locator("#id_amount_vnd").fill("1,5 triệu")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: "ghi-nhan" not in url)

    after = mobilised(page, unit.code, period)
    assert after - before == AMOUNT

    page.goto(f"/bao-cao/?unit={unit.code}&period={period}&tree=then")
    page.get_by_role("button", name=re.compile("PDF")).first.click()
    worker = Thread(target=work)
    worker.start()
    link = page.get_by_role("link", name=re.compile(r"\.pdf$"))
    expect(link).to_be_visible(timeout=60_000)
    worker.join()
    response = page.request.get(link.get_attribute("href") or "")
    assert response.headers["content-type"] == "application/pdf"
    text = "\n".join(one.extract_text() for one in PdfReader(BytesIO(response.body())).pages)
    assert f"{after:,}".replace(",", ".") in re.sub(r"\s+", " ", text)
