"""Appeals as tables, and what is told on an appeal's page."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funds.models import Appeal, AppealDecision
from hkh.core.tables import DayColumn, DongColumn, MainColumn, NumberColumn, TextColumn, mark


class AppealTable(tables.Table):
    name = MainColumn(verbose_name=gettext_lazy("Appeal"), linkify=("funds:appeal-detail", [tables.A("pk")]))
    kind = TextColumn(verbose_name=gettext_lazy("Kind"), orderable=False)
    unit = TextColumn(verbose_name=gettext_lazy("Unit"), accessor="unit__name", orderable=False)
    opens_on = DayColumn(verbose_name=gettext_lazy("Opens on"), fact=True)
    closes_on = DayColumn(verbose_name=gettext_lazy("Closes on"), orderable=False)
    gift_count = NumberColumn(verbose_name=gettext_lazy("Gifts"), orderable=False)
    raised_vnd = DongColumn(verbose_name=gettext_lazy("Raised (đồng)"), orderable=False, fact=True)
    target_vnd = DongColumn(verbose_name=gettext_lazy("Target (đồng)"), orderable=False)

    class Meta:
        empty_text = gettext_lazy("No appeal matches. Take a filter off, or open the first one.")

    def render_kind(self, record: Appeal) -> str:
        return record.get_kind_display()


class PigTable(tables.Table):
    """Units as ``queries.appeals.pigs_by_unit`` gives them."""

    name = MainColumn(verbose_name=gettext_lazy("Unit"), linkify=("members:unit-detail", [tables.A("code")]))
    pigs = NumberColumn(verbose_name=gettext_lazy("Piggy banks"), fact=True)
    raised_vnd = DongColumn(verbose_name=gettext_lazy("Raised (đồng)"), fact=True)


class AppealDecisionTable(tables.Table):
    """What was decided about a surplus."""

    number = MainColumn(verbose_name=gettext_lazy("Number of the decision"))
    decided_on = DayColumn(verbose_name=gettext_lazy("Date"), fact=True)
    signed_by = TextColumn(verbose_name=gettext_lazy("Signed by"), fact=True)
    goes_to = TextColumn(verbose_name=gettext_lazy("Goes to"), empty_values=(), fact=True)
    amount_vnd = DongColumn(verbose_name=gettext_lazy("Amount (đồng)"), fact=True)
    withdraw = TextColumn(verbose_name="", empty_values=(), fact=True)

    class Meta:
        empty_text = gettext_lazy("Nothing is decided yet: what is left stays on the purpose of the appeal.")

    def render_number(self, record: AppealDecision, value: str) -> Any:
        return format_html("{} {}", value, mark(_("Withdrawn"))) if record.withdrawn_on else value

    def render_goes_to(self, record: AppealDecision) -> str:
        fund = record.target_fund
        said = (f"{fund.name} ({fund.unit.name})" if fund else "", record.purpose)
        return " · ".join(text for text in said if text)

    def render_withdraw(self, record: AppealDecision) -> Any:
        if record.withdrawn_on:
            return record.withdraw_reason
        return format_html(
            '<a href="{}">{}</a>', reverse("funds:appeal-decision-withdraw", args=[record.pk]), _("Withdraw")
        )
