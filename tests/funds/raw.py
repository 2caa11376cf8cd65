"""Plain SQL, as somebody would type it who goes round the application."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from funds.models import Account, AccountKind, Donation, Fund, Movement, Pot
from funds.triggers.vouchers import WITH_VOUCHER
from tests.cast import a_hand, outside

DAY = date(2024, 6, 3)


def run(sql: str, params: Any = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def commit_now() -> None:
    """What the end of the transaction would check."""
    connection.check_constraints()


class refused:
    """The block breaks the rule ``name``, at once or at the end of the transaction; nothing of it stays."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.expected = pytest.raises(IntegrityError)

    def __enter__(self) -> None:
        self.error = self.expected.__enter__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> bool:
        if error is None:
            try:
                commit_now()
            except IntegrityError as late:
                kind, error, traceback = type(late), late, late.__traceback__
        self.savepoint.__exit__(kind, error, traceback)
        swallowed = self.expected.__exit__(kind, error, traceback)
        diag = getattr(self.error.value.__cause__, "diag", None)
        assert getattr(diag, "constraint_name", None) == self.name
        return bool(swallowed)


def insert(table: str, facts: Mapping[str, Any]) -> int:
    columns = ", ".join(facts)
    marks = ", ".join(["%s"] * len(facts))
    return run(f"INSERT INTO {table} ({columns}) VALUES ({marks}) RETURNING id", list(facts.values()))[0][0]


def post(
    source: Account, target: Account, amount_vnd: int, kind: str, *, with_voucher: bool = True, **facts: Any
) -> int:
    """A movement, on DAY if nothing is said, with its voucher where it wants one; its id."""
    row = {
        "source_id": source.pk,
        "target_id": target.pk,
        "amount_vnd": amount_vnd,
        "kind": kind,
        "occurred_on": DAY,
        "document": "",
        "note": "",
        **facts,
    }
    columns = ", ".join([*row, "idempotency_key"])
    marks = ", ".join(["%s"] * len(row))
    sql = f"INSERT INTO funds_movement ({columns}) VALUES ({marks}, gen_random_uuid()) RETURNING id"
    number: int = run(sql, list(row.values()))[0][0]
    if kind in WITH_VOUCHER and with_voucher and source.pot == target.pot:
        _vouch(number, source, target, row)
    return number


def _vouch(number: int, source: Account, target: Account, row: Mapping[str, Any]) -> None:
    """The voucher behind a movement, as two people would have made it."""
    own = source if source.fund_id else target
    if row.get("reverses_id"):
        run(
            """
            UPDATE funds_voucher SET state = 'reversed', settled_id = %s, settled_on = %s, settled_by_id = %s,
                reason = 'Nhập nhầm' WHERE posted_id = %s
            """,
            [number, row["occurred_on"], a_hand("approves").pk, row["reverses_id"]],
        )
        return
    kind = {"adjustment": "shortage" if source.fund_id else "surplus"}.get(row["kind"], row["kind"])
    facts = {
        "unit_id": Fund.unscoped.get(accounts=own).unit_id,
        "fund_id": own.fund_id,
        "target_fund_id": target.fund_id if kind == "transfer" else None,
        "kind": kind,
        "pot": source.pot,
        "state": "booked",
        "posted_id": number,
        "prepared_by_id": a_hand("prepares").pk,
        "decided_by_id": a_hand("approves").pk,
        "amount_vnd": row["amount_vnd"],
        "occurred_on": row["occurred_on"],
    }
    voucher(**facts)


def voucher(**facts: Any) -> int:
    """A row of vouchers; its id."""
    row = {"payee": "", "document": "", "note": "", "reason": "", "idempotency_key": uuid4(), **facts}
    return insert("funds_voucher", row)


def reverse(movement_id: int, **facts: Any) -> int:
    """The exact reversal of a movement, with ``facts`` put differently."""
    was = Movement.objects.get(pk=movement_id)
    mirrored = {
        "reverses_id": was.pk,
        "donation_id": was.donation_id,
        "occurred_on": was.occurred_on,
        **facts,
    }
    source = mirrored.pop("source", was.target)
    target = mirrored.pop("target", was.source)
    return post(source, target, mirrored.pop("amount_vnd", was.amount_vnd), mirrored.pop("kind", was.kind), **mirrored)


def give(*, unit: int, donor: int, fund: int | None, amount_vnd: int = 500_000, **facts: Any) -> Donation:
    """A donation alone, on DAY, without its movement."""
    row = {
        "unit_id": unit,
        "donor_id": donor,
        "fund_id": fund,
        "received_on": DAY,
        "form": "cash",
        "amount_vnd": amount_vnd,
        "is_pass_through": fund is None,
        "currency": "VND",
        "goods": "",
        "purpose": "",
        "document": "",
        "note": "",
        "void_reason": "",
        **facts,
    }
    columns = ", ".join([*row, "idempotency_key"])
    marks = ", ".join(["%s"] * len(row))
    sql = f"INSERT INTO funds_donation ({columns}) VALUES ({marks}, gen_random_uuid()) RETURNING id"
    return Donation.unscoped.get(pk=run(sql, list(row.values()))[0][0])


def book(donation: Donation, **facts: Any) -> int:
    """The movement of a donation, with ``facts`` put differently."""
    pot = Pot.GOODS if donation.form == "in_kind" else Pot.CASH
    row = {"occurred_on": donation.received_on, "donation_id": donation.pk, **facts}
    target = row.pop("target", None) or Account.objects.get(fund=donation.fund, kind=AccountKind.FREE, pot=pot)
    return post(
        row.pop("source", outside(AccountKind.DONORS, Pot(target.pot))),
        target,
        row.pop("amount_vnd", donation.amount_vnd),
        "donation",
        **row,
    )


def void(donation: Donation, on: date = DAY) -> None:
    run("UPDATE funds_donation SET voided_on = %s, void_reason = 'Nhập nhầm' WHERE id = %s", [on, donation.pk])
