"""Decisions drafted and put together. Whoever may REORGANISE the unit within which is decided may do so."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, TypedDict, Unpack
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db.models import Max
from django.utils.translation import gettext as _

from funds.actions.saving import cleaned, save_revised, saved_once
from hkh.core.violations import refusals
from hkh.decisions.actions.locking import lock_decision, lock_draft, touch
from members.models import Change, ChangeKind, Decision, DecisionState, FundRule, Place, Tier, Unit, UnitKind, User
from members.rules import Verb, require


class Papers(TypedDict, total=False):
    """What is written down of a decision, but for its day."""

    number: str
    signed_on: date | None
    issuer: str
    subject: str
    file: File[Any] | str
    note: str


class DecisionFacts(Papers, total=False):
    """What may be put right in a draft."""

    effective_on: date


class ChangeFacts(TypedDict, total=False):
    """What a change may need; which of it, depends on the kind (the database says)."""

    unit: Unit | None
    code: str
    name: str
    unit_kind: UnitKind | str
    place: Place | None
    tier: Tier | None
    parent: Unit | None
    parent_change: Change | None
    target: Unit | None
    target_change: Change | None
    share: Decimal | None
    fund_rule: FundRule | str
    cash_vnd: int | None
    goods_vnd: int | None


def draft_decision(
    *,
    unit: Unit,
    effective_on: date,
    by: User,
    idempotency_key: UUID | None = None,
    **facts: Unpack[Papers],
) -> Decision:
    """A new draft within ``unit``: it may concern all that stands below. With a key, a second submit returns the first.

    Raises: Http404, PermissionDenied; ValidationError.
    """
    require(by, Verb.REORGANISE, unit)
    described = cleaned({**facts, "effective_on": effective_on})
    with refusals():
        return saved_once(
            Decision.unscoped.all(),
            key=idempotency_key,
            facts={"unit": unit, "effective_on": effective_on},
            make=lambda: Decision.unscoped.create(
                unit=unit, drafted_by=by, idempotency_key=idempotency_key or uuid4(), **described
            ),
        )


def edit_decision(*, decision: Decision, revision: int, by: User, **facts: Unpack[DecisionFacts]) -> Decision:
    """The draft as it is now described; ``revision`` is the one that was edited. Its changes stay.

    Raises: Http404, PermissionDenied; ValidationError, also where somebody else saved it meanwhile.
    """
    require(by, Verb.REORGANISE, decision.unit_id)
    described = cleaned(facts)
    file = described.pop("file", None)
    with refusals():
        saved = save_revised(Decision.unscoped.all(), pk=decision.pk, revision=revision, changes=described)
        if file is not None:
            saved.file = file
            saved.save(update_fields=["file"])
        return saved


def discard_decision(*, decision: Decision, by: User) -> None:
    """The draft thrown away with its changes. Raises: Http404, PermissionDenied; ValidationError for anything else."""
    require(by, Verb.REORGANISE, decision.unit_id)
    with refusals():
        held = lock_draft(decision)
        _delete_changes(held, set(held.changes.values_list("pk", flat=True)))
        held.delete()


def add_change(*, decision: Decision, kind: ChangeKind | str, by: User, **facts: Unpack[ChangeFacts]) -> Change:
    """One more change at the end of the draft. The units that it names must be in reach of ``by``.

    Raises: Http404, PermissionDenied; ValidationError with the sentence that says what the kind needs.
    """
    require(by, Verb.REORGANISE, decision.unit_id)
    for name in ("unit", "parent", "target"):
        named = facts.get(name)
        if isinstance(named, Unit):
            require(by, Verb.REORGANISE, named)
    with refusals():
        held = lock_draft(decision)
        last = held.changes.aggregate(last=Max("position"))["last"] or 0
        change = Change.objects.create(
            decision=held, position=last + 1, kind=ChangeKind(kind), **cleaned(_for_kind(ChangeKind(kind), facts))
        )
        touch(held)
        return change


def remove_change(*, change: Change, by: User) -> None:
    """The change taken out of its draft, and with a founding all that rests on the new unit.

    Raises: Http404, PermissionDenied; ValidationError.
    """
    require(by, Verb.REORGANISE, change.decision.unit_id)
    with refusals():
        held = lock_draft(change.decision)
        _delete_changes(held, _resting_on(change))
        touch(held)


def clear_changes(*, decision: Decision, by: User) -> None:
    """All changes taken out of the draft: to begin anew or from another sheet."""
    require(by, Verb.REORGANISE, decision.unit_id)
    with refusals():
        held = lock_draft(decision)
        _delete_changes(held, set(held.changes.values_list("pk", flat=True)))
        touch(held)


def redraft_decision(*, decision: Decision, by: User) -> Decision:
    """A new draft with the facts and changes of one that was undone. Raises: Http404, PermissionDenied."""
    require(by, Verb.REORGANISE, decision.unit_id)
    with refusals():
        held = lock_decision(decision)
        if held.state != DecisionState.UNDONE:
            raise ValidationError(_("Only a decision that was undone is drafted anew."))
        kept = ("unit_id", "number", "signed_on", "issuer", "subject", "effective_on", "file", "note")
        draft = Decision.unscoped.create(drafted_by=by, **{name: getattr(held, name) for name in kept})
        _copy_changes(held, draft)
        return draft


def _for_kind(kind: ChangeKind, facts: ChangeFacts) -> dict[str, Any]:
    """``facts`` as they are stored for ``kind``: codes in capitals, a split's rule and amounts complete."""
    stored = {name: value for name, value in facts.items() if value is not None}
    if "code" in stored:
        stored["code"] = str(stored["code"]).upper()
    if kind == ChangeKind.FOUND:
        stored.setdefault("unit_kind", UnitKind.TERRITORIAL)
    if kind == ChangeKind.FOUND and any(sign in str(stored.get("code", "")) for sign in " /?#%"):
        raise ValidationError({"code": _("Write the code in letters, digits and hyphens, without spaces.")})
    if kind == ChangeKind.SPLIT:
        stored.setdefault("fund_rule", FundRule.SHARE)
        if stored["fund_rule"] == FundRule.STATED:
            stored.setdefault("cash_vnd", 0)
            stored.setdefault("goods_vnd", 0)
    return stored


