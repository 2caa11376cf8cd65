"""Many hands at once on funds that do not hold what all of them want: not one overdraft, and the books balance."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import connection

from funds import actions, rollups
from funds.checks import standing
from funds.models import Account, AccountKind, Donor, Fund, Pot, Voucher, VoucherKind
from hkh.core.dates import today
from hkh.demo.bench.measuring import Measured, holder, province
from hkh.demo.bench.scratch import scratch_database
from members.models import Role, Unit, User

#: What the hands want to spend, of what there is.
_WANTED_TIMES = 2
#: Of a hundred attempts so many move money on from fund to fund, and so many are sent twice at the same moment.
_MOVED_ON, _SENT_TWICE = 40, 10


@dataclass(frozen=True)
class Attempt:
    """An expense of ``fund``, or what it passes on to ``target``."""

    fund: Fund
    target: Fund | None
    amount_vnd: int
    key: UUID


@dataclass(frozen=True)
class Raced:
    """What came of it. ``faults`` are the ends of attempts that are neither booked nor refused for want of money."""

    booked: int
    refused: int
    faults: Counter[str]
    overdrawn: int
    #: Vouchers of one key too many or too few, and what is left in the funds beside what should be.
    twice: int
    expected_vnd: int
    left_vnd: int
    differences: list[rollups.Difference]


def race() -> dict[str, Measured]:
    """10,000 attempts by 8 connections over 20 funds, in a copy of the database."""
    with scratch_database():
        raced = run_race(
            unit=province(), attempts=10_000, hands=8, funds=20, by=holder(Role.ACCOUNTANT), chair=holder(Role.CHAIR)
        )
    return {
        "race.refused": Measured(raced.refused, "attempts", None, 1, more_is_better=True),
        "race.overdrawn": Measured(raced.overdrawn, "funds", None, 0),
        "race.faults": Measured(raced.faults.total(), "attempts", None, 0),
        "race.booked_twice": Measured(raced.twice, "vouchers", None, 0),
        "race.differences": Measured(
            len(raced.differences) + (raced.left_vnd != raced.expected_vnd), "places", None, 0
        ),
    }


def run_race(
    *, unit: Unit, attempts: int, hands: int, funds: int, by: User, chair: User, holds_vnd: int = 10_000_000
) -> Raced:
    """``attempts`` at ``funds`` new funds of ``unit`` by ``hands`` connections, committed. ``by`` spends alone up to a
    limit that ``chair`` sets; all begin together, and who refuses or is refused goes on to the next."""
    actions.set_spending_limit(unit=unit, alone_up_to_vnd=holds_vnd, by=chair)
    donor = actions.add_donor(unit=unit, by=by, name="Nhà tài trợ của cuộc đua", kind="person")
    new = [_fund(unit, number, donor, holds_vnd, by=by) for number in range(funds)]
    plan = list(_attempts(new, attempts, holds_vnd, random.Random(attempts)))
    ends = _all_at_once(plan, hands=hands, by=by)
    booked = {attempt.key for attempt, end in ends if end == "booked"}
    spent_vnd = sum({one.key: one.amount_vnd for one in plan if one.key in booked and one.target is None}.values())
    left = list(
        Account.objects.filter(fund__in=new, kind=AccountKind.FREE, pot=Pot.CASH).values_list("balance_vnd", flat=True)
    )
    known = Voucher.unscoped.filter(idempotency_key__in=[one.key for one in plan]).count()
    counted = Counter(end for _attempt, end in ends)
    return Raced(
        booked=counted["booked"],
        refused=counted["refused"],
        faults=Counter({end: n for end, n in counted.items() if end not in ("booked", "refused")}),
        overdrawn=sum(balance < 0 for balance in left),
        twice=abs(known - len(booked)),
        expected_vnd=funds * holds_vnd - spent_vnd,
        left_vnd=sum(left),
        differences=[*rollups.check(), *standing.check()],
    )


def _fund(unit: Unit, number: int, donor: Donor, holds_vnd: int, *, by: User) -> Fund:
    fund = actions.open_fund(unit=unit, code=f"RACE-{number}", name=f"Quỹ {number}", opened_on=today(), by=by)
    actions.record_donation(
        unit=unit, fund=fund, donor=donor, received_on=today(), form="cash", amount_vnd=holds_vnd, by=by
    )
    return fund


def _attempts(funds: list[Fund], count: int, holds_vnd: int, chance: random.Random) -> Iterable[Attempt]:
    """``count`` of them; those sent twice follow one another, so that two hands have them at the same moment."""
    most_vnd = 2 * _WANTED_TIMES * holds_vnd * len(funds) * 100 // ((100 - _MOVED_ON) * count)
    made = 0
    while made < count:
        fund, target = chance.sample(funds, 2)
        is_moved = chance.randrange(100) < _MOVED_ON
        attempt = Attempt(fund, target if is_moved else None, chance.randint(1, most_vnd), uuid4())
        times = 2 if chance.randrange(100) < _SENT_TWICE else 1
        yield from [attempt] * min(times, count - made)
        made += times


def _all_at_once(plan: list[Attempt], *, hands: int, by: User) -> list[tuple[Attempt, str]]:
    """How each attempt ended: "booked", "refused" for want of money, or what went wrong."""
    waiting: SimpleQueue[Attempt] = SimpleQueue()
    for attempt in plan:
        waiting.put(attempt)
    start = Barrier(hands)

    def work(_hand: int) -> list[tuple[Attempt, str]]:
        ends: list[tuple[Attempt, str]] = []
        try:
            me = User.objects.get(pk=by.pk)
            start.wait(timeout=60)
            while True:
                try:
                    attempt = waiting.get_nowait()
                except Empty:
                    return ends
                ends.append((attempt, _end_of(attempt, by=me)))
        finally:
            connection.close()

    with ThreadPoolExecutor(hands) as pool:
        return [end for ends in pool.map(work, range(hands)) for end in ends]


def _end_of(attempt: Attempt, *, by: User) -> str:
    facts: dict[str, Any] = {"fund": attempt.fund, "amount_vnd": attempt.amount_vnd, "occurred_on": today()}
    if attempt.target is None:
        facts |= {"kind": VoucherKind.EXPENSE}
    else:
        facts |= {"kind": VoucherKind.TRANSFER, "target_fund": attempt.target}
    try:
        actions.prepare_voucher(**facts, by=by, idempotency_key=attempt.key)
    except ValidationError as refusal:
        code = getattr(refusal, "code", None)
        return "refused" if code == "account_not_overdrawn" else f"{code}: {' '.join(refusal.messages)}"
    except Exception as fault:  # whatever it is, it is what the race is run to find
        return f"{type(fault).__name__}: {fault}"
    return "booked"
