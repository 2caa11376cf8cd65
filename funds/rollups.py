"""The roll-ups of money: how their rows come from movements and donations, for triggers, rebuilding and checking.

Each roll-up has one query that makes its rows from facts. The triggers run it over the rows of a statement and add
the outcome; ``rebuild`` and ``check`` run it over the whole table. Upserts go in key order, so that two bulk loads
do not wait for each other in a circle.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

_FUND_MONTH_KEY = "fund_id, month, pot, kind"
_DONATION_MONTH_KEY = "unit_id, month, form, donor_kind, is_pass_through, is_emergency"


def fund_month_rows(movements: str) -> str:
    """SQL: the rows of ``FundMonth`` from ``movements``. A reversal counts negative on the side it takes back."""
    return f"""
        SELECT side.fund_id, fund.unit_id, side.month, side.pot, side.kind,
               sum(side.in_vnd)::bigint AS in_vnd, sum(side.out_vnd)::bigint AS out_vnd,
               sum(side.committed_vnd)::bigint AS committed_vnd, sum(side.transit_vnd)::bigint AS transit_vnd
        FROM (
            SELECT here.fund_id, date_trunc('month', moved.occurred_on)::date AS month, here.pot, moved.kind,
                CASE WHEN crosses.border AND moved.reverses_id IS NULL THEN moved.amount_vnd ELSE 0 END AS in_vnd,
                CASE WHEN crosses.border AND moved.reverses_id IS NOT NULL THEN -moved.amount_vnd ELSE 0 END
                    AS out_vnd,
                CASE here.kind WHEN 'committed' THEN moved.amount_vnd ELSE 0 END AS committed_vnd,
                CASE here.kind WHEN 'transit' THEN moved.amount_vnd ELSE 0 END AS transit_vnd
            FROM {movements} moved
            JOIN funds_account here ON here.id = moved.target_id AND here.fund_id IS NOT NULL
            JOIN funds_account there ON there.id = moved.source_id
            CROSS JOIN LATERAL (SELECT there.fund_id IS DISTINCT FROM here.fund_id AS border) crosses
            UNION ALL
            SELECT here.fund_id, date_trunc('month', moved.occurred_on)::date, here.pot, moved.kind,
                CASE WHEN crosses.border AND moved.reverses_id IS NOT NULL THEN -moved.amount_vnd ELSE 0 END,
                CASE WHEN crosses.border AND moved.reverses_id IS NULL THEN moved.amount_vnd ELSE 0 END,
                CASE here.kind WHEN 'committed' THEN -moved.amount_vnd ELSE 0 END,
                CASE here.kind WHEN 'transit' THEN -moved.amount_vnd ELSE 0 END
            FROM {movements} moved
            JOIN funds_account here ON here.id = moved.source_id AND here.fund_id IS NOT NULL
            JOIN funds_account there ON there.id = moved.target_id
            CROSS JOIN LATERAL (SELECT there.fund_id IS DISTINCT FROM here.fund_id AS border) crosses
        ) side
        JOIN funds_fund fund ON fund.id = side.fund_id
        GROUP BY side.fund_id, fund.unit_id, side.month, side.pot, side.kind
        ORDER BY side.fund_id, side.month, side.pot, side.kind
    """


_ONCE_RECEIVED_ONCE_VOIDED = "(given.received_on, 1), (given.voided_on, -1)"


def donation_month_rows(
    donations: str, *, donors: str = "funds_donor", counted: str = _ONCE_RECEIVED_ONCE_VOIDED
) -> str:
    """SQL: the rows of ``DonationMonth`` from ``donations``. A void counts negative in the month of its date.

    A split gift counts once, at its first part. ``donors`` yields (id, kind, turn): turn -1 takes the gifts of a
    donor out of a kind.
    """
    return f"""
        SELECT given.unit_id, date_trunc('month', counted.day)::date AS month, given.form,
               donor.kind AS donor_kind, given.is_pass_through,
               coalesce(appeal.kind = 'emergency', false) AS is_emergency,
               sum(counted.sign * donor.turn * (given.part IS NULL OR given.part = 1)::int)::int AS count,
               sum(counted.sign * donor.turn * given.amount_vnd)::bigint AS value_vnd
        FROM {donations} given
        JOIN {donors} donor ON donor.id = given.donor_id
        LEFT JOIN funds_appeal appeal ON appeal.id = given.appeal_id
        CROSS JOIN LATERAL (VALUES {counted}) counted(day, sign)
        WHERE counted.day IS NOT NULL
        GROUP BY 1, 2, 3, 4, 5, 6
        ORDER BY 1, 2, 3, 4, 5, 6
    """


_DONORS = "(SELECT id, kind, 1 AS turn FROM funds_donor)"
_DONORS_BEFORE_AND_AFTER = """(
    SELECT was.id, side.kind, side.turn FROM old_rows was JOIN new_rows now USING (id)
    CROSS JOIN LATERAL (VALUES (was.kind, -1), (now.kind, 1)) side(kind, turn)
    WHERE was.kind <> now.kind
)"""


def _add_to_fund_month(rows: str) -> str:
    return f"""
        INSERT INTO funds_fundmonth (fund_id, unit_id, month, pot, kind, in_vnd, out_vnd, committed_vnd, transit_vnd)
        {rows}
        ON CONFLICT ({_FUND_MONTH_KEY}) DO UPDATE SET
            in_vnd = funds_fundmonth.in_vnd + excluded.in_vnd,
            out_vnd = funds_fundmonth.out_vnd + excluded.out_vnd,
            committed_vnd = funds_fundmonth.committed_vnd + excluded.committed_vnd,
            transit_vnd = funds_fundmonth.transit_vnd + excluded.transit_vnd
    """


def _add_to_donation_month(rows: str) -> str:
    return f"""
        INSERT INTO funds_donationmonth ({_DONATION_MONTH_KEY}, count, value_vnd)
        {rows}
        ON CONFLICT ({_DONATION_MONTH_KEY}) DO UPDATE SET
            count = funds_donationmonth.count + excluded.count,
            value_vnd = funds_donationmonth.value_vnd + excluded.value_vnd
    """


FILL_FUND_MONTH = _add_to_fund_month(fund_month_rows("new_rows"))
FILL_DONATION_MONTH = _add_to_donation_month(donation_month_rows("new_rows", donors=_DONORS))
FILL_DONATION_MONTH_OF_VOIDS = _add_to_donation_month(
    donation_month_rows("new_rows", donors=_DONORS, counted="(given.voided_on, -1)")
)
REFILL_DONATION_MONTH_OF_DONORS = _add_to_donation_month(
    donation_month_rows("funds_donation", donors=_DONORS_BEFORE_AND_AFTER)
)


def rebuild() -> None:
    """Make ``FundMonth`` and ``DonationMonth`` anew from the facts. 5 statements; nobody books meanwhile."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE funds_movement, funds_donation IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute("DELETE FROM funds_fundmonth")
        cursor.execute(_add_to_fund_month(fund_month_rows("funds_movement")))
        cursor.execute("DELETE FROM funds_donationmonth")
        cursor.execute(_add_to_donation_month(donation_month_rows("funds_donation", donors=_DONORS)))


