"""How an appeal goes on: what it raised by day, the piggy banks of its units, and what was decided about a surplus."""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.aggregates import StringAgg
from django.db import connection
from django.db.models import F, OuterRef, QuerySet, Subquery, Sum, TextField, Value
from django.db.models.functions import Coalesce

from funds.models import Appeal, AppealDecision, AppealPartner, Donation, Fund, Voucher
from funds.triggers.appeals import decided_vnd, used_vnd


def raised_by_day(appeal: Appeal, *, donations: QuerySet[Donation]) -> list[tuple[date, int]]:
    """What came in for ``appeal`` on each day with gifts, voided ones left out, in order. 1 query."""
    own = donations.filter(appeal=appeal, voided_on=None).order_by()
    return list(own.values_list("received_on").annotate(Sum("amount_vnd")).order_by("received_on"))


def pigs_by_unit(appeal: Appeal, *, donations: QuerySet[Donation]) -> list[tuple[str, str, int, int]]:
    """(code, name, piggy banks, đồng) of each unit that gave to the drive, the most first. 1 query."""
    own = donations.filter(appeal=appeal, voided_on=None).order_by()
    rows = own.values_list("unit__code", "unit__name").annotate(pigs=Sum("pigs", default=0), vnd=Sum("amount_vnd"))
    return list(rows.order_by("-pigs", "-vnd", "unit__code"))


def surplus_left_vnd(fund: Fund, target: Fund | None) -> int:
    """How much decisions still let go from ``fund``, kept for an appeal, to ``target`` (None: be spent), transfers on
    their way taken off. 2 queries. May be below zero where more is on its way than was decided."""
    given, to = str(int(fund.pk)), str(int(target.pk)) if target else "NULL::bigint"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ({decided_vnd(given, to)} - {used_vnd(given, to)})::bigint")
        left_vnd = int(cursor.fetchone()[0])
    on_way = Voucher.unscoped.filter(fund=fund, target_fund=target, pot="cash", state="sent")
    return left_vnd - (on_way.aggregate(n=Sum("amount_vnd", default=0))["n"] if target else 0)


def surplus_undecided_vnd(fund: Fund, *, held_vnd: int) -> int:
    """How much of ``held_vnd`` in ``fund`` no decision has given away. 2 queries a place where it may go, and 2."""
    places = list(
        AppealDecision.unscoped.filter(appeal__fund=fund, withdrawn_on=None)
        .order_by("target_fund")
        .values_list("target_fund", flat=True)
        .distinct()
    )
    funds = Fund.unscoped.in_bulk([pk for pk in places if pk])
    return held_vnd - sum(max(surplus_left_vnd(fund, funds.get(pk) if pk else None), 0) for pk in places)


def with_standing(decisions: QuerySet[AppealDecision]) -> QuerySet[AppealDecision]:
    """Those not withdrawn first, by date; with the fund that each names."""
    return decisions.select_related("target_fund__unit", "recorded_by").order_by(
        F("withdrawn_on").asc(nulls_first=True), "decided_on", "pk"
    )


def appeal_of(fund: Fund) -> Appeal | None:
    """The appeal for which ``fund`` is kept. 1 query."""
    return Appeal.unscoped.filter(fund=fund).first()


def with_partner_names(appeals: QuerySet[Appeal]) -> QuerySet[Appeal]:
    """``appeals`` with ``partner_names``, in their order, a semicolon between; "" without. No query of its own."""
    own = AppealPartner.unscoped.filter(appeal=OuterRef("pk")).order_by().values("appeal")
    names = own.annotate(said=StringAgg("name", "; ", order_by="number")).values("said")
    return appeals.annotate(partner_names=Coalesce(Subquery(names), Value(""), output_field=TextField()))
