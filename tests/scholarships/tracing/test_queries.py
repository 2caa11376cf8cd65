"""Whose gift paid for what: worked by hand, one rule each."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from funds.actions import approve_voucher, prepare_voucher, record_donation, void_donation
from funds.actions.merging import merge_donors
from funds.models import Donation, DonationForm, Fund, VoucherKind
from scholarships.actions import void_distribution
from scholarships.models import Distribution, DistributionLine
from scholarships.tracing import Became, Giver, PaidBy, became_of, paid_by
from tests.cast import (
    Cast,
    _approved,
    a_hand,
    a_province,
    account,
    make_donor,
    make_ended,
    make_expense,
    make_fund,
    make_transfer,
)
from tests.funds.raw import post
from tests.scholarships.rows import hand_out, make_approved, make_round, root


@pytest.fixture
def cast(db) -> Cast:
    return a_province()


@pytest.fixture
def fund(cast) -> Fund:
    return make_fund(cast.here)


def give(fund: Fund, amount_vnd: int, day: int, *, name: str = "Bà Tâm", **facts: Any) -> Donation:
    donor = facts.pop("donor", None) or make_donor(fund.unit, name)
    described: dict[str, Any] = {"form": DonationForm.CASH, "received_on": date(2024, 1, day), "by": a_hand("records")}
    return record_donation(unit=fund.unit, fund=fund, donor=donor, amount_vnd=amount_vnd, **described | facts)


def given_out(fund: Fund, amount_vnd: int, day: int, **facts) -> Distribution:
    """A distribution of ``amount_vnd`` from ``fund`` in February, of a round of its own."""
    round_ = make_round(fund, **facts)
    award = make_approved(round_, on=date(2024, 1, 31), count=1, unit_value_vnd=amount_vnd)
    return hand_out(round_, (award, 1), on=date(2024, 2, day))


def payers(held: Distribution, reader=None) -> PaidBy:
    return paid_by(DistributionLine.objects.filter(distribution=held), reader=reader or root())


def shares(paid: PaidBy) -> list[tuple[str, int]]:
    return [(giver.name, giver.vnd) for giver in paid.givers]


def became(*gifts: Donation) -> Became:
    return became_of([gift.pk for gift in gifts], reader=root())


def test_the_first_gift_pays_first_whatever_the_order_of_entry(fund):
    later = give(fund, 300_000, 20, name="Ông Sau")
    first = give(fund, 500_000, 10, name="Bà Trước")
    held = given_out(fund, 600_000, 5)
    assert shares(payers(held)) == [("Bà Trước", 500_000), ("Ông Sau", 100_000)]
    assert (became(first).handed_out_vnd, became(first).left_vnd) == (500_000, 0)
    assert (became(later).handed_out_vnd, became(later).left_vnd) == (100_000, 200_000)


def test_what_was_brought_forward_is_named_as_such_and_pays_first(cast):
    fund = make_fund(cast.here, holds_vnd=250_000)
    give(fund, 500_000, 10)
    paid = payers(given_out(fund, 400_000, 5))
    assert (paid.paid_vnd, paid.brought_forward_vnd, shares(paid)) == (400_000, 250_000, [("Bà Tâm", 150_000)])


def test_interest_and_what_a_count_found_are_no_gifts(fund):
    _approved(kind=VoucherKind.INTEREST, fund=fund, amount_vnd=10_000, occurred_on=date(2024, 1, 1))
    _approved(kind=VoucherKind.SURPLUS, fund=fund, amount_vnd=5_000, occurred_on=date(2024, 1, 2))
    gift = give(fund, 100_000, 10)
    _approved(kind=VoucherKind.SHORTAGE, fund=fund, amount_vnd=17_000, occurred_on=date(2024, 1, 11))
    paid = payers(given_out(fund, 50_000, 5))
    assert (paid.interest_vnd, paid.surplus_vnd, shares(paid)) == (0, 0, [("Bà Tâm", 50_000)])
    assert (became(gift).spent_vnd, became(gift).handed_out_vnd, became(gift).left_vnd) == (2_000, 50_000, 48_000)


def test_a_voided_gift_pays_nothing_and_the_next_one_stands_in(fund):
    wrong = give(fund, 500_000, 10, name="Nhập nhầm")
    give(fund, 500_000, 20, name="Bà Tâm")
    held = given_out(fund, 400_000, 5)
    assert shares(payers(held)) == [("Nhập nhầm", 400_000)]
    void_donation(donation=wrong, reason="Nhập hai lần", on=date(2024, 2, 6), by=root())
    assert shares(payers(held)) == [("Bà Tâm", 400_000)]
    assert became(wrong) == Became()


def test_a_voided_distribution_was_paid_by_nobody(fund):
    gift = give(fund, 500_000, 10)
    held = given_out(fund, 400_000, 5)
    void_distribution(distribution=held, reason="Chưa trao", on=date(2024, 2, 6), by=root())
    assert payers(held) == PaidBy()
    assert (became(gift).handed_out_vnd, became(gift).committed_vnd, became(gift).left_vnd) == (0, 400_000, 100_000)


def test_money_and_goods_are_two_rows(fund):
    give(fund, 500_000, 10, name="Tiền")
    give(fund, 200_000, 11, name="Gạo", form=DonationForm.IN_KIND, goods="Gạo")
    round_ = make_round(fund)
    awards = [
        make_approved(round_, count=1, unit_value_vnd=vnd, pot=pot) for pot, vnd in (("cash", 100), ("goods", 200_000))
    ]
    held = hand_out(round_, *((award, 1) for award in awards))
    assert shares(payers(held)) == [("Gạo", 200_000), ("Tiền", 100)]


def test_what_was_passed_on_is_followed_to_who_gave_it(cast, fund):
    above = make_fund(cast.province, "Quỹ Đất Tổ")
    far = make_fund(cast.elsewhere, "Quỹ xã bạn")
    one = give(fund, 300_000, 10, name="Bà Một")
    two = give(fund, 300_000, 11, name="Ông Hai")
    make_transfer(fund, above, 400_000, date(2024, 1, 15))
    give(above, 50_000, 14, name="Tỉnh")
    make_transfer(above, far, 425_000, date(2024, 1, 16))
    held = given_out(far, 375_000, 5)
    paid = payers(held)
    assert shares(paid) == [("Bà Một", 300_000), ("Tỉnh", 50_000), ("Ông Hai", 25_000)]
    assert paid.through_vnd == paid.paid_vnd == 375_000
    assert [use.steps for use in became(one).uses] == [2]
    assert (became(one).handed_out_vnd, became(one).given_vnd) == (300_000, 300_000)
    assert (became(two).handed_out_vnd, became(two).left_vnd) == (25_000, 275_000)


def test_what_a_reorganisation_handed_over_is_followed(cast, fund):
    new, old = make_fund(cast.here, "Quỹ mới"), make_fund(make_ended(date(2024, 1, 20), heir=cast.here))
    gift = give(old, 300_000, 10)
    post(account(old), account(new), 300_000, "handover", occurred_on=date(2024, 1, 20))
    assert shares(payers(given_out(new, 300_000, 5))) == [("Bà Tâm", 300_000)]
    assert became(gift).handed_out_vnd == 300_000


def test_what_is_on_its_way_is_said_so(cast, fund):
    gift = give(fund, 300_000, 10)
    sent = prepare_voucher(
        kind="transfer",
        fund=fund,
        target_fund=make_fund(cast.province),
        amount_vnd=120_000,
        occurred_on=date(2024, 1, 20),
        by=a_hand("prepares"),
    )
    approve_voucher(voucher=sent, by=a_hand("approves"))
    assert (became(gift).transit_vnd, became(gift).left_vnd, became(gift).passed_on_vnd) == (120_000, 180_000, 0)


def test_past_eight_funds_money_is_called_passed_on(cast, fund):
    gift = give(fund, 100_000, 2)
    chain = [fund, *(make_fund(cast.here, f"Quỹ {n}") for n in range(9))]
    for number, (source, target) in enumerate(pairwise(chain)):
        make_transfer(source, target, 100_000, date(2024, 1, 10 + number))
    held = given_out(chain[-1], 100_000, 5)
    told = became(gift)
    assert (told.passed_on_vnd, told.given_vnd, told.handed_out_vnd) == (100_000, 100_000, 0)
    assert (payers(held).passed_on_vnd, payers(held).givers) == (100_000, [])


def test_other_spending_says_what_for_to_who_may_see_the_fund(cast, fund):
    gift = give(fund, 100_000, 2)
    make_expense(fund, 60_000, date(2024, 1, 20), note="In giấy khen")
    seen = became_of([gift.pk], reader=cast.viewer).uses
    unseen = became_of([gift.pk], reader=cast.outsider).uses
    assert [(use.kind, use.title, use.vnd) for use in seen] == [("expense", "In giấy khen", 60_000)]
    assert [(use.kind, use.title, use.unit, use.vnd) for use in unseen] == [("expense", "", "", 60_000)]


def test_names_out_of_scope_and_unnamed_donors_are_put_together(cast, fund):
    far = make_fund(cast.elsewhere, "Quỹ xã bạn")
    give(far, 100_000, 2, name="Người xã bạn")
    make_transfer(far, fund, 100_000, date(2024, 1, 3))
    give(fund, 30_000, 10, donor=make_donor(cast.here, "Giấu Tên", is_anonymous=True))
    named = make_donor(cast.here, "Bà Tâm")
    give(fund, 20_000, 11, donor=named)
    give(fund, 20_000, 12, donor=named)
    paid = payers(given_out(fund, 170_000, 5), reader=cast.viewer)
    assert paid.givers == [Giver(named.pk, "Bà Tâm", 40_000, 2), Giver(None, "", 130_000, 2)]


def test_gifts_on_a_card_merged_away_count_with_the_card_that_is_kept(cast, fund):
    kept = make_donor(cast.here, "Công ty Giấy")
    gone = make_donor(cast.here, "Cty Giấy")
    give(fund, 10_000, 10, donor=gone)
    give(fund, 20_000, 11, donor=kept)
    merge_donors(kept=kept, gone=gone, by=root())
    assert payers(given_out(fund, 30_000, 5)).givers == [Giver(kept.pk, "Công ty Giấy", 30_000, 2)]


def test_a_distribution_out_of_scope_keeps_its_names_to_itself(cast, fund):
    far = make_fund(cast.elsewhere, "Quỹ xã bạn")
    gift = give(fund, 100_000, 2)
    make_transfer(fund, far, 100_000, date(2024, 1, 3))
    held = given_out(far, 40_000, 5, name="Đợt của xã bạn")
    (seen,) = became_of([gift.pk], reader=cast.viewer).uses
    (all_seen,) = became_of([gift.pk], reader=cast.outsider).uses
    assert (seen.pk, seen.title, seen.unit, seen.vnd) == (None, "", "", 40_000)
    assert (all_seen.pk, all_seen.title, all_seen.vnd) == (held.pk, "Đợt của xã bạn", 40_000)


@pytest.mark.parametrize("gift_count", [1, 3])
def test_the_way_there_costs_the_same_however_many_gifts(fund, gift_count, django_assert_num_queries):
    gifts = [give(fund, 100_000, 2 + n) for n in range(gift_count)]
    for n in range(gift_count):
        given_out(fund, 90_000, 5 + n)
    with django_assert_num_queries(5):
        told = became_of([gift.pk for gift in gifts], reader=root())
    assert len(told.uses) == gift_count


@pytest.mark.parametrize("gift_count", [1, 3])
def test_the_way_back_costs_the_same_however_many_gifts(fund, gift_count, django_assert_num_queries):
    for n in range(gift_count):
        give(fund, 100_000, 2 + n, name=f"Bà {n}")
    held = given_out(fund, 100_000 * gift_count, 5)
    lines, reader = DistributionLine.objects.filter(distribution=held), root()
    with django_assert_num_queries(5):
        paid = paid_by(lines, reader=reader)
    assert len(paid.givers) == gift_count
