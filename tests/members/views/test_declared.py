"""The forms by which units declare, and the page of what they declared."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from members.models import ReportedHeadcount, TitleCount, Unit, User
from tests.cast import Cast, make_unit
from tests.members.rows import make_member

DAY = date(2026, 3, 31)


@pytest.fixture(autouse=True)
def today(settings) -> None:
    settings.HKH_TODAY = "2026-06-15"
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def clerk(cast: Cast, client: Client) -> Client:
    client.force_login(cast.clerk)
    return client


def form_of(client: Client, unit: Unit, **query: str) -> Any:
    return client.get(reverse("members:headcount-declare", args=[unit.code]), query).context["form"]


def filled(form: Any, **typed: str) -> dict[str, str]:
    """The form as a browser sends it, with ``typed`` typed into it."""
    shown = {field.html_name: field.value() for field in form}
    shown = {name: "" if value is None else str(value) for name, value in shown.items()}
    day = form.initial["counted_on"]
    return {**shown, "counted_on": day.strftime("%d/%m/%Y"), "seen_on": day.isoformat(), **typed}


def send(client: Client, unit: Unit, posted: dict[str, str]) -> Any:
    return client.post(reverse("members:headcount-declare", args=[unit.code]), posted)


def stored(unit: Unit) -> list[tuple[Any, ...]]:
    rows = ReportedHeadcount.unscoped.filter(unit=unit).order_by("counted_on", "revision")
    return list(rows.values_list("counted_on", "revision", "members", "women", "minority"))


def test_the_form_of_a_commune_has_a_line_a_branch_beside_its_list(cast: Cast, clerk: Client) -> None:
    other = make_unit("Chi hội khu 2", tier=cast.branch.tier, parent=cast.here)
    make_unit("Chi hội Tu Vũ", tier=cast.branch.tier, parent=cast.elsewhere)
    make_member(cast.branch)
    make_member(cast.branch, left_on=date(2026, 3, 31))
    form = form_of(clerk, cast.here)
    assert form.initial["counted_on"] == DAY
    assert [(row.label, row.beside) for row in form.rows] == [(cast.branch.name, ["1"]), (other.name, ["0"])]

    name = f"members_{cast.branch.pk}"
    answer = send(clerk, cast.here, filled(form, **{name: "1.200", f"women_{cast.branch.pk}": "600"}))
    assert answer["Location"] == f"{reverse('declared:headcount-page')}?unit={cast.here.code}&period=2026-Q1"
    assert stored(cast.branch) == [(DAY, 1, 1200, 600, None)]
    assert stored(other) == []


@pytest.mark.parametrize("branch_count", [1, 3])
def test_the_form_takes_as_many_queries_for_one_branch_as_for_three(
    cast: Cast, clerk: Client, branch_count: int, django_assert_num_queries
) -> None:
    for n in range(2, branch_count + 1):
        make_unit(f"Chi hội khu {n}", tier=cast.branch.tier, parent=cast.here)
    address = reverse("members:headcount-declare", args=[cast.here.code])
    clerk.get(address)
    with django_assert_num_queries(8):
        form = clerk.get(address).context["form"]
    assert len(form.rows) == branch_count


def test_a_number_is_corrected_and_taken_back(cast: Cast, clerk: Client) -> None:
    name = f"members_{cast.branch.pk}"
    for typed in ("120", "118", ""):
        form = form_of(clerk, cast.branch, ngay="2026-03-31")
        answer = send(clerk, cast.branch, filled(form, **{name: typed}))
        assert answer["Location"] == reverse("members:headcount-history", args=[cast.branch.code])
    assert [row[1:3] for row in stored(cast.branch)] == [(1, 120), (2, 118), (3, None)]
    rows = clerk.get(answer["Location"]).context["rows"]
    assert [(row.members, is_corrected) for row, is_corrected in rows] == [(None, False), (118, True), (120, True)]


def test_sent_twice_it_is_saved_once(cast: Cast, clerk: Client) -> None:
    posted = filled(form_of(clerk, cast.branch), **{f"members_{cast.branch.pk}": "120"})
    assert [send(clerk, cast.branch, posted).status_code for _ in range(2)] == [302, 302]
    assert stored(cast.branch) == [(DAY, 1, 120, None, None)]


def test_what_somebody_else_entered_is_shown_before_it_is_replaced(cast: Cast, clerk: Client) -> None:
    name = f"members_{cast.branch.pk}"
    first, second = form_of(clerk, cast.branch), form_of(clerk, cast.branch)
    send(clerk, cast.branch, filled(first, **{name: "120"}))
    answer = send(clerk, cast.branch, filled(second, **{name: "90"}))
    assert answer.status_code == 200
    again = answer.context["form"]
    (error,) = again.errors[name]
    assert error == "For 31/03/2026 120 have been reported already (Clerk). Save again to correct that."
    assert again[name].value() == "90"
    assert len(stored(cast.branch)) == 1
    shown = {field.html_name: str(field.value() or "") for field in again}
    assert send(clerk, cast.branch, shown).status_code == 302
    assert [row[1:3] for row in stored(cast.branch)] == [(1, 120), (2, 90)]


def test_another_day_chosen_in_the_form_does_not_overwrite_that_day_unseen(cast: Cast, clerk: Client) -> None:
    name = f"members_{cast.branch.pk}"
    send(clerk, cast.branch, filled(form_of(clerk, cast.branch), **{name: "120"}))
    form = form_of(clerk, cast.branch, ngay="2026-06-01")
    answer = send(clerk, cast.branch, filled(form, **{name: "90", "counted_on": "31/3/2026"}))
    assert name in answer.context["form"].errors
    answer = send(clerk, cast.branch, filled(form, **{name: "", "counted_on": "31/3/2026"}))
    assert answer.status_code == 302
    assert stored(cast.branch) == [(DAY, 1, 120, None, None)]


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        (
            {"members": "12,5"},
            "members",
            "Write a whole number, for example 120; leave it empty where it is not known.",
        ),
        ({"members": "-3"}, "members", "Write a whole number, for example 120; leave it empty where it is not known."),
        ({"members": "99.999.999"}, "members", "Check the number: 99,999,999."),
        ({"women": "3"}, "women", "Write the number of members too."),
        ({"members": "5", "minority": "6"}, "minority", "At most 5: they are counted among the members."),
        ({"members": "5", "counted_on": "1/7/2026"}, "counted_on", "01/07/2026 has not come yet."),
        ({"members": "5", "counted_on": "1/1/1990"}, "counted_on", "does not exist on that day"),
        ({"members": "5", "source": ""}, "source", "Choose where the numbers come from."),
    ],
)
def test_what_cannot_be_saved_says_why_and_stays(
    cast: Cast, clerk: Client, typed: dict[str, str], field: str, sentence: str
) -> None:
    def name(of: str) -> str:
        return f"{of}_{cast.branch.pk}" if of in ("members", "women", "minority") else of

    posted = {name(key): value for key, value in typed.items()}
    answer = send(clerk, cast.branch, filled(form_of(clerk, cast.branch), **posted))
    assert answer.status_code == 200
    form = answer.context["form"]
    assert sentence in " ".join(form.errors.get(name(field), form.non_field_errors()))
    assert all(form[key].value() == value for key, value in posted.items())
    assert stored(cast.branch) == []


def test_a_unit_without_any_that_hold_members_says_where_to_look(cast: Cast, client: Client) -> None:
    client.force_login(cast.administrator)
    answer = client.get(reverse("members:headcount-declare", args=[cast.province.code]))
    assert "No unit directly below holds members" in answer.content.decode()


@pytest.mark.parametrize("door", ["headcount-declare", "headcount-history", "title-declare"])
def test_doors(cast: Cast, client: Client, door: str) -> None:
    def status(user: User, unit: Unit) -> int:
        client.force_login(user)
        return client.get(reverse(f"members:{door}", args=[unit.code])).status_code

    assert status(cast.clerk, cast.branch) == 200
    assert status(cast.viewer, cast.branch) == (200 if door == "headcount-history" else 403)
    assert status(cast.outsider, cast.branch) == 404


def title_form(client: Client, unit: Unit, year: int) -> Any:
    return client.get(reverse("members:title-declare", args=[unit.code]), {"nam": str(year)}).context["form"]


def send_titles(client: Client, unit: Unit, year: int, form: Any, **typed: str) -> Any:
    shown = {field.html_name: "" if field.value() is None else str(field.value()) for field in form}
    return client.post(f"{reverse('members:title-declare', args=[unit.code])}?nam={year}", {**shown, **typed})


def test_titles_are_entered_beside_last_years(cast: Cast, clerk: Client) -> None:
    for year, recognised in ((2024, "350"), (2025, "380")):
        form = title_form(clerk, cast.here, year)
        typed = {"total_family": "500", "registered_family": "400", "recognised_family": recognised}
        answer = send_titles(clerk, cast.here, year, form, **typed)
        assert answer["Location"] == f"{reverse('declared:title-page')}?unit={cast.here.code}&period={year}"
    assert title_form(clerk, cast.here, 2025).rows[0].beside == ["500 / 400 / 350"]
    rows = TitleCount.unscoped.order_by("year").values_list("year", "title", "total", "registered", "recognised")
    assert list(rows) == [(2024, "family", 500, 400, 350), (2025, "family", 500, 400, 380)]


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"total_clan": "5"}, "registered_clan", "Write how many; 0 where there is none."),
        ({"registered_clan": "5"}, "total_clan", "Write how many there are in all."),
        (
            {"total_clan": "5", "registered_clan": "6", "recognised_clan": "0"},
            "registered_clan",
            "At most 5: so many there are in all.",
        ),
    ],
)
def test_titles_that_cannot_be_saved_say_why(
    cast: Cast, clerk: Client, typed: dict[str, str], field: str, sentence: str
) -> None:
    answer = send_titles(clerk, cast.here, 2025, title_form(clerk, cast.here, 2025), **typed)
    assert answer.context["form"].errors[field] == [sentence]
    assert not TitleCount.unscoped.exists()


def test_a_year_to_come_or_no_year_is_this_year(cast: Cast, clerk: Client) -> None:
    for asked in (2027, 1800, "x"):
        answer = clerk.get(reverse("members:title-declare", args=[cast.here.code]), {"nam": str(asked)})
        assert answer.context["title"] == "Titles of the learning society, 2026"
