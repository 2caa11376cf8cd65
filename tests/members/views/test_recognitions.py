from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Member, Membership, Recognition
from tests.cast import Cast, make_unit
from tests.members.rows import make_member


@pytest.fixture(autouse=True)
def day(settings) -> None:
    settings.HKH_TODAY = "2026-06-30"
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def member(cast: Cast) -> Member:
    return make_member(cast.branch, "Lê Văn Tám", birth_year=1958)


def honour(member: Member, **facts: Any) -> Recognition:
    return Recognition.unscoped.create(**{"member": member, "kind": "citizen", "year": 2023, **facts})


def page_of(member: Member) -> str:
    return reverse("members:member-detail", args=[member.pk])


def add(client: Client, member: Member, **typed: str):
    said = {"kind": "merit", "when": "2/10/2024", "given_by": "UBND tỉnh", "decision": "12/QĐ-UBND", **typed}
    said.setdefault("idempotency_key", str(uuid4()))
    return client.post(reverse("members:recognition-add", args=[member.pk]), said)


def shown(client: Client, member: Member) -> list[tuple[str, ...]]:
    rows = client.get(page_of(member)).context["recognitions"].rows
    return [(str(row.record.title), row.record.when, row.record.given_by, row.record.decision) for row in rows]


def test_what_was_entered_stands_on_the_page_of_the_person_the_latest_first(
    cast: Cast, client: Client, member: Member
) -> None:
    honour(member, year=2024)
    client.force_login(cast.clerk)
    for typed in ({}, {"kind": "other", "wording": "Ông bà mẫu mực", "when": "2025", "given_by": "", "decision": ""}):
        assert add(client, member, **typed).headers["Location"] == page_of(member)
    assert shown(client, member) == [
        ("Ông bà mẫu mực", "2025", "", ""),
        ("Certificate of merit", "02/10/2024", "UBND tỉnh", "12/QĐ-UBND"),
        ("Learning citizen", "2024", "", ""),
    ]
    response = client.get(page_of(member))
    assert response.content.decode().count(">Take away</a>") == 3
    recorded = [str(row.get_cell("entered_by")) for row in response.context["recognitions"].rows]
    assert recorded == ["Clerk", "Clerk", "—"]


def test_who_only_looks_is_offered_no_change(cast: Cast, client: Client, member: Member) -> None:
    row = honour(member)
    client.force_login(cast.viewer)
    html = client.get(page_of(member)).content.decode()
    assert "Learning citizen" in html
    for name, pk in (("recognition-add", member.pk), ("recognition-remove", row.pk)):
        assert reverse(f"members:{name}", args=[pk]) not in html


def test_another_may_be_entered_at_once(cast: Cast, client: Client, member: Member) -> None:
    client.force_login(cast.clerk)
    assert add(client, member, again="1").headers["Location"] == reverse("members:recognition-add", args=[member.pk])


def test_a_form_sent_twice_enters_one(cast: Cast, client: Client, member: Member) -> None:
    client.force_login(cast.clerk)
    key = str(uuid4())
    for _time in range(2):
        assert add(client, member, idempotency_key=key).status_code == 302
    assert Recognition.unscoped.count() == 1


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"kind": ""}, "kind"),
        ({"kind": "king"}, "kind"),
        ({"kind": "other"}, "wording"),
        ({"wording": "Bằng"}, "wording"),
        ({"when": ""}, "when"),
        ({"when": "hôm qua"}, "when"),
        ({"when": "1500"}, "when"),
        ({"when": "2099"}, "when"),
        ({"when": "1/7/2099"}, "when"),
        ({"when": "1957"}, "when"),
        ({"kind": "citizen", "when": "2023"}, "kind"),
        ({"given_by": "x" * 161}, "given_by"),
        ({"decision": "x" * 121}, "decision"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_what_was_typed_stays(
    cast: Cast, client: Client, member: Member, settings, typed: dict[str, str], field: str
) -> None:
    honour(member)
    client.force_login(cast.clerk)
    response = add(client, member, **typed)
    assert (response.status_code, list(response.context["form"].errors)) == (200, [field])
    assert 'value="12/QĐ-UBND"' in response.content.decode() or field == "decision"
    assert Recognition.unscoped.count() == 1


def test_a_birth_that_would_lie_behind_is_refused_beside_the_birth(cast: Cast, client: Client, member: Member) -> None:
    honour(member, year=1990)
    client.force_login(cast.clerk)
    typed = {"full_name": "Lê Văn Tám", "birth": "1991", "revision": "1"}
    response = client.post(reverse("members:member-edit", args=[member.pk]), typed)
    assert list(response.context["form"].errors) == ["birth"]


def test_taking_away_asks_first_and_leaves_it_in_the_list_of_changes(
    cast: Cast, client: Client, member: Member
) -> None:
    row = honour(member, given_by="UBND xã")
    client.force_login(cast.clerk)
    url = reverse("members:recognition-remove", args=[row.pk])
    assert "Take away “Learning citizen” (2023)?" in client.get(url).content.decode()
    assert Recognition.unscoped.count() == 1
    assert client.post(url).headers["Location"] == page_of(member)
    assert (shown(client, member), client.post(url).status_code) == ([], 404)
    (line,) = client.get(reverse("members:member-history", args=[member.pk])).context["changes"]
    assert (line.who, line.what) == ("Clerk", "Title or commendation: taken away")
    assert [(field.label, field.before) for field in line.fields if field.before] == [
        ("Member", "another entry of the same person"),
        ("Title or commendation", "Learning citizen"),
        ("Year", "2023"),
        ("Given by", "UBND xã"),
    ]


def test_out_of_scope_there_is_nothing(cast: Cast, client: Client, member: Member) -> None:
    """Rows follow the person: who was transferred away is seen there, and no more here."""
    row = honour(member)
    there = make_unit("Chi hội Tu Vũ", tier=cast.branch.tier, parent=cast.elsewhere)
    doors = [
        reverse("members:recognition-add", args=[member.pk]),
        reverse("members:recognition-remove", args=[row.pk]),
    ]
    for user in (cast.outsider, cast.clerk):
        client.force_login(user)
        expected = 404 if user == cast.outsider else 200
        assert [client.get(door).status_code for door in doors] == [expected] * 2
    Membership.unscoped.filter(member=member).update(left_on=date(2024, 1, 1), leave_reason="transfer")
    Membership.unscoped.create(member=member, unit=there, joined_on=date(2024, 1, 1))
    assert [client.get(door).status_code for door in doors] == [404] * 2
    assert [client.post(door).status_code for door in doors] == [404] * 2
    client.force_login(cast.outsider)
    assert shown(client, member) == [("Learning citizen", "2023", "", "")]
    assert Recognition.unscoped.count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_does_not_ask_more_for_more_of_them(
    cast: Cast, client: Client, member: Member, count: int, django_assert_num_queries
) -> None:
    for n in range(count):
        honour(member, year=2020 + n, entered_by=cast.clerk)
    client.force_login(cast.clerk)
    with django_assert_num_queries(15):
        response = client.get(page_of(member))
    assert len(response.context["recognitions"].rows) == count
