"""A real browser on the real pages: Playwright drives the machine's Chromium against a live server.

A test here commits, so it has a database of its own (``tests/databases.py``). Nothing but the live server can
be reached; a script that fails or a breach of the content security policy fails the test.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Page, Route, sync_playwright
from pytest_django.live_server_helper import LiveServer

from members.models import User

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
AXE = Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"
#: Where the picture of a page is left on which a test failed.
FAILURES = Path(settings.DATA_DIR) / "test-failures"
FAILED = pytest.StashKey[bool]()

SignIn = Callable[[User], Page]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a worker; each test has a context, so cookies, of its own."""
    # Playwright's loop runs in this very thread, which Django would take for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    program = os.environ.get("HKH_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.fail("No Chromium was found. `make test` installs it, or HKH_CHROMIUM names it.")
    as_root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*ARGUMENTS, *as_root])
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser, live_server: LiveServer) -> Iterator[BrowserContext]:
    """A browser as an officer has it: Vietnamese, on a laptop, with nothing of earlier tests in it."""
    context = browser.new_context(
        base_url=live_server.url,
        locale="vi-VN",
        timezone_id=settings.TIME_ZONE,
        viewport={"width": 1366, "height": 768},
        reduced_motion="reduce",
    )
    context.set_default_timeout(10_000)

    def refuse(route: Route) -> None:
        raise AssertionError(f"A page asked for {route.request.url}, which is not on this server.")

    context.route(re.compile(rf"^https?://(?!{re.escape(live_server.url.split('://')[1])}/)"), refuse)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page, signed out, that must show no failing script and no breach of the policy until the test ends."""
    page = context.new_page()
    faults: list[str] = []

    def note_fault(message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            faults.append(message.text)

    def note_error(error: Error) -> None:
        faults.append(str(error))

    page.on("console", note_fault)
    page.on("pageerror", note_error)
    yield page
    if request.node.stash.get(FAILED, False):
        FAILURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=FAILURES / f"{request.node.name}.png", full_page=True)
    assert faults == []


@pytest.fixture
def signed_in_page(page: Page, context: BrowserContext, live_server: LiveServer) -> SignIn:
    """``signed_in_page(user)`` is ``page`` with ``user`` signed in, without a walk through the sign-in form."""

    def sign_in(user: User) -> Page:
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        return page

    return sign_in


@pytest.fixture
def axe_violations() -> Callable[[Page], list[str]]:
    """``axe_violations(page)``: what axe-core finds wrong with the page as it stands; one line a finding."""

    def violations(page: Page) -> list[str]:
        page.evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("async () => (await axe.run()).violations")
        return [
            f"{rule['id']} ({rule['impact']}): {rule['help']}: {node['html']}"
            for rule in found
            for node in rule["nodes"]
        ]

    return violations
