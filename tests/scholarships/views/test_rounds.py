"""Opening, editing and closing a round through the pages."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from django.urls import reverse

from hkh.core.dates import format_date, today
from scholarships.models import Round, RoundState
from tests.cast import make_fund
from tests.scholarships.rows import make_approved, make_award, make_programme, make_round

ADD = "/trao-tang/mo-dot/"


@pytest.fixture
def page(client, cast):
    client.force_login(cast.officer)
    return client


@pytest.fixture
def typed(cast, fund):
    """What an officer types, as the browser posts it."""
    return {
        "idempotency_key": str(uuid4()),
        "unit": cast.here.code,
        "programme": str(make_programme("vi-em", "Vì em hiếu học").pk),
        "name": "Vì em hiếu học 2024-2025",
        "school_year": "2024-2025",
        "fund": str(fund.pk),
        "opened_on": "1/10/2024",
        "budget_vnd": "5 triệu",
        "quota": "20",
    }


def test_a_round_is_opened_as_typed(page, cast, fund, typed):
    answer = page.post(ADD, typed)
    opened = Round.unscoped.get()
    assert answer["Location"] == reverse("scholarships:round-detail", args=[opened.pk])
    assert (opened.unit, opened.fund, opened.programme.name, opened.name) == (
        cast.here,
        fund,
        "Vì em hiếu học",
        "Vì em hiếu học 2024-2025",
    )
    assert (opened.school_year, opened.opened_on, opened.budget_vnd, opened.quota, opened.opened_by) == (
        "2024-2025",
        date(2024, 10, 1),
        5_000_000,
        20,
        cast.officer,
    )


def test_the_same_form_sent_twice_opens_one_round(page, typed):
    first, second = page.post(ADD, typed), page.post(ADD, typed)
    assert first["Location"] == second["Location"]
    assert Round.unscoped.count() == 1


@pytest.mark.parametrize(
    ("mistake", "errors"),
    [
        ({"programme": ""}, {"programme": ["Choose the programme that the round belongs to."]}),
        ({"name": ""}, {"name": ["Write how the round is called in lists and on documents."]}),
        ({"school_year": "2024"}, {"school_year": ["Write the school year as 2024-2025."]}),
        (
            {"school_year": "2024-2026"},
            {"school_year": ["A school year ends in the year after it begins, as 2024-2025."]},
        ),
        ({"budget_vnd": "0"}, {"budget_vnd": ["The amount must be at least 1 đồng."]}),
        ({"fund": "999999"}, {"fund": ["Select a valid choice. That choice is not one of the available choices."]}),
        (
            {"opened_on": "31/12/1999"},
            {"fund": ["The fund is not open on the day when the round opens. Check the date or choose another fund."]},
        ),
    ],
)
def test_a_mistake_is_said_at_its_field_and_nothing_typed_is_lost(page, typed, mistake, errors):
    typed |= mistake
    form = page.post(ADD, typed).context["form"]
    assert form.errors == errors
    assert {name: form[name].value() for name in ("name", "school_year", "quota")} == {
        name: typed[name] for name in ("name", "school_year", "quota")
    }
    assert Round.unscoped.count() == 0


def test_a_fund_of_another_unit_is_not_offered(page, cast, typed):
    foreign = make_fund(cast.branch, "Quỹ chi hội")
    form = page.post(ADD, typed | {"fund": str(foreign.pk)}).context["form"]
    assert list(form.errors) == ["fund"]


def test_two_people_who_edit_one_round_do_not_overwrite_each_other(page, round_, typed):
    address = reverse("scholarships:round-edit", args=[round_.pk])
    form = page.get(address).context["form"]
    typed |= {"revision": str(form["revision"].value()), "programme": str(round_.programme_id)}
    assert page.post(address, typed | {"name": "Của người thứ nhất"}).status_code == 302
    late = page.post(address, typed | {"name": "Của người thứ hai"})
    assert late.context["form"].non_field_errors() == [
        "Someone else saved this form meanwhile. Open it again to see what changed, then enter yours."
    ]
    assert late.context["form"]["name"].value() == "Của người thứ hai"
    round_.refresh_from_db()
    assert round_.name == "Của người thứ nhất"


def test_the_form_of_a_round_holds_what_was_entered(page, round_):
    form = page.get(reverse("scholarships:round-edit", args=[round_.pk])).context["form"]
    assert {name: form[name].value() for name in ("name", "school_year", "opened_on", "revision")} == {
        "name": "Tiếp sức năm học 2023-2024",
        "school_year": "2023-2024",
        "opened_on": date(2024, 1, 10),
        "revision": 1,
    }


def test_a_round_is_closed_and_opened_again(page, round_):
    page.post(reverse("scholarships:round-close", args=[round_.pk]), {"closed_on": "1/3/2024"})
    round_.refresh_from_db()
    assert (round_.state, round_.closed_on) == (RoundState.CLOSED, date(2024, 3, 1))
    answer = page.get(reverse("scholarships:award-propose", args=[round_.pk]))
    assert answer["Location"] == reverse("scholarships:round-detail", args=[round_.pk])
    page.post(reverse("scholarships:round-reopen", args=[round_.pk]))
    round_.refresh_from_db()
    assert (round_.state, round_.closed_on) == (RoundState.OPEN, None)


def test_a_round_with_proposals_is_not_closed(page, round_, award):
    answer = page.post(reverse("scholarships:round-close", args=[round_.pk]), {"closed_on": format_date(today())})
    assert answer.context["form"].non_field_errors() == [
        "1 proposal still waits. Approve or cancel it, then close the round."
    ]


def names(response) -> list[str]:
    return sorted(round_.name for round_ in response.context["page"].rows)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["Tiếp sức đợt một", "Vì em đợt hai"]),
        ({"q": "tiep suc dot mot"}, ["Tiếp sức đợt một"]),
        ({"q": "vi em hieu hoc"}, ["Vì em đợt hai"]),
        ({"school_year": "2024-2025"}, ["Vì em đợt hai"]),
        ({"state": "proposed"}, ["Vì em đợt hai"]),
        ({"state": "undelivered"}, ["Tiếp sức đợt một"]),
        ({"state": "closed"}, []),
        ({"state": "nonsense", "programme": "nonsense"}, ["Tiếp sức đợt một", "Vì em đợt hai"]),
    ],
)
def test_the_list_is_narrowed_by_what_is_asked(page, fund, asked, found):
    make_approved(make_round(fund, name="Tiếp sức đợt một"))
    other = make_programme("vi-em", "Vì em hiếu học")
    make_award(make_round(fund, name="Vì em đợt hai", programme=other, school_year="2024-2025"))
    assert names(page.get("/trao-tang/", asked)) == found


def test_the_list_of_a_branch_leaves_out_the_commune(page, cast, round_):
    assert names(page.get("/trao-tang/", {"unit": cast.branch.code})) == []
    assert names(page.get("/trao-tang/", {"unit": cast.here.code})) == [round_.name]
