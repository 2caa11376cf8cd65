"""The fund kept for an appeal, and what of it goes elsewhere: by plain SQL."""

from __future__ import annotations

from datetime import date

import pytest

from funds.checks import standing
from funds.models import AccountKind, Appeal, Pot
from tests.cast import account, balance_vnd, make_donor, make_fund, outside
from tests.funds.raw import DAY, book, commit_now, give, insert, post, refused, reverse, run

NEXT = date(2024, 6, 4)


@pytest.fixture
def kept(cast):
    """A restricted fund kept for an appeal of the commune; it holds 1,000 đồng given for it."""
    return make_fund(cast.here, "Quỹ vì em", is_restricted=True, purpose="Tết vì em")


@pytest.fixture
def appeal(cast, kept):
    appeal = Appeal.unscoped.create(
        unit=cast.here, kind="yearly", name="Tết vì em", opens_on=date(2024, 1, 1), fund=kept
    )
    donor = make_donor(cast.here)
    book(give(unit=cast.here.pk, donor=donor.pk, fund=kept.pk, appeal_id=appeal.pk, amount_vnd=1_000))
    return appeal


@pytest.fixture
def other(cast):
    return make_fund(cast.here, "Quỹ chung")


def decide(appeal, target=None, amount_vnd=600, **facts):
    row = {
        "appeal_id": appeal.pk,
        "number": "12/QĐ",
        "decided_on": DAY,
        "signed_by": "Nguyễn Văn An",
        "target_fund_id": target and target.pk,
        "purpose": "" if target else "Sách vở",
        "amount_vnd": amount_vnd,
        **facts,
    }
    columns, marks = ", ".join([*row, "idempotency_key"]), ", ".join(["%s"] * len(row))
    sql = f"INSERT INTO funds_appealdecision ({columns}) VALUES ({marks}, gen_random_uuid()) RETURNING id"
    return run(sql, list(row.values()))[0][0]


def send(kept, other, amount_vnd, **facts):
    return post(account(kept), account(other), amount_vnd, "transfer", **facts)


def spend(kept, amount_vnd, **facts):
    return post(account(kept), outside(AccountKind.RECIPIENTS), amount_vnd, "expense", **facts)


def test_without_a_decision_nothing_leaves_the_purpose(appeal, kept, other):
    with refused("movement_surplus_decided"):
        send(kept, other, 1)
    with refused("movement_surplus_decided"):
        spend(kept, 1)


def test_a_decision_lets_go_what_it_says_to_where_it_says_and_no_more(cast, appeal, kept, other):
    decide(appeal, other, 600)
    third = make_fund(cast.here, "Quỹ ba")
    send(kept, other, 400)
    commit_now()
    for wrong in (lambda: send(kept, other, 201), lambda: send(kept, third, 1), lambda: spend(kept, 1)):
        with refused("movement_surplus_decided"):
            wrong()
    send(kept, other, 200)
    commit_now()
    assert (balance_vnd(kept), balance_vnd(other)) == (400, 600)
    assert standing.check() == []


def test_two_movements_of_one_statement_are_summed(appeal, kept, other):
    decide(appeal, other, 600)
    with refused("movement_surplus_decided"):
        run(
            """
            INSERT INTO funds_movement (source_id, target_id, amount_vnd, kind, occurred_on, document, note,
                idempotency_key)
            SELECT %s, %s, 301, 'transfer', %s, '', '', gen_random_uuid() FROM generate_series(1, 2)
            """,
            [account(kept).pk, account(other).pk, DAY],
        )


def test_spending_needs_a_decision_about_spending(appeal, kept):
    decide(appeal, None, 300)
    spend(kept, 300)
    commit_now()
    with refused("movement_surplus_decided"):
        spend(kept, 1)


def test_what_is_taken_back_may_go_again(appeal, kept, other):
    decide(appeal, other, 600)
    reverse(send(kept, other, 600))
    commit_now()
    send(kept, other, 600)
    commit_now()
    assert balance_vnd(other) == 600


def test_nothing_goes_before_the_day_of_its_decision(appeal, kept, other):
    decide(appeal, other, 600, decided_on=NEXT)
    with refused("movement_surplus_decided"):
        send(kept, other, 1)
    send(kept, other, 1, occurred_on=NEXT)
    commit_now()


def test_money_goes_on_to_the_same_purpose_without_a_decision(cast, appeal, kept):
    same = make_fund(cast.here, "Quỹ xã bạn", is_restricted=True, purpose="Tết vì em")
    send(kept, same, 1_000)
    commit_now()
    assert balance_vnd(same) == 1_000


def test_goods_and_handovers_are_let_go_by_no_decision(appeal, kept, other):
    decide(appeal, other, 600)
    with refused("movement_serves_purpose"):
        post(account(kept), account(other), 1, "handover")
    with refused("movement_serves_purpose"):
        post(account(kept, pot=Pot.GOODS), account(other, pot=Pot.GOODS), 1, "transfer")


def test_a_decision_is_not_changed_or_deleted_and_withdrawn_only_while_unused(appeal, kept, other):
    used, unused = decide(appeal, other, 600), decide(appeal, other, 100, number="13/QĐ")
    send(kept, other, 600)
    commit_now()
    for change in ("amount_vnd = 1", "target_fund_id = NULL, purpose = 'x'", "decided_on = '2024-06-01'"):
        with refused("appeal_decision_kept"):
            run(f"UPDATE funds_appealdecision SET {change} WHERE id = %s", [used])
    with refused("appeal_decision_kept"):
        run("DELETE FROM funds_appealdecision")
    with refused("appeal_decision_kept"):
        run("TRUNCATE funds_appealdecision")
    withdraw = "UPDATE funds_appealdecision SET withdrawn_on = %s, withdraw_reason = %s WHERE id = %s"
    with refused("appeal_decision_withdrawal_has_reason"):
        run(withdraw, [DAY, "", unused])
    with refused("appeal_decision_used"):
        run(withdraw, [DAY, "Nhầm", used])
    run(withdraw, [DAY, "Nhầm", unused])
    with refused("appeal_decision_kept"):
        run("UPDATE funds_appealdecision SET withdrawn_on = NULL, withdraw_reason = '' WHERE id = %s", [unused])
    with refused("movement_surplus_decided"):
        send(kept, other, 1)


