"""Decisions carried out: what becomes of the tree, who may, and on what it rests."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from hkh.decisions.actions import (
    apply_decision,
    obstacles_to_undo,
    plan_of,
    preview_decision,
    undo_decision,
)
from members.models import (
    ChangeKind,
    Grant,
    Succession,
    Unit,
)
from members.queries import check_tree
from tests.cast import LONG_AGO, Cast, make_fund
from tests.decisions.drafts import REFORM, carried_out, drafted, founding, goods, merger, picture, undone
from tests.members.rows import make_member, versions


def test_two_units_become_one(cast: Cast) -> None:
    make_member(cast.branch)
    before = picture()
    decision = carried_out(cast, merger(cast))
    new = Unit.unscoped.get(code="MOI")
    assert versions(cast.branch) == [
        ("Chi hội khu 1", "Hội xã Hy Cương", LONG_AGO, REFORM),
        ("Chi hội khu 1", "Hội xã Mới", REFORM, None),
    ]
    assert (new.parent, new.founded_on, new.tier, new.kind) == (cast.province, REFORM, cast.here.tier, "territorial")
    assert set(Unit.unscoped.filter(dissolved_on=REFORM)) == {cast.here, cast.elsewhere}
    links = list(Succession.objects.order_by("predecessor_id"))
    assert [(link.predecessor, link.successor, link.kind, link.share, link.effective_on) for link in links] == [
        (cast.here, new, "whole", Decimal(1), REFORM),
        (cast.elsewhere, new, "whole", Decimal(1), REFORM),
    ]
    assert links[0].legal_basis == "12/QĐ-HKH (12/06/2025)"
    assert check_tree() == []
    plan = plan_of(decision)
    assert (len(plan.opened), len(plan.closed), len(plan.moved), plan.members_moving) == (1, 2, 1, 1)

    undone(cast, decision)

    assert picture() == before
    assert check_tree() == []
    assert decision.changes.get(kind="found").unit is None


def test_a_new_name_place_and_tier_of_one_unit_are_one_version(cast: Cast) -> None:
    cast.branch.tier.may_stand_under.add(cast.province.tier)
    cast.here.tier.may_stand_under.add(cast.here.tier)
    before = picture()
    decision = drafted(
        cast,
        {"kind": ChangeKind.RENAME, "unit": cast.branch, "name": "Hội khu 1"},
        {"kind": ChangeKind.MOVE, "unit": cast.branch, "parent": cast.province},
        {"kind": ChangeKind.TIER, "unit": cast.branch, "tier": cast.here.tier},
    )
    carried_out(cast, decision)
    cast.branch.refresh_from_db()
    assert (cast.branch.name, cast.branch.parent, cast.branch.tier) == ("Hội khu 1", cast.province, cast.here.tier)
    assert [row[2:] for row in versions(cast.branch)] == [(LONG_AGO, REFORM), (REFORM, None)]
    undone(cast, decision)
    assert picture() == before


def test_a_second_decision_of_one_day_is_written_into_the_same_version(cast: Cast) -> None:
    carried_out(cast, drafted(cast, {"kind": ChangeKind.RENAME, "unit": cast.branch, "name": "Hội khu 1"}))
    before = picture()
    second = drafted(cast, {"kind": ChangeKind.MOVE, "unit": cast.branch, "parent": cast.elsewhere}, number="13/QĐ-HKH")
    carried_out(cast, second)
    assert versions(cast.branch)[1:] == [("Hội khu 1", "Hội xã Tu Vũ", REFORM, None)]
    undone(cast, second)
    assert picture() == before


def test_a_unit_is_merged_into_one_that_stands(cast: Cast) -> None:
    before = picture()
    decision = carried_out(cast, drafted(cast, {"kind": "merge", "unit": cast.here, "target": cast.elsewhere}))
    cast.branch.refresh_from_db()
    assert cast.branch.parent == cast.elsewhere
    undone(cast, decision)
    assert picture() == before


def test_a_unit_without_anything_is_dissolved(cast: Cast) -> None:
    decision = carried_out(cast, drafted(cast, {"kind": "dissolve", "unit": cast.branch}))
    cast.branch.refresh_from_db()
    assert cast.branch.dissolved_on == REFORM
    assert not Succession.objects.exists()
    undone(cast, decision)
    cast.branch.refresh_from_db()
    assert cast.branch.dissolved_on is None


def test_new_units_stand_under_new_units(cast: Cast) -> None:
    cast.branch.tier.may_stand_under.add(cast.branch.tier)
    decision = drafted(cast)
    commune = founding(cast, decision)
    branch = founding(
        cast, decision, code="MOI-1", name="Chi hội mới", tier=cast.branch.tier, parent=None, parent_change=commune
    )
    founding(cast, decision, code="MOI-2", name="Tổ", tier=cast.branch.tier, parent=None, parent_change=branch)
    carried_out(cast, decision)
    assert Unit.unscoped.get(code="MOI-2").parent == Unit.unscoped.get(code="MOI-1")
    assert Unit.unscoped.get(code="MOI-1").parent == Unit.unscoped.get(code="MOI")
    undone(cast, decision)
    assert not Unit.unscoped.filter(code__startswith="MOI").exists()


def test_who_may_reorganise(cast: Cast) -> None:
    decision = merger(cast)
    basis = preview_decision(decision=decision, by=cast.administrator).basis
    for user, refusal in ((cast.chair, Http404), (cast.outsider, Http404)):
        for verb in (
            lambda: preview_decision(decision=decision, by=user),  # noqa: B023
            lambda: apply_decision(decision=decision, basis=basis, by=user),  # noqa: B023
            lambda: obstacles_to_undo(decision=decision, by=user),  # noqa: B023
            lambda: undo_decision(decision=decision, by=user),  # noqa: B023
        ):
            with pytest.raises(refusal):
                verb()
    Grant.objects.create(user=cast.viewer, role="viewer", unit=cast.province, valid_from=LONG_AGO)
    with pytest.raises(PermissionDenied):
        apply_decision(decision=decision, basis=basis, by=cast.viewer)


def test_what_was_looked_at_is_what_is_done(cast: Cast) -> None:
    fund = make_fund(cast.here, holds_vnd=1_000)
    decision = merger(cast)
    basis = preview_decision(decision=decision, by=cast.administrator).basis
    goods(fund, 5)
    before = picture()
    with pytest.raises(ValidationError) as refusal:
        apply_decision(decision=decision, basis=basis, by=cast.administrator)
    assert [error.code for error in refusal.value.error_list] == ["decision_basis_changed"]
    assert picture() == before
    carried_out(cast, decision)


def test_it_is_done_once(cast: Cast) -> None:
    decision = merger(cast)
    basis = preview_decision(decision=decision, by=cast.administrator).basis
    apply_decision(decision=decision, basis=basis, by=cast.administrator)
    with pytest.raises(ValidationError) as refusal:
        apply_decision(decision=decision, basis=basis, by=cast.administrator)
    assert refusal.value.code == "decision_applied_already"


def test_what_stands_in_the_way_is_said_all_at_once(cast: Cast) -> None:
    decision = drafted(cast, {"kind": "dissolve", "unit": cast.here}, {"kind": "dissolve", "unit": cast.branch})
    make_member(cast.branch)
    make_fund(cast.here, holds_vnd=10)
    before = picture()
    with pytest.raises(ValidationError) as refusal:
        carried_out(cast, decision)
    assert [error.code for error in refusal.value.error_list] == ["members_left", "money_left"]
    assert picture() == before


def test_the_plan_that_was_carried_out_is_kept(cast: Cast) -> None:
    make_fund(cast.here, holds_vnd=1_000)
    make_member(cast.branch)
    decision = merger(cast)
    looked_at = preview_decision(decision=decision, by=cast.administrator)
    decision = carried_out(cast, decision)
    decision.refresh_from_db()
    assert plan_of(decision) == looked_at
    assert (decision.basis, decision.applied_by) == (looked_at.basis, cast.administrator)
