"""Donors and appeals: who gives, and what was asked for."""

from __future__ import annotations

from datetime import date
from typing import Required, TypedDict, Unpack

from funds.actions.saving import cleaned, save_revised
from funds.models import Appeal, AppealKind, Donor, DonorKind
from hkh.core.violations import refusals
from members.models import Member, Unit, User
from members.rules import Verb, require


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


def edit_donor(*, donor: Donor, revision: int, by: User, **facts: Unpack[DonorFacts]) -> Donor:
    """The donor as described now. Another kind carries all the gifts over to that kind in the figures.

    Raises: Http404, PermissionDenied; ValidationError, also where somebody else saved it meanwhile.
    """
    require(by, Verb.EDIT_DONOR, donor.unit_id)
    with refusals():
        return save_revised(Donor.unscoped.all(), pk=donor.pk, revision=revision, changes=cleaned(facts))


class AppealFacts(TypedDict, total=False):
    """What an appeal asks for. It takes gifts on the days ``[opens_on, closes_on)``."""

    kind: Required[AppealKind | str]
    name: Required[str]
    opens_on: Required[date]
    purpose: str
    area: str
    partner: str
    target_vnd: int | None
    closes_on: date | None


def open_appeal(*, unit: Unit, by: User, **facts: Unpack[AppealFacts]) -> Appeal:
    """An appeal of ``unit``, for itself and all below it. Raises: Http404, PermissionDenied, ValidationError."""
    require(by, Verb.MANAGE_APPEALS, unit)
    with refusals():
        return Appeal.unscoped.create(unit=unit, **cleaned(facts))


def edit_appeal(*, appeal: Appeal, by: User, **facts: Unpack[AppealFacts]) -> Appeal:
    """The appeal as it stands now. Raises: ValidationError where gifts would fall outside its dates, or its kind
    changes after the first gift."""
    require(by, Verb.MANAGE_APPEALS, appeal.unit_id)
    with refusals():
        Appeal.unscoped.filter(pk=appeal.pk).update(**cleaned(facts))
    return Appeal.unscoped.get(pk=appeal.pk)
