"""Cards on the screen: the list, the question, the files that the worker makes, the page that anybody sees."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from hkh.core.models import Job, JobStatus, MadeFile
from members import handlers
from members.cards import token_of
from members.models import Grant, Member, User
from tests.cast import Cast, a_province, make_unit
from tests.members.rows import make_member


@pytest.fixture(autouse=True)
def today(settings) -> None:
    settings.HKH_TODAY = "2026-06-30"
    settings.LANGUAGE_CODE = "en"


def page(client: Client, cast: Cast, **query: str) -> Any:
    return client.get(reverse("members:card-list", args=[cast.here.code]), query)


def names(response: Any) -> list[str]:
    return [row.record.member.full_name for row in response.context["table"].rows]


def ask(client: Client, cast: Cast, **said: str) -> Any:
    posted = {"state": "without", "gives_numbers": "on", "key": str(uuid4()), **said}
    return client.post(reverse("members:card-list", args=[cast.here.code]), posted)


def test_the_list_shows_who_is_without_a_number_first(cast: Cast, client: Client) -> None:
    make_member(cast.branch, "Có Thẻ", card_number="PT1")
    make_member(cast.branch, "Chưa Có")
    there = make_unit("Chi hội Tu Vũ", tier=cast.branch.tier, parent=cast.elsewhere)
    make_member(there, "Nơi Khác")
    client.force_login(cast.clerk)
    assert names(page(client, cast)) == ["Chưa Có"]
    assert names(page(client, cast, card="with")) == ["Có Thẻ"]
    assert names(page(client, cast, card="all")) == ["Chưa Có", "Có Thẻ"]
    assert names(page(client, cast, card="all", q="the")) == ["Có Thẻ"]
    assert names(page(client, cast, card="nonsense")) == ["Chưa Có"]
    text = page(client, cast).content.decode()
    assert "Ten cards a page, 500 cards a file, at most 5,000 cards at a time." in text


@pytest.mark.parametrize("member_count", [1, 3])
def test_query_count(cast: Cast, client: Client, member_count: int, django_assert_num_queries) -> None:
    for n in range(member_count):
        make_member(cast.branch, f"Người {n}")
    client.force_login(cast.clerk)
    page(client, cast)
    with django_assert_num_queries(8):
        assert len(names(page(client, cast))) == member_count


def test_what_is_refused_says_why(cast: Cast, client: Client) -> None:
    client.force_login(cast.clerk)
    answer = ask(client, cast)
    assert answer.context["form"].non_field_errors() == ["No member here is like that: there is no card to make."]
    make_member(cast.branch)
    answer = client.post(reverse("members:card-list", args=[cast.here.code]), {"state": "without", "key": str(uuid4())})
    assert answer.context["form"].errors["gives_numbers"] == [
        "Whoever has no number gets one with the card. Tick the box."
    ]
    assert not Job.objects.exists()


def test_doors(cast: Cast, client: Client) -> None:
    for user, status in ((cast.clerk, 200), (cast.viewer, 403), (cast.outsider, 404)):
        client.force_login(user)
        assert page(client, cast).status_code == status


def test_anybody_sees_whether_a_card_is_genuine_and_nothing_private(cast: Cast, client: Client) -> None:
    member = make_member(cast.branch, phone="0912345678", birth_year=1958, card_number="PT1", address="Khu 5")
    answer = client.get(reverse("members:card-check", args=[token_of(member.pk, "PT1")]))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert (answer["Cache-Control"], answer["X-Robots-Tag"]) == ("no-store", "noindex")
    assert all(said in text for said in ("Genuine and valid", "N.T.H.", "Chi hội khu 1", "30/06/2026"))
    assert not [private for private in ("Hương", "0912", "1958", "Khu 5", "PT1") if private in text]
    member.memberships.update(left_on="2026-06-01", leave_reason="left")
    answer = client.get(reverse("members:card-check", args=[token_of(member.pk, "PT1")]))
    assert "Genuine, no longer valid" in answer.content.decode()
    answer = client.get(reverse("members:card-check", args=["1.abc"]))
    assert answer.status_code == 404
    assert "This card is not known here" in answer.content.decode()


def test_the_check_takes_two_queries(cast: Cast, client: Client, django_assert_num_queries) -> None:
    member = make_member(cast.branch, card_number="PT1")
    with django_assert_num_queries(2):
        client.get(reverse("members:card-check", args=[token_of(member.pk, "PT1")]))


@pytest.mark.django_db(transaction=True)
def test_the_worker_makes_the_files_and_gives_the_numbers(client: Client, settings, monkeypatch) -> None:
    cast = a_province()
    for n in range(3):
        make_member(cast.branch, f"Người Thứ {n}")
    make_member(cast.branch, "Có Thẻ", card_number="PT1")
    monkeypatch.setattr(handlers, "CARDS_A_DOCUMENT", 2)
    settings.HKH_ADDRESS = "https://hkh.example.vn"
    client.force_login(cast.clerk)
    key = str(uuid4())
    assert [ask(client, cast, state="all", key=key).status_code for _ in range(2)] == [302, 302]
    job = Job.objects.get()
    assert job.payload["address"] == "https://hkh.example.vn"
    call_command("worker", "--once")
    job.refresh_from_db()
    assert (job.status, job.result) == (JobStatus.DONE, {"unit": cast.here.code, "cards": 4, "numbers": 3})
    files = MadeFile.objects.filter(job=job).order_by("pk")
    assert [re.sub(r"^.*-(\d)", r"\1", file.name) for file in files] == ["1.pdf", "2.pdf"]
    text = "".join(p.extract_text() for file in files for p in PdfReader(BytesIO(file.full_path.read_bytes())).pages)
    numbers = {row.full_name: row.card_number for row in Member.unscoped.all()}
    assert sorted(numbers.values()) == ["PT1", *(f"{cast.branch.code}-{n:04d}" for n in (1, 2, 3))]
    assert all(name in text and f"Số {number}" in text for name, number in numbers.items())


@pytest.mark.django_db(transaction=True)
def test_who_lost_the_right_gets_no_cards_and_no_number_is_given(client: Client) -> None:
    cast = a_province()
    make_member(cast.branch)
    client.force_login(cast.clerk)
    ask(client, cast)
    Grant.objects.filter(user=User.objects.get(pk=cast.clerk.pk)).update(role="viewer")
    call_command("worker", "--once")
    job = Job.objects.get()
    assert (job.status, job.error) == (JobStatus.FAILED, "You may no longer make cards of this unit.")
    assert Member.unscoped.get().card_number == ""
