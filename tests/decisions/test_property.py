"""Whatever is decided in whatever order: one tree, nobody and no đồng lost, and undoing restores everything."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from funds import rollups
from hkh.decisions.actions import add_change, apply_decision, draft_decision, obstacles_to_undo, preview_decision
from hkh.decisions.actions import undo_decision as undo
from members.models import ChangeKind, Decision, FundRule, Tier, Unit, User
from tests.cast import make_unit
from tests.decisions.drafts import codes, picture
from tests.funds.raw import run
from tests.members.rows import make_member
from tests.members.test_tree_property import check_everything

FIRST = date(2020, 1, 1)

#: One change: its kind, three units by number, and a number to shape it.
changes = st.tuples(
    st.sampled_from(["found", "rename", "move", "move", "merge", "merge", "merge_new", "split", "dissolve"]),
    st.integers(0, 6),
    st.integers(0, 6),
    st.integers(0, 6),
    st.integers(1, 9),
)
#: Decisions: the days since the last one, whether it is undone at once, its changes.
decisions = st.lists(
    st.tuples(st.integers(0, 90), st.booleans(), st.lists(changes, min_size=1, max_size=4)), min_size=1, max_size=4
)


@pytest.fixture
def tiers(db) -> tuple[Tier, Tier]:
    names = {"name_vi": "A", "name_en": "A", "name_id": "A"}
    top = Tier.objects.create(code="TOP", rank=1, **names)
    loose = Tier.objects.create(code="LOOSE", rank=2, holds_members=True, **names)
    loose.may_stand_under.set([top, loose])
    return top, loose


def test_whatever_is_decided(tiers: tuple[Tier, Tier]) -> None:
    seen: list[str] = []
    run_plans(tiers, User.objects.create(username="keeper", is_superuser=True), seen)
    assert {"applied", "undone", "refused"} <= set(seen)


@settings(max_examples=14, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate])
@given(planned=decisions)
def run_plans(tiers: tuple[Tier, Tier], by: User, seen: list[str], planned: list[Any]) -> None:
    with transaction.atomic():
        root = a_tree(tiers)
        day = FIRST + timedelta(days=30)
        for number, (days, is_undone, wanted) in enumerate(planned):
            day += timedelta(days=days)
            decision = draft(root, day, number, tiers, by, wanted)
            before, sums = picture(), totals()
            basis = preview_decision(decision=decision, by=by).basis
            if codes(decision):
                with pytest.raises(ValidationError):
                    apply_decision(decision=decision, basis=basis, by=by)
                assert picture() == before
                seen.append("refused")
                continue
            apply_decision(decision=decision, basis=basis, by=by)
            check_everything()
            assert totals() == sums
            assert rollups.check() == []
            seen.append("applied")
            if is_undone:
                decision.refresh_from_db()
                assert obstacles_to_undo(decision=decision, by=by) == []
                undo(decision=decision, by=by)
                check_everything()
                assert picture() == before
                assert rollups.check() == []
                seen.append("undone")
        transaction.set_rollback(True)


def a_tree(tiers: tuple[Tier, Tier]) -> Unit:
    """A top and four units, two of them below others, each with members and money."""
    from tests.cast import make_fund

    top, loose = tiers
    root = make_unit("Gốc", tier=top, founded_on=FIRST)
    a = make_unit("A", tier=loose, parent=root, founded_on=FIRST, code="A")
    b = make_unit("B", tier=loose, parent=root, founded_on=FIRST, code="B")
    c = make_unit("C", tier=loose, parent=a, founded_on=FIRST, code="C")
    make_unit("D", tier=loose, parent=c, founded_on=FIRST, code="D")
    for number, unit in enumerate((a, b, c)):
        make_fund(unit, holds_vnd=1_000_001 + number, opened_on=FIRST)
        make_member(unit, joined_on=FIRST)
    return root


def draft(root: Unit, day: date, number: int, tiers: tuple[Tier, Tier], by: User, wanted: list[Any]) -> Decision:
    decision = draft_decision(
        unit=root, effective_on=day, by=by, number=f"{number}/QĐ", signed_on=day, subject="Sắp xếp"
    )
    units = list(Unit.unscoped.exclude(pk=root.pk).order_by("pk"))
    for kind, *picked, shape in wanted:
        one, other, third = (units[n % len(units)] for n in picked)
        try:
            with transaction.atomic():
                _add(decision, kind, one, other, third, shape, tiers[1], by)
        except ValidationError:
            continue  # the database refuses it already in the draft, such as a unit into itself
    return decision


def _add(decision: Decision, kind: str, one: Unit, other: Unit, third: Unit, shape: int, tier: Tier, by: User) -> None:
    def add(kind: ChangeKind, **facts: Any) -> Any:
        return add_change(decision=decision, kind=kind, by=by, **facts)

    code = f"N{decision.pk}-{decision.changes.count()}"
    match kind:
        case "found":
            add(ChangeKind.FOUND, code=code, name=f"Hội {code}", tier=tier, parent=other)
        case "rename":
            add(ChangeKind.RENAME, unit=one, name=f"Tên {code}")
        case "move":
            add(ChangeKind.MOVE, unit=one, parent=other)
        case "merge":
            add(ChangeKind.MERGE, unit=one, target=other)
        case "merge_new":
            new = add(ChangeKind.FOUND, code=code, name=f"Hội {code}", tier=tier, parent=decision.unit)
            add(ChangeKind.MERGE, unit=one, target_change=new)
        case "split":
            rule = list(FundRule)[shape % 3]
            new = add(ChangeKind.FOUND, code=code, name=f"Hội {code}", tier=tier, parent=decision.unit)
            add(ChangeKind.SPLIT, unit=one, target=other, share=shape / 10, fund_rule=rule)
            add(ChangeKind.SPLIT, unit=one, target_change=new, share=1 - shape / 10, fund_rule=rule)
            for child in Unit.unscoped.filter(parent=one).exclude(pk=other.pk):
                add(ChangeKind.MOVE, unit=child, parent=other)
        case "dissolve":
            add(ChangeKind.DISSOLVE, unit=third)


def totals() -> list[tuple[Any, ...]]:
    """Members and money of the whole."""
    return run(
        "SELECT (SELECT count(DISTINCT member_id) FROM members_membership WHERE left_on IS NULL),"
        " (SELECT sum(balance_vnd) FROM funds_account)"
    )
