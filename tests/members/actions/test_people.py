from __future__ import annotations

from datetime import date
from functools import partial
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from members.actions import add_member, correct_member, end_membership, readmit_member, transfer_member
from members.models import Grant, Member, Membership, Role, Unit
from tests.cast import LONG_AGO, Cast, make_unit, make_user
from tests.funds.raw import refused, run
from tests.members.rows import JOINED_ON, make_member


@pytest.fixture(autouse=True)
def day(settings) -> None:
    settings.HKH_TODAY = "2026-06-30"


@pytest.fixture
def second(cast: Cast) -> Unit:
    return make_unit("Chi hội khu 2", tier=cast.branch.tier, parent=cast.here)


@pytest.fixture
def member(cast: Cast) -> Member:
    return make_member(cast.branch)


def history(member: Member) -> list[tuple]:
    rows = member.memberships.order_by("joined_on")
    return list(rows.values_list("unit__name", "joined_on", "left_on", "leave_reason"))


def test_a_member_is_entered(cast: Cast) -> None:
    member = add_member(
        unit=cast.branch,
        joined_on=JOINED_ON,
        full_name="  Nguye\u0302\u0303n  Thị   Hoà ",
        birth_date=date(1958, 9, 2),
        sex="f",
        card_number="pt 0001",
        note="Hai dòng\nghi chú",
        by=cast.clerk,
    )
    member.refresh_from_db()
    facts = (member.full_name, member.birth_year, member.card_number, member.note, member.search_key)
    assert facts == ("Nguyễn Thị Hoà", 1958, "PT 0001", "Hai dòng\nghi chú", "nguyen thi hoa")
    assert history(member) == [("Chi hội khu 1", JOINED_ON, None, "")]


