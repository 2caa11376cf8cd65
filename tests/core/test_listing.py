"""Lists page by page: every row once, in order, forth and back."""

from __future__ import annotations

import pytest
from django.db.models import IntegerField
from django.db.models.functions import Cast

from hkh.core import listing as module
from hkh.core.listing import listing
from members.models import Place

pytestmark = pytest.mark.django_db

SORTS = {
    "name": ("name", "pk"),
    "code": ("code", "pk"),
    "parent": ("parent__name", "pk"),
    "twice": ("twice", "pk"),
}


@pytest.fixture
def places():
    above = [Place.objects.create(uid=f"p{n}", code="0", name=name, level="province") for n, name in enumerate("YX")]
    return [
        Place.objects.create(uid=f"c{n}", code=str(n // 3), name=name, level="commune", parent=above[n % 2])
        for n, name in enumerate("DBACEFG")
    ]


def pages(direction: str, first, **asked):
    """All pages from ``first`` on, following ``direction``, each as a word."""
    words, page = [], first
    while True:
        words.append("".join(place.name for place in page.rows))
        cursor = getattr(page, direction)
        if not cursor:
            return words
        page = ask(**asked, **{direction: cursor})


def ask(**query):
    communes = Place.objects.filter(level="commune").select_related("parent")
    communes = communes.annotate(twice=Cast("code", IntegerField()) * 2)
    return listing(communes, sorts=SORTS, default="name", query=query, size=3)


@pytest.mark.parametrize(
    ("sort", "words"),
    [
        ("name", ["ABC", "DEF", "G"]),
        ("-name", ["GFE", "DCB", "A"]),
        ("code", ["DBA", "CEF", "G"]),
        ("-code", ["GFE", "CAB", "D"]),
        ("parent", ["BCF", "DAE", "G"]),
        ("-twice", ["GFE", "CAB", "D"]),
        ("nonsense", ["ABC", "DEF", "G"]),
    ],
)
def test_each_row_stands_on_one_page_in_order(places, sort, words):
    assert pages("after", ask(sort=sort), sort=sort) == words


def test_the_way_back_shows_the_same_pages(places):
    second = ask(after=ask().after)
    third = ask(after=second.after)
    assert third.after == ""
    assert pages("before", third) == ["G", "DEF", "ABC"]


def test_the_first_page_has_none_before_it_and_the_only_page_none_after(places):
    assert ask().before == ""
    Place.objects.filter(level="commune").exclude(name__in="AB").delete()
    only = ask()
    assert ("".join(place.name for place in only.rows), only.before, only.after) == ("AB", "", "")


def test_rows_that_came_meanwhile_move_no_page(places):
    after = ask().after
    Place.objects.create(uid="new", code="9", name="AA", level="commune", parent=places[0].parent)
    assert "".join(place.name for place in ask(after=after).rows) == "DEF"


@pytest.mark.parametrize("cursor", ["", "x", "bnVsbA", "WzEsMiwzXQ", "%00", "WyJBIiwgIngiXQ"])
def test_a_broken_address_shows_the_first_page(places, cursor):
    assert "".join(place.name for place in ask(after=cursor).rows) == "ABC"


def test_counting_stops_where_it_gets_dear(places, monkeypatch):
    assert (ask().count, ask().is_more, ask().counted) == (7, False, "7")
    monkeypatch.setattr(module, "MOST_COUNTED", 5)
    assert (ask().count, ask().is_more) == (5, True)


@pytest.mark.parametrize("query", [{}, {"sort": "parent"}])
def test_a_page_costs_two_queries(places, query, django_assert_num_queries):
    with django_assert_num_queries(2):
        [place.parent.name for place in ask(**query).rows]
