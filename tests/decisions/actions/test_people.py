"""What a decision does to members and to those who hold an office."""

from __future__ import annotations

from datetime import date

from django.utils.translation import override

from funds.models import BoardMember
from hkh.decisions.actions import (
    plan_of,
    preview_decision,
)
from members.models import (
    Appointment,
    Grant,
    Membership,
)
from tests.cast import LONG_AGO, Cast, make_fund, make_unit
from tests.decisions.drafts import REFORM, carried_out, drafted, picture, split, undone
from tests.members.rows import make_member


def test_members_of_a_closed_branch_go_to_who_carries_on(cast: Cast) -> None:
    other = make_unit("Chi hội khu 2", tier=cast.branch.tier, parent=cast.here)
    staying = make_member(cast.branch)
    leaving = make_member(cast.branch, "Lê Văn Bình", left_on=date(2025, 9, 1), leave_reason="left")
    gone = make_member(cast.branch, "Trần Thị Cúc", left_on=date(2024, 1, 1), leave_reason="left")
    before = picture()
    decision = carried_out(cast, drafted(cast, {"kind": "merge", "unit": cast.branch, "target": other}))
    rows = Membership.unscoped.order_by("member_id", "joined_on").values_list(
        "member", "unit", "joined_on", "left_on", "leave_reason"
    )
    joined = date(2020, 3, 14)
    assert list(rows) == [
        (staying.pk, cast.branch.pk, joined, REFORM, "reorganisation"),
        (staying.pk, other.pk, REFORM, None, ""),
        (leaving.pk, cast.branch.pk, joined, REFORM, "reorganisation"),
        (leaving.pk, other.pk, REFORM, date(2025, 9, 1), "left"),
        (gone.pk, cast.branch.pk, joined, date(2024, 1, 1), "left"),
    ]
    assert plan_of(decision).people[0].count == 2
    undone(cast, decision)
    assert picture() == before


def test_members_of_a_split_branch_go_to_the_largest_share_and_a_note_says_so(cast: Cast) -> None:
    one, two = (make_unit(f"Chi hội khu {n}", tier=cast.branch.tier, parent=cast.here) for n in (2, 3))
    make_member(cast.branch)
    decision = drafted(cast)
    split(cast, decision, cast.branch, [(one, "0.4"), (two, "0.6")])
    with override("en"):
        plan = preview_decision(decision=decision, by=cast.administrator)
    assert plan.notes == (
        "All 1 members of “Chi hội khu 1” itself go to “Chi hội khu 3”; transfer those who belong elsewhere.",
    )
    carried_out(cast, decision)
    assert Membership.unscoped.get(left_on=None).unit == two


def test_offices_end_and_those_not_begun_are_taken_away(cast: Cast) -> None:
    member = make_member(cast.branch)
    held = Appointment.unscoped.create(
        unit=cast.here, member=member, position="chair", valid_from=LONG_AGO, valid_until=date(2027, 1, 1)
    )
    later = Appointment.unscoped.create(
        unit=cast.here, member=member, position="chair", valid_from=date(2027, 1, 1), valid_until=date(2032, 1, 1)
    )
    fund = make_fund(cast.here)
    seat = BoardMember.unscoped.create(fund=fund, body="council", name="Bùi Thị Yến", since=LONG_AGO)
    coming = Grant.objects.create(user=cast.outsider, role="viewer", unit=cast.here, valid_from=date(2026, 1, 1))
    before, seats = picture(), list(BoardMember.unscoped.values_list())
    appointments = list(Appointment.unscoped.order_by("pk").values_list("pk", "valid_until", "end_reason"))
    decision = carried_out(cast, drafted(cast, {"kind": "merge", "unit": cast.here, "target": cast.elsewhere}))
    held.refresh_from_db()
    seat.refresh_from_db()
    assert (held.valid_until, held.end_reason, seat.until) == (REFORM, "reorganisation", REFORM)
    assert not Appointment.unscoped.filter(pk=later.pk).exists()
    assert not Grant.objects.filter(pk=coming.pk).exists()
    assert set(Grant.objects.filter(unit=cast.here).values_list("valid_until", flat=True)) == {REFORM}
    assert len(plan_of(decision).officers) == 6 + 1 + 2 + 1

    undone(cast, decision)

    assert picture() == before
    assert list(BoardMember.unscoped.values_list()) == seats
    assert list(Appointment.unscoped.order_by("pk").values_list("pk", "valid_until", "end_reason")) == appointments
