"""What the traces say on their pages, and to whom."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from funds.actions import record_donation, void_donation
from funds.models import Donation, DonationForm, Fund
from tests.cast import make_donor, make_expense, make_fund, make_transfer
from tests.scholarships.rows import hand_out, make_approved, make_round, root


def give(fund: Fund, amount_vnd: int, *, name: str = "Bà Tâm", **facts) -> Donation:
    return record_donation(
        unit=fund.unit,
        fund=fund,
        donor=facts.pop("donor", None) or make_donor(fund.unit, name, **facts),
        amount_vnd=amount_vnd,
        received_on=date(2024, 1, 5),
        form=DonationForm.CASH,
        by=root(),
    )


@pytest.fixture
def empty_fund(cast) -> Fund:
    return make_fund(cast.here, "Quỹ vì em")


def given_out(fund: Fund, amount_vnd: int, **facts):
    round_ = make_round(fund, **facts)
    return hand_out(round_, (make_approved(round_, count=2, unit_value_vnd=amount_vnd // 2), 2))


def rows(answer) -> list[list[str]]:
    """The rows as they read, links aside."""
    return [
        [str(cell).split(">")[-2].split("<")[0] if "<" in str(cell) else str(cell) for cell in row]
        for row in answer.context["rows"]
    ]


def key(answer) -> list[tuple[str, str, str]]:
    return [(str(part.label), part.text, part.share) for part in answer.context["parts"]]


def ask(client, name: str, pk: int, **headers):
    return client.get(reverse(f"scholarships:{name}", args=[pk]), **headers)


def test_a_gift_shows_what_it_paid_and_what_is_left(client, cast, empty_fund):
    gift = give(empty_fund, 1_000_000)
    given_out(empty_fund, 250_000)
    make_expense(empty_fund, 50_000, date(2024, 2, 6), note="In giấy khen")
    client.force_login(cast.viewer)
    answer = ask(client, "gift-trace", gift.pk)
    assert key(answer) == [
        ("Handed out", "250,000 đồng", "25.0%"),
        ("Other spending", "50,000 đồng", "5.0%"),
        ("Still in the fund", "700,000 đồng", "70.0%"),
    ]
    assert rows(answer) == [
        ["Other spending · In giấy khen", "06/02/2024", "–", "50,000"],
        ["Tiếp sức năm học 2023-2024 · Hội xã Hy Cương", "05/02/2024", "2", "250,000"],
    ]


def test_a_donor_sees_all_gifts_together_and_a_long_trace_is_cut(client, cast, empty_fund):
    donor = make_donor(cast.here, "Bà Tâm")
    for _n in range(2):
        give(empty_fund, 700_000, donor=donor)
    for _n in range(14):
        given_out(empty_fund, 100_000)
    client.force_login(cast.viewer)
    answer = ask(client, "donor-trace", donor.pk)
    assert key(answer) == [("Handed out", "1,400,000 đồng", "100.0%")]
    assert len(rows(answer)) == 13
    assert rows(answer)[-1] == ["2 earlier ones", "", "4", "200,000"]


def test_a_voided_gift_says_that_nothing_came_of_it(client, cast, empty_fund):
    gift = give(empty_fund, 1_000_000)
    void_donation(donation=gift, reason="Nhập nhầm", on=date(2024, 1, 6), by=root())
    client.force_login(cast.viewer)
    answer = ask(client, "gift-trace", gift.pk)
    assert answer.context["parts"] == []
    assert "the gift was voided" in answer.content.decode()
    page = client.get(reverse("funds:donation-detail", args=[gift.pk])).content.decode()
    assert reverse("scholarships:gift-trace", args=[gift.pk]) not in page


@pytest.mark.parametrize("name", ["distribution-trace", "round-trace"])
def test_who_contributed_keeps_names_to_those_who_may_see_them(client, cast, empty_fund, name):
    far = make_fund(cast.elsewhere, "Quỹ xã bạn")
    give(far, 100_000, name="Người xã bạn")
    make_transfer(far, empty_fund, 100_000, date(2024, 1, 4 + 2))
    give(empty_fund, 60_000, name="Bà Tâm")
    give(empty_fund, 40_000, name="Giấu Tên", is_anonymous=True)
    held = given_out(empty_fund, 200_000)
    client.force_login(cast.viewer)
    answer = ask(client, name, held.pk if name == "distribution-trace" else held.round_id)
    assert rows(answer) == [["Bà Tâm", "1", "30.0%", "60,000"], ["Benefactors not named", "2", "70.0%", "140,000"]]
    page = answer.content.decode()
    assert ("Người xã bạn" in page, "Giấu Tên" in page) == (False, False)


def test_a_page_of_another_unit_that_the_gift_reached_is_not_named(client, cast, empty_fund):
    far = make_fund(cast.elsewhere, "Quỹ xã bạn")
    gift = give(empty_fund, 100_000)
    make_transfer(empty_fund, far, 100_000, date(2024, 1, 6))
    given_out(far, 100_000, name="Đợt của xã bạn")
    client.force_login(cast.viewer)
    answer = ask(client, "gift-trace", gift.pk)
    assert rows(answer) == [["Tiếp sức cho em đến trường, given by another unit", "05/02/2024", "2", "100,000"]]
    assert "xã bạn" not in answer.content.decode()


def test_the_pages_keep_a_place_for_the_trace_and_ask_for_it_alone(client, cast, empty_fund):
    gift = give(empty_fund, 100_000)
    held = given_out(empty_fund, 100_000)
    client.force_login(cast.viewer)
    for page, trace, pk in (
        ("funds:donation-detail", "gift-trace", gift.pk),
        ("funds:donor-detail", "donor-trace", gift.donor_id),
        ("scholarships:distribution-detail", "distribution-trace", held.pk),
        ("scholarships:round-detail", "round-trace", held.round_id),
    ):
        address = reverse(f"scholarships:{trace}", args=[pk])
        assert f'hx-get="{address}"' in client.get(reverse(page, args=[pk])).content.decode(), page
        assert "<html" not in ask(client, trace, pk, HTTP_HX_REQUEST="true").content.decode()
        assert "<html" in ask(client, trace, pk).content.decode()


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("gift-trace", 8), ("donor-trace", 9), ("round-trace", 9)])
def test_a_trace_costs_the_same_however_much_there_is(
    client, cast, empty_fund, django_assert_num_queries, name, queries, count
):
    donor = make_donor(cast.here, "Bà Tâm")
    gifts = [give(empty_fund, 100_000, donor=donor) for _n in range(count)]
    round_ = make_round(empty_fund)
    for _n in range(count):
        hand_out(round_, (make_approved(round_, count=1, unit_value_vnd=20_000), 1))
    client.force_login(cast.viewer)
    pk = {"gift-trace": gifts[0].pk, "donor-trace": donor.pk, "round-trace": round_.pk}[name]
    with django_assert_num_queries(queries):
        ask(client, name, pk, HTTP_HX_REQUEST="true")
