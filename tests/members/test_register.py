"""The register by name: whichever way is taken, the rows are the same."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from hkh.core.text import search_key, sort_key
from members import register
from members.models import Membership
from members.queries import Asked
from members.register import register_page, scope_of
from tests.cast import Cast, make_unit
from tests.members.rows import make_member

FAMILIES = ("Nguyễn", "Trần", "Đặng", "Đỗ", "Hoàng", "Ý")
MIDDLES = ("Thị", "Văn", "Thị Hương", "Đức", "")
GIVEN = ("Hương", "Hường", "Hoa", "Hoà", "Hoàn", "Đông", "Dong", "Ân", "An", "Yến", "Ê Đê")


@pytest.fixture
def people(cast: Cast) -> Cast:
    """A hundred and twenty people of the branch, thirty of another commune."""
    rng = Random("names")
    there = make_unit("Chi hội Tu Vũ", tier=cast.branch.tier, parent=cast.elsewhere)
    for n in range(150):
        name = " ".join(part for part in map(rng.choice, (FAMILIES, MIDDLES, GIVEN)) if part)
        make_member(there if n % 5 == 0 else cast.branch, name, sex=rng.choice("fm"))
    return cast


def by_gathering(monkeypatch: pytest.MonkeyPatch) -> None:
    """The way of small scopes, which is taken by itself here."""


def by_walking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "GATHERED_MEMBERSHIPS", 0)


def by_walking_in_a_great_province(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "GATHERED_UNITS", 0)


def by_walking_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "GATHERED_MEMBERSHIPS", 0)
    monkeypatch.setattr(register, "WALKED", 20)


def by_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "GATHERED_MEMBERSHIPS", 0)
    monkeypatch.setattr(register, "WALKED", 1)
    monkeypatch.setattr(register, "WALKED_ON", 1)


WAYS = (by_gathering, by_walking, by_walking_in_a_great_province, by_walking_on, by_place)
TEXTS = (
    "",
    "huong",
    "HƯƠNG",
    "nguyen thi",
    "Hoa\u0300",
    "d",
    "do",
    "thi huong",
    "y",
    "e de",
    "ngu hu",
    "xyz",
    "%",
    "_",
)


def expected(text: str, rows: Any) -> list[int]:
    """What any search must find, worked out name by name."""
    words = search_key(text).split()

    def fits(name: str) -> bool:
        return all(f" {word}" in f" {search_key(name)}" for word in words)

    found = [row for row in rows.select_related("member") if fits(row.member.full_name)]
    return [row.pk for row in sorted(found, key=lambda row: (sort_key(row.member.full_name), row.member_id, row.pk))]


def pages(rows: Any, text: str, **facts: Any) -> list[list[int]]:
    """All pages forth, each of which must be the one before when one goes back."""
    listed: list[list[int]] = []
    query: dict[str, str] = {}
    before: list[int] | None = None
    while True:
        page = register_page(rows, text, query=query, size=7, **facts)
        ids = [row.pk for row in page.rows]
        if before is not None:
            back = register_page(rows, text, query={"before": page.before}, size=7, **facts)
            assert [row.pk for row in back.rows] == before
        listed.append(ids)
        if not page.after:
            return listed
        query, before = {"after": page.after}, ids


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("way", WAYS)
def test_every_way_finds_the_same_in_the_same_order(people: Cast, monkeypatch, way: Any, text: str) -> None:
    way(monkeypatch)
    rows = Membership.objects.visible_to(people.clerk)
    facts = {"unit": people.here, "user": people.clerk}
    want = expected(text, Membership.unscoped.filter(unit=people.branch))
    assert [pk for page in pages(rows, text, **facts) for pk in page] == want
    assert [pk for page in pages(rows, text, descending=True, **facts) for pk in page] == want[::-1]


@pytest.mark.parametrize("way", WAYS)
def test_the_other_filters_hold_on_every_way(people: Cast, monkeypatch, way: Any) -> None:
    way(monkeypatch)
    rows = Membership.objects.visible_to(people.administrator).filter(member__sex="f")
    page = register_page(
        rows, "huong", unit=people.province, user=people.administrator, query={}, size=200, is_narrowed=True
    )
    want = expected("huong", Membership.unscoped.filter(member__sex="f"))
    assert [row.pk for row in page.rows] == want
    assert (page.count, page.is_more) == (len(want), False)


@pytest.mark.parametrize("way", WAYS)
def test_nobody_out_of_sight_is_found(people: Cast, monkeypatch, way: Any) -> None:
    way(monkeypatch)
    rows = Membership.objects.visible_to(people.outsider)
    found = register_page(rows, "nguyen", unit=people.here, user=people.outsider, query={})
    assert found.rows == []
    theirs = register_page(rows, "", unit=people.elsewhere, user=people.outsider, query={})
    assert len(theirs.rows) == 30


def test_two_memberships_of_one_person_stand_on_two_pages(cast: Cast, monkeypatch) -> None:
    from datetime import date

    member = make_member(cast.branch, "Lê Văn Tám", left_on=date(2021, 1, 1), leave_reason="left")
    Membership.unscoped.create(member=member, unit=cast.branch, joined_on=date(2022, 1, 1))
    rows = Membership.objects.visible_to(cast.clerk)
    want = list(Membership.unscoped.order_by("pk").values_list("pk", flat=True))
    for way in WAYS:
        way(monkeypatch)
        query: dict[str, str] = {}
        found = []
        for _n in range(2):
            page = register_page(rows, "tam", unit=cast.here, user=cast.clerk, query=query, size=1)
            found += [row.pk for row in page.rows]
            query = {"after": page.after}
        assert found == want


def test_a_common_name_is_counted_no_further_than_its_page(people: Cast, monkeypatch) -> None:
    by_walking(monkeypatch)
    rows = Membership.objects.visible_to(people.clerk)
    page = register_page(rows, "nguyen", unit=people.here, user=people.clerk, query={}, size=5)
    assert (page.count, page.is_more, page.counted) == (5, True, "trên 5")


def test_a_card_is_found_by_its_whole_number(people: Cast) -> None:
    member = make_member(people.branch, "Lê Văn Tám", card_number="PT-000007")
    rows = Membership.objects.visible_to(people.clerk)
    for text, found in (("pt-000007", [member.pk]), ("000007", []), ("PT-1", [])):
        page = register_page(rows, text, unit=people.here, user=people.clerk, query={})
        assert [row.member_id for row in page.rows] == found


def test_what_is_asked_is_read(people: Cast) -> None:
    assert Asked.read("  Nguyễn   THỊ nguyễn ") == Asked(words=("nguyen", "thi"))
    assert Asked.read("pt 7") == Asked(card="PT 7")


@pytest.mark.parametrize(
    ("words", "telling"),
    [
        (("nguyen", "thi", "hoa"), "hoa"),
        (("ng", "t", "hu"), "hu"),
        (("nguyen", "thi"), "nguyen"),
        (("le", "lac"), "lac"),
    ],
)
def test_beginnings_of_common_words_tell_as_little(words: tuple[str, ...], telling: str) -> None:
    assert register.telling_word(words) == telling


def test_the_size_of_a_scope(people: Cast, monkeypatch, django_assert_num_queries) -> None:
    scope_of(people.here, people.clerk)
    with django_assert_num_queries(1):
        ids, ever = scope_of(people.here, people.clerk)
    assert (set(ids or ()), ever) == ({people.here.pk, people.branch.pk}, 120)
    assert scope_of(people.elsewhere, people.clerk) == ([], 0)
    monkeypatch.setattr(register, "GATHERED_UNITS", 1)
    assert scope_of(people.here, people.clerk) == (None, 0)
