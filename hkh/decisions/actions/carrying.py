"""Decisions looked at beforehand, carried out and undone. One transaction each, whole or not at all.

``basis`` is what a preview showed: a decision is carried out only while the plan is still that one.
"""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from hkh.core.dates import today
from hkh.core.violations import refusals
from hkh.decisions.actions.locking import lock_decision, lock_tree, lock_what_it_rests_on
from hkh.decisions.carrying_out import carry_out
from hkh.decisions.plan import Plan, as_json, from_json
from hkh.decisions.planning import make_plan
from hkh.decisions.undoing import obstacles, undo
from members.models import Decision, DecisionState, User
from members.rules import Verb, forget, require


def preview_decision(*, decision: Decision, by: User) -> Plan:
    """What carrying out ``decision`` would do now, and what stands in the way. Raises: Http404, PermissionDenied."""
    require(by, Verb.REORGANISE, decision.unit_id)
    return make_plan(decision)


def plan_of(decision: Decision) -> Plan:
    """What was carried out, as it was then; of a decision still to come what would be done now."""
    return from_json(decision.plan) if decision.plan is not None else make_plan(decision)


def apply_decision(*, decision: Decision, basis: str, by: User) -> Decision:
    """The decision carried out, whole or not at all; one of a later day is set to take effect by itself on that day.

    ``basis`` is that of the plan that was looked at. Raises: Http404, PermissionDenied; ValidationError with all that
    stands in the way, where the plan is another by now (code ``decision_basis_changed``), or where it was carried out
    before (``decision_applied_already``).
    """
    require(by, Verb.REORGANISE, decision.unit_id)
    with refusals():
        held = lock_decision(decision)
        if held.state not in (DecisionState.DRAFT, DecisionState.SCHEDULED, DecisionState.BLOCKED):
            raise ValidationError(
                _("This decision has been carried out already. Open it again to see what was done."),
                code="decision_applied_already",
            )
        lock_what_it_rests_on(held)
        plan = make_plan(held)
        _refuse_faults(plan)
        if plan.basis != basis:
            raise ValidationError(
                _(
                    "What the decision rests on has changed since you looked at it. "
                    "Look at the plan again, then carry it out."
                ),
                code="decision_basis_changed",
            )
        if held.effective_on > today():
            held.state, held.decided_by, held.basis, held.trouble = DecisionState.SCHEDULED, by, plan.tree_basis, ""
            held.revision += 1
            held.save(update_fields=["state", "decided_by", "basis", "trouble", "revision"])
        else:
            _carry_out(held, plan, by=by)
    forget(by)
    return held


def unschedule_decision(*, decision: Decision, by: User) -> Decision:
    """The decision, which waits for its day or did not take effect, is a draft again and may be changed."""
    require(by, Verb.REORGANISE, decision.unit_id)
    with refusals():
        held = lock_decision(decision)
        if held.state not in (DecisionState.SCHEDULED, DecisionState.BLOCKED):
            raise ValidationError(_("Only a decision that waits for its day can be taken back into draft."))
        held.state, held.basis, held.trouble, held.decided_by = DecisionState.DRAFT, "", "", None
        held.revision += 1
        held.save(update_fields=["state", "basis", "trouble", "decided_by", "revision"])
        return held


def obstacles_to_undo(*, decision: Decision, by: User) -> list[str]:
    """What stands in the way of undoing, a sentence each; empty when it can be. Raises: Http404, PermissionDenied."""
    require(by, Verb.REORGANISE, decision.unit_id)
    return obstacles(decision) if decision.state == DecisionState.APPLIED else []


def undo_decision(*, decision: Decision, by: User) -> Decision:
    """Everything as it was before the decision was carried out; it stays on record as undone.

    Raises: Http404, PermissionDenied; ValidationError with all that was built on it since.
    """
    require(by, Verb.REORGANISE, decision.unit_id)
    with refusals():
        held = lock_decision(decision)
        if held.state != DecisionState.APPLIED:
            raise ValidationError(_("Only a decision that was carried out can be undone."), code="decision_not_applied")
        lock_tree()
        found = obstacles(held)
        if found:
            raise ValidationError([ValidationError(sentence, code="built_on") for sentence in found])
        undo(held, by=by)
        held.state, held.undone_by, held.undone_at = DecisionState.UNDONE, by, timezone.now()
        held.revision += 1
        held.save(update_fields=["state", "undone_by", "undone_at", "revision"])
    forget(by)
    return held


def take_effect_due() -> list[Decision]:
    """The scheduled decisions whose day has come, as they then stand; for the worker. 1 query when there is none.

    In the order of their days. One that another worker has in hand is left to it.
    """
    done: list[Decision] = []
    while True:
        with transaction.atomic():
            due = Decision.unscoped.filter(state=DecisionState.SCHEDULED, effective_on__lte=today())
            held = due.select_for_update(skip_locked=True, no_key=True).order_by("effective_on", "pk").first()
            if held is None:
                return done
            done.append(_take_effect(held))


def _take_effect(held: Decision) -> Decision:
    """Carried out with the rights that whoever scheduled it has now, or marked with the reason why not.

    It rests on the tree alone: members and money have gone their ways since it was looked at.
    """
    by = held.decided_by
    try:
        if by is None or not by.is_active:
            raise ValidationError(_("The account that scheduled it has been closed."))
        require(by, Verb.REORGANISE, held.unit_id)
        with refusals():
            lock_what_it_rests_on(held)
            plan = make_plan(held)
            _refuse_faults(plan)
            if plan.tree_basis != held.basis:
                raise ValidationError(_("The units concerned have changed since it was scheduled."))
            _carry_out(held, plan, by=by)
    except ValidationError as refusal:
        return _block(held, " ".join(refusal.messages))
    except (PermissionDenied, Http404):
        return _block(held, _("The account that scheduled it no longer has the right to."))
    return held


def _block(held: Decision, reason: str) -> Decision:
    held = Decision.unscoped.get(pk=held.pk)
    held.state, held.trouble, held.revision = DecisionState.BLOCKED, reason, held.revision + 1
    held.save(update_fields=["state", "trouble", "revision"])
    return held


def _refuse_faults(plan: Plan) -> None:
    if plan.faults:
        raise ValidationError([ValidationError(fault.sentence, code=fault.code) for fault in plan.faults])


def _carry_out(held: Decision, plan: Plan, *, by: User) -> None:
    carry_out(held, plan, by=by)
    held.state, held.applied_by, held.applied_at = DecisionState.APPLIED, by, timezone.now()
    held.basis, held.plan, held.trouble, held.revision = plan.basis, as_json(plan), "", held.revision + 1
    held.save(update_fields=["state", "applied_by", "applied_at", "basis", "plan", "trouble", "revision"])
