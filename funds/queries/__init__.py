"""Reads of money over many rows. Callers give querysets that are scoped already."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    F,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from funds.models import Account, AccountKind, Appeal, Donation, Donor, Fund, FundMonth, Movement, MovementKind, Pot
from hkh.core.dates import Period
from hkh.core.text import search_key
from members.models import Unit, UnitAncestor


def _balance(kind: AccountKind, pot: Pot) -> Coalesce:
    held = Account.objects.filter(fund=OuterRef("pk"), kind=kind, pot=pot).values("balance_vnd")
    return Coalesce(Subquery(held, output_field=BigIntegerField()), Value(0), output_field=BigIntegerField())


def with_balances(funds: QuerySet[Fund]) -> QuerySet[Fund]:
    """``funds`` with what they hold now, in đồng. A lookup by key each; no query of its own.

    Columns: ``money_vnd`` and ``goods_vnd`` (available), ``committed_vnd`` and ``transit_vnd`` (both pots),
    ``held_vnd`` (all of it).
    """
    rows = funds.annotate(
        money_vnd=_balance(AccountKind.FREE, Pot.CASH),
        goods_vnd=_balance(AccountKind.FREE, Pot.GOODS),
        committed_vnd=_balance(AccountKind.COMMITTED, Pot.CASH) + _balance(AccountKind.COMMITTED, Pot.GOODS),
        transit_vnd=_balance(AccountKind.TRANSIT, Pot.CASH) + _balance(AccountKind.TRANSIT, Pot.GOODS),
    )
    return rows.annotate(held_vnd=F("money_vnd") + F("goods_vnd") + F("committed_vnd") + F("transit_vnd"))


@dataclass(frozen=True)
class FundFlows:
    """What a fund did in a period, money and goods together, in đồng: opening + in − out = closing.

    Of ``closing_vnd``, ``committed_vnd`` was set aside on the last day and ``transit_vnd`` on its way to others.
    """

    opening_vnd: int = 0
    in_vnd: int = 0
    out_vnd: int = 0
    committed_vnd: int = 0
    transit_vnd: int = 0

    @property
    def closing_vnd(self) -> int:
        return self.opening_vnd + self.in_vnd - self.out_vnd

    @property
    def available_vnd(self) -> int:
        return self.closing_vnd - self.committed_vnd - self.transit_vnd


def flows_by_fund(funds: QuerySet[Fund], *, period: Period) -> dict[int, FundFlows]:
    """The flows of each of ``funds`` during ``period``, by fund id, read from the roll-up. 1 query.

    What was brought forward into the system counts as opening, not as income; reversals count negative on the side
    they take back, in their own month. Funds without any movement are left out.
    """
    during = Q(month__gte=period.starts_on) & ~Q(kind=MovementKind.OPENING)
    rows = (
        FundMonth.objects.filter(fund__in=funds, month__lt=period.ends_before)
        .values("fund")
        .annotate(
            opening=Sum(F("in_vnd") - F("out_vnd"), filter=~during, default=0),
            came_in=Sum("in_vnd", filter=during, default=0),
            went_out=Sum("out_vnd", filter=during, default=0),
            set_aside=Sum("committed_vnd"),
            on_its_way=Sum("transit_vnd"),
        )
    )
    return {
        row["fund"]: FundFlows(
            *(int(row[name]) for name in ("opening", "came_in", "went_out", "set_aside", "on_its_way"))
        )
        for row in rows
    }


def ledger_of(fund: Fund) -> QuerySet[Movement]:
    """All movements of ``fund``, newest first, with what each did to it.

    Columns: ``in_vnd`` and ``out_vnd`` (over the fund's border), ``set_aside_vnd`` and ``transit_vnd`` (into, or out
    of, what is committed or on its way); 0 where nothing. Reversals stand on the side to which the money went.
    """
    own = list(Account.objects.filter(fund=fund).values_list("pk", "kind"))
    ids = [pk for pk, _kind in own]
    committed = [pk for pk, kind in own if kind == AccountKind.COMMITTED]
    transit = [pk for pk, kind in own if kind == AccountKind.TRANSIT]

    def when(condition: Q, sign: int = 1) -> Case:
        return Case(When(condition, then=F("amount_vnd") * sign), default=Value(0), output_field=BigIntegerField())

    enters, leaves = Q(target__in=ids), Q(source__in=ids)
    return (
        Movement.objects.filter(enters | leaves)
        .annotate(
            in_vnd=when(enters & ~leaves),
            out_vnd=when(leaves & ~enters),
            set_aside_vnd=when(Q(target__in=committed)) + when(Q(source__in=committed), -1),
            transit_vnd=when(Q(target__in=transit)) + when(Q(source__in=transit), -1),
        )
        .select_related("source__fund__unit", "target__fund__unit", "donation__donor", "reverses", "recorded_by")
        .select_related("voucher__target_fund", "voucher_settled__target_fund")
        .order_by("-occurred_on", "-pk")
    )


# Donors


def of_donor(donor: Donor) -> Q:
    """The gifts of ``donor``, those on cards merged into it too."""
    return Q(donor=donor) | Q(donor__merged_into=donor)


def with_gifts(donors: QuerySet[Donor], *, donations: QuerySet[Donation]) -> QuerySet[Donor]:
    """``donors`` with what ``donations`` say of them (voided ones left out). No query of its own.

    Gifts on cards merged into a donor count as his; a split gift counts once. Columns: ``gift_count``, ``given_vnd``
    (int), ``last_gift_on`` (date or None).
    """
    cards = Donor.unscoped.filter(Q(pk=OuterRef(OuterRef("pk"))) | Q(merged_into=OuterRef(OuterRef("pk"))))
    own: QuerySet[Any] = donations.filter(donor__in=cards.values("pk"), voided_on=None).order_by()
    own = own.annotate(one=Value(1)).values("one")
    return donors.annotate(
        gift_count=Coalesce(
            Subquery(
                own.annotate(n=Count("pk", filter=Q(part=None) | Q(part=1))).values("n"), output_field=IntegerField()
            ),
            Value(0),
        ),
        given_vnd=Coalesce(
            Subquery(own.annotate(n=Sum("amount_vnd")).values("n"), output_field=BigIntegerField()), Value(0)
        ),
        last_gift_on=Subquery(own.annotate(n=Max("received_on")).values("n")),
    )


def search_donors(donors: QuerySet[Donor], text: str) -> QuerySet[Donor]:
    """The donors whose name holds every word of ``text``, marks and case aside; or whose telephone or tax code
    begins so."""
    digits = "".join(letter for letter in text if letter.isdigit())
    words = Q()
    for word in search_key(text).split():
        words &= Q(search_key__contains=word)
    if len(digits) >= 4:
        words |= Q(phone__startswith=digits) | Q(tax_code__startswith=digits)
    return donors.filter(words)


# Appeals


def appeals_for(unit: Unit, *, open_since: date) -> QuerySet[Appeal]:
    """The appeals that ``unit`` may count gifts to, its own and those of the units above it, which were still open
    on ``open_since``. They need not be in anyone's scope: an appeal calls all below it."""
    above = UnitAncestor.objects.filter(unit=unit, is_latest=True).values("ancestor")
    still_open = Q(closes_on=None) | Q(closes_on__gt=open_since)
    return Appeal.unscoped.filter(still_open, unit__in=above).order_by("-opens_on", "pk")


def with_raised(appeals: QuerySet[Appeal], *, donations: QuerySet[Donation]) -> QuerySet[Appeal]:
    """``appeals`` with ``raised_vnd`` and ``gift_count`` from ``donations`` (voided ones left out)."""
    own: QuerySet[Donation, Any] = donations.filter(appeal=OuterRef("pk"), voided_on=None).order_by().values("appeal")
    return appeals.annotate(
        raised_vnd=Coalesce(
            Subquery(own.annotate(n=Sum("amount_vnd")).values("n"), output_field=BigIntegerField()), Value(0)
        ),
        gift_count=Coalesce(
            Subquery(
                own.annotate(n=Count("pk", filter=Q(part=None) | Q(part=1))).values("n"), output_field=IntegerField()
            ),
            Value(0),
        ),
    )
