"""Old figures on the tree of today: what a split unit had is divided by shares, and nothing is lost or made up."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from hypothesis import given as for_all
from hypothesis import settings as how
from hypothesis import strategies as st

from hkh.core.dates import Period
from hkh.indicators.lens import Lens
from hkh.indicators.queries import picture, split_units
from hkh.indicators.series import SERIES
from hkh.reports.drafts import draft_of, letterhead, words
from hkh.reports.periodic import periodic_report
from members.models import Membership, Succession, Unit
from tests import cast
from tests.indicators.test_queries import admit, dissolve, give

pytestmark = pytest.mark.django_db

H1 = Period.parse("2024-H1")
SPLIT_ON, TODAY = date(2024, 7, 1), date(2024, 12, 31)


def parts_of(amount: int, weights: list[int]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT members_part_of(%s, %s::bigint[], n) FROM generate_series(1, %s) n",
            [amount, weights, len(weights)],
        )
        return [part for (part,) in cursor.fetchall()]


@how(max_examples=150, deadline=None)
@for_all(
    amount=st.integers(-(10**15), 10**15) | st.integers(-20, 20),
    weights=st.lists(st.integers(1, 10**9), min_size=1, max_size=12),
)
def test_parts_make_the_amount_and_none_is_a_whole_unit_off(amount: int, weights: list[int]) -> None:
    weights.sort(reverse=True)
    parts = parts_of(amount, weights)
    exact = [Fraction(amount * weight, sum(weights)) for weight in weights]
    assert sum(parts) == amount
    assert all(abs(part - fair) < 1 for part, fair in zip(parts, exact, strict=True))
    # Largest remainder: whoever was rounded up had no smaller remainder than anybody rounded down.
    rests = [abs(fair) - abs(fair).__floor__() for fair in exact]
    up = [rest for part, fair, rest in zip(parts, exact, rests, strict=True) if abs(part) > abs(fair)]
    down = [rest for part, fair, rest in zip(parts, exact, rests, strict=True) if abs(part) <= abs(fair) and rest]
    assert not up or not down or min(up) >= max(down)


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (1_000_001, [600, 400], [600_001, 400_000]),
        (10, [333, 333, 333], [4, 3, 3]),
        (1, [500, 500], [1, 0]),
        (-5, [600, 400], [-3, -2]),
        (0, [600, 400], [0, 0]),
        (7, [1_000_000_000], [7]),
    ],
)
def test_the_remainder_goes_to_the_largest_remainders(amount: int, weights: list[int], parts: list[int]) -> None:
    assert parts_of(amount, weights) == parts


@pytest.fixture
def them() -> cast.Cast:
    """``elsewhere`` and its branch were each split in two on 1 July 2024: 60 and 40 per cent."""
    them = cast.a_province()
    old = cast.make_unit("Chi hội khu 9", tier=them.branch.tier, parent=them.elsewhere)
    admit(old, 5, date(2023, 2, 1))
    give(them.elsewhere, 1_000_001, date(2024, 3, 1), them.outsider)
    give(them.elsewhere, 333, date(2023, 3, 1), them.outsider)
    fund = them.elsewhere.funds.get()
    cast.make_expense(fund, 77, date(2024, 4, 1))
    give(them.here, 50_000, date(2024, 3, 1), them.clerk)
    third = cast.make_unit("Hội xã Ba", tier=them.here.tier, parent=them.province)
    home = cast.make_unit("Chi hội khu 8", tier=them.branch.tier, parent=third)
    cast.make_transfer(fund, them.here.funds.get(), 1_000_257, date(2024, 6, 30))
    type(fund).unscoped.filter(pk=fund.pk).update(closed_on=SPLIT_ON)
    Membership.unscoped.filter(unit=old).update(left_on=SPLIT_ON, leave_reason="reorganisation")
    for before, first, second in ((them.elsewhere, them.here, third), (old, them.branch, home)):
        for after, share in ((first, "0.6"), (second, "0.4")):
            Succession.objects.create(
                predecessor=before, successor=after, effective_on=SPLIT_ON, kind="part", share=share
            )
    dissolve(old, SPLIT_ON)
    dissolve(them.elsewhere, SPLIT_ON)
    connection.check_constraints()
    return them


def restated(unit: Unit, period: Period = H1, day: date = TODAY) -> Lens:
    return Lens(unit, period, tree_on=day)


def test_a_split_unit_s_figures_go_to_its_successors_by_their_shares(them: cast.Cast) -> None:
    children = {child.name: child for child in picture(restated(them.province)).children}
    assert {name: (child.members, child.mobilised_vnd) for name, child in children.items()} == {
        "Hội xã Ba": (2, 400_000),
        "Hội xã Hy Cương": (3, 50_000 + 600_001),
    }
    assert children["Hội xã Ba"].mobilised_last_year_vnd == 133


def test_what_one_successor_sees_alone_is_what_the_province_sees_of_it(them: cast.Cast) -> None:
    for child in picture(restated(them.province)).children:
        alone = picture(restated(Unit.unscoped.get(code=child.code))).now
        assert (alone.members, alone.mobilised_vnd) == (child.members, child.mobilised_vnd)
        # From outside, what the two passed on to each other is income of one and outgo of the other.
        assert alone.money.closing_vnd == child.money.closing_vnd


def totals(lens: Lens) -> tuple[int, ...]:
    now = picture(lens).now
    money = now.money
    return (
        now.members,
        now.members_joined,
        now.members_left,
        now.mobilised_vnd,
        now.donations,
        now.given.count,
        now.given.value_vnd,
        money.opening_vnd,
        money.closing_vnd,
        money.committed_vnd,
        now.spent_vnd,
    )


def test_all_together_is_what_it_was(them: cast.Cast) -> None:
    assert totals(restated(them.province)) == totals(Lens(them.province, H1))
    seen = picture(restated(them.province))
    for figure in ("members", "mobilised_vnd", "balance_vnd"):
        assert sum(getattr(child, figure) for child in seen.children) == getattr(seen.now, figure)


def test_split_units_are_named_where_they_count(them: cast.Cast, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        assert split_units(restated(them.province)) == ["Chi hội khu 9", "Hội xã Tu Vũ"]
    assert split_units(Lens(them.province, H1)) == []
    assert split_units(restated(them.province, Period.parse("2026-H1"))) == []


def test_every_page_and_paper_names_them_where_figures_are_restated(them: cast.Cast, client: Client, settings) -> None:
    settings.HKH_TODAY = "2024-12-31"
    client.force_login(them.administrator)
    asked = {"unit": them.province.code, "period": "2024-H1"}
    for path in ("/tong-quan/", "/bao-cao/", "/bao-cao/xem-truoc/"):
        for tree, is_named in (("today", True), ("then", False)):
            html = client.get(path, {**asked, "tree": tree}).content.decode()
            assert ("Chi hội khu 9; Hội xã Tu Vũ" in html) == is_named, (path, tree)
    draft = draft_of(restated(them.province))
    paper = periodic_report(restated(them.province), letterhead=letterhead(draft), words=words(draft))
    assert "Chi hội khu 9; Hội xã Tu Vũ" in paper.annexes[0].note
    assert any("Chi hội khu 9; Hội xã Tu Vũ" in said for _label, said in paper.facts)


def test_the_command_says_so_aside(them: cast.Cast, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("figures", them.province.code, "2024-H1", "--tree-on", "2024-12-31", "--format", "json")
    out, aside = capsys.readouterr()
    assert json.loads(out)["figures"]["mobilised"] == 1_050_001
    assert "Chi hội khu 9; Hội xã Tu Vũ" in aside
    call_command("figures", them.province.code, "2024-H1")
    assert capsys.readouterr().err == ""


def test_who_ended_without_successor_is_carried_by_the_unit_above(them: cast.Cast) -> None:
    alone = cast.make_unit("Chi hội lạc", tier=them.branch.tier, parent=them.here)
    admit(alone, 4, date(2023, 5, 1))
    Membership.unscoped.filter(unit=alone).update(left_on=SPLIT_ON, leave_reason="left")
    dissolve(alone, SPLIT_ON)
    assert picture(restated(them.here)).now.members == 3 + 4
    assert totals(restated(them.province)) == totals(Lens(them.province, H1))


def test_who_was_founded_later_is_carried_by_the_unit_above_on_an_earlier_tree(them: cast.Cast) -> None:
    late = cast.make_unit("Chi hội mới", tier=them.branch.tier, parent=them.here, founded_on=date(2024, 8, 1))
    admit(late, 2, date(2024, 8, 1))
    before = restated(them.here, Period.parse("2024-H2"), date(2024, 6, 1))
    assert picture(before).now.members == 2


def test_a_part_split_again_is_divided_by_both_shares(them: cast.Cast) -> None:
    """40 per cent went to Hội xã Ba, which was split in halves: 60, 20, 20."""
    third = Unit.unscoped.get(name="Hội xã Ba")
    home = Unit.unscoped.get(name="Chi hội khu 8")
    parts = [cast.make_unit(f"Hội xã {n}", tier=them.here.tier, parent=them.province) for n in ("Bốn", "Năm")]
    for unit in parts:
        Succession.objects.create(
            predecessor=third, successor=unit, effective_on=date(2024, 10, 1), kind="part", share="0.5"
        )
    dissolve(home, date(2024, 10, 1))
    dissolve(third, date(2024, 10, 1))
    children = {child.name: child.mobilised_vnd for child in picture(restated(them.province)).children}
    assert children == {"Hội xã Bốn": 200_000, "Hội xã Năm": 200_000, "Hội xã Hy Cương": 50_000 + 600_001}


@pytest.mark.province
@pytest.mark.parametrize("period", ["2023-H1", "2024-H1", "2024-Q2", "2025-H1", "2025", "2026-H1"])
def test_the_province_s_totals_are_the_same_on_both_trees(period: str) -> None:
    top = Unit.unscoped.get(parent=None)
    lens = Lens(top, Period.parse(period))
    today = Lens(top, lens.period, tree_on=date(2026, 9, 30))
    assert totals(today) == totals(lens)
    seen = picture(today)
    assert sum(child.members for child in seen.children) == seen.now.members
    assert sum(child.mobilised_vnd for child in seen.children) == seen.now.mobilised_vnd
    assert sum(child.given.value_vnd for child in seen.children) == seen.now.given.value_vnd
    assert sum(child.balance_vnd for child in seen.children) == seen.now.balance_vnd


@pytest.mark.province
def test_a_commune_s_line_through_time_ends_where_its_tile_stands() -> None:
    top = Unit.unscoped.get(parent=None)
    lens = Lens(top, Period.parse("2025-Q2"), tree_on=date(2026, 9, 30))
    split = split_units(lens)
    assert split
    for child in picture(lens).children:
        if child.pk is None:
            continue
        own = Lens(Unit.unscoped.get(pk=child.pk), lens.period, lens.tree_on)
        now = picture(own).now
        ends = {name: series(own)[-1] for name, series in SERIES.items()}
        assert ends == {
            "members": now.members,
            "mobilised": now.mobilised_vnd,
            "balance": now.balance_vnd,
            "given": now.given.count,
        }
