"""The roll-up of members follows every way in which memberships change."""

from __future__ import annotations

import io
from datetime import date

from django.core.management import call_command
from django.db import connection

from members.models import Member, MemberMonth, Membership
from members.rollups import memberships as rollups
from tests.cast import Cast
from tests.funds.raw import run
from tests.members.rows import make_member


def months() -> list[tuple]:
    rows = MemberMonth.objects.exclude(joined=0, left=0).order_by("unit", "month")
    return list(rows.values_list("unit__name", "month", "joined", "left"))


MARCH, MAY = date(2020, 3, 1), date(2020, 5, 1)
BRANCH = "Chi hội khu 1"


def test_joining_and_leaving_count_in_their_months(cast: Cast) -> None:
    make_member(cast.branch, joined_on=date(2020, 3, 1))
    make_member(cast.branch, joined_on=date(2020, 3, 31), left_on=date(2020, 5, 31), leave_reason="left")
    assert months() == [(BRANCH, MARCH, 2, 0), (BRANCH, MAY, 0, 1)]
    assert rollups.check() == []


def test_a_correction_moves_the_count(cast: Cast) -> None:
    member = make_member(cast.branch, joined_on=date(2020, 3, 5))
    Membership.unscoped.filter(member=member).update(joined_on=date(2020, 5, 5))
    assert months() == [(BRANCH, MAY, 1, 0)]


def test_a_deleted_person_counts_nowhere(cast: Cast) -> None:
    make_member(cast.branch, joined_on=date(2020, 3, 5), left_on=date(2020, 5, 1), leave_reason="left").delete()
    assert months() == []
    assert rollups.check() == []


def test_a_bulk_load_counts(cast: Cast) -> None:
    people = [Member.unscoped.create(full_name=f"Người {n}") for n in range(3)]
    lines = "".join(f"{person.pk}\t{cast.branch.pk}\t2020-03-0{person.pk % 9 + 1}\t\n" for person in people)
    with connection.cursor() as cursor:
        cursor.copy_expert(
            "COPY members_membership (member_id, unit_id, joined_on, leave_reason) FROM STDIN", io.StringIO(lines)
        )
    assert months() == [(BRANCH, MARCH, 3, 0)]


def test_check_names_what_differs_and_rebuild_mends_it(cast: Cast) -> None:
    make_member(cast.branch, joined_on=date(2020, 3, 5))
    run("UPDATE members_membermonth SET joined = 7")
    MemberMonth.objects.create(unit=cast.branch, month=MAY, left=2)

    assert rollups.check() == [
        rollups.Difference(cast.branch.code, MARCH, (7, 0), (1, 0)),
        rollups.Difference(cast.branch.code, MAY, (0, 2), (0, 0)),
    ]
    call_command("rebuild_rollups", stdout=io.StringIO())
    assert rollups.check() == []
    assert months() == [(BRANCH, MARCH, 1, 0)]
