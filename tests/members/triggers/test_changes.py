"""What is kept of changes, however they are made."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hkh.core.acting import act_as
from members.models import Appointment, Member, MemberChange, Membership
from tests.cast import Cast
from tests.funds.raw import refused, run
from tests.members.rows import make_member


def kept() -> list[tuple[Any, ...]]:
    rows = MemberChange.unscoped.order_by("pk")
    return list(rows.values_list("what", "member_id", "unit_id", "is_deletion", "actor_id", "why", "changes"))


def test_plain_sql_is_kept_too(cast: Cast) -> None:
    member = make_member(cast.branch, "Lê Văn Tám")
    run("UPDATE members_member SET phone = '0912', occupation = '' WHERE id = %s", [member.pk])
    assert kept() == [("member", member.pk, None, False, None, "", {"phone": ["", "0912"]})]


def test_who_acts_and_why_stand_beside_it(cast: Cast) -> None:
    member = make_member(cast.branch)
    act_as(cast.clerk, "Nhập nhầm")
    run("UPDATE members_membership SET left_on = '2024-01-01', leave_reason = 'left'")
    changes = {"left_on": [None, "2024-01-01"], "leave_reason": ["", "left"]}
    assert kept() == [("membership", member.pk, cast.branch.pk, False, cast.clerk.pk, "Nhập nhầm", changes)]


def test_a_bulk_change_is_kept_row_by_row(cast: Cast) -> None:
    members = [make_member(cast.branch, f"Lê Văn {n}") for n in range(120)]
    Member.unscoped.update(occupation="Nông dân")
    assert [(row[1], row[6]) for row in kept()] == [(m.pk, {"occupation": ["", "Nông dân"]}) for m in members]


def test_what_changed_nothing_is_not_kept(cast: Cast) -> None:
    make_member(cast.branch)
    run("UPDATE members_member SET revision = revision + 1, phone = phone")
    run("UPDATE members_membership SET left_on = left_on")
    assert kept() == []


def test_what_is_deleted_is_kept_whole(cast: Cast) -> None:
    member = make_member(cast.branch, "Lê Văn Tám", birth_year=1960)
    run("DELETE FROM members_membership")
    run("DELETE FROM members_member")
    gone, person = kept()
    assert (gone[0], gone[2], gone[3], gone[6]["joined_on"]) == (
        "membership",
        cast.branch.pk,
        True,
        ["2020-03-14", None],
    )
    assert (person[0], person[1], person[3]) == ("member", member.pk, True)
    assert (person[6]["full_name"], person[6]["birth_year"]) == (["Lê Văn Tám", None], [1960, None])


def test_who_entered_a_row_stands_in_it(cast: Cast) -> None:
    act_as(cast.clerk)
    member = make_member(cast.branch)
    Appointment.unscoped.create(member=member, unit=cast.here, position="secretary", valid_from=date(2020, 1, 1))
    for model in (Member, Membership, Appointment):
        assert model.unscoped.get().entered_by_id == cast.clerk.pk, model
    act_as(None)
    assert Member.unscoped.get(pk=make_member(cast.branch).pk).entered_by is None


@pytest.mark.parametrize("statement", ["UPDATE members_memberchange SET why = ''", "DELETE FROM members_memberchange"])
def test_what_is_kept_stays(cast: Cast, statement: str) -> None:
    make_member(cast.branch)
    run("UPDATE members_member SET phone = '0912'")
    with refused("changes_stay"):
        run(statement)
