"""Donors as tables, and the roll that honours them."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from funds.models import Donor
from hkh.core.tables import DayColumn, DongColumn, MainColumn, NumberColumn, TextColumn


class DonorTable(tables.Table):
    name = MainColumn(verbose_name=gettext_lazy("Donor"), linkify=("funds:donor-detail", [tables.A("pk")]))
    kind = TextColumn(verbose_name=gettext_lazy("Kind of donor"), orderable=False, fact=True)
    unit = TextColumn(verbose_name=gettext_lazy("Known to"), accessor="unit__name", orderable=False)
    last_gift_on = DayColumn(verbose_name=gettext_lazy("Last gift"), orderable=False)
    gift_count = NumberColumn(verbose_name=gettext_lazy("Gifts"), orderable=False)
    given_vnd = DongColumn(verbose_name=gettext_lazy("Given so far (đồng)"), fact=True, orderable=False)

    class Meta:
        empty_text = gettext_lazy("No donor matches. Take a filter off, or add the first one.")

    def render_kind(self, record: Donor) -> str:
        return record.get_kind_display()


class HonourTable(tables.Table):
    """The roll of honour, as ``queries.honours.roll_of_honour`` gives it."""

    rank = NumberColumn(verbose_name=gettext_lazy("Rank"), fact=True)
    name = MainColumn(verbose_name=gettext_lazy("Donor"))
    kind = TextColumn(verbose_name=gettext_lazy("Kind of donor"))
    level = TextColumn(verbose_name=gettext_lazy("Level"), fact=True)
    gifts = NumberColumn(verbose_name=gettext_lazy("Gifts"))
    given_vnd = DongColumn(verbose_name=gettext_lazy("Amount (đồng)"), fact=True)

    class Meta:
        empty_text = gettext_lazy("Nobody stands on this roll. Choose another period, or lower the levels.")

    def render_name(self, record: Any, value: str) -> Any:
        if record.donor_id is None:
            return value
        return format_html('<a href="{}">{}</a>', reverse("funds:donor-detail", args=[record.donor_id]), value)
