"""Appeals: what was asked for, with whom, and what was decided about a surplus."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Required, TypedDict, Unpack
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from funds.actions.ledger import lock_accounts
from funds.actions.saving import cleaned, saved_once
from funds.actions.vouchers import require_reach
from funds.models import AccountKind, Appeal, AppealDecision, AppealKind, AppealPartner, Fund, Pot
from funds.queries.appeals import surplus_left_vnd, surplus_undecided_vnd
from hkh.core.money import dong
from hkh.core.text import clean
from hkh.core.violations import refusals
from members.models import Unit, User
from members.rules import Verb, require


class Partner(TypedDict, total=False):
    """Who carries the appeal along, and what they do for it."""

    name: Required[str]
    role: str


class AppealFacts(TypedDict, total=False):
    """What an appeal asks for. It takes gifts on the days ``[opens_on, closes_on)``; ``fund`` is kept for it alone."""

    kind: Required[AppealKind | str]
    name: Required[str]
    opens_on: Required[date]
    purpose: str
    area: str
    target_vnd: int | None
    closes_on: date | None
    fund: Fund | None


def open_appeal(*, unit: Unit, by: User, partners: Sequence[Partner] = (), **facts: Unpack[AppealFacts]) -> Appeal:
    """An appeal of ``unit``, for itself and all below it. Raises: Http404, PermissionDenied, ValidationError."""
    require(by, Verb.MANAGE_APPEALS, unit)
    _require_seen(by, facts.get("fund"))
    with refusals():
        appeal = Appeal.unscoped.create(unit=unit, **cleaned(facts))
        _set_partners(appeal, partners)
    return appeal


def edit_appeal(
    *, appeal: Appeal, by: User, partners: Sequence[Partner] | None = None, **facts: Unpack[AppealFacts]
) -> Appeal:
    """The appeal as it stands now; ``partners``, where given, are all of them.

    Raises: ValidationError where gifts would fall outside its dates, its kind changes after the first gift, or its fund
    after the first movement.
    """
    require(by, Verb.MANAGE_APPEALS, appeal.unit_id)
    _require_seen(by, facts.get("fund"))
    with refusals():
        Appeal.unscoped.filter(pk=appeal.pk).update(**cleaned(facts))
        if partners is not None:
            _set_partners(appeal, partners)
    return Appeal.unscoped.get(pk=appeal.pk)


def record_appeal_decision(
    *,
    appeal: Appeal,
    number: str,
    decided_on: date,
    signed_by: str,
    amount_vnd: int,
    by: User,
    target_fund: Fund | None = None,
    purpose: str = "",
    idempotency_key: UUID | None = None,
) -> AppealDecision:
    """So much of what is left in the appeal's fund may go to ``target_fund`` or be spent on ``purpose``.

    Raises: Http404, PermissionDenied; ValidationError, also for more than the fund holds beyond what was decided.
    """
    require(by, Verb.MANAGE_APPEALS, appeal.unit_id)
    if target_fund is not None:
        require_reach(by, appeal.unit_id, target_fund)
    facts = cleaned(
        {
            "appeal": appeal,
            "number": number,
            "decided_on": decided_on,
            "signed_by": signed_by,
            "target_fund": target_fund,
            "purpose": purpose,
            "amount_vnd": amount_vnd,
        }
    )

    def make() -> AppealDecision:
        if appeal.fund is not None:
            _require_surplus(appeal.fund, amount_vnd)
        return AppealDecision.unscoped.create(recorded_by=by, idempotency_key=idempotency_key or uuid4(), **facts)

    with refusals():
        return saved_once(AppealDecision.unscoped.all(), key=idempotency_key, facts=facts, make=make)


def withdraw_appeal_decision(*, decision: AppealDecision, reason: str, on: date, by: User) -> AppealDecision:
    """The decision no more. Raises: Http404, PermissionDenied; ValidationError where money has gone out on it or is on
    its way."""
    require(by, Verb.MANAGE_APPEALS, decision.appeal.unit_id)
    with refusals():
        fund = decision.appeal.fund
        assert fund is not None  # kept by the database: no decision without
        lock_accounts([fund])
        held = AppealDecision.unscoped.select_for_update(no_key=True).get(pk=decision.pk)
        if held.withdrawn_on is None and surplus_left_vnd(fund, held.target_fund) < held.amount_vnd:
            raise ValidationError(
                _("Money has gone out on this decision, so it stands. Take that back first."),
                code="appeal_decision_used",
            )
        held.withdrawn_on, held.withdraw_reason = on, clean(reason)
        held.save(update_fields=["withdrawn_on", "withdraw_reason"])
        return held


def _require_seen(by: User, fund: Fund | None) -> None:
    if fund is not None:
        require(by, Verb.SEE, fund.unit_id)


def _require_surplus(fund: Fund, amount_vnd: int) -> None:
    """Refuse more than the fund holds, what was decided before and has not gone out yet taken off."""
    free = lock_accounts([fund])[fund.pk, AccountKind.FREE, Pot.CASH]
    left_vnd = surplus_undecided_vnd(fund, held_vnd=free.balance_vnd)
    if amount_vnd > left_vnd:
        raise ValidationError(
            _("The fund of the appeal holds only %(left)s that no decision has given away yet. Lower the amount."),
            code="appeal_decision_amount",
            params={"left": dong(max(left_vnd, 0))},
        )


def _set_partners(appeal: Appeal, partners: Sequence[Partner]) -> None:
    AppealPartner.unscoped.filter(appeal=appeal).delete()
    AppealPartner.unscoped.bulk_create(
        AppealPartner(appeal=appeal, number=number, **cleaned(partner)) for number, partner in enumerate(partners, 1)
    )
