"""The rules of split gifts, lines, givers, batches and merged donors, broken by hand in SQL."""

from __future__ import annotations

from datetime import timedelta

import pytest

from funds.models import Appeal, Donation, DonationMonth
from tests.cast import balance_vnd, make_donor, make_fund
from tests.funds.raw import DAY, book, commit_now, give, insert, refused, reverse, run, void


@pytest.fixture
def other(cast):
    return make_fund(cast.here, "Quỹ xe đạp")


@pytest.fixture
def gift(cast, fund, donor):
    return {"unit": cast.here.pk, "donor": donor.pk, "fund": fund.pk}


def whole(cast, donor, amount_vnd=900_000, parts=2, **facts):
    row = {
        "unit_id": cast.here.pk,
        "donor_id": donor.pk,
        "received_on": DAY,
        "form": "cash",
        "amount_vnd": amount_vnd,
        "part_count": parts,
        **facts,
    }
    columns, marks = ", ".join(row), ", ".join(["%s"] * len(row))
    sql = f"INSERT INTO funds_splitgift ({columns}, idempotency_key) VALUES ({marks}, gen_random_uuid()) RETURNING id"
    return run(sql, list(row.values()))[0][0]


def part(split, number, gift, fund, amount_vnd, **facts):
    donation = give(**gift | {"fund": fund.pk}, amount_vnd=amount_vnd, split_id=split, part=number, **facts)
    book(donation)
    return donation


# Split gifts


def test_the_parts_of_a_gift_add_up_to_it_and_count_once(cast, fund, other, donor, gift):
    split = whole(cast, donor)
    part(split, 1, gift, fund, 500_000)
    part(split, 2, gift, other, 400_000)
    commit_now()
    assert (balance_vnd(fund), balance_vnd(other)) == (1_500_000, 400_000)
    assert list(DonationMonth.objects.values_list("count", "value_vnd")) == [(1, 900_000)]


@pytest.mark.parametrize("second", [399_999, 400_001])
def test_parts_that_do_not_add_up_are_refused(cast, fund, other, donor, gift, second):
    with refused("split_adds_up"):
        split = whole(cast, donor)
        part(split, 1, gift, fund, 500_000)
        part(split, 2, gift, other, second)


def test_a_split_gift_without_its_parts_does_not_reach_the_commit(cast, donor):
    with refused("split_adds_up"):
        whole(cast, donor)


def test_no_part_is_added_later(cast, fund, other, donor, gift):
    split = whole(cast, donor)
    part(split, 1, gift, fund, 500_000)
    part(split, 2, gift, other, 400_000)
    commit_now()
    with refused("split_adds_up"):
        part(split, 3, gift, make_fund(cast.here), 1)


def test_two_parts_do_not_go_into_one_fund(cast, fund, donor, gift):
    with refused("split_adds_up"):
        split = whole(cast, donor)
        part(split, 1, gift, fund, 500_000)
        part(split, 2, gift, fund, 400_000)


def test_the_parts_share_donor_and_day(cast, fund, other, donor, gift):
    for change in ({"received_on": DAY - timedelta(days=1)}, {"donor": make_donor(cast.here, "Ông Ba").pk}):
        with refused("split_adds_up"):
            split = whole(cast, donor)
            part(split, 1, gift, fund, 500_000)
            part(
                split,
                2,
                gift | {k: v for k, v in change.items() if k == "donor"},
                other,
                400_000,
                **{k: v for k, v in change.items() if k != "donor"},
            )


def test_a_split_gift_is_voided_whole_and_on_one_day(cast, fund, other, donor, gift):
    split = whole(cast, donor)
    parts = [part(split, 1, gift, fund, 500_000), part(split, 2, gift, other, 400_000)]
    commit_now()
    with refused("split_void_whole"):
        void(parts[0])
        reverse(parts[0].movements.get().pk)
    with refused("split_void_whole"):
        for days, one in enumerate(parts):
            void(one, DAY + timedelta(days=days))
            reverse(one.movements.get().pk, occurred_on=DAY + timedelta(days=days))
    for one in parts:
        void(one)
        reverse(one.movements.get().pk)
    commit_now()
    assert (balance_vnd(fund), balance_vnd(other)) == (1_000_000, 0)


def test_a_split_gift_is_kept(cast, fund, other, donor, gift):
    split = whole(cast, donor)
    part(split, 1, gift, fund, 500_000)
    part(split, 2, gift, other, 400_000)
    commit_now()
    for sql in ("UPDATE funds_splitgift SET amount_vnd = 1", "DELETE FROM funds_splitgift"):
        with refused("split_kept"):
            run(sql)


def test_a_part_has_its_number(gift, cast, donor):
    with refused("donation_part_of_split"):
        give(**gift, part=1)
    with refused("split_in_parts"):
        whole(cast, donor, parts=1)
    with refused("split_of_money"):
        whole(cast, donor, form="in_kind")
    with refused("split_currency"):
        whole(cast, donor, currency="USD", foreign_amount=10, exchange_rate=25_000)


# Lines and givers


def line(donation, quantity="20", unit_value_vnd=25_000, value_vnd=500_000, **facts):
    row = {
        "donation_id": donation.pk,
        "what": "Xe đạp",
        "quantity": quantity,
        "measure": "chiếc",
        "unit_value_vnd": unit_value_vnd,
        "value_vnd": value_vnd,
        "valuation": "invoice",
        **facts,
    }
    return insert("funds_goodsline", row)


