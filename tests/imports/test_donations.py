"""Donations by sheet: each row as the verb would have entered it, into books that agree."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.forms.models import model_to_dict
from django.test import Client

from funds.actions import open_appeal, record_donation, void_donation
from funds.models import AppealKind, Donation, Donor, Movement, MovementKind, Pot
from funds.rollups import check as check_books
from hkh.core.sheets.lists import list_called
from hkh.imports import actions
from hkh.imports.models import RunState
from members.models import Role
from tests.cast import Cast, a_province, account, balance_vnd, make_donor, make_fund, make_user
from tests.imports.sheets import bring_in, causes, confirm, hand_in, told, work_of, workbook
from tests.scholarships.rows import approve, make_award, make_round

pytestmark = pytest.mark.django_db

HEAD = ("Ngày", "Nhà tài trợ", "Loại nhà tài trợ", "Số tiền", "Hình thức", "Mã quỹ", "Hiện vật", "Chứng từ")


@pytest.fixture
def cast() -> Cast:
    return a_province()


def test_gifts_come_in_as_the_verb_enters_them(cast: Cast) -> None:
    fund, donor = make_fund(cast.here), make_donor(cast.here)
    facts: dict[str, Any] = {"unit": cast.here, "fund": fund, "donor": donor, "by": cast.accountant}
    record_donation(amount_vnd=1_500_000, received_on=date(2024, 9, 5), form="cash", document="PT 1", **facts)
    record_donation(amount_vnd=700_000, received_on=date(2024, 9, 6), form="in_kind", goods="70 quyển vở", **facts)
    by_verb = [plain(gift) for gift in Donation.unscoped.order_by("pk")]
    moved_by_verb = moves()
    for gift in Donation.unscoped.all():
        void_donation(donation=gift, reason="Nhập thử", on=gift.received_on, by=cast.accountant)

    rows = [
        ("5/9/2024", donor.name, None, "1,5 triệu", "Tiền mặt", fund.code, None, "PT 1"),
        ("6/9/2024", donor.name, None, 700_000, "Hiện vật", fund.code, "70 quyển vở", None),
    ]
    run = hand_in("donations", workbook(HEAD, *rows), by=cast.accountant)
    assert (told(run), causes(run)) == ((2, 0, 0, 0), {})
    run = confirm(run, by=cast.accountant)

    assert (run.state, work_of(run).error) == (RunState.APPLIED, "")
    standing = Donation.unscoped.filter(voided_on=None).order_by("pk")
    assert [plain(gift) for gift in standing] == by_verb
    assert moves(donation__voided_on=None) == moved_by_verb
    assert (balance_vnd(fund), account(fund, pot=Pot.GOODS).balance_vnd) == (1_500_000, 700_000)
    assert check_books() == []


def plain(gift: Donation) -> dict[str, Any]:
    return model_to_dict(gift, exclude=["id"])


def moves(**of: Any) -> list[tuple[Any, ...]]:
    rows = Movement.objects.filter(reverses=None, kind=MovementKind.DONATION, **of).order_by("pk")
    return list(rows.values_list("source", "target", "amount_vnd", "kind", "occurred_on", "document", "recorded_by"))


def test_the_same_file_twice_is_known_and_two_equal_rows_are_two_gifts(cast: Cast) -> None:
    fund = make_fund(cast.here)
    row = ("5/9/2024", "Ông Ba", "Cá nhân", 100_000, "Tiền mặt", fund.code, None, None)
    content = workbook(HEAD, row, row)
    first = hand_in("donations", content, by=cast.accountant)
    assert [(g["cause"], g["count"], g["refuses"]) for g in first.groups] == [
        ("donor_new", 2, False),
        ("equal", 1, False),
    ]
    confirm(first, by=cast.accountant)
    assert (Donation.unscoped.count(), Donor.unscoped.count(), balance_vnd(fund)) == (2, 1, 200_000)

    again = hand_in("donations", content, by=cast.accountant)
    assert told(again) == (0, 0, 2, 0)
    third = hand_in("donations", workbook(HEAD, row, row, row), by=cast.accountant)
    assert told(third) == (1, 0, 2, 0)


def test_gifts_of_two_donors_of_one_name_go_out_and_come_back_as_known(cast: Cast, client: Client) -> None:
    fund = make_fund(cast.here)
    for phone in ("0912345678", "0987654321"):
        donor = make_donor(cast.here, "Ông Ba", phone=phone)
        facts: dict[str, Any] = {"unit": cast.here, "fund": fund, "donor": donor, "by": cast.accountant}
        record_donation(amount_vnd=100_000, received_on=date(2024, 9, 5), form="cash", **facts)
    client.force_login(cast.accountant)
    columns = [column.key for column in list_called("donations").columns()]
    sheet = client.post(f"/xuat/donations/?unit={cast.here.code}", {"column": columns, "form": "xlsx"}).content

    run = hand_in("donations", sheet, by=cast.accountant)
    assert (told(run), causes(run)) == ((0, 0, 2, 0), {})

    row = ("5/9/2024", "Ông Ba", None, 100_000, "TM", fund.code, None, None)
    run = hand_in("donations", workbook(HEAD, row, row, row), by=cast.accountant)
    assert (told(run), causes(run)) == ((0, 0, 2, 1), {"donor_several": [4]})


def test_each_row_is_told_the_rule_it_breaks(cast: Cast) -> None:
    fund, closed = make_fund(cast.here), make_fund(cast.here, "Quỹ cũ", closed_on=date(2024, 1, 1))
    make_donor(cast.here, "Ông Ba")
    later = make_fund(cast.here, "Quỹ mới", opened_on=date(2024, 10, 1))

    def row(**facts: Any) -> tuple[Any, ...]:
        said = {"day": "5/9/2024", "donor": "Ông Ba", "kind": None, "sum": 100_000, "form": "Tiền mặt"}
        said |= {"fund": fund.code, "goods": None, "document": None} | facts
        return tuple(said.values())

    content = workbook(
        HEAD,
        row(),
        row(day="31/2/2024"),
        row(day="1/1/2999"),
        row(sum=0),
        row(form="Vàng"),
        row(form="Hiện vật"),
        row(fund=closed.code),
        row(fund=later.code),
        row(fund="KHONG-CO"),
        row(donor="Bà Tư"),
        row(fund=None),
    )
    run = hand_in("donations", content, by=cast.accountant)
    assert causes(run) == {
        "cell:date_day": [3],
        "cell:date_year": [4],
        "donation_amount": [5],
        "cell:choice": [6],
        "donation_goods_described": [7],
        "movement_in_fund_life": [8, 9],
        "fund_unknown": [10],
        "donor_unknown": [11],
        "unit_missing": [12],
    }
    assert told(run) == (1, 0, 0, 10)


def test_appeals_are_found_by_name_and_only_while_they_are_open(cast: Cast) -> None:
    fund = make_fund(cast.here)
    make_donor(cast.here, "Ông Ba")
    open_appeal(
        unit=cast.province,
        kind=AppealKind.EMERGENCY,
        name="Bão Yagi",
        opens_on=date(2024, 9, 1),
        closes_on=date(2024, 10, 1),
        by=make_user("keeper", role=Role.CHAIR, unit=cast.province),
    )
    head = ("Ngày", "Nhà tài trợ", "Số tiền", "Hình thức", "Mã quỹ", "Đợt vận động")
    rows = [(day, "Ông Ba", 100_000, "TM", fund.code, "BAO YAGI") for day in ("5/9/2024", "5/10/2024")]
    run = hand_in("donations", workbook(head, *rows), by=cast.accountant)
    assert (told(run), causes(run)) == ((1, 0, 0, 1), {"appeal_unknown": [3]})


def test_a_gift_of_a_merged_donor_is_given_by_the_card_that_is_used_now(cast: Cast) -> None:
    fund = make_fund(cast.here)
    kept = make_donor(cast.here, "Công ty Giấy Bãi Bằng")
    make_donor(cast.here, "Giấy Bãi Bằng", merged_into=kept)
    row = ("5/9/2024", "Giấy Bãi Bằng", None, 100_000, "TM", fund.code, None, None)
    bring_in("donations", workbook(HEAD, row), by=cast.accountant)
    assert Donation.unscoped.get().donor == kept


def test_funds_and_donors_of_other_units_read_like_unknown_ones(cast: Cast) -> None:
    fund = make_fund(cast.elsewhere)
    make_donor(cast.elsewhere, "Ông Ba")
    mine = make_fund(cast.here)
    rows = [
        ("5/9/2024", "Ông Ba", None, 100_000, "TM", code, None, None) for code in (fund.code, "KHONG-CO", mine.code)
    ]
    run = hand_in("donations", workbook(HEAD, *rows), by=cast.accountant)
    assert causes(run) == {"fund_unknown": [2, 3], "donor_unknown": [4]}
    shown = {value for group in run.groups if group["refuses"] for _row, value in group["examples"]}
    assert shown == {fund.code, "KHONG-CO", "Ông Ba"}


def test_taking_back_voids_each_gift_and_leaves_books_that_agree(cast: Cast) -> None:
    fund = make_fund(cast.here)
    row = ("5/9/2024", "Ông Ba", "Cá nhân", 100_000, "Tiền mặt", fund.code, None, None)
    run = bring_in("donations", workbook(HEAD, row, row), by=cast.accountant)

    run = actions.take_back(run=run, by=cast.accountant)

    assert (run.state, work_of(run).error, balance_vnd(fund)) == (RunState.UNDONE, "", 0)
    assert list(Donation.unscoped.values_list("voided_on", "voided_by")) == [(date(2024, 9, 5), cast.accountant.pk)] * 2
    assert check_books() == []
    assert told(hand_in("donations", workbook(HEAD, row, row), by=cast.accountant)) == (2, 0, 0, 0)


def test_what_stands_in_the_way_is_said_and_nothing_is_taken_back(cast: Cast) -> None:
    fund = make_fund(cast.here)
    row = ("5/9/2024", "Ông Ba", "Cá nhân", 100_000, "Tiền mặt", fund.code, None, None)
    run = bring_in("donations", workbook(HEAD, row, row), by=cast.cashier)
    gift = Donation.unscoped.first()
    assert gift is not None
    void_donation(donation=gift, reason="Nhầm", on=gift.received_on, by=cast.accountant)
    approve(make_award(make_round(fund), count=1, unit_value_vnd=50_000), on=date(2024, 9, 7))

    run = actions.take_back(run=run, by=cast.cashier)

    assert (run.state, work_of(run).result) == (RunState.APPLIED, {"in_the_way": True})
    from hkh.imports.queries import obstacles_of

    assert len(obstacles_of(run, by=cast.cashier)) == 3
    assert balance_vnd(fund) == 50_000
