"""Recording a gift by keyboard alone, in a real browser."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, expect

from funds.models import Donation, Donor
from hkh.core.dates import today
from tests.browser.conftest import SignIn
from tests.cast import Cast, a_province, balance_vnd, make_donor, make_fund

pytestmark = pytest.mark.django_db(transaction=True)

ADD = "/quy/ung-ho/ghi-nhan/"


@pytest.fixture
def cast() -> Cast:
    return a_province()


def choose_donor(page: Page, letters: str) -> None:
    page.keyboard.type(letters, delay=20)
    page.locator("[role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def test_a_gift_is_recorded_by_keyboard_in_half_a_minute(cast: Cast, signed_in_page: SignIn) -> None:
    fund = make_fund(cast.here, "Quỹ khuyến học xã")
    donor = make_donor(cast.here, "Công ty Giấy Bãi Bằng")
    page = signed_in_page(cast.clerk)
    page.goto(ADD)
    started = time.monotonic()
    page.locator("#id_received_on").focus()
    page.keyboard.press("Enter")  # today stands there already
    choose_donor(page, "giay bai")
    expect(page.locator("[data-last-gifts]")).to_contain_text("Công ty Giấy Bãi Bằng")
    page.keyboard.press("Enter")  # on from the donor to the form: cash
    page.keyboard.press("Enter")  # on to the amount
    page.keyboard.type("1500000", delay=20)
    expect(page.locator("#id_amount_vnd")).to_have_value("1.500.000")
    expect(page.locator(".money-words[for=id_amount_vnd]")).to_have_text(
        re.compile("^Một triệu năm trăm nghìn đồng$", re.IGNORECASE)
    )
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/quy/ung-ho/\d+/$"))
    assert time.monotonic() - started < 30

    donation = Donation.unscoped.get()
    assert (donation.donor, donation.fund, donation.amount_vnd, donation.received_on) == (
        donor,
        fund,
        1_500_000,
        today(),
    )
    assert balance_vnd(fund) == 1_500_000


def test_a_new_donor_is_entered_inline_and_the_next_gift_follows(cast: Cast, signed_in_page: SignIn) -> None:
    fund = make_fund(cast.here, "Quỹ khuyến học xã")
    page = signed_in_page(cast.clerk)
    page.goto(ADD)
    new_donor = page.locator("[data-new-donor]")
    expect(new_donor).to_be_hidden()
    page.locator("#id_received_on").fill("05092024")
    page.locator("#id_donor").focus()
    choose_donor(page, "Dòng họ Nguyễn Đình")
    expect(new_donor).to_be_visible()
    expect(page.locator("#id_new_name")).to_have_value("Dòng họ Nguyễn Đình")
    page.locator("#id_new_kind").select_option("clan")
    page.locator("#id_amount_vnd").fill("18,5 triệu")
    page.locator("button[name=again]").click()

    expect(page.locator("#id_received_on")).to_have_value("05/09/2024")
    expect(page.locator("#id_fund")).to_have_value(str(fund.pk))
    expect(page.locator("#id_donor")).to_have_value("")
    expect(page.locator("#id_amount_vnd")).to_have_value("")
    assert Donor.unscoped.get().kind == "clan"
    assert balance_vnd(fund) == 18_500_000


def test_goods_and_gifts_handed_straight_on_ask_for_what_they_need(cast: Cast, signed_in_page: SignIn) -> None:
    make_fund(cast.here)
    page = signed_in_page(cast.clerk)
    page.goto(ADD)
    goods, fund = page.locator("#id_goods"), page.locator("#id_fund")
    expect(goods).to_be_hidden()
    page.locator("#id_form").select_option("in_kind")
    expect(goods).to_be_visible()
    page.locator("details.form-section summary").last.click()
    expect(fund).to_be_visible()
    page.locator("#id_is_pass_through").check()
    expect(fund).to_be_hidden()


def test_a_refusal_keeps_what_was_typed_and_saves_once_when_put_right(cast: Cast, signed_in_page: SignIn) -> None:
    fund = make_fund(cast.here)
    make_donor(cast.here, "Ông Ba")
    page = signed_in_page(cast.clerk)
    page.goto(ADD)
    page.locator("#id_donor").focus()
    choose_donor(page, "ong ba")
    page.locator("#id_amount_vnd").fill("rất nhiều")
    page.locator("#id_document").fill("PT 12")
    page.keyboard.press("Control+Enter")
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    expect(page.locator("#id_donor")).to_have_value("Ông Ba")
    expect(page.locator("#id_amount_vnd")).to_have_value("rất nhiều")
    expect(page.locator("#id_document")).to_have_value("PT 12")
    summary.locator("a").first.click()
    expect(page.locator("#id_amount_vnd")).to_be_focused()
    page.locator("#id_amount_vnd").fill("2 triệu")
    page.locator("#id_amount_vnd").press("Control+Enter")
    page.wait_for_url(re.compile(r"/quy/ung-ho/\d+/$"))
    assert balance_vnd(fund) == 2_000_000
