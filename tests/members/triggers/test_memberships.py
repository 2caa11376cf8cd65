"""The rules of membership, broken by hand; and two hands at once."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection

from members.models import Member
from tests.cast import Cast, make_unit
from tests.funds.raw import commit_now, insert, refused, run
from tests.members.rows import JOINED_ON, make_member


def insert_membership(member: Member, unit_id: int, joined_on: date, left_on: date | None = None) -> int:
    facts = {"member_id": member.pk, "unit_id": unit_id, "joined_on": joined_on, "left_on": left_on}
    return insert("members_membership", {**facts, "leave_reason": "left" if left_on else ""})


@pytest.fixture
def member(cast: Cast) -> Member:
    """A member of the branch from 14 March 2020 until 1 January 2022."""
    return make_member(cast.branch, joined_on=JOINED_ON, left_on=date(2022, 1, 1), leave_reason="left")


@pytest.mark.parametrize(
    ("joined_on", "left_on"),
    [
        (date(2019, 1, 1), date(2020, 3, 15)),
        (date(2021, 1, 1), date(2021, 2, 1)),
        (date(2021, 12, 31), date(2023, 1, 1)),
        (date(2021, 12, 31), None),
        (date(2019, 1, 1), None),
        (date(2019, 1, 1), date(2023, 1, 1)),
    ],
)
def test_memberships_of_a_person_share_no_day(
    cast: Cast, member: Member, joined_on: date, left_on: date | None
) -> None:
    with refused("membership_no_overlap"):
        insert_membership(member, cast.branch.pk, joined_on, left_on)


@pytest.mark.parametrize(
    ("joined_on", "left_on"),
    [(date(2019, 1, 1), JOINED_ON), (date(2022, 1, 1), None), (date(2022, 1, 1), date(2023, 1, 1))],
)
def test_one_membership_may_follow_another_on_the_same_day(
    cast: Cast, member: Member, joined_on: date, left_on: date | None
) -> None:
    insert_membership(member, cast.branch.pk, joined_on, left_on)
    commit_now()
    assert member.memberships.count() == 2


def test_a_membership_cannot_be_stretched_over_the_next(cast: Cast, member: Member) -> None:
    insert_membership(member, cast.branch.pk, date(2022, 1, 1))
    with refused("membership_no_overlap"):
        run("UPDATE members_membership SET left_on = '2022-01-02' WHERE left_on = '2022-01-01'")


def test_two_overlapping_rows_of_one_statement_are_seen(cast: Cast, member: Member) -> None:
    with refused("membership_no_overlap"):
        run(
            """INSERT INTO members_membership (member_id, unit_id, joined_on, left_on, leave_reason)
            VALUES (%(member)s, %(unit)s, '2023-01-01', '2023-03-01', 'left'),
                   (%(member)s, %(unit)s, '2023-02-28', NULL, '')""",
            {"member": member.pk, "unit": cast.branch.pk},
        )


def test_one_open_membership_a_person(cast: Cast) -> None:
    member = make_member(cast.branch)
    with refused("membership_one_at_a_time"):
        insert_membership(member, cast.branch.pk, date(2024, 1, 1))


def test_nobody_leaves_before_joining(cast: Cast, member: Member) -> None:
    with refused("membership_dates_in_order"):
        insert_membership(member, cast.branch.pk, date(2024, 1, 1), date(2024, 1, 1))


@pytest.mark.parametrize(
    ("joined_on", "left_on"),
    [
        (date(2019, 12, 31), date(2020, 2, 1)),
        (date(2021, 1, 1), date(2021, 7, 2)),
        (date(2021, 1, 1), None),
        (date(2022, 1, 1), date(2023, 1, 1)),
    ],
)
def test_a_membership_lies_within_the_life_of_its_unit(cast: Cast, joined_on: date, left_on: date | None) -> None:
    short = make_unit(
        "Chi hội ngắn ngủi",
        tier=cast.branch.tier,
        parent=cast.here,
        founded_on=date(2020, 1, 1),
        dissolved_on=date(2021, 7, 1),
    )
    member = Member.unscoped.create(full_name="Lê Văn Tám")
    with refused("membership_within_unit"):
        insert_membership(member, short.pk, joined_on, left_on)


def test_only_tiers_that_hold_members_have_any(cast: Cast) -> None:
    member = Member.unscoped.create(full_name="Lê Văn Tám")
    with refused("membership_tier"):
        insert_membership(member, cast.here.pk, JOINED_ON)


def test_accountant_and_cashier_of_a_unit_are_two_people(cast: Cast) -> None:
    grant = {"user_id": cast.cashier.pk, "unit_id": cast.here.pk, "role": "accountant"}
    with refused("grant_two_hands"):
        insert("members_grant", {**grant, "valid_from": date(2024, 1, 1)})
    insert("members_grant", {**grant, "valid_from": date(1999, 1, 1), "valid_until": date(2000, 1, 1)})
    commit_now()


@pytest.mark.django_db(transaction=True)
def test_a_second_hand_waits_and_is_refused() -> None:
    """Two connections enter overlapping memberships of one person; the second waits for the first's commit."""
    import threading

    import psycopg2

    from tests.cast import a_province

    cast = a_province()
    member = Member.unscoped.create(full_name="Lê Văn Tám")
    dsn = connection.get_connection_params()
    first, second = (psycopg2.connect(**_plain(dsn)) for _ in range(2))
    statement = """INSERT INTO members_membership (member_id, unit_id, joined_on, left_on, leave_reason)
        VALUES (%s, %s, %s, %s, %s)"""
    outcome: list[str | None] = []

    def enter_history() -> None:
        try:
            with second, second.cursor() as cursor:
                cursor.execute(statement, [member.pk, cast.branch.pk, date(2021, 1, 1), date(2023, 1, 1), "left"])
            outcome.append("entered")
        except psycopg2.errors.CheckViolation as refusal:
            outcome.append(refusal.diag.constraint_name)

    with first.cursor() as cursor:
        cursor.execute(statement, [member.pk, cast.branch.pk, date(2022, 1, 1), None, ""])
        hand = threading.Thread(target=enter_history)
        hand.start()
        hand.join(timeout=0.5)
        assert (hand.is_alive(), outcome) == (True, [])
        first.commit()
    hand.join(timeout=10)
    first.close()
    second.close()
    assert outcome == ["membership_no_overlap"]


def _plain(params: dict) -> dict:
    return {key: params[key] for key in ("dbname", "user", "host", "port", "password") if params.get(key)}
