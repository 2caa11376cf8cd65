"""Donors: who gives."""

from __future__ import annotations

from typing import Required, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils.translation import gettext as _

from funds.actions.saving import cleaned, save_revised
from funds.models import Donor, DonorKind
from hkh.core.violations import refusals
from members.models import Member, Unit, User
from members.rules import Verb, may, require


class DonorFacts(TypedDict, total=False):
    """What is known of a donor."""

    kind: Required[DonorKind | str]
    name: Required[str]
    country: str
    phone: str
    email: str
    address: str
    tax_code: str
    is_anonymous: bool
    member: Member | None
    note: str


def add_donor(*, unit: Unit, by: User, **facts: Unpack[DonorFacts]) -> Donor:
    """A donor whom ``unit`` knows. Raises: Http404, PermissionDenied, ValidationError."""
    require(by, Verb.EDIT_DONOR, unit)
    with refusals():
        return Donor.unscoped.create(unit=unit, **cleaned(facts))


def require_seen(by: User, donor: Donor) -> None:
    """Let pass who sees ``donor``, by his card or by one that was merged into it. Mostly no query, else 1.

    Raises: Http404.
    """
    if not may(by, Verb.SEE, donor.unit_id) and not Donor.objects.visible_to(by).filter(pk=donor.pk).exists():
        raise Http404


def edit_donor(*, donor: Donor, revision: int, by: User, **facts: Unpack[DonorFacts]) -> Donor:
    """The donor as described now. Another kind carries all the gifts over to that kind in the figures.

    Raises: Http404, PermissionDenied; ValidationError, also where somebody else saved it meanwhile (as a merge does) or
    the card was merged away.
    """
    require(by, Verb.EDIT_DONOR, donor.unit_id)
    if (kept := donor.merged_into) is not None:
        raise ValidationError(
            _("This card was merged into the one of “%(kept)s”. Edit that one, or take the two apart first."),
            code="donor_merged",
            params={"kept": kept.name},
        )
    with refusals():
        return save_revised(Donor.unscoped.all(), pk=donor.pk, revision=revision, changes=cleaned(facts))
