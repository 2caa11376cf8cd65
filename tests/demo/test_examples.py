"""What the demo shows of its last quarter: each kind of thing stands there once, by the rules."""

from __future__ import annotations

from datetime import date

import pytest

from funds.models import (
    Appeal,
    AppealKind,
    BankAccount,
    BankLine,
    BoardBody,
    BoardMember,
    Donation,
    Donor,
    Fund,
    GoodsIssue,
    HonourLevel,
    LineState,
    PledgeInstalment,
    SplitGift,
    Stock,
)
from funds.queries.appeals import surplus_left_vnd
from funds.queries.pledges import overdue, with_kept
from funds.suggestions import suggest
from hkh.demo.examples import DECIDED_VND, GOODS, ISSUES, KEPT, PASSED_ON_VND, PROMISED, SPLIT_VND
from hkh.demo.spec import FUND_CODE

pytestmark = [pytest.mark.django_db, pytest.mark.province]


def test_an_appeal_reached_its_target_and_a_part_of_its_surplus_went_on():
    fund = Fund.unscoped.get(code=KEPT[0])
    appeal = Appeal.unscoped.get(fund=fund)
    raised = sum(appeal.donations.values_list("amount_vnd", flat=True))
    assert appeal.target_vnd is not None
    assert raised > appeal.target_vnd
    assert appeal.partners.count() == 3
    assert surplus_left_vnd(fund, Fund.unscoped.get(code=FUND_CODE)) == DECIDED_VND - PASSED_ON_VND


def test_one_gift_went_into_two_funds():
    split = SplitGift.unscoped.get()
    assert tuple(split.parts.order_by("part").values_list("amount_vnd", flat=True)) == SPLIT_VND
    assert split.parts.order_by("part")[0].givers.count() == 3


def test_one_instalment_is_kept_and_one_overdue():
    dues = with_kept(PledgeInstalment.unscoped.all())
    late = overdue(dues, day=date(2026, 10, 1))
    assert sorted(late.values_list("due_on", flat=True)) == [date(2026, 9, 15), date(2026, 9, 30)]
    assert [due.due_on for due in dues if due.kept_vnd == due.amount_vnd] == [date(2026, 8, 15)]


def test_the_bank_tells_of_a_promise():
    (account,) = BankAccount.unscoped.select_related("unit", "fund")
    lines = list(BankLine.unscoped.filter(account=account, state=LineState.OPEN).order_by("pk"))
    found = suggest(account, lines, donors=Donor.unscoped.all(), donations=Donation.unscoped.all())
    kept = [found[line.pk].instalment for line in lines]
    assert [(due.due_on, due.amount_vnd) for due in kept if due] == [PROMISED]


def test_goods_were_issued_and_some_are_left():
    assert GoodsIssue.unscoped.count() == len(ISSUES)
    for kind, (what, count, measure, *_rest) in enumerate(GOODS):
        left = Stock.objects.get(item__name=what, item__measure=measure, item__fund__code=FUND_CODE, holder=None)
        assert left.quantity == count - sum(issued for of, issued in ISSUES if of == kind)


def test_boards_levels_and_piggy_banks_are_there():
    bodies = BoardMember.unscoped.filter(fund__code=FUND_CODE).values_list("body", flat=True)
    assert {*bodies} == {*BoardBody}
    assert HonourLevel.unscoped.count() == 3
    drive = Donation.unscoped.filter(appeal__kind=AppealKind.PIGGY_BANK)
    assert drive.exists()
    assert not drive.filter(pigs=None).exists()
