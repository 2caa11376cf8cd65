"""Figures through the tree as it was, and through that of one day."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from funds.actions import record_donation, void_donation
from funds.models import DonationForm, DonorKind
from hkh.core.dates import Period
from hkh.indicators.figures import FundFlows
from hkh.indicators.lens import Lens
from hkh.indicators.named import named_figures
from hkh.indicators.queries import picture
from members.models import Member, Membership, Succession, Unit, UnitVersion
from tests import cast

pytestmark = pytest.mark.django_db

H1 = Period.parse("2024-H1")
H2 = Period.parse("2024-H2")
YEAR = Period.parse("2024")


@pytest.fixture
def them() -> cast.Cast:
    return cast.a_province()


def give(unit: Unit, amount_vnd: int, on: date, by, *, kind=DonorKind.ENTERPRISE, form=DonationForm.CASH, fund=None):
    fund = fund or unit.funds.first() or cast.make_fund(unit, f"Quỹ {unit.name}")
    donor = cast.make_donor(unit, f"Nhà tài trợ {kind}", kind=kind)
    goods = "10 thùng vở, đơn vị tự định giá" if form == DonationForm.IN_KIND else ""
    return record_donation(
        unit=unit,
        fund=fund,
        donor=donor,
        amount_vnd=amount_vnd,
        received_on=on,
        form=form,
        goods=goods,
        by=by,
    )


def move(unit: Unit, parent: Unit, on: date) -> None:
    """``unit`` under ``parent`` from ``on``."""
    with transaction.atomic():
        UnitVersion.objects.filter(unit=unit, valid_until=None).update(valid_until=on)
        UnitVersion.objects.create(unit=unit, name=unit.name, tier=unit.tier, parent=parent, valid_from=on)


def dissolve(unit: Unit, on: date) -> None:
    with transaction.atomic():
        UnitVersion.objects.filter(unit=unit, valid_until=None).update(valid_until=on)
        Unit.unscoped.filter(pk=unit.pk).update(dissolved_on=on)


def admit(unit: Unit, count: int, on: date) -> None:
    members = Member.unscoped.bulk_create([Member(full_name=f"Nguyễn Văn {n}") for n in range(count)])
    Membership.unscoped.bulk_create([Membership(member=member, unit=unit, joined_on=on) for member in members])


def test_mobilised_is_what_came_from_outside_once(them: cast.Cast) -> None:
    give(them.here, 500_000, date(2024, 2, 3), them.clerk)
    give(them.here, 300_000, date(2024, 6, 30), them.clerk, kind=DonorKind.PERSON, form=DonationForm.IN_KIND)
    give(them.elsewhere, 700_000, date(2024, 7, 1), them.outsider)

    now = picture(Lens(them.province, H1)).now

    assert now.mobilised_vnd == 800_000
    assert now.donations == 2
    assert now.mobilised_by_form == {"cash": 500_000, "in_kind": 300_000}
    assert now.mobilised_by_donor_kind == {"enterprise": 500_000, "person": 300_000}


def test_void_counts_in_the_month_of_the_void(them: cast.Cast) -> None:
    donation = give(them.here, 500_000, date(2024, 6, 3), them.clerk)
    void_donation(donation=donation, reason="Nhập nhầm", on=date(2024, 7, 2), by=them.accountant)

    assert picture(Lens(them.here, H1)).now.mobilised_vnd == 500_000
    assert picture(Lens(them.here, H2)).now.mobilised_vnd == -500_000
    assert picture(Lens(them.here, YEAR)).now.mobilised_vnd == 0


def test_transfer_between_own_funds_is_not_mobilised_and_nets_to_zero(them: cast.Cast) -> None:
    fund = cast.make_fund(them.here, "Quỹ một", holds_vnd=900_000)
    other = cast.make_fund(them.here, "Quỹ hai")
    cast.make_transfer(fund, other, 400_000, date(2024, 3, 1))
    cast.make_expense(other, 50_000, date(2024, 3, 2))

    seen = picture(Lens(them.here, H1))

    assert seen.now.mobilised_vnd == 0
    assert seen.now.spent_vnd == 50_000
    assert seen.now.money == FundFlows(opening_vnd=900_000, out_vnd=50_000)
    assert {fund.name: fund.flows for fund in seen.own_funds} == {
        "Quỹ một": FundFlows(opening_vnd=900_000, out_vnd=400_000),
        "Quỹ hai": FundFlows(in_vnd=400_000, out_vnd=50_000),
    }


def test_moved_unit_keeps_its_past_where_it_stood(them: cast.Cast) -> None:
    give(them.here, 100_000, date(2024, 3, 1), them.clerk)
    give(them.branch, 10_000, date(2024, 3, 1), them.clerk)
    admit(them.branch, 3, date(2024, 1, 5))
    move(them.branch, them.elsewhere, date(2024, 7, 1))
    give(them.branch, 20_000, date(2024, 8, 1), them.outsider)

    def seen(unit: Unit, period: Period) -> tuple[int, int]:
        now = picture(Lens(unit, period)).now
        return now.mobilised_vnd, now.members

    assert seen(them.here, H1) == (110_000, 3)
    assert seen(them.elsewhere, H1) == (0, 0)
    assert seen(them.here, H2) == (0, 0)
    assert seen(them.elsewhere, H2) == (20_000, 3)
    assert seen(them.here, YEAR) == (110_000, 0)
    assert seen(them.province, YEAR) == (130_000, 3)


def test_moved_unit_s_account_balances_on_both_sides(them: cast.Cast) -> None:
    give(them.branch, 10_000, date(2024, 3, 1), them.clerk)
    move(them.branch, them.elsewhere, date(2024, 7, 1))
    give(them.branch, 20_000, date(2024, 8, 1), them.outsider)

    assert picture(Lens(them.here, YEAR)).now.money == FundFlows()
    assert picture(Lens(them.elsewhere, YEAR)).now.money == FundFlows(in_vnd=30_000)
    assert picture(Lens(them.elsewhere, H2)).now.money == FundFlows(opening_vnd=10_000, in_vnd=20_000)


def test_dissolved_unit_stays_in_the_year_of_its_end_and_is_marked(them: cast.Cast) -> None:
    fund = cast.make_fund(them.elsewhere, "Quỹ Tu Vũ")
    give(them.elsewhere, 70_000, date(2024, 6, 15), them.outsider, fund=fund)
    target = cast.make_fund(them.here, "Quỹ Hy Cương")
    give(them.here, 30_000, date(2024, 2, 1), them.clerk, fund=target)
    cast.make_transfer(fund, target, 70_000, date(2024, 6, 30))
    Succession.objects.create(predecessor=them.elsewhere, successor=them.here, effective_on=date(2024, 7, 1))
    type(fund).unscoped.filter(pk=fund.pk).update(closed_on=date(2024, 7, 1))
    dissolve(them.elsewhere, date(2024, 7, 1))

    year = picture(Lens(them.province, YEAR))

    assert year.now.mobilised_vnd == 100_000
    assert {child.name: (child.mobilised_vnd, child.closed_on) for child in year.children} == {
        "Hội xã Hy Cương": (30_000, None),
        "Hội xã Tu Vũ": (70_000, date(2024, 7, 1)),
    }
    assert year.now.units["GRASSROOTS"].total == 1
    assert picture(Lens(them.province, H1)).now.units["GRASSROOTS"].total == 2
    restated = picture(Lens(them.province, H1, tree_on=date(2024, 12, 31)))
    assert restated.now.mobilised_vnd == 100_000
    assert [(child.name, child.mobilised_vnd) for child in restated.children] == [("Hội xã Hy Cương", 100_000)]


def test_balance_handed_over_on_the_first_day_of_a_period_is_no_income_of_it(them: cast.Cast) -> None:
    old = cast.make_fund(them.elsewhere, "Quỹ Tu Vũ")
    new = cast.make_fund(them.here, "Quỹ Hy Cương")
    give(them.elsewhere, 70_000, date(2024, 6, 15), them.outsider, fund=old)
    cast.make_transfer(old, new, 70_000, date(2024, 7, 1))
    type(old).unscoped.filter(pk=old.pk).update(closed_on=date(2024, 7, 2))
    dissolve(them.elsewhere, date(2024, 7, 1))

    assert picture(Lens(them.province, H1)).now.money == FundFlows(in_vnd=70_000)
    assert picture(Lens(them.province, H2)).now.money == FundFlows(opening_vnd=70_000)


def test_children_and_the_unit_s_own_share_add_up_to_the_figures(them: cast.Cast) -> None:
    give(them.province, 1_000, date(2024, 1, 31), cast.make_user("top", role="accountant", unit=them.province))
    give(them.here, 20_000, date(2024, 2, 29), them.clerk)
    give(them.branch, 300_000, date(2024, 6, 1), them.clerk)
    admit(them.branch, 4, date(2023, 5, 1))

    seen = picture(Lens(them.province, H1))

    assert [(child.pk is None, child.mobilised_vnd) for child in seen.children] == [
        (False, 320_000),
        (False, 0),
        (True, 1_000),
    ]
    assert sum(child.mobilised_vnd for child in seen.children) == seen.now.mobilised_vnd
    assert sum(child.members for child in seen.children) == seen.now.members == 4
    assert sum(child.balance_vnd for child in seen.children) == seen.now.balance_vnd


def test_same_period_last_year_stands_beside(them: cast.Cast) -> None:
    give(them.here, 200_000, date(2023, 4, 1), them.clerk)
    give(them.here, 250_000, date(2024, 4, 1), them.clerk)

    seen = picture(Lens(them.here, H1))

    assert (seen.last_year.mobilised_vnd, seen.now.mobilised_vnd) == (200_000, 250_000)
    assert seen.now.money == FundFlows(opening_vnd=200_000, in_vnd=250_000)
    assert seen.last_year.money == FundFlows(in_vnd=200_000)


@pytest.mark.parametrize("gifts", [1, 3])
def test_picture_asks_seven_questions_whatever_the_size(them: cast.Cast, gifts: int) -> None:
    for day in range(1, gifts + 1):
        give(them.here, 1_000, date(2024, 1, day), them.clerk)

    with CaptureQueriesContext(connection) as captured:
        seen = picture(Lens(them.province, H1))

    assert seen.now.mobilised_vnd == 1_000 * gifts
    assert len(captured) == 7


def test_figures_go_by_their_names(them: cast.Cast) -> None:
    fund = cast.make_fund(them.here, "Quỹ", code="HY-CUONG", holds_vnd=5_000)
    give(them.here, 1_000, date(2024, 1, 1), them.clerk, fund=fund)

    named = named_figures(picture(Lens(them.here, H1)))

    assert named["units"] == {"GRASSROOTS": 1, "BRANCH": 1}
    assert named["mobilised"] == 1_000
    assert named["funds"] == {
        "HY-CUONG": {"opening": 5_000, "in": 1_000, "out": 0, "closing": 6_000, "committed": 0, "in_transit": 0}
    }
