"""From gross to net: nothing that the funds passed on to each other counts as mobilised or spent, and it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from funds.actions import approve_voucher, prepare_voucher, reverse_voucher
from funds.models import Fund, FundMonth, Movement
from hkh.core.dates import Period
from hkh.core.money import dong, format_vnd
from hkh.demo.accounts import LOGINS
from hkh.indicators.consolidation import Consolidation, consolidate
from hkh.indicators.lens import Lens
from hkh.indicators.queries import picture
from members.models import Unit, User
from tests import cast
from tests.indicators.test_queries import give, move

pytestmark = pytest.mark.django_db

MAY, JUNE, YEAR = date(2024, 5, 6), Period.parse("2024-06"), Period.parse("2024")
PAGE = reverse("dashboard:consolidation")


@dataclass(frozen=True)
class Funds:
    them: cast.Cast
    top: Fund
    here: Fund
    second: Fund
    branch: Fund
    there: Fund


@pytest.fixture
def funds() -> Funds:
    """Everything that happens between funds, in one year; amounts in thousands, all different."""
    them = cast.a_province()
    top, here = cast.make_fund(them.province, "Quỹ tỉnh", holds_vnd=900_000), cast.make_fund(them.here, "Quỹ xã")
    second, branch = cast.make_fund(them.here, "Quỹ thứ hai"), cast.make_fund(them.branch, "Quỹ chi hội")
    there = cast.make_fund(them.elsewhere, "Quỹ xã bạn")
    hand = cast.a_hand("records")
    give(them.province, 2_000_000, MAY, hand, fund=top)
    give(them.here, 1_000_000, MAY, hand, fund=here)
    give(them.elsewhere, 400_000, MAY, hand, fund=there)
    cast.make_transfer(top, here, 300_000, date(2024, 5, 7))
    cast.make_transfer(here, branch, 50_000, date(2024, 5, 8))
    cast.make_transfer(here, second, 7_000, date(2024, 5, 8))
    cast.make_transfer(there, here, 70_000, date(2024, 5, 9))
    taken_back = cast.make_transfer(here, second, 3_000, date(2024, 5, 9))
    reverse_voucher(voucher=taken_back, reason="Nhầm", on=date(2024, 5, 10), by=cast.a_hand("reverses"))
    in_transit(top, there, 200_000)
    in_transit(here, branch, 11_000)
    found = prepare_voucher(kind="interest", fund=here, amount_vnd=900, occurred_on=MAY, by=cast.a_hand("prepares"))
    approve_voucher(voucher=found, by=cast.a_hand("approves"))
    lost = prepare_voucher(kind="shortage", fund=here, amount_vnd=40, occurred_on=MAY, by=cast.a_hand("prepares"))
    approve_voucher(voucher=lost, by=cast.a_hand("approves"))
    cast.make_expense(here, 100_000, date(2024, 5, 20))
    cast.make_expense(branch, 20_000, date(2024, 5, 20))
    return Funds(them, top, here, second, branch, there)


def in_transit(source: Fund, target: Fund, amount_vnd: int) -> None:
    sent = prepare_voucher(
        kind="transfer", fund=source, target_fund=target, amount_vnd=amount_vnd, occurred_on=date(2024, 5, 12),
        by=cast.a_hand("prepares"),
    )  # fmt: skip
    approve_voucher(voucher=sent, by=cast.a_hand("approves"))


def told(found: Consolidation) -> list[tuple[str, str, int]]:
    return [(pair.giver, pair.taker, pair.amount_vnd) for pair in found.pairs if pair.amount_vnd]


def test_of_the_province_everything_passed_on_is_left_out(funds: Funds) -> None:
    found = consolidate(Lens(funds.them.province, YEAR))
    assert told(found) == [
        ("Quỹ tỉnh", "Quỹ xã", 300_000),
        ("Quỹ xã bạn", "Quỹ xã", 70_000),
        ("Quỹ xã", "Quỹ chi hội", 50_000),
        ("Quỹ xã", "Quỹ thứ hai", 7_000),
    ]
    assert (found.gross_in_vnd, found.left_out_vnd, found.other_in_vnd) == (3_827_900, 427_000, 900)
    assert (found.from_outside_vnd, found.to_outside_vnd) == (0, 0)
    assert (found.net_in_vnd, found.net_out_vnd) == (3_400_000, 120_000)
    assert (found.mobilised_vnd, found.spent_vnd, found.transit_vnd) == (3_400_000, 120_000, 211_000)


def test_of_a_commune_what_came_from_others_is_neither_passed_on_nor_mobilised(funds: Funds) -> None:
    found = consolidate(Lens(funds.them.here, YEAR))
    assert told(found) == [("Quỹ xã", "Quỹ chi hội", 50_000), ("Quỹ xã", "Quỹ thứ hai", 7_000)]
    assert (found.from_outside_vnd, found.to_outside_vnd, found.other_out_vnd) == (370_000, 0, 40)
    assert (found.net_in_vnd, found.net_out_vnd, found.transit_vnd) == (1_000_000, 120_000, 11_000)
    assert found.agrees
    giving = consolidate(Lens(funds.them.elsewhere, YEAR))
    assert (giving.pairs, giving.to_outside_vnd, giving.net_out_vnd, giving.mobilised_vnd) == ([], 70_000, 0, 400_000)
    assert giving.agrees


def test_what_is_in_transit_has_left_no_fund(funds: Funds) -> None:
    """Sent is not spent, and not passed on before it is received."""
    before = consolidate(Lens(funds.them.province, YEAR))
    in_transit(funds.top, funds.here, 60_000)
    after = consolidate(Lens(funds.them.province, YEAR))
    assert (after.gross_out_vnd, told(after)) == (before.gross_out_vnd, told(before))
    assert after.transit_vnd == before.transit_vnd + 60_000


def test_another_month_has_none_of_it(funds: Funds) -> None:
    found = consolidate(Lens(funds.them.province, JUNE))
    assert (found.gross_in_vnd, found.gross_out_vnd, found.passed_on, found.agrees) == (0, 0, (), True)


def test_a_unit_that_moved_takes_its_funds_along_and_leaves_its_gifts(funds: Funds) -> None:
    """Stocks go by the place at the end of the period, gifts by that of their month (DESIGN §4); the page says so."""
    give(funds.them.branch, 80_000, MAY, cast.a_hand("records"), fund=funds.branch)
    move(funds.them.branch, funds.them.elsewhere, date(2024, 9, 1))
    left, taken = consolidate(Lens(funds.them.here, YEAR)), consolidate(Lens(funds.them.elsewhere, YEAR))
    assert (left.gifts_for_others_vnd, left.gifts_by_others_vnd, left.mobilised_vnd) == (80_000, 0, 1_080_000)
    assert (taken.gifts_for_others_vnd, taken.gifts_by_others_vnd, taken.mobilised_vnd) == (0, 80_000, 400_000)
    assert left.agrees
    assert taken.agrees


def test_a_figure_that_does_not_add_up_is_noticed(funds: Funds) -> None:
    """Were a month of the roll-up wrong, the movements would tell."""
    FundMonth.objects.filter(fund=funds.here, kind="transfer").update(in_vnd=1)
    assert not consolidate(Lens(funds.them.province, YEAR)).agrees


@pytest.mark.province
@pytest.mark.parametrize("code", ["2024", "2025-Q3", "2025"])
def test_it_is_the_dashboard_s_figure_of_every_unit(province: None, code: str) -> None:
    """In 2025 communes were merged: most of what moved was handed over."""
    period = Period.parse(code)
    for unit in Unit.unscoped.filter(tier__rank__lte=2).order_by("pk"):
        found, now = consolidate(Lens(unit, period)), picture(Lens(unit, period)).now
        assert (found.net_in_vnd, found.net_out_vnd) == (now.mobilised_vnd, now.spent_vnd), unit
    passed = Movement.objects.filter(
        kind__in=["transfer", "handover"], occurred_on__gte=period.starts_on, occurred_on__lt=period.ends_before
    )
    top = consolidate(Lens(Unit.unscoped.get(parent=None), period))
    assert top.left_out_vnd == sum(one.amount_vnd * (-1 if one.reverses_id else 1) for one in passed)


@pytest.mark.province
def test_the_page_ends_with_the_tile(province: None, client: Client) -> None:
    client.force_login(User.objects.get(username=next(name for name, role, _u, _p in LOGINS if role == "chair")))
    query = "unit=PHU-THO&period=2025"
    tiles = {tile.name: tile.exact for tile in client.get(f"{reverse('dashboard:overview')}?{query}").context["tiles"]}
    page = client.get(f"{PAGE}?{query}")
    mobilised, spent = page.context["sides"]
    assert f"{mobilised.foot[1]} đồng" == tiles["mobilised"] == dong(page.context["found"].mobilised_vnd)
    assert spent.foot[1] == format_vnd(
        picture(Lens(Unit.unscoped.get(code="PHU-THO"), Period.parse("2025"))).now.spent_vnd
    )
    shown = sum(pair.amount_vnd for pair in page.context["pairs"]) + getattr(page.context["rest"], "amount_vnd", 0)
    assert shown == page.context["found"].left_out_vnd > 0


def test_another_commune_s_consolidation_does_not_exist(client: Client, funds: Funds) -> None:
    client.force_login(funds.them.viewer)
    assert client.get(PAGE, {"unit": funds.them.elsewhere.code}).status_code == 404
    assert client.get(PAGE, {"unit": funds.them.here.code, "period": "2024"}).status_code == 200


@pytest.mark.parametrize("pairs", [1, 3])
def test_the_page_costs_the_same_however_many_pairs(client: Client, pairs: int, django_assert_num_queries) -> None:
    them = cast.a_province()
    source = cast.make_fund(them.here, holds_vnd=1_000)
    for n in range(pairs):
        cast.make_transfer(source, cast.make_fund(them.here, f"Quỹ {n}"), 5, MAY)
    client.force_login(them.viewer)
    client.get(PAGE, {"unit": them.here.code, "period": "2024"})
    with django_assert_num_queries(15):
        page = client.get(PAGE, {"unit": them.here.code, "period": "2024"})
    assert len(page.context["pairs"]) == pairs
