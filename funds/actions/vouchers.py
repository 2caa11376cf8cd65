"""Vouchers: prepared by one person, approved by another; transfers sent, and confirmed by the unit that receives.

Nothing moves before the approval. Each step locks the accounts of its funds first, then the voucher, then looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import connection
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from funds.actions.ledger import Accounts, lock_accounts, post_movement, post_reversal, require_balance
from funds.actions.saving import cleaned, saved_once
from funds.models import (
    Account,
    AccountKind,
    Fund,
    Movement,
    MovementKind,
    Pot,
    SpendingLimit,
    Voucher,
    VoucherKind,
    VoucherState,
)
from funds.queries.appeals import appeal_of, surplus_left_vnd
from hkh.core.dates import format_date
from hkh.core.money import dong
from hkh.core.text import clean
from hkh.core.violations import refusals
from members.models import Unit, UnitAncestor, User
from members.rules import Verb, may, require


def prepare_voucher(
    *,
    kind: VoucherKind | str,
    fund: Fund,
    amount_vnd: int,
    occurred_on: date,
    by: User,
    pot: Pot | str = Pot.CASH,
    target_fund: Fund | None = None,
    payee: str = "",
    document: str = "",
    note: str = "",
    idempotency_key: UUID | None = None,
) -> Voucher:
    """What shall move in ``fund``, waiting for another person's approval; booked at once up to the unit's limit.

    A transfer may go to any fund that ``by`` sees, and to those of the units above. Raises: Http404,
    PermissionDenied; ValidationError where the entry could not be approved as things stand.
    """
    require(by, Verb.PREPARE_SPENDING, fund.unit_id)
    if target_fund is not None:
        require_reach(by, fund.unit_id, target_fund)
    facts = cleaned(
        {
            "kind": VoucherKind(kind),
            "fund": fund,
            "target_fund": target_fund,
            "pot": Pot(pot),
            "amount_vnd": amount_vnd,
            "occurred_on": occurred_on,
            "payee": payee,
            "document": document,
            "note": note,
        }
    )

    def make() -> Voucher:
        voucher = Voucher(unit_id=fund.unit_id, prepared_by=by, idempotency_key=idempotency_key or uuid4(), **facts)
        _require_possible(voucher, accounts)
        voucher.save(force_insert=True)
        if amount_vnd <= alone_limit_vnd(fund.unit_id):
            _book(voucher, accounts, by=by)
        return voucher

    with refusals():
        # Locked before the key is looked up: of two submits at once the second finds what the first one booked.
        accounts = lock_accounts(_funds(fund, target_fund))
        return saved_once(Voucher.unscoped.all(), key=idempotency_key, facts=facts, make=make)


def approve_voucher(*, voucher: Voucher, by: User) -> Voucher:
    """The voucher in the books; a transfer to another unit in transit. Raises: Http404, PermissionDenied;
    ValidationError where ``by`` prepared it, somebody decided before, or the money is no longer there."""
    require(by, Verb.APPROVE_SPENDING, voucher.unit_id)
    with refusals():
        accounts = lock_accounts(_funds(voucher.fund, voucher.target_fund))
        held = _locked(voucher, VoucherState.PREPARED)
        if held.prepared_by_id == by.pk:
            raise ValidationError(
                _("Who prepared it does not approve it. Ask another person who may approve spending."),
                code="voucher_two_people",
            )
        _require_possible(held, accounts)
        held.decided_by = by
        return _book(held, accounts, by=by)


def refuse_voucher(*, voucher: Voucher, reason: str, by: User) -> Voucher:
    """The voucher refused, with the reason; nothing has moved. Raises: as ``approve_voucher``."""
    require(by, Verb.APPROVE_SPENDING, voucher.unit_id)
    return _decide(voucher, VoucherState.REFUSED, reason=reason, by=by)


def withdraw_voucher(*, voucher: Voucher, by: User) -> Voucher:
    """The voucher taken back by who may prepare one, before anybody decided. Raises: as ``approve_voucher``."""
    require(by, Verb.PREPARE_SPENDING, voucher.unit_id)
    return _decide(voucher, VoucherState.WITHDRAWN, reason="", by=by)


def reverse_voucher(*, voucher: Voucher, reason: str, on: date, by: User) -> Voucher:
    """What was booked by mistake taken back, whole, on ``on``. By another person than who prepared it.

    Raises: Http404, PermissionDenied; ValidationError, also where the money has gone on since.
    """
    require(by, Verb.APPROVE_SPENDING, voucher.unit_id)
    with refusals():
        accounts = lock_accounts(_funds(voucher.fund, voucher.target_fund))
        held = _locked(voucher, VoucherState.BOOKED)
        assert held.posted is not None
        target = {account.pk: account for account in accounts.values()}[held.posted.target_id]
        if target.fund_id is not None:
            require_balance(target, held.amount_vnd)
        reversal = post_reversal(held.posted, occurred_on=on, by=by, note=clean(reason))
        return _settle(held, VoucherState.REVERSED, reversal, reason=reason, on=on, by=by)


def confirm_transfer(*, voucher: Voucher, on: date, by: User) -> Voucher:
    """The transfer received: out of transit into the fund it was sent to, on ``on``. By the unit that receives.

    Raises: Http404, PermissionDenied; ValidationError where ``by`` sent it or somebody settled it before.
    """
    assert voucher.target_fund is not None
    require(by, Verb.RECEIVE_TRANSFER, voucher.target_fund.unit_id)
    with refusals():
        accounts = lock_accounts(_funds(voucher.fund, voucher.target_fund))
        held = _locked(voucher, VoucherState.SENT)
        if by.pk in (held.prepared_by_id, held.decided_by_id):
            raise ValidationError(
                _("Who sent the money does not confirm that it arrived. Ask the receiving unit to confirm it."),
                code="voucher_confirmed_by_another",
            )
        _require_not_before(held, on)
        moved = _move(
            held,
            accounts[held.fund_id, AccountKind.TRANSIT, held.pot],
            accounts[voucher.target_fund.pk, AccountKind.FREE, held.pot],
            MovementKind.TRANSFER,
            on=on,
            by=by,
        )
        return _settle(held, VoucherState.CONFIRMED, moved, reason="", on=on, by=by)


def return_transfer(*, voucher: Voucher, reason: str, on: date, by: User) -> Voucher:
    """The transfer come back: refused by the unit that should receive, or taken back by the one that sent.

    Raises: Http404, PermissionDenied; ValidationError where somebody settled it before.
    """
    assert voucher.target_fund is not None
    if not may(by, Verb.RECEIVE_TRANSFER, voucher.target_fund.unit_id):
        require(by, Verb.PREPARE_SPENDING, voucher.unit_id)
    with refusals():
        accounts = lock_accounts(_funds(voucher.fund, voucher.target_fund))
        held = _locked(voucher, VoucherState.SENT)
        _require_not_before(held, on)
        moved = _move(
            held,
            accounts[held.fund_id, AccountKind.TRANSIT, held.pot],
            accounts[held.fund_id, AccountKind.FREE, held.pot],
            MovementKind.RETURNED,
            on=on,
            by=by,
        )
        return _settle(held, VoucherState.RETURNED, moved, reason=reason, on=on, by=by)


def set_spending_limit(*, unit: Unit, alone_up_to_vnd: int, by: User) -> SpendingLimit:
    """From now on, one person is enough up to ``alone_up_to_vnd`` in ``unit``. Raises: Http404, PermissionDenied;
    ValidationError."""
    require(by, Verb.APPROVE_SPENDING, unit)
    with refusals():
        return SpendingLimit.unscoped.create(unit=unit, alone_up_to_vnd=alone_up_to_vnd, set_by=by)


def alone_limit_vnd(unit_id: int) -> int:
    """Up to how much one person books alone in the unit now. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT funds_alone_limit(%s, %s)", [unit_id, timezone.now()])
        return int(cursor.fetchone()[0])


