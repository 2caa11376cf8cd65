"""Papers as they come out of the printer."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
import segno
from pypdf import PdfReader

from funds.actions import issue_goods, issue_paper, issue_papers, record_donation, reissue_paper
from funds.models import StockItem
from funds.papers import printing
from funds.papers.printing import paper_address, papers_html, render_papers
from tests.cast import make_donor, make_expense, make_fund
from tests.core.test_pdf import fonts_of
from tests.funds.raw import DAY

ADDRESS = "https://hkh.example.vn"
ON = date(2024, 6, 10)
LONG_NAME = (
    "Hội đồng hương và Câu lạc bộ Cựu giáo chức, cựu học sinh Trường Trung học phổ thông Chuyên Hùng Vương, "
    "tỉnh Phú Thọ, tại Thành phố Hồ Chí Minh và các tỉnh phía Nam"
)
LONG_PURPOSE = (
    "Trao học bổng cho học sinh có hoàn cảnh đặc biệt khó khăn, mồ côi, khuyết tật trên địa bàn các xã vùng cao "
    "Tân Sơn, Yên Lập, Thanh Sơn nhân dịp khai giảng năm học mới 2024-2025"
)


def give(cast, fund, donor, **facts):
    said = {"unit": cast.here, "fund": fund, "donor": donor, "received_on": DAY, "form": "cash"}
    return record_donation(**{**said, "amount_vnd": 24_612_345_000, **facts}, by=cast.clerk)


def issue(cast, kind, *subjects):
    return issue_papers(kind=kind, subjects=subjects, on=ON, by=cast.cashier)


def read(pdf: bytes) -> list[str]:
    return [re.sub(r"\s+", " ", page.extract_text()) for page in PdfReader(BytesIO(pdf)).pages]


def test_a_receipt_on_a_page_of_a5_with_the_amount_in_words(cast, fund, donor):
    pdf = render_papers(issue(cast, "receipt", give(cast, fund, donor)), address=ADDRESS)
    (page,) = PdfReader(BytesIO(pdf)).pages
    assert [round(float(side) * 25.4 / 72) for side in page.mediabox[2:]] == [210, 148]
    (text,) = read(pdf)
    for said in (
        "PHIẾU THU",
        "PT-00001/2024",
        "Công ty Giấy Bãi Bằng",
        "24.612.345.000 đồng",
        "Hai mươi tư tỷ sáu trăm mười hai triệu ba trăm bốn mươi lăm nghìn đồng",
        "Người nộp tiền",
        "Thủ quỹ",
    ):
        assert said in text
    assert {name.split("-")[0] for name in fonts_of(PdfReader(BytesIO(pdf)))} == {"Tinos", "Be"}


@pytest.mark.parametrize(("at_once", "steps"), [(200, [12]), (5, [5, 10, 12])])
def test_many_in_one_file_each_on_its_page_in_order(cast, fund, donor, monkeypatch, at_once, steps):
    monkeypatch.setattr(printing, "AT_ONCE", at_once)
    gifts = [give(cast, fund, donor, amount_vnd=n * 1_000) for n in range(1, 13)]
    told: list[int] = []
    pdf = render_papers(issue(cast, "receipt", *gifts), address=ADDRESS, told=told.append)
    pages = read(pdf)
    assert told == steps
    about = PdfReader(BytesIO(pdf)).metadata
    assert about is not None
    assert about.title == "Phiếu thu"
    assert {name.split("-")[0] for name in fonts_of(PdfReader(BytesIO(pdf)))} == {"Tinos", "Be"}
    numbers = [re.search(r"PT-\d{5}/2024", page) for page in pages]
    assert [found and found[0] for found in numbers] == [f"PT-{n:05d}/2024" for n in range(1, 13)]


@pytest.mark.parametrize("kind", ["receipt", "acknowledgement", "letter", "certificate"])
def test_long_names_stay_whole_on_one_page(cast, kind):
    fund = make_fund(cast.here, "Quỹ Khuyến học, khuyến tài Đất Tổ dành cho học sinh nghèo vượt khó học giỏi vùng cao")
    donor = make_donor(cast.here, LONG_NAME, address="Số 70 đường Hàn Thuyên, phường Tân Dân, thành phố Việt Trì")
    gift = give(cast, fund, donor, amount_vnd=999_999_999_999_999, purpose=LONG_PURPOSE)
    pages = read(render_papers(issue(cast, kind, gift), address=ADDRESS))
    assert len(pages) == 1
    assert LONG_NAME in pages[0]
    assert LONG_PURPOSE[1:] in pages[0]


def test_goods_stand_line_by_line_and_run_over_to_a_second_page(cast, fund, donor):
    names = [f"Sách giáo khoa quyển {n}" for n in range(1, 31)]
    line = {"quantity": Decimal("2.5"), "measure": "thùng", "unit_value_vnd": 20_000}
    lines = [{"what": name, **line} for name in names]
    goods = give(cast, fund, donor, form="in_kind", amount_vnd=50_000 * 30, lines=lines)
    text = " ".join(read(render_papers(issue(cast, "goods_in", goods), address=ADDRESS)))
    assert [name for name in names if name not in text] == []
    assert "2,5" in text
    assert "1.500.000 đồng" in text
    assert "Thủ kho" in text


def test_a_lot_and_a_payment(cast, fund, donor):
    line = {"what": "Vở", "quantity": Decimal(30), "measure": "quyển", "unit_value_vnd": 20_000}
    give(cast, fund, donor, form="in_kind", amount_vnd=600_000, lines=[line])
    item = StockItem.unscoped.get()
    lot = issue_goods(item=item, unit=cast.branch, quantity=Decimal(10), on=DAY, by=cast.accountant)
    (text,) = read(render_papers(issue(cast, "goods_out", lot), address=ADDRESS))
    assert "PHIẾU XUẤT KHO" in text
    assert f"Họ và tên người nhận: {cast.branch.name}" in text
    assert "200.000 đồng" in text
    spent = make_expense(fund, 100_000, DAY, payee="Nhà sách Việt Trì", note="Mua vở")
    (text,) = read(render_papers(issue(cast, "payment", spent), address=ADDRESS))
    assert "Họ và tên người nhận tiền: Nhà sách Việt Trì" in text


def test_a_voided_paper_says_so_and_the_new_one_what_it_replaces(cast, fund, donor):
    (first,) = issue(cast, "receipt", give(cast, fund, donor))
    new = reissue_paper(paper=first, reason="Sai tên", on=ON, by=cast.accountant)
    old_page, new_page = read(render_papers([first, new], address=ADDRESS))
    assert "ĐÃ HỦY NGÀY 10/06/2024: SAI TÊN" in old_page
    assert "Thay cho số PT-00001/2024" in new_page
    assert "ĐÃ HỦY" not in new_page


def test_the_code_is_the_address_that_proves_the_paper(cast, fund, donor):
    (paper,) = issue(cast, "receipt", give(cast, fund, donor))
    (path,) = re.findall(r'<path d="([^"]*)"', papers_html([paper], address=ADDRESS))
    drawn = {
        (int(x) + step, int(y)) for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)", path) for step in range(int(width))
    }
    matrix = segno.make(paper_address(paper, ADDRESS), error="m").matrix
    assert drawn == {(x, y) for y, row in enumerate(matrix) for x, module in enumerate(row) if module}


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_setting_do_not_grow(cast, fund, donor, count, django_assert_num_queries):
    papers = issue(cast, "receipt", *[give(cast, fund, donor, amount_vnd=n * 1_000) for n in range(1, count + 1)])
    with django_assert_num_queries(2):
        papers_html(papers, address=ADDRESS)


def test_markup_in_a_name_is_text(cast, fund):
    donor = make_donor(cast.here, "<b>An & Bình</b>")
    assert issue_paper(kind="receipt", subject=give(cast, fund, donor), on=ON, by=cast.clerk).party == donor.name
    (text,) = read(render_papers(issue(cast, "letter", give(cast, fund, donor)), address=ADDRESS))
    assert "<b>An & Bình</b>" in text
