from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Appointment, Member
from tests.cast import Cast, make_unit
from tests.members.rows import make_member


@pytest.fixture(autouse=True)
def day(settings) -> None:
    settings.HKH_TODAY = "2026-06-30"
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def officers(cast: Cast) -> dict[str, Member]:
    """The commune's chair and accountant, the branch's head, one whose term is over; and one of another commune."""
    there = make_unit("Chi hội Tu Vũ", tier=cast.branch.tier, parent=cast.elsewhere)
    people = {
        "chair": make_member(cast.branch, "Nguyễn Văn An"),
        "accountant": make_member(cast.branch, "Trần Thị Bình"),
        "head": make_member(cast.branch, "Lê Văn Cường"),
        "past": make_member(cast.branch, "Đỗ Văn Dũng"),
        "far": make_member(there, "Phan Văn Em"),
    }
    for key, unit, position, since, until in (
        ("chair", cast.here, "chair", date(2024, 1, 1), date(2026, 8, 1)),
        ("accountant", cast.here, "accountant", date(2024, 1, 1), date(2027, 5, 1)),
        ("head", cast.branch, "branch_head", date(2024, 1, 1), None),
        ("past", cast.here, "chair", date(2019, 1, 1), date(2024, 1, 1)),
        ("far", cast.elsewhere, "chair", date(2024, 1, 1), None),
    ):
        Appointment.unscoped.create(
            member=people[key], unit=unit, position=position, valid_from=since, valid_until=until
        )
    return people


def listed(client: Client, **asked: str) -> list[str]:
    response = client.get(reverse("members:office-list"), asked)
    return [row.record.member.full_name for row in response.context["table"].rows]


CHAIR, ACCOUNTANT, HEAD, PAST = "Nguyễn Văn An", "Trần Thị Bình", "Lê Văn Cường", "Đỗ Văn Dũng"


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, [CHAIR, ACCOUNTANT, HEAD]),
        ({"sort": "unit"}, [HEAD, CHAIR, ACCOUNTANT]),
        ({"sort": "position"}, [CHAIR, ACCOUNTANT, HEAD]),
        ({"sort": "-name"}, [HEAD, ACCOUNTANT, CHAIR]),
        ({"reach": "here"}, [CHAIR, ACCOUNTANT]),
        ({"position": "chair"}, [CHAIR]),
        ({"ends": "90"}, [CHAIR]),
        ({"ends": "365"}, [CHAIR, ACCOUNTANT]),
        ({"ends": "soon"}, [CHAIR, ACCOUNTANT, HEAD]),
        ({"state": "ended"}, [PAST]),
        ({"state": "vacant"}, []),
        ({"state": "ever", "position": "chair"}, [PAST, CHAIR]),
        ({"q": "binh"}, [ACCOUNTANT]),
    ],
)
def test_offices_are_narrowed_by_what_the_address_says(
    cast: Cast, client: Client, officers, asked: dict[str, str], names: list[str]
) -> None:
    client.force_login(cast.clerk)
    found = listed(client, **asked)
    assert (found if "state" not in asked else sorted(found)) == (names if "state" not in asked else sorted(names))


def vacant(client: Client) -> list[tuple[str, str]]:
    response = client.get(reverse("members:office-list"), {"state": "vacant"})
    return [(row.record.position, str(row.record.valid_until)) for row in response.context["table"].rows]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"valid_until": date(2026, 6, 30)}, [("chair", "2026-06-30")]),
        ({"valid_until": date(2026, 7, 1)}, []),
        ({"valid_until": date(2026, 6, 1), "end_reason": "resigned"}, [("chair", "2026-06-01")]),
        ({"valid_until": date(2026, 6, 1), "end_reason": "correction"}, []),
    ],
)
def test_an_office_that_nobody_holds_since_is_found_once_for_its_last_holder(
    cast: Cast, client: Client, officers, changes, found
) -> None:
    """The chair of 2019 to 2024 was followed; the chair after that is the last."""
    Appointment.unscoped.filter(member=officers["chair"]).update(**changes)
    client.force_login(cast.clerk)
    assert vacant(client) == found


def test_an_office_taken_up_again_or_held_by_a_second_one_is_not_vacant(cast: Cast, client: Client, officers) -> None:
    Appointment.unscoped.filter(member=officers["chair"]).update(valid_until=date(2026, 6, 1))
    Appointment.unscoped.create(member=officers["head"], unit=cast.here, position="chair", valid_from=date(2026, 6, 20))
    client.force_login(cast.clerk)
    assert vacant(client) == []


def test_the_list_and_my_work_say_how_many_terms_end(cast: Cast, client: Client, officers) -> None:
    Appointment.unscoped.filter(member=officers["accountant"]).update(valid_until=date(2026, 6, 1))
    client.force_login(cast.administrator)
    address = f"{reverse('members:office-list')}?unit={cast.here.code}"
    listed_on = client.get(reverse("members:office-list"), {"unit": cast.here.code}).context["notices"]
    assert listed_on == [
        ("1 term ends within 90 days.", f"{address}&ends=90"),
        ("1 office is over and nobody holds it since.", f"{address}&state=vacant"),
    ]
    waiting = client.get(reverse("dashboard:my-work")).context["tasks"]
    assert [task.text for task in waiting] == [text for text, _ in listed_on]
    for task in waiting:
        assert len(client.get(task.url).context["table"].rows) == 1


