"""The rules of papers and their numbers, broken by hand in SQL."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from funds.actions import issue_goods, issue_paper, prepare_voucher, record_donation, void_donation
from funds.models import Closing, Paper, PaperSeries, StockItem
from funds.triggers.papers import RULES
from tests.cast import a_hand, make_expense, make_fund
from tests.funds.raw import DAY, book, commit_now, give, insert, refused, run, void

LATER = date(2024, 6, 10)


@pytest.fixture
def gift(cast, fund, donor):
    return record_donation(
        unit=cast.here, fund=fund, donor=donor, received_on=DAY, form="cash", amount_vnd=500_000, by=cast.clerk
    )


def paper(unit, number=1, **facts):
    row = {
        "unit_id": unit.pk,
        "kind": "receipt",
        "year": 2024,
        "number": number,
        "issued_on": LATER,
        "amount_vnd": 500_000,
        "unit_name": unit.name,
        "party": "",
        "address": "",
        "reason": "",
        **facts,
    }
    return insert("funds_paper", row)


def series(unit, kind="receipt", year=2024):
    return PaperSeries.unscoped.get(unit=unit, kind=kind, year=year)


def another(cast, fund, donor, **facts):
    with_books = give(unit=cast.here.pk, donor=donor.pk, fund=fund.pk, **facts)
    book(with_books)
    return with_books


@pytest.mark.parametrize("number", [0, 2, 7])
def test_a_series_begins_with_one(cast, gift, number):
    with refused("paper_numbered" if number == 0 else "paper_gapless"):
        paper(cast.here, number, donation_id=gift.pk)


def test_no_gap_and_no_twin(cast, fund, donor, gift):
    paper(cast.here, 1, donation_id=gift.pk)
    second = another(cast, fund, donor)
    with refused("paper_number_once"):
        paper(cast.here, 1, donation_id=second.pk)
    with refused("paper_gapless"):
        paper(cast.here, 3, donation_id=second.pk)
    paper(cast.here, 2, donation_id=second.pk)
    assert series(cast.here).last_number == 2


def test_a_statement_of_many_leaves_no_gap_either(cast, fund, donor, gift):
    second = another(cast, fund, donor)
    columns = "unit_id, kind, year, number, issued_on, amount_vnd, unit_name, party, address, reason, donation_id"
    row = f"({cast.here.pk}, 'receipt', 2024, %s, %s, 500000, '', '', '', '', %s)"
    with refused("paper_gapless"):
        run(f"INSERT INTO funds_paper ({columns}) VALUES {row}, {row}", [1, LATER, gift.pk, 3, LATER, second.pk])
    with refused("paper_gapless"):
        run(f"INSERT INTO funds_paper ({columns}) VALUES {row}, {row}", [1, LATER, gift.pk, 2, DAY, second.pk])
    run(f"INSERT INTO funds_paper ({columns}) VALUES {row}, {row}", [2, LATER, gift.pk, 1, LATER, second.pk])
    assert (series(cast.here).last_number, series(cast.here).last_on) == (2, LATER)


def test_units_kinds_and_years_count_for_themselves(cast, fund, donor, gift):
    there = make_fund(cast.elsewhere)
    other = give(unit=cast.elsewhere.pk, donor=donor.pk, fund=there.pk)
    book(other)
    paper(cast.here, 1, donation_id=gift.pk)
    paper(cast.elsewhere, 1, donation_id=other.pk)
    paper(cast.here, 1, donation_id=gift.pk, kind="letter")
    paper(cast.here, 1, donation_id=another(cast, fund, donor).pk, issued_on=date(2025, 1, 2), year=2025)
    assert PaperSeries.unscoped.filter(last_number=1).count() == 4


def test_dates_follow_the_numbers(cast, fund, donor, gift):
    paper(cast.here, 1, donation_id=gift.pk)
    with refused("paper_gapless"):
        paper(cast.here, 2, donation_id=another(cast, fund, donor).pk, issued_on=DAY)


def test_the_year_is_that_of_the_date(cast, gift):
    with refused("paper_year"):
        paper(cast.here, 1, donation_id=gift.pk, year=2025)


@pytest.mark.parametrize(
    "change",
    ["number = 2", "issued_on = '2024-06-11'", "amount_vnd = 1", "party = 'X'", "unit_name = 'X'", "reason = 'X'"],
)
def test_what_was_issued_stays(cast, gift, change):
    made = paper(cast.here, 1, donation_id=gift.pk)
    commit_now()
    with refused("paper_kept"):
        run(f"UPDATE funds_paper SET {change} WHERE id = %s", [made])
    with refused("paper_kept"):
        run("DELETE FROM funds_paper WHERE id = %s", [made])
    with refused("paper_kept"):
        run("TRUNCATE funds_paper CASCADE")


def test_a_void_is_once_has_a_reason_and_frees_no_number(cast, gift):
    made = paper(cast.here, 1, donation_id=gift.pk)
    sql = "UPDATE funds_paper SET voided_on = %s, void_reason = %s WHERE id = %s"
    with refused("paper_void_has_reason"):
        run(sql, [LATER, "", made])
    with refused("paper_void_has_reason"):
        run(sql, [DAY, "Nhầm", made])
    with refused("paper_void_date"):
        run(sql, [date(2999, 1, 1), "Nhầm", made])
    run(sql, [LATER, "Nhầm", made])
    with refused("paper_void_once"):
        run(sql, [LATER, "Nhầm nữa", made])
    with refused("paper_void_once"):
        run("UPDATE funds_paper SET voided_on = NULL, void_reason = '' WHERE id = %s", [made])
    with refused("paper_number_once"):
        paper(cast.here, 1, donation_id=gift.pk)
    paper(cast.here, 2, donation_id=gift.pk)


def test_one_valid_paper_of_a_kind(cast, gift):
    paper(cast.here, 1, donation_id=gift.pk)
    with refused("paper_once_donation"):
        paper(cast.here, 2, donation_id=gift.pk)


def test_about_one_thing(cast, fund, gift):
    with refused("paper_about_one"):
        paper(cast.here, 1)
    voucher = make_expense(fund, 500_000, DAY)
    with refused("paper_about_one"):
        paper(cast.here, 1, donation_id=gift.pk, voucher_id=voucher.pk)


def test_the_series_follows_the_papers_alone(cast, gift):
    paper(cast.here, 1, donation_id=gift.pk)
    commit_now()
    for sql in (
        "UPDATE funds_paperseries SET last_number = 0",
        "UPDATE funds_paperseries SET last_number = 5",
        "DELETE FROM funds_paperseries",
        "TRUNCATE funds_paperseries",
        f"INSERT INTO funds_paperseries (unit_id, kind, year, last_number) VALUES ({cast.here.pk}, 'letter', 2024, 4)",
    ):
        with refused("paper_series_kept"):
            run(sql)


def test_the_unit_that_keeps_the_books_issues(cast, gift):
    with refused("paper_of_unit"):
        paper(cast.elsewhere, 1, donation_id=gift.pk)


def test_the_amount_is_that_of_the_books(cast, gift):
    with refused("paper_amount"):
        paper(cast.here, 1, donation_id=gift.pk, amount_vnd=499_999)


@pytest.mark.parametrize("day", [date(2024, 6, 2), date(2999, 1, 1)])
def test_not_before_the_gift_and_not_in_the_future(cast, gift, day):
    with refused("paper_date"):
        paper(cast.here, 1, donation_id=gift.pk, issued_on=day, year=day.year)


@pytest.mark.parametrize("kind", ["payment", "goods_in", "goods_out"])
def test_no_paper_of_spending_or_goods_for_a_gift_of_money(cast, gift, kind):
    with refused("paper_fits"):
        paper(cast.here, 1, donation_id=gift.pk, kind=kind)


def test_a_paper_is_for_the_whole_of_a_split_gift(cast, fund, donor):
    other = make_fund(cast.here)
    part = record_donation(
        unit=cast.here,
        donor=donor,
        received_on=DAY,
        form="cash",
        amount_vnd=500_000,
        shares=[(fund, 300_000), (other, 200_000)],
        by=cast.clerk,
    )
    with refused("paper_of_whole_gift"):
        paper(cast.here, 1, donation_id=part.pk, amount_vnd=300_000)
    made = paper(cast.here, 1, split_id=part.split_id)
    void_donation(donation=part, reason="Nhập nhầm", on=DAY, by=cast.chair)
    assert Paper.unscoped.get(pk=made).void_reason == "Nhập nhầm"
    with refused("paper_subject_stands"):
        paper(cast.here, 2, split_id=part.split_id)


def test_of_goods_and_spending(cast, fund, donor):
    record_donation(
        unit=cast.here,
        fund=fund,
        donor=donor,
        received_on=DAY,
        form="in_kind",
        amount_vnd=600_000,
        goods="Vở",
        lines=[{"what": "Vở", "quantity": Decimal(30), "measure": "quyển", "unit_value_vnd": 20_000}],
        by=cast.clerk,
    )
    lot = issue_goods(item=StockItem.unscoped.get(), unit=cast.branch, quantity=Decimal(10), on=DAY, by=cast.accountant)
    with refused("paper_amount"):
        paper(cast.here, 1, lot_id=lot.pk, kind="goods_out", amount_vnd=600_000)
    with refused("paper_fits"):
        paper(cast.here, 1, lot_id=lot.pk, kind="goods_in", amount_vnd=200_000)
    paper(cast.here, 1, lot_id=lot.pk, kind="goods_out", amount_vnd=200_000)
    waits = prepare_voucher(kind="expense", fund=fund, amount_vnd=100_000, occurred_on=DAY, by=a_hand("prepares"))
    with refused("paper_subject_stands"):
        paper(cast.here, 1, voucher_id=waits.pk, kind="payment", amount_vnd=100_000)
    with refused("paper_fits"):
        paper(cast.here, 1, voucher_id=make_expense(fund, 100_000, DAY).pk, kind="receipt", amount_vnd=100_000)


def test_whatever_voids_a_gift_voids_its_papers(cast, fund, donor):
    alone = give(unit=cast.here.pk, donor=donor.pk, fund=None)
    made = issue_paper(kind="acknowledgement", subject=alone, on=LATER, by=cast.accountant)
    void(alone)
    made.refresh_from_db()
    assert made.void_reason == "Nhập nhầm"
    assert made.voided_on is not None


def test_nothing_is_dated_in_a_closed_period(cast, gift):
    Closing.unscoped.create(unit=cast.here, period="2024-Q2", ends_before=date(2024, 7, 1))
    with refused("paper_period_closed"):
        paper(cast.here, 1, donation_id=gift.pk)
    made = paper(cast.here, 1, donation_id=gift.pk, issued_on=date(2024, 7, 1))
    with refused("paper_void_date"):
        run("UPDATE funds_paper SET voided_on = %s, void_reason = 'Nhầm' WHERE id = %s", [LATER, made])
    Closing.unscoped.create(unit=cast.here, period="2024-Q3", starts_on=date(2024, 7, 1), ends_before=date(2024, 10, 1))
    with refused("paper_void_date"):
        run("UPDATE funds_paper SET voided_on = '2024-09-01', void_reason = 'Nhầm' WHERE id = %s", [made])
    run("UPDATE funds_paper SET voided_on = '2024-10-01', void_reason = 'Nhầm' WHERE id = %s", [made])


def test_a_paper_replaces_a_voided_one_of_its_kind_and_unit(cast, fund, donor, gift):
    first = paper(cast.here, 1, donation_id=gift.pk)
    second = another(cast, fund, donor)
    with refused("paper_replaces"):
        paper(cast.here, 2, donation_id=second.pk, replaces_id=first)
    run("UPDATE funds_paper SET voided_on = %s, void_reason = 'Nhầm' WHERE id = %s", [LATER, first])
    with refused("paper_replaces"):
        paper(cast.here, 1, donation_id=second.pk, replaces_id=first, kind="letter")
    paper(cast.here, 2, donation_id=gift.pk, replaces_id=first)
    with refused("funds_paper_replaces_id_key"):
        paper(cast.here, 3, donation_id=second.pk, replaces_id=first)


def test_each_rule_has_its_test() -> None:
    text = open(__file__, encoding="utf-8").read()  # noqa: SIM115
    assert [rule.name for rule in RULES if f'refused("{rule.name}")' not in text] == []
