"""Two communes merged by a decision, from the draft to the unit that carries on, and back again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from members.models import Unit
from tests import cast
from tests.browser.conftest import SignIn

pytestmark = pytest.mark.django_db(transaction=True)


def choose(page: Page, label: str, typed: str, name: str) -> None:
    """Type into a combobox and take the option."""
    field = page.get_by_role("combobox", name=label)
    field.click()
    field.press_sequentially(typed)
    page.get_by_role("option", name=name).first.click()
    expect(field).to_have_value(name)


def test_a_merger_is_drafted_looked_at_carried_out_and_undone(
    signed_in_page: SignIn, axe_violations: Callable[[Page], list[str]], live_server: object
) -> None:
    them = cast.a_province()
    cast.make_fund(them.here, holds_vnd=5_000_001)
    page = signed_in_page(them.administrator)
    faults: list[str] = []

    page.goto("/to-chuc/quyet-dinh/")
    page.get_by_role("link", name="Soạn quyết định").click()
    page.get_by_label("Ngày có hiệu lực").fill("1/7/2025")
    page.get_by_label("Số, ký hiệu").fill("12/QĐ-HKH")
    page.get_by_label("Ngày ký").fill("12/6/2025")
    page.locator("[data-main-save]").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("12/QĐ-HKH")
    faults += axe_violations(page)
    page.get_by_role("link", name="Sáp nhập", exact=True).click()
    choose(page, "Đơn vị được sáp nhập (1)", "hy cuong", "Hội xã Hy Cương")
    choose(page, "Đơn vị được sáp nhập (2)", "tu vu", "Hội xã Tu Vũ")
    page.get_by_label("Đơn vị mới kế thừa: tên").fill("Hội xã Tiên Lương")
    page.get_by_label("Mã của đơn vị mới").fill("tien-luong")
    page.get_by_label("Cấp hội").select_option(label="Cơ sở")
    faults += axe_violations(page)
    page.locator("[data-main-save]").click()

    page.get_by_role("link", name="Xem trước").click()
    expect(page.locator(".becoming")).to_contain_text("Tiên Lương")
    expect(page.locator("#money")).to_contain_text("5.000.001 đồng")
    faults += axe_violations(page)
    page.get_by_role("button", name="Thực hiện").click()

    expect(page.get_by_text("Đã thực hiện quyết định.")).to_be_visible()
    faults += axe_violations(page)
    page.goto("/to-chuc/TIEN-LUONG/")
    expect(page.locator(".family-rows")).to_contain_text("Hội xã Hy Cương")
    faults += axe_violations(page)

    page.goto("/to-chuc/quyet-dinh/")
    page.get_by_role("link", name="12/QĐ-HKH").click()
    page.get_by_role("link", name="Hoàn tác").click()
    page.get_by_role("button", name="Hoàn tác").click()
    expect(page.locator(".record-head")).to_contain_text("Đã hoàn tác")
    assert not Unit.unscoped.filter(code="TIEN-LUONG").exists()
    assert faults == []
