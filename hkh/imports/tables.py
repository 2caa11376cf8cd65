"""The list of runs."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hkh.core.money import format_number
from hkh.core.sheets import staging
from hkh.core.tables import MainColumn, NumberColumn, TextColumn
from hkh.imports.models import ImportRun
from hkh.imports.registry import SHEETS


class RunTable(tables.Table):
    file_name = MainColumn(verbose_name=_("File"), linkify=("imports:run-detail", {"pk": tables.A("pk")}))
    sheet = TextColumn(verbose_name=_("Kind of sheet"), fact=True)
    created_at = TextColumn(verbose_name=_("Handed in"), fact=True)
    state = TextColumn(verbose_name=_("State"), fact=True)
    new = NumberColumn(verbose_name=_("New"), accessor="counts", fact=True)
    changed = NumberColumn(verbose_name=pgettext_lazy("rows of a sheet", "Changed"), accessor="counts")
    refused = NumberColumn(verbose_name=_("Refused"), accessor="counts", fact=True)

    class Meta:
        model = ImportRun
        fields = ("file_name", "sheet", "created_at", "state", "new", "changed", "refused")
        orderable = False

    def render_sheet(self, value: str) -> str:
        return str(SHEETS[value].title) if value in SHEETS else value

    def render_created_at(self, value: Any) -> str:
        return date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")

    def render_state(self, record: ImportRun) -> str:
        return str(record.get_state_display())

    def render_new(self, value: dict[str, int]) -> str:
        return format_number(value.get(staging.NEW, 0))

    def render_changed(self, value: dict[str, int]) -> str:
        return format_number(value.get(staging.CHANGED, 0))

    def render_refused(self, value: dict[str, int]) -> str:
        return format_number(value.get(staging.REFUSED, 0))
