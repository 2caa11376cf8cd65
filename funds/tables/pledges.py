"""Instalments as a table."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext_lazy

from funds.queries.pledges import InstalmentState
from hkh.core.tables import DayColumn, DongColumn, MainColumn, TextColumn, mark

INSTALMENT_TONES = {InstalmentState.KEPT: "ok", InstalmentState.OVERDUE: "wrong"}


class InstalmentTable(tables.Table):
    """Instalments as ``queries.pledges.with_kept`` and ``with_state`` give them."""

    donor = MainColumn(
        verbose_name=gettext_lazy("Donor"),
        accessor="pledge__donor__name",
        linkify=("funds:pledge-detail", [tables.A("pledge_id")]),
        orderable=False,
    )
    unit = TextColumn(verbose_name=gettext_lazy("Unit"), accessor="pledge__unit__name", orderable=False)
    due_on = DayColumn(verbose_name=gettext_lazy("Due on"), fact=True)
    state = TextColumn(verbose_name=gettext_lazy("State"), empty_values=(), orderable=False, fact=True)
    amount_vnd = DongColumn(verbose_name=gettext_lazy("Amount (đồng)"), orderable=False, fact=True)
    kept_vnd = DongColumn(verbose_name=gettext_lazy("Kept (đồng)"), orderable=False)

    class Meta:
        empty_text = gettext_lazy("No pledge matches. Take a filter off, or record the first one.")

    def render_state(self, record: Any) -> Any:
        state = InstalmentState(record.state)
        return mark(state.label, INSTALMENT_TONES.get(state, "plain"))
