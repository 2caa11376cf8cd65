"""The page of units with and without a fund, and the boards of a fund."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from funds.models import BoardMember
from tests.cast import make_fund, make_unit

PAGE = "/quy/do-phu/"


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_however_many_units(client, cast, count, django_assert_num_queries):
    for n in range(count):
        make_unit(f"Hội xã {n}", tier=cast.here.tier, parent=cast.province)
    client.force_login(cast.administrator)
    with django_assert_num_queries(13):
        assert client.get(PAGE).status_code == 200


def test_without_a_question_it_lists_who_has_none(client, cast):
    make_fund(cast.here)
    client.force_login(cast.administrator)
    page = client.get(PAGE)
    assert {unit.pk for unit in page.context["page"].rows} == {cast.province.pk, cast.elsewhere.pk, cast.branch.pk}
    assert page.context["all"]["percent"] == 25
    narrowed = client.get(PAGE, {"tier": cast.branch.tier_id, "q": "khu 1"})
    assert [unit.pk for unit in narrowed.context["page"].rows] == [cast.branch.pk]
    with_fund = client.get(PAGE, {"state": "with", "on": "1/1/2001"})
    assert [unit.pk for unit in with_fund.context["page"].rows] == [cast.here.pk]


def test_the_list_ends_at_the_scope(client, cast):
    client.force_login(cast.viewer)
    page = client.get(PAGE)
    assert {unit.pk for unit in page.context["page"].rows} == {cast.here.pk, cast.branch.pk}


def seat(n, **facts):
    row = {"id": "", "body": "council", "name": "", "position": "", "since": "", "until": "", **facts}
    return {f"seats-{n}-{name}": value for name, value in row.items()}


def test_boards_are_seated_in_one_form(client, cast, fund):
    client.force_login(cast.chair)
    address = reverse("funds:board-edit", args=[fund.pk])
    form = {"seats-TOTAL_FORMS": "3", "seats-INITIAL_FORMS": "0"}
    first = seat(0, name="Bà  Lan", position="Chủ tịch", since="1/2/2024") | seat(1) | seat(2)
    assert client.post(address, form | first)["Location"] == reverse("funds:fund-detail", args=[fund.pk])
    row = BoardMember.unscoped.get()
    assert (row.name, row.position, row.since, row.fund) == ("Bà Lan", "Chủ tịch", date(2024, 2, 1), fund)
    assert "Bà Lan" in client.get(reverse("funds:fund-detail", args=[fund.pk])).content.decode()

    both = seat(0, id=row.pk, name="Bà Lan", since="1/2/2024") | seat(
        1, body="control", name="Bà Lan", since="1/3/2024"
    )
    answer = client.post(address, form | both | seat(2))
    assert answer.status_code == 200
    assert "ban kiểm soát cùng lúc" in answer.content.decode() or "at once" in answer.content.decode()
    assert BoardMember.unscoped.get().position == "Chủ tịch"


def test_a_line_that_cannot_be_read_keeps_what_was_typed(client, cast, fund):
    client.force_login(cast.chair)
    form = {"seats-TOTAL_FORMS": "1", "seats-INITIAL_FORMS": "0"} | seat(0, name="Bà Lan", since="31/2/2024")
    page = client.post(reverse("funds:board-edit", args=[fund.pk]), form)
    assert page.status_code == 200
    assert 'value="31/2/2024"' in page.content.decode()
    assert not BoardMember.unscoped.exists()