@dataclass(frozen=True)
class Difference:
    """One place where two records of the same thing disagree; ``where`` names the row for people."""

    record: str
    where: str
    expected: int | Decimal
    found: int | Decimal

    def __str__(self) -> str:
        return f"{self.record} · {self.where}: {self.expected} expected, {self.found} found"


_BALANCES = """
    SELECT 'balance', concat_ws(' ', fund.code, account.kind, account.pot), coalesce(moved.sum_vnd, 0),
           account.balance_vnd
    FROM funds_account account
    LEFT JOIN funds_fund fund ON fund.id = account.fund_id
    LEFT JOIN (
        SELECT side.account_id, sum(side.amount_vnd)::bigint AS sum_vnd FROM (
            SELECT target_id AS account_id, amount_vnd FROM funds_movement
            UNION ALL SELECT source_id, -amount_vnd FROM funds_movement
        ) side GROUP BY side.account_id
    ) moved ON moved.account_id = account.id AND account.fund_id IS NOT NULL
    WHERE coalesce(moved.sum_vnd, 0) <> account.balance_vnd
"""

_FUND_MONTHS = f"""
    SELECT 'FundMonth.' || measure.name, concat_ws(' ', fund.code, to_char(month, 'YYYY-MM'), pot, kind),
           coalesce(measure.expected, 0), coalesce(measure.found, 0)
    FROM ({fund_month_rows("funds_movement")}) made
    FULL JOIN funds_fundmonth kept USING ({_FUND_MONTH_KEY})
    JOIN funds_fund fund ON fund.id = fund_id
    CROSS JOIN LATERAL (VALUES
        ('in_vnd', made.in_vnd, kept.in_vnd), ('out_vnd', made.out_vnd, kept.out_vnd),
        ('committed_vnd', made.committed_vnd, kept.committed_vnd),
        ('transit_vnd', made.transit_vnd, kept.transit_vnd),
        ('unit_id', coalesce(made.unit_id, kept.unit_id), coalesce(kept.unit_id, made.unit_id))
    ) measure(name, expected, found)
    WHERE coalesce(measure.expected, 0) <> coalesce(measure.found, 0)
"""

