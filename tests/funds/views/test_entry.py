"""Recording, correcting and voiding a gift through the pages."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import translation

from funds.actions import record_donation
from funds.models import Appeal, Donation, Donor, DonorKind
from hkh.core.dates import format_date, today
from tests.cast import balance_vnd, make_donor, make_fund
from tests.funds.raw import DAY


@pytest.fixture(autouse=True)
def in_english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def typed(cast, fund, donor):
    """What a clerk types, as the browser posts it."""
    return {
        "idempotency_key": str(uuid4()),
        "unit": cast.here.code,
        "received_on": "3/6/2024",
        "donor": str(donor.pk),
        "form": "cash",
        "amount_vnd": "1,5 triệu",
        "fund": str(fund.pk),
        "document": "PT 12",
        "currency": "VND",
    }


@pytest.fixture
def page(client, cast):
    client.force_login(cast.clerk)
    return client


ADD = "/quy/ung-ho/ghi-nhan/"


def test_a_gift_is_recorded_as_typed(page, cast, fund, donor, typed):
    answer = page.post(ADD, typed)
    donation = Donation.unscoped.get()
    assert answer["Location"] == reverse("funds:donation-detail", args=[donation.pk])
    assert (donation.unit, donation.fund, donation.donor, donation.received_on, donation.amount_vnd) == (
        cast.here,
        fund,
        donor,
        date(2024, 6, 3),
        1_500_000,
    )
    assert (donation.document, donation.recorded_by) == ("PT 12", cast.clerk)
    assert balance_vnd(fund) == 2_500_000


def test_the_same_form_sent_twice_leads_to_the_one_gift(page, typed):
    first, second = page.post(ADD, typed), page.post(ADD, typed)
    assert first["Location"] == second["Location"]
    assert Donation.unscoped.count() == 1


def test_entering_another_keeps_date_fund_and_unit(page, cast, fund, typed):
    answer = page.post(ADD, typed | {"again": "1"}, follow=True)
    form = answer.context["form"]
    assert (form["received_on"].value(), form["fund"].value()) == (DAY, str(fund.pk))
    assert answer.context["unit"] == cast.here
    assert form["donor"].value() is None
    assert [str(message) for message in answer.context["messages"]] == [
        "Recorded: 1,500,000 đồng from Công ty Giấy Bãi Bằng."
    ]
    assert str(form["idempotency_key"].value()) != typed["idempotency_key"]


def test_a_new_donor_comes_along_with_the_gift(page, cast, typed):
    typed |= {"donor": "new:Ông Ba", "new_name": "Ông  Nguyễn Văn Ba ", "new_kind": "person", "new_phone": "0912"}
    first, second = page.post(ADD, typed), page.post(ADD, typed)
    donor = Donor.unscoped.get(name="Ông Nguyễn Văn Ba")
    assert (donor.unit, donor.kind, donor.phone) == (cast.here, DonorKind.PERSON, "0912")
    assert Donation.unscoped.get().donor == donor
    assert first["Location"] == second["Location"]


def test_a_refused_gift_leaves_no_new_donor_behind(page, cast, typed):
    closed = make_fund(cast.here, opened_on=date(2024, 7, 1))
    typed |= {"donor": "new:Ông Ba", "new_name": "Ông Ba", "new_kind": "person", "fund": str(closed.pk)}
    answer = page.post(ADD, typed)
    assert answer.context["form"].errors == {
        "__all__": ["The fund was not open on that date. Check the date or choose another fund."]
    }
    assert not Donor.unscoped.filter(name="Ông Ba").exists()


def test_goods_are_described_and_valued(page, fund, typed):
    answer = page.post(ADD, typed | {"form": "in_kind"})
    assert answer.context["form"].errors == {"goods": ["Describe the goods: what, how many, who valued them."]}
    page.post(ADD, typed | {"form": "in_kind", "goods": "20 xe đạp"})
    assert Donation.unscoped.get().goods == "20 xe đạp"


def test_a_gift_handed_straight_on_needs_no_fund(page, fund, typed):
    page.post(ADD, typed | {"is_pass_through": "on"})
    donation = Donation.unscoped.get()
    assert (donation.is_pass_through, donation.fund) == (True, None)
    assert balance_vnd(fund) == 1_000_000


def test_foreign_money_is_typed_with_amount_and_rate(page, typed):
    foreign = {"currency": "usd", "foreign_amount": "60", "exchange_rate": "25000"}
    page.post(ADD, typed | foreign)
    donation = Donation.unscoped.get()
    assert (donation.currency, donation.foreign_amount, donation.exchange_rate) == ("USD", Decimal(60), Decimal(25_000))


@pytest.mark.parametrize(
    ("mistake", "errors"),
    [
        (
            {"amount_vnd": "nhiều"},
            {"amount_vnd": ["“nhiều” is not an amount. Write for example 1.500.000, 1,5 triệu or 2 tỷ 300 triệu."]},
        ),
        ({"amount_vnd": "0"}, {"amount_vnd": ["The amount must be at least 1 đồng."]}),
        (
            {"received_on": "31/2/2024"},
            {"received_on": ["There is no day 31 in month 2/2024, which has 29 days."]},
        ),
        ({"donor": ""}, {"donor": ["Choose who gave, or add a new donor."]}),
        ({"donor": "999999"}, {"donor": ["Choose the donor from the list, or add a new one."]}),
        ({"donor": "nobody"}, {"donor": ["Choose the donor from the list, or add a new one."]}),
        ({"donor": "new: "}, {"new_name": ["Write the name of the new donor."]}),
        ({"fund": ""}, {"fund": ["Choose the fund that the gift goes into."]}),
        (
            {"received_on": "31/12/1999"},
            {
                "received_on": [
                    "The unit did not exist on that date. Check the date, or choose the unit that received the gift."
                ]
            },
        ),
        (
            {"currency": "USD"},
            {"foreign_amount": ["A foreign gift needs its amount and its exchange rate."]},
        ),
        (
            {"currency": "USD", "foreign_amount": "60", "exchange_rate": "24000"},
            {"amount_vnd": ["Amount in that currency times exchange rate must give the đồng."]},
        ),
    ],
)
def test_a_mistake_is_said_at_its_field_and_nothing_typed_is_lost(page, typed, mistake, errors):
    answer = page.post(ADD, typed | mistake)
    assert answer.status_code == 200
    form = answer.context["form"]
    assert form.errors == errors
    assert Donation.unscoped.count() == 0
    for name, value in (typed | mistake).items():
        if name != "unit":
            assert form[name].value() == value


def test_tomorrow_is_refused_at_the_date(page, typed):
    tomorrow = format_date(today() + timedelta(days=1))
    form = page.post(ADD, typed | {"received_on": tomorrow}).context["form"]
    assert form.errors == {
        "received_on": [f"{tomorrow} has not come yet. Write today's date ({format_date(today())}) or an earlier one."]
    }


def test_a_fund_or_donor_of_another_commune_cannot_be_chosen(page, cast, typed):
    elsewhere = make_fund(cast.elsewhere)
    assert list(page.post(ADD, typed | {"fund": str(elsewhere.pk)}).context["form"].errors) == ["fund"]
    stranger = make_donor(cast.elsewhere, "Ông Lạ")
    answer = page.post(ADD, typed | {"donor": str(stranger.pk)})
    assert list(answer.context["form"].errors) == ["donor"]
    assert "Ông Lạ" not in answer.content.decode()
    assert Donation.unscoped.count() == 0


@pytest.mark.parametrize("unit", ["", "NOWHERE", "elsewhere"])
def test_a_gift_for_a_unit_out_of_scope_is_not_found(page, cast, typed, unit):
    code = cast.elsewhere.code if unit == "elsewhere" else unit
    assert page.post(ADD, typed | {"unit": code}).status_code == 404


def test_who_may_not_record_is_told_so_before_anything_else(client, cast, typed):
    client.force_login(cast.viewer)
    assert client.post(ADD, typed | {"amount_vnd": "nonsense"}).status_code == 403


def test_a_branch_below_may_be_chosen(page, cast, typed):
    branch_fund = make_fund(cast.branch)
    answer = page.get(ADD, {"unit": cast.branch.code})
    assert list(answer.context["form"].fields["fund"].queryset) == [branch_fund]
    page.post(ADD, typed | {"unit": cast.branch.code, "fund": str(branch_fund.pk)})
    assert Donation.unscoped.get().unit == cast.branch


def test_the_fund_stands_there_with_what_it_holds(page, fund):
    labels = [str(label) for _value, label in page.get(ADD).context["form"].fields["fund"].choices]
    assert labels == ["Quỹ khuyến học xã · 1,000,000 đồng available"]


def test_appeals_of_the_units_above_can_be_chosen_and_others_cannot(page, cast):
    called = {
        name: Appeal.unscoped.create(unit=unit, kind="yearly", name=name, opens_on=opens_on, closes_on=closes_on)
        for name, unit, opens_on, closes_on in (
            ("province", cast.province, date(2024, 1, 1), None),
            ("here", cast.here, date(2024, 1, 1), today()),
            ("elsewhere", cast.elsewhere, date(2024, 1, 1), None),
            ("long ago", cast.here, date(2020, 1, 1), date(2020, 2, 1)),
        )
    }
    offered = page.get(ADD).context["form"].fields["appeal"].queryset
    assert set(offered) == {called["province"], called["here"]}


# Helping hands


def test_the_donor_field_finds_names_without_marks_and_offers_a_new_one(page, cast):
    make_donor(cast.here, "Công ty Xi măng")
    make_donor(cast.elsewhere, "Công ty Xi măng khác")
    found = page.get(reverse("funds:donor-search"), {"q": "xi mang"}).content.decode()
    assert found.count('role="option"') == 2
    assert 'data-label="Công ty Xi măng"' in found
    assert 'data-value="new:xi mang"' in found
    assert "khác" not in found


def test_who_may_not_add_donors_is_not_offered_to(client, cast):
    client.force_login(cast.viewer)
    assert "new:" not in client.get(reverse("funds:donor-search"), {"q": "xi mang"}).content.decode()


def test_what_is_typed_into_the_donor_field_stays_text(page):
    found = page.get(reverse("funds:donor-search"), {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "<script" not in found


def test_the_last_gifts_of_the_donor_are_shown(page, cast, fund, donor, typed):
    page.post(ADD, typed)
    shown = page.get(reverse("funds:donor-gifts"), {"donor": donor.pk}).content.decode()
    assert "03/06/2024: 1,500,000 đồng" in shown
    assert page.get(reverse("funds:donor-gifts"), {"donor": "new:Ba"}).content == b""


def test_the_last_gifts_of_a_stranger_are_not_found(page, cast):
    stranger = make_donor(cast.elsewhere)
    assert page.get(reverse("funds:donor-gifts"), {"donor": stranger.pk}).status_code == 404


# Corrected and voided


@pytest.fixture
def donation(cast, fund, donor):
    return record_donation(
        unit=cast.here, fund=fund, donor=donor, received_on=DAY, form="cash", amount_vnd=5_000_000, by=cast.clerk
    )


def test_a_correction_starts_with_what_was_entered(client, cast, donation):
    client.force_login(cast.accountant)
    form = client.get(reverse("funds:donation-correct", args=[donation.pk])).context["form"]
    assert form["amount_vnd"].value() == 5_000_000
    assert form["corrected_on"].value() == DAY


def test_a_correction_replaces_the_entry(client, cast, fund, donation, typed):
    client.force_login(cast.accountant)
    typed |= {"amount_vnd": "500000", "reason": "Thừa số 0", "corrected_on": "3/6/2024"}
    answer = client.post(reverse("funds:donation-correct", args=[donation.pk]), typed)
    corrected = Donation.unscoped.get(voided_on=None)
    assert answer["Location"] == reverse("funds:donation-detail", args=[corrected.pk])
    assert corrected.amount_vnd == 500_000
    assert balance_vnd(fund) == 1_500_000


def test_a_void_asks_why(client, cast, fund, donation):
    client.force_login(cast.chair)
    address = reverse("funds:donation-void", args=[donation.pk])
    assert client.post(address, {"reason": "", "voided_on": "4/6/2024"}).context["form"].errors == {
        "reason": ["This field is required."]
    }
    client.post(address, {"reason": "Nhập hai lần", "voided_on": "4/6/2024"})
    donation.refresh_from_db()
    assert (donation.voided_on, donation.void_reason) == (date(2024, 6, 4), "Nhập hai lần")
    assert balance_vnd(fund) == 1_000_000


def test_a_voided_gift_says_so_and_offers_nothing_more(client, cast, donation):
    client.force_login(cast.accountant)
    client.post(reverse("funds:donation-void", args=[donation.pk]), {"reason": "Nhầm", "voided_on": "4/6/2024"})
    shown = client.get(reverse("funds:donation-detail", args=[donation.pk])).content.decode()
    assert "Voided by Accountant: Nhầm" in shown
    assert reverse("funds:donation-correct", args=[donation.pk]) not in shown
    assert client.get(reverse("funds:donation-correct", args=[donation.pk])).status_code == 302


# Shares, lines and givers


def lines_typed(prefix, *rows, blank=1):
    """Rows of one kind as the browser posts them, with some empty ones behind."""
    typed = {f"{prefix}-TOTAL_FORMS": str(len(rows) + blank), f"{prefix}-INITIAL_FORMS": "0"}
    for n, row in enumerate(rows):
        typed |= {f"{prefix}-{n}-{name}": value for name, value in row.items()}
    return typed


def test_a_gift_is_split_over_funds(page, cast, fund, typed):
    other = make_fund(cast.here, "Quỹ xe đạp")
    shares = lines_typed(
        "shares", {"fund": str(fund.pk), "amount_vnd": "1 triệu"}, {"fund": str(other.pk), "amount_vnd": "500.000"}
    )
    givers = lines_typed("givers", {"name": "Lớp 5A", "amount_vnd": "300.000"}, {"name": "Lớp 5B", "amount_vnd": ""})
    answer = page.post(ADD, typed | shares | givers)
    first = Donation.unscoped.get(part=1)
    assert answer["Location"] == reverse("funds:donation-detail", args=[first.pk])
    assert first.split
    assert [(part.fund, part.amount_vnd) for part in first.split.parts.order_by("part")] == [
        (fund, 1_000_000),
        (other, 500_000),
    ]
    assert list(first.givers.values_list("name", "amount_vnd")) == [("Lớp 5A", 300_000), ("Lớp 5B", None)]
    html = page.get(answer["Location"]).content.decode()
    for shown in ("Quỹ xe đạp", "Lớp 5A", "Part 1 of 2"):
        assert shown in html


def test_shares_that_do_not_add_up_are_told_with_the_difference(page, cast, fund, typed):
    other = make_fund(cast.here, "Quỹ xe đạp")
    shares = lines_typed(
        "shares", {"fund": str(fund.pk), "amount_vnd": "1 triệu"}, {"fund": str(other.pk), "amount_vnd": "400.000"}
    )
    answer = page.post(ADD, typed | shares)
    assert answer.context["form"].errors == {
        "amount_vnd": ["The shares come to 1,400,000 đồng, the gift is 1,500,000 đồng: a difference of 100,000 đồng."]
    }
    assert 'value="400.000"' in answer.content.decode()
    assert not Donation.unscoped.exists()


def test_a_fund_twice_among_the_shares_is_asked_about(page, fund, typed):
    row = {"fund": str(fund.pk), "amount_vnd": "750.000"}
    answer = page.post(ADD, typed | lines_typed("shares", row, row))
    assert answer.context["form"].errors == {
        "__all__": ["A fund stands twice among the shares. Put both amounts into one line."]
    }


def test_goods_are_entered_line_by_line(page, fund, typed):
    rows = (
        {"what": "Xe đạp", "quantity": "20", "measure": "chiếc", "unit_value_vnd": "2.000.000", "valuation": "invoice"},
        {"what": "Gạo", "quantity": "2,5", "measure": "tạ", "unit_value_vnd": "1 triệu", "valuation": "market"},
    )
    goods = typed | {"form": "in_kind", "amount_vnd": ""} | lines_typed("lines", *rows)
    page.post(ADD, goods)
    donation = Donation.unscoped.get()
    assert (donation.amount_vnd, donation.goods) == (42_500_000, "20 chiếc Xe đạp; 2.5 tạ Gạo")
    assert page.get(reverse("funds:donation-detail", args=[donation.pk])).status_code == 200


def test_lines_that_do_not_come_to_the_amount_are_asked_about(page, typed):
    row = {"what": "Vở", "quantity": "3", "measure": "quyển", "unit_value_vnd": "10.000", "valuation": "donor"}
    answer = page.post(ADD, typed | {"form": "in_kind", "amount_vnd": "31.000"} | lines_typed("lines", row))
    assert answer.context["form"].errors == {
        "amount_vnd": [
            "The lines of goods come to 30,000 đồng, not to 31,000 đồng. Correct a line, or leave the amount empty."
        ]
    }
    bad = lines_typed("lines", row | {"quantity": "-3"})
    answer = page.post(ADD, typed | {"form": "in_kind"} | bad)
    assert answer.context["beside"].lines.forms[0].errors == {
        "quantity": ["“-3” is not a quantity. Write for example 120 or 2,5."]
    }
    assert 'value="-3"' in answer.content.decode()


def test_a_split_gift_is_shown_for_correction_as_it_was_entered(client, cast, fund, donor):
    other = make_fund(cast.here, "Quỹ xe đạp")
    first = record_donation(
        unit=cast.here,
        donor=donor,
        received_on=DAY,
        form="cash",
        amount_vnd=900_000,
        shares=[(fund, 500_000), (other, 400_000)],
        by=cast.clerk,
    )
    client.force_login(cast.accountant)
    address = reverse("funds:donation-correct", args=[first.pk])
    shown = client.get(address)
    assert shown.context["form"]["amount_vnd"].value() == 900_000
    kept = [
        (form["fund"].value(), form["amount_vnd"].value()) for form in shown.context["beside"].shares if form.initial
    ]
    assert kept == [(fund.pk, 500_000), (other.pk, 400_000)]
    sent = {
        "idempotency_key": str(uuid4()),
        "reason": "Nhầm quỹ",
        "corrected_on": "3/6/2024",
        "received_on": "3/6/2024",
        "donor": str(donor.pk),
        "form": "cash",
        "amount_vnd": "900.000",
        "currency": "VND",
    } | lines_typed(
        "shares", {"fund": str(fund.pk), "amount_vnd": "600.000"}, {"fund": str(other.pk), "amount_vnd": "300.000"}
    )
    assert client.post(address, sent).status_code == 302
    assert (balance_vnd(fund), balance_vnd(other)) == (1_600_000, 300_000)


def test_a_donor_merged_away_is_named_with_the_one_to_use(page, cast, donor, typed):
    kept = make_donor(cast.here, "Công ty Giấy")
    Donor.unscoped.filter(pk=donor.pk).update(merged_into=kept)
    answer = page.post(ADD, typed)
    assert answer.context["form"].errors == {
        "donor": ["This card was merged into the one of “Công ty Giấy”. Choose “Công ty Giấy” as the donor."]
    }
    assert not Donation.unscoped.exists()


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"amount_vnd": "1,500"}, "amount_vnd", "can be read in two ways"),
        ({"amount_vnd": "1.5"}, "amount_vnd", "has no unit"),
        ({"amount_vnd": "mười"}, "amount_vnd", "is not an amount"),
        ({"amount_vnd": "-500000"}, "amount_vnd", "cannot be less than 0"),
        ({"amount_vnd": "0"}, "amount_vnd", "at least 1 đồng"),
        ({"amount_vnd": "1.000.000.000.000.001"}, "amount_vnd", "is more than 1,000,000,000,000,000 đồng"),
        ({"currency": "XX"}, "currency", "“XX” is not a currency"),
        ({"foreign_amount": "60", "exchange_rate": "25000"}, "currency", "Write which currency it was"),
        ({"currency": "USD", "foreign_amount": "-60", "exchange_rate": "25000"}, "foreign_amount", "above zero"),
        ({"currency": "USD", "foreign_amount": "60", "exchange_rate": "0"}, "exchange_rate", "above zero"),
        ({"currency": "USB", "foreign_amount": "60", "exchange_rate": "25000"}, "currency", "is not a currency"),
        ({"currency": "USD", "foreign_amount": "60", "exchange_rate": "2500"}, "amount_vnd", "must give the đồng"),
        ({"received_on": "1/1/2099"}, "received_on", "has not come yet"),
        ({"received_on": "31/12/1999"}, "received_on", "unit did not exist"),
        ({"received_on": "30/2/2024"}, "received_on", ""),
    ],
)
def test_bad_input_is_refused_with_a_sentence_and_stays(page, typed, wrong, field, sentence):
    answer = page.post(ADD, typed | wrong)
    errors = answer.context["form"].errors
    assert list(errors) == [field]
    assert sentence in errors[field][0]
    for name, value in wrong.items():
        assert answer.context["form"][name].value() == value
    assert not Donation.unscoped.exists()


def test_a_date_before_the_fund_opened_is_refused(page, cast, typed):
    young = make_fund(cast.here, "Quỹ mới", opened_on=DAY + timedelta(days=1))
    answer = page.post(ADD, typed | {"fund": str(young.pk)})
    assert answer.context["form"].errors == {
        "__all__": ["The fund was not open on that date. Check the date or choose another fund."]
    }
    assert answer.context["form"]["amount_vnd"].value() == "1,5 triệu"
