"""Preferences, amounts in words, the style page, and the pages for when something goes wrong."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from members.models import User
from tests.cast import make_user


@pytest.fixture
def user(db: None) -> User:
    return make_user("thuky")


def test_a_preference_is_kept_and_leads_back(client: Client, db: None) -> None:
    response = client.post(
        reverse("core:preference-set"), {"hkh_theme": "dark"}, headers={"Referer": "http://testserver/quy/?sort=day"}
    )
    assert (response.status_code, response.headers["Location"]) == (302, "http://testserver/quy/?sort=day")
    assert response.cookies["hkh_theme"].value == "dark"


@pytest.mark.parametrize("referer", ["https://elsewhere.example/", "javascript:alert(1)", ""])
def test_a_preference_leads_to_no_other_house(client: Client, referer: str) -> None:
    response = client.post(reverse("core:preference-set"), {"hkh_theme": "dark"}, headers={"Referer": referer})
    assert response.headers["Location"] == "/"


def test_an_unknown_preference_is_not_kept(client: Client) -> None:
    response = client.post(reverse("core:preference-set"), {"hkh_theme": "pink", "sessionid": "x"})
    assert list(response.cookies) == []


@pytest.mark.parametrize(
    ("typed", "vnd", "grouped"),
    [("1.500.000", 1_500_000, "1.500.000"), ("1,5 triệu", 1_500_000, "1.500.000"), ("0", 0, "0")],
)
def test_a_sum_is_read_back(client: Client, user: User, typed: str, vnd: int, grouped: str) -> None:
    client.force_login(user)
    answer = client.get(reverse("core:amount-words"), {"so": typed}).json()
    assert (answer["vnd"], answer["grouped"], answer["problem"]) == (vnd, grouped, "")


@pytest.mark.parametrize("typed", ["", "một triệu", "-5", "9" * 200])
def test_what_is_no_sum_is_answered_with_a_sentence(client: Client, user: User, typed: str) -> None:
    client.force_login(user)
    answer = client.get(reverse("core:amount-words"), {"so": typed}).json()
    assert (answer["vnd"], answer["words"]) == (None, "")
    assert len(answer["problem"]) > 20


@pytest.mark.parametrize("name", ["amount-words", "style-page", "style-search", "style-chart", "style-progress"])
def test_visitors_are_sent_to_sign_in(client: Client, db: None, name: str) -> None:
    url = reverse(f"core:{name}")
    assert client.get(url).headers["Location"] == f"/dang-nhap/?next={url}"


def test_the_style_page_needs_no_rows(client: Client, user: User, django_assert_num_queries: object) -> None:
    client.force_login(user)
    with django_assert_num_queries(2):  # type: ignore[operator]  # session and user
        response = client.get(reverse("core:style-page"))
    assert response.status_code == 200


def test_not_found_says_nothing_about_what_exists(client: Client, user: User) -> None:
    signed_out = client.get("/khong-co/")
    client.force_login(user)
    signed_in = client.get("/khong-co/")
    assert (signed_out.status_code, signed_in.status_code) == (404, 404)
    assert "khong-co" not in signed_in.content.decode()


def test_a_stale_form_is_answered_calmly(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post(reverse("core:preference-set"), {"hkh_theme": "dark"})
    assert response.status_code == 403
    assert response.templates[0].name == "403_csrf.html"


def test_a_broken_server_still_has_a_page(client: Client) -> None:
    from django.template.loader import render_to_string

    page = render_to_string("500.html")
    assert page.count("<h1>") == 1
    assert "{%" not in page
