"""Gifts as tables."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funds.models import Donation
from hkh.core.dates import format_date
from hkh.core.tables import DayColumn, DongColumn, MainColumn, TextColumn, mark


class DonationTable(tables.Table):
    donor = MainColumn(
        verbose_name=gettext_lazy("Donor"),
        accessor="donor__name",
        linkify=("funds:donation-detail", [tables.A("pk")]),
    )
    received_on = DayColumn(verbose_name=gettext_lazy("Date"), fact=True)
    unit = TextColumn(verbose_name=gettext_lazy("Unit"), accessor="unit__name", orderable=False)
    fund = TextColumn(verbose_name=gettext_lazy("Fund"), empty_values=(), orderable=False)
    form = TextColumn(verbose_name=gettext_lazy("Form"), orderable=False)
    document = tables.Column(
        verbose_name=gettext_lazy("Document"), orderable=False, default="", attrs={"td": {"class": "nowrap"}}
    )
    amount_vnd = DongColumn(verbose_name=gettext_lazy("Amount (đồng)"), fact=True)

    class Meta:
        empty_text = gettext_lazy("No donation matches. Take a filter off, or record the first one.")

    def render_donor(self, record: Donation, value: str) -> Any:
        return format_html("{} {}", value, mark(_("Voided"), "wrong")) if record.voided_on else value

    def render_fund(self, record: Donation) -> Any:
        if record.fund is None:
            return _("Handed straight on")
        if record.split is None:
            return record.fund.name
        of_parts = _("part %(part)s of %(parts)s") % {"part": record.part, "parts": record.split.part_count}
        return format_html("{} {}", record.fund.name, mark(of_parts))

    def render_form(self, record: Donation) -> str:
        return record.get_form_display()


class GiftTable(DonationTable):
    """The gifts of one donor: the date leads to each."""

    received_on = MainColumn(
        verbose_name=gettext_lazy("Date"), linkify=("funds:donation-detail", [tables.A("pk")]), orderable=False
    )
    amount_vnd = DongColumn(verbose_name=gettext_lazy("Amount (đồng)"), fact=True, orderable=False)

    class Meta:
        exclude = ("donor",)
        orderable = False
        empty_text = gettext_lazy("No gift yet.")

    def render_received_on(self, record: Donation, value: date) -> Any:
        day = format_date(value)
        return format_html("{} {}", day, mark(_("Voided"), "wrong")) if record.voided_on else day
