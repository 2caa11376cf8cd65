"""What must hold of the tree that a decision makes: tiers, circles, codes, and nothing that came later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from hkh.core.dates import format_date
from hkh.decisions.plan import Fault, Ref
from hkh.decisions.world import rows
from members.models import Change, Unit

if TYPE_CHECKING:
    from hkh.decisions.planning import Planner


def check_after(planner: Planner) -> None:
    """Refuse what the tree may not become. 2 queries."""
    _check_codes(planner)
    _check_later_versions(planner)
    touched = {unit.ref for unit in planner.opened} | {unit.unit_id for unit in planner.moved}
    retiered = {unit.unit_id for unit in planner.moved if unit.old_tier_id != unit.tier_id}
    below = {child for unit_id in retiered for child in planner.tree.children.get(unit_id, ())} - set(planner.closing)
    blamed = {change.unit_id or -change.pk: change for change in reversed(planner.changes)}
    for ref in sorted(touched | below):
        _check_place(planner, ref, blamed.get(ref), is_new_to_tier=ref < 0 or ref in retiered)


def _check_place(planner: Planner, ref: Ref, change: Change | None, *, is_new_to_tier: bool) -> None:
    tree = planner.tree
    parent = tree.parent(ref)
    tier, above = tree.tier(ref), tree.tier(parent) if parent is not None else None
    if is_new_to_tier and tier is not None and tier.retired_on is not None and tier.retired_on <= planner.day:
        planner.refuse("tier_retired", _("The tier “%(tier)s” is retired. Choose another one."), change, tier=tier.name)
    if tier and above and above.pk not in tree.may_stand_under.get(tier.pk, set()):
        planner.refuse(
            "tier_under_tier",
            _("“%(unit)s” (%(tier)s) may not stand under “%(parent)s” (%(above)s)."),
            change,
            unit=tree.name(ref),
            tier=tier.name,
            parent=tree.name(parent),
            above=above.name,
        )
    way = list(tree.way_up(ref))
    if tree.parent(way[-1]) is not None:
        planner.refuse("circle", _("“%(unit)s” would stand below itself."), change, unit=tree.name(ref))


def _check_codes(planner: Planner) -> None:
    wanted = {unit.code: unit for unit in planner.opened}
    for code in Unit.unscoped.filter(code__in=list(wanted)).values_list("code", flat=True):
        planner.faults.append(
            Fault(
                _("Another unit already has the code %(code)s. Choose another for “%(unit)s”.")
                % {"code": code, "unit": wanted[code].name},
                "code_taken",
                wanted[code].change_id,
            )
        )


def _check_later_versions(planner: Planner) -> None:
    """Refuse where something stood under a closed unit on or after the day and has gone on since."""
    late = rows(
        """
        SELECT version.parent_id, version.name, max(coalesce(version.valid_until, version.valid_from))
        FROM members_unitversion version
        WHERE version.parent_id = ANY (%s)
          AND (version.valid_until > %s OR version.valid_until IS NULL AND version.valid_from > %s)
        GROUP BY version.parent_id, version.name ORDER BY 1, 2
        """,
        [list(planner.closing), planner.day, planner.day],
    )
    for parent_id, name, day in late:
        planner.refuse(
            "changed_later",
            _("“%(child)s” stood under “%(unit)s” until %(day)s. Let the decision take effect on that day or later."),
            planner.closing[parent_id][0],
            child=name,
            unit=planner.tree.name(parent_id) or str(planner.closing[parent_id][0].unit),
            day=format_date(day),
        )
