"""The database keeps the rules of rounds, whoever writes."""

from datetime import date
from uuid import uuid4

import pytest

from funds.models import Pot
from scholarships.models import Programme, Round
from scholarships.rollups import rebuild
from tests.cast import a_province, bring_forward, make_fund, make_unit
from tests.scholarships.rows import (
    APPROVED,
    OPENED,
    commit,
    execute,
    insert,
    make_approved,
    make_award,
    make_programme,
    make_round,
    pay,
    prove,
    refused_by,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return a_province()


@pytest.fixture
def fund(cast):
    return make_fund(cast.here, holds_vnd=10_000_000)


def round_row(fund, programme=None, **facts):
    return {
        "programme_id": (programme or make_programme()).pk,
        "unit_id": fund.unit_id,
        "fund_id": fund.pk,
        "name": "Đợt",
        "school_year": "2023-2024",
        "opened_on": OPENED,
        "criteria": "",
        "state": "open",
        "revision": 1,
        "idempotency_key": str(uuid4()),
    } | facts


def test_a_round_is_paid_by_a_fund_of_its_own_unit(cast, fund):
    with refused_by("round_fund_of_unit"):
        insert("scholarships_round", round_row(fund, unit_id=cast.province.pk))


@pytest.mark.parametrize("opened_on", [date(2023, 12, 31), date(2024, 6, 1)])
def test_a_round_opens_while_its_fund_is_open(cast, opened_on):
    fund = make_fund(cast.here, opened_on=date(2024, 1, 1))
    execute("UPDATE funds_fund SET closed_on = '2024-06-01' WHERE id = %s", [fund.pk])
    with refused_by("round_fund_open"):
        insert("scholarships_round", round_row(fund, opened_on=opened_on))


def test_a_round_opens_while_its_unit_exists(cast):
    merged = make_unit("Hội xã Cũ", tier=cast.here.tier, parent=cast.province, dissolved_on=date(2024, 1, 1))
    fund = make_fund(merged)
    with refused_by("round_in_unit_life"):
        insert("scholarships_round", round_row(fund, opened_on=date(2024, 1, 1)))


def test_a_retired_programme_takes_no_round(fund):
    retired = make_programme(retired_on=OPENED)
    with refused_by("round_programme_retired"):
        insert("scholarships_round", round_row(fund, retired))


def test_a_programme_is_not_retired_before_its_last_round(fund):
    round_ = make_round(fund)
    with refused_by("programme_retired_in_use"):
        execute("UPDATE scholarships_programme SET retired_on = %s", [OPENED])
    execute("UPDATE scholarships_programme SET retired_on = %s", [date(2024, 1, 11)])
    execute("UPDATE scholarships_round SET name = 'Tên khác' WHERE id = %s", [round_.pk])
    assert Round.unscoped.get().name == "Tên khác"


@pytest.mark.parametrize("school_year", ["2024", "2024-2024", "2024-2026", "1999-2000", "abcdefghi"])
def test_a_school_year_is_one_year_and_the_next(fund, school_year):
    with refused_by("round_school_year_is_one" if school_year in {"2024-2024", "2024-2026"} else "round_school_year"):
        insert("scholarships_round", round_row(fund, school_year=school_year))


@pytest.mark.parametrize(("state", "closed_on"), [("closed", None), ("open", date(2024, 5, 1))])
def test_closed_and_its_date_go_together(fund, state, closed_on):
    with refused_by("round_closed_is_dated"):
        insert("scholarships_round", round_row(fund, state=state, closed_on=closed_on))


@pytest.mark.parametrize(
    ("limits", "rule"), [({"budget_vnd": 0}, "round_budget"), ({"quota": 0}, "round_quota_above_zero")]
)
def test_limits_are_above_zero_or_none(fund, limits, rule):
    with refused_by(rule):
        insert("scholarships_round", round_row(fund, **limits))


def test_a_round_with_awards_stays_with_its_unit(cast, fund):
    make_award(make_round(fund))
    other = make_fund(cast.province)
    with refused_by("round_unit_settled"):
        execute("UPDATE scholarships_round SET unit_id = %s, fund_id = %s", [cast.province.pk, other.pk])


def test_fund_and_programme_change_until_an_award_is_approved(cast, fund):
    round_ = make_round(fund)
    make_award(round_)
    second, programme = make_fund(cast.here, holds_vnd=5_000_000), make_programme("khac", "Khác")
    execute("UPDATE scholarships_round SET fund_id = %s, programme_id = %s", [second.pk, programme.pk])
    round_.refresh_from_db()
    assert (round_.fund, round_.programme) == (second, programme)
    make_approved(round_)
    with refused_by("round_settled"):
        execute("UPDATE scholarships_round SET fund_id = %s", [fund.pk])
    with refused_by("round_settled"):
        execute(
            "UPDATE scholarships_round SET programme_id = %s", [Programme.objects.exclude(pk=programme.pk).get().pk]
        )


def test_a_changed_fund_must_be_the_units_own(cast, fund):
    make_round(fund)
    other = make_fund(cast.province)
    with refused_by("round_fund_of_unit"):
        execute("UPDATE scholarships_round SET fund_id = %s", [other.pk])


@pytest.mark.parametrize("change", ["opened_on = '2024-02-02'", "state = 'closed', closed_on = '2024-01-31'"])
def test_the_dates_of_a_round_hold_its_approvals(fund, change):
    make_approved(make_round(fund), on=APPROVED)
    with refused_by("round_holds_awards"):
        execute(f"UPDATE scholarships_round SET {change}")


def test_budget_and_quota_do_not_fall_below_what_is_approved(fund):
    make_approved(make_round(fund))
    with refused_by("round_budget_holds"):
        execute("UPDATE scholarships_round SET budget_vnd = 999999")
    with refused_by("round_quota_holds"):
        execute("UPDATE scholarships_round SET quota = 9")
    execute("UPDATE scholarships_round SET budget_vnd = 1000000, quota = 10")


@pytest.mark.parametrize(
    ("limits", "rule"),
    [({"budget_vnd": 999_999}, "round_budget_holds"), ({"quota": 9}, "round_quota_holds")],
)
def test_approval_keeps_to_budget_and_quota(fund, limits, rule):
    make_award(make_round(fund, **limits))
    with refused_by(rule):
        commit(fund, 1_000_000)
        execute("UPDATE scholarships_award SET state = 'approved', approved_on = %s", [APPROVED])


def test_budget_counts_both_pots(fund):
    round_ = make_round(fund, budget_vnd=1_500_000)
    make_award(round_)
    make_award(round_, pot=Pot.GOODS)
    bring_forward(fund, 1_000_000, OPENED, pot=Pot.GOODS)
    with refused_by("round_budget_holds"):
        commit(fund, 1_000_000)
        commit(fund, 1_000_000, pot=Pot.GOODS)
        execute("UPDATE scholarships_award SET state = 'approved', approved_on = %s", [APPROVED])


def test_a_round_is_never_deleted(fund):
    make_round(fund)
    with refused_by("round_kept"):
        execute("DELETE FROM scholarships_round")


def test_approval_without_money_is_refused(fund):
    make_award(make_round(fund))
    with refused_by("fund_matches_awards"):
        execute("UPDATE scholarships_award SET state = 'approved', approved_on = %s", [APPROVED])


def test_money_is_not_committed_beside_the_awards(fund):
    make_approved(make_round(fund))
    with refused_by("fund_matches_awards"):
        commit(fund, 1)


def test_committed_money_does_not_leave_without_a_distribution(fund):
    make_approved(make_round(fund))
    prove()
    with refused_by("fund_matches_awards"):
        pay(fund, 100_000)


@pytest.mark.parametrize(
    "by_hand",
    [
        "UPDATE scholarships_fundowed SET owed_vnd = owed_vnd - 100000",
        "DELETE FROM scholarships_fundowed",
        "TRUNCATE scholarships_fundowed",
    ],
)
def test_what_a_fund_owes_is_not_written_beside_a_payment_without_award(fund, by_hand):
    make_approved(make_round(fund))
    prove()
    with refused_by("fund_owed_follows"):
        execute(by_hand)
        pay(fund, 100_000)


def test_what_a_fund_owes_may_be_written_anew_as_the_awards_say(fund):
    make_approved(make_round(fund))
    prove()
    execute("UPDATE scholarships_fundowed SET owed_vnd = 0")
    rebuild()
    prove()


@pytest.mark.parametrize(
    ("tables", "rule"),
    [
        ("scholarships_distributionline", "line_kept"),
        ("scholarships_distribution, scholarships_distributionline", "distribution_kept"),
        ("scholarships_award, scholarships_distributionline", "award_kept"),
        ("scholarships_round, scholarships_roundtally CASCADE", "round_kept"),
    ],
)
def test_nothing_of_giving_is_emptied(tables, rule):
    with refused_by(rule):
        execute(f"TRUNCATE {tables}")


def test_no_rule_looks_away_when_the_session_asks_it_to(fund):
    make_approved(make_round(fund))
    prove()
    with refused_by("award_kept"):
        execute("SELECT set_config('pgtrigger.ignore', (SELECT array_agg(tgname)::text FROM pg_trigger), true)")
        execute("DELETE FROM scholarships_award")
