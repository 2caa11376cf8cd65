"""Vouchers of what the demo's funds spent and passed on; what is under way on its last day; and closed quarters."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.core.management.base import CommandError

from funds.checks.closing import closing_checks
from funds.models import Closing, SpendingLimit
from hkh.core.dates import Period, today
from hkh.demo.copying import copy_rows
from hkh.demo.funds_plan import Funds
from hkh.demo.ledger import CASH, Books, MovementRow, Plan
from hkh.demo.logins import CLERKS_UNIT
from hkh.demo.spec import PROVINCE_CODE
from members.models import Unit

VOUCHER_FIELDS = (
    "unit fund kind target_fund pot amount_vnd occurred_on payee document note state prepared_by prepared_at decided_by"
    " decided_at reason posted settled_on settled_by settled idempotency_key"
)
#: Up to here one person is enough, in the province and wherever nothing else is said.
ALONE_UP_TO_VND = 2_000_000
LIMIT_SET_AT = "2025-07-01 08:00:00+07"
#: The books are closed up to the end of the last of these.
CLOSED = ("2025-Q4", "2026-Q1", "2026-Q2")
#: Sent the day before the last, and not yet confirmed.
IN_TRANSIT_VND = (15_000_000, 12_000_000, 8_000_000)
#: Prepared on the last day, and not yet approved.
UNAPPROVED = (
    (6_800_000, "Công ty In Phú Thọ", "In giấy khen, sổ vàng khuyến học"),
    (3_250_000, "Nhà văn hóa Lao động tỉnh", "Thuê hội trường lễ trao học bổng"),
)


def send_off(plan: Plan, funds: Funds, last_day: date) -> None:
    """The province's help that is still under way when the demo ends; the clerk's own commune among those it is for."""
    takers = [
        fund
        for fund in funds.rows
        if fund.closed is None and fund.unit.place and fund.unit.tier > funds.root.unit.tier and fund.opened < last_day
    ]
    takers.sort(key=lambda fund: (fund.unit.code != CLERKS_UNIT, fund.id))
    day = last_day - timedelta(days=1)
    for fund, amount_vnd in zip(takers, IN_TRANSIT_VND, strict=False):
        source, transit = (funds.root.id, "free", CASH), (funds.root.id, "transit", CASH)
        note = "Hỗ trợ học sinh đầu năm học"
        plan.add(day, "post", MovementRow(source, transit, amount_vnd, "sending", day, note=note, sent_to=fund.id))


def voucher_rows(books: Books, funds: Funds, users: dict[str, int], last_day: date) -> Iterator[tuple[object, ...]]:
    """One for each movement that two people answer for, and those that wait, as COPY takes them."""
    units = {fund.id: fund.unit.id for fund in funds.rows}
    for m in books.movements:
        if m.kind not in ("opening", "expense", "interest", "transfer") and not m.sent_to:
            continue
        fund, is_received = m.source[0] or m.target[0], m.kind == "transfer"
        yield _row(
            units[fund],
            fund,
            users,
            m.occurred_on,
            kind="transfer" if m.sent_to else m.kind,
            target_fund=m.sent_to or (m.target[0] if is_received else None),
            amount_vnd=m.amount_vnd,
            document=m.document,
            note=m.note,
            state="sent" if m.sent_to else "confirmed" if is_received else "booked",
            decided_by=users["chair"],
            decided_at=f"{m.occurred_on} 10:00:00+07",
            posted=m.id - 1 if is_received else m.id,
            settled_on=m.occurred_on if is_received else None,
            settled_by=users["cashier"] if is_received else None,
            settled=m.id if is_received else None,
            idempotency_key=_key("voucher", m.id),
        )
    for number, (amount_vnd, payee, note) in enumerate(UNAPPROVED):
        yield _row(
            funds.root.unit.id,
            funds.root.id,
            users,
            last_day,
            kind="expense",
            amount_vnd=amount_vnd,
            payee=payee,
            note=note,
            state="prepared",
            idempotency_key=_key("prepared", number),
        )


def _row(unit: int, fund: int, users: dict[str, int], day: date, **said: Any) -> tuple[object, ...]:
    facts: dict[str, Any] = {
        "unit": unit,
        "fund": fund,
        "pot": CASH,
        "occurred_on": day,
        "payee": "",
        "document": "",
        "note": "",
        "reason": "",
        "prepared_by": users["accountant"],
        "prepared_at": f"{day} 09:00:00+07",
        **said,
    }
    return tuple(facts.get(name) for name in VOUCHER_FIELDS.split())


def close_quarters(users: dict[str, int], last_day: date) -> None:
    """A limit for all, and the quarters closed: as the verbs do it, but as of their days. Raises: CommandError where a
    check is red."""
    province = Unit.unscoped.get(code=PROVINCE_CODE)
    limit = (province.pk, ALONE_UP_TO_VND, users["chair"], LIMIT_SET_AT)
    copy_rows(SpendingLimit, "unit alone_up_to_vnd set_by set_at", [limit])
    since: date | None = None
    for code in CLOSED:
        period = Period.parse(code)
        if period.ends_before > min(today(), last_day):
            return
        red = [check.name for check in closing_checks(province, period, since=since) if check.count]
        if red:
            raise CommandError(f"{code} cannot be closed: {', '.join(red)}")
        closed_at = f"{period.ends_before + timedelta(days=9)} 15:00:00+07"
        row = (province.pk, code, since, period.ends_before, users["accountant"], closed_at, 0, "")
        copy_rows(Closing, "unit period starts_on ends_before closed_by closed_at last_movement_id digest", [row])
        since = period.ends_before


def _key(kind: str, number: int) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_OID, f"demo {kind} {number}")