_DONATION_MONTHS = f"""
    SELECT 'DonationMonth.' || measure.name,
           concat_ws(' ', unit.code, to_char(month, 'YYYY-MM'), form, donor_kind,
                     CASE WHEN is_pass_through THEN 'pass-through' END,
                     CASE WHEN is_emergency THEN 'emergency' END),
           coalesce(measure.expected, 0), coalesce(measure.found, 0)
    FROM ({donation_month_rows("funds_donation", donors=_DONORS)}) made
    FULL JOIN funds_donationmonth kept USING ({_DONATION_MONTH_KEY})
    JOIN members_unit unit ON unit.id = unit_id
    CROSS JOIN LATERAL (VALUES
        ('count', made.count::bigint, kept.count::bigint), ('value_vnd', made.value_vnd, kept.value_vnd)
    ) measure(name, expected, found)
    WHERE coalesce(measure.expected, 0) <> coalesce(measure.found, 0)
"""

#: What was received into books, less what was voided, against what the ledger calls donations.
_BOOKED = """
    SELECT 'donations booked', concat_ws(' ', fund.code, to_char(month, 'YYYY-MM')),
           coalesce(given.sum_vnd, 0), coalesce(booked.sum_vnd, 0)
    FROM (
        SELECT donation.fund_id, date_trunc('month', counted.day)::date AS month,
               sum(counted.sign * donation.amount_vnd)::bigint AS sum_vnd
        FROM funds_donation donation
        CROSS JOIN LATERAL (VALUES (donation.received_on, 1), (donation.voided_on, -1)) counted(day, sign)
        WHERE NOT donation.is_pass_through AND counted.day IS NOT NULL GROUP BY 1, 2
    ) given
    FULL JOIN (
        SELECT fund_id, month, sum(in_vnd)::bigint AS sum_vnd
        FROM funds_fundmonth WHERE kind = 'donation' GROUP BY 1, 2
    ) booked USING (fund_id, month)
    JOIN funds_fund fund ON fund.id = fund_id
    WHERE coalesce(given.sum_vnd, 0) <> coalesce(booked.sum_vnd, 0)
"""


