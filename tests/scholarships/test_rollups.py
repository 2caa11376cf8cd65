"""The roll-ups follow the facts, come out the same when made anew, and show where they do not."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import connection

from funds.models import AccountKind
from scholarships import rollups
from scholarships.actions import void_distribution
from scholarships.models import BeneficiaryGroup, GivenMonth, RoundTally
from tests.cast import a_province, make_fund, make_unit
from tests.scholarships.rows import (
    APPROVED,
    HELD,
    commit,
    execute,
    hand_out,
    insert,
    make_approved,
    make_round,
    pay,
    prove,
    root,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return a_province()


@pytest.fixture
def fund(cast):
    return make_fund(cast.here, holds_vnd=1_000_000_000)


@pytest.fixture
def round_(fund):
    return make_round(fund)


def given():
    rows = GivenMonth.objects.order_by("month", "unit__code", "beneficiary_group")
    return [(row.unit.name, row.month, row.beneficiary_group, row.count, row.value_vnd) for row in rows]


def tallies():
    return list(
        RoundTally.objects.order_by("round", "pot").values_list(
            "round", "pot", "proposed_count", "approved_count", "approved_vnd", "delivered_count", "delivered_vnd"
        )
    )


def test_what_is_given_belongs_to_the_unit_that_receives(cast, round_):
    here, branch = make_approved(round_), make_approved(round_, unit=cast.branch)
    teachers = make_approved(round_, beneficiary_group=BeneficiaryGroup.GOOD_TEACHER, kind="award", count=3)
    hand_out(round_, (here, 4), (branch, 1), (teachers, 3))
    hand_out(round_, (here, 2), on=date(2024, 3, 5))
    assert sorted(given()) == sorted(
        [
            (cast.here.name, date(2024, 2, 1), "poor_pupil", 4, 400_000),
            (cast.branch.name, date(2024, 2, 1), "poor_pupil", 1, 100_000),
            (cast.here.name, date(2024, 2, 1), "good_teacher", 3, 300_000),
            (cast.here.name, date(2024, 3, 1), "poor_pupil", 2, 200_000),
        ]
    )


def test_a_void_counts_negative_on_its_day(cast, round_):
    held = hand_out(round_, (make_approved(round_), 4))
    void_distribution(distribution=held, reason="Nhầm", on=date(2024, 4, 30), by=root())
    assert given() == [
        (cast.here.name, date(2024, 2, 1), "poor_pupil", 4, 400_000),
        (cast.here.name, date(2024, 4, 1), "poor_pupil", -4, -400_000),
    ]
    assert rollups.check() == []


def test_a_void_after_the_end_of_the_unit_counts_where_it_was_held(cast):
    fund = make_fund(cast.province, holds_vnd=1_000_000)
    round_ = make_round(fund)
    merged = make_unit("Hội xã Cũ", tier=cast.here.tier, parent=cast.province, dissolved_on=date(2024, 3, 1))
    held = hand_out(round_, (make_approved(round_, unit=merged), 4))
    void_distribution(distribution=held, reason="Nhầm", on=date(2024, 3, 1), by=root())
    assert given() == [
        (merged.name, date(2024, 2, 1), "poor_pupil", 4, 400_000),
        (cast.province.name, date(2024, 3, 1), "poor_pupil", -4, -400_000),
    ]
    assert rollups.check() == []


def test_made_anew_they_come_out_the_same(cast, round_):
    held = hand_out(round_, (make_approved(round_), 4), (make_approved(round_, unit=cast.branch), 10))
    void_distribution(distribution=held, reason="Nhầm", on=date(2024, 4, 30), by=root())
    hand_out(round_, (make_approved(round_), 4))
    before = (given(), tallies())
    rollups.rebuild()
    prove()
    assert (given(), tallies()) == before


def test_a_difference_is_shown_with_its_place(cast, round_):
    hand_out(round_, (make_approved(round_), 4))
    execute("UPDATE scholarships_givenmonth SET count = count + 1, value_vnd = value_vnd - 1")
    execute("UPDATE scholarships_roundtally SET delivered_count = 3")
    found = [(row.record, row.expected, row.found) for row in rollups.check()]
    assert found == [
        ("RoundTally.delivered_count", 4, 3),
        ("GivenMonth.count", 4, 5),
        ("GivenMonth.value_vnd", 400_000, 399_999),
    ]
    assert cast.here.code in rollups.check()[0].where
    rollups.rebuild()
    assert rollups.check() == []


def test_money_that_moved_beside_the_awards_is_shown(fund):
    """No award was ever approved here, so the proof at the end of a transaction has nothing to compare."""
    commit(fund, 300_000)
    paid = pay(fund, 100_000)
    found = [(row.record, row.where, row.expected, row.found) for row in rollups.check()]
    assert found == [
        ("committed in the fund", f"{fund.code} cash", 0, 200_000),
        ("payment", f"{fund.code} {HELD} {paid.pk}", 0, 100_000),
    ]


def test_a_bulk_load_takes_one_statement_each(cast, fund, round_):
    """As the demo does it: movements, awards, distribution and lines, each with one COPY or INSERT."""
    amount, many = 1_000, 3_000
    commit(fund, amount * many)
    execute(
        "INSERT INTO scholarships_award (round_id, unit_id, kind, beneficiary_group, recipient_kind, recipient_name,"
        " school, grade, content, pot, count, unit_value_vnd, state, approved_on)"
        " SELECT %s, %s, 'gift', 'poor_pupil', 'pupil', 'Em ' || n, '', '', '', 'cash', 1, %s, 'approved', %s"
        " FROM generate_series(1, %s) n",
        [round_.pk, cast.branch.pk, amount, APPROVED, many],
    )
    held = insert(
        "scholarships_distribution",
        {
            "round_id": round_.pk,
            "unit_id": round_.unit_id,
            "held_on": HELD,
            "venue": "",
            "document": "",
            "note": "",
            "void_reason": "",
            "idempotency_key": str(uuid4()),
        },
    )
    paid = pay(fund, amount * many)
    execute(
        "INSERT INTO scholarships_distributionline (distribution_id, award_id, count, value_vnd, movement_id)"
        " SELECT %s, id, 1, %s, %s FROM scholarships_award",
        [held, amount, paid.pk],
    )
    prove()
    assert given() == [(cast.branch.name, date(2024, 2, 1), "poor_pupil", many, amount * many)]
    assert rollups.check() == []
    assert fund.accounts.get(kind=AccountKind.COMMITTED, pot="cash").balance_vnd == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM scholarships_award WHERE delivered_count = 1")
        assert cursor.fetchone() == (many,)
