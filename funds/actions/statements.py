"""Bank statements: accounts, statements handed in, and what each line turns out to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Unpack
from uuid import NAMESPACE_OID, UUID, uuid5

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from funds.actions.donations import Gift, funds_of, is_entered, parts_of, record_donation
from funds.actions.donors import DonorFacts
from funds.actions.ledger import lock_accounts
from funds.actions.pledges import keep_instalment
from funds.actions.saving import refuse_other_facts, save_revised
from funds.actions.vouchers import prepare_voucher
from funds.models import (
    Appeal,
    BankAccount,
    BankLine,
    BankStatement,
    Donation,
    DonationForm,
    Donor,
    Fund,
    LineState,
    Movement,
    PledgeInstalment,
    Voucher,
    VoucherKind,
)
from funds.statements import Cut, Statement
from funds.statements.lines import digits, keyed
from hkh.core.dates import format_date, today
from hkh.core.money import dong
from hkh.core.text import clean
from hkh.core.violations import refusals
from members.models import Unit, User
from members.rules import Verb, require


@dataclass(frozen=True)
class HandedIn:
    """What came of a file: ``new`` lines entered, ``known`` ones that an earlier file had told already."""

    statement: BankStatement
    new: int
    known: int


@dataclass(frozen=True)
class Decision:
    """A line and the gift that it is."""

    line: BankLine
    donor: Donor | DonorFacts
    fund: Fund
    appeal: Appeal | None = None
    purpose: str = ""
    #: The promised instalment that the gift keeps.
    instalment: PledgeInstalment | None = None


def add_bank_account(*, fund: Fund, bank: str, number: str, by: User, holder: str = "") -> BankAccount:
    """The account of ``fund``'s unit. Raises: Http404, PermissionDenied; ValidationError where it is there already."""
    require(by, Verb.MANAGE_FUNDS, fund.unit_id)
    with refusals():
        account = BankAccount(
            unit_id=fund.unit_id, fund=fund, bank=_named(bank), number=digits(number), holder=clean(holder)
        )
        account.validate_constraints()
        account.save(force_insert=True)
    return account


def edit_bank_account(
    *, account: BankAccount, revision: int, fund: Fund, holder: str, closed_on: date | None, by: User
) -> BankAccount:
    """Where its gifts go, whose name it bears, whether it is closed. Bank, number and unit stay.

    Raises: Http404, PermissionDenied; ValidationError, also where somebody else saved it meanwhile.
    """
    require(by, Verb.MANAGE_FUNDS, account.unit_id)
    with refusals():
        changes = {"fund": fund, "holder": clean(holder), "closed_on": closed_on}
        return save_revised(BankAccount.unscoped.all(), pk=account.pk, revision=revision, changes=changes)


def hand_in_statement(*, account: BankAccount, statement: Statement, file_name: str, sha256: str, by: User) -> HandedIn:
    """The lines of ``statement`` that no earlier file told of. 9 queries, savepoints included, however many lines.

    The same file again gives the first one, with nothing new. Raises: Http404, PermissionDenied; ValidationError where
    the file is of another account, not in đồng, of the future, or does not add up.
    """
    require(by, Verb.RECORD_DONATION, account.unit_id)
    first = BankStatement.unscoped.filter(account=account, sha256=sha256).first()
    if first is not None:
        return HandedIn(first, 0, first.line_count)
    _check(account, statement)
    with refusals():
        BankAccount.unscoped.select_for_update(no_key=True).get(pk=account.pk)
        kept = BankStatement.unscoped.create(
            account=account,
            file_name=file_name[:200],
            sha256=sha256,
            first_on=statement.first_on,
            last_on=statement.last_on,
            opening_vnd=statement.opening_vnd,
            closing_vnd=statement.closing_vnd,
            line_count=len(statement.lines),
            handed_in_by=by,
        )
        lines = {key: line for line, key in keyed(statement.lines)}
        known = set(BankLine.unscoped.filter(account=account, key__in=list(lines)).values_list("key", flat=True))
        BankLine.unscoped.bulk_create(
            BankLine(
                account=account,
                statement=kept,
                number=line.number,
                key=key,
                occurred_on=line.on,
                amount_vnd=line.amount_vnd,
                reference=line.reference[:120],
                party=line.party[:200],
                party_account=line.party_account[:60],
                description=line.description,
            )
            for key, line in lines.items()
            if key not in known
        )
    return HandedIn(kept, len(lines) - len(known), len(known))


