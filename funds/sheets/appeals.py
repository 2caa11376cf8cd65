"""The columns of appeals."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from funds.models import Appeal, AppealKind
from hkh.core.sheets.columns import SheetField, SheetResource


class AppealResource(SheetResource):
    """Appeals, as the list has them; they are opened on their page."""

    slug, title = "appeals", gettext_lazy("Appeals")

    name = SheetField("name", label=gettext_lazy("Appeal"), readonly=True, width=36)
    kind = SheetField(
        "kind", label=gettext_lazy("Kind"), kind="choice", choices=AppealKind.choices, readonly=True, width=20
    )
    unit_name = SheetField("unit__name", label=gettext_lazy("Unit"), readonly=True, width=34)
    purpose = SheetField("purpose", label=gettext_lazy("Purpose"), readonly=True, width=30)
    area = SheetField("area", label=gettext_lazy("Area"), readonly=True, width=24)
    partners = SheetField(label=gettext_lazy("Partners"), readonly=True, width=30, source="partner_names")
    opens_on = SheetField("opens_on", label=gettext_lazy("Opens on"), kind="day", readonly=True, width=14)
    closes_on = SheetField("closes_on", label=gettext_lazy("Closes on"), kind="day", readonly=True, width=14)
    target_vnd = SheetField("target_vnd", label=gettext_lazy("Target (đồng)"), kind="vnd", readonly=True, width=18)
    raised_vnd = SheetField(
        label=gettext_lazy("Raised (đồng)"), kind="vnd", source="raised_vnd", readonly=True, width=18
    )
    gift_count = SheetField(label=gettext_lazy("Gifts"), kind="int", source="gift_count", readonly=True, width=10)

    class Meta:
        model = Appeal
        fields = (
            "name", "kind", "unit_name", "purpose", "area", "partners", "opens_on", "closes_on", "target_vnd",
            "raised_vnd", "gift_count",
        )  # fmt: skip
