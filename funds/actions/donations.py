"""Gifts: received, voided, corrected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Required, TypedDict, Unpack
from uuid import UUID, uuid4, uuid5

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from funds.actions.donors import DonorFacts, add_donor, require_seen
from funds.actions.ledger import Accounts, lock_accounts, post_movement, post_reversal
from funds.actions.pledges import count_towards
from funds.actions.saving import cleaned, refuse_other_facts, saved_once
from funds.models import (
    AccountKind,
    Appeal,
    BankLine,
    Donation,
    DonationForm,
    Donor,
    Fund,
    GoodsLine,
    Movement,
    MovementKind,
    NamedGiver,
    Pledge,
    SplitGift,
    Valuation,
)
from hkh.core.dates import format_date
from hkh.core.money import dong, format_quantity
from hkh.core.text import clean
from hkh.core.violations import refusals
from members.models import Unit, User
from members.rules import Verb, require


class Line(TypedDict, total=False):
    """One kind of goods in a gift."""

    what: Required[str]
    quantity: Required[Decimal]
    measure: Required[str]
    unit_value_vnd: Required[int]
    valuation: Valuation | str
    valued_by: str


class Giver(TypedDict, total=False):
    """Somebody on whose behalf the donor hands over the gift."""

    name: Required[str]
    amount_vnd: int | None
    note: str


class Gift(TypedDict, total=False):
    """What is written down of a gift. ``fund`` is left out for one handed straight to a family (pass-through) and for
    one that goes into several funds, whose ``shares`` say how much into which."""

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
    pigs: int | None
    shares: Sequence[tuple[Fund, int]]
    lines: Sequence[Line]
    givers: Sequence[Giver]


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
    "pigs": None,
}
#: What stands in rows of their own.
_BESIDE = ("shares", "lines", "givers")


def record_donation(*, by: User, idempotency_key: UUID | None = None, **gift: Unpack[Gift]) -> Donation:
    """The gift in the books of its unit: donation and movement together. At most 12 queries, savepoints included.

    A gift with ``shares`` becomes a part a fund, all or none; the first of them is returned. With a key, a second
    submit returns the first donation. Raises: Http404, PermissionDenied; ValidationError with
    the sentence of the rule that the gift breaks. Source: DESIGN §6, NĐ 93/2021 (appeals).
    """
    require(by, Verb.RECORD_DONATION, gift["unit"])
    with refusals():
        facts = _with_donor(gift, by=by, key=idempotency_key)
        return enter(facts, accounts=lock_accounts(funds_of(gift)), by=by, key=idempotency_key)


def void_donation(*, donation: Donation, reason: str, on: date, by: User) -> Donation:
    """The donation taken out of the books, whole, with the reason; once. It counts negative in the month of ``on``.
    Of a split gift all parts are taken out.

    Raises: Http404, PermissionDenied; ValidationError, also where the money has been spent or set aside since.
    """
    require(by, Verb.VOID_DONATION, donation.unit_id)
    with refusals():
        parts = parts_of(donation)
        accounts = lock_accounts(part.fund for part in parts if part.fund)
        taken = [_take_out(part, accounts=accounts, reason=reason, on=on, by=by) for part in parts]
        return next(part for part in taken if part.pk == donation.pk)


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
        parts = parts_of(donation)
        funds = {*funds_of(gift), *(part.fund for part in parts if part.fund)}
        known = idempotency_key and is_entered(idempotency_key)
        # In first, out second: so the fund can give back what it has spent of a gift that was only mistyped.
        facts = _with_donor(gift, by=by, key=idempotency_key)
        corrected = enter(facts, accounts=lock_accounts(funds), by=by, key=idempotency_key)
        if not known:
            line = BankLine.unscoped.filter(donation__in=parts).first()
            kept = Pledge.unscoped.filter(instalments__matches__donation__in=parts, cancelled_on=None)
            pledges = list(kept.distinct().order_by("pk"))
            accounts = lock_accounts(funds)
            for part in parts:
                _take_out(part, accounts=accounts, reason=reason, on=on, by=by)
            _keep_line(line, corrected)
            _keep_pledges(pledges, corrected)
        return corrected


def parts_of(donation: Donation) -> list[Donation]:
    """All parts of the gift that ``donation`` belongs to, itself alone where it is whole. At most 1 query."""
    if donation.split_id is None:
        return [donation]
    return list(Donation.unscoped.filter(split=donation.split_id).select_related("fund").order_by("part"))


def is_entered(key: UUID) -> bool:
    """Whether a gift was saved with ``key``, whole or split. At most 2 queries."""
    whole = Donation.unscoped.filter(idempotency_key=key).exists()
    return whole or SplitGift.unscoped.filter(idempotency_key=key).exists()


def _keep_pledges(pledges: Sequence[Pledge], corrected: Donation) -> None:
    """What the first entry had kept of its donor's pledges, the corrected one keeps, as far as it reaches."""
    for pledge in pledges:
        for part in parts_of(corrected):
            if part.donor_id == pledge.donor_id:
                count_towards(pledge, part)


