"""What a letter says that gifts became."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import translation

from funds.actions import issue_paper
from funds.aftermath import became_told
from funds.models import Fund
from funds.papers.printing import papers_html
from tests.cast import make_expense, make_fund
from tests.scholarships.rows import hand_out, make_approved, make_round
from tests.scholarships.tracing.test_queries import cast as cast
from tests.scholarships.tracing.test_queries import give


@pytest.fixture
def fund(cast) -> Fund:
    return make_fund(cast.here)


def test_a_letter_tells_the_latest_first_and_names_no_recipient(fund):
    gift = give(fund, 1_000_000, 10)
    round_ = make_round(fund)
    named = make_approved(round_, count=1, unit_value_vnd=200_000, recipient_name="Bùi Thị Hương")
    lot = make_approved(round_, count=4, unit_value_vnd=100_000)
    hand_out(round_, (named, 1), on=date(2024, 2, 5))
    hand_out(round_, (lot, 3), on=date(2024, 2, 6))
    make_expense(fund, 50_000, date(2024, 2, 7))
    with translation.override("en"):
        told = became_told({7: [gift.pk]})
    assert told == {
        7: [
            "Góp vào 3 suất trao ngày 06/02/2024, đợt “Tiếp sức năm học 2023-2024”: 300.000 đồng",
            "Góp vào 1 suất trao ngày 05/02/2024, đợt “Tiếp sức năm học 2023-2024”: 200.000 đồng",
            "Chi cho các hoạt động khuyến học khác: 50.000 đồng",
            "Còn trong quỹ, sẽ tiếp tục dùng cho khuyến học: 450.000 đồng",
        ]
    }


def test_a_gift_that_paid_nothing_yet_has_nothing_to_tell(fund):
    assert became_told({7: [give(fund, 1_000_000, 10).pk], 8: []}) == {}


def test_a_long_story_is_cut(fund):
    gift = give(fund, 800_000, 10)
    for _n in range(8):
        round_ = make_round(fund)
        hand_out(round_, (make_approved(round_, count=1, unit_value_vnd=100_000), 1))
    told = became_told({7: [gift.pk]})[7]
    assert len(told) == 7
    assert told[-1] == "Góp vào 2 suất của 2 lần trao trước đó: 200.000 đồng"


@pytest.mark.parametrize("count", [1, 3])
def test_many_letters_cost_what_one_does(fund, count, django_assert_num_queries):
    gifts = {n: [give(fund, 100_000, 10 + n).pk] for n in range(count)}
    round_ = make_round(fund)
    hand_out(round_, (make_approved(round_, count=count, unit_value_vnd=100_000), count))
    with django_assert_num_queries(3):
        assert len(became_told(gifts)) == count


def test_the_thank_you_letter_says_it(cast, fund):
    gift = give(fund, 1_000_000, 10)
    round_ = make_round(fund)
    hand_out(round_, (make_approved(round_, count=4, unit_value_vnd=100_000), 3))
    letter = issue_paper(kind="letter", subject=gift, on=date(2024, 6, 3), by=cast.accountant)
    html = papers_html([letter], address="https://hkh.example.vn")
    assert "Đến nay, tấm lòng ấy đã trở thành:" in html
    assert "3 suất trao ngày" in html
    receipt = issue_paper(kind="receipt", subject=gift, on=date(2024, 6, 3), by=cast.accountant)
    assert "tấm lòng ấy" not in papers_html([receipt], address="https://hkh.example.vn")
