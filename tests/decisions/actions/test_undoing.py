"""Undoing: what stands in the way, and what comes after."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import override

from funds.models import GoodsIssue, StockItem
from hkh.decisions.actions import (
    add_change,
    apply_decision,
    obstacles_to_undo,
    preview_decision,
    redraft_decision,
    undo_decision,
)
from members.models import (
    Decision,
    DecisionState,
    Unit,
)
from members.queries import check_tree
from tests.cast import Cast, make_donor, make_expense, make_fund, make_unit
from tests.decisions.drafts import REFORM, carried_out, drafted, goods, merger, undone


def refused(cast: Cast, decision: Decision) -> list[str]:
    """In English, what keeps the decision from being undone."""
    decision.refresh_from_db()
    with override("en"):
        sentences = obstacles_to_undo(decision=decision, by=cast.administrator)
        with pytest.raises(ValidationError) as refusal:
            undo_decision(decision=decision, by=cast.administrator)
    assert refusal.value.messages == sentences
    return sentences


def test_what_was_built_on_it_stands_in_the_way(cast: Cast) -> None:
    make_fund(cast.here, holds_vnd=1_000)
    decision = carried_out(cast, merger(cast))
    new = Unit.unscoped.get(code="MOI")
    make_donor(new)
    make_unit("Chi hội mới", tier=cast.branch.tier, parent=new, founded_on=date(2025, 8, 1))
    from tests.cast import make_user

    make_user("later", role="clerk", unit=new)
    assert refused(cast, decision) == [
        "“Hội xã Mới” has since: unit version (1).",
        "“Hội xã Mới” has since: grant (1).",
        "“Hội xã Mới” has since: donor (1).",
    ]


def test_money_that_went_on_stands_in_the_way(cast: Cast) -> None:
    make_fund(cast.here, holds_vnd=1_000)
    taking = make_fund(cast.elsewhere, holds_vnd=10)
    decision = carried_out(cast, drafted(cast, {"kind": "merge", "unit": cast.here, "target": cast.elsewhere}))
    make_expense(taking, 500, REFORM)
    assert refused(cast, decision) == ["“Quỹ khuyến học” took up 1,000 đồng and holds only 510 đồng."]


def test_what_changed_since_stands_in_the_way(cast: Cast) -> None:
    from members.actions import move_unit

    decision = carried_out(cast, drafted(cast, {"kind": "merge", "unit": cast.here, "target": cast.elsewhere}))
    cast.branch.refresh_from_db()
    other = make_unit("Hội xã Khác", tier=cast.here.tier, parent=cast.province)
    move_unit(unit=cast.branch, parent=other, on=date(2026, 1, 1), by=cast.administrator)
    assert refused(cast, decision) == ["Changed since then: unit versions (1)."]


def test_a_later_decision_is_undone_first(cast: Cast) -> None:
    first = carried_out(cast, drafted(cast, {"kind": "merge", "unit": cast.here, "target": cast.elsewhere}))
    other = make_unit("Hội xã Khác", tier=cast.here.tier, parent=cast.province)
    second = drafted(
        cast, {"kind": "merge", "unit": cast.elsewhere, "target": other}, on=date(2026, 1, 1), number="13/QĐ-HKH"
    )
    carried_out(cast, second)
    assert refused(cast, first) == ["Changed since then: unit versions (1)."]
    undone(cast, second)
    undone(cast, first)
    assert check_tree() == []


def test_only_what_was_carried_out_is_undone_and_only_what_was_undone_is_drafted_anew(cast: Cast) -> None:
    decision = merger(cast)
    with pytest.raises(ValidationError) as refusal:
        undo_decision(decision=decision, by=cast.administrator)
    assert refusal.value.code == "decision_not_applied"
    carried_out(cast, decision)
    with pytest.raises(ValidationError):
        redraft_decision(decision=decision, by=cast.administrator)
    undone(cast, decision)
    again = redraft_decision(decision=decision, by=cast.administrator)
    assert (again.state, again.number, again.changes.count()) == (DecisionState.DRAFT, "12/QĐ-HKH", 3)
    carried_out(cast, again)
    assert Unit.unscoped.get(code="MOI").dissolved_on is None


@pytest.mark.parametrize("count", [1, 3])
def test_the_queries_do_not_grow(cast: Cast, count: int, django_assert_num_queries: Any) -> None:
    taking = make_unit("Hội xã Nhận", tier=cast.here.tier, parent=cast.province)
    decision = drafted(cast)
    for number in range(count):
        unit = make_unit(f"Hội xã {number}", tier=cast.here.tier, parent=cast.province)
        make_unit(f"Chi hội {number}", tier=cast.branch.tier, parent=unit)
        make_fund(unit, holds_vnd=100)
        make_donor(unit)
        add_change(decision=decision, kind="merge", unit=unit, target=taking, by=cast.administrator)
    with django_assert_num_queries(20):
        plan = preview_decision(decision=decision, by=cast.administrator)
    with django_assert_num_queries(76):
        done = apply_decision(decision=decision, basis=plan.basis, by=cast.administrator)
    with django_assert_num_queries(40):
        assert obstacles_to_undo(decision=done, by=cast.administrator) == []
    with django_assert_num_queries(94):
        undo_decision(decision=done, by=cast.administrator)


def test_goods_issued_since_stand_in_the_way(cast: Cast) -> None:
    goods(make_fund(cast.here), 70_000)
    decision = carried_out(cast, merger(cast))
    connection.check_constraints()
    item = StockItem.unscoped.get(fund__unit__code="MOI")
    GoodsIssue.unscoped.create(item=item, unit=cast.branch, quantity=1, issued_on=REFORM)
    assert refused(cast, decision) == ["In the books of “Quỹ xã Mới” stand 1 entries made since."]
