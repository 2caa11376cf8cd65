"""The rules of funds, broken by hand in SQL."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from funds.models import Fund
from tests.cast import account, make_donor, make_ended, make_fund, make_tiers, make_unit
from tests.funds.raw import DAY, book, commit_now, give, insert, post, refused, reverse, run, void


def open_fund(unit, **facts):
    row = {
        "unit_id": unit.pk,
        "code": "NEW",
        "name": "Quỹ",
        "purpose": "",
        "is_restricted": False,
        "legal_status": "internal",
        "opened_on": DAY,
        "revision": 1,
        **facts,
    }
    return Fund.unscoped.get(pk=insert("funds_fund", row))


def change(fund, assignment):
    run(f"UPDATE funds_fund SET {assignment} WHERE id = %s", [fund.pk])


def test_a_fund_opens_while_its_unit_exists(cast):
    unit = make_unit(
        "Hội xã cũ",
        tier=cast.here.tier,
        parent=cast.province,
        founded_on=date(2010, 1, 1),
        dissolved_on=date(2024, 6, 3),
    )
    for day in (date(2009, 12, 31), date(2024, 6, 3)):
        with refused("fund_in_unit_life"):
            open_fund(unit, opened_on=day)
    assert open_fund(unit, opened_on=date(2024, 6, 2)).accounts.count() == 6


def test_a_tier_without_funds_opens_none(db):
    tier, *_ = make_tiers()
    type(tier).objects.filter(pk=tier.pk).update(holds_funds=False)
    unit = make_unit("Tỉnh hội", tier=tier)
    with refused("fund_tier_holds_funds"):
        open_fund(unit)


def test_a_restricted_fund_says_what_for(cast):
    with refused("fund_restricted_has_purpose"):
        open_fund(cast.here, is_restricted=True)


def test_a_fund_stays_with_its_unit(cast):
    fund = make_fund(cast.here)
    with refused("fund_unit_settled"):
        change(fund, f"unit_id = {cast.elsewhere.pk}")


def test_a_closed_fund_that_came_to_nothing_may_be_kept_by_another_unit(cast):
    fund = make_fund(make_ended(DAY, heir=cast.elsewhere), holds_vnd=1_000)
    other = make_fund(cast.elsewhere, opened_on=DAY)
    handed = post(account(fund), account(other), 1_000, "handover")
    with refused("fund_unit_settled"):
        change(other, f"closed_on = '{DAY + timedelta(days=1)}', unit_id = {cast.province.pk}")
    reverse(handed)
    with refused("fund_unit_settled"):
        change(other, f"unit_id = {cast.province.pk}")
    change(other, f"closed_on = '{DAY + timedelta(days=1)}', unit_id = {cast.province.pk}")
    other.refresh_from_db()
    assert other.unit == cast.province


def test_a_closed_fund_that_received_a_gift_stays_with_its_unit(cast):
    fund = make_fund(cast.here, opened_on=DAY)
    gift = give(unit=cast.here.pk, donor=make_donor(cast.here).pk, fund=fund.pk)
    movement = book(gift)
    void(gift)
    reverse(movement)
    commit_now()
    with refused("fund_unit_settled"):
        change(fund, f"closed_on = '{DAY + timedelta(days=1)}', unit_id = {cast.elsewhere.pk}")


@pytest.mark.parametrize("assignment", ["is_restricted = false", "purpose = 'Xây thư viện'"])
def test_a_restriction_holds_once_money_has_come(cast, assignment):
    empty = make_fund(cast.here, is_restricted=True, purpose="Học bổng nữ sinh")
    change(empty, assignment)
    filled = make_fund(cast.here, is_restricted=True, purpose="Học bổng nữ sinh", holds_vnd=1)
    with refused("fund_purpose_settled"):
        change(filled, assignment)


def test_a_fund_closes_empty(cast, fund):
    with refused("fund_empty_to_close"):
        change(fund, "closed_on = '2024-06-30'")


def test_a_fund_closes_after_its_last_movement(cast, fund):
    heir = make_fund(cast.here)
    post(account(fund), account(heir), 1_000_000, "transfer")
    with refused("fund_life_holds_movements"):
        change(fund, f"closed_on = '{DAY}'")
    change(fund, f"closed_on = '{DAY + timedelta(days=1)}'")


def test_a_fund_opens_before_its_first_movement(cast, fund):
    with refused("fund_life_holds_movements"):
        change(fund, "opened_on = '2000-01-02'")


def test_a_fund_closes_after_it_opens(cast):
    fund = make_fund(cast.here, opened_on=DAY)
    with refused("fund_dates_in_order"):
        change(fund, f"closed_on = '{DAY}'")


def test_a_fund_is_never_deleted(fund):
    with refused("funds_account_fund_id_d1ae1bb7_fk_funds_fund_id"):
        run("DELETE FROM funds_fund WHERE id = %s", [fund.pk])


def test_a_closed_fund_stays_empty(cast, fund):
    closed = make_fund(cast.here)
    change(closed, f"closed_on = '{DAY}'")
    before = DAY - timedelta(days=1)
    with refused("fund_closed_stays_empty"):
        post(account(fund), account(closed), 1_000, "transfer", occurred_on=before)
    post(account(fund), account(closed), 1_000, "transfer", occurred_on=before)
    post(account(closed), account(fund), 1_000, "transfer", occurred_on=before)
    commit_now()
