"""Rounds, awards and distributions for tests; and SQL that goes round the verbs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from funds.models import AccountKind, Fund, Movement, MovementKind, Pot
from members.models import Unit, User
from scholarships.actions import approve_awards, record_distribution
from scholarships.models import Award, AwardKind, BeneficiaryGroup, Distribution, Programme, Round
from tests.cast import account, make_user, outside

OPENED = date(2024, 1, 10)
APPROVED = date(2024, 2, 1)
HELD = date(2024, 2, 5)


def make_programme(code: str = "tiep-suc", name: str = "Tiếp sức cho em đến trường", **facts: Any) -> Programme:
    return Programme.objects.create(code=code, name=name, **facts)


def make_round(fund: Fund, *, programme: Programme | None = None, **facts: Any) -> Round:
    """An open round of the fund's unit."""
    if programme is None:
        programme = Programme.objects.first() or make_programme()
    described = {"name": "Tiếp sức năm học 2023-2024", "school_year": "2023-2024", "opened_on": OPENED}
    return Round.unscoped.create(programme=programme, unit=fund.unit, fund=fund, **described | facts)


def make_award(round_: Round, *, unit: Unit | None = None, **facts: Any) -> Award:
    """A proposal for a lot of ten, at 100.000 đồng each, for the round's own unit."""
    described = {
        "kind": AwardKind.GIFT,
        "beneficiary_group": BeneficiaryGroup.POOR_PUPIL,
        "count": 10,
        "unit_value_vnd": 100_000,
    }
    return Award.unscoped.create(round=round_, unit=unit or round_.unit, **described | facts)


def make_approved(round_: Round, *, on: date = APPROVED, **facts: Any) -> Award:
    """An approved award, its money committed."""
    return approve(make_award(round_, **facts), on=on)


def approve(award: Award, *, on: date = APPROVED) -> Award:
    approve_awards(round_=award.round, awards=[award], on=on, by=root())
    award.refresh_from_db()
    return award


def hand_out(round_: Round, *lines: tuple[Award, int], on: date = HELD, **facts: Any) -> Distribution:
    return record_distribution(round_=round_, held_on=on, lines=lines, by=root(), **facts)


def root() -> User:
    """Whoever may do everything."""
    user = User.objects.filter(username="root").first() or make_user("root")
    if not user.is_superuser:
        user.is_superuser = True
        user.save()
    return user


def pay(fund: Fund, amount_vnd: int, *, on: date = HELD, pot: Pot = Pot.CASH) -> Movement:
    """A bare payment out of what is committed, as SQL would write it."""
    return Movement.objects.create(
        source=account(fund, AccountKind.COMMITTED, pot),
        target=outside(AccountKind.RECIPIENTS, pot),
        amount_vnd=amount_vnd,
        kind=MovementKind.PAYMENT,
        occurred_on=on,
    )


def commit(fund: Fund, amount_vnd: int, *, on: date = APPROVED, pot: Pot = Pot.CASH) -> Movement:
    return Movement.objects.create(
        source=account(fund, AccountKind.FREE, pot),
        target=account(fund, AccountKind.COMMITTED, pot),
        amount_vnd=amount_vnd,
        kind=MovementKind.COMMITMENT,
        occurred_on=on,
    )


def reverse(movement: Movement, *, on: date = HELD) -> Movement:
    return Movement.objects.create(
        source=movement.target,
        target=movement.source,
        amount_vnd=movement.amount_vnd,
        kind=movement.kind,
        occurred_on=on,
        reverses=movement,
    )


def execute(statement: str, parameters: Sequence[Any] = ()) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def insert(table: str, *rows: dict[str, Any]) -> int:
    """``rows`` in one statement, past all Python; the id of the first."""
    columns = list(rows[0])
    marks = ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([f'({marks})'] * len(rows))} RETURNING id",
            [row[column] for row in rows for column in columns],
        )
        return cursor.fetchone()[0]


@contextmanager
def refused_by(rule: str) -> Iterator[None]:
    """What is done here breaks ``rule``, at once or when the transaction ends; nothing of it stays."""
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():  # noqa: PT012 (a helper, not a test)
        yield
        connection.check_constraints()
    assert refusal.value.__cause__.diag.constraint_name == rule  # type: ignore[union-attr]


def prove() -> None:
    """What is otherwise proved when a transaction ends, now."""
    connection.check_constraints()
