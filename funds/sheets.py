"""The columns of the sheets of money, declared once for both directions.

What comes in through the administration goes through the verbs, row by row, with the rights of who brings it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export import widgets

from funds.actions import add_donor, edit_donor, edit_fund, open_fund
from funds.models import Appeal, AppealKind, Donation, DonationForm, Donor, DonorKind, Fund, LegalStatus
from hkh.core.sheets.columns import SheetField, SheetResource
from members.models import Unit, User
from members.rules import Verb, units_where
from members.sheets import code_and_name


class UnitByCode(widgets.ForeignKeyWidget):
    """A unit by its code. Whether it may be used is for the verb to say, which knows the user."""

    def __init__(self) -> None:
        super().__init__(Unit, "code")

    def get_queryset(self, value: Any, row: Mapping[str, Any], *args: Any, **kwargs: Any) -> QuerySet[Unit]:
        return Unit.unscoped.all()


def _number(note: Any) -> SheetField:
    return SheetField(
        "id",
        label=gettext_lazy("Number in HKH"),
        kind="int",
        is_key=True,
        synonyms=("Mã HKH", "Số HKH", "ID"),
        note=note,
        width=12,
    )


def _unit(*, note: Any, synonyms: tuple[str, ...], required: bool = True) -> SheetField:
    return SheetField(
        "unit",
        label=gettext_lazy("Unit code"),
        kind="code",
        required=required,
        source="unit__code",
        widget=UnitByCode(),
        synonyms=synonyms,
        note=note,
        width=24,
    )


def _note() -> SheetField:
    return SheetField(
        "note",
        label=gettext_lazy("Note"),
        kind="lines",
        synonyms=("Ghi chú", "G.chú", "Catatan", "Remarks"),
        width=30,
    )


class _Sheet(SheetResource):
    """Rows that ``user`` sees; rows coming in are saved by the verbs of the subclass."""

    #: The fields that verbs are told; the unit and the key are told apart.
    facts: tuple[str, ...]

    def __init__(self, *, user: User | None = None, **kwargs: Any) -> None:
        """Without ``user`` (where only the columns are asked for) there are no rows."""
        super().__init__(**kwargs)
        self.reader = user or AnonymousUser()

    def get_queryset(self) -> QuerySet[Any]:
        return self._meta.model.objects.visible_to(self.reader).select_related("unit")

    @property
    def user(self) -> User:
        if not isinstance(self.reader, User):
            raise PermissionDenied
        return self.reader

    def save_instance(self, instance: Any, is_create: bool, row: Mapping[str, Any], **kwargs: Any) -> None:
        facts = {name: getattr(instance, name) for name in self.facts}
        if is_create:
            if row.get("id"):
                raise ValidationError(
                    _("There is no row number %(id)s in your units. Leave the column empty to add a new one.")
                    % {"id": row["id"]}
                )
            instance.pk = self.add(instance, facts).pk
        else:
            self.edit(instance, facts)

    def add(self, instance: Any, facts: dict[str, Any]) -> Any:
        raise NotImplementedError

    def edit(self, instance: Any, facts: dict[str, Any]) -> Any:
        raise NotImplementedError


class DonorResource(_Sheet):
    """Donors: one row each; an empty ``id`` adds one."""

    slug, title = "donors", gettext_lazy("Donors")
    facts = ("kind", "name", "country", "phone", "email", "address", "tax_code", "is_anonymous", "note")

    id = _number(gettext_lazy("Only for those on record already. Leave it empty for new ones."))
    unit = _unit(
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
    note = _note()

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
            return code_and_name(units_where(user, Verb.EDIT_DONOR).filter(dissolved_on=None))
        return super().offered(column, user)

    def add(self, instance: Donor, facts: dict[str, Any]) -> Donor:
        return add_donor(unit=instance.unit, by=self.user, **facts)

    def edit(self, instance: Donor, facts: dict[str, Any]) -> Donor:
        return edit_donor(donor=instance, revision=instance.revision, by=self.user, **facts)


class FundResource(_Sheet):
    """Funds: one row each; an empty ``id`` opens one. What a fund holds is never typed, so it only goes out."""

    slug, title = "funds", gettext_lazy("Funds")
    facts = (
        "name", "purpose", "is_restricted", "legal_status", "licence_number", "licence_on", "licence_by", "opened_on",
    )  # fmt: skip

    id = _number(gettext_lazy("Only for those on record already. Leave it empty for new ones."))
    unit = _unit(note="", synonyms=("Mã đơn vị", "Đơn vị", "Hội"))
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


class DonationResource(SheetResource):
    """Donations. They come in through the import alone; one that is on record never changes."""

    slug, title = "donations", gettext_lazy("Donations")

    id = _number(gettext_lazy("Only for donations on record already. Leave it empty for new ones."))
    received_on = SheetField(
        "received_on",
        label=gettext_lazy("Received on"),
        kind="day",
        required=True,
        synonyms=(
            "Ngày", "Ngày nhận", "Ngày ủng hộ", "Ngày tháng", "Ngày thu", "Ngày nộp", "Date", "Tanggal",
        ),
        example=date(2024, 9, 5),
        width=14,
    )  # fmt: skip
    donor = SheetField(
        "donor",
        label=gettext_lazy("Donor"),
        required=True,
        max_length=200,
        source="donor__name",
        widget=widgets.ForeignKeyWidget(Donor, "name"),
        synonyms=(
            "Nhà tài trợ", "Tên nhà tài trợ", "Họ và tên", "Đơn vị, cá nhân", "Tên đơn vị, cá nhân ủng hộ",
            "Người ủng hộ", "Đơn vị ủng hộ", "Nhà hảo tâm", "Người nộp", "Người nộp tiền", "Donatur", "Name", "Nama",
        ),
        note=gettext_lazy("As the donor is known; a name that is not known yet is entered along with the gift."),
        example="Công ty TNHH Giấy Bãi Bằng",
        width=36,
    )  # fmt: skip
    donor_kind = SheetField(
        label=gettext_lazy("Kind of donor"),
        kind="choice",
        choices=DonorKind.choices,
        words=DonorResource.fields["kind"].words,
        source="donor__kind",
        synonyms=("Loại nhà tài trợ", "Thành phần", "Đối tượng", "Jenis donatur"),
        note=gettext_lazy("Needed for a donor who is not known yet."),
        width=20,
    )
    amount_vnd = SheetField(
        "amount_vnd",
        label=gettext_lazy("Amount (đồng)"),
        kind="vnd",
        required=True,
        synonyms=(
            "Số tiền", "Số tiền (đồng)", "Số tiền ủng hộ", "Thành tiền", "Giá trị", "Trị giá", "Tiền", "Mức ủng hộ",
            "Amount", "Jumlah",
        ),
        example=5_000_000,
        width=18,
    )  # fmt: skip
    form = SheetField(
        "form",
        label=gettext_lazy("Form"),
        kind="choice",
        required=True,
        choices=DonationForm.choices,
        words={
            "cash": ("Tiền mặt", "TM"),
            "bank_transfer": ("Chuyển khoản", "CK", "Ngân hàng"),
            "in_kind": ("Hiện vật", "HV"),
        },
        synonyms=("Hình thức", "Hình thức ủng hộ", "Cách nộp", "Bentuk"),
        width=16,
    )
    fund = SheetField(
        "fund",
        label=gettext_lazy("Fund code"),
        kind="code",
        source="fund__code",
        widget=widgets.ForeignKeyWidget(Fund, "code"),
        synonyms=("Mã quỹ", "Quỹ", "Tên quỹ", "Vào quỹ", "Fund", "Dana", "Kode dana"),
        note=gettext_lazy("Empty for a gift that was handed straight to the recipient."),
        width=18,
    )
    fund_name = SheetField("fund__name", label=gettext_lazy("Fund"), readonly=True, width=32)
    unit = _unit(
        note=gettext_lazy("The unit that received it. Empty: the unit of the fund."),
        synonyms=("Mã đơn vị", "Đơn vị nhận", "Hội", "Unit"),
        required=False,
    )
    unit_name = SheetField("unit__name", label=gettext_lazy("Unit"), readonly=True, width=34)
    appeal = SheetField(
        "appeal",
        label=gettext_lazy("Appeal"),
        source="appeal__name",
        max_length=200,
        widget=widgets.ForeignKeyWidget(Appeal, "name"),
        synonyms=("Đợt vận động", "Cuộc vận động", "Đợt kêu gọi", "Seruan"),
        width=28,
    )
    purpose = SheetField(
        "purpose",
        label=gettext_lazy("Purpose"),
        max_length=240,
        synonyms=("Mục đích", "Nội dung", "Nội dung ủng hộ", "Lý do", "Tujuan"),
        width=28,
    )
    goods = SheetField(
        "goods",
        label=gettext_lazy("Goods"),
        max_length=240,
        synonyms=("Hiện vật", "Tên hiện vật", "Quy cách, số lượng", "Barang"),
        note=gettext_lazy("What, how many, who valued it."),
        width=28,
    )
    is_pass_through = SheetField(
        "is_pass_through",
        label=gettext_lazy("Handed straight to the recipient"),
        kind="flag",
        synonyms=("Chuyển thẳng", "Trao trực tiếp", "Chuyển thẳng tới người nhận"),
        note=gettext_lazy("x for yes, nothing for no."),
        width=14,
    )
    document = SheetField(
        "document",
        label=gettext_lazy("Document"),
        kind="code",
        max_length=60,
        synonyms=("Chứng từ", "Số chứng từ", "Số phiếu", "Số phiếu thu", "Số CT", "Phiếu thu", "Dokumen"),
        width=16,
    )
    currency = SheetField(
        "currency",
        label=gettext_lazy("Currency"),
        kind="code",
        max_length=3,
        synonyms=("Loại tiền", "Ngoại tệ", "Đơn vị tiền", "Mata uang"),
        shown=False,
        width=10,
    )
    foreign_amount = SheetField(
        "foreign_amount",
        label=gettext_lazy("Amount in that currency"),
        kind="decimal",
        synonyms=("Số ngoại tệ", "Số tiền ngoại tệ", "Nguyên tệ"),
        shown=False,
        width=16,
    )
    exchange_rate = SheetField(
        "exchange_rate",
        label=gettext_lazy("Exchange rate"),
        kind="decimal",
        synonyms=("Tỷ giá", "Kurs"),
        shown=False,
        width=14,
    )
    voided_on = SheetField("voided_on", label=gettext_lazy("Voided on"), kind="day", readonly=True, width=14)
    note = _note()

    class Meta:
        model = Donation
        fields = (
            "id", "received_on", "donor", "donor_kind", "amount_vnd", "form", "fund", "fund_name", "unit", "unit_name",
            "appeal", "purpose", "goods", "is_pass_through", "document", "currency", "foreign_amount",
            "exchange_rate", "voided_on", "note",
        )  # fmt: skip

    @classmethod
    def offered(cls, column: SheetField, user: Any) -> list[str]:
        if column.key == "unit":
            return code_and_name(units_where(user, Verb.RECORD_DONATION).filter(dissolved_on=None))
        if column.key == "fund":
            funds = Fund.objects.visible_to(user).filter(closed_on=None).order_by("title_key", "code")
            return [f"{code} | {name}" for code, name in funds.values_list("code", "name")]
        return super().offered(column, user)


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
