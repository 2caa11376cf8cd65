"""Lock, then look: the decision, the tree, the units that close, their rounds, at last the accounts of the funds.

Every verb takes them in this order. Tiers are locked by whoever changes the tree, so two decisions follow one another
and the second looks at what the first has left.
"""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from funds.actions import lock_accounts
from funds.models import Fund
from hkh.decisions.world import rows
from members.models import CLOSING, Change, Decision, Unit
from scholarships.models import Round


def lock_decision(decision: Decision) -> Decision:
    """The decision as it stands now, locked until the transaction ends. 1 query."""
    held = Decision.unscoped.select_for_update(no_key=True, of=("self",)).filter(pk=decision.pk).first()
    if held is None:
        raise ValidationError(_("This draft has been thrown away meanwhile."), code="decision_gone")
    return held


def lock_draft(decision: Decision) -> Decision:
    """As ``lock_decision``. Raises: ValidationError for what is no draft."""
    held = lock_decision(decision)
    if not held.is_draft:
        raise ValidationError(
            _("Only a draft takes changes. Take the decision back into draft, or draft another one."),
            code="change_of_draft",
        )
    return held


def touch(held: Decision) -> None:
    """Its changes are others now: what somebody else has open of it is stale."""
    held.revision += 1
    held.save(update_fields=["revision"])


def lock_tree() -> None:
    rows("SELECT members_lock_tree()")


def lock_what_it_rests_on(decision: Decision) -> None:
    """The tree, the units that ``decision`` closes, their rounds and the accounts of all funds concerned. 4 queries."""
    lock_tree()
    closing = Change.objects.filter(decision=decision, kind__in=CLOSING)
    units = sorted({unit for unit in closing.values_list("unit_id", flat=True) if unit is not None})
    targets = {unit for unit in closing.values_list("target_id", flat=True) if unit is not None}
    list(Unit.unscoped.select_for_update(no_key=True).filter(pk__in=units).order_by("pk").values_list("pk"))
    list(Round.unscoped.select_for_update(no_key=True).filter(unit__in=units).order_by("pk").values_list("pk"))
    lock_accounts(Fund.unscoped.filter(unit__in=[*units, *targets], closed_on=None))