def test_a_second_submit_gives_the_first_member(cast: Cast) -> None:
    key = uuid4()
    enter = partial(add_member, unit=cast.branch, joined_on=JOINED_ON, full_name="Lê Văn Tám", by=cast.clerk)
    first = enter(idempotency_key=key)
    assert enter(idempotency_key=key) == first
    assert Member.unscoped.count() == 1


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"full_name": " \u200b"}, "full_name"),
        ({"full_name": "12345"}, "full_name"),
        ({"joined_on": date(2026, 7, 1)}, "joined_on"),
        ({"birth_date": date(2026, 7, 1)}, "birth_date"),
        ({"birth_date": date(1899, 12, 31)}, "birth_date"),
        ({"birth_year": 2027}, "birth_year"),
        ({"birth_year": 1899}, "birth_year"),
        ({"birth_date": date(2020, 3, 15)}, "joined_on"),
        ({"birth_year": 2021}, "joined_on"),
    ],
)
def test_a_wrong_fact_is_refused_at_its_field(cast: Cast, facts: dict, field: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        add_member(
            **{"unit": cast.branch, "joined_on": JOINED_ON, "full_name": "Lê Văn Tám", "by": cast.clerk, **facts}
        )
    assert list(refusal.value.message_dict) == [field]
    assert Member.unscoped.count() == 0


@pytest.mark.parametrize("name", ["", "12345", "0912 345 678", "?!.,-"])
def test_what_holds_no_letter_is_no_name_whoever_writes_it(cast: Cast, name: str) -> None:
    with refused("member_name_is_a_name"):
        run(
            "INSERT INTO members_member"
            " (full_name, sex, phone, email, occupation, address, card_number, note, revision)"
            " VALUES (%s, '', '', '', '', '', '', '', 1)",
            [name],
        )


@pytest.mark.parametrize("name", ["Ỷ", "An 2", "D'Artagnan", "Đỗ", "李", "ສຸກ"])
def test_a_name_holds_a_letter_of_any_script(cast: Cast, name: str) -> None:
    assert add_member(unit=cast.branch, joined_on=JOINED_ON, full_name=name, by=cast.clerk).full_name == name


@pytest.mark.parametrize(
    ("unit", "joined_on", "rule"),
    [("here", JOINED_ON, "membership_tier"), ("branch", date(1999, 12, 31), "membership_within_unit")],
)
def test_what_the_database_refuses_leaves_no_person_behind(cast: Cast, unit: str, joined_on: date, rule: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        add_member(unit=getattr(cast, unit), joined_on=joined_on, full_name="Lê Văn Tám", by=cast.clerk)
    assert refusal.value.code == rule
    assert Member.unscoped.count() == 0


def test_a_card_number_is_given_once(cast: Cast) -> None:
    make_member(cast.branch, card_number="PT0001")
    with pytest.raises(ValidationError) as refusal:
        add_member(unit=cast.branch, joined_on=JOINED_ON, full_name="A", card_number="pt0001", by=cast.clerk)
    assert refusal.value.code == "member_card_once"


def test_who_may_enter_members(cast: Cast) -> None:
    enter = partial(add_member, unit=cast.branch, joined_on=JOINED_ON, full_name="Lê Văn Tám")
    with pytest.raises(PermissionDenied):
        enter(by=cast.viewer)
    with pytest.raises(Http404):
        enter(by=cast.outsider)
    assert Member.unscoped.count() == 0


def test_two_people_save_one_form_and_the_second_is_told(cast: Cast, member: Member) -> None:
    correct_member(member=member, revision=1, phone="0912345678", by=cast.clerk)
    with pytest.raises(ValidationError):
        correct_member(member=member, revision=1, phone="0987654321", by=cast.chair)
    member.refresh_from_db()
    assert (member.phone, member.revision) == ("0912345678", 2)


def test_a_correction_touches_only_what_it_names(cast: Cast) -> None:
    member = make_member(cast.branch, birth_year=1950, occupation="Giáo viên")
    correct_member(member=member, revision=1, full_name="Nguyễn Thị Hường", by=cast.clerk)
    facts = (member.full_name, member.birth_year, member.occupation)
    assert facts == ("Nguyễn Thị Hường", 1950, "Giáo viên")
    with pytest.raises(ValidationError) as refusal:
        correct_member(member=member, revision=2, birth_date=date(2020, 3, 15), by=cast.clerk)
    assert list(refusal.value.message_dict) == ["joined_on"]


def test_a_member_is_transferred(cast: Cast, member: Member, second: Unit) -> None:
    transfer_member(member=member, to=second, on=date(2024, 5, 1), by=cast.clerk)
    assert history(member) == [
        ("Chi hội khu 1", JOINED_ON, date(2024, 5, 1), "transfer"),
        ("Chi hội khu 2", date(2024, 5, 1), None, ""),
    ]


@pytest.mark.parametrize("on", [JOINED_ON, date(2026, 7, 1)])
def test_a_transfer_happens_after_joining_and_not_in_the_future(
    cast: Cast, member: Member, second: Unit, on: date
) -> None:
    with pytest.raises(ValidationError) as refusal:
        transfer_member(member=member, to=second, on=on, by=cast.clerk)
    assert list(refusal.value.message_dict) == ["on"]
    assert history(member) == [("Chi hội khu 1", JOINED_ON, None, "")]


def test_a_transfer_goes_to_another_unit(cast: Cast, member: Member) -> None:
    with pytest.raises(ValidationError) as refusal:
        transfer_member(member=member, to=cast.branch, on=date(2024, 5, 1), by=cast.clerk)
    assert list(refusal.value.message_dict) == ["to"]


def test_a_transfer_that_the_database_refuses_leaves_the_member_in_place(cast: Cast, member: Member) -> None:
    with pytest.raises(ValidationError) as refusal:
        transfer_member(member=member, to=cast.here, on=date(2024, 5, 1), by=cast.clerk)
    assert refusal.value.code == "membership_tier"
    assert history(member) == [("Chi hội khu 1", JOINED_ON, None, "")]


def test_a_transfer_needs_the_right_in_both_units(cast: Cast, member: Member) -> None:
    there = make_unit("Chi hội Tu Vũ", tier=cast.branch.tier, parent=cast.elsewhere)
    with pytest.raises(Http404):
        transfer_member(member=member, to=there, on=date(2024, 5, 1), by=cast.clerk)
    both = make_user("both", role=Role.CLERK, unit=cast.here)
    Grant.objects.create(user=both, role=Role.VIEWER, unit=cast.elsewhere, valid_from=LONG_AGO)
    with pytest.raises(PermissionDenied):
        transfer_member(member=member, to=there, on=date(2024, 5, 1), by=both)
    with pytest.raises(Http404):
        transfer_member(member=member, to=there, on=date(2024, 5, 1), by=cast.outsider)


def test_a_membership_ends_and_may_begin_again(cast: Cast, member: Member, second: Unit) -> None:
    end_membership(member=member, on=date(2024, 5, 1), reason="left", by=cast.clerk)
    with pytest.raises(ValidationError):
        end_membership(member=member, on=date(2024, 6, 1), reason="left", by=cast.clerk)
    readmit_member(member=member, unit=second, on=date(2025, 1, 1), by=cast.clerk)
    assert history(member) == [
        ("Chi hội khu 1", JOINED_ON, date(2024, 5, 1), "left"),
        ("Chi hội khu 2", date(2025, 1, 1), None, ""),
    ]
    with pytest.raises(ValidationError) as refusal:
        readmit_member(member=member, unit=second, on=date(2025, 2, 1), by=cast.clerk)
    assert refusal.value.code in {"membership_one_at_a_time", "membership_no_overlap"}


def test_who_died_stays_on_record_and_does_not_come_back(cast: Cast, member: Member) -> None:
    end_membership(member=member, on=date(2024, 5, 1), reason="deceased", by=cast.clerk)
    assert member.deceased_on == date(2024, 5, 1)
    with pytest.raises(ValidationError):
        readmit_member(member=member, unit=cast.branch, on=date(2025, 1, 1), by=cast.clerk)


@pytest.mark.parametrize("reason", ["transfer", "reorganisation", "", "nonsense"])
def test_a_reason_must_be_one_that_a_clerk_gives(cast: Cast, member: Member, reason: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        end_membership(member=member, on=date(2024, 5, 1), reason=reason, by=cast.clerk)
    assert list(refusal.value.message_dict) == ["reason"]
    assert Membership.unscoped.get().left_on is None
