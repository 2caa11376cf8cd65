"""Decisions of the cast, quickly drafted; and what the tables hold, so that before and after can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from funds.models import Fund, Pot
from hkh.decisions.actions import add_change, apply_decision, draft_decision, preview_decision, undo_decision
from members.models import Change, ChangeKind, Decision, User
from tests.cast import Cast, bring_forward

REFORM = date(2025, 7, 1)
SIGNED = date(2025, 6, 12)

#: What follows from facts or was never told apart: ids made anew, counters of revisions, rows of nothing.
TABLES: dict[str, str] = {
    "members_unit": "id, code, kind, place_id, founded_on, dissolved_on, name, tier_id, parent_id",
    "members_unitversion": "id, unit_id, name, tier_id, parent_id, valid_from, valid_until",
    "members_unitancestor": "ancestor_id, unit_id, depth, via_id, tier_id, valid_from, valid_until, is_latest",
    "members_succession": "id, predecessor_id, successor_id, effective_on, kind, share",
    "members_membership": "id, member_id, unit_id, joined_on, left_on, leave_reason",
    "members_grant": "id, user_id, role, unit_id, valid_from, valid_until",
    "funds_donor": "id, unit_id",
    "funds_appeal": "id, unit_id, opens_on, closes_on, target_vnd",
    "funds_appealpartner": "id, appeal_id, number, name, role",
    "scholarships_round": "id, unit_id, state, closed_on",
    "scholarships_award": "id, unit_id, state",
}
NOT_EMPTY = {
    "members_membermonth": ('unit_id, month, joined, "left"', 'joined <> 0 OR "left" <> 0'),
    "funds_account": ("id, fund_id, kind, pot, balance_vnd", "balance_vnd <> 0"),
    "funds_fundmonth": ("fund_id, unit_id, month, pot, kind, in_vnd, out_vnd", "in_vnd <> 0 OR out_vnd <> 0"),
}


def picture() -> dict[str, list[tuple[Any, ...]]]:
    """Every row that a decision may touch."""
    found = {}
    with connection.cursor() as cursor:
        for table, columns in TABLES.items():
            cursor.execute(f"SELECT {columns} FROM {table}")
            found[table] = sorted(cursor.fetchall(), key=repr)
        for table, (columns, where) in NOT_EMPTY.items():
            cursor.execute(f"SELECT {columns} FROM {table} WHERE {where}")
            found[table] = sorted(cursor.fetchall(), key=repr)
        cursor.execute("SELECT id, unit_id, opened_on FROM funds_fund WHERE closed_on IS NULL")
        found["funds_fund"] = sorted(cursor.fetchall(), key=repr)
    return found


def drafted(cast: Cast, *changes: dict[str, Any], on: date = REFORM, by: User | None = None, **facts: Any) -> Decision:
    """A decision of the province with ``changes``, in their order."""
    by = by or cast.administrator
    facts = {"number": "12/QĐ-HKH", "signed_on": SIGNED, **facts}
    decision = draft_decision(unit=cast.province, effective_on=on, by=by, **facts)
    for change in changes:
        add_change(decision=decision, by=by, **change)
    return decision


def carried_out(cast: Cast, decision: Decision, by: User | None = None) -> Decision:
    by = by or cast.administrator
    return apply_decision(decision=decision, basis=preview_decision(decision=decision, by=by).basis, by=by)


def founding(cast: Cast, decision: Decision, **facts: Any) -> Change:
    facts = {"code": "MOI", "name": "Hội xã Mới", "tier": cast.here.tier, "parent": cast.province, **facts}
    return add_change(decision=decision, kind=ChangeKind.FOUND, by=cast.administrator, **facts)


def split(cast: Cast, decision: Decision, unit: Any, into: Sequence[tuple[Any, str]], **facts: Any) -> None:
    """``unit`` in parts: (a unit or a founding, its share)."""
    for target, share in into:
        goal = {"target_change": target} if isinstance(target, Change) else {"target": target}
        add_change(
            decision=decision,
            kind=ChangeKind.SPLIT,
            unit=unit,
            share=Decimal(share),
            by=cast.administrator,
            **goal,
            **facts,
        )


def codes(decision: Decision) -> list[str]:
    """The codes of what stands in the way, in their order."""
    from hkh.decisions.planning import make_plan

    return [fault.code for fault in make_plan(decision).faults]


def merger(cast: Cast, **facts: Any) -> Decision:
    """Both communes become a new one."""
    decision = drafted(cast, **facts)
    new = founding(cast, decision)
    for unit in (cast.here, cast.elsewhere):
        add_change(decision=decision, kind=ChangeKind.MERGE, unit=unit, target_change=new, by=cast.administrator)
    return decision


def undone(cast: Cast, decision: Decision) -> Decision:
    decision.refresh_from_db()
    return undo_decision(decision=decision, by=cast.administrator)


def goods(fund: Fund, amount_vnd: int) -> None:
    """Goods brought forward into ``fund``."""
    bring_forward(fund, amount_vnd, pot=Pot.GOODS)
