"""The columns of members with their memberships."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy

from hkh.core.sheets.columns import SheetField, SheetResource
from members.models import Member
from members.models.people import LeaveReason, Sex
from members.rules import Verb
from members.sheets import number_column, units_to_choose


class MemberResource(SheetResource):
    """Members with the unit they belong to. An export's rows are memberships, an import's are persons."""

    slug, title = "members", gettext_lazy("Members")

    id = number_column(
        gettext_lazy("Only for members who are on record already. Leave it empty for new ones."), source="member_id"
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
            return units_to_choose(user, Verb.EDIT_MEMBER, tier__holds_members=True)
        return super().offered(column, user)
