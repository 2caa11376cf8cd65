"""Gifts: received, voided, corrected."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Required, TypedDict, Unpack
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from funds.actions.donors import DonorFacts, add_donor
from funds.actions.ledger import Accounts, lock_accounts, post_movement, post_reversal
from funds.actions.saving import cleaned, saved_once
from funds.models import AccountKind, Appeal, Donation, DonationForm, Donor, Fund, Movement, MovementKind
from hkh.core.dates import format_date
from hkh.core.money import dong
from hkh.core.text import clean
from hkh.core.violations import refusals
from members.models import Unit, User
from members.rules import Verb, require


class Gift(TypedDict, total=False):
    """What is written down of a gift. ``fund`` is left out for one handed straight to a family (pass-through)."""

    unit: Required[Unit]
    #: Or what is known of a donor who is entered along with the gift, as known to ``unit``.
    donor: Required[Donor | DonorFacts]
    received_on: Required[date]
    form: Required[DonationForm | str]
    amount_vnd: Required[int]
    fund: Fund | None
    appeal: Appeal | None
    is_pass_through: bool
    currency: str
    foreign_amount: Decimal | None
    exchange_rate: Decimal | None
    goods: str
    purpose: str
    document: str
    note: str


#: What a gift holds where nothing is said.
_UNSAID: dict[str, Any] = {
    "fund": None,
    "appeal": None,
    "is_pass_through": False,
    "currency": "VND",
    "foreign_amount": None,
    "exchange_rate": None,
    "goods": "",
    "purpose": "",
    "document": "",
    "note": "",
}


def record_donation(*, by: User, idempotency_key: UUID | None = None, **gift: Unpack[Gift]) -> Donation:
    """The gift in the books of its unit: donation and movement together. 10 queries, savepoints included.

    With a key, a second submit returns the first donation. Raises: Http404, PermissionDenied; ValidationError with
    the sentence of the rule that the gift breaks. Source: DESIGN §6, NĐ 93/2021 (appeals).
    """
    require(by, Verb.RECORD_DONATION, gift["unit"])
    with refusals():
        facts = _with_donor(gift, by=by, key=idempotency_key)
        return _enter(facts, accounts=lock_accounts(_funds(gift)), by=by, key=idempotency_key)


def void_donation(*, donation: Donation, reason: str, on: date, by: User) -> Donation:
    """The donation taken out of the books, whole, with the reason; once. It counts negative in the month of ``on``.

    Raises: Http404, PermissionDenied; ValidationError, also where the money has been spent or set aside since.
    """
    require(by, Verb.VOID_DONATION, donation.unit_id)
    with refusals():
        accounts = lock_accounts([donation.fund] if donation.fund else [])
        return _take_out(donation, accounts=accounts, reason=reason, on=on, by=by)


def correct_donation(
    *,
    donation: Donation,
    reason: str,
    on: date,
    by: User,
    idempotency_key: UUID | None = None,
    **gift: Unpack[Gift],
) -> Donation:
    """The donation that stands in place of ``donation``, which is voided on ``on``: both, or nothing.

    With ``on`` = the day of the first entry, the figures of that period come right; with today they stay, and the
    difference shows now. Raises: as ``record_donation`` and ``void_donation``.
    """
    require(by, Verb.VOID_DONATION, donation.unit_id)
    require(by, Verb.RECORD_DONATION, gift["unit"])
    with refusals():
        _one_after_the_other(donation.unit_id, gift["unit"].pk)
        funds = {*_funds(gift), *([donation.fund] if donation.fund else [])}
        known = idempotency_key and Donation.unscoped.filter(idempotency_key=idempotency_key).exists()
        # In first, out second: so the fund can give back what it has spent of a gift that was only mistyped.
        facts = _with_donor(gift, by=by, key=idempotency_key)
        corrected = _enter(facts, accounts=lock_accounts(funds), by=by, key=idempotency_key)
        if not known:
            _take_out(donation, accounts=lock_accounts(funds), reason=reason, on=on, by=by)
        return corrected


def _funds(gift: Gift) -> list[Fund]:
    fund = gift.get("fund")
    return [fund] if fund else []


def _one_after_the_other(*unit_ids: int) -> None:
    """Two corrections touch the same months of the roll-up, in either order: they must not wait in a circle.
    Nor do two submits of one form both enter its new donor."""
    list(Unit.unscoped.select_for_update(no_key=True).filter(pk__in=unit_ids).order_by("pk").values("pk"))


def _with_donor(gift: Gift, *, by: User, key: UUID | None) -> dict[str, Any]:
    """What is written down, with the donor as a row: the given one, or the one that the gift brings along.

    Of two submits of one form the second finds the donor that the first one entered.
    """
    donor = gift["donor"]
    if isinstance(donor, Donor):
        require(by, Verb.SEE, donor.unit_id)
    else:
        _one_after_the_other(gift["unit"].pk)
        first = key and Donation.unscoped.filter(idempotency_key=key, donor__name=clean(donor["name"])).first()
        donor = first.donor if first else add_donor(unit=gift["unit"], by=by, **donor)
    return cleaned({**_UNSAID, **gift, "donor": donor})


def _enter(facts: Mapping[str, Any], *, accounts: Accounts, by: User, key: UUID | None) -> Donation:
    def make() -> Donation:
        donation = Donation.unscoped.create(**facts, recorded_by=by, idempotency_key=key or uuid4())
        if donation.fund_id is not None:
            post_movement(
                source=accounts[None, AccountKind.DONORS, donation.pot],
                target=accounts[donation.fund_id, AccountKind.FREE, donation.pot],
                amount_vnd=donation.amount_vnd,
                kind=MovementKind.DONATION,
                occurred_on=donation.received_on,
                by=by,
                document=donation.document,
                donation=donation,
            )
        return donation

    return saved_once(Donation.unscoped.all(), key=key, facts=facts, make=make)


def _take_out(donation: Donation, *, accounts: Accounts, reason: str, on: date, by: User) -> Donation:
    held = Donation.unscoped.select_for_update(no_key=True).get(pk=donation.pk)
    if held.voided_on is not None:
        raise ValidationError(
            _("This donation was voided already, on %(day)s."),
            code="donation_void_once",
            params={"day": format_date(held.voided_on)},
        )
    if held.fund_id is not None:
        free = accounts[held.fund_id, AccountKind.FREE, held.pot]
        if free.balance_vnd < held.amount_vnd:
            raise ValidationError(
                _(
                    "Of this gift of %(amount)s only %(left)s is still available in the fund: the rest is spent or "
                    "set aside. Cancel what it was set aside for, then void the gift."
                ),
                code="account_not_overdrawn",
                params={"amount": dong(held.amount_vnd), "left": dong(free.balance_vnd)},
            )
    held.voided_on, held.voided_by, held.void_reason = on, by, clean(reason)
    held.save(update_fields=["voided_on", "voided_by", "void_reason"])
    for booked in Movement.objects.filter(donation=held, reverses=None):
        post_reversal(booked, occurred_on=on, by=by, note=held.void_reason)
    return held
