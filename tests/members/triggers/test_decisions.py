"""The rules of decisions, broken by hand."""

from __future__ import annotations

from typing import Any

import pytest

from members.models import Decision
from tests.cast import Cast
from tests.funds.raw import commit_now, insert, refused, run

DAY = "2025-07-01"


@pytest.fixture
def decision(cast: Cast) -> int:
    return insert("members_decision", papers(cast))


def papers(cast: Cast, **facts: Any) -> dict[str, Any]:
    return {
        "unit_id": cast.province.pk,
        "number": "1/QĐ",
        "signed_on": "2025-06-01",
        "issuer": "",
        "subject": "",
        "file": "",
        "note": "",
        "effective_on": DAY,
        "state": "draft",
        "trouble": "",
        "basis": "",
        "revision": 1,
        "idempotency_key": run("SELECT gen_random_uuid()")[0][0],
        **facts,
    }


def change(decision: int, kind: str, position: int = 1, **facts: Any) -> int:
    row = {"decision_id": decision, "position": position, "kind": kind}
    empty = {"code": "", "name": "", "unit_kind": "", "fund_rule": ""}
    return insert("members_change", {**row, **empty, **facts})


def found(cast: Cast, decision: int, position: int = 1, code: str = "MOI", **facts: Any) -> int:
    said = {"code": code, "name": "Hội xã Mới", "unit_kind": "territorial"}
    place = {"tier_id": cast.here.tier_id, "parent_id": cast.province.pk}
    return change(decision, "found", position, **said, **place, **facts)


def set_state(decision: int, state: str, **facts: Any) -> None:
    said = {
        "applied": {"applied_at": DAY, "plan": "{}"},
        "undone": {"undone_at": DAY},
        "blocked": {"trouble": "Quỹ còn tiền"},
        "draft": {"trouble": ""},
    }.get(state, {})
    columns = {"state": state, **said, **facts}
    assignments = ", ".join(f"{name} = %s" for name in columns)
    run(f"UPDATE members_decision SET {assignments} WHERE id = %s", [*columns.values(), decision])


def applied(decision: int) -> int:
    set_state(decision, "applied")
    return decision


@pytest.mark.parametrize(
    ("rule", "facts"),
    [
        ("decision_has_number", {"state": "scheduled", "number": ""}),
        ("decision_has_number", {"state": "scheduled", "signed_on": None}),
        ("decision_applied_is_dated", {"state": "applied"}),
        ("decision_applied_is_dated", {"state": "draft", "applied_at": DAY}),
        ("decision_undone_is_dated", {"state": "undone", "applied_at": DAY, "plan": "{}"}),
        ("decision_undone_is_dated", {"state": "draft", "undone_at": DAY}),
        ("decision_trouble_said", {"state": "blocked"}),
        ("decision_trouble_said", {"state": "draft", "trouble": "Vì sao"}),
    ],
)
def test_a_decision_s_state_and_what_goes_with_it(cast: Cast, rule: str, facts: dict[str, Any]) -> None:
    with refused(rule):
        insert("members_decision", papers(cast, **facts))


def test_a_state_that_nobody_knows_is_none(decision: int) -> None:
    commit_now()
    run("ALTER TABLE members_decision DROP CONSTRAINT decision_applied_is_dated")
    run("ALTER TABLE members_decision DISABLE TRIGGER USER")
    with refused("decision_state_known"):
        run("UPDATE members_decision SET state = 'halfway'")


def test_a_decision_is_entered_once(cast: Cast, decision: int) -> None:
    with refused("decision_entered_once"):
        insert("members_decision", papers(cast))
    applied(decision)
    set_state(decision, "undone")
    insert("members_decision", papers(cast))


@pytest.mark.parametrize(
    ("states", "last"),
    [
        ((), "undone"),
        ((), "blocked"),
        (("applied",), "draft"),
        (("applied",), "scheduled"),
        (("applied", "undone"), "applied"),
        (("applied", "undone"), "draft"),
        (("scheduled",), "undone"),
    ],
)
def test_a_decision_goes_its_way(decision: int, states: tuple[str, ...], last: str) -> None:
    for state in states:
        set_state(decision, state)
    with refused("decision_path"):
        run("UPDATE members_decision SET state = %s WHERE id = %s", [last, decision])


@pytest.mark.parametrize("column", ["number", "issuer", "subject"])
def test_what_is_no_draft_stays_as_it_was_taken(decision: int, column: str) -> None:
    run(f"UPDATE members_decision SET {column} = 'khác' WHERE id = %s", [decision])
    set_state(decision, "scheduled")
    with refused("decision_settled"):
        run(f"UPDATE members_decision SET {column} = 'khác nữa' WHERE id = %s", [decision])
    set_state(decision, "draft")
    applied(decision)
    with refused("decision_settled"):
        run("UPDATE members_decision SET effective_on = '2025-08-01' WHERE id = %s", [decision])
    with refused("decision_settled"):
        run("UPDATE members_decision SET plan = '[]' WHERE id = %s", [decision])


def test_only_a_draft_is_thrown_away(decision: int) -> None:
    set_state(decision, "scheduled")
    with refused("decision_kept"):
        run("DELETE FROM members_decision WHERE id = %s", [decision])
    set_state(decision, "draft")
    run("DELETE FROM members_decision WHERE id = %s", [decision])
    assert not Decision.unscoped.exists()


