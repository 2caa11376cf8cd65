"""MT940, by the library mt-940."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import mt940
from django.utils.translation import gettext as _

from funds.statements.lines import Cut, Line, Statement, Unreadable
from funds.statements.whole import whole_vnd

_BLOCK = re.compile(r"(?=^:20:)", re.MULTILINE)
_NO_REFERENCE = {"", "NONREF", "NOREF"}


def looks_like(text: str) -> bool:
    return ":20:" in text[:2000] and ":25:" in text[:4000]


def read(text: str) -> Statement:
    """The statements of ``text`` as one. Raises: Unreadable; Cut where a balance does not follow from the lines."""
    blocks = [block for block in _BLOCK.split(text) if block.startswith(":20:")]
    lines: list[Line] = []
    parts: list[Any] = []
    for block in blocks:
        try:
            found = mt940.parse(block)
        except Exception as fault:  # the library raises whatever its patterns run into
            raise Unreadable(
                _("This MT940 file cannot be read: it is damaged. Download the statement from the bank again.")
            ) from fault
        if ":61:" in block and len(found) != len(re.findall(r"^:61:", block, re.MULTILINE)):
            raise Unreadable(_("Lines of this MT940 file cannot be read. Download the statement from the bank again."))
        lines += [_line(len(lines) + number, entry.data) for number, entry in enumerate(found, 1)]
        parts.append(found.data)
    if not parts or any("final_closing_balance" not in part for part in parts):
        raise Cut(_("This file ends before the statement does. Download it from the bank again."))
    return Statement(
        account_number=_one({part.get("account_identification") or "" for part in parts}),
        currency=_one({str(part["final_closing_balance"].amount.currency) for part in parts}),
        lines=tuple(lines),
        opening_vnd=_balance(parts[0].get("final_opening_balance")),
        closing_vnd=_balance(parts[-1]["final_closing_balance"]),
    )


def _line(number: int, entry: dict[str, Any]) -> Line:
    references = (entry.get("bank_reference"), entry.get("customer_reference"))
    reference = next((text for text in references if (text or "").strip() not in _NO_REFERENCE), "") or ""
    details = " ".join(
        str(entry[name]) for name in ("transaction_details", "purpose", "extra_details") if entry.get(name)
    )
    on = entry["date"]
    return Line(
        number=number,
        on=date(on.year, on.month, on.day),  # the library has a date of its own
        amount_vnd=whole_vnd(Decimal(entry["amount"].amount)),
        reference=reference,
        party=str(entry.get("applicant_name") or ""),
        party_account=str(entry.get("applicant_iban") or ""),
        description=details,
    )


def _balance(balance: Any) -> int | None:
    return whole_vnd(Decimal(balance.amount.amount)) if balance is not None else None


def _one(values: set[str]) -> str:
    if len(values) > 1:
        raise Unreadable(_("This file holds statements of several accounts. Hand in one account at a time."))
    return values.pop()
