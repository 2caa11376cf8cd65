"""Cards: whose they are, their numbers, their signature, and the sheets as they come out of the printer."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from typing import Any

import pytest
import segno
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from hkh.core.models import Job
from hkh.core.qr import code_svg
from members.actions import ask_for_cards, give_card_numbers
from members.actions import cards as verbs
from members.cards import Card, CardState, Genuine, carriers, initials, look_up, token_of
from members.cards.printing import card_address, render_sheet, sheet_html
from members.models import CardSeries, Member, Unit, User
from tests.cast import Cast, make_unit
from tests.core.test_pdf import font_dictionaries, fonts_of
from tests.members.rows import make_member

ADDRESS = "https://hkh.example.vn"


@pytest.fixture(autouse=True)
def today(settings) -> None:
    settings.HKH_TODAY = "2026-06-30"
    settings.LANGUAGE_CODE = "en"


def numbers(unit: Unit) -> dict[str, str]:
    rows = Member.unscoped.filter(memberships__unit=unit, memberships__left_on=None)
    return dict(rows.values_list("full_name", "card_number"))


# Numbers


def test_numbers_go_on_from_the_last_of_the_unit_in_the_order_of_joining_and_names(cast: Cast) -> None:
    make_member(cast.branch, "Lê Văn Bình", joined_on=date(2020, 1, 1))
    make_member(cast.branch, "Đỗ Thị Ánh", joined_on=date(2020, 1, 1))
    make_member(cast.branch, "Trần Thị Cúc", joined_on=date(2019, 1, 1))
    make_member(cast.branch, "Hà Văn Dũng", joined_on=date(2018, 1, 1), card_number="PT7")
    make_member(cast.branch, "Phan Văn Em", left_on=date(2024, 1, 1), leave_reason="left")
    assert give_card_numbers(unit=cast.here, by=cast.clerk) == 3
    prefix = cast.branch.code
    assert numbers(cast.branch) == {
        "Trần Thị Cúc": f"{prefix}-0001",
        "Đỗ Thị Ánh": f"{prefix}-0002",
        "Lê Văn Bình": f"{prefix}-0003",
        "Hà Văn Dũng": "PT7",
    }
    assert Member.unscoped.get(full_name="Phan Văn Em").card_number == ""
    assert give_card_numbers(unit=cast.branch, by=cast.clerk) == 0
    make_member(cast.branch, "Vũ Thị Giang")
    give_card_numbers(unit=cast.branch, by=cast.clerk)
    assert numbers(cast.branch)["Vũ Thị Giang"] == f"{prefix}-0004"


def test_numbers_typed_by_hand_are_left_out(cast: Cast) -> None:
    for n in (1, 2, 4):
        make_member(cast.branch, f"Người {n}", card_number=f"{cast.branch.code}-{n:04d}")
    for n in range(3):
        make_member(cast.branch, f"Mới {n}")
    give_card_numbers(unit=cast.branch, by=cast.clerk)
    given = {number for name, number in numbers(cast.branch).items() if name.startswith("Mới")}
    assert given == {f"{cast.branch.code}-{n:04d}" for n in (3, 5, 6)}
    assert CardSeries.unscoped.get(unit=cast.branch).last_number == 6


def test_each_unit_counts_its_own_and_long_codes_are_cut_to_fit(cast: Cast) -> None:
    code = "PT-257-08344-B01-N25071-EXTRA"
    long = make_unit("Chi hội mã dài", tier=cast.branch.tier, parent=cast.here, code=code)
    twin = make_unit("Chi hội mã dài nữa", tier=cast.branch.tier, parent=cast.here, code=f"X{code}")
    for unit in (cast.branch, long, twin):
        make_member(unit, f"Của {unit.code}")
    give_card_numbers(unit=cast.here, by=cast.clerk)
    assert list(numbers(cast.branch).values()) == [f"{cast.branch.code}-0001"]
    # Both end alike: the second goes on where the first has been.
    assert {*numbers(long).values(), *numbers(twin).values()} == {"8344B01N25071EXTRA-0001", "8344B01N25071EXTRA-0002"}


def test_numbers_are_for_who_edits_members(cast: Cast) -> None:
    make_member(cast.branch)
    with pytest.raises(PermissionDenied):
        give_card_numbers(unit=cast.branch, by=cast.viewer)
    with pytest.raises(Http404):
        give_card_numbers(unit=cast.branch, by=cast.outsider)
    assert numbers(cast.branch) == {"Nguyễn Thị Hương": ""}


# Asking


def ask(cast: Cast, **facts: Any) -> Job:
    said = {
        "unit": cast.here,
        "state": "without",
        "gives_numbers": True,
        "address": ADDRESS,
        "key": "k",
        "by": cast.clerk,
    }
    return ask_for_cards(**{**said, **facts})


def test_asked_twice_it_is_made_once(cast: Cast) -> None:
    make_member(cast.branch)
    assert ask(cast) == ask(cast)
    assert ask(cast, key="other") != ask(cast)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"state": "with"}, "there is no card to make"),
        ({"state": "all", "gives_numbers": False}, "there is no card to make"),
        ({"gives_numbers": False}, "Tick the box"),
        ({"state": "lost"}, "Choose for whom"),
    ],
)
def test_refused_with_a_sentence(cast: Cast, facts: dict[str, Any], sentence: str) -> None:
    make_member(cast.branch)
    with pytest.raises(ValidationError, match=sentence):
        ask(cast, **facts)
    assert not Job.objects.exists()


def test_more_than_the_limit_is_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verbs, "MOST_CARDS", 2)
    for n in range(3):
        make_member(cast.branch, f"Người {n}")
    with pytest.raises(ValidationError, match="has more than 2 such members"):
        ask(cast)
    with pytest.raises(ValidationError, match="has more than 2 such members"):
        give_card_numbers(unit=cast.here, by=cast.clerk)
    assert set(numbers(cast.branch).values()) == {""}


def test_who_may_ask(cast: Cast) -> None:
    make_member(cast.branch)

    def refused(by: User, error: type[Exception]) -> None:
        with pytest.raises(error):
            ask(cast, by=by)

    refused(cast.viewer, PermissionDenied)
    refused(cast.outsider, Http404)


def test_carriers_are_members_today_by_what_is_on_record(cast: Cast) -> None:
    make_member(cast.branch, "Có thẻ", card_number="PT1")
    make_member(cast.branch, "Chưa có")
    make_member(cast.branch, "Đã ra", left_on=date(2025, 1, 1), leave_reason="left")
    names = {state: set(carriers(cast.here, state).values_list("member__full_name", flat=True)) for state in CardState}
    assert names == {"with": {"Có thẻ"}, "without": {"Chưa có"}, "all": {"Có thẻ", "Chưa có"}}


# Genuine or not


def test_a_card_is_genuine_until_it_is_replaced_and_valid_while_its_bearer_is_a_member(cast: Cast) -> None:
    member = make_member(cast.branch, card_number="PT1")
    token = token_of(member.pk, "PT1")
    assert look_up(token) == Genuine("N.T.H.", "Chi hội khu 1", is_valid=True)
    member.memberships.update(left_on=date(2026, 6, 30), leave_reason="left")
    assert look_up(token) == Genuine("N.T.H.", "Chi hội khu 1", is_valid=False)
    Member.unscoped.filter(pk=member.pk).update(card_number="PT2")
    assert look_up(token) is None
    assert look_up(token_of(member.pk, "PT2")) is not None


def test_nobody_makes_up_a_card(cast: Cast, settings) -> None:
    one, other = make_member(cast.branch, card_number="PT1"), make_member(cast.branch, "Người khác", card_number="PT2")
    token = token_of(one.pk, "PT1")
    head, signature = token.split(".")
    other_head = token_of(other.pk, "PT2").split(".")[0]
    forged = [
        "",
        "abc",
        head,
        f"{other_head}.{signature}",
        f"{head}.{signature[:-1]}",
        f"{head}.{'A' * 43}",
        f"zzzzzzzzzzzz.{signature}",
        token_of(one.pk, ""),
    ]
    assert [look_up(one) for one in forged] == [None] * len(forged)
    settings.SECRET_KEY = "another installation"
    assert look_up(token) is None


@given(st.text(max_size=70))
def test_nothing_typed_breaks_the_check(text: str) -> None:
    if not re.fullmatch(r"[0-9a-z]{1,12}\.[A-Za-z0-9_-]{43}", text):
        assert look_up(text) is None


def test_initials() -> None:
    assert [initials(name) for name in ("Nguyễn Thị Hương", "đỗ  an", "Ý")] == ["N.T.H.", "Đ.A.", "Ý."]


# On paper


def card(n: int = 0, **facts: Any) -> Card:
    said = {
        "member_id": n + 1,
        "number": f"PT-08344-B01-{n:04d}",
        "full_name": f"Nguyễn Thị Ngọc Ánh {n}",
        "born": "02/09/1958",
        "unit": "Chi hội khuyến học khu dân cư số 5 xã Tiên Lương",
        "since": date(2010, 1, 2),
    }
    return Card(**{**said, **facts})


def modules(svg: str) -> list[list[bool]]:
    """What is dark in a drawn code, read back from its path."""
    size = int(re.search(r'viewBox="-4 -4 (\d+) \d+"', svg)[1]) - 8  # type: ignore[index]
    drawn = [[False] * size for _ in range(size)]
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", svg):
        for column in range(int(x), int(x) + int(width)):
            drawn[int(y)][column] = True
    return drawn


def test_the_code_on_the_card_is_the_address_that_proves_it(cast: Cast) -> None:
    member = make_member(cast.branch, card_number="PT1")
    one = card(member_id=member.pk, number="PT1")
    (svg,) = re.findall(r"<svg class=\"code\".*?</svg>", sheet_html([one], address=ADDRESS, title="Thẻ"))
    address = f"{ADDRESS}/the/{token_of(member.pk, 'PT1')}/"
    assert card_address(one, ADDRESS) == address
    assert modules(svg) == [[bool(module) for module in row] for row in segno.make(address, error="m").matrix]
    assert modules(code_svg("another", label="")) != modules(svg)


def test_ten_cards_a_page_with_embedded_fonts_and_text_that_can_be_read() -> None:
    cards = [card(n) for n in range(21)]
    cards[3] = card(3, full_name="Công Tằng Tôn Nữ Hoàng Thị Phương Thảo Nguyên Bảo Khánh Linh", born="")
    document = PdfReader(BytesIO(render_sheet(cards, address=ADDRESS, title="Thẻ hội viên")))
    texts = [re.sub(r"\s+", " ", page.extract_text()) for page in document.pages]
    assert [text.count("Ngày vào hội: 02/01/2010") for text in texts] == [10, 10, 1]
    assert [round(float(side) * 25.4 / 72) for side in document.pages[0].mediabox[2:]] == [210, 297]
    for n, one in enumerate(cards):
        assert one.full_name in texts[n // 10]
        assert f"Số {one.number}" in texts[n // 10]
    assert texts[0].count("Ngày sinh: 02/09/1958") == 9
    assert all(name.startswith("Be-Vietnam-Pro") for name in fonts_of(document))
    for font in font_dictionaries(document):
        assert "/FontFile2" in font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
