"""Several changes that were entered together: all of them stand in the draft, or none does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from hkh.decisions.actions.drafting import add_change
from members.models import Change, Decision, User


@transaction.atomic
def add_changes(*, decision: Decision, changes: Sequence[dict[str, Any]], by: User) -> list[Change]:
    """``changes`` added to the draft, each as ``add_change`` takes it; ``target_change`` "new" is the first of them.

    Raises: Http404, PermissionDenied; ValidationError, and then none is added.
    """
    added: list[Change] = []
    for facts in changes:
        if facts.get("target_change") == "new":
            facts = {**facts, "target_change": added[0]}
        added.append(add_change(decision=decision, by=by, **facts))
    return added
