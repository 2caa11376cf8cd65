from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hkh.core.models import Job
from members.models import DuplicatePair, Member, MemberMerge, Membership
from tests.cast import Cast, make_unit
from tests.members.rows import make_member


@pytest.fixture(autouse=True)
def day(settings) -> None:
    settings.HKH_TODAY = "2026-06-30"
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def entries(cast: Cast) -> dict[str, Member]:
    """One person twice in the commune, and once more in another."""
    second = make_unit("Chi hội khu 2", tier=cast.branch.tier, parent=cast.here)
    there = make_unit("Chi hội Tu Vũ", tier=cast.branch.tier, parent=cast.elsewhere)
    return {
        "one": make_member(cast.branch, "Lê Văn Tám", birth_year=1958, joined_on=date(2020, 1, 1)),
        "two": make_member(second, "Le Van Tam", birth_date=date(1958, 9, 2), phone="0912", joined_on=date(2018, 1, 1)),
        "far": make_member(there, "Lê Văn Tám", birth_year=1958),
    }


def pair(one: Member, other: Member, score: int = 80, **facts: str) -> DuplicatePair:
    first, second = sorted((one, other), key=lambda member: member.pk)
    return DuplicatePair.unscoped.create(
        first=first, second=second, score=score, likenesses=["name", "birth_year"], found_at=timezone.now(), **facts
    )


def listed(client: Client, **asked: str) -> list[int]:
    response = client.get(reverse("members:duplicate-list"), asked)
    return [row.record.pk for row in response.context["table"].rows]


def test_the_queue_shows_pairs_of_whom_both_are_in_sight(cast: Cast, client: Client, entries) -> None:
    low = pair(entries["one"], entries["two"], 75)
    high = pair(entries["one"], entries["far"], 95)
    client.force_login(cast.clerk)
    assert listed(client) == [low.pk]
    client.force_login(cast.outsider)
    assert listed(client) == []
    client.force_login(cast.administrator)
    assert listed(client, unit=cast.province.code) == [high.pk, low.pk]
    assert listed(client, unit=cast.elsewhere.code) == [high.pk]
    assert listed(client, unit=cast.province.code, q="nobody") == []


@pytest.mark.parametrize("count", [1, 3])
def test_the_queue_does_not_ask_more_for_more_pairs(
    cast: Cast, client: Client, count: int, django_assert_num_queries
) -> None:
    for n in range(count):
        pair(make_member(cast.branch, f"Lê Văn {n}"), make_member(cast.branch, f"Lê Văn {n}"))
    client.force_login(cast.clerk)
    with django_assert_num_queries(8):
        assert len(listed(client)) == count


def test_different_people_are_not_asked_about_again_until_somebody_wants_it(
    cast: Cast, client: Client, entries
) -> None:
    known = pair(entries["one"], entries["two"])
    client.force_login(cast.clerk)
    url = reverse("members:duplicate-decide", args=[known.pk])
    client.post(url)
    assert (listed(client), listed(client, state="different")) == ([], [known.pk])
    client.post(url, {"again": "1"})
    assert listed(client) == [known.pk]


def test_a_pair_out_of_sight_is_not_decided(cast: Cast, client: Client, entries) -> None:
    known = pair(entries["one"], entries["far"])
    client.force_login(cast.clerk)
    assert client.post(reverse("members:duplicate-decide", args=[known.pk])).status_code == 404
    known.refresh_from_db()
    assert known.state == "open"


def test_the_search_is_asked_for_once(cast: Cast, client: Client) -> None:
    client.force_login(cast.clerk)
    for _n in range(2):
        assert client.post(reverse("members:duplicate-find")).headers["Location"] == reverse("core:job-list")
    assert list(Job.objects.values_list("kind", "owner")) == [("members.duplicates", cast.clerk.pk)]
    client.force_login(cast.viewer)
    assert client.post(reverse("members:duplicate-find")).status_code == 403


def choices(client: Client, url: str) -> dict[str, str]:
    """The form as it comes: what is marked is what the likelier entry says."""
    context = client.get(url).context
    form = context["form"]
    said = {row.name: row.chosen for row in context["rows"] if row.name}
    return {**said, **{name: str(form[name].value()) for name in ("kept_revision", "gone_revision", "line")}}