def book_line(*, decision: Decision, by: User) -> Donation:
    """The gift that came by the line, recorded with the bank's reference as its document; once. Where it was promised,
    it keeps its instalment.

    Raises: Http404, PermissionDenied; ValidationError with the sentence of the rule that the gift breaks.
    """
    require(by, Verb.RECORD_DONATION, decision.line.account.unit_id)
    with refusals():
        line = _locked(decision.line)
        if line.amount_vnd < 0:
            raise ValidationError(_("This line is money that went out. Match it with what was spent."))
        donation = record_donation(
            unit=line.account.unit,
            donor=decision.donor,
            received_on=line.occurred_on,
            form=DonationForm.BANK_TRANSFER,
            amount_vnd=line.amount_vnd,
            fund=decision.fund,
            appeal=decision.appeal,
            purpose=decision.purpose,
            document=line.reference[:60],
            by=by,
        )
        if decision.instalment is not None:
            keep_instalment(instalment=decision.instalment, donation=donation, by=by)
        _decide(line, by, state=LineState.BOOKED, donation=donation)
    return donation


def book_gift(*, line: BankLine, by: User, idempotency_key: UUID | None = None, **gift: Unpack[Gift]) -> Donation:
    """The gift that came by the line, written down in full: into several funds, on behalf of others; once.

    With a key, a second submit returns the first donation. Raises: as ``record_donation``; ValidationError where it is
    no transfer of the line's amount to its unit, or somebody decided the line meanwhile.
    """
    require(by, Verb.RECORD_DONATION, line.account.unit_id)
    with refusals():
        # In the order of ``book_lines``.
        list(Unit.unscoped.select_for_update(no_key=True).filter(pk=line.account.unit_id).values("pk"))
        lock_accounts(funds_of(gift))
        known = idempotency_key is not None and is_entered(idempotency_key)
        held = line if known else _locked(line)
        donation = record_donation(by=by, idempotency_key=idempotency_key, **gift)
        if not known:
            _decide(held, by, state=LineState.BOOKED, donation=donation)
        elif not BankLine.unscoped.filter(pk=line.pk, donation=donation).exists():
            refuse_other_facts()
    return donation


def book_lines(*, decisions: Sequence[Decision], by: User) -> tuple[list[Donation], list[tuple[BankLine, str]]]:
    """The gifts of all ``decisions`` that no rule refuses, and the others with the sentence that refuses each.

    A line is booked whole or not at all. Raises: Http404, PermissionDenied.
    """
    booked: list[Donation] = []
    refused: list[tuple[BankLine, str]] = []
    with transaction.atomic():
        # Units, then accounts, each in one order: lines name their funds in any order.
        units = {decision.line.account.unit_id for decision in decisions}
        list(Unit.unscoped.select_for_update(no_key=True).filter(pk__in=units).order_by("pk").values("pk"))
        lock_accounts({decision.fund for decision in decisions})
        for decision in decisions:
            try:
                booked.append(book_line(decision=decision, by=by))
            except ValidationError as refusal:
                refused.append((decision.line, " ".join(refusal.messages)))
    return booked, refused


def prepare_interest(*, line: BankLine, fund: Fund, by: User) -> Voucher:
    """The voucher of the interest that the line tells of; in the books at once, and the line with it, up to the unit's
    limit. Else the line waits for the approval, to be matched then.

    Raises: Http404, PermissionDenied; ValidationError.
    """
    require(by, Verb.PREPARE_SPENDING, line.account.unit_id)
    with refusals():
        held = _locked(line)
        if held.amount_vnd < 0:
            raise ValidationError(_("This line is money that went out, so it is no interest."))
        voucher = prepare_voucher(
            kind=VoucherKind.INTEREST,
            fund=fund,
            amount_vnd=held.amount_vnd,
            occurred_on=held.occurred_on,
            document=held.reference[:60],
            note=held.description[:240],
            idempotency_key=uuid5(NAMESPACE_OID, f"interest of bank line {held.pk}"),
            by=by,
        )
        if voucher.posted is not None:
            _decide(held, by, state=LineState.BOOKED, movement=voucher.posted)
    return voucher


def link_line(*, line: BankLine, to: Donation | Movement, by: User) -> BankLine:
    """The line is what had been recorded before; a gift split over funds, whichever part is named, as a whole.

    Raises: Http404, PermissionDenied; ValidationError where the two do not fit, or another line is linked with it.
    """
    require(by, Verb.RECORD_DONATION, line.account.unit_id)
    with refusals():
        held = _locked(line)
        if isinstance(to, Donation):
            _decide(held, by, state=LineState.LINKED, donation=parts_of(to)[0])
        else:
            _decide(held, by, state=LineState.LINKED, movement=to)
    return held


