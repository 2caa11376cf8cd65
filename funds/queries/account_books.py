"""The books of funds in a period: what moved line by line, what each pot began and ended with, goods in and out.

``funds`` are ids that the caller has scoped. Counted as the roll-ups do: what stays inside a fund is no line, what was
brought forward into the system is opening, a reversal is negative on the side that it takes back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet, Sum

from funds.models import Fund, FundMonth, Movement, MovementKind, Pot
from funds.queries import FundFlows
from hkh.core.dates import Period
from members.models import Unit, UnitAncestor


def funds_of_books(funds: QuerySet[Fund], unit: Unit, *, period: Period, below: bool) -> QuerySet[Fund]:
    """Those of ``funds`` whose books are kept for ``unit``: its own or, with ``below``, those of all units that stood
    there at the end of ``period``, or last if they ended in it. So their sums are the unit's figures. No query."""
    rows = funds.filter(opened_on__lt=period.ends_before).filter(Q(closed_on=None) | Q(closed_on__gte=period.starts_on))
    if not below:
        return rows.filter(unit=unit)
    last_day = period.ends_before - timedelta(days=1)
    stood = Q(valid_from__lte=last_day) & (Q(valid_until=None) | Q(valid_until__gt=last_day))
    ended = Q(is_latest=True, valid_until__gte=period.starts_on, valid_until__lte=last_day)
    return rows.filter(unit__in=UnitAncestor.objects.filter(stood | ended, ancestor=unit).values("unit"))


def flows_by_pot(funds: Sequence[int], *, period: Period) -> dict[tuple[int, str], FundFlows]:
    """The flows of each fund's pot by (fund id, pot), read from the roll-up. 1 query."""
    during = Q(month__gte=period.starts_on) & ~Q(kind=MovementKind.OPENING)
    rows: Any = (
        FundMonth.objects.filter(fund__in=funds, month__lt=period.ends_before)
        .values("fund", "pot")
        .annotate(
            opening=Sum(F("in_vnd") - F("out_vnd"), filter=~during, default=0),
            came_in=Sum("in_vnd", filter=during, default=0),
            went_out=Sum("out_vnd", filter=during, default=0),
            set_aside=Sum("committed_vnd"),
            on_its_way=Sum("transit_vnd"),
        )
    )
    names = ("opening", "came_in", "went_out", "set_aside", "on_its_way")
    return {(row["fund"], row["pot"]): FundFlows(*(int(row[name]) for name in names)) for row in rows}


@dataclass(frozen=True, slots=True)
class BookLine:
    """One line of a cash book. ``number`` counts from 1 in the period; ``balance_vnd`` stands after the line."""

    number: int
    occurred_on: date
    kind: str
    is_reversal: bool
    document: str
    note: str
    party: str
    fund_id: int
    donation_id: int | None
    in_vnd: int
    out_vnd: int
    balance_vnd: int

    @property
    def kind_label(self) -> str:
        return str(MovementKind(self.kind).label)


def _side(here: str, there: str, *, comes_in: bool) -> str:
    """What crosses a fund's border on its ``here`` side of a movement."""
    moves = "CASE WHEN moved.reverses_id IS NULL THEN moved.amount_vnd ELSE 0 END"
    takes_back = "CASE WHEN moved.reverses_id IS NULL THEN 0 ELSE -moved.amount_vnd END"
    in_vnd, out_vnd = (moves, takes_back) if comes_in else (takes_back, moves)
    return f"""
        SELECT moved.id, moved.occurred_on, moved.kind, moved.reverses_id, moved.document, moved.note,
               moved.donation_id, here.fund_id, there.fund_id AS other_id, {in_vnd} AS in_vnd, {out_vnd} AS out_vnd
        FROM funds_account here
        JOIN funds_movement moved ON moved.{here} = here.id
        JOIN funds_account there ON there.id = moved.{there}
        WHERE here.fund_id = ANY(%(funds)s) AND here.pot = %(pot)s AND there.fund_id IS DISTINCT FROM here.fund_id
          AND moved.occurred_on >= %(starts_on)s AND moved.occurred_on < %(ends_before)s AND moved.kind <> 'opening'"""


# What comes in stands before what goes out of the same day: money that passes through is never seen below zero.
_LINES = f"""
    WITH side AS ({_side("target_id", "source_id", comes_in=True)}
        UNION ALL {_side("source_id", "target_id", comes_in=False)}),
    numbered AS (
        SELECT side.*, row_number() OVER turn AS number, count(*) OVER () AS total,
               %(opening)s::bigint + sum(in_vnd - out_vnd) OVER turn AS balance_vnd
        FROM side
        WHERE %(side)s = '' OR (%(side)s = 'in' AND in_vnd <> 0) OR (%(side)s = 'out' AND out_vnd <> 0)
        WINDOW turn AS (ORDER BY occurred_on, out_vnd > in_vnd, side.id, fund_id)
    )
    SELECT line.number, line.occurred_on, line.kind, line.reverses_id IS NOT NULL, line.document,
           coalesce(nullif(line.note, ''), voucher.note, ''),
           coalesce(donor.name, nullif(voucher.payee, ''), nullif(concat_ws(', ', other.name, unit.name), ''), ''),
           line.fund_id, line.donation_id, line.in_vnd, line.out_vnd, line.balance_vnd::bigint, line.total
    FROM (SELECT * FROM numbered WHERE number > %(after)s AND number <= %(until)s) line
    LEFT JOIN funds_donation donation ON donation.id = line.donation_id
    LEFT JOIN funds_donor donor ON donor.id = donation.donor_id
    LEFT JOIN funds_voucher voucher ON voucher.posted_id = line.id
    LEFT JOIN funds_fund other ON other.id = line.other_id
    LEFT JOIN members_unit unit ON unit.id = other.unit_id
    ORDER BY line.number"""

