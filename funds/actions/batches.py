"""Many gifts typed in one go, from a pile of slips that was counted and added up before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from funds.actions.donations import Gift, enter, facts_of
from funds.actions.donors import require_seen
from funds.actions.ledger import Accounts, lock_accounts
from funds.actions.saving import cleaned, refuse_other_facts, saved_once
from funds.models import AccountKind, Batch, BatchDraft, Donation, Donor, DonorKind, Movement, MovementKind
from hkh.core.money import dong, format_number
from hkh.core.text import clean
from hkh.core.violations import refusals
from members.models import Unit, User
from members.rules import Verb, require

#: Up to so many gifts, a batch that is refused is tried gift by gift to tell which one is at fault.
MOST_TRIED = 200


def record_batch(
    *,
    unit: Unit,
    gifts: Sequence[Gift],
    control_count: int,
    control_vnd: int,
    by: User,
    note: str = "",
    idempotency_key: UUID | None = None,
) -> Batch:
    """All ``gifts`` in the books of ``unit``, or none. 17 queries, however many gifts.

    Each is whole: no shares, no lines, no givers. Donors entered along with the gifts are entered once, however often
    they give. With a key, a second submit returns the first batch. Raises: Http404, PermissionDenied; ValidationError
    where count or sum of the gifts is not what was counted before, or that names the line whose gift breaks a rule.
    """
    require(by, Verb.RECORD_DONATION, unit)
    _require_controls(gifts, control_count, control_vnd)
    facts = {"unit": unit, "control_count": control_count, "control_vnd": control_vnd}

    def make() -> Batch:
        accounts = lock_accounts({fund for gift in gifts if (fund := gift.get("fund"))})
        rows = _rows(gifts, unit=unit, by=by)
        try:
            with refusals(check_deferred=False):
                batch = Batch.unscoped.create(
                    **facts, note=clean(note), recorded_by=by, idempotency_key=idempotency_key or uuid4()
                )
                _write(batch, rows, accounts, by=by)
        except ValidationError as refusal:
            _name_the_line(rows, accounts, by=by, refusal=refusal)
        BatchDraft.objects.filter(owner=by, unit=unit).delete()
        return batch

    with refusals():
        list(Unit.unscoped.select_for_update(no_key=True).filter(pk=unit.pk).values("pk"))
        batch = saved_once(Batch.unscoped.all(), key=idempotency_key, facts=facts, make=make)
        amounts = batch.donations.order_by("pk").values_list("amount_vnd", flat=True)
        if idempotency_key and list(amounts) != [gift["amount_vnd"] for gift in gifts]:
            refuse_other_facts()
        return batch


def save_batch_draft(*, unit: Unit, typed: Mapping[str, Any], by: User) -> BatchDraft:
    """What ``by`` has typed so far of a batch of ``unit``, kept until it is posted or dropped."""
    require(by, Verb.RECORD_DONATION, unit)
    draft, _made = BatchDraft.objects.update_or_create(owner=by, unit=unit, defaults={"typed": dict(typed)})
    return draft


def drop_batch_draft(*, unit: Unit, by: User) -> None:
    """Forget what was typed of a batch."""
    BatchDraft.objects.filter(owner=by, unit=unit).delete()


def _require_controls(gifts: Sequence[Gift], control_count: int, control_vnd: int) -> None:
    typed_vnd = sum(gift["amount_vnd"] for gift in gifts)
    if len(gifts) != control_count:
        raise ValidationError(
            _("%(counted)s slips were counted, and %(typed)s are typed. Look for one left out or typed twice."),
            code="batch_count_agrees",
            params={"counted": format_number(control_count), "typed": format_number(len(gifts))},
        )
    if typed_vnd != control_vnd:
        raise ValidationError(
            _(
                "The slips come to %(counted)s, what is typed to %(typed)s: a difference of %(difference)s. "
                "Compare the amounts line by line."
            ),
            code="batch_sum_agrees",
            params={
                "counted": dong(control_vnd),
                "typed": dong(typed_vnd),
                "difference": dong(abs(control_vnd - typed_vnd)),
            },
        )


def _rows(gifts: Sequence[Gift], *, unit: Unit, by: User) -> list[dict[str, Any]]:
    """The gifts as columns of donations, with every donor as a row. At most 1 query."""
    new: dict[tuple[str, str, str], Donor] = {}
    for gift in gifts:
        donor = gift["donor"]
        if isinstance(donor, Donor):
            require_seen(by, donor)
        else:
            new.setdefault(_key(donor), Donor(unit=unit, **cleaned(donor)))
    if new:
        require(by, Verb.EDIT_DONOR, unit)
        Donor.unscoped.bulk_create(new.values())
    rows = []
    for gift in gifts:
        donor = gift["donor"]
        rows.append(facts_of(gift, donor=donor if isinstance(donor, Donor) else new[_key(donor)]))
    return rows


def _key(donor: Any) -> tuple[str, str, str]:
    return clean(donor["name"]).casefold(), str(donor.get("kind", DonorKind.PERSON)), clean(donor.get("phone", ""))


def _write(batch: Batch, rows: Sequence[dict[str, Any]], accounts: Accounts, *, by: User) -> None:
    """Donations and movements, a statement each: so their rules are proved as a set."""
    donations = Donation.unscoped.bulk_create(
        Donation(**row, batch=batch, recorded_by=by, idempotency_key=uuid5(batch.idempotency_key, str(number)))
        for number, row in enumerate(rows)
    )
    Movement.objects.bulk_create(
        Movement(
            source=accounts[None, AccountKind.DONORS, donation.pot],
            target=accounts[donation.fund_id, AccountKind.FREE, donation.pot],
            amount_vnd=donation.amount_vnd,
            kind=MovementKind.DONATION,
            occurred_on=donation.received_on,
            document=donation.document,
            donation=donation,
            recorded_by=by,
        )
        for donation in donations
        if donation.fund_id is not None
    )


def _name_the_line(rows: Sequence[dict[str, Any]], accounts: Accounts, *, by: User, refusal: ValidationError) -> None:
    """Raise ``refusal`` with the number of the line that breaks the rule, as far as one alone does."""
    for number, row in enumerate(rows[:MOST_TRIED], 1):
        try:
            with transaction.atomic():
                with refusals():
                    enter(row, accounts=accounts, by=by, key=None)
                transaction.set_rollback(True)
        except ValidationError as of_line:
            raise ValidationError(
                _("Line %(number)s: %(sentence)s"),
                code=getattr(of_line, "code", None) or "line",
                params={"number": number, "sentence": " ".join(of_line.messages), "line": number},
            ) from refusal
    raise refusal