@pytest.mark.parametrize(
    ("rule", "kind", "facts"),
    [
        ("change_kind_known", "shrink", {}),
        ("change_founds", "found", {}),
        ("change_founds", "found", {"code": "A", "name": "A", "unit_kind": "clan", "parent_id": "province"}),
        ("change_founds", "found", {"code": "A", "name": "A", "unit_kind": "clan", "tier_id": "tier"}),
        (
            "change_founds",
            "found",
            {
                "code": "A",
                "name": "A",
                "unit_kind": "clan",
                "tier_id": "tier",
                "parent_id": "province",
                "target_id": "here",
            },
        ),
        ("change_renames", "rename", {"unit_id": "here"}),
        ("change_renames", "rename", {"name": "A"}),
        ("change_renames", "rename", {"unit_id": "here", "name": "A", "tier_id": "tier"}),
        ("change_moves", "move", {"unit_id": "branch"}),
        ("change_moves", "move", {"parent_id": "elsewhere"}),
        ("change_sets_tier", "tier", {"unit_id": "here"}),
        ("change_sets_tier", "tier", {"tier_id": "tier"}),
        ("change_merges", "merge", {"unit_id": "here"}),
        ("change_merges", "merge", {"target_id": "here"}),
        ("change_merges", "merge", {"unit_id": "here", "target_id": "elsewhere", "share": "0.5"}),
        ("change_splits", "split", {"unit_id": "here", "target_id": "elsewhere", "fund_rule": "equal"}),
        ("change_splits", "split", {"unit_id": "here", "target_id": "elsewhere", "share": "0.5"}),
        ("change_splits", "split", {"unit_id": "here", "target_id": "elsewhere", "share": "0", "fund_rule": "equal"}),
        ("change_splits", "split", {"unit_id": "here", "target_id": "elsewhere", "share": "1.5", "fund_rule": "equal"}),
        ("change_splits", "split", {"unit_id": "here", "target_id": "elsewhere", "share": "0.5", "fund_rule": "luck"}),
        ("change_dissolves", "dissolve", {}),
        ("change_dissolves", "dissolve", {"unit_id": "here", "target_id": "elsewhere"}),
        (
            "change_amounts",
            "split",
            {"unit_id": "here", "target_id": "elsewhere", "share": "0.5", "fund_rule": "stated"},
        ),
        (
            "change_amounts",
            "split",
            {
                "unit_id": "here",
                "target_id": "elsewhere",
                "share": "0.5",
                "fund_rule": "stated",
                "cash_vnd": -1,
                "goods_vnd": 0,
            },
        ),
        (
            "change_amounts",
            "split",
            {
                "unit_id": "here",
                "target_id": "elsewhere",
                "share": "0.5",
                "fund_rule": "equal",
                "cash_vnd": 1,
                "goods_vnd": 0,
            },
        ),
        ("change_to_another", "merge", {"unit_id": "here", "target_id": "here"}),
        ("change_to_another", "move", {"unit_id": "here", "parent_id": "here"}),
    ],
)
def test_each_kind_of_change_has_its_facts(
    cast: Cast, decision: int, rule: str, kind: str, facts: dict[str, Any]
) -> None:
    said = {
        name: cast.here.tier_id if value == "tier" else getattr(cast, value).pk if name.endswith("_id") else value
        for name, value in facts.items()
    }
    with refused(rule):
        change(decision, kind, **said)


def test_a_change_stands_once_in_a_decision(cast: Cast, decision: int) -> None:
    change(decision, "rename", unit_id=cast.here.pk, name="A")
    found(cast, decision, 2)
    split = {"unit_id": cast.branch.pk, "target_id": cast.here.pk, "share": "0.5", "fund_rule": "equal"}
    change(decision, "split", 3, **split)
    with refused("change_once"):
        change(decision, "rename", 4, unit_id=cast.here.pk, name="B")
    with refused("change_code_once"):
        found(cast, decision, 4)
    with refused("change_share_once"):
        change(decision, "split", 4, **split)
    with refused("change_position"):
        change(decision, "dissolve", 3, unit_id=cast.elsewhere.pk)


def test_a_change_names_foundings_of_its_own_decision_alone(cast: Cast, decision: int) -> None:
    other = insert("members_decision", papers(cast, number="2/QĐ"))
    foreign = found(cast, other)
    rename = change(other, "rename", 2, unit_id=cast.branch.pk, name="A")
    with refused("change_refers_within"):
        change(decision, "merge", unit_id=cast.here.pk, target_change_id=foreign)
    with refused("change_refers_within"):
        change(decision, "move", unit_id=cast.branch.pk, parent_change_id=foreign)
    with refused("change_refers_within"):
        change(other, "merge", 3, unit_id=cast.here.pk, target_change_id=rename)
    change(other, "merge", 3, unit_id=cast.here.pk, target_change_id=foreign)


def test_only_a_draft_takes_changes(cast: Cast, decision: int) -> None:
    founding = found(cast, decision)
    set_state(decision, "scheduled")
    with refused("change_of_draft"):
        change(decision, "dissolve", 2, unit_id=cast.here.pk)
    with refused("change_of_draft"):
        run("UPDATE members_change SET name = 'Khác'")
    with refused("change_of_draft"):
        run("DELETE FROM members_change")
    run("UPDATE members_change SET unit_id = %s WHERE id = %s", [cast.here.pk, founding])


def test_what_was_done_is_written_once(cast: Cast, decision: int) -> None:
    row = {"decision_id": applied(decision), "table_name": "members_unit", "row_id": 1, "deed": "made", "after": "{}"}
    insert("members_decisioneffect", row)
    with refused("effect_once"):
        insert("members_decisioneffect", row)
    for statement in ("UPDATE members_decisioneffect SET row_id = 2", "DELETE FROM members_decisioneffect"):
        with refused("effect_kept"):
            run(statement)
