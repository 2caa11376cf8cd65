"""Every page that people work on: nothing that axe-core finds wrong, nothing wider than the screen, in both themes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from hkh.demo.accounts import LOGINS
from members.models import User
from tests.browser.conftest import SignIn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.province]

PAGES = [
    "/",
    "/tong-quan/?period=2024-H1",
    "/tong-quan/?period=2024-H1&tree=today",
    "/tong-quan/hop-nhat/?period=2025",
    "/bao-cao/?period=2024-H1",
    "/to-chuc/",
    "/to-chuc/cap-hoi/",
    "/to-chuc/quyet-dinh/",
    "/to-chuc/quyet-dinh/moi/",
    "/hoi-vien/",
    "/hoi-vien/chuc-vu/",
    "/hoi-vien/nghi-trung/",
    "/hoi-vien/so-luong/?period=2024-H1",
    "/hoi-vien/so-luong/tung-don-vi/?period=2024-H1&state=all",
    "/hoi-vien/danh-hieu/?period=2024-H1",
    "/to-chuc/PT-08344/",
    "/to-chuc/PT-08344/so-hoi-vien/",
    "/to-chuc/PT-08344/so-hoi-vien/bao-cao/",
    "/to-chuc/PT-08344/chuc-vu/",
    "/to-chuc/PT-08344/danh-hieu/nhap/?nam=2025",
    "/to-chuc/PT-08344/the-hoi-vien/",
    "/the/abc/",
    "/quy/",
    "/quy/danh-sach/",
    "/quy/so-sach/?period=2024&below=on",
    "/quy/so-sach/?period=2024&book=goods",
    "/quy/ung-ho/",
    "/quy/ung-ho/ghi-nhan/",
    "/quy/ung-ho/theo-lo/",
    "/quy/nha-tai-tro/",
    "/quy/nha-tai-tro/trung/",
    "/quy/nha-tai-tro/bang-vang/",
    "/quy/nha-tai-tro/bang-vang/muc/",
    "/quy/do-phu/",
    "/quy/cam-ket/",
    "/quy/cam-ket/them/",
    "/quy/cam-ket/1/",
    "/quy/hien-vat/",
    "/quy/chung-tu/",
    "/quy/chuyen-quy/",
    "/quy/phieu/",
    "/quy/khoa-so/",
    "/quy/sao-ke/",
    "/quy/sao-ke/tai-khoan/them/",
    "/quy/sao-ke/tai-khoan/1/",
    "/quy/dot-keu-goi/",
    "/quy/dot-keu-goi/mo/",
    "/bang-tinh/",
    "/bang-tinh/lan-nhap/",
    "/bang-tinh/nhap/members/",
    "/trao-tang/",
    "/trao-tang/dot-trao/",
    "/cong-viec/",
    "/he-thong/giao-dien/",
]


def administrator() -> User:
    """Sees every page: the demo's administrator, made a superuser for this test."""
    user = User.objects.get(username=next(name for name, role, _unit, _for in LOGINS if role == "administrator"))
    user.is_superuser = True
    user.save()
    return user


def test_pages_are_accessible_and_fit_the_screen(
    context: BrowserContext, signed_in_page: SignIn, axe_violations: Callable[[Page], list[str]], live_server: object
) -> None:
    page = signed_in_page(administrator())
    found: list[str] = []
    for theme, width, height in (("light", 1366, 768), ("dark", 390, 844)):
        context.add_cookies([{"name": "hkh_theme", "value": theme, "url": str(live_server)}])
        page.set_viewport_size({"width": width, "height": height})
        for address in PAGES:
            response = page.goto(address)
            assert response is not None
            if response.status != (404 if address.startswith("/the/") else 200):
                found.append(f"{address}: {response.status}")
                continue
            found += [f"{address} ({theme}): {one}" for one in axe_violations(page)]
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                found.append(f"{address} ({theme}): {wide} wide on a screen of {width}")
    assert not found, "\n".join(found)
