"""The columns of funds."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from funds.actions import edit_fund, open_fund
from funds.models import Fund, LegalStatus
from funds.sheets import SavedByVerbs
from hkh.core.sheets.columns import SheetField
from members.sheets import number_column, unit_column


class FundResource(SavedByVerbs):
    """Funds: one row each; an empty ``id`` opens one. What a fund holds is never typed, so it only goes out."""

    slug, title = "funds", gettext_lazy("Funds")
    facts = (
        "name", "purpose", "is_restricted", "legal_status", "licence_number", "licence_on", "licence_by", "opened_on",
    )  # fmt: skip

    id = number_column(gettext_lazy("Only for those on record already. Leave it empty for new ones."))
    unit = unit_column(note="", synonyms=("Mã đơn vị", "Đơn vị", "Hội"))
    unit_name = SheetField("unit__name", label=gettext_lazy("Unit"), readonly=True, width=34)
    code = SheetField("code", label=gettext_lazy("Code"), kind="code", required=True, max_length=40, width=18)
    name = SheetField("name", label=gettext_lazy("Fund"), required=True, max_length=160, width=36)
    purpose = SheetField("purpose", label=gettext_lazy("Purpose"), max_length=240, width=30)
    is_restricted = SheetField("is_restricted", label=gettext_lazy("Restricted"), kind="flag", width=12)
    legal_status = SheetField(
        "legal_status", label=gettext_lazy("Legal status"), kind="choice", choices=LegalStatus.choices, width=26
    )
    licence_number = SheetField(
        "licence_number", label=gettext_lazy("Licence number"), max_length=60, shown=False, width=18
    )
    licence_on = SheetField("licence_on", label=gettext_lazy("Licensed on"), kind="day", shown=False, width=14)
    licence_by = SheetField("licence_by", label=gettext_lazy("Licensed by"), max_length=160, shown=False, width=26)
    opened_on = SheetField("opened_on", label=gettext_lazy("Opened on"), kind="day", required=True, width=14)
    closed_on = SheetField("closed_on", label=gettext_lazy("Closed on"), kind="day", readonly=True, width=14)
    held_vnd = SheetField(label=gettext_lazy("Balance (đồng)"), kind="vnd", source="held_vnd", readonly=True, width=18)

    class Meta:
        model = Fund
        fields = (
            "id", "unit", "unit_name", "code", "name", "purpose", "is_restricted", "legal_status", "licence_number",
            "licence_on", "licence_by", "opened_on", "closed_on", "held_vnd",
        )  # fmt: skip
        skip_unchanged = True
        report_skipped = True

    def add(self, instance: Fund, facts: dict[str, Any]) -> Fund:
        return open_fund(unit=instance.unit, code=instance.code, by=self.user, **facts)

    def edit(self, instance: Fund, facts: dict[str, Any]) -> Fund:
        return edit_fund(fund=instance, revision=instance.revision, by=self.user, **facts)
