"""Each spreadsheet's columns, declared once for both directions."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy, pgettext_lazy
from import_export import resources

from funds.models import Pot
from hkh.core.sheets.columns import SheetField, SheetResource
from members.rules import Verb
from members.sheets import number_column, unit_column, units_to_choose
from scholarships.models import (
    Award,
    AwardKind,
    AwardState,
    BeneficiaryGroup,
    Distribution,
    Programme,
    RecipientKind,
    Round,
    RoundState,
)


class ProgrammeResource(resources.ModelResource):
    """Programmes by their code: a line with a known code changes that programme, any other adds one."""

    class Meta:
        model = Programme
        fields = ("code", "name", "description", "partner", "retired_on")
        import_id_fields = ("code",)
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True
        use_transactions = True


class AwardResource(SheetResource):
    """The awards of one round, which the page names. They come in as proposals."""

    slug, title = "awards", gettext_lazy("Awards")

    id = number_column(gettext_lazy("Only for those on record already. Leave it empty for new ones."))
    recipient_name = SheetField(
        "recipient_name",
        label=gettext_lazy("Recipient's name"),
        kind="name",
        max_length=160,
        synonyms=(
            "Họ và tên", "Họ tên", "Họ và tên học sinh", "Họ tên học sinh", "Tên học sinh", "Học sinh", "Người nhận",
            "Họ tên người nhận", "Họ và tên cháu", "Đối tượng thụ hưởng", "Name", "Nama", "Penerima",
        ),
        note=gettext_lazy("Empty for a lot without names."),
        example="Nguyễn Thị Bình",
        width=28,
    )  # fmt: skip
    birth_year = SheetField(
        "birth_year",
        label=gettext_lazy("Year of birth"),
        kind="day_or_year",
        synonyms=("Năm sinh", "Ngày sinh", "NS", "Ngày tháng năm sinh", "Born", "Tahun lahir", "Tanggal lahir"),
        note=gettext_lazy("Of a day only the year is kept."),
        example=2012,
        width=12,
    )
    recipient_kind = SheetField(
        "recipient_kind",
        label=gettext_lazy("Recipient"),
        kind="choice",
        choices=RecipientKind.choices,
        words={
            "pupil": ("Học sinh", "HS", "Sinh viên", "SV", "Cháu"),
            "teacher": ("Giáo viên", "GV"),
            "school": ("Trường",),
        },
        synonyms=("Loại người nhận", "Đối tượng", "Penerima manfaat"),
        width=16,
    )
    school = SheetField(
        "school",
        label=gettext_lazy("School"),
        max_length=160,
        synonyms=("Trường", "Trường học", "Tên trường", "Học trường", "Đơn vị trường", "Sekolah"),
        example="Trường Tiểu học Phú Lộc",
        width=30,
    )
    grade = SheetField(
        "grade",
        label=gettext_lazy("Grade"),
        kind="code",
        max_length=20,
        synonyms=("Lớp", "Lớp học", "Khối", "Khối lớp", "Class", "Kelas"),
        example="5A",
        width=10,
    )
    unit = unit_column(
        note=gettext_lazy("The unit whose pupils, teachers or schools receive."),
        synonyms=("Mã đơn vị", "Đơn vị", "Hội", "Chi hội", "Đơn vị nhận", "Xã", "Xã, phường", "Địa chỉ", "Unit"),
    )
    unit_name = SheetField("unit__name", label=gettext_lazy("Receiving unit"), readonly=True, width=34)
    kind = SheetField(
        "kind",
        label=gettext_lazy("Kind"),
        kind="choice",
        required=True,
        choices=AwardKind.choices,
        words={"scholarship": ("HB", "Học bổng"), "gift": ("Quà", "Suất quà"), "award": ("Khen thưởng", "Thưởng")},
        synonyms=("Loại", "Hình thức", "Loại hỗ trợ", "Jenis"),
        width=16,
    )
    beneficiary_group = SheetField(
        "beneficiary_group",
        label=gettext_lazy("Beneficiary group"),
        kind="choice",
        required=True,
        choices=BeneficiaryGroup.choices,
        words={
            "poor_pupil": ("Hộ nghèo", "Nghèo", "Cận nghèo", "Học sinh nghèo"),
            "disabled_or_orphan": ("Mồ côi", "Khuyết tật"),
        },
        synonyms=("Nhóm đối tượng", "Diện", "Hoàn cảnh", "Đối tượng hưởng", "Kelompok"),
        width=30,
    )
    content = SheetField(
        "content",
        label=gettext_lazy("Content"),
        max_length=200,
        synonyms=("Nội dung", "Thành tích", "Lý do", "Isi"),
        width=30,
    )
    pot = SheetField(
        "pot",
        label=gettext_lazy("Paid in"),
        kind="choice",
        choices=Pot.choices,
        words={"cash": ("Tiền", "Tiền mặt"), "goods": ("Hiện vật", "Quà")},
        synonyms=("Bằng", "Trao bằng", "Dibayar dengan"),
        width=12,
    )
    count = SheetField(
        "count",
        label=gettext_lazy("Number"),
        kind="int",
        synonyms=("Số lượng", "Số suất", "SL", "Số lượng suất", "Jumlah", "Quantity"),
        note=gettext_lazy("1 for a named recipient; empty counts as 1."),
        example=1,
        width=10,
    )
    unit_value_vnd = SheetField(
        "unit_value_vnd",
        label=gettext_lazy("Value of one (đồng)"),
        kind="vnd",
        required=True,
        synonyms=("Mức", "Mức học bổng", "Giá trị một suất", "Số tiền", "Mức hỗ trợ", "Đơn giá", "Trị giá", "Nilai"),
        example=2_000_000,
        width=18,
    )
    value_vnd = SheetField("value_vnd", label=gettext_lazy("Value (đồng)"), kind="vnd", readonly=True, width=18)
    state = SheetField(
        "state", label=gettext_lazy("State"), kind="choice", choices=AwardState.choices, readonly=True, width=14
    )
    delivered_count = SheetField(
        "delivered_count", label=gettext_lazy("Handed out"), kind="int", readonly=True, shown=False, width=10
    )

    class Meta:
        model = Award
        fields = (
            "id", "recipient_name", "birth_year", "recipient_kind", "school", "grade", "unit", "unit_name", "kind",
            "beneficiary_group", "content", "pot", "count", "unit_value_vnd", "value_vnd", "state", "delivered_count",
        )  # fmt: skip

    @classmethod
    def offered(cls, column: SheetField, user: Any) -> list[str]:
        if column.key == "unit":
            return units_to_choose(user, Verb.PROPOSE_AWARDS)
        return super().offered(column, user)


class RoundResource(SheetResource):
    """Rounds, as the list has them; they are opened on their page."""

    slug, title = "rounds", gettext_lazy("Rounds")

    name = SheetField("name", label=gettext_lazy("Round"), readonly=True, width=36)
    programme = SheetField("programme__name", label=gettext_lazy("Programme"), readonly=True, width=30)
    unit_name = SheetField("unit__name", label=gettext_lazy("Unit"), readonly=True, width=34)
    fund_name = SheetField("fund__name", label=gettext_lazy("Fund"), readonly=True, width=30)
    school_year = SheetField("school_year", label=gettext_lazy("School year"), readonly=True, width=12)
    state = SheetField(
        "state", label=gettext_lazy("State"), kind="choice", choices=RoundState.choices, readonly=True, width=12
    )
    opened_on = SheetField("opened_on", label=gettext_lazy("Opened on"), kind="day", readonly=True, width=14)
    closed_on = SheetField("closed_on", label=gettext_lazy("Closed on"), kind="day", readonly=True, width=14)
    budget_vnd = SheetField("budget_vnd", label=gettext_lazy("Budget (đồng)"), kind="vnd", readonly=True, width=18)
    quota = SheetField("quota", label=gettext_lazy("Quota"), kind="int", readonly=True, width=10)
    proposed_vnd = SheetField(
        label=gettext_lazy("Waiting (đồng)"), kind="vnd", source="proposed_vnd", readonly=True, width=18
    )
    approved_vnd = SheetField(
        label=gettext_lazy("Approved (đồng)"), kind="vnd", source="approved_vnd", readonly=True, width=18
    )
    delivered_vnd = SheetField(
        label=gettext_lazy("Handed out (đồng)"), kind="vnd", source="delivered_vnd", readonly=True, width=18
    )

    class Meta:
        model = Round
        fields = (
            "name", "programme", "unit_name", "fund_name", "school_year", "state", "opened_on", "closed_on",
            "budget_vnd", "quota", "proposed_vnd", "approved_vnd", "delivered_vnd",
        )  # fmt: skip


class DistributionResource(SheetResource):
    """Distributions, as the list has them; they are recorded on their page."""

    slug, title = "distributions", gettext_lazy("Distributions")

    held_on = SheetField("held_on", label=gettext_lazy("Held on"), kind="day", readonly=True, width=14)
    round_name = SheetField("round__name", label=gettext_lazy("Round"), readonly=True, width=36)
    unit_name = SheetField("unit__name", label=gettext_lazy("Unit"), readonly=True, width=34)
    venue = SheetField("venue", label=pgettext_lazy("of an event", "place"), readonly=True, width=28)
    document = SheetField("document", label=gettext_lazy("Document"), kind="code", readonly=True, width=16)
    count = SheetField(label=gettext_lazy("Number"), kind="int", source="given_count", readonly=True, width=10)
    value_vnd = SheetField(label=gettext_lazy("Value (đồng)"), kind="vnd", source="given_vnd", readonly=True, width=18)
    voided_on = SheetField("voided_on", label=gettext_lazy("Voided on"), kind="day", readonly=True, width=14)
    note = SheetField("note", label=gettext_lazy("Note"), kind="lines", readonly=True, width=30)

    class Meta:
        model = Distribution
        fields = (
            "held_on", "round_name", "unit_name", "venue", "document", "count", "value_vnd", "voided_on", "note",
        )  # fmt: skip
