"""Roles given to accounts and taken back."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from hkh.core.violations import refusals
from members.models import Grant, Role, Unit, User
from members.rules import Verb, forget, is_administrator, require


def grant_role(
    *, user: User, role: Role | str, unit: Unit, valid_from: date, valid_until: date | None = None, by: User
) -> Grant:
    """``user`` acts as ``role`` in ``unit`` and all below it on these days.

    Raises: Http404, PermissionDenied; ValidationError, also where one person would be accountant and cashier
    of a unit at once. Source: DOMAIN §3 (two people a payment).
    """
    _require_hold_over(user, unit, by)
    if valid_until is not None and valid_until <= valid_from:
        raise ValidationError({"valid_until": _("The last day must come after the first.")})
    with refusals():
        grant = Grant.objects.create(
            user=user, role=Role(role), unit=unit, valid_from=valid_from, valid_until=valid_until
        )
    _after_change(user, by)
    return grant


def change_role(*, grant: Grant, role: Role | str, valid_from: date, valid_until: date | None, by: User) -> Grant:
    """Role and days of ``grant`` corrected. Raises: Http404, PermissionDenied; ValidationError."""
    _require_hold_over(grant.user, grant.unit, by)
    with refusals():
        grant.role, grant.valid_from, grant.valid_until = Role(role), valid_from, valid_until
        grant.save(update_fields=["role", "valid_from", "valid_until"])
    _after_change(grant.user, by)
    return grant


def revoke_role(*, grant: Grant, on: date, by: User) -> None:
    """``grant`` holds no more from ``on`` on; one that had not begun by then is taken away whole.

    Raises: Http404, PermissionDenied; ValidationError where the grant ended before.
    """
    _require_hold_over(grant.user, grant.unit, by)
    if grant.valid_until is not None and grant.valid_until <= on:
        raise ValidationError(_("This role has ended already."))
    with refusals():
        if on <= grant.valid_from:
            grant.delete()
        else:
            grant.valid_until = on
            grant.save(update_fields=["valid_until"])
    _after_change(grant.user, by)


def _require_hold_over(user: User, unit: Unit, by: User) -> None:
    require(by, Verb.ADMINISTER, unit)
    if user.is_superuser and not by.is_superuser:
        raise PermissionDenied(_("Only the keeper of the installation may change this account."))


def _after_change(user: User, by: User) -> None:
    """The door of the administration is shown to whom it opens; nothing stale is remembered."""
    forget(user)
    forget(by)
    opens = user.is_superuser or is_administrator(user)
    if user.is_staff != opens:
        user.is_staff = opens
        user.save(update_fields=["is_staff"])
