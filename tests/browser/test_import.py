"""A list of members brought in, in a real browser: one column put right, looked at, confirmed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect
from pytest_django import Settings

from members.models import Member, Membership
from tests.browser.conftest import SignIn
from tests.cast import a_province
from tests.imports.sheets import workbook

pytestmark = pytest.mark.django_db(transaction=True)


def test_members_come_in_after_one_column_was_put_right(
    signed_in_page: SignIn, tmp_path: Path, settings: Settings
) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    cast = a_province()
    page = signed_in_page(cast.clerk)
    head = ("Họ và tên", "Sinh hoạt tại nơi", "Ngày vào hội")
    path = tmp_path / "hoi-vien.xlsx"
    path.write_bytes(workbook(head, ("Nguyễn Văn An", cast.branch.code, "26/3/2015"), ("Lê Ba", "?", "26/3/2015")))

    page.goto("/bang-tinh/")
    page.get_by_role("link", name="Hội viên", exact=True).last.click()
    page.set_input_files("#id_file", path)
    page.get_by_role("button", name="Kiểm tra tệp này").click()

    page.get_by_label("Sinh hoạt tại nơi").select_option("unit")
    page.get_by_role("button", name="Kiểm tra các dòng").click()

    expect(page.locator(".sheet-tile-new .tile-value")).to_have_text("1")
    expect(page.locator(".sheet-tile-refused .tile-value")).to_have_text("1")
    assert Member.unscoped.count() == 0
    page.get_by_role("button", name="Xác nhận nhập 1 dòng").click()

    expect(page.locator(".record-name .mark")).to_have_text("Đã nhập")
    page.get_by_role("link", name="Đến danh sách").click()
    page.wait_for_url(re.compile("/hoi-vien/"))
    expect(page.get_by_role("link", name="Nguyễn Văn An")).to_be_visible()
    assert Membership.unscoped.get().unit == cast.branch
