"""What a decision does to rounds, appeals, proposals and donors."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils import translation

from funds.models import Appeal, AppealPartner, Fund
from hkh.decisions.undoing import obstacles
from members.models import (
    Unit,
)
from scholarships.models import Award, Programme, Round
from tests.cast import LONG_AGO, Cast, balance_vnd, make_donor, make_fund, make_unit
from tests.decisions.drafts import REFORM, carried_out, drafted, picture, split, undone


def a_round(unit: Unit, fund: Fund, **facts: Any) -> Round:
    programme, _made = Programme.objects.get_or_create(code="tiep-suc", defaults={"name": "Tiếp sức"})
    facts = {"name": "Đợt 1", "school_year": "2024-2025", "opened_on": date(2025, 1, 6), **facts}
    return Round.unscoped.create(unit=unit, fund=fund, programme=programme, **facts)


def propose(round_: Round, unit: Unit) -> Award:
    facts = {"kind": "gift", "beneficiary_group": "poor_pupil", "count": 2, "unit_value_vnd": 100_000}
    return Award.unscoped.create(round=round_, unit=unit, **facts)


def test_what_is_open_ends_or_goes_along(cast: Cast) -> None:
    own, top = a_round(cast.here, make_fund(cast.here)), a_round(cast.province, make_fund(cast.province))
    proposal = propose(top, cast.here)
    donor = make_donor(cast.here)
    facts = {"kind": "yearly", "name": "Tháng khuyến học", "purpose": "Học bổng", "area": "xã"}
    appeal = Appeal.unscoped.create(unit=cast.here, opens_on=date(2025, 6, 1), target_vnd=5_000, **facts)
    over = Appeal.unscoped.create(unit=cast.here, opens_on=LONG_AGO, closes_on=date(2025, 6, 1), **facts)
    before = picture()
    decision = carried_out(cast, drafted(cast, {"kind": "merge", "unit": cast.here, "target": cast.elsewhere}))
    for row in (own, top, proposal, donor, appeal, over):
        row.refresh_from_db()
    assert (own.state, own.closed_on) == ("closed", REFORM - timedelta(days=1))
    assert (top.state, proposal.unit, donor.unit) == ("open", cast.elsewhere, cast.elsewhere)
    assert (appeal.closes_on, over.closes_on) == (REFORM, date(2025, 6, 1))
    following = Appeal.unscoped.get(unit=cast.elsewhere)
    assert (following.name, following.opens_on, following.closes_on, following.target_vnd, following.area) == (
        "Tháng khuyến học",
        REFORM,
        None,
        5_000,
        "xã",
    )
    undone(cast, decision)
    assert picture() == before


def test_donors_of_a_split_unit_go_to_the_unit_above(cast: Cast) -> None:
    donor = make_donor(cast.here)
    one, two = (make_unit(f"Hội xã {n}", tier=cast.here.tier, parent=cast.province) for n in (1, 2))
    decision = drafted(cast, {"kind": "move", "unit": cast.branch, "parent": one})
    split(cast, decision, cast.here, [(one, "0.5"), (two, "0.5")])
    carried_out(cast, decision)
    donor.refresh_from_db()
    assert donor.unit == cast.province


def test_an_appeal_goes_on_without_the_fund_of_its_own_which_keeps_its_purpose(cast: Cast) -> None:
    kept = make_fund(cast.here, "Quỹ vì em", is_restricted=True, purpose="Tết vì em", holds_vnd=900)
    facts = {"kind": "yearly", "name": "Tết vì em", "opens_on": date(2025, 1, 6)}
    appeal = Appeal.unscoped.create(unit=cast.here, fund=kept, **facts)
    AppealPartner.unscoped.create(appeal=appeal, number=1, name="Tỉnh đoàn")
    before = picture()
    decision = carried_out(cast, drafted(cast, {"kind": "merge", "unit": cast.here, "target": cast.elsewhere}))
    appeal.refresh_from_db()
    following = Appeal.unscoped.get(unit=cast.elsewhere)
    heir = Fund.unscoped.get(unit=cast.elsewhere)
    assert (appeal.fund, following.fund) == (kept, None)
    assert (heir.is_restricted, heir.purpose, balance_vnd(heir)) == (True, "Tết vì em", 900)
    undone(cast, decision)
    assert picture() == before


def partners_of(appeal: Appeal) -> list[tuple[int, str, str]]:
    return list(AppealPartner.unscoped.filter(appeal=appeal).values_list("number", "name", "role"))


def two_appeals(cast: Cast) -> tuple[Appeal, Appeal]:
    """Two of the commune that go on: one with two partners, one alone."""
    names = ("Tết vì em", "Tháng khuyến học")
    both = [
        Appeal.unscoped.create(unit=cast.here, kind="yearly", name=name, opens_on=date(2025, 1, 6)) for name in names
    ]
    for number, name, role in ((2, "Báo Phú Thọ", ""), (1, "Tỉnh đoàn", "Vận chuyển")):
        AppealPartner.unscoped.create(appeal=both[0], number=number, name=name, role=role)
    return both[0], both[1]


def test_the_partners_of_an_appeal_go_along_and_stay_with_the_one_that_ended(cast: Cast) -> None:
    carried, alone = two_appeals(cast)
    before = picture()
    decision = carried_out(cast, drafted(cast, {"kind": "merge", "unit": cast.here, "target": cast.elsewhere}))
    along = [(1, "Tỉnh đoàn", "Vận chuyển"), (2, "Báo Phú Thọ", "")]
    following = Appeal.unscoped.filter(unit=cast.elsewhere)
    assert partners_of(following.get(name=carried.name)) == along
    assert partners_of(following.get(name=alone.name)) == []
    assert partners_of(carried) == along
    undone(cast, decision)
    assert picture() == before


def test_partners_named_anew_since_stand_in_the_way_of_an_undoing(cast: Cast) -> None:
    two_appeals(cast)
    decision = carried_out(cast, drafted(cast, {"kind": "merge", "unit": cast.here, "target": cast.elsewhere}))
    following = Appeal.unscoped.get(unit=cast.elsewhere, name="Tết vì em")
    AppealPartner.unscoped.filter(appeal=following, number=2).delete()
    with translation.override("en"):
        assert obstacles(decision) == ["Changed since then: partners of an appeal (1)."]
    AppealPartner.unscoped.create(appeal=following, number=3, name="Hội Chữ thập đỏ")
    with translation.override("en"):
        assert "“Tết vì em” has since: partner of an appeal (1)." in obstacles(decision)
