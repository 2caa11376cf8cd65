"""Members by sheet: who is new, who is known, what is refused and why."""

from __future__ import annotations

from datetime import date

import pytest

from hkh.core.sheets.staging import REFUSED
from hkh.imports.models import RunState
from hkh.imports.queries import rows_of
from members.models import Member, Membership
from tests.cast import Cast, a_province, make_unit
from tests.imports.sheets import bring_in, causes, confirm, hand_in, told, work_of, workbook

pytestmark = pytest.mark.django_db

HEAD = ("Họ và tên", "Ngày sinh", "Điện thoại", "Mã chi hội", "Ngày vào hội")


@pytest.fixture
def cast() -> Cast:
    return a_province()


def rows(cast: Cast) -> list[tuple[object, ...]]:
    code = cast.branch.code
    return [
        ("Nguyễn Văn An", "2/9/1958", "0912 345 678", code, "26/3/2015"),
        ("TRẦN THỊ BÌNH", 1960, 912345679, code, "26/3/2015"),
        ("Lê Văn Cường", None, None, code, 2016),
    ]


def test_new_members_come_in_as_the_verb_would_enter_them(cast: Cast) -> None:
    run = hand_in("members", workbook(HEAD, *rows(cast)), by=cast.clerk)
    assert (run.state, told(run), work_of(run).error) == (RunState.CHECKED, (3, 0, 0, 0), "")
    assert Member.unscoped.count() == 0

    run = confirm(run, by=cast.clerk)

    assert (run.state, work_of(run).error) == (RunState.APPLIED, "")
    found = Membership.unscoped.order_by("member__pk").values_list(
        "member__full_name", "member__birth_date", "member__birth_year", "member__phone", "unit", "joined_on", "left_on"
    )
    pk = cast.branch.pk
    assert list(found) == [
        ("Nguyễn Văn An", date(1958, 9, 2), 1958, "0912 345 678", pk, date(2015, 3, 26), None),
        ("Trần Thị Bình", None, 1960, "0912345679", pk, date(2015, 3, 26), None),
        ("Lê Văn Cường", None, None, "", pk, date(2016, 1, 1), None),
    ]
    assert run.made == {"member": [[Member.unscoped.order_by("pk")[0].pk, Member.unscoped.order_by("-pk")[0].pk + 1]]}


def test_a_row_without_a_name_is_refused(cast: Cast) -> None:
    run = hand_in("members", workbook(HEAD, *rows(cast), ("12345", 1960, None, cast.branch.code, 2016)), by=cast.clerk)
    assert causes(run) == {"no_name": [5]}
    _headings, shown = rows_of(run, REFUSED)
    assert [row.reasons for row in shown] == [
        ["“12345” không phải là họ tên: không có chữ cái nào. Hãy ghi đầy đủ họ tên."]
    ]


def test_the_same_file_twice_changes_nothing(cast: Cast) -> None:
    content = workbook(HEAD, *rows(cast))
    bring_in("members", content, by=cast.clerk)

    again = hand_in("members", content, by=cast.clerk)

    assert (told(again), again.groups[0]["refuses"] if again.groups else None) == ((0, 0, 3, 0), False)
    assert Member.unscoped.count() == 3


def test_a_card_number_of_another_commune_tells_nothing_of_its_bearer(cast: Cast) -> None:
    member = Member.unscoped.create(
        full_name="Phạm Văn Kín", birth_date=date(1955, 5, 5), birth_year=1955, phone="0999 888 777", card_number="PT-7"
    )
    unit = make_unit("Chi hội khu 9", tier=cast.branch.tier, parent=cast.elsewhere)
    Membership.unscoped.create(member=member, unit=unit, joined_on=date(2011, 1, 1))
    said = [
        ("Ai Đó", 1900, "0912 345 678", cast.branch.code, "26/3/2015", "PT-7"),
        ("Ai Đó Nữa", "1/1/2012", None, cast.branch.code, "26/3/2015", "PT-7"),
    ]

    run = hand_in("members", workbook((*HEAD, "Số thẻ"), *said), by=cast.clerk)

    assert causes(run) == {"card_taken": [2, 3]}
    _headings, shown = rows_of(run, REFUSED)
    assert [row.changes for row in shown] == [[], []]