#: Goods as stock against the goods pot of the ledger, fund by fund; and each stock against its entries.
_STOCK = """
    SELECT 'stock', fund.code, pot.sum_vnd, coalesce(held.sum_vnd, 0)
    FROM (
        SELECT fund_id, sum(balance_vnd)::bigint AS sum_vnd FROM funds_account
        WHERE pot = 'goods' AND fund_id IS NOT NULL GROUP BY fund_id
    ) pot
    JOIN funds_fund fund ON fund.id = pot.fund_id
    LEFT JOIN (
        SELECT item.fund_id, sum(stock.value_vnd)::bigint AS sum_vnd
        FROM funds_stock stock JOIN funds_stockitem item ON item.id = stock.item_id GROUP BY item.fund_id
    ) held ON held.fund_id = pot.fund_id
    WHERE pot.sum_vnd <> coalesce(held.sum_vnd, 0)
"""
_STOCK_ENTRIES = """
    SELECT 'stock.' || measure.name, concat_ws(' ', fund.code, item.name, holder.code),
           coalesce(measure.expected, 0), coalesce(measure.found, 0)
    FROM (
        SELECT item_id, holder_id, sum(quantity) AS quantity, sum(value_vnd) AS value_vnd
        FROM funds_stockentry GROUP BY item_id, holder_id
    ) made
    FULL JOIN funds_stock kept ON kept.item_id = made.item_id AND kept.holder_id IS NOT DISTINCT FROM made.holder_id
    JOIN funds_stockitem item ON item.id = coalesce(kept.item_id, made.item_id)
    JOIN funds_fund fund ON fund.id = item.fund_id
    LEFT JOIN members_unit holder ON holder.id = coalesce(kept.holder_id, made.holder_id)
    CROSS JOIN LATERAL (VALUES
        ('quantity', made.quantity, kept.quantity), ('value_vnd', made.value_vnd, kept.value_vnd::numeric)
    ) measure(name, expected, found)
    WHERE coalesce(measure.expected, 0) <> coalesce(measure.found, 0)
"""
#: What each movement of goods carried over the fund's border, item by item.
_STOCK_MOVED = """
    SELECT 'goods moved', moved.id::text, side.sum_vnd, coalesce(made.sum_vnd, 0)
    FROM funds_movement moved
    JOIN funds_account source ON source.id = moved.source_id AND source.pot = 'goods'
    JOIN funds_account target ON target.id = moved.target_id
    CROSS JOIN LATERAL (VALUES (source.fund_id, -moved.amount_vnd), (target.fund_id, moved.amount_vnd))
        side(fund_id, sum_vnd)
    LEFT JOIN LATERAL (
        SELECT sum(entry.value_vnd)::bigint AS sum_vnd FROM funds_stockentry entry
        JOIN funds_stockitem item ON item.id = entry.item_id
        WHERE entry.movement_id = moved.id AND item.fund_id = side.fund_id
    ) made ON true
    WHERE side.fund_id IS NOT NULL AND source.fund_id IS DISTINCT FROM target.fund_id
      AND side.sum_vnd <> coalesce(made.sum_vnd, 0)
"""

_CHECKED = (_BALANCES, _FUND_MONTHS, _DONATION_MONTHS, _BOOKED, _STOCK, _STOCK_ENTRIES, _STOCK_MOVED)


def check() -> list[Difference]:
    """Where movements, balances, roll-ups, donations and stock disagree; empty when the books are right. 7 queries."""
    found: list[Difference] = []
    with connection.cursor() as cursor:
        for statement in _CHECKED:
            cursor.execute(f"{statement} ORDER BY 1, 2")
            found.extend(Difference(*row) for row in cursor.fetchall())
    return found


_DIFFERENCES_OF_UNITS = f"""
    SELECT count(*) FROM (
        SELECT fund_id, month, pot, kind, in_vnd, out_vnd, committed_vnd, transit_vnd
        FROM ({fund_month_rows("_of_units")}) made
        FULL JOIN (
            SELECT * FROM funds_fundmonth WHERE unit_id = ANY(%(units)s) AND month < %(until)s
        ) kept USING (fund_id, month, pot, kind, in_vnd, out_vnd, committed_vnd, transit_vnd)
        WHERE (made.unit_id IS NULL OR kept.id IS NULL)
          AND (in_vnd, out_vnd, committed_vnd, transit_vnd) <> (0, 0, 0, 0)
          AND fund_id IN (SELECT id FROM funds_fund WHERE unit_id = ANY(%(units)s))
    ) differs
""".replace(
    "_of_units",
    """(
            SELECT * FROM funds_movement
            WHERE occurred_on < %(until)s AND (source_id IN (SELECT account.id FROM funds_account account
                  JOIN funds_fund fund ON fund.id = account.fund_id WHERE fund.unit_id = ANY(%(units)s))
               OR target_id IN (SELECT account.id FROM funds_account account
                  JOIN funds_fund fund ON fund.id = account.fund_id WHERE fund.unit_id = ANY(%(units)s)))
        )""",
)
_BALANCES_OF_UNITS = f"SELECT count(*) FROM ({_BALANCES} AND fund.unit_id = ANY(%(units)s)) differs"


def count_differences(units: list[int], *, until: date) -> int:
    """How many balances and months of the funds of ``units`` disagree with their movements before ``until``.
    2 queries."""
    asked: dict[str, Any] = {"units": units, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(_DIFFERENCES_OF_UNITS, asked)
        months = int(cursor.fetchone()[0])
        cursor.execute(_BALANCES_OF_UNITS, asked)
        return months + int(cursor.fetchone()[0])
