"""Funds opened, edited, closed; and what a reorganisation passes on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.utils import translation

from funds.actions import (
    close_fund,
    edit_fund,
    open_fund,
)
from funds.models import Fund
from tests.cast import LONG_AGO, make_fund, make_transfer
from tests.funds.raw import DAY


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def opened(cast, **facts):
    return open_fund(
        **{"unit": cast.here, "code": "QKH-1", "name": "Quỹ mới", "opened_on": DAY, "by": cast.accountant, **facts}
    )


def test_a_fund_opens_empty_with_its_accounts(cast):
    fund = opened(cast)
    assert list(fund.accounts.values_list("balance_vnd", flat=True)) == [0] * 6


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
    make_transfer(fund, make_fund(cast.here), 1_000_000, DAY - timedelta(days=1))
    assert close_fund(fund=fund, closed_on=DAY, by=cast.chair).closed_on == DAY


def test_a_clerk_closes_nothing(cast, fund):
    with pytest.raises(PermissionDenied):
        close_fund(fund=fund, closed_on=DAY, by=cast.clerk)
