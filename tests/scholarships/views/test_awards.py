"""Proposing, approving and cancelling awards through the pages."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse

from funds.models import AccountKind
from scholarships.models import Award, AwardState, RecipientKind
from tests.cast import balance_vnd, make_fund
from tests.scholarships.rows import make_approved, make_award, make_programme, make_round


def rows(*lines: dict[str, object]) -> dict[str, str]:
    """A proposal of ``lines`` as the browser posts it."""
    posted = {
        "idempotency_key": str(uuid4()),
        "form-TOTAL_FORMS": str(len(lines)),
        "form-INITIAL_FORMS": "0",
    }
    for number, line in enumerate(lines):
        posted |= {f"form-{number}-{name}": str(value) for name, value in line.items()}
    return posted


@pytest.fixture
def lot(cast):
    return {
        "kind": "gift",
        "beneficiary_group": "poor_pupil",
        "unit": cast.here.pk,
        "count": "10",
        "unit_value_vnd": "200.000",
        "pot": "cash",
    }


@pytest.fixture
def named(cast):
    return {
        "kind": "scholarship",
        "beneficiary_group": "good_teacher",
        "unit": cast.branch.pk,
        "recipient_name": " Bùi  Thị Hương ",
        "school": "Trường THCS Hy Cương",
        "grade": "7A",
        "unit_value_vnd": "1 triệu",
        "pot": "cash",
    }


@pytest.fixture
def page(client, cast):
    client.force_login(cast.officer)
    return client


@pytest.fixture
def address(round_):
    return reverse("scholarships:award-propose", args=[round_.pk])


def test_rows_become_proposals(page, cast, round_, address, lot, named):
    answer = page.post(address, rows(lot, named, {"kind": "gift", "unit": cast.here.pk}))
    assert answer["Location"] == reverse("scholarships:round-detail", args=[round_.pk])
    first, second = Award.unscoped.order_by("pk")
    assert (first.unit, first.kind, first.count, first.value_vnd, first.recipient_kind, first.state) == (
        cast.here,
        "gift",
        10,
        2_000_000,
        RecipientKind.PUPIL,
        AwardState.PROPOSED,
    )
    assert (second.unit, second.recipient_name, second.count, second.value_vnd, second.recipient_kind) == (
        cast.branch,
        "Bùi Thị Hương",
        1,
        1_000_000,
        RecipientKind.TEACHER,
    )
    assert (second.school, second.grade, second.proposed_by) == ("Trường THCS Hy Cương", "7A", cast.officer)


def test_the_same_proposal_sent_twice_stands_once(page, address, lot):
    posted = rows(lot)
    page.post(address, posted)
    page.post(address, posted)
    assert Award.unscoped.count() == 1


def test_proposing_on_stays_on_the_form(page, address, lot):
    answer = page.post(address, rows(lot) | {"again": "1"}, follow=True)
    assert answer.redirect_chain == [(address, 302)]
    assert [str(message) for message in answer.context["messages"]] == ["Proposed: 10 awards worth 2,000,000 đồng."]


@pytest.mark.parametrize(
    ("mistake", "errors"),
    [
        ({"count": ""}, {"count": ["Write how many, or the recipient's name."]}),
        ({"unit_value_vnd": ""}, {"unit_value_vnd": ["Write the amount, for example 1.500.000 or 1,5 triệu."]}),
        ({"unit": ""}, {"unit": ["Choose the unit whose pupils, teachers or schools receive."]}),
        ({"unit": "999999"}, {"unit": ["Choose the unit from the list that opens while you type."]}),
        (
            {"recipient_name": "Hà Văn Lặng"},
            {"count": ["A named recipient receives one; leave the name empty for a lot."]},
        ),
    ],
)
def test_a_mistake_is_said_at_its_field_and_nothing_typed_is_lost(page, address, lot, named, mistake, errors):
    answer = page.post(address, rows(named, lot | mistake))
    first, second = answer.context["rows"]
    assert (first.errors, second.errors) == ({}, errors)
    assert (first["grade"].value(), second["pot"].value()) == ("7A", "cash")
    assert Award.unscoped.count() == 0


def test_a_unit_out_of_the_round_is_not_to_be_chosen(page, cast, address, lot):
    answer = page.post(address, rows(lot | {"unit": cast.elsewhere.pk}))
    assert list(answer.context["rows"][0].errors) == ["unit"]


def test_nothing_typed_is_said_as_such(page, address):
    answer = page.post(address, rows({"kind": "gift"}))
    assert answer.context["head"].non_field_errors() == ["Enter at least one award."]


def test_more_lines_can_be_had_without_scripts(page, address, lot):
    answer = page.post(address, rows(lot) | {"more": "1"})
    assert len(answer.context["rows"]) == 6
    assert answer.context["rows"][0]["count"].value() == "10"
    assert Award.unscoped.count() == 0


def test_the_unit_field_finds_what_may_receive(page, cast, round_):
    address = reverse("scholarships:unit-search", args=[round_.pk])
    assert "Hội xã Hy Cương" in page.get(address, {"q": "hy cuong"}).content.decode()
    assert "Hội xã Tu Vũ" not in page.get(address, {"q": "tu vu"}).content.decode()


# A round of a unit above


@pytest.fixture
def call(cast):
    """A round of the province, which the commune's clerk does not see but may propose to."""
    make_programme()
    return make_round(make_fund(cast.province, "Quỹ Đất Tổ", holds_vnd=5_000_000), name="Đợt của tỉnh")


