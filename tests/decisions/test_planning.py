"""What stands in the way of a decision, each with its sentence; nothing of it is done."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.utils.translation import override

from funds.models import Appeal, Closing, Voucher
from hkh.decisions.actions import add_change, draft_decision
from hkh.decisions.plan import Fault
from hkh.decisions.planning import make_plan
from members.models import Decision, Tier, Unit
from scholarships.actions import approve_awards
from tests.cast import Cast, make_donor, make_fund, make_unit
from tests.decisions.actions.test_rounds import a_round, propose
from tests.decisions.drafts import REFORM, SIGNED, carried_out, drafted, founding, split
from tests.members.rows import make_member

AFTER = date(2025, 9, 1)


def faults(decision: Decision) -> list[tuple[str, str]]:
    with override("en"):
        found: tuple[Fault, ...] = make_plan(decision).faults
    return [(fault.code, fault.sentence) for fault in found]


def merge(cast: Cast, unit: Unit, target: Unit, **facts: Any) -> Decision:
    return drafted(cast, {"kind": "merge", "unit": unit, "target": target}, **facts)


def test_an_empty_draft_without_papers(cast: Cast) -> None:
    decision = drafted(cast, number="", signed_on=None)
    assert faults(decision) == [
        ("no_changes", "The decision holds no change yet. Add one."),
        ("no_number", "Write the decision's number and the day on which it was signed."),
    ]


def test_a_unit_that_stands_no_more(cast: Cast) -> None:
    decision = merge(cast, cast.elsewhere, cast.here)
    carried_out(cast, merge(cast, cast.elsewhere, cast.here, number="2/QĐ", on=date(2025, 6, 1)))
    assert faults(decision) == [("unit_gone", "“Hội xã Tu Vũ” is dissolved and changes no more.")]


def test_a_unit_out_of_reach(cast: Cast) -> None:
    cast.administrator.is_superuser = True
    far = make_unit("Tỉnh hội khác", tier=cast.province.tier)
    below = make_unit("Hội xã khác", tier=cast.here.tier, parent=far)
    decision = merge(cast, below, cast.here)
    assert faults(decision) == [("out_of_reach", "“Hội xã khác” does not stand under “Tỉnh hội”, which decides.")]


def test_a_unit_does_not_close_itself(cast: Cast) -> None:
    cast.administrator.is_superuser = True
    decision = draft_decision(
        unit=cast.branch, effective_on=REFORM, by=cast.administrator, number="1", signed_on=SIGNED
    )
    add_change(decision=decision, kind="dissolve", unit=cast.branch, by=cast.administrator)
    assert faults(decision) == [("closes_itself", "“Chi hội khu 1” cannot close itself. Let the unit above decide it.")]


@pytest.mark.parametrize("kind", ["rename", "dissolve"])
def test_a_day_before_the_unit_s_last_change(cast: Cast, kind: str) -> None:
    late = make_unit("Chi hội muộn", tier=cast.branch.tier, parent=cast.here, founded_on=AFTER)
    facts = {"name": "Tên khác"} if kind == "rename" else {}
    assert faults(drafted(cast, {"kind": kind, "unit": late, **facts})) == [
        ("too_early", "“Chi hội muộn” last changed on 01/09/2025. Let the decision take effect later.")
    ]


def test_nothing_closes_on_the_day_of_its_last_change(cast: Cast) -> None:
    late = make_unit("Chi hội muộn", tier=cast.branch.tier, parent=cast.here, founded_on=REFORM)
    assert [code for code, _text in faults(drafted(cast, {"kind": "dissolve", "unit": late}))] == ["too_early"]


def test_what_is_closed_and_changed_or_closed_twice(cast: Cast) -> None:
    both = drafted(
        cast,
        {"kind": "rename", "unit": cast.here, "name": "Tên khác"},
        {"kind": "merge", "unit": cast.here, "target": cast.elsewhere},
    )
    assert faults(both) == [
        ("closed_and_changed", "“Hội xã Hy Cương” is closed and changed in one. Keep one of the two.")
    ]
    twice = drafted(
        cast,
        {"kind": "merge", "unit": cast.branch, "target": cast.here},
        {"kind": "dissolve", "unit": cast.branch},
        number="2",
    )
    assert faults(twice) == [("closed_twice", "“Chi hội khu 1” is closed more than once. Keep one of the ways.")]


def test_who_carries_on_must_stand(cast: Cast) -> None:
    decision = drafted(
        cast,
        {"kind": "merge", "unit": cast.here, "target": cast.elsewhere},
        {"kind": "merge", "unit": cast.elsewhere, "target": cast.here},
    )
    assert [code for code, _text in faults(decision)][:2] == ["closes_too", "closes_too"]
    later = make_unit("Hội xã muộn", tier=cast.here.tier, parent=cast.province, founded_on=AFTER)
    assert faults(merge(cast, cast.here, later, number="2")) == [
        ("founded_later", "“Hội xã muộn” does not exist yet on that day.")
    ]


def test_shares_make_one_and_have_one_rule(cast: Cast) -> None:
    decision = drafted(cast, {"kind": "move", "unit": cast.branch, "parent": cast.elsewhere})
    split(cast, decision, cast.here, [(cast.elsewhere, "0.4")])
    split(cast, decision, cast.here, [(founding(cast, decision), "0.5")], fund_rule="equal")
    assert faults(decision) == [
        ("shares", "The shares of “Hội xã Hy Cương” add up to 0.900000. They must make 1."),
        (
            "fund_rules",
            "The funds of “Hội xã Hy Cương” are handed over in two ways. Choose one for all its shares.",
        ),
    ]


def test_what_stands_below_a_split_or_dissolved_unit_must_be_told_where_to_go(cast: Cast) -> None:
    for number in range(6):
        make_unit(f"Chi hội số {number}", tier=cast.branch.tier, parent=cast.here)
    assert faults(drafted(cast, {"kind": "dissolve", "unit": cast.here})) == [
        (
            "stranded",
            "Say where each unit under “Hội xã Hy Cương” goes: Chi hội khu 1, Chi hội số 0, Chi hội số 1, "
            "Chi hội số 2, Chi hội số 3 and 2 more.",
        )
    ]


def test_tiers_and_circles(cast: Cast) -> None:
    assert faults(drafted(cast, {"kind": "move", "unit": cast.branch, "parent": cast.province})) == [
        ("tier_under_tier", "“Chi hội khu 1” (Chi hội) may not stand under “Tỉnh hội” (Tỉnh).")
    ]
    cast.here.tier.may_stand_under.add(cast.here.tier)
    inner = make_unit("Hội trong xã", tier=cast.here.tier, parent=cast.here)
    circle = drafted(cast, {"kind": "move", "unit": cast.here, "parent": inner}, number="2")
    assert faults(circle) == [("circle", "“Hội xã Hy Cương” would stand below itself.")]
    below = make_unit("Tổ", tier=cast.branch.tier, parent=cast.elsewhere)
    retiered = drafted(cast, {"kind": "tier", "unit": cast.here, "tier": below.tier}, number="3")
    assert [code for code, _text in faults(retiered)] == [
        "tier_under_tier",
        "tier_under_tier",
        "tier_under_tier",
    ]


def test_a_retired_tier(cast: Cast) -> None:
    names = {"name_vi": "Phân hội", "name_en": "Sub-branch", "name_id": "Subranting"}
    tier = Tier.objects.create(code="SUB", rank=3, retired_on=date(2025, 1, 1), **names)
    tier.may_stand_under.add(cast.here.tier)
    decision = drafted(cast)
    founding(cast, decision, tier=tier, parent=cast.here)
    assert faults(decision) == [("tier_retired", "The tier “Sub-branch” is retired. Choose another one.")]


def test_a_code_that_is_taken(cast: Cast) -> None:
    decision = drafted(cast)
    founding(cast, decision, code=cast.branch.code)
    assert faults(decision) == [
        (
            "code_taken",
            f"Another unit already has the code {cast.branch.code}. Choose another for “Hội xã Mới”.",
        )
    ]


def test_what_stood_below_a_closed_unit_later_on(cast: Cast) -> None:
    from members.actions import move_unit

    move_unit(unit=cast.branch, parent=cast.elsewhere, on=AFTER, by=cast.administrator)
    assert faults(merge(cast, cast.here, cast.elsewhere)) == [
        (
            "changed_later",
            "“Chi hội khu 1” stood under “Hội xã Hy Cương” until 01/09/2025. "
            "Let the decision take effect on that day or later.",
        )
    ]


def test_members_of_a_closed_unit(cast: Cast) -> None:
    other = make_unit("Chi hội khu 2", tier=cast.branch.tier, parent=cast.here)
    make_member(cast.branch, joined_on=AFTER)
    assert faults(merge(cast, cast.branch, other)) == [
        (
            "joined_later",
            "1 members joined “Chi hội khu 1” on or after that day, the last on 01/09/2025. Transfer them first.",
        )
    ]
    make_member(cast.branch)
    assert [code for code, _t in faults(merge(cast, cast.branch, cast.here, number="2", on=date(2026, 1, 1)))] == [
        "heir_holds_none"
    ]
    dissolved = drafted(cast, {"kind": "dissolve", "unit": cast.branch}, number="3", on=date(2026, 1, 1))
    assert [code for code, _t in faults(dissolved)] == ["members_left"]
    retiered = drafted(cast, {"kind": "tier", "unit": cast.branch, "tier": cast.here.tier}, number="4")
    assert "tier_holds_none" in [code for code, _t in faults(retiered)]


def test_money_of_a_closed_unit(cast: Cast) -> None:
    fund = make_fund(cast.here, holds_vnd=1_000)
    make_fund(cast.elsewhere)
    closing = {"kind": "dissolve", "unit": cast.here}
    moving = {"kind": "move", "unit": cast.branch, "parent": cast.elsewhere}
    assert faults(drafted(cast, moving, closing)) == [
        (
            "money_left",
            "“Quỹ khuyến học” of “Hội xã Hy Cương” still holds 1,000 đồng. Pass it on, or merge the unit into another.",
        )
    ]
    type(cast.here.tier).objects.filter(pk=cast.here.tier_id).update(holds_funds=False)
    assert [code for code, _t in faults(merge(cast, cast.here, cast.elsewhere, number="2"))] == ["heir_holds_no_funds"]
    type(cast.here.tier).objects.filter(pk=cast.here.tier_id).update(holds_funds=True)
    make_fund(cast.here, "Quỹ mới", opened_on=AFTER)
    assert [code for code, _t in faults(merge(cast, cast.here, cast.elsewhere, number="3"))] == ["booked_later"]
    assert fund.closed_on is None


def test_stated_amounts_for_several_funds(cast: Cast) -> None:
    make_fund(cast.here, holds_vnd=1)
    make_fund(cast.here, "Quỹ thứ hai", holds_vnd=1)
    decision = drafted(cast, {"kind": "move", "unit": cast.branch, "parent": cast.elsewhere})
    split(cast, decision, cast.here, [(cast.elsewhere, "1")], fund_rule="stated", cash_vnd=2)
    assert [code for code, _t in faults(decision)] == ["stated_many"]


def test_what_is_promised_is_not_handed_over(cast: Cast) -> None:
    round_ = a_round(cast.here, make_fund(cast.here, holds_vnd=1_000_000))
    award = propose(round_, cast.here)
    decision = merge(cast, cast.here, cast.elsewhere)
    assert faults(decision) == [
        (
            "proposals_wait",
            "In the round “Đợt 1” of “Hội xã Hy Cương” 1 proposals wait. Approve or cancel them.",
        )
    ]
    approve_awards(round_=round_, awards=[award], on=date(2025, 5, 5), by=cast.chair)
    assert faults(decision) == [
        (
            "committed",
            "“Quỹ khuyến học” of “Hội xã Hy Cương” has 200,000 đồng set aside for awards not handed out. "
            "Hand them out or cancel them.",
        )
    ]


def test_awards_of_others_for_a_closed_unit(cast: Cast) -> None:
    round_ = a_round(cast.province, make_fund(cast.province, holds_vnd=1_000_000))
    cast.chair.is_superuser = True
    award, _waiting = propose(round_, cast.here), propose(round_, cast.here)
    approve_awards(round_=round_, awards=[award], on=date(2025, 5, 5), by=cast.chair)
    with override("en"):
        plan = make_plan(merge(cast, cast.here, cast.elsewhere))
    assert plan.faults == ()
    assert plan.notes == (
        "1 awards for “Hội xã Hy Cương” (200,000 đồng) are approved by other units and not handed out. "
        "Hand them out before, or cancel them and propose them anew.",
    )
    assert [(row.what, row.count, row.ref) for row in plan.carried] == [("award", 1, cast.elsewhere.pk)]
    moving = {"kind": "move", "unit": cast.branch, "parent": cast.elsewhere}
    dissolved = drafted(cast, moving, {"kind": "dissolve", "unit": cast.here}, number="2")
    assert [code for code, _t in faults(dissolved)] == ["proposals_stranded"]


def test_what_was_given_or_called_for_later(cast: Cast) -> None:
    a_round(cast.here, make_fund(cast.here), opened_on=AFTER, school_year="2025-2026")
    Appeal.unscoped.create(unit=cast.here, kind="yearly", name="Tháng khuyến học", opens_on=AFTER)
    assert faults(merge(cast, cast.here, cast.elsewhere)) == [
        (
            "given_later",
            "In “Hội xã Hy Cương” 1 rounds, awards or distributions are of that day or later, the last of 01/09/2025. "
            "Let the decision take effect later.",
        ),
        (
            "appeal_later",
            "The appeal “Tháng khuyến học” of “Hội xã Hy Cương” opens on 01/09/2025, when the unit is no more. "
            "Change its dates first.",
        ),
    ]


def test_gifts_received_later(cast: Cast) -> None:
    from funds.actions import record_donation

    gift: dict[str, Any] = {"unit": cast.here, "donor": make_donor(cast.here), "form": "cash", "amount_vnd": 5_000}
    record_donation(received_on=AFTER, is_pass_through=True, by=cast.clerk, **gift)
    assert faults(merge(cast, cast.here, cast.elsewhere)) == [
        (
            "booked_later",
            "“Hội xã Hy Cương” received 1 gifts on or after that day, the last on 01/09/2025. "
            "Let the decision take effect later.",
        )
    ]


def test_vouchers_under_way(cast: Cast) -> None:
    fund = make_fund(cast.here, holds_vnd=1_000)
    facts = {"unit": cast.here, "fund": fund, "amount_vnd": 10, "prepared_by": cast.accountant}
    Voucher.unscoped.create(kind="expense", occurred_on=date(2025, 5, 5), **facts)
    assert faults(merge(cast, cast.here, cast.elsewhere)) == [
        (
            "vouchers_wait",
            "“Quỹ khuyến học” of “Hội xã Hy Cương” has 1 vouchers that wait. Approve or withdraw them.",
        )
    ]


def test_a_day_whose_books_are_closed(cast: Cast) -> None:
    make_fund(cast.here, holds_vnd=1_000)
    make_fund(cast.elsewhere)
    decision = merge(cast, cast.here, cast.elsewhere)
    Closing.unscoped.create(unit=cast.province, period="2025", ends_before=date(2026, 1, 1), closed_by=cast.accountant)
    assert faults(decision) == [
        (
            "period_closed",
            "The books of 01/07/2025 are closed (Hội xã Hy Cương, Hội xã Tu Vũ). "
            "Have the period reopened, or let the decision take effect later.",
        )
    ]
