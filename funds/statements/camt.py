"""CAMT.053 (ISO 20022), whatever its edition.

Read by hand over a parser that refuses entities: the libraries there are leave out the transfers of a batch, know
accounts by IBAN only (Vietnamese banks have none), or bring a web server along.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from django.utils.translation import gettext as _

from funds.statements.lines import Cut, Line, Statement, Unreadable
from funds.statements.whole import whole_vnd

_SIGNS = {"CRDT": 1, "DBIT": -1}


def looks_like(head: bytes) -> bool:
    return b"camt.053" in head[:4000]


def read(content: bytes) -> Statement:
    """The statement in ``content``. Raises: Unreadable; Cut where the file ends too early."""
    try:
        root = fromstring(content, forbid_dtd=True)
    except ParseError as fault:
        raise Cut(_("This file ends before the statement does. Download it from the bank again.")) from fault
    except DefusedXmlException as fault:
        raise Unreadable(_("This file holds parts that no bank writes, so it is not read.")) from fault
    statements = list(_below(root, "BkToCstmrStmt/Stmt"))
    if not statements:
        raise Unreadable(_("There is no account statement (CAMT.053) in this file."))
    accounts = {_account(statement) for statement in statements}
    if len(accounts) > 1:
        raise Unreadable(_("This file holds statements of several accounts. Hand in one account at a time."))
    lines: list[Line] = []
    for statement in statements:
        for entry in _below(statement, "Ntry"):
            lines += _lines_of(entry, len(lines))
    first, last = _balances(statements[0]), _balances(statements[-1])
    return Statement(
        account_number=accounts.pop(),
        currency=_text(statements[0], "Acct/Ccy") or _currency(statements[0]),
        lines=tuple(lines),
        opening_vnd=first.get("OPBD", first.get("PRCD")),
        closing_vnd=last.get("CLBD"),
    )


def _lines_of(entry: Element, before: int) -> Iterator[Line]:
    """The transfers of one entry: each of a batch that says its amounts, else the entry itself."""
    sign = _SIGNS.get(_text(entry, "CdtDbtInd"), 0)
    on = _text(entry, "BookgDt/Dt") or _text(entry, "BookgDt/DtTm")[:10] or _text(entry, "ValDt/Dt")
    details = list(_below(entry, "NtryDtls/TxDtls"))
    batch = details if len(details) > 1 and all(_amount_of(one) is not None for one in details) else []
    if not batch:
        single = details[0] if details else entry
        yield _line(before + 1, on, sign, _amount(_text(entry, "Amt")), single, entry)
        return
    total = sum(_amount_of(one) or Decimal(0) for one in batch)
    if total != _amount(_text(entry, "Amt")):
        raise Unreadable(_("An entry of this statement does not add up: %(ref)s.") % {"ref": _text(entry, "NtryRef")})
    for number, one in enumerate(batch, before + 1):
        yield _line(number, on, sign, _amount_of(one) or Decimal(0), one, entry)


def _line(number: int, on: str, sign: int, amount: Decimal, detail: Element, entry: Element) -> Line:
    if not sign:
        raise Unreadable(_("An entry of this statement does not say whether it came in or went out."))
    other = "Dbtr" if sign > 0 else "Cdtr"
    reference = _text(detail, "Refs/AcctSvcrRef") or _text(detail, "Refs/TxId") or _text(entry, "AcctSvcrRef")
    party = f"RltdPties/{other}"
    said = [node.text or "" for node in _below(detail, "RmtInf/Ustrd")] or [_text(entry, "AddtlNtryInf")]
    try:
        day = date.fromisoformat(on)
    except ValueError as fault:
        raise Unreadable(_("An entry of this statement has no readable date: %(day)s.") % {"day": on}) from fault
    return Line(
        number=number,
        on=day,
        amount_vnd=sign * whole_vnd(amount),
        reference=reference or _text(entry, "NtryRef"),
        party=_text(detail, f"{party}/Nm") or _text(detail, f"{party}/Pty/Nm"),
        party_account=_number(detail, f"RltdPties/{other}Acct"),
        description=" ".join(said),
    )


def _account(statement: Element) -> str:
    return _number(statement, "Acct")


def _number(element: Element, path: str) -> str:
    return _text(element, f"{path}/Id/IBAN") or _text(element, f"{path}/Id/Othr/Id")


def _balances(statement: Element) -> dict[str, int]:
    """{kind: đồng} of the balances that the statement tells."""
    return {
        _text(balance, "Tp/CdOrPrtry/Cd"): _SIGNS.get(_text(balance, "CdtDbtInd"), 1)
        * whole_vnd(_amount(_text(balance, "Amt")))
        for balance in _below(statement, "Bal")
    }


def _currency(statement: Element) -> str:
    return next((node.get("Ccy", "") for node in _below(statement, "Bal/Amt")), "")


def _amount_of(detail: Element) -> Decimal | None:
    text = _text(detail, "Amt") or _text(detail, "AmtDtls/TxAmt/Amt")
    return _amount(text) if text else None


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation as fault:
        raise Unreadable(_("An entry of this statement has no readable amount: %(text)s.") % {"text": text}) from fault


def _below(element: Element, path: str) -> Iterator[Element]:
    """The elements at ``path`` below ``element``, in whatever namespace."""
    return element.iterfind("/".join(f"{{*}}{name}" for name in path.split("/")))


def _text(element: Element, path: str) -> str:
    return next((node.text.strip() for node in _below(element, path) if node.text), "")
