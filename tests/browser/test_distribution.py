"""From a round to the gifts handed out, in a real browser: opened, proposed, approved by the chair, handed out."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from funds.actions import record_donation
from funds.actions.donations import Line
from funds.models import AccountKind, DonationForm, Pot, Stock
from hkh.core.dates import format_date, today
from hkh.demo.accounts import LOGINS
from members.models import User
from scholarships.models import Award, AwardState, Distribution, Programme, Round
from tests.browser.conftest import SignIn
from tests.cast import Cast, a_province, balance_vnd, make_donor, make_fund
from tests.scholarships.rows import make_approved, make_round

pytestmark = pytest.mark.django_db(transaction=True)

OPEN = "/trao-tang/mo-dot/"


@pytest.fixture
def cast() -> Cast:
    return a_province()


def number_in(page: Page) -> int:
    return int(re.findall(r"\d+", page.url)[-1])


def user(role: str) -> User:
    return User.objects.get(username=next(name for name, its_role, _unit, _for in LOGINS if its_role == role))


def test_from_an_open_round_to_what_was_handed_out(cast: Cast, signed_in_page: SignIn) -> None:
    fund = make_fund(cast.here, "Quỹ khuyến học xã", holds_vnd=10_000_000)
    programme = Programme.objects.create(code="tiep-suc", name="Tiếp sức cho em đến trường")

    page = signed_in_page(cast.officer)
    page.goto(OPEN)
    page.locator("#id_programme").select_option(str(programme.pk))
    page.locator("#id_name").fill("Tiếp sức đầu năm học")
    page.locator("#id_budget_vnd").fill("6 triệu")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/trao-tang/\d+/$"))
    round_ = Round.unscoped.get()
    assert (round_.unit, round_.fund, round_.budget_vnd) == (cast.here, fund, 6_000_000)

    page.locator(f"a[href='/trao-tang/{round_.pk}/de-nghi/']").click()
    expect(page.get_by_role("combobox", name=re.compile("Đơn vị"))).to_have_value("Hội xã Hy Cương")
    page.locator("#id_form-0-count").fill("20")
    page.locator("#id_form-0-unit_value_vnd").fill("200000")
    expect(page.locator("[data-row-sum]")).to_have_text("4.000.000")
    page.locator("[data-add-row]").click()
    expect(page.locator("#id_form-1-recipient_name")).to_be_focused()
    page.keyboard.type("Bùi Thị Hương")
    page.locator("#id_form-1-unit_value_vnd").fill("1 triệu")
    page.locator("#id_form-1-unit_value_vnd").blur()
    expect(page.locator("[data-all-sum]")).to_have_text("5.000.000")
    page.locator("#id_form-1-school").press("Control+Enter")
    page.wait_for_url(f"**/trao-tang/{round_.pk}/")
    assert list(Award.unscoped.order_by("pk").values_list("count", "value_vnd", "unit")) == [
        (20, 4_000_000, cast.here.pk),
        (1, 1_000_000, cast.here.pk),
    ]

    page = signed_in_page(cast.chair)
    page.goto(f"/trao-tang/{round_.pk}/")
    for box in page.locator("input[name=award]").all():
        box.check()
    expect(page.locator("[data-chosen]")).to_contain_text("5.000.000 đồng")
    page.locator("button[formaction$='/duyet/']").click()
    page.locator("form.confirm button[type=submit]").click()
    page.wait_for_url(f"**/trao-tang/{round_.pk}/")
    assert set(Award.unscoped.values_list("state", flat=True)) == {AwardState.APPROVED}
    assert (balance_vnd(fund), balance_vnd(fund, AccountKind.COMMITTED)) == (5_000_000, 5_000_000)

    page = signed_in_page(cast.cashier)
    page.goto("/trao-tang/dot-trao/ghi-nhan/")
    page.get_by_role("link", name="Tiếp sức đầu năm học").click()
    expect(page.locator("#id_held_on")).to_have_value(format_date(today()))
    lot, named = Award.unscoped.order_by("pk")
    expect(page.locator("[data-all-sum]")).to_have_text("5.000.000")
    page.locator(f"#id_count_{lot.pk}").fill("15")
    expect(page.locator("[data-all-sum]")).to_have_text("4.000.000")
    page.locator("#id_venue").fill("Nhà văn hóa xã")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/dot-trao/\d+/$"))
    held = Distribution.unscoped.get()
    assert (held.pk, held.venue) == (number_in(page), "Nhà văn hóa xã")
    assert list(held.lines.order_by("award").values_list("award", "count")) == [(lot.pk, 15), (named.pk, 1)]
    assert (balance_vnd(fund), balance_vnd(fund, AccountKind.COMMITTED)) == (5_000_000, 1_000_000)


def test_lines_come_and_go_and_a_refusal_keeps_what_was_typed(cast: Cast, signed_in_page: SignIn) -> None:
    fund = make_fund(cast.here)
    programme = Programme.objects.create(code="tiep-suc", name="Tiếp sức cho em đến trường")
    round_ = Round.unscoped.create(
        programme=programme, unit=cast.here, fund=fund, name="Đợt", school_year="2024-2025", opened_on=today()
    )
    page = signed_in_page(cast.officer)
    page.goto(f"/trao-tang/{round_.pk}/de-nghi/")
    page.locator("#id_form-0-beneficiary_group").select_option("disabled_or_orphan")
    page.locator("[data-add-row]").click()
    expect(page.locator("#id_form-1-beneficiary_group")).to_have_value("disabled_or_orphan")
    page.locator("[data-add-row]").click()
    page.locator("[data-remove-row]").nth(1).click()
    expect(page.locator("[data-row-number]")).to_have_text(["1", "2"])

    unit = page.get_by_role("combobox", name=re.compile("Đơn vị")).first
    unit.fill("")
    unit.press_sequentially("khu 1", delay=20)
    page.locator("[role=option]").first.wait_for()
    unit.press("ArrowDown")
    unit.press("Enter")
    page.locator("#id_form-0-count").fill("nhiều")
    page.locator("#id_form-0-unit_value_vnd").fill("50.000")
    page.keyboard.press("Control+Enter")
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    expect(page.locator("#id_form-0-count")).to_have_value("nhiều")
    expect(page.get_by_role("combobox", name=re.compile("Đơn vị")).first).to_have_value("Chi hội khu 1")
    summary.locator("a").first.click()
    expect(page.locator("#id_form-0-count")).to_be_focused()
    page.keyboard.type("3")
    page.locator("#id_form-0-count").fill("3")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/trao-tang/{round_.pk}/")
    assert list(Award.unscoped.values_list("unit", "count", "value_vnd")) == [(cast.branch.pk, 3, 150_000)]


def test_goods_are_proposed_as_numbers_change_until_somebody_writes_them(cast: Cast, signed_in_page: SignIn) -> None:
    fund = make_fund(cast.here)
    lines: list[Line] = [
        {"what": what, "quantity": Decimal(quantity), "measure": "chiếc", "unit_value_vnd": value_vnd}
        for what, quantity, value_vnd in (("Cặp sách", 10, 90_000), ("Xe đạp", 8, 2_000_000))
    ]
    facts: Any = {"received_on": today(), "form": DonationForm.IN_KIND, "amount_vnd": 16_900_000, "lines": lines}
    record_donation(unit=cast.here, fund=fund, donor=make_donor(cast.here), by=cast.clerk, **facts)
    round_ = make_round(fund, opened_on=today())
    award = make_approved(round_, on=today(), pot=Pot.GOODS, count=4, unit_value_vnd=2_000_000)
    page = signed_in_page(cast.cashier)
    page.goto(f"/trao-tang/dot-trao/ghi-nhan/?round={round_.pk}")
    satchels, bicycles = (page.locator(f"[data-goods-row]:has-text('{name}') input") for name in ("Cặp", "Xe"))
    expect(bicycles).to_have_value("4")
    expect(page.locator("[data-goods-all]")).to_have_text("8.000.000")
    page.locator(f"#id_count_{award.pk}").fill("3")
    expect(bicycles).to_have_value("3")
    expect(satchels).to_have_value("")
    bicycles.fill("2")
    satchels.fill("10")
    page.locator(f"#id_count_{award.pk}").fill("2")
    expect(bicycles).to_have_value("2")
    expect(page.locator("[data-goods-all]")).to_have_text("4.900.000")
    expect(page.locator("[data-goods-due]")).to_have_text("4.000.000")
    satchels.fill("")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/dot-trao/\d+/$"))
    assert [(stock.item.name, stock.quantity) for stock in Stock.objects.order_by("item__title_key")] == [
        ("Cặp sách", Decimal(10)),
        ("Xe đạp", Decimal(6)),
    ]


@pytest.mark.province
def test_pages_of_giving_are_accessible_and_fit_the_screen(signed_in_page: SignIn, axe_violations) -> None:
    waiting = Award.unscoped.filter(state=AwardState.APPROVED, delivered_count=0, round__unit__parent=None).first()
    assert waiting is not None
    held = Distribution.unscoped.filter(unit__parent=None).first()
    assert held is not None
    round_ = waiting.round_id
    visits = {
        "programme_officer": [
            "/trao-tang/",
            OPEN,
            f"/trao-tang/{round_}/",
            f"/trao-tang/{round_}/de-nghi/",
            f"/trao-tang/{round_}/huy/?award={waiting.pk}",
            "/trao-tang/dot-trao/ghi-nhan/",
            f"/trao-tang/dot-trao/ghi-nhan/?round={round_}",
            f"/trao-tang/dot-trao/{held.pk}/",
        ],
        "chair": [f"/trao-tang/{round_}/", f"/trao-tang/dot-trao/{held.pk}/huy/"],
    }
    found: list[str] = []
    for role, addresses in visits.items():
        page = signed_in_page(user(role))
        for width in (1366, 390):
            page.set_viewport_size({"width": width, "height": 800})
            for address in addresses:
                page.goto(address)
                found += [f"{address} ({width}): {one}" for one in axe_violations(page)]
                wide = page.evaluate("document.documentElement.scrollWidth")
                if wide > width:
                    found.append(f"{address}: {wide} wide on a screen of {width}")
    assert found == []