def _resting_on(change: Change) -> set[int]:
    """``change`` and all that names the unit it founds, directly or by another founding."""
    links = Change.objects.filter(decision=change.decision_id).values_list("pk", "parent_change_id", "target_change_id")
    gone, found = set(), {change.pk}
    while found:
        gone |= found
        found = {pk for pk, *named in links if found.intersection(named)} - gone
    return gone


def _delete_changes(decision: Decision, ids: set[int]) -> None:
    """One statement, so that those which name each other go together."""
    changes = Change.objects.filter(decision=decision, pk__in=ids)
    changes._raw_delete(changes.db)  # the collector would refuse what names one another


def _copy_changes(source: Decision, draft: Decision) -> None:
    """The changes of ``source`` in ``draft``; units that it founds are named by the copies of their foundings."""
    kept = [field.attname for field in Change._meta.concrete_fields if field.name not in ("id", "decision", "unit")]
    originals = list(source.changes.order_by("position"))
    copies = {
        change.pk: Change(
            decision=draft,
            unit=None if change.kind == ChangeKind.FOUND else change.unit,
            **{name: getattr(change, name) for name in kept},
        )
        for change in originals
    }
    waiting = dict(copies)
    while waiting:
        # What names a founding comes after it, wherever the two stand in the decision.
        ready = [
            pk for pk, copy in waiting.items() if not {copy.parent_change_id, copy.target_change_id} & waiting.keys()
        ]
        for pk in ready:
            copy = waiting.pop(pk)
            for name in ("parent_change_id", "target_change_id"):
                named = getattr(copy, name)
                if named is not None:
                    setattr(copy, name, copies[named].pk)
            copy.save(force_insert=True)
