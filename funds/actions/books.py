"""Funds: opened, edited, closed; and what moves in them besides gifts and awards."""

from __future__ import annotations

from datetime import date

from funds.actions.ledger import lock_accounts
from funds.actions.saving import cleaned, save_revised
from funds.models import Fund, LegalStatus
from hkh.core.violations import refusals
from members.models import Unit, User
from members.rules import Verb, require


def open_fund(
    *,
    unit: Unit,
    code: str,
    name: str,
    opened_on: date,
    by: User,
    purpose: str = "",
    is_restricted: bool = False,
    legal_status: LegalStatus | str = LegalStatus.INTERNAL,
    licence_number: str = "",
    licence_on: date | None = None,
    licence_by: str = "",
) -> Fund:
    """A new, empty fund of ``unit`` with its six accounts. Raises: Http404, PermissionDenied, ValidationError."""
    require(by, Verb.MANAGE_FUNDS, unit)
    with refusals():
        facts = {
            "code": code,
            "name": name,
            "purpose": purpose,
            "legal_status": legal_status,
            "licence_number": licence_number,
            "licence_on": licence_on,
            "licence_by": licence_by,
        }
        fund = Fund(unit=unit, opened_on=opened_on, is_restricted=is_restricted, **cleaned(facts))
        fund.validate_unique()
        fund.save(force_insert=True)
    return fund


def edit_fund(
    *,
    fund: Fund,
    revision: int,
    name: str,
    opened_on: date,
    by: User,
    purpose: str = "",
    is_restricted: bool = False,
    legal_status: LegalStatus | str = LegalStatus.INTERNAL,
    licence_number: str = "",
    licence_on: date | None = None,
    licence_by: str = "",
) -> Fund:
    """The fund as it is now described; ``revision`` is the one that was edited. Code and unit stay.

    Raises: Http404, PermissionDenied; ValidationError, also where somebody else saved it meanwhile.
    """
    require(by, Verb.MANAGE_FUNDS, fund.unit_id)
    with refusals():
        changes = {
            "name": name,
            "opened_on": opened_on,
            "purpose": purpose,
            "is_restricted": is_restricted,
            "legal_status": legal_status,
            "licence_number": licence_number,
            "licence_on": licence_on,
            "licence_by": licence_by,
        }
        return save_revised(Fund.unscoped.all(), pk=fund.pk, revision=revision, changes=cleaned(changes))


def close_fund(*, fund: Fund, closed_on: date, by: User) -> Fund:
    """The fund closed: ``closed_on`` is its first day no more. Raises: ValidationError while it holds anything."""
    require(by, Verb.MANAGE_FUNDS, fund.unit_id)
    with refusals():
        lock_accounts([fund])
        return save_revised(
            Fund.unscoped.all(),
            pk=fund.pk,
            revision=Fund.unscoped.values_list("revision", flat=True).get(pk=fund.pk),
            changes={"closed_on": closed_on},
        )
