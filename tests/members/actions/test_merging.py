from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import close_old_connections, connection, transaction
from django.http import Http404
from hypothesis import given, settings
from hypothesis import strategies as st

from funds.models import BoardBody, BoardMember
from members.actions import (
    CHOICES,
    ask_again,
    correct_member,
    end_membership,
    keep_apart,
    merge_members,
    obstacles,
    readmit_member,
    transfer_member,
    undo_merge,
)
from members.merging import of_people, rows_of
from members.models import Appointment, DuplicatePair, Member, MemberMerge, Membership, Unit
from members.rollups.memberships import check as check_rollups
from tests.cast import Cast, a_province, make_fund, make_unit, make_user
from tests.members.rows import make_member


@pytest.fixture(autouse=True)
def day(settings) -> None:
    settings.HKH_TODAY = "2026-06-30"


@pytest.fixture
def second(cast: Cast) -> Unit:
    return make_unit("Chi hội khu 2", tier=cast.branch.tier, parent=cast.here)


@pytest.fixture
def two(cast: Cast, second: Unit) -> tuple[Member, Member]:
    """One person entered twice: in two branches, with and without marks."""
    kept = make_member(cast.branch, "Le Van Tam", birth_year=1958, joined_on=date(2020, 1, 1))
    gone = make_member(
        second, "Lê Văn Tám", birth_date=date(1958, 9, 2), card_number="PT-7", joined_on=date(2018, 1, 1), note="Cũ"
    )
    return kept, gone


def merge(cast: Cast, kept: Member, gone: Member, **facts: Any) -> MemberMerge:
    said = {"take": (), "gone_line_stands": False, "revisions": (kept.revision, gone.revision), "by": cast.clerk}
    return merge_members(kept=kept, gone=gone, **{**said, **facts})


def line(member: Member) -> list[tuple[Any, ...]]:
    rows = Membership.unscoped.filter(member=member).order_by("joined_on")
    return list(rows.values_list("unit__name", "joined_on", "left_on", "leave_reason"))


def everything() -> dict[str, Any]:
    """All rows of all people, whoever they belong to."""
    return rows_of(list(Member.unscoped.values_list("pk", flat=True)))


def test_facts_are_taken_field_by_field_and_memberships_carried(cast: Cast, two) -> None:
    kept, gone = two
    merge(cast, kept, gone, take=("full_name", "birth", "card_number"))
    kept.refresh_from_db()
    gone.refresh_from_db()
    facts = (kept.full_name, kept.birth_date, kept.birth_year, kept.card_number, kept.note)
    assert facts == ("Lê Văn Tám", date(1958, 9, 2), None, "PT-7", "")
    assert (gone.merged_into, gone.card_number, gone.note) == (kept, "", "Cũ")
    assert line(kept) == [
        ("Chi hội khu 2", date(2018, 1, 1), date(2020, 1, 1), "transfer"),
        ("Chi hội khu 1", date(2020, 1, 1), None, ""),
    ]
    assert (line(gone), check_rollups()) == ([], [])


def test_the_other_line_may_stand(cast: Cast, two) -> None:
    kept, gone = two
    merge(cast, kept, gone, gone_line_stands=True)
    assert line(kept) == [("Chi hội khu 2", date(2018, 1, 1), None, "")]
    assert check_rollups() == []


def test_the_past_of_a_unit_that_is_not_open_to_one_stays_as_it_is(cast: Cast, two) -> None:
    kept, gone = two
    foreign = make_unit("Chi hội khu 9", tier=cast.branch.tier, parent=cast.elsewhere)
    past = Membership.unscoped.filter(member=gone)
    past.update(joined_on=date(2024, 1, 1))
    Membership.unscoped.create(
        member=gone, unit=foreign, joined_on=date(2010, 1, 1), left_on=date(2024, 1, 1), leave_reason="transfer"
    )
    with pytest.raises(ValidationError) as refusal:
        merge(cast, kept, gone)
    assert refusal.value.code == "merge_beyond"
    assert foreign.memberships.get().left_on == date(2024, 1, 1)
    merge(cast, kept, gone, gone_line_stands=True)
    assert line(kept)[0] == ("Chi hội khu 9", date(2010, 1, 1), date(2024, 1, 1), "transfer")


def test_offices_and_whatever_else_speaks_of_the_person_are_carried(cast: Cast, two) -> None:
    kept, gone = two
    for member, position in ((kept, "secretary"), (gone, "secretary"), (gone, "vice_chair")):
        Appointment.unscoped.create(member=member, unit=cast.here, position=position, valid_from=date(2024, 1, 1))
    seat = BoardMember.unscoped.create(
        fund=make_fund(cast.here), member=gone, body=BoardBody.values[0], name="Lê Văn Tám", since=date(2024, 1, 1)
    )
    merge(cast, kept, gone)
    assert list(Appointment.unscoped.order_by("pk").values_list("member", "position")) == [
        (kept.pk, "secretary"),
        (kept.pk, "vice_chair"),
    ]
    seat.refresh_from_db()
    assert seat.member == kept


