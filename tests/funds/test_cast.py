"""The shared cast stands as the database wants it."""

import pytest

from funds.models import AccountKind, Pot
from tests.cast import a_province, balance_vnd, make_fund

pytestmark = pytest.mark.django_db


def test_the_cast_can_be_made_and_a_fund_holds_what_it_was_given():
    cast = a_province()
    fund = make_fund(cast.here, holds_vnd=1_500_000)
    assert cast.branch.parent == cast.here
    assert balance_vnd(fund) == 1_500_000
    assert sorted(fund.accounts.values_list("kind", "pot")) == [
        (AccountKind.COMMITTED, Pot.CASH),
        (AccountKind.COMMITTED, Pot.GOODS),
        (AccountKind.FREE, Pot.CASH),
        (AccountKind.FREE, Pot.GOODS),
        (AccountKind.TRANSIT, Pot.CASH),
        (AccountKind.TRANSIT, Pot.GOODS),
    ]
