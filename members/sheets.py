"""Each spreadsheet's columns, declared once for both directions. What the verbs guard comes in through the verbs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export import fields, resources, widgets

from hkh.core.sheets.columns import SheetField, SheetResource
from members.actions import edit_unit, found_unit
from members.models import Member, Place, Tier, Unit, UnitKind, User
from members.models.people import LeaveReason, Sex
from members.queries import registered_below
from members.rules import Verb, units_where


class ByKey(widgets.ForeignKeyWidget):
    """A row by a key of its own. Whether it may be used is for the verb to say, which knows the user."""

    def get_queryset(self, value: Any, row: Mapping[str, Any], *args: Any, **kwargs: Any) -> QuerySet[Any]:
        return self.model._default_manager.all()


def by_key(attribute: str, model: type[Any], by: str) -> fields.Field:
    """A column that names a row of ``model`` by its field ``by``."""
    return fields.Field(attribute, attribute, widget=ByKey(model, by))


class ByVerb(resources.ModelResource):
    """Rows that come in through verbs, with the rights of ``user``."""

    def __init__(self, *, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._user = user

    @property
    def user(self) -> User:
        if self._user is None:
            raise PermissionDenied
        return self._user


def _tiers() -> list[tuple[str, str]]:
    return [(tier.code, tier.name) for tier in Tier.objects.filter(retired_on=None)]


def code_and_name(units: QuerySet[Unit]) -> list[str]:
    """For drop-downs: what stands before the bar counts."""
    return [f"{code} | {name}" for code, name in units.order_by("title_key", "code").values_list("code", "name")]


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
            return code_and_name(units_where(user, Verb.EDIT_UNIT).filter(dissolved_on=None))
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


class MemberResource(SheetResource):
    """Members with the unit they belong to. An export's rows are memberships, an import's are persons."""

    slug, title = "members", gettext_lazy("Members")

    id = SheetField(
        "id",
        label=gettext_lazy("Number in HKH"),
        kind="int",
        is_key=True,
        source="member_id",
        synonyms=("Mã HKH", "Số HKH", "ID"),
        note=gettext_lazy("Only for members who are on record already. Leave it empty for new ones."),
        width=12,
    )
    full_name = SheetField(
        "full_name",
        label=gettext_lazy("Full name"),
        kind="name",
        required=True,
        max_length=120,
        source="member__full_name",
        synonyms=(
            "Họ và tên", "Họ tên", "Họ & tên", "Họ tên hội viên", "Họ và tên hội viên", "Tên hội viên", "Hội viên",
            "Họ, tên", "Ho ten", "Tên", "Name", "Nama", "Nama lengkap",
        ),
        example="Nguyễn Văn An",
        width=28,
    )  # fmt: skip
    birth = SheetField(
        label=gettext_lazy("Born"),
        kind="day_or_year",
        source=("member__birth_date", "member__birth_year"),
        synonyms=(
            "Ngày sinh", "Năm sinh", "Ngày tháng năm sinh", "Ngày, tháng, năm sinh", "Ngày/tháng/năm sinh", "NTNS",
            "N.sinh", "NS", "Sinh năm", "Sinh ngày", "Date of birth", "Year of birth", "Tanggal lahir", "Tahun lahir",
        ),
        note=gettext_lazy("The day (2/9/1958), or the year alone where no more is known (1958)."),
        example=date(1958, 9, 2),
        width=14,
    )  # fmt: skip
    sex = SheetField(
        "sex",
        label=gettext_lazy("Sex"),
        kind="choice",
        choices=Sex.choices,
        source="member__sex",
        synonyms=("Giới tính", "Nam/Nữ", "Giới", "Phái", "Gender", "Jenis kelamin"),
        words={"f": ("Nữ", "Gái", "F", "P", "Bà"), "m": ("Nam", "Trai", "M", "L", "Ông")},
        width=10,
    )
    phone = SheetField(
        "phone",
        label=gettext_lazy("Telephone"),
        kind="phone",
        max_length=20,
        source="member__phone",
        synonyms=(
            "Số điện thoại", "Điện thoại", "SĐT liên hệ", "Điện thoại liên hệ", "Điện thoại di động", "SĐT", "SDT",
            "ĐT", "Đ.thoại", "Di động", "ĐTDĐ", "Số ĐT", "Số máy", "Phone", "Mobile", "Telepon", "No. HP",
        ),
        sensitive=True,
        example="0912 345 678",
        width=16,
    )  # fmt: skip
    email = SheetField(
        "email",
        label=gettext_lazy("E-mail"),
        max_length=254,
        source="member__email",
        synonyms=("Thư điện tử", "Email", "Hộp thư", "Surel"),
        sensitive=True,
        shown=False,
        width=26,
    )
    occupation = SheetField(
        "occupation",
        label=gettext_lazy("Occupation"),
        max_length=120,
        source="member__occupation",
        synonyms=("Nghề nghiệp", "Nghề", "Công việc", "Chức vụ", "Nghề nghiệp, chức vụ", "Pekerjaan"),
        example="Giáo viên nghỉ hưu",
        width=22,
    )
    address = SheetField(
        "address",
        label=gettext_lazy("Address"),
        max_length=200,
        source="member__address",
        synonyms=(
            "Địa chỉ",
            "Nơi ở",
            "Chỗ ở",
            "Nơi ở hiện nay",
            "Nơi cư trú",
            "Thường trú",
            "Trú quán",
            "ĐC",
            "Alamat",
        ),
        sensitive=True,
        width=30,
    )
    card_number = SheetField(
        "card_number",
        label=gettext_lazy("Card number"),
        kind="code",
        max_length=24,
        source="member__card_number",
        synonyms=("Số thẻ", "Thẻ hội viên", "Số thẻ hội viên", "Mã thẻ", "Mã hội viên", "Card", "Nomor kartu"),
        width=16,
    )
    unit = SheetField(
        label=gettext_lazy("Unit code"),
        kind="code",
        source="unit__code",
        required=True,
        synonyms=(
            "Mã chi hội", "Mã đơn vị", "Chi hội", "Tên chi hội", "Đơn vị", "Chi hội khuyến học", "Thuộc chi hội",
            "Sinh hoạt tại chi hội", "Mã hội", "Branch", "Kode unit", "Unit",
        ),
        note=gettext_lazy("The unit's code, or its name where only one unit of yours bears it."),
        width=24,
    )  # fmt: skip
    unit_name = SheetField(label=gettext_lazy("Unit"), source="unit__name", readonly=True, width=34)
    joined_on = SheetField(
        label=gettext_lazy("Joined on"),
        kind="day_or_year",
        source=("joined_on", None),
        required=True,
        synonyms=(
            "Ngày vào hội", "Ngày vào", "Ngày kết nạp", "Vào hội", "Năm vào hội", "Thời gian vào hội", "Ngày gia nhập",
            "Joined", "Tanggal masuk",
        ),
        note=gettext_lazy("The day; a year alone counts as its first of January."),
        example=date(2015, 3, 26),
        width=14,
    )  # fmt: skip
    left_on = SheetField(
        label=gettext_lazy("Left on"), kind="day", source="left_on", readonly=True, shown=False, width=14
    )
    leave_reason = SheetField(
        label=gettext_lazy("Why"),
        kind="choice",
        choices=LeaveReason.choices,
        source="leave_reason",
        readonly=True,
        shown=False,
        width=20,
    )
    note = SheetField(
        "note",
        label=gettext_lazy("Note"),
        kind="lines",
        max_length=2000,
        source="member__note",
        synonyms=("Ghi chú", "G.chú", "Chú thích", "Catatan", "Remarks"),
        width=30,
    )

    class Meta:
        model = Member
        fields = (
            "id", "full_name", "birth", "sex", "phone", "email", "occupation", "address", "card_number", "unit",
            "unit_name", "joined_on", "left_on", "leave_reason", "note",
        )  # fmt: skip

    @classmethod
    def offered(cls, column: SheetField, user: Any) -> list[str]:
        if column.key == "unit":
            units = units_where(user, Verb.EDIT_MEMBER).filter(dissolved_on=None, tier__holds_members=True)
            return code_and_name(units)
        return super().offered(column, user)