def test_a_unit_below_proposes_to_a_round_it_does_not_see(client, cast, call, lot):
    client.force_login(cast.clerk)
    assert list(client.get("/trao-tang/").context["calls"]) == [call]
    address = reverse("scholarships:award-propose", args=[call.pk])
    assert client.post(address, rows(lot))["Location"] == address
    assert Award.unscoped.get().unit == cast.here
    assert client.get(reverse("scholarships:round-detail", args=[call.pk])).status_code == 404


def test_of_such_a_round_nothing_of_others_is_shown(client, cast, call):
    make_award(call, unit=cast.elsewhere, recipient_name="Hà Văn Lặng", count=1)
    make_award(call, unit=cast.branch, recipient_name="Bùi Thị Hương", count=1)
    client.force_login(cast.clerk)
    text = client.get(reverse("scholarships:award-propose", args=[call.pk])).content.decode()
    assert ("Bùi Thị Hương" in text, "Hà Văn Lặng" in text) == (True, False)
    found = client.get(reverse("scholarships:unit-search", args=[call.pk]), {"q": "hoi xa"}).content.decode()
    assert ("Hội xã Hy Cương" in found, "Hội xã Tu Vũ" in found) == (True, False)


# Approving and cancelling


def test_ticked_awards_are_asked_about_and_approved(client, cast, fund, round_, award):
    other = make_award(round_)
    client.force_login(cast.chair)
    address = reverse("scholarships:award-approve", args=[round_.pk])
    asked = client.get(address, {"award": [award.pk]})
    assert asked.context["question"] == "Approve 10 awards worth 1,000,000 đồng?"
    posted = {"awards": asked.context["form"]["awards"].value(), "approved_on": "1/2/2024"}
    answer = client.post(address, posted)
    assert answer["Location"] == reverse("scholarships:round-detail", args=[round_.pk])
    award.refresh_from_db()
    other.refresh_from_db()
    assert (award.state, award.approved_by, other.state) == (AwardState.APPROVED, cast.chair, AwardState.PROPOSED)
    assert balance_vnd(fund, AccountKind.COMMITTED) == 1_000_000


def test_all_that_wait_can_be_approved_at_once(client, cast, round_, award, approved):
    make_award(round_)
    client.force_login(cast.chair)
    asked = client.get(reverse("scholarships:award-approve", args=[round_.pk]), {"all": "1"})
    assert asked.context["question"] == "Approve 20 awards worth 2,000,000 đồng?"


def test_where_the_fund_falls_short_nothing_is_approved(client, cast, fund, round_, award):
    dear = make_award(round_, unit_value_vnd=1_000_000)
    client.force_login(cast.chair)
    answer = client.post(
        reverse("scholarships:award-approve", args=[round_.pk]),
        {"awards": f"{award.pk},{dear.pk}", "approved_on": "1/2/2024"},
    )
    assert answer.context["form"].non_field_errors() == [
        "The fund holds only 10,000,000 đồng; these 20 awards need 11,000,000 đồng. "
        "Approve fewer awards or choose another fund."
    ]
    assert answer.context["form"]["approved_on"].value() == "1/2/2024"
    assert balance_vnd(fund, AccountKind.COMMITTED) == 0


def test_awards_of_another_round_are_not_taken(client, cast, fund, round_):
    foreign = make_award(make_round(fund))
    client.force_login(cast.chair)
    address = reverse("scholarships:award-approve", args=[round_.pk])
    answer = client.post(address, {"awards": str(foreign.pk), "approved_on": "1/2/2024"})
    assert answer.context["form"].non_field_errors() == ["Choose at least one award."]
    foreign.refresh_from_db()
    assert foreign.state == AwardState.PROPOSED


def test_nothing_ticked_is_said_as_such(client, cast, round_, award):
    client.force_login(cast.chair)
    answer = client.get(reverse("scholarships:award-approve", args=[round_.pk]))
    assert "No award was ticked" in answer.content.decode()


def test_what_was_approved_is_cancelled_and_its_money_free_again(client, cast, fund, round_):
    approved = make_approved(round_)
    client.force_login(cast.chair)
    address = reverse("scholarships:award-cancel", args=[round_.pk])
    posted = {"awards": str(approved.pk), "reason": "Trùng đối tượng", "cancelled_on": "5/2/2024"}
    assert client.post(address, posted).status_code == 302
    approved.refresh_from_db()
    assert (approved.state, balance_vnd(fund, AccountKind.COMMITTED)) == (AwardState.CANCELLED, 0)


def test_who_proposes_may_withdraw_but_not_cancel_what_is_approved(client, cast, round_, award, approved):
    client.force_login(cast.officer)
    address = reverse("scholarships:award-cancel", args=[round_.pk])
    posted = {"reason": "Nhập nhầm", "cancelled_on": "5/2/2024"}
    assert client.post(address, posted | {"awards": str(award.pk)}).status_code == 302
    assert client.post(address, posted | {"awards": str(approved.pk)}).status_code == 403
    award.refresh_from_db()
    approved.refresh_from_db()
    assert (award.state, approved.state) == (AwardState.CANCELLED, AwardState.APPROVED)