def _funds(*funds: Fund | None) -> list[Fund]:
    return [fund for fund in funds if fund is not None]


def require_reach(by: User, unit_id: int, target: Fund) -> None:
    """Money of a unit goes to what one sees, and upwards; all else must not even be known to exist."""
    if may(by, Verb.SEE, target.unit_id):
        return
    if not UnitAncestor.objects.filter(unit=unit_id, ancestor=target.unit_id, is_latest=True).exists():
        raise Http404


def _locked(voucher: Voucher, expected: VoucherState) -> Voucher:
    """The voucher as it stands, locked. Raises: ValidationError where it is no longer in the ``expected`` state."""
    rows = Voucher.unscoped.select_for_update(no_key=True, of=("self",))
    held = rows.select_related("fund", "target_fund", "posted").get(pk=voucher.pk)
    if held.state != expected:
        raise ValidationError(
            _("Somebody was faster: this voucher is now “%(state)s”. Open it again to see how it was decided."),
            code="voucher_steps",
            params={"state": held.get_state_display()},
        )
    return held


def _require_possible(voucher: Voucher, accounts: Accounts) -> None:
    """What would be refused at the approval is refused before anybody waits for it."""
    if not voucher.is_incoming:
        require_balance(accounts[voucher.fund_id, AccountKind.FREE, voucher.pot], voucher.amount_vnd)
    if voucher.fund_id == voucher.target_fund_id:
        raise ValidationError(_("Choose two different funds."), code="voucher_between_two")
    if voucher.fund.is_restricted and (
        voucher.kind == VoucherKind.EXPENSE
        or (
            voucher.target_fund is not None
            and not (voucher.target_fund.is_restricted and voucher.target_fund.purpose == voucher.fund.purpose)
        )
    ):
        _require_decided(voucher)
    for fund in _funds(voucher.fund, voucher.target_fund):
        if voucher.occurred_on < fund.opened_on or (fund.closed_on and voucher.occurred_on >= fund.closed_on):
            raise ValidationError(
                _("The fund “%(fund)s” was not open on that date. Check the date or choose another fund."),
                code="movement_in_fund_life",
                params={"fund": fund.name},
            )


