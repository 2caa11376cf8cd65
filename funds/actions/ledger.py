"""Posting movements. Callers have checked the right of ``by``; the database keeps the rules (funds.triggers).

Lock, then look: the balances of a fund are locked in id order by ``lock_accounts`` before they are read, the
same order in which the trigger of the movements locks them. So nobody spends twice and nobody waits in a circle.

Committing, releasing, paying out and reversing are steps of other verbs: what is proved when a transaction ends
(commitments equal awards) does not hold between the steps, so these leave the proof to the outer verb.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NotRequired, TypedDict, Unpack
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from funds.actions.saving import saved_once
from funds.models import Account, AccountKind, Donation, Fund, GoodsChoice, Movement, MovementKind, Pot, Stock
from hkh.core.money import dong
from hkh.core.violations import refusals
from members.models import User

#: Of which stock how many.
Goods = Sequence[tuple[Stock, Decimal]]
Accounts = dict[tuple[int | None, str, str], Account]


def lock_accounts(funds: Iterable[Fund]) -> Accounts:
    """The accounts of ``funds``, locked in id order, and those of outside parties, not locked. 2 queries.

    Keys: (fund id or None, ``AccountKind``, ``Pot``). Call inside a transaction.
    """
    # Without key: a foreign key's check (FOR KEY SHARE) of a movement on its way must not wait for us.
    locked = Account.objects.select_for_update(no_key=True).filter(fund__in=list(funds)).order_by("pk")
    outside = Account.objects.filter(fund=None)
    return {(account.fund_id, account.kind, account.pot): account for account in [*locked, *outside]}


def post_movement(
    *,
    source: Account,
    target: Account,
    amount_vnd: int,
    kind: MovementKind | str,
    occurred_on: date,
    by: User,
    document: str = "",
    note: str = "",
    donation: Donation | None = None,
    key: UUID | None = None,
) -> Movement:
    """The movement of ``amount_vnd`` đồng from ``source`` to ``target``. 1 query and what the triggers do.

    With ``key`` a second call of the same facts returns the first movement. Raises: ValidationError, with the
    sentence of the rule that it breaks.
    """
    facts = {
        "source": source,
        "target": target,
        "amount_vnd": amount_vnd,
        "kind": kind,
        "occurred_on": occurred_on,
        "donation": donation,
        "reverses": None,
    }

    def post() -> Movement:
        return Movement.objects.create(
            **facts, document=document, note=note, recorded_by=by, idempotency_key=key or uuid4()
        )

    return saved_once(Movement.objects.all(), key=key, facts=facts, make=post)


class Sum(TypedDict):
    """What is set aside, released or handed out of a fund."""

    fund: Fund
    pot: Pot | str
    amount_vnd: int
    occurred_on: date
    by: User
    document: NotRequired[str]
    note: NotRequired[str]


def commit_money(**said: Unpack[Sum]) -> Movement:
    """Money of the fund set aside for approved awards: free → committed. Raises: ValidationError on shortage."""
    with refusals(check_deferred=False):
        return _step(MovementKind.COMMITMENT, AccountKind.FREE, AccountKind.COMMITTED, **said)


def release_money(**said: Unpack[Sum]) -> Movement:
    """Money of the fund that awards no longer need: committed → free. Raises: ValidationError on shortage."""
    with refusals(check_deferred=False):
        return _step(MovementKind.RELEASE, AccountKind.COMMITTED, AccountKind.FREE, **said)


def pay_out(*, goods: Goods = (), **said: Unpack[Sum]) -> Movement:
    """Committed money of the fund handed out: committed → recipients; of goods, those of ``goods``, or by value where
    none are named. Raises: ValidationError on shortage."""
    with refusals(check_deferred=False):
        movement = _step(MovementKind.PAYMENT, AccountKind.COMMITTED, AccountKind.RECIPIENTS, **said)
        GoodsChoice.objects.bulk_create(
            GoodsChoice(movement=movement, item_id=stock.item_id, holder_id=stock.holder_id, quantity=quantity)
            for stock, quantity in goods
        )
        return movement


def _step(kind: MovementKind, source: AccountKind, target: AccountKind, **said: Unpack[Sum]) -> Movement:
    """From one account of the fund to another, or to who receives. Call inside a transaction."""
    fund, pot = said["fund"], said["pot"]
    accounts = lock_accounts([fund])
    held = accounts[fund.pk, source, pot]
    require_balance(held, said["amount_vnd"])
    return post_movement(
        source=held,
        target=accounts[None if target == AccountKind.RECIPIENTS else fund.pk, target, pot],
        amount_vnd=said["amount_vnd"],
        kind=kind,
        occurred_on=said["occurred_on"],
        by=said["by"],
        document=said.get("document", ""),
        note=said.get("note", ""),
    )


def reverse_movement(*, movement: Movement, occurred_on: date, by: User, note: str) -> Movement:
    """The movement that takes ``movement`` back, whole. Raises: ValidationError where it was taken back before,
    is itself a reversal, or the money has gone on since."""
    with refusals(check_deferred=False):
        accounts = lock_accounts(Fund.unscoped.filter(accounts__in=[movement.source_id, movement.target_id]))
        held = {account.pk: account for account in accounts.values()}
        target = held[movement.target_id]
        if target.fund_id is not None:
            require_balance(target, movement.amount_vnd)
        return post_reversal(movement, occurred_on=occurred_on, by=by, note=note)


def post_reversal(movement: Movement, *, occurred_on: date, by: User, note: str) -> Movement:
    """``movement`` the other way round, without a look at what the accounts hold. 1 query."""
    return Movement.objects.create(
        source_id=movement.target_id,
        target_id=movement.source_id,
        amount_vnd=movement.amount_vnd,
        kind=movement.kind,
        occurred_on=occurred_on,
        document=movement.document,
        note=note,
        donation_id=movement.donation_id,
        reverses=movement,
        recorded_by=by,
    )


def require_balance(account: Account, amount_vnd: int, *, saved_as: UUID | None = None) -> None:
    """Refuse, with what is left, where ``account`` (locked) does not hold ``amount_vnd``.

    ``saved_as``: let pass what was saved with that key already, for its money has gone out once.
    """
    if account.balance_vnd >= amount_vnd:
        return
    if saved_as is not None and Movement.objects.filter(idempotency_key=saved_as).exists():
        return
    sentences = {
        (AccountKind.FREE, Pot.CASH): _(
            "The fund holds only %(left)s, not enough for %(wanted)s. Lower the amount or choose another fund."
        ),
        (AccountKind.FREE, Pot.GOODS): _(
            "The fund holds goods worth only %(left)s, not enough for %(wanted)s. "
            "Lower the amount or choose another fund."
        ),
        (AccountKind.COMMITTED, Pot.CASH): _(
            "Only %(left)s is set aside in the fund, not enough for %(wanted)s. Approve the awards first."
        ),
        (AccountKind.COMMITTED, Pot.GOODS): _(
            "Only goods worth %(left)s are set aside in the fund, not enough for %(wanted)s. Approve the awards first."
        ),
    }
    raise ValidationError(
        sentences[AccountKind(account.kind), Pot(account.pot)],
        code="account_not_overdrawn",
        params={"left": dong(account.balance_vnd), "wanted": dong(amount_vnd)},
    )
