"""Rounds: opened, edited, closed, opened again."""

from __future__ import annotations

from datetime import date
from typing import Required, TypedDict, Unpack
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from funds.actions.saving import save_revised, saved_once
from funds.models import Fund
from hkh.core.dates import format_date, today
from hkh.core.text import clean
from hkh.core.violations import refusals
from members.models import Unit, User
from members.rules import Verb, require
from scholarships.actions.locking import lock_round
from scholarships.models import AwardState, Programme, Round, RoundState


class RoundFacts(TypedDict, total=False):
    """What is written down of a round. Budget (đồng) and quota (awards) are limits, None for no limit."""

    programme: Required[Programme]
    fund: Required[Fund]
    name: Required[str]
    school_year: Required[str]
    opened_on: Required[date]
    budget_vnd: int | None
    quota: int | None
    criteria: str


def open_round(*, unit: Unit, by: User, idempotency_key: UUID | None = None, **facts: Unpack[RoundFacts]) -> Round:
    """A new round of ``unit``, paid by a fund of the same unit. 7 queries, savepoints included.

    With a key, a second submit returns the first round. Raises: Http404, PermissionDenied; ValidationError with
    the sentence of the rule that it breaks.
    """
    require(by, Verb.OPEN_ROUND, unit)
    described = _described(facts)
    with refusals():
        return saved_once(
            Round.unscoped.all(),
            key=idempotency_key,
            facts={"unit": unit, **described},
            make=lambda: Round.unscoped.create(
                unit=unit, opened_by=by, idempotency_key=idempotency_key or uuid4(), **described
            ),
        )


def edit_round(*, round_: Round, revision: int, by: User, **facts: Unpack[RoundFacts]) -> Round:
    """The round as it is now described; ``revision`` is the one that was edited. Its unit stays.

    Raises: Http404, PermissionDenied; ValidationError, also where somebody else saved it meanwhile, and where
    more than the new budget or quota is approved, or approved awards bind programme, fund or dates.
    """
    require(by, Verb.OPEN_ROUND, round_.unit_id)
    with refusals():
        return save_revised(Round.unscoped.all(), pk=round_.pk, revision=revision, changes=_described(facts))


def close_round(*, round_: Round, on: date, by: User) -> Round:
    """The round takes no more awards from now on; what is approved can still be handed out.

    Raises: Http404, PermissionDenied; ValidationError while proposals wait for an answer.
    """
    require(by, Verb.OPEN_ROUND, round_.unit_id)
    with refusals():
        held = lock_round(round_.pk)
        if held.state == RoundState.CLOSED:
            return held
        if on > today():
            raise ValidationError(
                _("The date lies in the future. Enter the day on which the round closed, %(today)s at the latest."),
                code="round_closed_in_future",
                params={"today": format_date(today())},
            )
        waiting = held.awards(manager="unscoped").filter(state=AwardState.PROPOSED).count()
        if waiting:
            raise ValidationError(
                ngettext(
                    "%(waiting)s proposal still waits. Approve or cancel it, then close the round.",
                    "%(waiting)s proposals still wait. Approve or cancel them, then close the round.",
                    waiting,
                ),
                code="round_proposals_wait",
                params={"waiting": waiting},
            )
        return _revise(held, state=RoundState.CLOSED, closed_on=on)


def reopen_round(*, round_: Round, by: User) -> Round:
    """The round takes awards again. Raises: Http404, PermissionDenied."""
    require(by, Verb.OPEN_ROUND, round_.unit_id)
    with refusals():
        held = lock_round(round_.pk)
        if held.state == RoundState.OPEN:
            return held
        return _revise(held, state=RoundState.OPEN, closed_on=None)


def _revise(held: Round, **changes: object) -> Round:
    return save_revised(Round.unscoped.all(), pk=held.pk, revision=held.revision, changes=changes)


def _described(facts: RoundFacts) -> RoundFacts:
    """``facts`` complete, as they are stored."""
    return {
        "programme": facts["programme"],
        "fund": facts["fund"],
        "name": clean(facts["name"]),
        "school_year": clean(facts["school_year"]),
        "opened_on": facts["opened_on"],
        "budget_vnd": facts.get("budget_vnd"),
        "quota": facts.get("quota"),
        "criteria": facts.get("criteria", "").strip(),
    }
