"""The list of decisions as a table."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext_lazy, pgettext_lazy

from hkh.core.tables import DayColumn, MainColumn, NumberColumn, TextColumn, mark
from members.models import Decision, DecisionState

TONES = {
    DecisionState.DRAFT: "plain",
    DecisionState.SCHEDULED: "accent",
    DecisionState.BLOCKED: "wrong",
    DecisionState.APPLIED: "ok",
    DecisionState.UNDONE: "warn",
}


class DecisionTable(tables.Table):
    """Decisions, latest day first; ``change_count`` comes with the rows."""

    number = MainColumn(
        verbose_name=gettext_lazy("Decision"),
        accessor="pk",
        linkify=("decisions:decision-detail", [tables.A("pk")]),
        orderable=False,
    )
    subject = TextColumn(verbose_name=pgettext_lazy("of a decision", "Subject"), orderable=False, default="")
    issuer = TextColumn(verbose_name=gettext_lazy("Issued by"), orderable=False, default="")
    effective_on = DayColumn(verbose_name=gettext_lazy("Takes effect on"), fact=True)
    change_count = NumberColumn(verbose_name=gettext_lazy("Changes"), orderable=False)
    state = TextColumn(verbose_name=gettext_lazy("State"), orderable=False, fact=True)

    class Meta:
        empty_text = gettext_lazy("No decision matches. Take a filter off, or draft the first one.")

    def render_number(self, record: Decision) -> str:
        return str(record)

    def render_state(self, record: Decision) -> Any:
        state = DecisionState(record.state)
        return mark(state.label, TONES[state])
