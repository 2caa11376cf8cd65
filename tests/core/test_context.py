"""The three questions, the preferences and the navigation."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.http import HttpRequest
from django.test import RequestFactory

from hkh.core.context import Asked, current_scope, forget_scope, preference, shell
from hkh.core.navigation import NAVIGATION, navigation_for
from members.models import User


def ask(query: str, session: SessionStore, path: str = "/tong-quan/") -> HttpRequest:
    request = RequestFactory().get(f"{path}?{query}")
    request.session = session
    request.user = User(username="thuky")
    return request


def test_what_was_asked_is_remembered_for_the_next_page() -> None:
    session = SessionStore()
    assert current_scope(ask("unit=TAM-NONG&period=2024-H1", session)) == Asked("TAM-NONG", "2024-H1", "")
    assert current_scope(ask("tree=today", session)) == Asked("TAM-NONG", "2024-H1", "today")
    assert current_scope(ask("unit=PHU-THO", session)) == Asked("PHU-THO", "2024-H1", "today")


@pytest.mark.parametrize("query", ["unit=", "tree=tomorrow", f"unit={'X' * 65}", "other=1"])
def test_what_is_no_answer_changes_nothing(query: str) -> None:
    session = SessionStore()
    assert current_scope(ask(query, session)) == Asked()
    assert session.modified is False


def test_a_stale_answer_is_forgotten_and_the_others_stay() -> None:
    session = SessionStore()
    request = ask("unit=GONE&period=2024-H1", session)
    current_scope(request)
    forget_scope(request, "unit")
    assert current_scope(ask("", session)) == Asked("", "2024-H1", "")


@pytest.mark.parametrize(
    ("cookie", "theme"), [("dark", "dark"), ("light", "light"), ('"><script>', "light"), (None, "light")]
)
def test_a_preference_is_one_of_the_known_values(cookie: str | None, theme: str) -> None:
    request = ask("", SessionStore())
    if cookie is not None:
        request.COOKIES["hkh_theme"] = cookie
    assert preference(request, "hkh_theme") == theme


@pytest.mark.parametrize(
    ("path", "current"),
    [("/", ["/"]), ("/tong-quan/", ["/tong-quan/"]), ("/tong-quan/x/", ["/tong-quan/"]), ("/la/", [])],
)
def test_the_navigation_knows_where_one_is(path: str, current: list[str]) -> None:
    links = navigation_for(ask("", SessionStore(), path))
    assert [link.url for link in links if link.is_current] == current


def test_the_administration_is_shown_to_administrators_only() -> None:
    request = ask("", SessionStore())
    assert "/admin/" not in [link.url for link in navigation_for(request)]
    request.user = User(username="admin", is_staff=True)
    assert "/admin/" in [link.url for link in navigation_for(request)]


def test_a_visitor_sees_no_navigation() -> None:
    request = ask("", SessionStore())
    request.user = AnonymousUser()
    assert list(shell(request)["navigation"]) == []


def test_four_entries_stand_in_the_bar_of_a_phone_beside_the_one_for_all() -> None:
    assert len([entry for entry in NAVIGATION if entry.on_phone]) == 4