def test_my_work_says_nothing_of_terms_to_who_does_not_appoint(cast: Cast, client: Client, officers) -> None:
    client.force_login(cast.officer)
    assert client.get(reverse("dashboard:my-work")).context["tasks"] == []


def test_whoever_sees_all_sees_all(cast: Cast, client: Client, officers) -> None:
    client.force_login(cast.administrator)
    assert "Phan Văn Em" in listed(client, unit=cast.province.code)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_does_not_ask_more_for_more_offices(
    cast: Cast, client: Client, count: int, django_assert_num_queries
) -> None:
    for n in range(count):
        member = make_member(cast.branch, f"Nguyễn Văn {n}")
        Appointment.unscoped.create(member=member, unit=cast.here, position="inspector", valid_from=date(2024, 1, 1))
    client.force_login(cast.clerk)
    with django_assert_num_queries(9):
        assert len(listed(client)) == count


def test_an_officer_out_of_sight_is_named_and_not_led_to(cast: Cast, client: Client, officers) -> None:
    Appointment.unscoped.create(
        member=officers["far"], unit=cast.here, position="inspector", valid_from=date(2024, 1, 1)
    )
    client.force_login(cast.clerk)
    shown = client.get(reverse("members:office-list")).content.decode()
    assert "Phan Văn Em" in shown
    assert reverse("members:member-detail", args=[officers["far"].pk]) not in shown


def typed(who: Member, **facts: str) -> dict[str, Any]:
    said = {"position": "secretary", "valid_from": "1/1/2025", "valid_until": "1/1/2030", "decision": "5/QĐ"}
    return {"member": str(who.pk), "idempotency_key": str(uuid4()), **said, **facts}


def test_an_office_is_given_corrected_and_ended(cast: Cast, client: Client, officers) -> None:
    client.force_login(cast.chair)
    back = f"{reverse('members:office-list')}?unit={cast.here.code}"
    given = client.post(reverse("members:office-add", args=[cast.here.code]), typed(officers["head"]))
    assert given.headers["Location"] == back
    office = Appointment.unscoped.get(position="secretary")
    url = reverse("members:office-edit", args=[office.pk])
    form = client.get(url).context["form"]
    known = {name: form[name].value() or "" for name in form.fields}
    assert client.post(url, {**known, "valid_from": "1/1/2025", "valid_until": "1/1/2029"}).status_code == 302
    office.refresh_from_db()
    assert (office.valid_until, office.decision) == (date(2029, 1, 1), "5/QĐ")
    client.post(reverse("members:office-end", args=[office.pk]), {"reason": "resigned", "on": "1/6/2026"})
    office.refresh_from_db()
    assert (office.valid_until, office.end_reason) == (date(2026, 6, 1), "resigned")


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"position": "chair"}, "__all__"),
        ({"position": "king"}, "position"),
        ({"member": ""}, "member"),
        ({"valid_until": "1/1/2025"}, "valid_until"),
        ({"valid_from": "1/7/2026"}, "valid_from"),
        ({"valid_from": "31/12/1999"}, "__all__"),
    ],
)
def test_what_is_refused_is_said_and_stays_typed(
    cast: Cast, client: Client, officers, facts: dict[str, str], field: str
) -> None:
    client.force_login(cast.chair)
    before = Appointment.unscoped.count()
    said = typed(officers["head"], **facts)
    response = client.post(reverse("members:office-add", args=[cast.here.code]), said)
    form = response.context["form"]
    assert list(form.errors) == [field]
    assert {name: form[name].value() for name in said} == said
    assert Appointment.unscoped.count() == before


def test_nobody_out_of_sight_is_given_an_office(cast: Cast, client: Client, officers) -> None:
    client.force_login(cast.chair)
    response = client.post(reverse("members:office-add", args=[cast.here.code]), typed(officers["far"]))
    assert list(response.context["form"].errors) == ["member"]
    assert "Phan Văn Em" not in response.content.decode()


def test_a_member_is_given_an_office_from_the_own_page(cast: Cast, client: Client, officers) -> None:
    client.force_login(cast.clerk)
    url = reverse("members:member-appoint", args=[officers["head"].pk])
    said = {**typed(officers["head"]), "unit": cast.here.code}
    assert client.post(url, said).headers["Location"] == f"/hoi-vien/{officers['head'].pk}/"
    shown = client.get(reverse("members:member-detail", args=[officers["head"].pk])).content.decode()
    assert (shown.count("5/QĐ"), "Secretary" in shown) == (1, True)


def test_the_picker_finds_members_below_the_unit_and_nobody_else(cast: Cast, client: Client, officers) -> None:
    client.force_login(cast.administrator)
    shown = client.get(reverse("members:member-search"), {"unit": cast.here.code, "q": "van"}).content.decode()
    assert [name in shown for name in (CHAIR, HEAD, "Phan Văn Em")] == [True, True, False]


def test_the_unit_s_page_says_who_holds_what(cast: Cast, client: Client, officers) -> None:
    client.force_login(cast.viewer)
    response = client.get(reverse("members:unit-detail", args=[cast.here.code]))
    assert [office.member.full_name for office, _end in response.context["offices"]] == [CHAIR, ACCOUNTANT]
    assert PAST not in response.content.decode()
