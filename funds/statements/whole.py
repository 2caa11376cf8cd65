"""Whole đồng out of what banks write."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext as _

from funds.statements.lines import Unreadable


def whole_vnd(amount: Decimal) -> int:
    """``amount`` as whole đồng. Raises: Unreadable where it has a broken part: then it is no amount in đồng."""
    if amount != amount.to_integral_value():
        raise Unreadable(_("%(amount)s is no whole number of đồng. Is this a statement in đồng?") % {"amount": amount})
    return int(amount)
