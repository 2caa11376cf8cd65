"""Handovers: both pots, to the đồng, by each rule; and back."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils.translation import override

from funds.models import Fund, GoodsIssue, Movement, Pot, StockItem
from hkh.decisions.actions import (
    add_change,
    preview_decision,
)
from members.models import (
    FundRule,
    Succession,
)
from tests.cast import Cast, balance_vnd, make_fund, make_unit
from tests.decisions.drafts import REFORM, carried_out, codes, drafted, founding, goods, merger, picture, split, undone
from tests.members.rows import make_member


def test_funds_of_merged_units_flow_into_a_new_one_to_the_dong(cast: Cast) -> None:
    first, second = make_fund(cast.here, holds_vnd=1_000_001), make_fund(cast.elsewhere, holds_vnd=500)
    goods(second, 70_000)
    decision = carried_out(cast, merger(cast))
    new = Fund.unscoped.get(unit__code="MOI")
    assert (new.code, new.name, new.opened_on, new.is_restricted) == ("Q-MOI", "Quỹ xã Mới", REFORM, False)
    assert (balance_vnd(new), balance_vnd(new, pot=Pot.GOODS)) == (1_000_501, 70_000)
    for fund in (first, second):
        fund.refresh_from_db()
        assert (fund.closed_on, balance_vnd(fund), balance_vnd(fund, pot=Pot.GOODS)) == (REFORM, 0, 0)
    handed = Movement.objects.filter(kind="handover")
    assert {(row.occurred_on, row.document, row.recorded_by) for row in handed} == {
        (REFORM, "12/QĐ-HKH", cast.administrator)
    }

    undone(cast, decision)

    assert (balance_vnd(first), balance_vnd(second), balance_vnd(second, pot=Pot.GOODS)) == (1_000_001, 500, 70_000)
    new.refresh_from_db()
    assert (new.unit, new.closed_on, balance_vnd(new)) == (cast.province, REFORM + timedelta(days=1), 0)
    assert Movement.objects.filter(reverses__isnull=False, occurred_on=REFORM).count() == 3


@pytest.mark.parametrize(
    ("facts", "parts"),
    [
        ({"fund_rule": FundRule.SHARE}, (300_000, 700_001)),
        ({"fund_rule": FundRule.EQUAL}, (500_001, 500_000)),
        ({"fund_rule": FundRule.MEMBERS}, (666_668, 333_333)),
    ],
    ids=["share", "equal", "members"],
)
def test_a_split_shares_the_funds(cast: Cast, facts: dict[str, Any], parts: tuple[int, int]) -> None:
    make_fund(cast.here, holds_vnd=1_000_001)
    second = make_unit("Chi hội khu 2", tier=cast.branch.tier, parent=cast.here)
    for unit in (cast.branch, cast.branch, second):
        make_member(unit)
    before = picture()
    decision = drafted(cast)
    new = founding(cast, decision)
    split(cast, decision, cast.here, [(new, "0.3"), (cast.elsewhere, "0.7")], **facts)
    add_change(decision=decision, kind="move", unit=cast.branch, parent_change=new, by=cast.administrator)
    add_change(decision=decision, kind="move", unit=second, parent=cast.elsewhere, by=cast.administrator)
    carried_out(cast, decision)
    funds = [Fund.unscoped.get(unit__code="MOI"), Fund.unscoped.get(unit=cast.elsewhere)]
    assert tuple(balance_vnd(fund) for fund in funds) == parts
    assert [(link.kind, str(link.share)) for link in Succession.objects.order_by("share")] == [
        ("part", "0.300000"),
        ("part", "0.700000"),
    ]
    undone(cast, decision)
    assert picture() == before


def test_a_split_by_stated_amounts_wants_them_all(cast: Cast) -> None:
    make_fund(cast.here, holds_vnd=1_000_000)
    cast.branch.tier.may_stand_under.add(cast.province.tier)
    decision = drafted(cast, {"kind": "move", "unit": cast.branch, "parent": cast.elsewhere})
    facts: dict[str, Any] = {"kind": "split", "unit": cast.here, "fund_rule": "stated", "by": cast.administrator}
    new = founding(cast, decision)
    add_change(decision=decision, target_change=new, share=Decimal("0.5"), cash_vnd=250_000, goods_vnd=0, **facts)
    wrong = add_change(decision=decision, target=cast.elsewhere, share=Decimal("0.5"), cash_vnd=700_000, **facts)
    assert codes(decision) == ["stated_sum"]
    wrong.delete()
    add_change(decision=decision, target=cast.elsewhere, share=Decimal("0.5"), cash_vnd=750_000, **facts)
    carried_out(cast, decision)
    assert balance_vnd(Fund.unscoped.get(unit__code="MOI")) == 250_000
    assert balance_vnd(Fund.unscoped.get(unit=cast.elsewhere)) == 750_000


def test_restricted_money_keeps_its_purpose(cast: Cast) -> None:
    facts: dict[str, Any] = {"is_restricted": True, "purpose": "Học bổng cho trẻ mồ côi"}
    general = make_fund(cast.here, holds_vnd=100)
    make_fund(cast.here, "Quỹ mồ côi", holds_vnd=40, **facts)
    taking = make_fund(cast.elsewhere)
    carried_out(cast, drafted(cast, {"kind": "merge", "unit": cast.here, "target": cast.elsewhere}))
    kept = Fund.unscoped.get(unit=cast.elsewhere, is_restricted=True)
    assert (kept.name, kept.purpose, balance_vnd(kept)) == ("Quỹ mồ côi", "Học bổng cho trẻ mồ côi", 40)
    assert (balance_vnd(taking), balance_vnd(general)) == (100, 0)


def test_goods_issued_to_a_closed_unit_make_a_note(cast: Cast) -> None:
    goods(make_fund(cast.province), 70_000)
    connection.check_constraints()
    item = StockItem.unscoped.get()
    GoodsIssue.unscoped.create(item=item, unit=cast.here, quantity=1, issued_on=date(2025, 5, 5))
    decision = drafted(cast, {"kind": "merge", "unit": cast.here, "target": cast.elsewhere})
    with override("en"):
        plan = preview_decision(decision=decision, by=cast.administrator)
    assert plan.notes == (
        "Goods worth 70,000 đồng were issued to “Hội xã Hy Cương” and not handed out. Take them back before.",
    )
