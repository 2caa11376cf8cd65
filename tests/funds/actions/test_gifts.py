"""The verbs of gifts in parts, of goods and of batches."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.utils import translation

from funds import rollups
from funds.actions import (
    correct_donation,
    issue_goods,
    record_batch,
    record_donation,
    save_batch_draft,
    void_donation,
)
from funds.actions.donations import Line
from funds.models import Batch, BatchDraft, Donation, Donor, GoodsLine, NamedGiver, Pot, SplitGift, Stock, StockItem
from tests.cast import account, balance_vnd, make_donor, make_fund
from tests.funds.raw import DAY, post


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def other(cast):
    return make_fund(cast.here, "Quỹ xe đạp")


@pytest.fixture
def gift(cast, donor):
    return {"unit": cast.here, "donor": donor, "received_on": DAY, "form": "cash", "amount_vnd": 900_000}


LINES: list[Line] = [
    {"what": "Xe  đạp", "quantity": Decimal(2), "measure": "chiếc", "unit_value_vnd": 200_000, "valuation": "invoice"},
    {"what": "Gạo", "quantity": Decimal("2.5"), "measure": "tạ", "unit_value_vnd": 200_001, "valued_by": "Ban"},
]


# Split gifts


def whole(part: Donation) -> SplitGift:
    assert part.split is not None
    return part.split


def test_a_gift_goes_into_several_funds(cast, fund, other, gift):
    shares = [(fund, 500_000), (other, 400_000)]
    first = record_donation(**gift, shares=shares, givers=[{"name": "Tổ 1"}], pigs=None, by=cast.clerk)
    assert (first.part, first.amount_vnd, whole(first).amount_vnd) == (1, 500_000, 900_000)
    assert [(part.fund, part.amount_vnd) for part in whole(first).parts.order_by("part")] == shares
    assert NamedGiver.objects.get().donation == first
    assert (balance_vnd(fund), balance_vnd(other)) == (1_500_000, 400_000)
    assert rollups.check() == []


def test_a_split_gift_sent_twice_is_saved_once(cast, fund, other, gift):
    key = uuid4()
    shares = [(fund, 500_000), (other, 400_000)]
    first, second = (record_donation(**gift, shares=shares, by=cast.clerk, idempotency_key=key) for _ in range(2))
    assert first == second
    assert SplitGift.unscoped.count() == 1
    with pytest.raises(ValidationError, match="saved already"):
        record_donation(**gift, shares=[(fund, 400_000), (other, 500_000)], by=cast.clerk, idempotency_key=key)


def test_shares_that_do_not_add_up_leave_nothing(cast, fund, other, gift):
    with pytest.raises(ValidationError, match="add up to the whole gift"):
        record_donation(**gift, shares=[(fund, 500_000), (other, 1)], by=cast.clerk)
    assert not SplitGift.unscoped.exists()
    assert not Donation.unscoped.exists()


def test_a_fund_of_another_unit_takes_no_share(cast, fund, gift):
    foreign = make_fund(cast.elsewhere)
    with pytest.raises(ValidationError, match="belongs to another unit"):
        record_donation(**gift, shares=[(fund, 500_000), (foreign, 400_000)], by=cast.clerk)


def test_a_void_of_one_part_takes_out_the_whole(cast, fund, other, gift):
    first = record_donation(**gift, shares=[(fund, 500_000), (other, 400_000)], by=cast.clerk)
    second = whole(first).parts.get(part=2)
    voided = void_donation(donation=second, reason="Nhầm", on=DAY, by=cast.accountant)
    assert (voided.pk, voided.voided_on) == (second.pk, DAY)
    assert set(whole(first).parts.values_list("voided_on", flat=True)) == {DAY}
    assert (balance_vnd(fund), balance_vnd(other)) == (1_000_000, 0)


def test_where_one_part_is_spent_nothing_is_voided(cast, fund, other, gift):
    first = record_donation(**gift, shares=[(fund, 500_000), (other, 400_000)], by=cast.clerk)
    post(account(other, pot=Pot.CASH), account(fund, pot=Pot.CASH), 1, "transfer")
    with pytest.raises(ValidationError, match="only 399,999 đồng is still available"):
        void_donation(donation=first, reason="Nhầm", on=DAY, by=cast.accountant)
    assert set(whole(first).parts.values_list("voided_on", flat=True)) == {None}


def test_a_split_gift_is_corrected_whole(cast, fund, other, gift):
    first = record_donation(**gift, shares=[(fund, 500_000), (other, 400_000)], by=cast.clerk)
    again = correct_donation(
        donation=first, reason="Nhầm", on=DAY, by=cast.accountant, **gift | {"amount_vnd": 700_000}, fund=other
    )
    assert (again.split, again.amount_vnd) == (None, 700_000)
    assert (balance_vnd(fund), balance_vnd(other)) == (1_000_000, 700_000)
    parts = correct_donation(
        donation=again,
        reason="Nhầm",
        on=DAY,
        by=cast.accountant,
        **gift | {"amount_vnd": 300_000},
        shares=[(fund, 100_000), (other, 200_000)],
    )
    assert (parts.part, balance_vnd(fund), balance_vnd(other)) == (1, 1_100_000, 200_000)
    assert rollups.check() == []


def test_foreign_money_is_told_of_the_whole(cast, fund, other, gift):
    foreign = {"currency": "USD", "foreign_amount": Decimal(36), "exchange_rate": Decimal(25_000)}
    first = record_donation(**gift | foreign, shares=[(fund, 500_000), (other, 400_000)], by=cast.clerk)
    assert (first.currency, whole(first).currency, whole(first).foreign_amount) == ("VND", "USD", Decimal(36))


# Goods


def test_lines_of_goods_become_stock(cast, fund, gift):
    donation = record_donation(
        **gift | {"form": "in_kind", "amount_vnd": 900_003}, fund=fund, lines=LINES, by=cast.clerk
    )
    assert donation.goods == "2 chiếc Xe đạp; 2.5 tạ Gạo"
    assert list(GoodsLine.objects.values_list("what", "value_vnd", "valuation")) == [
        ("Xe đạp", 400_000, "invoice"),
        ("Gạo", 500_003, "donor"),
    ]
    assert set(Stock.objects.values_list("item__name", "quantity", "value_vnd")) == {
        ("Xe đạp", 2, 400_000),
        ("Gạo", Decimal("2.5"), 500_003),
    }


def test_lines_that_do_not_add_up_are_refused(cast, fund, gift):
    with pytest.raises(ValidationError, match="do not add up"):
        record_donation(**gift | {"form": "in_kind"}, fund=fund, lines=LINES, by=cast.clerk)


def test_a_mistyped_gift_of_goods_is_corrected_though_it_was_handed_on(cast, fund, other, gift):
    goods = gift | {"form": "in_kind"}
    first = record_donation(**goods, fund=fund, goods="9 xe", by=cast.clerk)
    post(account(fund, pot=Pot.GOODS), account(other, pot=Pot.GOODS), 900_000, "transfer")
    correct_donation(
        donation=first,
        reason="Nhầm",
        on=DAY,
        by=cast.accountant,
        **goods | {"amount_vnd": 1_000_000},
        fund=fund,
        lines=[{"what": "Xe", "quantity": Decimal(10), "measure": "chiếc", "unit_value_vnd": 100_000}],
    )
    assert rollups.check() == []
    assert Stock.objects.get(item__fund=fund, quantity__gt=0).value_vnd == 100_000


def test_lots_are_issued_once_a_key(cast, fund, gift):
    record_donation(**gift | {"form": "in_kind", "amount_vnd": 900_003}, fund=fund, lines=LINES, by=cast.clerk)
    item = StockItem.unscoped.get(name="Xe đạp")
    facts = {"item": item, "unit": cast.branch, "quantity": Decimal(1), "on": DAY, "idempotency_key": uuid4()}
    assert issue_goods(**facts, by=cast.cashier) == issue_goods(**facts, by=cast.cashier)
    assert Stock.objects.get(item=item, holder=cast.branch).quantity == 1
    with pytest.raises(ValidationError) as refusal:
        issue_goods(item=item, unit=cast.branch, quantity=Decimal(2), on=DAY, by=cast.cashier)
    assert refusal.value.messages == ["Only 1 chiếc of these goods are there. Lower the quantity."]
    with pytest.raises(PermissionDenied):
        issue_goods(item=item, unit=cast.branch, quantity=Decimal(1), on=DAY, by=cast.clerk)
    with pytest.raises(Http404):
        issue_goods(item=item, unit=cast.branch, quantity=Decimal(1), on=DAY, by=cast.outsider)


# Batches


@pytest.fixture
def slips(gift, fund):
    def made(*amounts, **facts):
        return [{**gift, "fund": fund, "amount_vnd": amount, **facts} for amount in amounts]

    return made


def test_a_batch_is_in_the_books_whole(cast, fund, slips, django_assert_num_queries):
    new = {"donor": {"name": "Bà  Tư", "kind": "person"}}
    gifts = [*slips(100_000, 200_000), *slips(50_000, 60_000, **new)]
    batch = record_batch(unit=cast.here, gifts=gifts, control_count=4, control_vnd=410_000, by=cast.clerk)
    assert list(batch.donations.order_by("pk").values_list("amount_vnd", "donor__name")) == [
        (100_000, "Công ty Giấy Bãi Bằng"),
        (200_000, "Công ty Giấy Bãi Bằng"),
        (50_000, "Bà Tư"),
        (60_000, "Bà Tư"),
    ]
    assert Donor.unscoped.filter(name="Bà Tư").count() == 1
    assert balance_vnd(fund) == 1_410_000
    assert rollups.check() == []
    for count in (1, 40):
        with django_assert_num_queries(17):
            record_batch(
                unit=cast.here,
                gifts=slips(*[1_000] * count),
                control_count=count,
                control_vnd=1_000 * count,
                by=cast.clerk,
                idempotency_key=uuid4(),
            )


@pytest.mark.parametrize(
    ("count", "vnd", "sentence"),
    [
        (3, 300_000, "3 slips were counted, and 2 are typed. Look for one left out or typed twice."),
        (
            2,
            310_000,
            "The slips come to 310,000 đồng, what is typed to 300,000 đồng: a difference of 10,000 đồng. "
            "Compare the amounts line by line.",
        ),
    ],
)
def test_a_batch_that_disagrees_is_refused_with_the_difference(cast, slips, count, vnd, sentence):
    with pytest.raises(ValidationError) as refusal:
        record_batch(unit=cast.here, gifts=slips(100_000, 200_000), control_count=count, control_vnd=vnd, by=cast.clerk)
    assert refusal.value.messages == [sentence]
    assert not Donation.unscoped.exists()


def test_one_bad_slip_names_its_line_and_leaves_nothing(cast, slips):
    closed = make_fund(cast.here, opened_on=DAY.replace(year=2025))
    gifts = [*slips(1_000, 2_000), *slips(3_000, fund=closed), *slips(4_000)]
    with pytest.raises(ValidationError) as refusal:
        record_batch(unit=cast.here, gifts=gifts, control_count=4, control_vnd=10_000, by=cast.clerk)
    assert refusal.value.messages == [
        "Line 3: The fund was not open on that date. Check the date or choose another fund."
    ]
    assert not Batch.unscoped.exists()
    assert not Donation.unscoped.exists()


def test_a_batch_sent_twice_is_posted_once(cast, slips):
    facts = {"unit": cast.here, "control_count": 2, "control_vnd": 3_000, "by": cast.clerk, "idempotency_key": uuid4()}
    first, second = (record_batch(gifts=slips(1_000, 2_000), **facts) for _ in range(2))
    assert first == second
    assert Donation.unscoped.count() == 2
    with pytest.raises(ValidationError, match="saved already"):
        record_batch(gifts=slips(1_500, 1_500), **facts)


def test_a_donor_merged_away_is_named_in_its_line(cast, donor, slips):
    kept = make_donor(cast.here, "Công ty Giấy")
    Donor.unscoped.filter(pk=donor.pk).update(merged_into=kept)
    with pytest.raises(ValidationError) as refusal:
        record_batch(unit=cast.here, gifts=slips(1_000), control_count=1, control_vnd=1_000, by=cast.clerk)
    assert refusal.value.messages == [
        "Line 1: This card was merged into the one of “Công ty Giấy”. Choose “Công ty Giấy” as the donor."
    ]


def test_drafts_are_the_clerk_s_own_until_posted(cast, slips):
    save_batch_draft(unit=cast.here, typed={"a": "1"}, by=cast.clerk)
    save_batch_draft(unit=cast.here, typed={"a": "2"}, by=cast.clerk)
    save_batch_draft(unit=cast.here, typed={"a": "3"}, by=cast.cashier)
    assert BatchDraft.objects.get(owner=cast.clerk).typed == {"a": "2"}
    record_batch(unit=cast.here, gifts=slips(1_000), control_count=1, control_vnd=1_000, by=cast.clerk)
    assert list(BatchDraft.objects.values_list("owner", flat=True)) == [cast.cashier.pk]
    with pytest.raises(PermissionDenied):
        save_batch_draft(unit=cast.here, typed={}, by=cast.viewer)
