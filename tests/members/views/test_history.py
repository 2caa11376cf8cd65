"""What the page of a person tells of changes."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from hkh.core.acting import act_as
from members.actions import correct_member, end_membership, readmit_member, transfer_member
from members.models import Member
from tests.cast import Cast, make_unit
from tests.funds.raw import run
from tests.members.rows import make_member


@pytest.fixture(autouse=True)
def day(settings) -> None:
    settings.HKH_TODAY = "2026-06-30"
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def member(cast: Cast) -> Member:
    return make_member(cast.branch, "Lê Văn Tám")


def told(client: Client, member: Member, page: str = "member-history") -> list[tuple]:
    changes = client.get(reverse(f"members:{page}", args=[member.pk])).context["changes"]
    return [
        (line.who, line.what, line.where, line.why, [tuple(vars(f).values()) for f in line.fields]) for line in changes
    ]


def test_who_changed_what_and_why(cast: Cast, client: Client, member: Member) -> None:
    correct_member(member=member, revision=1, sex="m", birth_date=date(1958, 9, 2), by=cast.clerk)
    end_membership(member=member, on=date(2024, 5, 1), reason="left", by=cast.chair)
    act_as(None)
    run("UPDATE members_member SET phone = '0912' WHERE id = %s", [member.pk])
    client.force_login(cast.viewer)
    assert told(client, member) == [
        ("not known (written past the program)", "Person", "", "", [("Telephone", "", "0912")]),
        (
            "Chair",
            "Membership",
            "Chi hội khu 1",
            "Left the association",
            [("Left on", "", "01/05/2024"), ("Why", "", "Left the association")],
        ),
        (
            "Clerk",
            "Person",
            "",
            "",
            [
                ("Date of birth", "", "02/09/1958"),
                ("Year of birth", "", "1958"),
                ("Sex", "", "Male"),
            ],
        ),
    ]


def test_the_person_s_page_shows_the_latest(cast: Cast, client: Client, member: Member) -> None:
    for n in range(7):
        Member.unscoped.filter(pk=member.pk).update(phone=f"091234567{n}")
    client.force_login(cast.clerk)
    response = client.get(reverse("members:member-detail", args=[member.pk]))
    assert ([line.fields[0].after for line in response.context["changes"]], response.context["has_more_changes"]) == (
        [f"091234567{n}" for n in (6, 5, 4, 3, 2)],
        True,
    )


def test_what_happened_in_a_unit_out_of_sight_is_not_told(cast: Cast, client: Client, member: Member) -> None:
    there = make_unit("Chi hội Tu Vũ", tier=cast.branch.tier, parent=cast.elsewhere)
    transfer_member(member=member, to=there, on=date(2024, 1, 1), by=cast.administrator)
    end_membership(member=member, on=date(2025, 1, 1), reason="left", by=cast.administrator)
    readmit_member(member=member, unit=cast.branch, on=date(2026, 1, 1), by=cast.administrator)
    client.force_login(cast.clerk)
    assert [line[2] for line in told(client, member)] == ["Chi hội khu 1"]
    client.force_login(cast.administrator)
    assert [line[2] for line in told(client, member)] == ["Chi hội Tu Vũ", "Chi hội khu 1"]
    client.force_login(cast.outsider)
    assert client.get(reverse("members:member-history", args=[member.pk])).status_code == 404


@pytest.mark.parametrize("page", ["member-detail", "member-history"])
@pytest.mark.parametrize("changes", [1, 3])
def test_the_pages_do_not_ask_more_for_more_changes(
    cast: Cast, client: Client, member: Member, page: str, changes: int, django_assert_num_queries
) -> None:
    for n in range(changes):
        correct_member(member=member, revision=n + 1, phone=f"091234567{n}", by=cast.clerk)
    client.force_login(cast.viewer)
    with django_assert_num_queries({"member-detail": 14, "member-history": 10}[page]):
        assert len(told(client, member, page)) == changes
