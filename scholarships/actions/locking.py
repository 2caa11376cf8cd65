"""Lock, then look: first the round, then its awards in id order, then the accounts of its fund.

Every verb takes them in this order, so nobody approves or hands out the same twice and nobody waits in a circle.
Without key, because a foreign key's check (FOR KEY SHARE) of a row on its way must not wait for us.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from scholarships.models import Award, Round


def lock_round(round_id: int) -> Round:
    """The round as it stands now, locked until the transaction ends. 1 query."""
    return Round.unscoped.select_for_update(no_key=True, of=("self",)).select_related("fund").get(pk=round_id)


def lock_awards(round_: Round, awards: Iterable[Award]) -> dict[int, Award]:
    """``awards`` as they stand now, locked, by id. 1 query.

    Raises: ValidationError where there are none, or one is not of ``round_``.
    """
    wanted = {award.pk for award in awards}
    if not wanted:
        raise ValidationError(_("Choose at least one award."), code="no_awards")
    rows = Award.unscoped.select_for_update(no_key=True, of=("self",)).select_related("unit")
    held = {award.pk: award for award in rows.filter(pk__in=wanted, round=round_).order_by("pk")}
    if len(held) < len(wanted):
        raise ValidationError(
            _("An award belongs to another round, or was taken out meanwhile. Open the round again."),
            code="award_of_other_round",
        )
    return held


def label(award: Award) -> str:
    """How a sentence names an award: the recipient, or the group and the receiving unit."""
    if award.recipient_name:
        return award.recipient_name
    return _("%(group)s, %(unit)s") % {"group": award.get_beneficiary_group_display(), "unit": award.unit}