def _keep_line(line: BankLine | None, corrected: Donation) -> None:
    """The bank's line of a corrected gift stays with it, where it is still the transfer that the bank saw."""
    whole_vnd = (corrected.split or corrected).amount_vnd
    fits = line and corrected.form == DonationForm.BANK_TRANSFER and whole_vnd == line.amount_vnd
    if line and fits and corrected.unit_id == line.account.unit_id and not corrected.is_pass_through:
        BankLine.unscoped.filter(pk=line.pk).update(state=line.state, donation=corrected)


def funds_of(gift: Gift) -> list[Fund]:
    """The funds that ``gift`` goes into."""
    fund = gift.get("fund")
    return [*([fund] if fund else []), *(fund for fund, _amount in gift.get("shares") or ())]


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
        require_seen(by, donor)
    else:
        _one_after_the_other(gift["unit"].pk)
        first = key and Donation.unscoped.filter(idempotency_key=key, donor__name=clean(donor["name"])).first()
        donor = first.donor if first else add_donor(unit=gift["unit"], by=by, **donor)
    return facts_of(gift, donor=donor)


def facts_of(gift: Gift, *, donor: Donor) -> dict[str, Any]:
    """What is written down of ``gift``, as columns and what stands beside them."""
    return cleaned({**_UNSAID, **gift, "donor": donor})


def enter(facts: Mapping[str, Any], *, accounts: Accounts, by: User, key: UUID | None) -> Donation:
    """The gift as a donation and its movement, or, with ``shares``, as one a fund. Inside a verb's transaction."""
    beside = {name: facts.get(name) or () for name in _BESIDE}
    own = {name: value for name, value in facts.items() if name not in _BESIDE}
    if beside["lines"] and not own["goods"]:
        own["goods"] = described(beside["lines"])
    if beside["shares"]:
        return _enter_split(own, beside, accounts=accounts, by=by, key=key)

    def make() -> Donation:
        donation = Donation.unscoped.create(**own, recorded_by=by, idempotency_key=key or uuid4())
        _write_beside(donation, beside)
        if donation.fund_id is not None:
            _book(donation, accounts, by=by)
        return donation

    return saved_once(Donation.unscoped.all(), key=key, facts=own, make=make)


def _enter_split(
    own: dict[str, Any], beside: Mapping[str, Any], *, accounts: Accounts, by: User, key: UUID | None
) -> Donation:
    shares = beside["shares"]
    names = ("unit", "donor", "appeal", "received_on", "form", "amount_vnd", "currency", "foreign_amount")
    whole_facts = {name: own[name] for name in (*names, "exchange_rate")} | {"part_count": len(shares)}
    of_part = {**own, "currency": "VND", "foreign_amount": None, "exchange_rate": None}

    def make() -> SplitGift:
        whole = SplitGift.unscoped.create(**whole_facts, idempotency_key=key or uuid4())
        for part, (fund, amount_vnd) in enumerate(shares, 1):
            facts = {**of_part, "fund": fund, "amount_vnd": amount_vnd, "pigs": own["pigs"] if part == 1 else None}
            donation = Donation.unscoped.create(
                **facts, split=whole, part=part, recorded_by=by, idempotency_key=uuid5(whole.idempotency_key, str(part))
            )
            _book(donation, accounts, by=by)
            if part == 1:
                _write_beside(donation, beside)
        return whole

    whole = saved_once(SplitGift.unscoped.all(), key=key, facts=whole_facts, make=make)
    parts = list(Donation.unscoped.filter(split=whole).order_by("part"))
    if [(part.fund_id, part.amount_vnd) for part in parts] != [(fund.pk, amount) for fund, amount in shares]:
        refuse_other_facts()
    return parts[0]


def _write_beside(donation: Donation, beside: Mapping[str, Any]) -> None:
    if beside["lines"]:
        GoodsLine.objects.bulk_create(
            GoodsLine(donation=donation, value_vnd=worth(line), **cleaned(line)) for line in beside["lines"]
        )
    if beside["givers"]:
        NamedGiver.objects.bulk_create(NamedGiver(donation=donation, **cleaned(giver)) for giver in beside["givers"])


def worth(line: Line) -> int:
    """Quantity times the value of one, rounded to the đồng, half up."""
    return int((line["quantity"] * line["unit_value_vnd"]).quantize(Decimal(1), ROUND_HALF_UP))


def described(lines: Iterable[Line]) -> str:
    """The goods in a line of text: "20 chiếc Xe đạp; 300 quyển Vở"."""
    said = (f"{format_quantity(line['quantity'])} {line['measure']} {line['what']}" for line in lines)
    return clean("; ".join(said))[:240]


def _book(donation: Donation, accounts: Accounts, *, by: User) -> None:
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
