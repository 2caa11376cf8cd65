"""The ledger's rules, broken by hand in SQL: the database says no, by name."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from funds.models import AccountKind, FundMonth, Movement, MovementKind, Pot
from hkh.demo.build import MARK
from tests.cast import LONG_AGO, account, balance_vnd, make_ended, make_fund, outside
from tests.funds.raw import DAY, commit_now, post, refused, reverse, run

COMMITTED, FREE = AccountKind.COMMITTED, AccountKind.FREE


@pytest.fixture
def donors():
    return outside(AccountKind.DONORS)


@pytest.fixture
def recipients():
    return outside(AccountKind.RECIPIENTS)


@pytest.fixture
def other(cast):
    return make_fund(cast.here, "Quỹ khác", holds_vnd=400_000)


# Append-only


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE funds_movement SET amount_vnd = amount_vnd + 1",
        "UPDATE funds_movement SET note = 'x' WHERE id = -1",
        "DELETE FROM funds_movement",
        "TRUNCATE funds_movement CASCADE",
    ],
)
def test_movements_are_only_ever_added(fund, sql):
    commit_now()
    with refused("movement_append_only"):
        run(sql)
    assert Movement.objects.count() == 1


# Balances


def test_balances_follow_the_movements_of_one_statement_together(fund):
    free, committed = account(fund), account(fund, COMMITTED)
    post(free, committed, 200_000, "commitment")
    run(
        """
        INSERT INTO funds_movement
            (source_id, target_id, amount_vnd, kind, occurred_on, document, note, idempotency_key)
        VALUES (%(free)s, %(committed)s, 900000, 'commitment', %(day)s, '', '', gen_random_uuid()),
               (%(committed)s, %(free)s, 200000, 'release', %(day)s, '', '', gen_random_uuid())
        """,
        {"free": free.pk, "committed": committed.pk, "day": DAY},
    )
    assert balance_vnd(fund) == 100_000
    assert balance_vnd(fund, COMMITTED) == 900_000


def test_a_fund_cannot_be_overdrawn(fund, other):
    with refused("account_not_overdrawn"):
        post(account(fund), account(other), 1_000_001, "transfer")
    assert balance_vnd(fund) == 1_000_000
    assert balance_vnd(other) == 400_000


def test_what_is_committed_cannot_be_spent_twice(fund, other):
    post(account(fund), account(fund, COMMITTED), 700_000, "commitment")
    with refused("account_not_overdrawn"):
        post(account(fund), account(other), 300_001, "transfer")
    assert balance_vnd(fund) == 300_000
    assert balance_vnd(fund, COMMITTED) == 700_000


def test_outside_parties_keep_no_balance(fund, recipients):
    post(account(fund), recipients, 250_000, "expense")
    assert balance_vnd(fund) == 750_000
    assert outside(AccountKind.RECIPIENTS).balance_vnd == 0


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE funds_account SET balance_vnd = 5000000 WHERE fund_id IS NOT NULL",
        "UPDATE funds_account SET kind = 'committed' WHERE kind = 'free'",
        "INSERT INTO funds_account (fund_id, kind, pot, balance_vnd)"
        " SELECT fund_id, 'free', 'cash', 7 FROM funds_account WHERE fund_id IS NOT NULL LIMIT 1",
    ],
)
def test_no_balance_is_written_by_hand(fund, sql):
    with refused("account_balance_follows"):
        run(sql)
    assert balance_vnd(fund) == 1_000_000


@pytest.mark.parametrize("sql", ["DELETE FROM funds_account", "TRUNCATE funds_account CASCADE"])
def test_accounts_stay(fund, sql):
    commit_now()
    with refused("account_kept"):
        run(sql)


def test_a_fund_has_each_account_once(fund):
    with refused("account_once"):
        run("INSERT INTO funds_account (fund_id, kind, pot, balance_vnd) VALUES (%s, 'free', 'cash', 0)", [fund.pk])


def test_outside_parties_have_one_account_a_pot(db):
    with refused("account_once"):
        run("INSERT INTO funds_account (fund_id, kind, pot, balance_vnd) VALUES (NULL, 'donors', 'cash', 0)")


@pytest.mark.parametrize("kind", ["donors", "recipients", "opening", "adjustment"])
def test_a_fund_has_no_account_of_outside_parties(fund, kind):
    with refused("account_kind_fits_fund"):
        run("INSERT INTO funds_account (fund_id, kind, pot, balance_vnd) VALUES (%s, %s, 'cash', 0)", [fund.pk, kind])


# What may move where


def test_money_never_becomes_goods(fund, other):
    with refused("movement_same_pot"):
        post(account(fund), account(other, pot=Pot.GOODS), 100_000, "transfer")


@pytest.mark.parametrize("amount_vnd", [0, -5, 10**15 + 1])
def test_amounts_are_above_zero_and_below_a_slip_of_the_finger(fund, other, amount_vnd):
    with refused("movement_amount"):
        post(account(fund), account(other), amount_vnd, "transfer")


def test_a_movement_goes_from_one_account_to_another(fund):
    with refused("movement_between_two"):
        post(account(fund), account(fund), 100_000, "transfer")


ENDS = {
    "free": lambda fund, other: account(fund),
    "committed": lambda fund, other: account(fund, COMMITTED),
    "other free": lambda fund, other: account(other),
    "other committed": lambda fund, other: account(other, COMMITTED),
    "donors": lambda fund, other: outside(AccountKind.DONORS),
    "recipients": lambda fund, other: outside(AccountKind.RECIPIENTS),
    "opening": lambda fund, other: outside(AccountKind.OPENING),
    "adjustment": lambda fund, other: outside(AccountKind.ADJUSTMENT),
}
RIGHT_WAYS = {
    ("opening", "opening", "free"),
    ("opening", "opening", "other free"),
    ("interest", "adjustment", "free"),
    ("interest", "adjustment", "other free"),
    ("transfer", "free", "other free"),
    ("transfer", "other free", "free"),
    ("adjustment", "adjustment", "free"),
    ("adjustment", "adjustment", "other free"),
    ("adjustment", "free", "adjustment"),
    ("adjustment", "other free", "adjustment"),
    ("expense", "free", "recipients"),
    ("expense", "other free", "recipients"),
    ("payment", "committed", "recipients"),
    ("payment", "other committed", "recipients"),
    ("commitment", "free", "committed"),
    ("commitment", "other free", "other committed"),
    ("release", "committed", "free"),
    ("release", "other committed", "other free"),
}


@pytest.mark.parametrize("kind", sorted({*MovementKind.values} - {"donation", "handover"}))
def test_each_kind_goes_its_way_and_no_other(fund, other, kind):
    for one in (fund, other):
        post(account(one), account(one, COMMITTED), 200_000, "commitment")
    for start in ENDS:
        for end in ENDS:
            if start == end:
                continue
            source, target = ENDS[start](fund, other), ENDS[end](fund, other)
            if (kind, start, end) in RIGHT_WAYS:
                post(source, target, 1_000, kind)
            else:
                with refused("movement_kind_fits"):
                    post(source, target, 1_000, kind)


def test_goods_bear_no_interest(fund):
    with refused("movement_kind_fits"):
        post(outside(AccountKind.ADJUSTMENT, Pot.GOODS), account(fund, pot=Pot.GOODS), 1_000, "interest")


def test_an_unknown_kind_goes_nowhere(fund, other):
    with refused("movement_kind_fits"):
        post(account(fund), account(other), 1_000, "gift")


# Dates


def test_nothing_moves_before_the_fund_opened(cast, fund):
    late = make_fund(cast.here, opened_on=date(2024, 7, 1))
    with refused("movement_in_fund_life"):
        post(account(fund), account(late), 1_000, "transfer", occurred_on=date(2024, 6, 30))
    post(account(fund), account(late), 1_000, "transfer", occurred_on=date(2024, 7, 1))


def close(fund, closed_on):
    run("UPDATE funds_fund SET closed_on = %s WHERE id = %s", [closed_on, fund.pk])


def test_nothing_moves_in_a_fund_from_the_day_it_closed(cast, fund):
    empty = make_fund(cast.here)
    close(empty, DAY)
    with refused("movement_in_fund_life"):
        post(account(fund), account(empty), 1_000, "transfer", occurred_on=DAY)
    post(account(fund), account(empty), 1_000, "transfer", occurred_on=DAY - timedelta(days=1))
    post(account(empty), account(fund), 1_000, "transfer", occurred_on=DAY - timedelta(days=1))


def test_a_fund_hands_over_on_the_very_day_of_the_reorganisation(cast, fund):
    old = make_fund(make_ended(DAY, heir=cast.here), holds_vnd=700_000)
    heir = make_fund(cast.here, opened_on=DAY)
    post(account(old), account(heir), 700_000, "handover", occurred_on=DAY)
    close(old, DAY)
    commit_now()
    assert balance_vnd(heir) == 700_000


def test_a_handover_goes_to_the_unit_that_carries_on_that_day_and_to_no_other(cast, fund, other):
    ended = make_ended(DAY, heir=cast.here)
    old = make_fund(ended, holds_vnd=700_000)
    committed, elsewhere = account(fund, COMMITTED), make_fund(cast.elsewhere, holds_vnd=1_000)
    for source, target in ((account(old), committed), (committed, account(old))):
        with refused("movement_kind_fits"):
            post(source, target, 1_000, "handover")
    ways = [
        (fund, other, DAY),
        (fund, elsewhere, DAY),
        (old, elsewhere, DAY),
        (fund, old, DAY - timedelta(days=1)),
        (old, fund, DAY - timedelta(days=1)),
    ]
    for source, target, on in ways:
        with refused("movement_handed_to_heir"):
            post(account(source), account(target), 1_000, "handover", occurred_on=on)
    run(
        "INSERT INTO members_succession (predecessor_id, successor_id, effective_on, kind, share, legal_basis)"
        " VALUES (%s, %s, %s, 'whole', 1, '')",
        [cast.elsewhere.pk, cast.here.pk, DAY],
    )
    with refused("movement_handed_to_heir"):
        post(account(elsewhere), account(fund), 1_000, "handover")
    handed = post(account(old), account(fund), 700_000, "handover")
    reverse(handed)
    run("DELETE FROM members_succession WHERE predecessor_id = %s", [ended.pk])
    assert balance_vnd(old) == 700_000
    with refused("movement_handed_to_heir"):
        post(account(old), account(fund), 1_000, "handover")


def test_what_is_brought_forward_has_a_voucher(fund):
    with refused("movement_with_voucher"):
        post(outside(AccountKind.OPENING), account(fund), 5, "opening", with_voucher=False)
    post(outside(AccountKind.OPENING), account(fund), 5, "opening")
    commit_now()
    assert balance_vnd(fund) == 1_000_005


def test_a_closed_fund_hands_nothing_over_later(cast, fund):
    empty = make_fund(cast.here)
    close(empty, DAY)
    with refused("movement_in_fund_life"):
        post(account(empty), account(fund), 1, "handover", occurred_on=DAY + timedelta(days=1))


def test_tomorrow_is_refused_and_today_is_not(fund, recipients):
    today = timezone.localdate()
    post(account(fund), recipients, 1_000, "expense", occurred_on=today)
    with refused("movement_not_in_future"):
        post(account(fund), recipients, 1_000, "expense", occurred_on=today + timedelta(days=1))


def test_a_fixed_day_for_trying_out_counts_as_today_in_the_demo_alone(fund, recipients):
    fixed = timezone.localdate() + timedelta(days=30)
    run("SELECT set_config('hkh.today', %s, true)", [fixed.isoformat()])
    assert run("SELECT funds_today(), members_today()") == [(timezone.localdate(), timezone.localdate())]
    with refused("movement_not_in_future"):
        post(account(fund), recipients, 1_000, "expense", occurred_on=fixed)
    run(f"COMMENT ON TABLE members_unit IS '{MARK}'")
    post(account(fund), recipients, 1_000, "expense", occurred_on=fixed)
    with refused("movement_not_in_future"):
        post(account(fund), recipients, 1_000, "expense", occurred_on=fixed + timedelta(days=1))


@pytest.mark.parametrize("number", [0, -7])
def test_a_number_made_up_is_no_way_round_the_voucher(fund, recipients, number):
    with refused("movement_in_turn"):
        post(account(fund), recipients, 1_000, "expense", id=number, with_voucher=False)


# Reversals


def test_a_movement_is_taken_back_whole(fund, other):
    moved = post(account(fund), account(other), 300_000, "transfer")
    reverse(moved, occurred_on=DAY + timedelta(days=3))
    assert balance_vnd(fund) == 1_000_000
    assert balance_vnd(other) == 400_000


@pytest.mark.parametrize(
    "differently",
    [
        {"amount_vnd": 299_999},
        {"kind": "handover"},
        {"occurred_on": DAY - timedelta(days=1)},
    ],
)
def test_a_reversal_mirrors_exactly(fund, other, differently):
    moved = post(account(fund), account(other), 300_000, "transfer")
    with refused("movement_reversal_exact"):
        reverse(moved, **differently)


def test_a_reversal_goes_back_where_it_came_from(cast, fund, other):
    third = make_fund(cast.here)
    moved = post(account(fund), account(other), 300_000, "transfer")
    with refused("movement_reversal_exact"):
        reverse(moved, target=account(third))
    with refused("movement_reversal_exact"):
        reverse(moved, source=account(fund), target=account(other))


def test_a_movement_is_taken_back_once(fund, other):
    moved = post(account(fund), account(other), 300_000, "transfer")
    reverse(moved)
    with refused("funds_movement_reverses_id_key"):
        reverse(moved)


def test_a_reversal_is_not_taken_back(fund, other):
    back = reverse(post(account(fund), account(other), 300_000, "transfer"))
    with refused("movement_reversal_exact"):
        reverse(back)


def test_what_has_gone_on_since_cannot_be_taken_back(fund, other, recipients):
    moved = post(account(fund), account(other), 300_000, "transfer")
    post(account(other), recipients, 500_000, "expense")
    with refused("account_not_overdrawn"):
        reverse(moved)


# Restricted funds


@pytest.fixture
def restricted(cast):
    return make_fund(cast.here, is_restricted=True, purpose="Học bổng nữ sinh", holds_vnd=600_000)


def test_a_restricted_fund_pays_awards(restricted, recipients):
    post(account(restricted), account(restricted, COMMITTED), 600_000, "commitment")
    post(account(restricted, COMMITTED), recipients, 600_000, "payment")
    assert balance_vnd(restricted, COMMITTED) == 0


def test_a_restricted_fund_pays_nothing_else(restricted, fund, recipients):
    for kind, target in (("expense", recipients), ("transfer", account(fund)), ("handover", account(fund))):
        with refused("movement_serves_purpose"):
            post(account(restricted), target, 1_000, kind)


def test_a_restricted_fund_passes_on_to_the_same_purpose_alone(cast, restricted):
    same = make_fund(cast.here, is_restricted=True, purpose="Học bổng nữ sinh")
    another = make_fund(cast.here, is_restricted=True, purpose="Xây thư viện")
    post(account(restricted), account(same), 1_000, "transfer")
    with refused("movement_serves_purpose"):
        post(account(restricted), account(another), 1_000, "transfer")


def test_money_put_into_a_restricted_fund_by_mistake_can_be_taken_back(fund, restricted):
    reverse(post(account(fund), account(restricted), 5_000, "transfer"))
    assert balance_vnd(restricted) == 600_000


# The roll-up


def months(fund):
    rows = FundMonth.objects.filter(fund=fund).order_by("month", "pot", "kind")
    return [(f"{row.month:%Y-%m}", row.pot, row.kind, row.in_vnd, row.out_vnd, row.committed_vnd) for row in rows]


def test_months_say_what_came_went_and_was_committed(fund, other, recipients):
    july = date(2024, 7, 9)
    post(account(fund), account(fund, COMMITTED), 500_000, "commitment")
    post(account(fund, COMMITTED), recipients, 300_000, "payment", occurred_on=july)
    post(account(fund, COMMITTED), account(fund), 200_000, "release", occurred_on=july)
    moved = post(account(fund), account(other), 50_000, "transfer")
    reverse(moved, occurred_on=july)
    assert months(fund) == [
        (f"{LONG_AGO:%Y-%m}", "cash", "opening", 1_000_000, 0, 0),
        ("2024-06", "cash", "commitment", 0, 0, 500_000),
        ("2024-06", "cash", "transfer", 0, 50_000, 0),
        ("2024-07", "cash", "payment", 0, 300_000, -300_000),
        ("2024-07", "cash", "release", 0, 0, -200_000),
        ("2024-07", "cash", "transfer", 0, -50_000, 0),
    ]
    assert months(other) == [
        (f"{LONG_AGO:%Y-%m}", "cash", "opening", 400_000, 0, 0),
        ("2024-06", "cash", "transfer", 50_000, 0, 0),
        ("2024-07", "cash", "transfer", -50_000, 0, 0),
    ]
