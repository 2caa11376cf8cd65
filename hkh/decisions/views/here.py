"""What every page of decisions stands on: which decision, whether one may see it, what frames the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from members.here import user_of
from members.models import Decision, DecisionState, Unit
from members.queries import latest_unit_ids
from members.rules import Verb, require, units_where


def decision_here(request: HttpRequest, pk: int, *, to_change: bool = False) -> Decision:
    """The decision in scope. 1 query, 2 more for rights. Raises: Http404; PermissionDenied where it is not carried
    out, or is ``to_change``, and one may not reorganise."""
    seen = Decision.objects.visible_to(request.user).select_related("unit", "unit__tier")
    decision = get_object_or_404(seen.defer("plan") if to_change else seen, pk=pk)
    if to_change or decision.state != DecisionState.APPLIED:
        require(user_of(request), Verb.REORGANISE, decision.unit)
    return decision


def concerned(request: HttpRequest, decision: Decision) -> QuerySet[Unit]:
    """The units that ``decision`` may name: there now, within its unit, where the user may reorganise."""
    units = Unit.objects.visible_to(request.user).filter(dissolved_on=None, pk__in=latest_unit_ids(decision.unit))
    return units.filter(pk__in=units_where(request.user, Verb.REORGANISE).values("pk"))


def told(request: HttpRequest, verb: Callable[[], Any]) -> bool:
    """Whether ``verb`` did not refuse; else its sentences show at the top of the next page."""
    try:
        verb()
    except ValidationError as refusal:
        for sentence in refusal.messages:
            messages.error(request, sentence)
        return False
    return True
