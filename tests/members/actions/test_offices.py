from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from members.actions import (
    appoint_member,
    correct_appointment,
    dissolve_unit,
    end_appointment,
    end_membership,
    transfer_member,
)
from members.models import Appointment, Member, MemberChange
from tests.cast import Cast, make_unit
from tests.members.rows import JOINED_ON, make_member

SINCE, UNTIL = date(2024, 1, 1), date(2029, 1, 1)


@pytest.fixture(autouse=True)
def day(settings) -> None:
    settings.HKH_TODAY = "2026-06-30"


@pytest.fixture
def member(cast: Cast) -> Member:
    return make_member(cast.branch)


def appoint(cast: Cast, member: Member, position: str = "chair", **facts: Any) -> Appointment:
    said = {"unit": cast.here, "valid_from": SINCE, "valid_until": UNTIL, "by": cast.chair, **facts}
    return appoint_member(member=member, position=position, **said)


def offices() -> list[tuple[Any, ...]]:
    rows = Appointment.unscoped.order_by("pk")
    return list(rows.values_list("unit__name", "position", "valid_from", "valid_until", "end_reason"))


def test_a_member_is_appointed_once_however_often_the_form_is_sent(cast: Cast, member: Member) -> None:
    key = uuid4()
    first = appoint(cast, member, idempotency_key=key, decision="  12/QĐ-HKH ")
    assert appoint(cast, member, idempotency_key=key) == first
    first.refresh_from_db()
    assert (first.decision, first.entered_by) == ("12/QĐ-HKH", cast.chair)
    assert offices() == [("Hội xã Hy Cương", "chair", SINCE, UNTIL, "")]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"valid_from": date(2026, 7, 1)}, "valid_from"),
        ({"valid_until": SINCE}, "valid_until"),
    ],
)
def test_a_wrong_term_is_refused_at_its_field(cast: Cast, member: Member, facts: dict, field: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        appoint(cast, member, **facts)
    assert list(refusal.value.message_dict) == [field]


@pytest.mark.parametrize(
    ("position", "rule"),
    [("branch_head", "office_one_chair"), ("cashier", "office_two_hands"), ("chair", "office_once")],
)
def test_what_the_database_refuses_is_said(cast: Cast, member: Member, position: str, rule: str) -> None:
    appoint(cast, member, "chair")
    appoint(cast, member, "accountant")
    other = make_member(cast.branch, "Trần Thị Hai") if position == "branch_head" else member
    with pytest.raises(ValidationError) as refusal:
        appoint(cast, other, position)
    assert refusal.value.code == rule
    assert Appointment.unscoped.count() == 2


def test_only_members_hold_offices(cast: Cast) -> None:
    gone = make_member(cast.branch, left_on=SINCE, leave_reason="left")
    with pytest.raises(ValidationError) as refusal:
        appoint(cast, gone)
    assert list(refusal.value.message_dict) == ["member"]


def test_who_may_appoint_whom(cast: Cast, member: Member) -> None:
    with pytest.raises(PermissionDenied):
        appoint(cast, member, by=cast.viewer)
    with pytest.raises(Http404):
        appoint(cast, member, by=cast.outsider)
    far = make_member(make_unit("Chi hội Tu Vũ", tier=cast.branch.tier, parent=cast.elsewhere))
    with pytest.raises(Http404):
        appoint(cast, far)
    assert offices() == []


def test_a_correction_by_two_people_and_the_second_is_told(cast: Cast, member: Member) -> None:
    office = appoint(cast, member)
    said: dict[str, Any] = {"position": "vice_chair", "valid_from": SINCE, "valid_until": None, "decision": "7"}
    correct_appointment(appointment=office, revision=1, by=cast.chair, **said)
    with pytest.raises(ValidationError):
        correct_appointment(appointment=office, revision=1, by=cast.clerk, **said)
    assert offices() == [("Hội xã Hy Cương", "vice_chair", SINCE, None, "")]
    with pytest.raises(PermissionDenied):
        correct_appointment(appointment=office, revision=2, by=cast.cashier, **said)


def test_an_office_ends_before_its_term(cast: Cast, member: Member) -> None:
    office = appoint(cast, member)
    end_appointment(appointment=office, on=date(2025, 5, 1), reason="resigned", by=cast.chair)
    assert offices() == [("Hội xã Hy Cương", "chair", SINCE, date(2025, 5, 1), "resigned")]
    with pytest.raises(ValidationError):
        end_appointment(appointment=office, on=date(2025, 6, 1), reason="resigned", by=cast.chair)


def test_an_office_entered_by_mistake_is_taken_away_and_stays_in_the_history(cast: Cast, member: Member) -> None:
    office = appoint(cast, member)
    assert end_appointment(appointment=office, on=SINCE, reason="correction", by=cast.chair) is None
    assert offices() == []
    assert MemberChange.unscoped.get().is_deletion is True


@pytest.mark.parametrize(
    ("on", "reason", "field"),
    [
        (SINCE, "resigned", "on"),
        (date(2026, 7, 1), "resigned", "on"),
        (date(2025, 1, 1), "deceased", "reason"),
        (date(2025, 1, 1), "", "reason"),
    ],
)
def test_refused_ends(cast: Cast, member: Member, on: date, reason: str, field: str) -> None:
    office = appoint(cast, member)
    with pytest.raises(ValidationError) as refusal:
        end_appointment(appointment=office, on=on, reason=reason, by=cast.chair)
    assert list(refusal.value.message_dict) == [field]
    assert offices() == [("Hội xã Hy Cương", "chair", SINCE, UNTIL, "")]


def test_who_dies_or_leaves_holds_no_office_any_more(cast: Cast, member: Member) -> None:
    appoint(cast, member)
    appoint(cast, member, "branch_head", unit=cast.branch)
    day = date(2025, 5, 1)
    end_membership(member=member, on=day, reason="deceased", by=cast.clerk)
    assert {row[3:] for row in offices()} == {(day, "deceased")}


def test_who_is_transferred_keeps_the_offices_above_and_leaves_those_of_the_unit(cast: Cast, member: Member) -> None:
    second = make_unit("Chi hội khu 2", tier=cast.branch.tier, parent=cast.here)
    appoint(cast, member)
    appoint(cast, member, "branch_head", unit=cast.branch)
    day = date(2025, 5, 1)
    transfer_member(member=member, to=second, on=day, by=cast.clerk)
    assert [row[3:] for row in offices()] == [(UNTIL, ""), (day, "transfer")]


def test_the_offices_of_a_dissolved_unit_end_with_it(cast: Cast) -> None:
    member = make_member(cast.branch, joined_on=JOINED_ON)
    appoint(cast, member, unit=cast.elsewhere, by=cast.administrator)
    dissolve_unit(unit=cast.elsewhere, on=date(2025, 7, 1), by=cast.administrator)
    assert offices() == [("Hội xã Tu Vũ", "chair", SINCE, date(2025, 7, 1), "reorganisation")]
