"""The columns of donations."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy
from import_export import widgets

from funds.models import Appeal, Donation, DonationForm, Donor, DonorKind, Fund
from funds.sheets import note_column
from funds.sheets.donors import DonorResource
from hkh.core.sheets.columns import SheetField, SheetResource
from members.rules import Verb
from members.sheets import number_column, unit_column, units_to_choose


class DonationResource(SheetResource):
    """Donations. They come in through the import alone; one that is on record never changes."""

    slug, title = "donations", gettext_lazy("Donations")

    id = number_column(gettext_lazy("Only for donations on record already. Leave it empty for new ones."))
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
    unit = unit_column(
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
    note = note_column()

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
            return units_to_choose(user, Verb.RECORD_DONATION)
        if column.key == "fund":
            funds = Fund.objects.visible_to(user).filter(closed_on=None).order_by("title_key", "code")
            return [f"{code} | {name}" for code, name in funds.values_list("code", "name")]
        return super().offered(column, user)
