"""Bank accounts and their decided lines as tables."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funds.models import BankAccount, BankLine, LineState
from hkh.core.tables import DayColumn, DongColumn, MainColumn, TextColumn, mark


class BankAccountTable(tables.Table):
    account = MainColumn(
        verbose_name=gettext_lazy("Account"), empty_values=(), linkify=("funds:bank-line-list", [tables.A("pk")])
    )
    unit = TextColumn(verbose_name=gettext_lazy("Unit"), accessor="unit__name")
    fund = TextColumn(verbose_name=gettext_lazy("Fund"), accessor="fund__name", orderable=False)
    known_until = DayColumn(verbose_name=gettext_lazy("Statements until"), orderable=False, fact=True)
    open_count = tables.Column(verbose_name=gettext_lazy("To decide"), orderable=False, attrs={"td": {"class": "num"}})

    class Meta:
        empty_text = gettext_lazy("No bank account yet. Add the first one, then hand in its statement.")

    def render_account(self, record: BankAccount) -> Any:
        return format_html("{} {}", record, mark(_("Closed"))) if record.closed_on else str(record)

    def render_open_count(self, value: int) -> Any:
        return mark(_("%(count)s lines") % {"count": value}, "warn") if value else mark(_("None"), "ok")


class BankLineTable(tables.Table):
    occurred_on = MainColumn(verbose_name=gettext_lazy("Date"), linkify=("funds:bank-line-detail", [tables.A("pk")]))
    said = TextColumn(verbose_name=gettext_lazy("The bank's text"), empty_values=(), orderable=False)
    what = TextColumn(verbose_name=gettext_lazy("What it is"), empty_values=(), orderable=False, fact=True)
    amount_vnd = DongColumn(verbose_name=gettext_lazy("Amount (đồng)"), fact=True)

    class Meta:
        empty_text = gettext_lazy("No line has been decided yet.")

    def render_occurred_on(self, value: Any) -> str:
        return f"{value:%d/%m/%Y}"

    def render_said(self, record: BankLine) -> str:
        return " · ".join(text for text in (record.party, record.description, record.reference) if text)

    def render_what(self, record: BankLine) -> Any:
        what: Any = record.set_aside_reason
        if record.donation:
            address = reverse("funds:donation-detail", args=[record.donation.pk])
            what = format_html('<a href="{}">{}</a>', address, record.donation.donor.name)
        elif record.movement:
            what = record.movement.get_kind_display()
        tone = {LineState.SET_ASIDE: "plain", LineState.LINKED: "accent"}.get(LineState(record.state), "ok")
        return format_html("{} {}", what, mark(record.get_state_display(), tone))