_ALL = 2**62


def book_lines(
    funds: Sequence[int], *, period: Period, opening_vnd: int, side: str = "", after: int = 0, size: int | None = None
) -> tuple[list[BookLine], int]:
    """The money lines of ``funds`` together, in order, from number ``after`` + 1 on; and how many there are. 1 query.

    ``side`` "in" or "out" keeps to one of them. Without lines from there on the count is 0.
    """
    asked: dict[str, Any] = {
        "funds": list(funds),
        "pot": Pot.CASH.value,
        "starts_on": period.starts_on,
        "ends_before": period.ends_before,
        "opening": opening_vnd,
        "side": side,
        "after": after,
        "until": after + size if size else _ALL,
    }
    with connection.cursor() as cursor:
        cursor.execute(_LINES, asked)
        rows = cursor.fetchall()
    return [BookLine(*row[:-1]) for row in rows], rows[0][-1] if rows else 0


def count_movements(funds: Sequence[int], *, period: Period) -> int:
    """How many movements the books of ``funds`` rest on: about as long they will be. 1 query."""
    moved = Movement.objects.filter(
        Q(source__fund__in=funds) | Q(target__fund__in=funds),
        occurred_on__gte=period.starts_on,
        occurred_on__lt=period.ends_before,
    )
    return moved.count()


@dataclass(frozen=True, slots=True)
class GoodsLine:
    """One kind of goods of a fund in a period: opening + in − out = closing, in its measure and in đồng."""

    item_id: int
    name: str
    measure: str
    fund_id: int
    opening_quantity: Decimal
    opening_vnd: int
    in_quantity: Decimal
    in_vnd: int
    out_quantity: Decimal
    out_vnd: int

    @property
    def closing_quantity(self) -> Decimal:
        return self.opening_quantity + self.in_quantity - self.out_quantity

    @property
    def closing_vnd(self) -> int:
        return self.opening_vnd + self.in_vnd - self.out_vnd


def _goods_sums() -> str:
    during = "entry.occurred_on >= %(starts_on)s AND entry.kind <> 'issue' AND moved.kind <> 'opening'"
    came_in = "(entry.kind = 'in' OR (entry.kind = 'back' AND entry.quantity < 0))"
    sums = []
    for column in ("quantity", "value_vnd"):
        value = f"entry.{column}"
        sums += [
            f"coalesce(sum({value}) FILTER (WHERE NOT coalesce({during}, false)), 0)",
            f"coalesce(sum({value}) FILTER (WHERE {during} AND {came_in}), 0)",
            f"coalesce(-sum({value}) FILTER (WHERE {during} AND NOT {came_in}), 0)",
        ]
    quantities, values = sums[:3], [f"({one})::bigint" for one in sums[3:]]
    return ", ".join(part for pair in zip(quantities, values, strict=True) for part in pair)


# A lot that is issued leaves the store and reaches its holder: within the fund nothing came and nothing went.
_GOODS = f"""
    SELECT * FROM (
        SELECT item.id, item.name, item.measure, item.fund_id, {_goods_sums()}, item.title_key
        FROM funds_stockitem item
        JOIN funds_stockentry entry ON entry.item_id = item.id
        LEFT JOIN funds_movement moved ON moved.id = entry.movement_id
        WHERE item.fund_id = ANY(%(funds)s) AND entry.occurred_on < %(ends_before)s
        GROUP BY item.id
    ) line(id, name, measure, fund_id, opening_quantity, opening_vnd, in_quantity, in_vnd, out_quantity, out_vnd,
           title_key)
    WHERE (opening_quantity, in_quantity, out_quantity) <> (0, 0, 0)
    ORDER BY title_key, fund_id, id"""


def goods_lines(funds: Sequence[int], *, period: Period) -> list[GoodsLine]:
    """Goods in, out and left of ``funds``; none that neither were there nor moved. By name. 1 query."""
    asked: dict[str, Any] = {"funds": list(funds), "starts_on": period.starts_on, "ends_before": period.ends_before}
    with connection.cursor() as cursor:
        cursor.execute(_GOODS, asked)
        return [GoodsLine(*row[:-1]) for row in cursor.fetchall()]


def total_of(flows: dict[tuple[int, str], FundFlows], pot: Pot) -> FundFlows:
    """The flows of one pot of all funds added up: what they passed on to each other stands on both sides."""
    lines = [line for (_fund, of), line in flows.items() if of == pot]
    return FundFlows(
        sum(line.opening_vnd for line in lines),
        sum(line.in_vnd for line in lines),
        sum(line.out_vnd for line in lines),
        sum(line.committed_vnd for line in lines),
        sum(line.transit_vnd for line in lines),
    )
