"""Goods in stock: issued in lots to units, and taken back. What comes in and is handed out follows the ledger."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

from funds.actions.saving import saved_once
from funds.models import GoodsIssue, StockItem
from hkh.core.text import clean
from hkh.core.violations import refusals
from members.models import Unit, User
from members.rules import Verb, require


def issue_goods(
    *,
    item: StockItem,
    unit: Unit,
    quantity: Decimal,
    on: date,
    by: User,
    is_return: bool = False,
    document: str = "",
    note: str = "",
    idempotency_key: UUID | None = None,
) -> GoodsIssue:
    """A lot of ``item`` in the hands of ``unit``, below the fund's own; with ``is_return``, back from there.

    The goods stay the fund's. With a key, a second submit returns the first lot. Raises: Http404, PermissionDenied;
    ValidationError where not so many are there, or the unit did not stand below on that day.
    """
    require(by, Verb.ISSUE_GOODS, item.fund.unit_id)
    require(by, Verb.SEE, unit)
    facts = {"item": item, "unit": unit, "quantity": quantity, "issued_on": on, "is_return": is_return}
    with refusals():
        return saved_once(
            GoodsIssue.unscoped.all(),
            key=idempotency_key,
            facts=facts,
            make=lambda: GoodsIssue.unscoped.create(
                **facts,
                document=clean(document),
                note=clean(note),
                recorded_by=by,
                idempotency_key=idempotency_key or uuid4(),
            ),
        )
