"""The rules of what members were honoured with, broken by hand; and two hands at once."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from django.db import IntegrityError, connection

from members.models import Member, MemberChange, Recognition
from tests.cast import Cast, a_province
from tests.funds.raw import commit_now, insert, refused, run
from tests.members.rows import make_member


@pytest.fixture(autouse=True)
def day(settings) -> None:
    settings.HKH_TODAY = "2026-06-30"


@pytest.fixture
def member(cast: Cast) -> Member:
    return make_member(cast.branch, "Lê Văn Tám", birth_date=date(1958, 9, 2), birth_year=1958)


def honour(member: Member, kind: str = "citizen", year: int = 2023, **facts: Any) -> int:
    row = {"member_id": member.pk, "kind": kind, "year": year, "wording": "", "given_by": "", "decision": ""}
    return insert("members_recognition", {**row, **facts})


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {}),
        ({}, {"given_by": "UBND xã Hy Cương", "decision": "12/QĐ-UBND"}),
        ({"kind": "other", "wording": "ĐẢNG viên tiêu biểu"}, {"kind": "other", "wording": "đảng viên tiêu biểu"}),
        ({"kind": "merit", "given_by": "UBND tỉnh"}, {"kind": "merit", "given_by": "Ubnd Tỉnh"}),
    ],
)
def test_one_title_stands_once_a_year(cast: Cast, member: Member, first, second) -> None:
    honour(member, **first)
    with refused("recognition_once"):
        honour(member, **second)


def test_other_years_people_titles_wordings_and_givers_stand_beside_it(cast: Cast, member: Member) -> None:
    for facts in (
        {},
        {"year": 2024},
        {"kind": "family"},
        {"kind": "merit", "given_by": "UBND tỉnh"},
        {"kind": "merit", "given_by": "Trung ương Hội"},
        {"kind": "other", "wording": "Ông bà mẫu mực"},
        {"kind": "other", "wording": "Gia đình hiếu học"},
    ):
        honour(member, **facts)
    honour(make_member(cast.branch))
    commit_now()
    assert Recognition.unscoped.count() == 8


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"kind": "order"}, "recognition_kind_known"),
        ({"kind": "other"}, "recognition_worded"),
        ({"kind": "other", "wording": " \t"}, "recognition_worded"),
        ({"kind": "merit", "wording": "Bằng khen"}, "recognition_only_other_worded"),
        ({"recognised_on": date(2022, 10, 2)}, "recognition_day_in_year"),
        ({"year": 1899}, "recognition_year_sane"),
        ({"year": 2099}, "recognition_not_in_future"),
        ({"year": 1957}, "recognition_before_birth"),
        ({"year": 1958, "recognised_on": date(1958, 9, 1)}, "recognition_before_birth"),
    ],
)
def test_what_cannot_be_is_refused(member: Member, facts: dict[str, Any], rule: str) -> None:
    with refused(rule):
        honour(member, **facts)


def test_the_days_at_the_edges_are_taken(cast: Cast, member: Member) -> None:
    honour(member, year=1958, recognised_on=date(1958, 9, 2))
    ((now,),) = run("SELECT members_today()")
    honour(member, year=now.year, recognised_on=now)
    honour(make_member(cast.branch), year=1900)
    commit_now()
    assert Recognition.unscoped.count() == 3
    with refused("recognition_not_in_future"):
        run(
            "UPDATE members_recognition SET recognised_on = %(day)s, year = extract(year FROM %(day)s::date)"
            " WHERE year = %(year)s",
            {"day": now + timedelta(days=1), "year": now.year},
        )


@pytest.mark.parametrize(
    "change",
    ["SET year = 1950", "SET year = 2099", "SET member_id = (SELECT id FROM members_member WHERE birth_year = 2024)"],
)
def test_a_row_changed_is_looked_at_too(cast: Cast, member: Member, change: str) -> None:
    make_member(cast.branch, birth_year=2024)
    honour(member)
    rule = "recognition_not_in_future" if "2099" in change else "recognition_before_birth"
    with refused(rule):
        run(f"UPDATE members_recognition {change}")


@pytest.mark.parametrize("change", ["birth_date = '2023-05-01'", "birth_date = NULL, birth_year = 2024"])
def test_a_birth_is_not_moved_behind_what_the_person_was_honoured_with(member: Member, change: str) -> None:
    honour(member, year=2023, recognised_on=date(2023, 4, 30))
    with refused("recognition_before_birth"):
        run(f"UPDATE members_member SET {change}")


def test_who_was_honoured_is_not_deleted(member: Member) -> None:
    honour(member)
    run("DELETE FROM members_membership")
    run("DELETE FROM members_member")
    with pytest.raises(IntegrityError, match="members_recognition_member_id"):
        commit_now()


def test_one_key_enters_one_row(member: Member) -> None:
    key = str(uuid4())
    honour(member, idempotency_key=key)
    with refused("recognition_entered_once"):
        honour(member, year=2024, idempotency_key=key)


def test_changes_are_kept_with_the_person(member: Member) -> None:
    honour(member)
    run("UPDATE members_recognition SET given_by = 'UBND xã'")
    run("DELETE FROM members_recognition")
    changed, gone = MemberChange.unscoped.order_by("pk")
    assert (changed.what, changed.member_id, changed.unit_id) == ("recognition", member.pk, None)
    assert changed.changes == {"given_by": ["", "UBND xã"]}
    assert (gone.is_deletion, gone.changes["year"]) == (True, [2023, None])


@pytest.mark.django_db(transaction=True)
def test_a_birth_corrected_at_the_same_moment_is_waited_for() -> None:
    them = a_province()
    member = make_member(them.branch, birth_year=1958)
    url = connection.get_connection_params()
    url = {name: url[name] for name in ("dbname", "user", "password", "host", "port") if name in url}
    first, second = psycopg2.connect(**url), psycopg2.connect(**url)
    refusals: list[str] = []

    def enter() -> None:
        try:
            with second.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO members_recognition (member_id, kind, wording, year, given_by, decision)"
                    " VALUES (%s, 'citizen', '', 1990, '', '')",
                    [member.pk],
                )
            second.commit()
        except psycopg2.IntegrityError as error:
            refusals.append(error.diag.constraint_name or "")

    with first.cursor() as cursor:
        cursor.execute("UPDATE members_member SET birth_year = 1999 WHERE id = %s", [member.pk])
    hand = threading.Thread(target=enter)
    hand.start()
    hand.join(0.5)
    assert hand.is_alive()
    first.commit()
    hand.join(10)
    first.close()
    second.close()
    assert (refusals, Recognition.unscoped.count()) == (["recognition_before_birth"], 0)
