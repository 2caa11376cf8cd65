"""The rules of offices, broken by hand; and two hands at once."""

from __future__ import annotations

import threading
from datetime import date
from typing import Any

import psycopg2
import pytest
from django.db import connection

from members.models import Appointment, Member, Unit
from tests.cast import Cast, a_province
from tests.funds.raw import commit_now, insert, refused, run
from tests.members.rows import make_member

TERM = {"valid_from": date(2020, 1, 1), "valid_until": date(2025, 1, 1)}


def appoint(member: Member, unit: Unit, position: str = "chair", **facts: Any) -> int:
    row = {"member_id": member.pk, "unit_id": unit.pk, "position": position, "end_reason": "", "decision": ""}
    return insert("members_appointment", {**row, **TERM, **facts})


@pytest.fixture
def two(cast: Cast) -> tuple[Member, Member]:
    return make_member(cast.branch, "Nguyễn Văn Một"), make_member(cast.branch, "Trần Thị Hai")


@pytest.mark.parametrize(
    ("valid_from", "valid_until"),
    [
        (date(2024, 12, 31), None),
        (date(2019, 1, 1), date(2020, 1, 2)),
        (date(2021, 1, 1), date(2021, 2, 1)),
        (date(2019, 1, 1), None),
    ],
)
@pytest.mark.parametrize("position", ["chair", "branch_head"])
def test_a_unit_has_one_chair_at_a_time(
    cast: Cast, two, position: str, valid_from: date, valid_until: date | None
) -> None:
    appoint(two[0], cast.here)
    with refused("office_one_chair"):
        appoint(two[1], cast.here, position, valid_from=valid_from, valid_until=valid_until)


def test_chairs_follow_each_other_and_other_units_have_their_own(cast: Cast, two) -> None:
    appoint(two[0], cast.here)
    appoint(two[1], cast.here, valid_from=date(2025, 1, 1), valid_until=None)
    appoint(two[1], cast.here, valid_from=date(2019, 1, 1), valid_until=date(2020, 1, 1))
    appoint(two[0], cast.elsewhere)
    appoint(two[1], cast.here, "vice_chair")
    commit_now()
    assert Appointment.unscoped.count() == 5


def test_a_chair_s_term_cannot_be_stretched_over_the_next(cast: Cast, two) -> None:
    appoint(two[0], cast.here)
    appoint(two[1], cast.here, valid_from=date(2025, 1, 1), valid_until=None)
    with refused("office_one_chair"):
        run("UPDATE members_appointment SET valid_until = '2025-01-02' WHERE valid_until = '2025-01-01'")


def test_two_chairs_of_one_statement_are_seen(cast: Cast, two) -> None:
    with refused("office_one_chair"):
        run(
            """INSERT INTO members_appointment (member_id, unit_id, position, valid_from, end_reason, decision)
            VALUES (%s, %s, 'chair', '2020-01-01', '', ''), (%s, %s, 'chair', '2021-01-01', '', '')""",
            [two[0].pk, cast.here.pk, two[1].pk, cast.here.pk],
        )


@pytest.mark.parametrize(("first", "second"), [("accountant", "cashier"), ("cashier", "accountant")])
def test_accountant_and_cashier_of_a_unit_are_two_people(cast: Cast, two, first: str, second: str) -> None:
    appoint(two[0], cast.here, first)
    with refused("office_two_hands"):
        appoint(two[0], cast.here, second, valid_from=date(2024, 12, 31), valid_until=None)
    appoint(two[0], cast.here, second, valid_from=date(2025, 1, 1), valid_until=None)
    appoint(two[0], cast.elsewhere, second)
    appoint(two[1], cast.here, second)
    commit_now()


def test_accountant_and_cashier_do_not_become_one_person_later(cast: Cast, two) -> None:
    appoint(two[0], cast.here, "accountant")
    appoint(two[1], cast.here, "cashier")
    with refused("office_two_hands"):
        run("UPDATE members_appointment SET member_id = %s", [two[0].pk])
    with refused("office_two_hands"):
        run("UPDATE members_appointment SET member_id = %s WHERE position = 'cashier'", [two[0].pk])


def test_nobody_holds_one_office_twice_at_once(cast: Cast, two) -> None:
    appoint(two[0], cast.here, "committee_member")
    appoint(two[1], cast.here, "committee_member")
    with refused("office_once"):
        appoint(two[0], cast.here, "committee_member", valid_from=date(2022, 1, 1))


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"valid_until": date(2020, 1, 1)}, "appointment_dates_in_order"),
        ({"valid_until": None, "end_reason": "relieved"}, "appointment_reason_needs_end"),
        ({"position": "king"}, "appointment_position_known"),
        ({"valid_from": date(1999, 12, 31)}, "office_within_unit"),
    ],
)
def test_other_rules(cast: Cast, two, facts: dict, rule: str) -> None:
    with refused(rule):
        appoint(two[0], cast.here, **{"position": "secretary", **facts})


def test_a_unit_is_not_dissolved_over_its_officers(cast: Cast, two) -> None:
    appoint(two[0], cast.elsewhere, "secretary", valid_until=None)
    with refused("unit_has_officers"):
        run("UPDATE members_unit SET dissolved_on = '2024-01-01' WHERE id = %s", [cast.elsewhere.pk])
        run("UPDATE members_unitversion SET valid_until = '2024-01-01' WHERE unit_id = %s", [cast.elsewhere.pk])


@pytest.mark.django_db(transaction=True)
def test_two_hands_that_appoint_crosswise_wait_and_one_is_refused() -> None:
    """Each transaction appoints in both units, in opposite order: the second waits, then sees, and nobody deadlocks."""
    cast = a_province()
    member = make_member(cast.branch)
    dsn = {k: v for k, v in connection.get_connection_params().items() if k in ("dbname", "user", "host", "port") and v}
    one, two = (psycopg2.connect(**dsn) for _ in range(2))
    row = "(%s, %s, %s, '2020-01-01', '', '')"
    sql = f"""INSERT INTO members_appointment (member_id, unit_id, position, valid_from, end_reason, decision)
        VALUES {row}, {row}"""
    outcome: list[str] = []

    def second_hand() -> None:
        try:
            with two, two.cursor() as cursor:
                cursor.execute(sql, [member.pk, cast.elsewhere.pk, "cashier", member.pk, cast.here.pk, "cashier"])
            outcome.append("entered")
        except psycopg2.Error as error:
            outcome.append(error.diag.constraint_name or type(error).__name__)

    with one.cursor() as cursor:
        cursor.execute(sql, [member.pk, cast.here.pk, "accountant", member.pk, cast.elsewhere.pk, "accountant"])
        hand = threading.Thread(target=second_hand)
        hand.start()
        hand.join(timeout=0.5)
        assert (hand.is_alive(), outcome) == (True, [])
        one.commit()
    hand.join(timeout=10)
    one.close()
    two.close()
    assert outcome == ["office_two_hands"]