def test_accountant_and_cashier_do_not_become_one_person(cast: Cast, two) -> None:
    kept, gone = two
    for member, position in ((kept, "accountant"), (gone, "cashier")):
        Appointment.unscoped.create(member=member, unit=cast.here, position=position, valid_from=date(2024, 1, 1))
    before = everything()
    with pytest.raises(ValidationError) as refusal:
        merge(cast, kept, gone)
    assert refusal.value.code == "office_two_hands"
    assert (everything(), MemberMerge.unscoped.count()) == (before, 0)


def test_who_died_is_no_member_any_more(cast: Cast, two) -> None:
    kept, gone = two
    end_membership(member=gone, on=date(2024, 1, 1), reason="deceased", by=cast.clerk)
    gone.refresh_from_db()
    with pytest.raises(ValidationError):
        merge(cast, kept, gone, take=("deceased_on",))
    merge(cast, kept, gone, take=("deceased_on",), gone_line_stands=True)
    kept.refresh_from_db()
    assert kept.deceased_on == date(2024, 1, 1)


def test_refused_merges(cast: Cast, two, second: Unit) -> None:
    kept, gone = two
    with pytest.raises(ValidationError):
        merge(cast, kept, kept)
    with pytest.raises(ValidationError):
        merge(cast, kept, gone, revisions=(kept.revision, 99))
    with pytest.raises(PermissionDenied):
        merge(cast, kept, gone, by=cast.viewer)
    with pytest.raises(Http404):
        merge(cast, kept, gone, by=cast.outsider)
    far = make_member(make_unit("Chi hội Tu Vũ", tier=cast.branch.tier, parent=cast.elsewhere))
    with pytest.raises(Http404):
        merge(cast, kept, far)
    merge(cast, kept, gone)
    gone.refresh_from_db()
    third = make_member(second)
    with pytest.raises(ValidationError):
        merge(cast, third, gone)


def test_a_merged_entry_is_not_taken_in_again(cast: Cast, two) -> None:
    kept, gone = two
    end_membership(member=gone, on=date(2024, 1, 1), reason="left", by=cast.clerk)
    stale = Member.unscoped.get(pk=gone.pk)
    merge(cast, kept, stale)
    Membership.unscoped.create(member=gone, unit=cast.branch, joined_on=date(2010, 1, 1), left_on=date(2011, 1, 1))
    with pytest.raises(ValidationError):
        readmit_member(member=gone, unit=cast.branch, on=date(2025, 1, 1), by=cast.clerk)


def test_undoing_leads_back_exactly(cast: Cast, two) -> None:
    kept, gone = two
    Appointment.unscoped.create(member=gone, unit=cast.here, position="chair", valid_from=date(2024, 1, 1))
    before = everything()
    made = merge(cast, kept, gone, take=tuple(CHOICES))
    assert everything() != before
    assert obstacles(made) == []
    undo_merge(merge=made, by=cast.clerk)
    assert (everything(), check_rollups()) == (before, [])
    made.refresh_from_db()
    assert made.undone_by == cast.clerk
    with pytest.raises(ValidationError):
        undo_merge(merge=made, by=cast.clerk)


def corrected(cast: Cast, kept: Member) -> None:
    correct_member(member=kept, revision=kept.revision, phone="0912345678", by=cast.clerk)


def transferred(cast: Cast, kept: Member) -> None:
    unit = make_unit("Chi hội khu 3", tier=cast.branch.tier, parent=cast.here)
    transfer_member(member=kept, to=unit, on=date(2026, 1, 1), by=cast.clerk)


def appointed(cast: Cast, kept: Member) -> None:
    Appointment.unscoped.create(member=kept, unit=cast.here, position="secretary", valid_from=date(2024, 1, 1))


def on_a_board(cast: Cast, kept: Member) -> None:
    BoardMember.unscoped.create(
        fund=make_fund(cast.here), member=kept, body=BoardBody.values[0], name="Tám", since=date(2024, 1, 1)
    )


@pytest.mark.parametrize(
    ("build", "table"),
    [
        (corrected, "members_member"),
        (transferred, "members_membership"),
        (appointed, "members_appointment"),
        (on_a_board, "funds_boardmember"),
    ],
)
def test_nothing_is_undone_that_was_built_on(
    cast: Cast, two, build: Callable[[Cast, Member], None], table: str
) -> None:
    kept, gone = two
    made = merge(cast, kept, gone)
    kept.refresh_from_db()
    build(cast, kept)
    built = everything()
    assert [obstacle.table for obstacle in obstacles(made)] == [table]
    with pytest.raises(ValidationError) as refusal:
        undo_merge(merge=made, by=cast.clerk)
    assert refusal.value.messages == [str(obstacle) for obstacle in obstacles(made)]
    assert everything() == built


