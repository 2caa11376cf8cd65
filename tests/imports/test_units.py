"""Units by sheet: founded under their parents, whatever the order of the rows."""

from __future__ import annotations

from datetime import date

import pytest

from hkh.imports import actions
from hkh.imports.models import RunState
from hkh.imports.queries import obstacles_of
from members.models import Role, Unit, UnitAncestor, UnitVersion
from members.tree_check import check_tree
from tests.cast import Cast, a_province, make_fund, make_user
from tests.imports.sheets import bring_in, causes, confirm, done, hand_in, told, workbook

pytestmark = pytest.mark.django_db

HEAD = ("Mã", "Tên đơn vị", "Cấp hội", "Trực thuộc", "Loại hình", "Ngày thành lập")


@pytest.fixture
def cast() -> Cast:
    return a_province()


def test_parents_may_come_later_in_the_sheet(cast: Cast) -> None:
    rows = [
        ("moi-1", "Chi hội khu 9", "Chi hội", "XA-MOI", "Khu dân cư", "1/3/2015"),
        ("XA-MOI", "Hội xã Mới", "Cơ sở", cast.province.code, None, "1/2/2014"),
    ]
    run = hand_in("units", workbook(HEAD, *rows), by=cast.administrator)
    assert (told(run), causes(run)) == ((2, 0, 0, 0), {})

    confirm(run, by=cast.administrator)

    found = Unit.unscoped.filter(code__in=["MOI-1", "XA-MOI"]).order_by("code")
    assert list(found.values_list("code", "name", "tier__code", "parent__code", "kind", "founded_on")) == [
        ("MOI-1", "Chi hội khu 9", "BRANCH", "XA-MOI", "residential", date(2015, 3, 1)),
        ("XA-MOI", "Hội xã Mới", "GRASSROOTS", cast.province.code, "territorial", date(2014, 2, 1)),
    ]
    above = UnitAncestor.objects.filter(unit__code="MOI-1").order_by("depth")
    assert list(above.values_list("ancestor__code", flat=True)) == ["MOI-1", "XA-MOI", cast.province.code]
    assert check_tree() == []
    assert told(hand_in("units", workbook(HEAD, *rows), by=cast.administrator)) == (0, 0, 2, 0)


def test_what_is_refused_and_why(cast: Cast) -> None:
    top, here = cast.province.code, cast.here.code
    rows = [
        ("A 1", "Chi hội A", "Chi hội", here, None, "1/3/2015"),
        (cast.elsewhere.code, "Hội khác", "Cơ sở", top, None, "1/1/2000"),
        ("B1", "Chi hội B", "Chi hội", here, None, "1/3/2015"),
        ("B1", "Chi hội B", "Chi hội", here, None, "1/3/2015"),
        ("C1", "Chi hội C", "Chi hội", top, None, "1/3/2015"),
        ("D1", "Chi hội D", "Chi hội", "KHONG-CO", None, "1/3/2015"),
        ("E1", "Chi hội E", "Chi hội", here, None, "1/3/1999"),
        ("F1", "Chi hội F", "Chi hội", "D1", None, "1/3/2015"),
        ("G1", "Chi hội G", "Chi hội", None, None, "1/3/2015"),
        (cast.branch.code, "Tên khác", "Chi hội", here, None, "1/1/2000"),
        ("H1", "Hội H", "Cơ sở", "H2", None, "1/3/2015"),
        ("H2", "Hội H2", "Cơ sở", "H1", None, "1/3/2015"),
    ]
    run = hand_in("units", workbook(HEAD, *rows), by=cast.chair)
    assert causes(run) == {
        "tier_under": [9, 12, 13],
        "parent_unknown": [6, 7],
        "code_odd": [2],
        "code_taken": [3],
        "twice": [5],
        "parent_gone": [8],
        "parent_missing": [10],
        "moves": [11],
    }


def test_who_stands_under_a_refused_row_or_in_a_circle_is_refused_too(cast: Cast) -> None:
    from members.models import Tier

    communal = Tier.objects.get(code="GRASSROOTS")
    communal.may_stand_under.add(communal)
    rows = [
        ("X1", "Hội X1", "Cơ sở", "KHONG-CO", None, "1/3/2015"),
        ("X2", "Hội X2", "Cơ sở", "X1", None, "1/3/2015"),
        ("X3", "Hội X3", "Cơ sở", "X2", None, "1/3/2015"),
        ("H1", "Hội H1", "Cơ sở", "H2", None, "1/3/2015"),
        ("H2", "Hội H2", "Cơ sở", "H1", None, "1/3/2015"),
        ("OK", "Hội tốt", "Cơ sở", cast.here.code, None, "1/3/2015"),
    ]
    run = hand_in("units", workbook(HEAD, *rows), by=cast.chair)
    assert causes(run) == {"parent_unknown": [2], "parent_refused": [3, 4], "circle": [5, 6]}
    assert told(run) == (1, 0, 0, 5)


def test_kind_and_place_of_known_units_are_put_right_and_back(cast: Cast) -> None:
    row = (cast.branch.code, "Chi hội khu 1", "Chi hội", cast.here.code, "Trường học", "1/1/2000")
    run = hand_in("units", workbook(HEAD, row), by=cast.chair)
    assert told(run) == (0, 1, 0, 0)
    run = confirm(run, by=cast.chair)
    assert (Unit.unscoped.get(pk=cast.branch.pk).kind, run.changes.get().changes) == (
        "school",
        {"kind": ["residential", "school"]},
    )

    done(actions.take_back(run=run, by=cast.chair))
    assert Unit.unscoped.get(pk=cast.branch.pk).kind == "residential"


def test_new_units_go_again_while_nothing_rests_on_them(cast: Cast) -> None:
    rows = [
        ("XA-MOI", "Hội xã Mới", "Cơ sở", cast.province.code, None, "1/2/2014"),
        ("MOI-1", "Chi hội khu 9", "Chi hội", "XA-MOI", None, "1/3/2015"),
    ]
    run = bring_in("units", workbook(HEAD, *rows), by=cast.administrator)
    fund = make_fund(Unit.unscoped.get(code="XA-MOI"), opened_on=date(2024, 1, 1))
    make_user("new", role=Role.CLERK, unit=fund.unit)

    assert len(obstacles_of(run, by=cast.administrator)) == 2
    assert done(actions.take_back(run=run, by=cast.administrator)).state == RunState.APPLIED


def test_new_units_go_again_without_a_trace(cast: Cast) -> None:
    before = UnitVersion.objects.count(), UnitAncestor.objects.count()
    rows = [
        ("XA-MOI", "Hội xã Mới", "Cơ sở", cast.province.code, None, "1/2/2014"),
        ("MOI-1", "Chi hội khu 9", "Chi hội", "XA-MOI", None, "1/3/2015"),
    ]
    run = bring_in("units", workbook(HEAD, *rows), by=cast.administrator)
    assert done(actions.take_back(run=run, by=cast.administrator)).state == RunState.UNDONE
    assert (UnitVersion.objects.count(), UnitAncestor.objects.count()) == before
    assert check_tree() == []
