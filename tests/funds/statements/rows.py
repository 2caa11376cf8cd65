"""Rows of bank statements for tests."""

from __future__ import annotations

from datetime import date
from itertools import count

from funds.actions import hand_in_statement
from funds.models import BankAccount, BankLine, Fund
from funds.statements import Line, Statement
from members.models import User
from tests.funds.raw import DAY

_numbers = count(1)


def make_bank_account(fund: Fund) -> BankAccount:
    return BankAccount.unscoped.create(
        unit=fund.unit, fund=fund, bank="Vietcombank", number=f"0101{next(_numbers):06}", holder="Hội Khuyến học"
    )


def statement(account: BankAccount, *lines: Line) -> Statement:
    return Statement(account_number=account.number, currency="VND", lines=lines)


def line(amount_vnd: int, reference: str = "", *, on: date = DAY, party: str = "", text: str = "") -> Line:
    """A line on DAY; without a reference it is known by what it says."""
    return Line(1, on, amount_vnd, reference, party, f"TK{party}" if party else "", text)


def hand_in(account: BankAccount, *lines: Line, by: User, sha256: str = "") -> list[BankLine]:
    """The lines that the file brought, in its order."""
    handed_in = hand_in_statement(
        account=account,
        statement=statement(account, *lines),
        file_name="sao-ke.xlsx",
        sha256=sha256 or f"{next(_numbers):064}",
        by=by,
    )
    return list(BankLine.unscoped.filter(statement=handed_in.statement).order_by("pk"))


def make_bank_line(account: BankAccount, amount_vnd: int, *, by: User) -> BankLine:
    return hand_in(account, line(amount_vnd, f"FT{next(_numbers)}"), by=by)[0]
