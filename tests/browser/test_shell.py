"""The frame and the parts of pages, in a browser: what scripts add, and that all of it can be reached and read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from members.models import User
from tests.browser.conftest import SignIn
from tests.cast import make_user

pytestmark = pytest.mark.django_db(transaction=True)

STYLE = "/he-thong/giao-dien/"
WRONG_FORM = f"{STYLE}?form=wrong"
PHONE: ViewportSize = {"width": 390, "height": 844}

Violations = Callable[[Page], list[str]]


@pytest.fixture
def user(transactional_db: None) -> User:
    return make_user("thuky")


def in_dark(context: BrowserContext, page: Page) -> None:
    page.goto("/dang-nhap/")
    context.add_cookies([{"name": "hkh_theme", "value": "dark", "url": page.url}])


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["laptop", "phone"])
def test_nothing_for_axe_to_find(
    context: BrowserContext,
    page: Page,
    user: User,
    signed_in_page: SignIn,
    axe_violations: Violations,
    phone: bool,
    dark: bool,
) -> None:
    if phone:
        page.set_viewport_size(PHONE)
    if dark:
        in_dark(context, page)
    found = {}
    page.goto("/dang-nhap/")
    found["sign-in"] = axe_violations(page)
    signed_in_page(user)
    page.goto(STYLE)
    page.locator(".chart-frame").scroll_into_view_if_needed()
    expect(page.locator(".chart-frame svg")).to_be_visible()
    found["style"] = axe_violations(page)
    page.goto(WRONG_FORM)
    found["wrong form"] = axe_violations(page)
    page.goto("/khong-co-trang-nay/")
    found["not found"] = axe_violations(page)
    assert found == {"sign-in": [], "style": [], "wrong form": [], "not found": []}


@pytest.mark.parametrize("path", ["/dang-nhap/", STYLE, "/mat-khau/"])
def test_a_phone_scrolls_only_up_and_down(page: Page, user: User, signed_in_page: SignIn, path: str) -> None:
    page.set_viewport_size(PHONE)
    if path != "/dang-nhap/":
        signed_in_page(user)
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_sign_in_and_out_by_keyboard(page: Page, user: User) -> None:
    page.goto(f"/dang-nhap/?next={STYLE}")
    page.keyboard.type("thuky")
    page.keyboard.press("Tab")
    page.keyboard.type("thuky")
    page.keyboard.press("Enter")
    expect(page.locator(".shell-me")).to_be_visible()
    assert page.url.endswith(STYLE)
    page.locator(".shell-me").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/dang-nhap/")


def test_too_many_wrong_passwords_say_when_to_try_again(page: Page, user: User) -> None:
    for _ in range(8):
        page.goto("/dang-nhap/")
        page.fill("#id_username", "thuky")
        page.fill("#id_password", "sai")
        with page.expect_navigation():
            page.keyboard.press("Enter")
    expect(page.locator("#id_username")).to_have_count(0)
    assert page.locator("main a").get_attribute("href") == "/dang-nhap/"


def test_the_theme_is_there_from_the_first_byte_of_the_next_page(
    page: Page, user: User, signed_in_page: SignIn
) -> None:
    signed_in_page(user)
    page.goto(STYLE)
    page.locator(".shell-taste form[data-preference] button").click()
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    response = page.goto(STYLE)
    assert response is not None
    assert '<html lang="vi" data-bs-theme="dark"' in response.text()
    page.locator(".shell-taste form[data-preference] button").click()
    assert page.locator("html").get_attribute("data-bs-theme") == "light"


def test_the_navigation_stays_narrow(page: Page, user: User, signed_in_page: SignIn) -> None:
    signed_in_page(user)
    page.goto(STYLE)
    wide = page.locator(".shell-nav").bounding_box()
    page.locator(".shell-fold button").click()
    page.goto(STYLE)
    slim = page.locator(".shell-nav").bounding_box()
    assert wide is not None
    assert slim is not None
    assert (wide["width"], slim["width"]) == (240, 64)


def test_the_theme_without_scripts(browser: Browser, live_server: LiveServer) -> None:
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/dang-nhap/")
    page.locator("form[data-preference] button").click()
    theme = page.locator("html").get_attribute("data-bs-theme")
    context.close()
    assert theme == "dark"


def test_another_language_stays_on_the_page(page: Page, user: User, signed_in_page: SignIn) -> None:
    signed_in_page(user)
    page.goto(STYLE)
    page.locator(".shell-taste summary").click()
    page.get_by_role("button", name="English").click()
    page.wait_for_load_state()
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.url.endswith(STYLE)


def test_a_period_of_another_year_in_one_page(page: Page, user: User, signed_in_page: SignIn) -> None:
    signed_in_page(user)
    page.goto(STYLE)
    page.locator(".period-here").click()
    page.locator("[data-year-step='-1']").click()
    page.locator("[data-year-step='-1']").click()
    expect(page.locator("[data-year]")).to_have_text("2022")
    assert page.locator(".period-choice[aria-current]").count() == 0
    page.locator(".period-choice").nth(14).click()
    page.wait_for_url("**period=2022-Q3**")


def test_popups_close_on_escape_and_give_the_focus_back(page: Page, user: User, signed_in_page: SignIn) -> None:
    signed_in_page(user)
    page.goto(STYLE)
    page.locator(".period-here").click()
    page.locator(".shell-me").click()
    assert page.locator("details[data-popup][open]").count() == 1
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert page.locator("details[data-popup][open]").count() == 0
    assert page.evaluate("document.activeElement.className").find("shell-me") >= 0


def test_a_unit_by_a_few_letters_and_the_arrow_keys(page: Page, user: User, signed_in_page: SignIn) -> None:
    signed_in_page(user)
    page.goto(STYLE)
    page.locator(".unit-here").click()
    box = page.locator("#unit-picker")
    expect(box).to_be_focused()
    page.keyboard.type("Tân")
    option = page.locator("#unit-picker-list [role=option]")
    expect(option).to_have_count(1)
    assert box.get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") == option.get_attribute("id")
    assert option.get_attribute("aria-selected") == "true"
    page.keyboard.press("Enter")
    page.wait_for_url("**unit=TAN-SON**")


def test_a_combobox_in_a_form_posts_the_key_and_never_a_leftover(
    page: Page, user: User, signed_in_page: SignIn
) -> None:
    signed_in_page(user)
    page.goto(STYLE)
    page.fill("#id_unit", "Hiền")
    page.locator("#id_unit-list [role=option]").click()
    hidden = page.locator("input[name=unit]")
    assert (page.input_value("#id_unit"), hidden.input_value()) == ("Hội Khuyến học xã Hiền Quan", "HIEN-QUAN")
    page.locator("#id_unit").press("Backspace")
    assert hidden.input_value() == ""


@pytest.mark.parametrize(
    ("typed", "shown", "words"),
    [
        ("1500000", "1.500.000", "Một triệu năm trăm nghìn đồng"),
        ("1,5 triệu", "1.500.000", "Một triệu năm trăm nghìn đồng"),
        ("2tr", "2.000.000", "Hai triệu đồng"),
    ],
)
def test_sums_are_grouped_and_put_into_words(
    page: Page, user: User, signed_in_page: SignIn, typed: str, shown: str, words: str
) -> None:
    signed_in_page(user)
    page.goto(STYLE)
    page.locator("#id_amount_vnd").press_sequentially(typed)
    page.keyboard.press("Tab")
    expect(page.locator(".money-words")).to_have_text(words)
    expect(page.locator("#id_amount_vnd")).to_have_value(shown)


def test_a_digit_put_into_the_middle_of_a_sum_stays_there(page: Page, user: User, signed_in_page: SignIn) -> None:
    signed_in_page(user)
    page.goto(STYLE)
    page.locator("#id_amount_vnd").press_sequentially("1500000")
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    page.keyboard.type("7")
    assert page.input_value("#id_amount_vnd") == "15.007.000"
    page.keyboard.type("8")
    assert page.input_value("#id_amount_vnd") == "150.078.000"


@pytest.mark.parametrize("typed", ["5/9/2024", "05092024", "5-9-24", "5.9.2024"])
def test_days_are_read_as_they_are_typed(page: Page, user: User, signed_in_page: SignIn, typed: str) -> None:
    signed_in_page(user)
    page.goto(STYLE)
    page.locator("#id_received_on").press_sequentially(typed)
    page.keyboard.press("Tab")
    assert page.input_value("#id_received_on") == "05/09/2024"


def fill_in(page: Page) -> None:
    page.fill("#id_received_on", "05/09/2024")
    page.fill("#id_unit", "Hiền")
    page.locator("#id_unit-list [role=option]").click()
    page.fill("#id_amount_vnd", "1500000")
    page.locator("input[name=form_of_gift][value=cash]").check()


def test_enter_goes_on_and_ctrl_enter_saves(page: Page, user: User, signed_in_page: SignIn) -> None:
    signed_in_page(user)
    page.goto(STYLE)
    fill_in(page)
    page.locator("#id_received_on").press("Enter")
    expect(page.locator("#id_unit")).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".notice-success").first).to_contain_text("1.500.000")


def test_errors_are_listed_first_and_lead_to_their_fields(page: Page, user: User, signed_in_page: SignIn) -> None:
    signed_in_page(user)
    page.goto(STYLE)
    fill_in(page)
    page.fill("#id_received_on", "31/02/2024")
    page.locator("#id_note").press("Control+Enter")
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    summary.get_by_role("link").first.click()
    expect(page.locator("#id_received_on")).to_be_focused()
    assert page.input_value("#id_received_on") == "31/02/2024"
    described = page.locator("#id_received_on").get_attribute("aria-describedby") or ""
    assert page.locator(f"#{described.split()[-1]}").is_visible()


def test_a_form_goes_off_once(page: Page, user: User, signed_in_page: SignIn) -> None:
    signed_in_page(user)
    page.goto(STYLE)
    fill_in(page)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method) if request.method == "POST" else None)
    page.locator("[data-main-save]").dblclick()
    expect(page.locator(".notice-success").first).to_be_visible()
    assert sent == ["POST"]


def test_what_was_typed_survives_a_session_that_ended(
    page: Page, context: BrowserContext, user: User, signed_in_page: SignIn
) -> None:
    signed_in_page(user)
    page.goto(STYLE)
    fill_in(page)
    page.fill("#id_note", "Tặng học sinh nghèo vượt khó")
    context.clear_cookies(name="sessionid")
    page.locator("#id_note").press("Control+Enter")
    page.wait_for_url("**/dang-nhap/**")
    signed_in_page(user)
    page.goto(STYLE)
    page.locator("[data-draft-take]").click()
    assert page.input_value("#id_note") == "Tặng học sinh nghèo vượt khó"
    assert page.input_value("#id_unit") == "Hội Khuyến học xã Hiền Quan"
    page.locator("#id_note").press("Control+Enter")
    expect(page.locator(".notice-success").first).to_be_visible()
    page.goto(STYLE)
    expect(page.locator("[data-draft-offer]")).to_be_hidden()


def test_marks_of_a_chart_speak_by_pointer(page: Page, user: User, signed_in_page: SignIn) -> None:
    signed_in_page(user)
    page.goto(STYLE)
    page.locator(".chart-frame [data-tip]").last.hover()
    expect(page.locator(".chart-tip")).to_contain_text("3.207.345.000")


def test_a_chart_that_does_not_come_says_so_and_opens_its_table(page: Page, user: User, signed_in_page: SignIn) -> None:
    signed_in_page(user)
    page.route("**/bieu-do/**", lambda route: route.fulfill(status=500, body=""))
    page.goto(STYLE)
    expect(page.locator(".chart-failed")).to_be_visible()
    expect(page.locator(".chart-table table")).to_be_visible()


def test_a_page_prints_without_its_frame(page: Page, user: User, signed_in_page: SignIn) -> None:
    signed_in_page(user)
    page.goto(STYLE)
    page.emulate_media(media="print")
    visible = [
        name
        for name in (".shell-nav", ".shell-top", ".filters", ".form-actions")
        if page.locator(name).first.is_visible()
    ]
    assert visible == []
    assert page.locator("table.table-cards thead").first.is_visible()
