"""Pledges: promised, kept by gifts, cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from funds.actions.donors import require_seen
from funds.actions.saving import saved_once
from funds.models import Donation, Donor, Pledge, PledgeInstalment, PledgeMatch
from funds.queries.pledges import with_kept
from hkh.core.text import clean
from hkh.core.violations import refusals
from members.models import Unit, User
from members.rules import Verb, require


def record_pledge(
    *,
    unit: Unit,
    donor: Donor,
    pledged_on: date,
    amount_vnd: int,
    instalments: Sequence[tuple[date, int]],
    by: User,
    purpose: str = "",
    idempotency_key: UUID | None = None,
) -> Pledge:
    """What ``donor`` promised, by instalments (due day, đồng) that add up. Raises: Http404, PermissionDenied,
    ValidationError."""
    require(by, Verb.RECORD_DONATION, unit)
    require_seen(by, donor)
    facts = {"unit": unit, "donor": donor, "pledged_on": pledged_on, "amount_vnd": amount_vnd}

    def make() -> Pledge:
        pledge = Pledge.unscoped.create(
            **facts, purpose=clean(purpose), recorded_by=by, idempotency_key=idempotency_key or uuid4()
        )
        PledgeInstalment.unscoped.bulk_create(
            PledgeInstalment(pledge=pledge, due_on=due_on, amount_vnd=part) for due_on, part in instalments
        )
        return pledge

    with refusals():
        return saved_once(Pledge.unscoped.all(), key=idempotency_key, facts=facts, make=make)


def match_donation(*, pledge: Pledge, donation: Donation, by: User) -> list[PledgeMatch]:
    """The gift counted towards the instalments not kept yet, the first due first. Raises: Http404, PermissionDenied;
    ValidationError where nothing is left of either, or the gift is another donor's."""
    require(by, Verb.RECORD_DONATION, pledge.unit_id)
    require(by, Verb.SEE, donation.unit_id)
    with refusals():
        made = count_towards(pledge, donation)
        if not made:
            raise ValidationError(_("Nothing is left to count: gift or pledge is used up."), code="pledge_match_within")
        return made


def count_towards(pledge: Pledge, donation: Donation) -> list[PledgeMatch]:
    """The gift, as far as it is not counted yet, on what is not kept of the pledge, the first due first."""
    Pledge.unscoped.select_for_update(no_key=True).get(pk=pledge.pk)
    left_vnd = donation.amount_vnd - sum(donation.pledge_matches.values_list("amount_vnd", flat=True))
    made = []
    for due in with_kept(PledgeInstalment.unscoped.filter(pledge=pledge)).order_by("due_on", "pk"):
        take_vnd = min(left_vnd, due.amount_vnd - due.kept_vnd)
        if take_vnd > 0:
            made.append(PledgeMatch.objects.create(instalment=due, donation=donation, amount_vnd=take_vnd))
            left_vnd -= take_vnd
    return made


def keep_instalment(*, instalment: PledgeInstalment, donation: Donation, by: User) -> PledgeMatch:
    """The gift counted towards that instalment. Raises: Http404, PermissionDenied; ValidationError where the gift is
    another donor's, or more than is left of the instalment."""
    require(by, Verb.RECORD_DONATION, instalment.pledge.unit_id)
    require(by, Verb.SEE, donation.unit_id)
    with refusals():
        Pledge.unscoped.select_for_update(no_key=True).get(pk=instalment.pledge_id)
        return PledgeMatch.objects.create(instalment=instalment, donation=donation, amount_vnd=donation.amount_vnd)


def cancel_pledge(*, pledge: Pledge, reason: str, on: date, by: User) -> Pledge:
    """The pledge given up: what was not kept is awaited no more. Raises: Http404, PermissionDenied, ValidationError."""
    require(by, Verb.RECORD_DONATION, pledge.unit_id)
    with refusals():
        held = Pledge.unscoped.select_for_update(no_key=True).get(pk=pledge.pk)
        held.cancelled_on, held.cancel_reason = on, clean(reason)
        held.save(update_fields=["cancelled_on", "cancel_reason"])
        return held
