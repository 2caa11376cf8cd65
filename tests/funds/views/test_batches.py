"""The grid: typed, refused with everything that stays, kept as a draft, posted."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import translation

from funds.models import Batch, BatchDraft, Donation, Donor, DonorKind
from tests.cast import balance_vnd, make_donor, make_fund
from tests.funds.raw import DAY

ADD, DRAFT = "/quy/ung-ho/theo-lo/", "/quy/ung-ho/theo-lo/nhap/"


@pytest.fixture(autouse=True)
def in_english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def page(client, cast):
    client.force_login(cast.clerk)
    return client


def slip(n, donor, amount, **facts):
    row = {
        "donor": donor,
        "amount_vnd": amount,
        "new_kind": "person",
        "fund": "",
        "document": "",
        "purpose": "",
        **facts,
    }
    return {f"slips-{n}-{name}": value for name, value in row.items()}


@pytest.fixture
def typed(cast, fund, donor):
    return {
        "unit": cast.here.code,
        "idempotency_key": str(uuid4()),
        "received_on": "3/6/2024",
        "form": "cash",
        "fund": str(fund.pk),
        "control_count": "3",
        "control_vnd": "650.000",
        "slips-TOTAL_FORMS": "5",
        "slips-INITIAL_FORMS": "0",
        **slip(0, str(donor.pk), "100.000", document="PT 1"),
        **slip(1, "new:Bà  Tư", "0,5 triệu"),
        **slip(2, "text:công ty  giấy BÃI BẰNG", "50000"),
        **slip(3, "", ""),
        **slip(4, "", ""),
    }


def test_a_batch_is_posted_as_typed(page, cast, fund, donor, typed):
    answer = page.post(ADD, typed)
    batch = Batch.unscoped.get()
    assert answer["Location"] == reverse("funds:batch-detail", args=[batch.pk])
    gifts = batch.donations.order_by("pk").values_list("donor__name", "amount_vnd", "document", "received_on")
    assert list(gifts) == [
        ("Công ty Giấy Bãi Bằng", 100_000, "PT 1", DAY),
        ("Bà Tư", 500_000, "", DAY),
        ("Công ty Giấy Bãi Bằng", 50_000, "", DAY),
    ]
    assert Donor.unscoped.get(name="Bà Tư").kind == DonorKind.PERSON
    assert balance_vnd(fund) == 1_650_000
    assert page.get(answer["Location"]).status_code == 200
    assert page.post(ADD, typed)["Location"] == answer["Location"]
    assert Donation.unscoped.count() == 3


def test_what_disagrees_is_said_and_everything_stays(page, typed):
    answer = page.post(ADD, typed | {"control_vnd": "700.000"})
    assert answer.context["head"].errors == {
        "control_vnd": [
            "The slips come to 700,000 đồng, what is typed to 650,000 đồng: a difference of 50,000 đồng. "
            "Compare the amounts line by line."
        ]
    }
    html = answer.content.decode()
    for stays in ('value="0,5 triệu"', 'value="new:Bà  Tư"', 'value="PT 1"', 'value="700.000"'):
        assert stays in html
    assert not Donation.unscoped.exists()


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"amount_vnd": "-5"}, "amount_vnd", "cannot be less than 0"),
        ({"amount_vnd": "năm trăm"}, "amount_vnd", "“năm trăm” is not an amount"),
        ({"amount_vnd": "1,500"}, "amount_vnd", "can be read in two ways"),
        ({"amount_vnd": "1.000.000.000.000.001"}, "amount_vnd", "is more than 1,000,000,000,000,000 đồng"),
        ({"amount_vnd": ""}, "amount_vnd", "Write the amount"),
        ({"donor": "999999"}, "donor", "Choose the donor from the list"),
        ({"new_kind": "ngo"}, "new_kind", "with its country first"),
    ],
)
def test_a_line_that_cannot_be_read_says_so(page, typed, wrong, field, sentence):
    answer = page.post(ADD, typed | slip(1, **{"donor": "new:Bà Tư", "amount": "500000"} | _renamed(wrong)))
    assert sentence in answer.context["lines"].forms[1].errors[field][0]
    assert not Donation.unscoped.exists()


def _renamed(wrong):
    return {"amount" if name == "amount_vnd" else name: value for name, value in wrong.items()}


def test_a_name_that_several_bear_is_asked_about(page, cast, typed):
    make_donor(cast.here, "Công ty Giấy Bãi Bằng")
    answer = page.post(ADD, typed)
    assert answer.context["lines"].forms[2].errors["donor"] == [
        "2 donors are called “công ty giấy BÃI BẰNG”. Choose one from the list."
    ]


def test_a_fund_of_another_unit_is_no_choice(page, cast, typed):
    foreign = make_fund(cast.elsewhere)
    answer = page.post(ADD, typed | {"slips-0-fund": str(foreign.pk)})
    assert "fund" in answer.context["lines"].forms[0].errors
    assert page.post(ADD, typed | {"unit": cast.elsewhere.code}).status_code == 404


def test_the_draft_brings_back_what_was_typed(page, cast, donor, typed):
    assert page.post(DRAFT, typed | {"control_vnd": "sáu trăm"}).status_code == 200
    again = page.get(ADD)
    assert again.context["is_draft"]
    assert again.context["head"]["control_vnd"].value() == "sáu trăm"
    shown = [
        (form["donor"].value(), form["amount_vnd"].value()) for form in again.context["lines"].forms if form.initial
    ]
    assert shown == [
        (str(donor.pk), "100.000"),
        ("new:Bà  Tư", "0,5 triệu"),
        ("text:công ty  giấy BÃI BẰNG", "50000"),
    ]
    assert page.post(ADD, typed).status_code == 302
    assert not BatchDraft.objects.exists()


def test_the_draft_is_dropped_on_demand(page, cast, typed):
    page.post(DRAFT, typed)
    assert page.post(DRAFT, {"unit": cast.here.code, "drop": "1"}).status_code == 302
    assert not page.get(ADD).context["is_draft"]


def test_a_draft_without_bounds_is_not_kept(page, cast, typed):
    assert page.post(DRAFT, typed | {"note": "x" * 600_000}).status_code == 200
    assert not BatchDraft.objects.exists()


@pytest.mark.parametrize("count", [1, 50])
def test_the_grid_costs_the_same_however_many_lines(page, cast, fund, typed, count, django_assert_num_queries):
    lines: dict[str, str] = {}
    for n in range(count):
        lines |= slip(n, str(make_donor(cast.here, f"Ông {n}").pk), "sai")
    sent = typed | {"slips-TOTAL_FORMS": str(count)} | lines
    with django_assert_num_queries(11):
        assert page.post(ADD, sent).status_code == 200
