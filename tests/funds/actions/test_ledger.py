"""The low-level verbs that awards rest on."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from funds.actions import commit_money, pay_out, post_movement, release_money, reverse_movement
from funds.models import AccountKind, Movement, MovementKind, Pot
from tests.cast import account, balance_vnd, make_fund
from tests.funds.raw import DAY, commit_now


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def test_money_is_committed_released_and_paid_out(cast, fund):
    facts = {"fund": fund, "pot": Pot.CASH, "occurred_on": DAY, "by": cast.chair}
    commit_money(**facts, amount_vnd=800_000)
    assert (balance_vnd(fund), balance_vnd(fund, AccountKind.COMMITTED)) == (200_000, 800_000)
    release_money(**facts, amount_vnd=100_000)
    paid = pay_out(**facts, amount_vnd=700_000, document="PC 3")
    assert (balance_vnd(fund), balance_vnd(fund, AccountKind.COMMITTED)) == (300_000, 0)
    assert (paid.kind, paid.document, paid.recorded_by) == (MovementKind.PAYMENT, "PC 3", cast.chair)


NOT_SET_ASIDE = "Only 0 đồng is set aside in the fund, not enough for 1,000,001 đồng. Approve the awards first."


@pytest.mark.parametrize(
    ("verb", "sentence"),
    [
        (
            commit_money,
            "The fund holds only 1,000,000 đồng, not enough for 1,000,001 đồng. "
            "Lower the amount or choose another fund.",
        ),
        (
            release_money,
            "Only 0 đồng is set aside in the fund, not enough for 1,000,001 đồng. Approve the awards first.",
        ),
        (pay_out, NOT_SET_ASIDE),
    ],
)
def test_shortage_says_what_is_left(cast, fund, verb, sentence):
    with pytest.raises(ValidationError) as refusal:
        verb(fund=fund, pot=Pot.CASH, amount_vnd=1_000_001, occurred_on=DAY, by=cast.chair)
    assert refusal.value.messages == [sentence]
    assert Movement.objects.filter(occurred_on=DAY).count() == 0


def test_a_reversal_takes_back_the_whole(cast, fund):
    committed = commit_money(fund=fund, pot=Pot.CASH, amount_vnd=800_000, occurred_on=DAY, by=cast.chair)
    back = reverse_movement(movement=committed, occurred_on=DAY + timedelta(days=1), by=cast.accountant, note="Nhầm")
    assert (back.reverses, back.amount_vnd, back.note) == (committed, 800_000, "Nhầm")
    assert balance_vnd(fund) == 1_000_000
    with pytest.raises(ValidationError) as refusal:
        reverse_movement(movement=back, occurred_on=DAY + timedelta(days=2), by=cast.accountant, note="Nhầm")
    assert refusal.value.code == "movement_reversal_exact"


def test_a_second_reversal_is_refused(cast, fund):
    moved = commit_money(fund=fund, pot=Pot.CASH, amount_vnd=300_000, occurred_on=DAY, by=cast.chair)
    commit_money(fund=fund, pot=Pot.CASH, amount_vnd=300_000, occurred_on=DAY, by=cast.chair)
    reverse_movement(movement=moved, occurred_on=DAY, by=cast.accountant, note="Nhầm")
    with pytest.raises(ValidationError) as refusal:
        reverse_movement(movement=moved, occurred_on=DAY, by=cast.accountant, note="Nhầm")
    assert refusal.value.messages == ["This movement has been taken back already."]


def test_what_was_paid_out_by_mistake_comes_back_committed(cast, fund):
    facts = {"fund": fund, "pot": Pot.CASH, "amount_vnd": 400_000, "occurred_on": DAY, "by": cast.chair}
    commit_money(**facts)
    reverse_movement(movement=pay_out(**facts), occurred_on=DAY, by=cast.accountant, note="Nhầm")
    assert balance_vnd(fund, AccountKind.COMMITTED) == 400_000


def test_a_key_posts_once(cast, fund):
    key = uuid4()
    facts = {
        "source": account(fund),
        "target": account(fund, AccountKind.COMMITTED),
        "amount_vnd": 1_000,
        "kind": MovementKind.COMMITMENT,
        "occurred_on": DAY,
        "by": cast.accountant,
        "key": key,
    }
    assert post_movement(**facts) == post_movement(**facts)
    assert balance_vnd(fund) == 999_000
    with pytest.raises(ValidationError) as refusal:
        post_movement(**{**facts, "amount_vnd": 2_000})
    assert refusal.value.code == "saved_already"
    commit_now()


def test_only_what_is_free_is_lent_to_a_second_purpose(cast):
    fund = make_fund(cast.here, holds_vnd=100)
    commit_money(fund=fund, pot=Pot.CASH, amount_vnd=60, occurred_on=DAY, by=cast.chair)
    with pytest.raises(ValidationError):
        commit_money(fund=fund, pot=Pot.CASH, amount_vnd=41, occurred_on=DAY, by=cast.chair)
    commit_money(fund=fund, pot=Pot.CASH, amount_vnd=40, occurred_on=DAY, by=cast.chair)
    assert balance_vnd(fund) == 0
