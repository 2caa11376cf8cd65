"""The columns of donors."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from funds.actions import add_donor, edit_donor
from funds.models import Donor, DonorKind
from funds.sheets import SavedByVerbs, note_column
from hkh.core.sheets.columns import SheetField
from members.rules import Verb
from members.sheets import number_column, unit_column, units_to_choose


class DonorResource(SavedByVerbs):
    """Donors: one row each; an empty ``id`` adds one."""

    slug, title = "donors", gettext_lazy("Donors")
    facts = ("kind", "name", "country", "phone", "email", "address", "tax_code", "is_anonymous", "note")

    id = number_column(gettext_lazy("Only for those on record already. Leave it empty for new ones."))
    unit = unit_column(
        note=gettext_lazy("The code of the unit that knows the donor."),
        synonyms=("Mã đơn vị", "Đơn vị", "Đơn vị quản lý", "Nơi biết", "Hội", "Unit"),
    )
    unit_name = SheetField("unit__name", label=gettext_lazy("Known to"), readonly=True, width=34)
    name = SheetField(
        "name",
        label=gettext_lazy("Donor"),
        required=True,
        max_length=200,
        synonyms=(
            "Nhà tài trợ", "Tên nhà tài trợ", "Họ và tên", "Tên đơn vị, cá nhân", "Đơn vị, cá nhân", "Nhà hảo tâm",
            "Người ủng hộ", "Đơn vị ủng hộ", "Mạnh thường quân", "Tên", "Name", "Nama", "Donatur",
        ),
        example="Công ty TNHH Giấy Bãi Bằng",
        width=36,
    )  # fmt: skip
    kind = SheetField(
        "kind",
        label=gettext_lazy("Kind of donor"),
        kind="choice",
        required=True,
        choices=DonorKind.choices,
        words={
            "enterprise": ("Doanh nghiệp", "Công ty", "DN", "Hợp tác xã", "HTX"),
            "person": ("Cá nhân", "CN", "Nhà hảo tâm", "Ông", "Bà"),
            "agency": ("Cơ quan", "Đơn vị", "Tổ chức", "Trường"),
            "ngo": ("NGO", "Tổ chức phi chính phủ", "Phi chính phủ", "PCP"),
            "member": ("Hội viên",),
            "clan": ("Dòng họ", "Họ"),
        },
        synonyms=("Loại nhà tài trợ", "Loại", "Thành phần", "Đối tượng", "Kind", "Jenis donatur", "Jenis"),
        width=20,
    )
    phone = SheetField(
        "phone",
        label=gettext_lazy("Telephone"),
        kind="phone",
        max_length=20,
        synonyms=("Số điện thoại", "Điện thoại", "SĐT", "ĐT", "Di động", "Số ĐT", "Phone", "Telepon"),
        sensitive=True,
        example="0210 384 6123",
        width=16,
    )
    email = SheetField(
        "email",
        label=gettext_lazy("E-mail"),
        max_length=254,
        synonyms=("Thư điện tử", "Email", "Surel"),
        sensitive=True,
        shown=False,
        width=26,
    )
    address = SheetField(
        "address",
        label=gettext_lazy("Address"),
        max_length=200,
        synonyms=("Địa chỉ", "Nơi ở", "Trụ sở", "ĐC", "Alamat"),
        sensitive=True,
        width=30,
    )
    tax_code = SheetField(
        "tax_code",
        label=gettext_lazy("Tax code"),
        kind="code",
        max_length=14,
        synonyms=("Mã số thuế", "MST", "NPWP"),
        example="2600101829",
        width=14,
    )
    country = SheetField(
        "country", label=gettext_lazy("Country"), max_length=60, synonyms=("Nước", "Quốc gia", "Negara"), width=16
    )
    is_anonymous = SheetField(
        "is_anonymous",
        label=gettext_lazy("Wishes to stay unnamed"),
        kind="flag",
        synonyms=("Ẩn danh", "Không nêu tên", "Giấu tên", "Anonymous", "Anonim"),
        note=gettext_lazy("x for yes, nothing for no."),
        width=12,
    )
    given_vnd = SheetField(
        label=gettext_lazy("Given so far (đồng)"), kind="vnd", source="given_vnd", readonly=True, width=18
    )
    gift_count = SheetField(label=gettext_lazy("Gifts"), kind="int", source="gift_count", readonly=True, width=10)
    last_gift_on = SheetField(
        label=gettext_lazy("Last gift"), kind="day", source="last_gift_on", readonly=True, width=14
    )
    note = note_column()

    class Meta:
        model = Donor
        fields = (
            "id", "unit", "unit_name", "name", "kind", "phone", "email", "address", "tax_code", "country",
            "is_anonymous", "given_vnd", "gift_count", "last_gift_on", "note",
        )  # fmt: skip
        skip_unchanged = True
        report_skipped = True

    @classmethod
    def offered(cls, column: SheetField, user: Any) -> list[str]:
        if column.key == "unit":
            return units_to_choose(user, Verb.EDIT_DONOR)
        return super().offered(column, user)

    def add(self, instance: Donor, facts: dict[str, Any]) -> Donor:
        return add_donor(unit=instance.unit, by=self.user, **facts)

    def edit(self, instance: Donor, facts: dict[str, Any]) -> Donor:
        return edit_donor(donor=instance, revision=instance.revision, by=self.user, **facts)