def test_a_merge_under_another_is_undone_last(cast: Cast, two, second: Unit) -> None:
    kept, gone = two
    first = merge(cast, kept, gone)
    kept.refresh_from_db()
    third = make_member(second, joined_on=date(2010, 1, 1))
    other = merge(cast, third, kept)
    first.refresh_from_db()
    with pytest.raises(ValidationError):
        undo_merge(merge=first, by=cast.clerk)
    undo_merge(merge=other, by=cast.clerk)
    undo_merge(merge=MemberMerge.unscoped.get(pk=first.pk), by=cast.clerk)
    assert not Member.unscoped.exclude(merged_into=None).exists()


def test_who_may_undo(cast: Cast, two) -> None:
    made = merge(cast, *two)
    with pytest.raises(PermissionDenied):
        undo_merge(merge=made, by=cast.viewer)
    with pytest.raises(Http404):
        undo_merge(merge=made, by=cast.outsider)


def test_one_who_lost_sight_of_where_the_other_entry_stood_cannot_undo(cast: Cast, two) -> None:
    made = merge(cast, *two)
    narrow = make_user("narrow", role="clerk", unit=cast.branch)
    with pytest.raises(Http404):
        undo_merge(merge=made, by=narrow)


def test_pairs_are_decided_and_asked_about_again(cast: Cast, two) -> None:
    first, second = sorted(two, key=lambda member: member.pk)
    pair = DuplicatePair.unscoped.create(
        first=first, second=second, score=80, likenesses=["name"], found_at="2026-01-01T00:00:00Z"
    )
    with pytest.raises(PermissionDenied):
        keep_apart(pair=pair, by=cast.viewer)
    keep_apart(pair=pair, by=cast.clerk)
    assert (pair.state, pair.decided_by) == ("different", cast.clerk)
    ask_again(pair=pair, by=cast.clerk)
    pair.refresh_from_db()
    assert (pair.state, pair.decided_by, pair.decided_at) == ("open", None, None)


def test_every_table_that_speaks_of_people_is_known(cast: Cast) -> None:
    tables = {model._meta.db_table for model, _field in of_people()}
    assert {"members_membership", "members_appointment", "funds_boardmember"} <= tables


spans = st.lists(st.integers(0, 40), unique=True, max_size=5).map(sorted)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(data=st.data())
def merge_and_undo(cast: Cast, units: list[Unit], data: st.DataObject) -> None:
    first = date(2020, 1, 1)
    with transaction.atomic():
        people = []
        for n in range(2):
            member = Member.unscoped.create(
                full_name=f"Lê Văn {n}", card_number=data.draw(st.sampled_from(["", f"PT-{n}"])), phone=f"09{n}"
            )
            days = data.draw(spans) or [0]
            for at in range(0, len(days), 2):
                until = first + timedelta(days=days[at + 1]) if at + 1 < len(days) else None
                Membership.unscoped.create(
                    member=member,
                    unit=data.draw(st.sampled_from(units)),
                    joined_on=first + timedelta(days=days[at]),
                    left_on=until,
                    leave_reason="left" if until else "",
                )
            for position in data.draw(st.sets(st.sampled_from(["chair", "accountant", "secretary"]))):
                unit = cast.here if n == 0 or position != "chair" else cast.elsewhere
                Appointment.unscoped.create(member=member, unit=unit, position=position, valid_from=first)
            people.append(Member.unscoped.get(pk=member.pk))
        before = everything()
        made = merge(
            cast,
            *people,
            by=cast.administrator,
            take=data.draw(st.sets(st.sampled_from(sorted(CHOICES)))),
            gone_line_stands=data.draw(st.booleans()),
        )
        assert line(people[1]) == []
        assert check_rollups() == []
        undo_merge(merge=made, by=cast.administrator)
        assert everything() == before
        assert check_rollups() == []
        transaction.set_rollback(True)


def test_whatever_is_merged_can_be_undone_exactly(cast: Cast, second: Unit) -> None:
    merge_and_undo(cast, [cast.branch, second])


@pytest.mark.django_db(transaction=True)
def test_two_people_merge_crosswise_and_one_is_told(settings) -> None:
    """A into B and B into A at once: neither deadlocks, one is refused."""
    settings.HKH_TODAY = "2026-06-30"
    cast = a_province()
    one = make_member(cast.branch, "Lê Văn Tám")
    other = make_member(cast.branch, "Lê Văn Tám", joined_on=date(2015, 1, 1))
    start, outcome = threading.Barrier(2), []

    def hand(kept: Member, gone: Member) -> None:
        close_old_connections()
        try:
            start.wait(timeout=10)
            merge(cast, kept, gone, by=cast.administrator)
            outcome.append("merged")
        except ValidationError:
            outcome.append("told")
        finally:
            connection.close()

    hands = [threading.Thread(target=hand, args=pair) for pair in ((one, other), (other, one))]
    for thread in hands:
        thread.start()
    for thread in hands:
        thread.join(timeout=20)
    assert sorted(outcome) == ["merged", "told"]
    assert Member.unscoped.exclude(merged_into=None).count() == 1
