"""Goods in stock: what came in, what was issued and handed out, what is left."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    DecimalField,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, NullIf, Round

from funds.models import Fund, Movement, Paper, Stock, StockEntry, StockItem

_QUANTITY: Any = DecimalField(max_digits=18, decimal_places=6)
_NONE = Value(Decimal(0), output_field=_QUANTITY)
#: A reversal counts on the side that it takes back.
_CAME_IN = Q(kind="in") | Q(kind="back", quantity__lt=0)
_WENT_OUT = Q(kind="out") | Q(kind="back", quantity__gt=0)


def with_stock(items: QuerySet[StockItem]) -> QuerySet[Any]:
    """``items`` with what happened to them. No query of its own.

    Columns: ``in_quantity`` − ``out_quantity`` (handed out or passed on) = ``left_quantity``, of which
    ``issued_quantity`` is in the hands of units; ``left_vnd`` what is left is worth.
    """
    entries = StockEntry.objects.filter(item=OuterRef("pk")).order_by().values("item")
    stocks = Stock.objects.filter(item=OuterRef("pk")).order_by().values("item")

    def of(rows: QuerySet[Any], total: Any) -> Coalesce:
        return Coalesce(Subquery(rows.annotate(n=total).values("n"), output_field=_QUANTITY), _NONE)

    return items.annotate(
        in_quantity=of(entries, Sum("quantity", filter=_CAME_IN)),
        out_quantity=of(entries, -Sum("quantity", filter=_WENT_OUT)),
        left_quantity=of(stocks, Sum("quantity")),
        issued_quantity=of(stocks, Sum("quantity", filter=Q(holder__isnull=False))),
        left_vnd=Coalesce(
            Subquery(stocks.annotate(n=Sum("value_vnd")).values("n"), output_field=BigIntegerField()), Value(0)
        ),
    )


def holdings_of(item: StockItem) -> QuerySet[Stock]:
    """Where what is left of ``item`` is: the store first, then the units, fullest first."""
    stocks = Stock.objects.filter(item=item, quantity__gt=0).select_related("holder")
    return stocks.order_by(F("holder").asc(nulls_first=True), "-quantity", "pk")


def stocks_to_hand_out(fund: Fund, *, near: Collection[int]) -> QuerySet[Any]:
    """Where goods of ``fund`` are, in the order in which they are proposed: with the units ``near`` (ids), in
    the store, with other units; what came first first. Not run here.

    Column: ``one_vnd``, what one of it stands in the books for, rounded; null where nothing is left.
    """
    stocks = Stock.objects.filter(item__fund=fund).select_related("item", "holder")
    own = Case(When(holder__in=near, then=Value(0)), default=Value(1))
    one_vnd: Any = Round(F("value_vnd") / NullIf("quantity", _NONE), output_field=BigIntegerField())
    return stocks.annotate(one_vnd=one_vnd, own=own).order_by("own", F("holder").asc(nulls_first=True), "item", "pk")


def handed_out(movements: QuerySet[Movement]) -> QuerySet[StockEntry]:
    """The goods that ``movements`` took from the stock, with ``taken`` and ``worth_vnd`` above zero. Not run here."""
    entries = StockEntry.objects.filter(movement__in=movements, kind="out").select_related("item", "holder")
    return entries.annotate(taken=-F("quantity"), worth_vnd=-F("value_vnd")).order_by("item__title_key", "pk")


def entries_of(item: StockItem) -> QuerySet[Any]:
    """The goods book of ``item``, newest first; an issued lot is one line, told by what it took from the giver.

    Columns: ``came_in`` and ``went_out`` (quantities, null where nothing). Lots and gifts have ``valid_papers``, for a
    query each.
    """
    valid = Paper.unscoped.filter(voided_on=None)
    entries = StockEntry.objects.filter(item=item).exclude(kind="issue", quantity__gt=0)
    return (
        entries.annotate(
            came_in=Case(When(_CAME_IN, then=F("quantity")), output_field=_QUANTITY),
            went_out=Case(When(_WENT_OUT, then=-F("quantity")), output_field=_QUANTITY),
        )
        .select_related("holder", "issue__unit", "movement__donation__donor", "movement__target__fund")
        .prefetch_related(
            Prefetch("issue__papers", valid, to_attr="valid_papers"),
            Prefetch("movement__donation__papers", valid, to_attr="valid_papers"),
        )
        .order_by("-occurred_on", "-pk")
    )