def set_line_aside(*, line: BankLine, reason: str, by: User) -> BankLine:
    """The line concerns no fund here (a fee, a wrong transfer sent back …), and why. Raises: as ``link_line``."""
    require(by, Verb.RECORD_DONATION, line.account.unit_id)
    reason = clean(reason)
    if not reason:
        raise ValidationError({"reason": _("Say why the line is set aside.")})
    with refusals():
        held = _locked(line)
        _decide(held, by, state=LineState.SET_ASIDE, set_aside_reason=reason[:200])
    return held


def reopen_line(*, line: BankLine, by: User) -> BankLine:
    """The line to be decided anew. A booked one comes open by voiding its gift.

    Raises: Http404, PermissionDenied; ValidationError for a booked line.
    """
    require(by, Verb.RECORD_DONATION, line.account.unit_id)
    with refusals():
        held = BankLine.unscoped.select_for_update(of=("self",), no_key=True).get(pk=line.pk)
        if held.state == LineState.BOOKED:
            raise ValidationError(_("This line is booked. Void its entry, with the reason; the line opens by itself."))
        _decide(held, by, state=LineState.OPEN)
    return held


def _check(account: BankAccount, statement: Statement) -> None:
    """Raises: ValidationError unless ``statement`` can be one of ``account``."""
    if account.closed_on and statement.lines and statement.last_on >= account.closed_on:
        raise ValidationError(_("The account was closed on %(day)s.") % {"day": format_date(account.closed_on)})
    if not statement.lines:
        raise ValidationError(_("There is no transfer in this file."))
    said = digits(statement.account_number)
    if said and said != account.number:
        raise ValidationError(
            _("This is a statement of account %(said)s, not of %(chosen)s. Choose that account, or the right file.")
            % {"said": said, "chosen": account.number}
        )
    if statement.currency and statement.currency != "VND":
        raise ValidationError(
            _("This statement is in %(currency)s. Only accounts in đồng are matched; record such gifts by hand.")
            % {"currency": statement.currency}
        )
    late = next((line for line in statement.lines if line.on > today()), None)
    if late is not None:
        raise ValidationError(
            _("Line %(number)s lies in the future (%(day)s). Check how the file writes its dates.")
            % {"number": late.number, "day": format_date(late.on)}
        )
    try:
        check_balances(statement)
    except Cut as cut:
        raise ValidationError(str(cut)) from cut


def check_balances(statement: Statement) -> None:
    """Raises: Cut where the closing balance does not follow from the opening one and the lines."""
    if statement.opening_vnd is None or statement.closing_vnd is None:
        return
    moved = sum(line.amount_vnd for line in statement.lines)
    missing = statement.closing_vnd - statement.opening_vnd - moved
    if missing:
        raise Cut(
            _(
                "The statement does not add up: opening %(opening)s, lines %(moved)s, closing %(closing)s. Lines for "
                "%(missing)s are missing. Download it from the bank again, whole."
            )
            % {
                "opening": dong(statement.opening_vnd),
                "moved": dong(moved),
                "closing": dong(statement.closing_vnd),
                "missing": dong(missing),
            }
        )


def _locked(line: BankLine) -> BankLine:
    """``line``, still to be decided, against a second hand. Raises: ValidationError where somebody was faster."""
    held = (
        BankLine.unscoped.select_for_update(of=("self",), no_key=True).select_related("account__unit").get(pk=line.pk)
    )
    if held.state != LineState.OPEN:
        raise ValidationError(
            _("Somebody has decided this line meanwhile: %(state)s.") % {"state": held.get_state_display()}
        )
    return held


def _decide(line: BankLine, by: User, *, state: LineState, **what: Any) -> None:
    line.state, line.decided_by, line.decided_at = state, by, timezone.now()
    line.donation, line.movement = what.get("donation"), what.get("movement")
    line.set_aside_reason = what.get("set_aside_reason", "")
    line.save(update_fields=["state", "donation", "movement", "set_aside_reason", "decided_by", "decided_at"])


def _named(bank: str) -> str:
    name = clean(bank)
    if not name:
        raise ValidationError({"bank": _("Write the name of the bank.")})
    return name
