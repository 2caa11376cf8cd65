"""Where a person stands: the membership that counts, and whether the entry still stands for itself."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils.translation import gettext as _

from members.models import Member, Membership


def last_membership(member: Member) -> Membership:
    """The membership of ``member`` that still runs, else the one that ended last. One query.

    Raises: ValidationError where there is none any more: the entry has been put together with another.
    """
    last = (
        Membership.unscoped.filter(member=member)
        .select_related("unit")
        .order_by(F("left_on").desc(nulls_first=True))
        .first()
    )
    if last is None:
        raise _merged(member)
    return last


def not_merged(member: Member) -> None:
    """Raises: ValidationError where the entry has been put together with another."""
    if member.merged_into_id is not None:
        raise _merged(member)


def _merged(member: Member) -> ValidationError:
    return ValidationError(
        _("%(member)s has been put together with another entry meanwhile. Open the person anew.") % {"member": member}
    )
