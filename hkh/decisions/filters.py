"""What the list of decisions can be narrowed by."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from hkh.core.filters import ListFilter
from members.models import Decision, DecisionState


class DecisionFilter(ListFilter):
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All")), *DecisionState.choices])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.call_search(_("Search by number, subject or issuer"))

    def apply(self, decisions: QuerySet[Decision]) -> QuerySet[Decision]:
        said = self.said()
        if "state" in said:
            decisions = decisions.filter(state=said["state"])
        for word in said.get("q", "").split():
            decisions = decisions.filter(
                Q(number__icontains=word) | Q(subject__icontains=word) | Q(issuer__icontains=word)
            )
        return decisions
