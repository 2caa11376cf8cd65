"""Papers issued, voided and issued anew."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from funds.actions import (
    ask_for_papers,
    edit_donor,
    issue_paper,
    issue_papers,
    record_donation,
    reissue_paper,
    reverse_voucher,
    void_donation,
    void_paper,
)
from funds.models import Appeal, Paper, PaperKind
from funds.papers import UNNAMED, kinds_for, look_up, token_of, whole_of
from hkh.core.models import Job
from tests.cast import a_hand, make_donor, make_expense, make_fund
from tests.funds.raw import DAY

ON = date(2024, 6, 10)


def give(cast, fund, donor, **facts):
    said = {"unit": cast.here, "fund": fund, "donor": donor, "received_on": DAY, "form": "cash", "amount_vnd": 500_000}
    return record_donation(**{**said, **facts}, by=cast.clerk)


def receipt(cast, gift, on=ON):
    return issue_paper(kind="receipt", subject=gift, on=on, by=cast.cashier)


def test_a_receipt_says_what_the_books_say(cast, fund, donor):
    appeal = Appeal.unscoped.create(
        unit=cast.here, name="Vì em hiếu học", purpose="Học bổng", opens_on=date(2024, 1, 1)
    )
    gift = give(cast, fund, donor, appeal=appeal, purpose="Mua sách vở")
    made = receipt(cast, gift)
    assert (made.sign, made.unit, made.issued_on, made.amount_vnd) == ("PT-00001/2024", cast.here, ON, 500_000)
    assert (made.unit_name, made.party) == ("Hội xã Hy Cương", "Công ty Giấy Bãi Bằng")
    assert made.reason == "Ủng hộ Quỹ khuyến học xã theo đợt vận động “Vì em hiếu học” để mua sách vở"


def test_it_says_so_for_ever(cast, fund, donor):
    made = receipt(cast, give(cast, fund, donor))
    edit_donor(donor=donor, revision=1, kind=donor.kind, name="Công ty Mới", by=cast.clerk)
    made.refresh_from_db()
    assert made.party == "Công ty Giấy Bãi Bằng"


def test_who_wishes_to_stay_unnamed_is_not_named(cast, fund):
    donor = make_donor(cast.here, "Trần Thị Kín", is_anonymous=True, address="12 Hùng Vương")
    made = receipt(cast, give(cast, fund, donor))
    assert (made.party, made.address) == (UNNAMED, "")


def test_asked_twice_there_is_one(cast, fund, donor):
    gift = give(cast, fund, donor)
    assert receipt(cast, gift) == receipt(cast, gift)
    assert Paper.unscoped.count() == 1
    assert issue_paper(kind="letter", subject=gift, on=ON, by=cast.clerk).sign == "TCO-00001/2024"


def test_many_at_once_keep_their_order_and_take_along_what_there_is(cast, fund, donor):
    gifts = [give(cast, fund, donor, amount_vnd=n * 1_000) for n in range(1, 5)]
    first = receipt(cast, gifts[2])
    made = issue_papers(kind="receipt", subjects=gifts, on=ON, by=cast.clerk)
    assert [paper.donation for paper in made] == gifts
    assert [paper.number for paper in made] == [2, 3, 1, 4]
    assert made[2] == first


@pytest.mark.parametrize("gift_count", [1, 3])
def test_queries_of_issuing_do_not_grow(cast, fund, donor, gift_count, django_assert_num_queries):
    receipt(cast, give(cast, fund, donor))
    gifts = [give(cast, fund, donor, amount_vnd=n * 1_000) for n in range(1, gift_count + 1)]
    with django_assert_num_queries(8):
        issue_papers(kind="receipt", subjects=gifts, on=ON, by=cast.cashier)


def test_a_split_gift_has_one_receipt_for_the_whole(cast, fund, donor):
    other = make_fund(cast.here, "Quỹ Vì em")
    part = give(cast, None, donor, shares=[(fund, 300_000), (other, 200_000)])
    made = receipt(cast, whole_of(part))
    assert made.amount_vnd == 500_000
    assert made.reason == "Ủng hộ Quỹ khuyến học xã 300.000 đồng; Quỹ Vì em 200.000 đồng"
    with pytest.raises(ValidationError) as refusal:
        receipt(cast, part)
    assert refusal.value.code == "paper_of_whole_gift"


def test_a_gift_and_a_split_gift_of_one_key_have_a_receipt_each(cast, fund, donor):
    shares = [(fund, 300_000), (make_fund(cast.here, "Quỹ Vì em"), 200_000)]
    whole = whole_of(give(cast, None, donor, shares=shares))
    gift = give(cast, fund, donor, pk=whole.pk, amount_vnd=7_000)
    assert gift.pk == whole.pk
    one, other = issue_papers(kind="receipt", subjects=[whole, gift], on=ON, by=cast.cashier)
    assert (one.split, one.amount_vnd, other.donation, other.amount_vnd) == (whole, 500_000, gift, 7_000)
    assert [paper.pk for paper in issue_papers(kind="receipt", subjects=[gift, whole], on=ON, by=cast.clerk)] == [
        other.pk,
        one.pk,
    ]


def test_a_void_keeps_the_number_and_the_next_points_back(cast, fund, donor):
    gift = give(cast, fund, donor)
    first = receipt(cast, gift)
    new = reissue_paper(paper=first, reason="Sai tên người nộp", on=ON, by=cast.accountant)
    first.refresh_from_db()
    assert (first.number, first.voided_on, first.void_reason) == (1, ON, "Sai tên người nộp")
    assert first.voided_by == cast.accountant
    assert (new.number, new.replaces, new.donation) == (2, first, gift)
    assert receipt(cast, gift) == new
    with pytest.raises(ValidationError) as refusal:
        void_paper(paper=first, reason="Lần nữa", on=ON, by=cast.chair)
    assert refusal.value.code == "paper_void_once"


def test_nothing_is_voided_where_nothing_can_be_issued_anew(cast, fund, donor):
    first = receipt(cast, give(cast, fund, donor))
    receipt(cast, give(cast, fund, donor), on=date(2024, 6, 20))
    with pytest.raises(ValidationError) as refusal:
        reissue_paper(paper=first, reason="Sai tên", on=ON, by=cast.accountant)
    assert refusal.value.code == "paper_gapless"
    first.refresh_from_db()
    assert first.voided_on is None


def test_a_voided_gift_takes_its_papers_along(cast, fund, donor):
    gift = give(cast, fund, donor)
    made = receipt(cast, gift)
    void_donation(donation=gift, reason="Nhập nhầm", on=DAY, by=cast.chair)
    made.refresh_from_db()
    assert (made.voided_by, made.void_reason) == (cast.chair, "Nhập nhầm")
    gift.refresh_from_db()
    with pytest.raises(ValidationError) as refusal:
        receipt(cast, gift)
    assert refusal.value.code == "paper_subject_stands"


def test_a_payment_voucher_goes_with_its_entry(cast, fund):
    spent = make_expense(fund, 100_000, DAY, payee="Nhà sách Việt Trì", note="Mua vở")
    made = issue_paper(kind="payment", subject=spent, on=ON, by=cast.cashier)
    assert (made.sign, made.party, made.reason) == ("PC-00001/2024", "Nhà sách Việt Trì", "Mua vở (Quỹ khuyến học xã)")
    reverse_voucher(voucher=spent, reason="Trả lại hàng", on=DAY, by=a_hand("approves"))
    made.refresh_from_db()
    assert made.void_reason == "Trả lại hàng"


def test_which_papers_there_are_for_what(cast, fund, donor):
    thanks = [PaperKind.ACKNOWLEDGEMENT, PaperKind.LETTER, PaperKind.CERTIFICATE]
    assert kinds_for(give(cast, fund, donor)) == [PaperKind.RECEIPT, *thanks]
    assert kinds_for(give(cast, fund, donor, form="in_kind", goods="Gạo")) == [PaperKind.GOODS_IN, *thanks]
    assert kinds_for(give(cast, None, donor, is_pass_through=True)) == thanks
    assert kinds_for(make_expense(fund, 1_000, DAY)) == [PaperKind.PAYMENT]


def test_who_may_issue_and_who_may_void(cast, fund, donor):
    gift = give(cast, fund, donor)
    for by, error in ((cast.chair, PermissionDenied), (cast.viewer, PermissionDenied), (cast.outsider, Http404)):
        with pytest.raises(error):
            issue_paper(kind="receipt", subject=gift, on=ON, by=by)
    made = receipt(cast, gift)
    for by, error in ((cast.clerk, PermissionDenied), (cast.cashier, PermissionDenied), (cast.outsider, Http404)):
        with pytest.raises(error):
            void_paper(paper=made, reason="Nhầm", on=ON, by=by)
    with pytest.raises(PermissionDenied):
        reissue_paper(paper=made, reason="Nhầm", on=ON, by=cast.chair)


def test_the_code_proves_the_paper_and_nothing_else(cast, fund, donor):
    made = receipt(cast, give(cast, fund, donor))
    other = receipt(cast, give(cast, fund, donor))
    token = token_of(made)
    found = look_up(token)
    assert found is not None
    assert (found.sign, found.unit, found.issued_on, found.amount_vnd, found.is_valid) == (
        "PT-00001/2024",
        "Hội xã Hy Cương",
        ON,
        500_000,
        True,
    )
    forged = f"{token_of(other).partition('.')[0]}.{token.partition('.')[2]}"
    assert [look_up(wrong) for wrong in (forged, token[:-1], "", "1.x", f"zzzzzzzzzzzz.{token[-43:]}")] == [None] * 5
    void_paper(paper=made, reason="Nhầm", on=ON, by=cast.chair)
    found = look_up(token)
    assert found is not None
    assert (found.is_valid, found.voided_on) == (False, ON)


def test_a_document_is_asked_for_once_and_holds_one_kind(cast, fund, donor):
    gift = give(cast, fund, donor)
    papers = [receipt(cast, gift)]
    letter = issue_paper(kind="letter", subject=gift, on=ON, by=cast.clerk)

    def ask(papers, key="k"):
        return ask_for_papers(papers=papers, address="https://hkh.example.vn", key=key, by=cast.cashier)

    assert ask(papers) == ask(papers)
    for wrong, code in (([], "paper_none"), ([*papers, letter], "paper_kinds"), (papers * 1_001, "paper_many")):
        with pytest.raises(ValidationError) as refusal:
            ask(wrong, key=code)
        assert refusal.value.code == code
    assert Job.objects.count() == 1