def test_two_entries_side_by_side_are_put_together_and_taken_apart(cast: Cast, client: Client, entries) -> None:
    one, two = entries["one"], entries["two"]
    client.force_login(cast.clerk)
    url = reverse("members:member-merge", args=[one.pk, two.pk])
    said = choices(client, url)
    assert said == {
        "full_name": "kept",
        "birth": "gone",
        "phone": "gone",
        "kept_revision": "1",
        "gone_revision": "1",
        "line": "gone",
    }
    response = client.post(url, {**said, "line": "kept"})
    merge = MemberMerge.unscoped.get()
    assert response.headers["Location"] == reverse("members:merge-detail", args=[merge.pk])
    one.refresh_from_db()
    assert (one.full_name, one.birth_date, one.phone) == ("Lê Văn Tám", date(1958, 9, 2), "0912")
    assert list(one.memberships.order_by("joined_on").values_list("unit__name", "left_on")) == [
        ("Chi hội khu 2", date(2020, 1, 1)),
        ("Chi hội khu 1", None),
    ]
    # The old address leads on, and the person's page to the way back.
    old = client.get(reverse("members:member-detail", args=[two.pk]))
    assert old.headers["Location"] == f"/hoi-vien/{one.pk}/"
    assert response.headers["Location"] in client.get(old.headers["Location"]).content.decode()
    undone = client.post(response.headers["Location"])
    assert undone.headers["Location"] == f"/hoi-vien/{two.pk}/"
    assert client.get(undone.headers["Location"]).status_code == 200
    assert Member.unscoped.get(pk=one.pk).phone == ""


def test_the_old_address_leads_nobody_to_who_is_out_of_sight(cast: Cast, client: Client, entries) -> None:
    Member.unscoped.filter(pk=entries["two"].pk).update(merged_into=entries["far"])
    Membership.unscoped.filter(member=entries["two"]).delete()
    client.force_login(cast.clerk)
    assert client.get(reverse("members:member-detail", args=[entries["two"].pk])).status_code == 404


def test_who_changed_meanwhile_is_looked_at_again(cast: Cast, client: Client, entries) -> None:
    client.force_login(cast.clerk)
    url = reverse("members:member-merge", args=[entries["one"].pk, entries["two"].pk])
    said = choices(client, url)
    Member.unscoped.filter(pk=entries["two"].pk).update(revision=2)
    response = client.post(url, {**said, "phone": "kept"})
    assert list(response.context["form"].errors) == ["__all__"]
    assert [row.chosen for row in response.context["rows"] if row.name == "phone"] == ["kept"]
    assert MemberMerge.unscoped.count() == 0


def test_what_was_built_on_stands_in_the_way(cast: Cast, client: Client, entries) -> None:
    one, two = entries["one"], entries["two"]
    client.force_login(cast.clerk)
    url = reverse("members:member-merge", args=[one.pk, two.pk])
    page = client.post(url, choices(client, url)).headers["Location"]
    Member.unscoped.filter(pk=one.pk).update(occupation="Giáo viên")
    shown = client.get(page)
    assert [obstacle.table for obstacle in shown.context["obstacles"]] == ["members_member"]
    client.post(page)
    assert MemberMerge.unscoped.get().undone_at is None


def test_the_other_entry_is_chosen_by_name(cast: Cast, client: Client, entries) -> None:
    client.force_login(cast.clerk)
    url = reverse("members:member-merge-with", args=[entries["one"].pk])
    chosen = client.post(url, {"other": str(entries["two"].pk)})
    assert chosen.headers["Location"] == reverse("members:member-merge", args=[entries["one"].pk, entries["two"].pk])
    for refused in (entries["far"].pk, entries["one"].pk, ""):
        response = client.post(url, {"other": str(refused)})
        assert list(response.context["form"].errors) == ["other"]


@pytest.mark.parametrize("count", [1, 3])
def test_side_by_side_does_not_ask_more_for_more_memberships(
    cast: Cast, client: Client, entries, count: int, django_assert_num_queries
) -> None:
    for n in range(count):
        Membership.unscoped.create(
            member=entries["one"],
            unit=cast.branch,
            joined_on=date(2010 + n, 1, 1),
            left_on=date(2010 + n, 6, 1),
            leave_reason="left",
        )
    client.force_login(cast.clerk)
    url = reverse("members:member-merge", args=[entries["one"].pk, entries["two"].pk])
    with django_assert_num_queries(15):
        assert client.get(url).status_code == 200