def _require_decided(voucher: Voucher) -> None:
    """Refuse what leaves the purpose of its restricted fund, unless it is the surplus of an appeal and was decided."""
    appeal = appeal_of(voucher.fund) if voucher.pot == Pot.CASH else None
    if appeal is None:
        raise ValidationError(
            _(
                "The donors gave this fund for one purpose. It pays awards for that purpose and may pass on money "
                "only to a fund with the same purpose."
            ),
            code="movement_serves_purpose",
        )
    left_vnd = max(surplus_left_vnd(voucher.fund, voucher.target_fund), 0)
    if voucher.amount_vnd > left_vnd:
        raise ValidationError(
            _(
                "This fund is kept for the appeal “%(appeal)s”. What is left of it goes elsewhere only by a recorded "
                "decision; decided for this and not used yet: %(left)s. Record the decision on the appeal's page first."
            ),
            code="movement_surplus_decided",
            params={"appeal": appeal.name, "left": dong(left_vnd)},
        )


def _require_not_before(voucher: Voucher, on: date) -> None:
    if on < voucher.occurred_on:
        raise ValidationError(
            _("It was sent on %(day)s: it cannot have arrived or come back before."),
            code="settled_on",
            params={"day": format_date(voucher.occurred_on)},
        )


def _book(voucher: Voucher, accounts: Accounts, *, by: User) -> Voucher:
    """The voucher (locked, prepared) in the books. 2 queries and what the triggers do."""
    source, target, kind = _way(voucher, accounts)
    voucher.posted = _move(voucher, source, target, kind, on=voucher.occurred_on, by=by)
    voucher.state = VoucherState.SENT if kind == MovementKind.SENDING else VoucherState.BOOKED
    voucher.decided_at = timezone.now()
    voucher.save(update_fields=["state", "posted", "decided_by", "decided_at"])
    return voucher


def _way(voucher: Voucher, accounts: Accounts) -> tuple[Account, Account, MovementKind]:
    """From where to where the voucher moves, and as what."""
    free = accounts[voucher.fund_id, AccountKind.FREE, voucher.pot]
    outside: Mapping[str, tuple[AccountKind, MovementKind]] = {
        VoucherKind.EXPENSE: (AccountKind.RECIPIENTS, MovementKind.EXPENSE),
        VoucherKind.SHORTAGE: (AccountKind.ADJUSTMENT, MovementKind.ADJUSTMENT),
        VoucherKind.SURPLUS: (AccountKind.ADJUSTMENT, MovementKind.ADJUSTMENT),
        VoucherKind.INTEREST: (AccountKind.ADJUSTMENT, MovementKind.INTEREST),
        VoucherKind.OPENING: (AccountKind.OPENING, MovementKind.OPENING),
    }
    if voucher.target_fund is None:
        account, kind = outside[voucher.kind]
        there = accounts[None, account, voucher.pot]
        return (there, free, kind) if voucher.is_incoming else (free, there, kind)
    if voucher.target_fund.unit_id == voucher.unit_id:
        return free, accounts[voucher.target_fund.pk, AccountKind.FREE, voucher.pot], MovementKind.TRANSFER
    return free, accounts[voucher.fund_id, AccountKind.TRANSIT, voucher.pot], MovementKind.SENDING


def _move(voucher: Voucher, source: Account, target: Account, kind: MovementKind, *, on: date, by: User) -> Movement:
    return post_movement(
        source=source,
        target=target,
        amount_vnd=voucher.amount_vnd,
        kind=kind,
        occurred_on=on,
        by=by,
        document=voucher.document,
        note=voucher.note,
    )


def _settle(voucher: Voucher, state: VoucherState, movement: Movement, *, reason: str, on: date, by: User) -> Voucher:
    voucher.state, voucher.settled, voucher.settled_on, voucher.settled_by = state, movement, on, by
    voucher.reason = clean(reason)
    voucher.save(update_fields=["state", "settled", "settled_on", "settled_by", "reason"])
    return voucher


def _decide(voucher: Voucher, state: VoucherState, *, reason: str, by: User) -> Voucher:
    with refusals():
        held = _locked(voucher, VoucherState.PREPARED)
        facts: dict[str, Any] = {"decided_by": by, "decided_at": timezone.now(), "reason": clean(reason)}
        held.state = state
        for name, value in facts.items():
            setattr(held, name, value)
        held.save(update_fields=["state", *facts])
        return held
