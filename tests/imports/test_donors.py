"""Donors by sheet: known by tax code, else by name and telephone."""

from __future__ import annotations

import pytest

from funds.models import Donor, DonorKind
from hkh.imports import actions
from hkh.imports.models import RunState
from hkh.imports.queries import obstacles_of
from tests.cast import Cast, a_province, make_donor, make_fund
from tests.imports.sheets import bring_in, causes, confirm, done, hand_in, told, workbook

pytestmark = pytest.mark.django_db

HEAD = ("Nhà tài trợ", "Loại nhà tài trợ", "Điện thoại", "Mã số thuế", "Mã đơn vị", "Ẩn danh")


@pytest.fixture
def cast() -> Cast:
    return a_province()


def test_new_known_and_changed_donors(cast: Cast) -> None:
    code = cast.here.code
    firm = make_donor(cast.here, "Công ty Giấy Bãi Bằng", tax_code="2600101829", phone="0210 3846 123")
    make_donor(cast.here, "Ông Ba", kind=DonorKind.PERSON, phone="0912345678")
    rows = [
        ("Công ty CP Giấy Bãi Bằng", "Doanh nghiệp", "02103846999", "2600101829", code, None),
        ("ông ba", "Cá nhân", "0912 345 678", None, code, None),
        ("Ông Ba", "Cá nhân", "0912 345 999", None, code, "x"),
    ]
    run = hand_in("donors", workbook(HEAD, *rows), by=cast.clerk)
    assert (told(run), causes(run)) == ((1, 1, 1, 0), {})

    run = confirm(run, by=cast.clerk)

    firm.refresh_from_db()
    assert (firm.name, firm.phone, firm.revision) == ("Công ty CP Giấy Bãi Bằng", "02103846999", 2)
    new = Donor.unscoped.latest("pk")
    assert (new.name, new.kind, new.phone, new.is_anonymous, new.unit) == (
        "Ông Ba",
        "person",
        "0912 345 999",
        True,
        cast.here,
    )
    assert told(hand_in("donors", workbook(HEAD, *rows), by=cast.clerk)) == (0, 0, 3, 0)

    done(actions.take_back(run=run, by=cast.clerk))
    firm.refresh_from_db()
    assert (firm.name, firm.phone, Donor.unscoped.count()) == ("Công ty Giấy Bãi Bằng", "0210 3846 123", 2)


def test_refusals(cast: Cast) -> None:
    code = cast.here.code
    make_donor(cast.here, "Bà Tư", kind=DonorKind.PERSON)
    make_donor(cast.here, "Bà Tư", kind=DonorKind.PERSON)
    rows = [
        ("Bà Tư", "Cá nhân", None, None, code, None),
        ("Ông Năm", "Cá nhân", None, None, cast.elsewhere.code, None),
        ("Ông Năm", "Cá nhân", None, None, "KHONG-CO", None),
        ("Ông Sáu", None, None, None, code, None),
        ("Ông Bảy", "Cá nhân", None, None, code, None),
        ("ông bảy", "Cá nhân", None, None, code, None),
        ("GPI", "NGO", None, None, code, None),
    ]
    run = hand_in("donors", workbook(HEAD, *rows), by=cast.clerk)
    assert causes(run) == {"unit_unknown": [3, 4], "several": [2], "cell:required": [5], "twice": [7]} | {
        "donor_ngo_has_country": [8]
    }


def test_what_a_donor_gave_stands_in_the_way(cast: Cast) -> None:
    row = ("Ông Bảy", "Cá nhân", None, None, cast.here.code, None)
    run = bring_in("donors", workbook(HEAD, row), by=cast.clerk)
    gift = ("Ngày", "Nhà tài trợ", "Số tiền", "Hình thức", "Mã quỹ")
    fund = make_fund(cast.here)
    bring_in("donations", workbook(gift, ("5/9/2024", "Ông Bảy", 100_000, "TM", fund.code)), by=cast.clerk)

    assert len(obstacles_of(run, by=cast.clerk)) == 1
    assert done(actions.take_back(run=run, by=cast.clerk)).state == RunState.APPLIED