def test_lines_add_up_to_the_goods(gift):
    with refused("goods_lines_add_up"):
        donation = give(**gift, form="in_kind", goods="xe")
        book(donation)
        line(donation, quantity="19", value_vnd=475_000)
    donation = give(**gift, form="in_kind", goods="xe")
    book(donation)
    line(donation)
    commit_now()
    with refused("goods_lines_add_up"):
        line(donation)
    for sql in ("UPDATE funds_goodsline SET what = 'x'", "DELETE FROM funds_goodsline"):
        with refused("gift_detail_kept"):
            run(sql)


def test_a_line_multiplies(gift):
    donation = give(**gift, form="in_kind", goods="xe")
    with refused("goods_line_multiplies"):
        line(donation, value_vnd=499_999)
    with refused("goods_line_counts"):
        line(donation, quantity="0", value_vnd=1)
    book(donation)


def test_money_has_no_lines(gift):
    donation = give(**gift)
    book(donation)
    with refused("goods_lines_of_goods"):
        line(donation)


def test_givers_gave_no_more_than_the_gift(gift):
    donation = give(**gift)
    book(donation)
    insert("funds_namedgiver", {"donation_id": donation.pk, "name": "Lớp 5A", "amount_vnd": 300_000})
    insert("funds_namedgiver", {"donation_id": donation.pk, "name": "Lớp 5B", "amount_vnd": None})
    with refused("givers_within_gift"):
        insert("funds_namedgiver", {"donation_id": donation.pk, "name": "Lớp 5C", "amount_vnd": 200_001})
    with refused("giver_named"):
        insert("funds_namedgiver", {"donation_id": donation.pk, "name": "", "amount_vnd": None})
    with refused("gift_detail_kept"):
        run("UPDATE funds_namedgiver SET amount_vnd = 1")


def test_pigs_are_counted_in_a_drive_of_pigs(cast, gift):
    appeals = {
        kind: Appeal.unscoped.create(unit=cast.here, kind=kind, name=kind, opens_on=DAY)
        for kind in ("piggy_bank", "yearly")
    }
    for appeal in (None, appeals["yearly"].pk):
        with refused("donation_pigs_of_drive"):
            book(give(**gift, pigs=3, appeal_id=appeal))
    with refused("donation_pigs"):
        give(**gift, pigs=0, appeal_id=appeals["piggy_bank"].pk)
    book(give(**gift, pigs=3, appeal_id=appeals["piggy_bank"].pk))
    commit_now()


# Batches


def batch(cast, count, vnd):
    row = {"unit_id": cast.here.pk, "control_count": count, "control_vnd": vnd}
    columns = ", ".join(row)
    sql = f"INSERT INTO funds_batch ({columns}, idempotency_key) VALUES (%s, %s, %s, gen_random_uuid()) RETURNING id"
    return run(sql, list(row.values()))[0][0]


@pytest.mark.parametrize(
    ("count", "vnd", "rule"), [(2, 700_000, None), (3, 700_000, "batch_count_agrees"), (2, 700_001, "batch_sum_agrees")]
)
def test_a_batch_agrees_with_what_was_counted(cast, gift, count, vnd, rule):
    def enter():
        pile = batch(cast, count, vnd)
        for amount in (500_000, 200_000):
            book(give(**gift, amount_vnd=amount, batch_id=pile))

    if rule:
        with refused(rule):
            enter()
        assert not Donation.unscoped.exists()
    else:
        enter()
        commit_now()
        with refused("batch_count_agrees"):
            book(give(**gift, batch_id=run("SELECT id FROM funds_batch")[0][0]))
        with refused("batch_kept"):
            run("UPDATE funds_batch SET control_count = 3")


def test_an_empty_batch_does_not_reach_the_commit(cast):
    with refused("batch_count_agrees"):
        batch(cast, 1, 1_000)
    with refused("batch_not_empty"):
        batch(cast, 0, 0)


# Merged donors


def test_a_donor_merged_away_gives_no_more(cast, donor, gift):
    kept = make_donor(cast.here, "Công ty Giấy")
    book(give(**gift))
    run("UPDATE funds_donor SET merged_into_id = %s WHERE id = %s", [kept.pk, donor.pk])
    commit_now()
    with refused("donation_donor_not_merged"):
        give(**gift)


def test_merges_do_not_form_chains(cast, donor):
    second, third = make_donor(cast.here, "B"), make_donor(cast.here, "C")
    run("UPDATE funds_donor SET merged_into_id = %s WHERE id = %s", [second.pk, donor.pk])
    with refused("donor_merged_flat"):
        run("UPDATE funds_donor SET merged_into_id = %s WHERE id = %s", [third.pk, second.pk])
    with refused("donor_merged_flat"):
        run("UPDATE funds_donor SET merged_into_id = %s WHERE id = %s", [donor.pk, third.pk])
    with refused("donor_not_into_itself"):
        run("UPDATE funds_donor SET merged_into_id = id WHERE id = %s", [third.pk])


def test_a_foreign_organisation_has_a_country(donor):
    with refused("donor_ngo_has_country"):
        run("UPDATE funds_donor SET kind = 'ngo'")
