"""Reads of vouchers: what waits for whom, and what is under way."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import BigIntegerField, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from funds.models import Fund, Voucher, VoucherState
from members.models import UnitAncestor, User
from members.rules import Verb, may_somewhere, units_where


@dataclass(frozen=True)
class Waiting:
    """Vouchers that wait for one person: how many, and worth how much."""

    count: int = 0
    value_vnd: int = 0


def to_approve(user: User) -> QuerySet[Voucher]:
    """What ``user`` may approve: prepared by somebody else in a unit where he or she may. At most 1 query more."""
    return (
        Voucher.objects.visible_to(user)
        .filter(state=VoucherState.PREPARED, unit__in=units_where(user, Verb.APPROVE_SPENDING))
        .exclude(prepared_by=user)
    )


def to_confirm(user: User) -> QuerySet[Voucher]:
    """Transfers on their way to a unit where ``user`` may receive, sent by others. At most 1 query more."""
    return (
        Voucher.objects.visible_to(user)
        .filter(state=VoucherState.SENT, target_fund__unit__in=units_where(user, Verb.RECEIVE_TRANSFER))
        .exclude(prepared_by=user)
        .exclude(decided_by=user)
    )


def waiting(rows: QuerySet[Voucher]) -> Waiting:
    """How many ``rows`` there are and their sum. 1 query."""
    found = rows.order_by().aggregate(
        value=Coalesce(Sum("amount_vnd"), Value(0), output_field=BigIntegerField()), ids=Sum(Value(1), default=0)
    )
    return Waiting(found["ids"], int(found["value"]))


def waits_for(user: User) -> tuple[Waiting, Waiting]:
    """To approve, and to confirm, by ``user``. At most 2 queries and those of the rights."""
    approve = waiting(to_approve(user)) if may_somewhere(user, Verb.APPROVE_SPENDING) else Waiting()
    confirm = waiting(to_confirm(user)) if may_somewhere(user, Verb.RECEIVE_TRANSFER) else Waiting()
    return approve, confirm


def transfer_targets(user: User) -> QuerySet[Fund]:
    """The open funds that ``user`` may send money to: all that he or she sees, and those of the units above.

    At most 1 query more."""
    above = UnitAncestor.objects.filter(unit__in=units_where(user, Verb.PREPARE_SPENDING), is_latest=True)
    seen = Fund.objects.visible_to(user).values("pk")
    return Fund.unscoped.filter(Q(pk__in=seen) | Q(unit__in=above.values("ancestor")), closed_on=None)
