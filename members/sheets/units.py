"""The columns of units."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hkh.core.sheets.columns import SheetField, SheetResource
from members.actions import edit_unit, found_unit
from members.models import Place, Tier, Unit, UnitKind
from members.queries import registered_below
from members.rules import Verb
from members.sheets import ByKey, ByVerb, units_to_choose


def _tiers() -> list[tuple[str, str]]:
    return [(tier.code, tier.name) for tier in Tier.objects.filter(retired_on=None)]


class UnitResource(ByVerb, SheetResource):
    """Units by code: an unknown code founds one; of a known one kind and place are put right.

    Names, tiers and parents change on a day, so they change on the unit's page, not by sheet.
    """

    slug, title = "units", gettext_lazy("Units")

    code = SheetField(
        "code",
        label=gettext_lazy("Code"),
        kind="code",
        required=True,
        is_key=True,
        max_length=32,
        synonyms=("Mã", "Mã số", "Mã đơn vị", "Mã hội", "Mã chi hội", "Unit code", "Kode"),
        note=gettext_lazy("Short, of its own, for good. A code that is not there yet founds a unit."),
        example="HY-CUONG-01",
        width=16,
    )
    name = SheetField(
        "name",
        label=gettext_lazy("Unit"),
        required=True,
        max_length=200,
        synonyms=("Tên", "Tên đơn vị", "Tên hội", "Tên chi hội", "Đơn vị", "Chi hội", "Tên tổ chức", "Name", "Nama"),
        example="Chi hội khuyến học khu 1",
        width=36,
    )
    tier = SheetField(
        "tier",
        label=gettext_lazy("Tier"),
        kind="choice",
        required=True,
        choices=_tiers,
        source="tier__code",
        widget=ByKey(Tier, "code"),
        synonyms=("Cấp", "Cấp hội", "Loại", "Level", "Tingkat"),
        width=20,
    )
    parent = SheetField(
        "parent",
        label=gettext_lazy("Stands under"),
        kind="code",
        source="parent__code",
        widget=ByKey(Unit, "code"),
        synonyms=(
            "Trực thuộc",
            "Thuộc",
            "Đơn vị cấp trên",
            "Cấp trên",
            "Hội cấp trên",
            "Mã cấp trên",
            "Parent",
            "Induk",
        ),
        note=gettext_lazy("The code of the unit above it."),
        example="HY-CUONG",
        width=20,
    )
    parent_name = SheetField(
        "parent__name", label=gettext_lazy("Name of the unit above"), readonly=True, shown=False, width=36
    )
    kind = SheetField(
        "kind",
        label=gettext_lazy("Kind"),
        kind="choice",
        choices=UnitKind.choices,
        synonyms=("Loại hình", "Loại tổ chức", "Loại đơn vị", "Jenis"),
        words={"residential": ("Khu dân cư", "Thôn", "Khu phố"), "school": ("Trường", "Trường học")},
        width=20,
    )
    place = SheetField(
        "place",
        label=gettext_lazy("Place"),
        kind="code",
        source="place__uid",
        widget=ByKey(Place, "uid"),
        synonyms=("Địa bàn", "Địa phương", "Tempat"),
        note=gettext_lazy("The key of the place, as the administration lists it. May stay empty."),
        shown=False,
        width=18,
    )
    founded_on = SheetField(
        "founded_on",
        label=gettext_lazy("Founded on"),
        kind="day",
        required=True,
        synonyms=("Ngày thành lập", "Thành lập", "Ngày TL", "Berdiri pada"),
        example=date(2012, 10, 2),
        width=14,
    )
    dissolved_on = SheetField(
        "dissolved_on",
        label=gettext_lazy("Dissolved on"),
        kind="day",
        readonly=True,
        synonyms=("Ngày giải thể",),
        width=14,
    )
    members = SheetField(
        label=gettext_lazy("Members"), kind="int", readonly=True, source=lambda: registered_below("pk"), width=12
    )

    class Meta:
        model = Unit
        import_id_fields = ("code",)
        fields = (
            "code",
            "name",
            "tier",
            "parent",
            "parent_name",
            "kind",
            "place",
            "founded_on",
            "dissolved_on",
            "members",
        )
        skip_unchanged = True

    @classmethod
    def offered(cls, column: SheetField, user: Any) -> list[str]:
        if column.key == "parent":
            return units_to_choose(user, Verb.EDIT_UNIT)
        return super().offered(column, user)

    def get_queryset(self) -> Any:
        return Unit.unscoped.select_related("tier", "parent", "place").order_by("tier__rank", "code")

    def save_instance(self, instance: Unit, is_create: bool, row: Mapping[str, Any], **kwargs: Any) -> None:
        if is_create:
            made = found_unit(
                name=instance.name,
                code=instance.code,
                tier=instance.tier,
                parent=instance.parent,
                founded_on=instance.founded_on,
                kind=instance.kind,
                place=instance.place,
                by=self.user,
            )
            instance.pk = made.pk
            return
        known = Unit.unscoped.get(pk=instance.pk)
        if (known.name, known.tier_id, known.parent_id) != (instance.name, instance.tier_id, instance.parent_id):
            raise ValidationError(
                _("“%(unit)s” changes its name, tier or place in the tree on a day: use the unit's page for that.")
                % {"unit": known.name}
            )
        edit_unit(
            unit=known,
            revision=known.revision,
            code=instance.code,
            kind=instance.kind,
            place=instance.place,
            by=self.user,
        )
