"""Funds opened, edited, closed; transfers, spending, interest, what was brought forward."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.utils import translation

from funds.actions import (
    close_fund,
    edit_fund,
    open_fund,
    record_expense,
    record_interest,
    record_opening,
    transfer_between_funds,
)
from funds.models import Fund, Movement, MovementKind, Pot
from tests.cast import LONG_AGO, balance_vnd, make_fund
from tests.funds.raw import DAY


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def opened(cast, **facts):
    return open_fund(
        **{"unit": cast.here, "code": "QKH-1", "name": "Quỹ mới", "opened_on": DAY, "by": cast.accountant, **facts}
    )


def test_a_fund_opens_empty_with_four_accounts(cast):
    fund = opened(cast)
    assert list(fund.accounts.values_list("balance_vnd", flat=True)) == [0, 0, 0, 0]


def test_a_code_is_given_once(cast):
    opened(cast)
    with pytest.raises(ValidationError) as refusal:
        opened(cast)
    assert refusal.value.messages == ["Fund with this Code already exists."]


def test_a_restricted_fund_needs_its_purpose(cast):
    with pytest.raises(ValidationError) as refusal:
        opened(cast, is_restricted=True)
    assert refusal.value.messages == ["Say what the restricted fund is for."]


def test_a_fund_does_not_open_before_its_unit(cast):
    with pytest.raises(ValidationError) as refusal:
        opened(cast, opened_on=LONG_AGO - timedelta(days=1))
    assert refusal.value.code == "fund_in_unit_life"


@pytest.mark.parametrize("role", ["cashier", "clerk", "officer", "viewer", "administrator"])
def test_who_may_not_open_funds_is_told_so(cast, role):
    with pytest.raises(PermissionDenied):
        opened(cast, by=getattr(cast, role))


def test_the_outsider_opens_nothing_here(cast):
    with pytest.raises(Http404):
        opened(cast, by=cast.outsider)


def test_an_edit_that_somebody_else_overtook_is_refused(cast):
    fund = opened(cast)
    edited = edit_fund(fund=fund, revision=1, name="Quỹ một", opened_on=DAY, by=cast.accountant)
    assert (edited.name, edited.revision) == ("Quỹ một", 2)
    with pytest.raises(ValidationError) as refusal:
        edit_fund(fund=fund, revision=1, name="Quỹ hai", opened_on=DAY, by=cast.chair)
    assert refusal.value.messages == [
        "Someone else saved this form meanwhile. Open it again to see what changed, then enter yours."
    ]
    assert Fund.unscoped.get(pk=fund.pk).name == "Quỹ một"


def test_a_fund_closes_when_nothing_is_left(cast, fund):
    with pytest.raises(ValidationError) as refusal:
        close_fund(fund=fund, closed_on=DAY, by=cast.chair)
    assert refusal.value.messages == ["The fund still holds money or goods. Pass on what is left, then close it."]
    transfer_between_funds(
        source=fund,
        target=make_fund(cast.here),
        pot=Pot.CASH,
        amount_vnd=1_000_000,
        occurred_on=DAY - timedelta(days=1),
        by=cast.accountant,
    )
    assert close_fund(fund=fund, closed_on=DAY, by=cast.chair).closed_on == DAY


def test_a_clerk_closes_nothing(cast, fund):
    with pytest.raises(PermissionDenied):
        close_fund(fund=fund, closed_on=DAY, by=cast.clerk)


# Money


def test_what_was_brought_forward_is_recorded(cast):
    fund = make_fund(cast.here)
    moved = record_opening(fund=fund, pot=Pot.GOODS, amount_vnd=70_000, occurred_on=DAY, by=cast.accountant)
    assert moved.kind == MovementKind.OPENING
    assert balance_vnd(fund, pot=Pot.GOODS) == 70_000


def test_the_chair_opens_funds_but_books_nothing(cast, fund):
    with pytest.raises(PermissionDenied):
        record_opening(fund=fund, pot=Pot.CASH, amount_vnd=1, occurred_on=DAY, by=cast.chair)


def test_interest_is_income(cast, fund):
    record_interest(fund=fund, amount_vnd=12_345, occurred_on=DAY, by=cast.accountant)
    assert balance_vnd(fund) == 1_012_345


def test_spending_more_than_there_is_says_what_is_left(cast, fund):
    with pytest.raises(ValidationError) as refusal:
        record_expense(fund=fund, pot=Pot.CASH, amount_vnd=15_000_000, occurred_on=DAY, by=cast.accountant)
    assert refusal.value.messages == [
        "The fund holds only 1,000,000 đồng, not enough for 15,000,000 đồng. Lower the amount or choose another fund."
    ]


def test_spending_sent_twice_is_spent_once(cast, fund):
    key = uuid4()
    for _ in range(2):
        record_expense(
            fund=fund,
            pot=Pot.CASH,
            amount_vnd=1_000_000,
            occurred_on=DAY,
            by=cast.accountant,
            idempotency_key=key,
        )
    assert balance_vnd(fund) == 0


def test_a_restricted_fund_pays_no_fees(cast):
    fund = make_fund(cast.here, is_restricted=True, purpose="Học bổng", holds_vnd=500_000)
    with pytest.raises(ValidationError) as refusal:
        record_expense(fund=fund, pot=Pot.CASH, amount_vnd=1, occurred_on=DAY, by=cast.accountant)
    assert refusal.value.code == "movement_serves_purpose"


def test_a_transfer_moves_between_funds_and_is_no_income(cast, fund):
    target = make_fund(cast.branch)
    moved = transfer_between_funds(
        source=fund, target=target, pot=Pot.CASH, amount_vnd=400_000, occurred_on=DAY, by=cast.accountant
    )
    assert moved.kind == MovementKind.TRANSFER
    assert (balance_vnd(fund), balance_vnd(target)) == (600_000, 400_000)


def test_a_transfer_to_itself_is_refused(cast, fund):
    with pytest.raises(ValidationError) as refusal:
        transfer_between_funds(
            source=fund, target=fund, pot=Pot.CASH, amount_vnd=1, occurred_on=DAY, by=cast.accountant
        )
    assert refusal.value.messages == ["Choose two different funds."]


def test_a_transfer_on_a_day_before_the_fund_opened_is_refused(cast, fund):
    target = make_fund(cast.here, opened_on=date(2024, 7, 1))
    with pytest.raises(ValidationError) as refusal:
        transfer_between_funds(
            source=fund, target=target, pot=Pot.CASH, amount_vnd=1, occurred_on=DAY, by=cast.accountant
        )
    assert refusal.value.code == "movement_in_fund_life"
    assert Movement.objects.filter(kind=MovementKind.TRANSFER).count() == 0


def test_money_does_not_leave_for_units_out_of_reach(cast, fund):
    elsewhere = make_fund(cast.elsewhere, holds_vnd=5)
    for source, target in ((fund, elsewhere), (elsewhere, fund)):
        with pytest.raises(Http404):
            transfer_between_funds(
                source=source, target=target, pot=Pot.CASH, amount_vnd=1, occurred_on=DAY, by=cast.accountant
            )


@pytest.mark.parametrize("role", ["chair", "cashier", "clerk", "officer", "viewer"])
def test_who_may_not_transfer_is_told_so(cast, fund, role):
    with pytest.raises(PermissionDenied):
        transfer_between_funds(
            source=fund,
            target=make_fund(cast.here),
            pot=Pot.CASH,
            amount_vnd=1,
            occurred_on=DAY,
            by=getattr(cast, role),
        )