@pytest.mark.parametrize(
    ("rule", "facts"),
    [
        ("appeal_decision_amount", {"amount_vnd": 0}),
        ("appeal_decision_amount", {"amount_vnd": 10**15 + 1}),
        ("appeal_decision_signed", {"number": ""}),
        ("appeal_decision_signed", {"signed_by": ""}),
        ("appeal_decision_says_where", {"purpose": ""}),
        ("appeal_decision_dated", {"decided_on": date(2023, 12, 31)}),
        ("appeal_decision_dated", {"decided_on": date(2999, 1, 1)}),
    ],
)
def test_a_decision_says_what_it_must(appeal, rule, facts):
    with refused(rule):
        decide(appeal, **facts)


def test_a_decision_stands_once_and_not_for_the_fund_itself_or_an_appeal_without(cast, appeal, kept, other):
    decide(appeal, other)
    with refused("appeal_decision_once"):
        decide(appeal, other)
    with refused("appeal_decision_elsewhere"):
        decide(appeal, kept)
    without = Appeal.unscoped.create(unit=cast.here, kind="yearly", name="Khác", opens_on=date(2024, 1, 1))
    with refused("appeal_decision_needs_fund"):
        decide(without, other)


# The fund and its gifts


def test_gifts_of_the_appeal_lie_in_its_fund_or_one_of_the_same_purpose(cast, appeal, kept, other):
    donor = make_donor(cast.here, "Cô Ba")
    with refused("donation_kept_for_appeal"):
        give(unit=cast.here.pk, donor=donor.pk, fund=other.pk, appeal_id=appeal.pk)
    same = make_fund(cast.branch, "Quỹ chi hội", is_restricted=True, purpose="Tết vì em")
    book(give(unit=cast.branch.pk, donor=donor.pk, fund=same.pk, appeal_id=appeal.pk))
    give(unit=cast.here.pk, donor=donor.pk, fund=None, appeal_id=appeal.pk)
    commit_now()


def test_the_fund_takes_gifts_for_its_appeal_alone(cast, appeal, kept):
    with refused("donation_for_appeal_alone"):
        give(unit=cast.here.pk, donor=make_donor(cast.here, "Cô Ba").pk, fund=kept.pk)


def test_the_fund_stays_restricted_and_with_its_appeal(cast, appeal, kept):
    empty = make_fund(cast.here, "Quỹ trống", is_restricted=True, purpose="Tết vì em")
    for fund in ("NULL", str(empty.pk)):
        with refused("appeal_fund_settled"):
            run(f"UPDATE funds_appeal SET fund_id = {fund} WHERE id = {appeal.pk}")
    new = Appeal.unscoped.create(unit=cast.here, kind="yearly", name="Mới", opens_on=date(2024, 1, 1), fund=empty)
    for change in ("purpose = 'Khác'", "is_restricted = false"):
        with refused("fund_kept_for_appeal"):
            run(f"UPDATE funds_fund SET {change} WHERE id = {empty.pk}")
    run(f"UPDATE funds_appeal SET fund_id = NULL WHERE id = {new.pk}")
    run(f"UPDATE funds_fund SET purpose = 'Khác' WHERE id = {empty.pk}")


def test_a_fund_is_kept_for_one_appeal_restricted_and_of_its_unit(cast, appeal, kept, other):
    elsewhere = make_fund(cast.elsewhere, "Quỹ nơi khác", is_restricted=True, purpose="x")
    row = {"unit_id": cast.here.pk, "kind": "yearly", "name": "Mới", "purpose": "", "opens_on": date(2024, 1, 1)}
    with refused("funds_appeal_fund_id_key"):
        insert("funds_appeal", {**row, "fund_id": kept.pk})
    for wrong in (other, elsewhere):
        with refused("appeal_fund_fits"):
            insert("funds_appeal", {**row, "fund_id": wrong.pk})


def test_a_fund_with_other_gifts_or_an_appeal_with_gifts_elsewhere_is_not_brought_together(cast, other):
    donor = make_donor(cast.here)
    row = {"unit_id": cast.here.pk, "kind": "yearly", "name": "Mới", "purpose": "", "opens_on": date(2024, 1, 1)}
    used = make_fund(cast.here, "Quỹ có", is_restricted=True, purpose="Tết")
    book(give(unit=cast.here.pk, donor=donor.pk, fund=used.pk))
    with refused("appeal_fund_alone"):
        insert("funds_appeal", {**row, "fund_id": used.pk})
    number = insert("funds_appeal", row)
    book(give(unit=cast.here.pk, donor=donor.pk, fund=other.pk, appeal_id=number))
    empty = make_fund(cast.here, "Quỹ trống", is_restricted=True, purpose="Tết")
    with refused("appeal_fund_alone"):
        run(f"UPDATE funds_appeal SET fund_id = {empty.pk} WHERE id = {number}")


def test_a_partner_has_a_name(appeal):
    with refused("appeal_partner_named"):
        insert("funds_appealpartner", {"appeal_id": appeal.pk, "number": 1, "name": ""})
