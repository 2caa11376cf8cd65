"""Columns: found by whatever heads them, in three languages; their cells read as they are declared."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from funds.papers.register import PaperResource
from funds.sheets.appeals import AppealResource
from funds.sheets.donations import DonationResource
from funds.sheets.donors import DonorResource
from funds.sheets.funds import FundResource
from hkh.core.sheets.columns import SheetField, match_headings
from members.sheets.people import MemberResource
from members.sheets.units import UnitResource
from scholarships.sheets import AwardResource, DistributionResource, RoundResource
from tests.cast import a_province

IMPORTED = (MemberResource, UnitResource, DonorResource, DonationResource, AwardResource)
ALL = (*IMPORTED, FundResource, AppealResource, PaperResource, RoundResource, DistributionResource)


@pytest.mark.parametrize(
    ("headings", "found"),
    [
        (
            ["STT", "HỌ TÊN HỘI VIÊN", "Năm sinh", "Giới tính", "SĐT", "Chi hội", "Ngày vào hội", "Ghi chú"],
            {1: "full_name", 2: "birth", 3: "sex", 4: "phone", 5: "unit", 6: "joined_on", 7: "note"},
        ),
        (
            ["TT", "Họ và tên (*)", "Ngày, tháng,\nnăm sinh", "Nam/ Nữ", "Nơi ở hiện nay", "Đ.thoại", "Số thẻ"],
            {1: "full_name", 2: "birth", 3: "sex", 4: "address", 5: "phone", 6: "card_number"},
        ),
        (["Nama lengkap", "Tanggal lahir", "No. HP"], {0: "full_name", 1: "birth", 2: "phone"}),
        (["FULL NAME", "Year of birth", "Joined on"], {0: "full_name", 1: "birth", 2: "joined_on"}),
        (["Ho\u0323 va\u0300 te\u0302n", "NG\u00c0Y\u00a0SINH"], {0: "full_name", 1: "birth"}),
        (["full_name", "card_number", "unit"], {0: "full_name", 1: "card_number", 2: "unit"}),
        (["", None, 12.0, "Quê quán của cha"], {}),
    ],
)
def test_headings_of_real_sheets_find_their_columns(headings, found):
    assert match_headings(headings, MemberResource.columns_in()) == found


def test_a_column_is_given_once_and_to_the_surest_heading():
    headings = ["Ngày sinh của con", "Ngày sinh", "Năm sinh"]
    assert match_headings(headings, MemberResource.columns_in()) == {1: "birth"}


@pytest.mark.parametrize("language", ["vi", "en", "id"])
@pytest.mark.parametrize("resource", IMPORTED, ids=lambda resource: resource.slug)
def test_the_headings_of_an_export_find_all_their_columns(resource, language):
    with override(language):
        columns = resource.sheet_columns()
        headings = [str(column.label) for column in columns]
    own = {position: column.key for position, column in enumerate(columns) if not column.readonly}
    assert match_headings(headings, resource.columns_in()) == own


@pytest.mark.parametrize("resource", ALL, ids=lambda resource: resource.slug)
@pytest.mark.parametrize("language", ["vi", "en", "id"])
def test_no_two_columns_of_a_sheet_are_headed_alike(resource, language):
    with override(language):
        labels = [str(column.label) for column in resource.sheet_columns()]
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize(
    ("word", "value"),
    [("Nữ", "f"), ("nam", "m"), ("NAM", "m"), ("Female", "f"), ("Perempuan", "f"), ("f", "f"), ("Bà", "f"), ("", "")],
)
def test_a_choice_is_understood_in_every_language(word, value):
    sex = MemberResource.fields["sex"]
    assert sex.read(word) == (value, None)


def test_what_is_no_choice_is_refused_with_the_choices():
    with override("vi"):
        value, remark = MemberResource.fields["sex"].read("khác")
    assert (value, remark.code, remark.refuses) == (None, "choice", True)
    assert str(remark) == "“khác” không có trong các lựa chọn: Nữ, Nam."


def test_required_and_too_long_cells_are_refused():
    name = SheetField(label="Name", required=True, max_length=5)
    remarks = [name.read(cell)[1] for cell in ("  ", "abcdef")]
    assert [remark and remark.code for remark in remarks] == ["required", "too_long"]
    assert name.read("abcde") == ("abcde", None)


@pytest.mark.django_db
def test_tiers_are_looked_up_anew():
    cast = a_province()

    def tier(word):
        return next(c for c in UnitResource.sheet_columns() if c.key == "tier").read(word)[0]

    assert tier("Chi hội") == "BRANCH"
    cast.branch.tier.name_vi = "Tổ khuyến học"
    cast.branch.tier.save()
    assert tier("Tổ khuyến học") == "BRANCH"
