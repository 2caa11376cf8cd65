"""Decisions carried out and undone: the tree, the people, the money and the rounds of the units concerned."""

from __future__ import annotations

from hkh.decisions.actions import obstacles_to_undo, undo_decision
from members.models import ChangeKind, Decision, DecisionState, Succession, Unit
from members.queries import check_tree
from tests.cast import Cast, balance_vnd, make_fund
from tests.decisions.drafts import REFORM, carried_out, codes, drafted, founding, picture
from tests.members.rows import make_member


def merger(cast: Cast, **facts) -> Decision:
    """Both communes become a new one."""
    decision = drafted(cast, **facts)
    new = founding(cast, decision)
    from hkh.decisions.actions import add_change

    for unit in (cast.here, cast.elsewhere):
        add_change(decision=decision, kind=ChangeKind.MERGE, unit=unit, target_change=new, by=cast.administrator)
    return decision


def test_two_units_become_one(cast: Cast) -> None:
    make_fund(cast.here, holds_vnd=1_000_001)
    make_fund(cast.elsewhere, holds_vnd=500)
    make_member(cast.branch)
    before = picture()
    decision = merger(cast)
    assert codes(decision) == []
    carried_out(cast, decision)
    new = Unit.unscoped.get(code="MOI")
    cast.branch.refresh_from_db()
    assert cast.branch.parent == new
    assert check_tree() == []
    assert Succession.objects.filter(successor=new, effective_on=REFORM, kind="whole").count() == 2
    assert [balance_vnd(fund) for fund in new.funds(manager="unscoped").all()] == [1_000_501]
    decision.refresh_from_db()
    assert decision.state == DecisionState.APPLIED
    assert obstacles_to_undo(decision=decision, by=cast.administrator) == []
    undo_decision(decision=decision, by=cast.administrator)
    assert picture() == before
    assert check_tree() == []
