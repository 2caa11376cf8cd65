from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation
from pytest_django.fixtures import Settings

from hkh.core.fields import DateVnField, ForeignField, QuantityField, VndField


class DonationForm(forms.Form):
    amount_vnd = VndField(min_value=1)
    received_on = DateVnField(allows_future=False)


@pytest.fixture(autouse=True)
def on_the_last_of_june(settings: Settings) -> None:
    settings.HKH_TODAY = "2024-06-30"


def form_with(amount: str = "1,5 triệu", day: str = "5/6/24") -> DonationForm:
    return DonationForm({"amount_vnd": amount, "received_on": day})


def test_amount_and_day_are_cleaned() -> None:
    form = form_with()
    assert form.is_valid()
    assert form.cleaned_data == {"amount_vnd": 1_500_000, "received_on": date(2024, 6, 5)}


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [
        ("", "Write the amount, for example 1.500.000 or 1,5 triệu."),
        ("0", "The amount must be at least 1 đồng."),
        ("-5", "An amount cannot be less than 0. Leave out the sign."),
        ("1,500", "“1,500” can be read in two ways. Write 1.500 or 1,5 triệu."),
        (
            "<b>5</b>",
            "“<b>5</b>” is not an amount. Write for example 1.500.000, 1,5 triệu or 2 tỷ 300 triệu.",
        ),
    ],
)
def test_a_wrong_amount_is_refused(amount: str, sentence: str) -> None:
    with translation.override("en"):
        assert form_with(amount=amount).errors == {"amount_vnd": [sentence]}


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("", "Write the date as day/month/year, for example 5/9/2024."),
        ("31/6/2024", "There is no day 31 in month 6/2024, which has 30 days."),
        ("1/7/2024", "01/07/2024 has not come yet. Write today's date (30/06/2024) or an earlier one."),
    ],
)
def test_a_wrong_day_is_refused(day: str, sentence: str) -> None:
    with translation.override("en"):
        assert form_with(day=day).errors == {"received_on": [sentence]}


def test_today_itself_is_not_in_the_future() -> None:
    form = form_with(day="30062024")
    assert form.is_valid()
    assert form.cleaned_data["received_on"] == date(2024, 6, 30)


def test_what_was_typed_stays_after_an_error() -> None:
    form = form_with(amount="1,500", day="31/6/2024")
    assert not form.is_valid()
    assert (form["amount_vnd"].value(), form["received_on"].value()) == ("1,500", "31/6/2024")
    amount, day = (form.fields[name].widget for name in ("amount_vnd", "received_on"))
    assert (amount.format_value("1,500"), day.format_value("31/6/2024")) == ("1,500", "31/6/2024")


def test_what_is_stored_is_shown_as_it_would_be_typed() -> None:
    amount, day = (DonationForm().fields[name].widget for name in ("amount_vnd", "received_on"))
    assert (amount.format_value(1_500_000), day.format_value(date(2024, 6, 5))) == ("1.500.000", "05/06/2024")


@pytest.mark.parametrize("name", ["amount_vnd", "received_on"])
def test_the_widgets_invite_digits_and_no_old_entries(name: str) -> None:
    attrs = DonationForm().fields[name].widget.attrs
    assert attrs["inputmode"] in ("numeric", "decimal")
    assert attrs["autocomplete"] == "off"


@pytest.mark.parametrize(
    ("amount", "day", "changed"),
    [
        ("1.500.000", "05/06/2024", []),
        ("1,5 triệu", "5-6-24", []),
        ("1,6 triệu", "5-6-24", ["amount_vnd"]),
        ("1,500", "6/6/2024", ["amount_vnd", "received_on"]),
    ],
)
def test_only_another_value_is_a_change(amount: str, day: str, changed: list[str]) -> None:
    initial = {"amount_vnd": 1_500_000, "received_on": date(2024, 6, 5)}
    form = DonationForm({"amount_vnd": amount, "received_on": day}, initial=initial)
    assert form.changed_data == changed


def test_optional_fields_may_be_empty_and_values_pass() -> None:
    assert VndField(required=False).clean("") is None
    assert DateVnField(required=False).clean("") is None
    assert VndField().clean(5) == 5
    assert VndField().clean("0") == 0
    assert DateVnField().clean(date(2030, 1, 1)) == date(2030, 1, 1)
    assert DateVnField().clean(datetime(2024, 6, 5, 8, 30)) == date(2024, 6, 5)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("25.450", "25450"),
        ("25.450,50", "25450.50"),
        ("25,450.50", "25450.50"),
        ("1.234.567", "1234567"),
        ("25450", "25450"),
        ("25450,000000", "25450"),
        ("1,08", "1.08"),
        ("1.08", "1.08"),
        ("0.123", "0.123"),
        (" 25 450 ", "25450"),
        ("-4", "-4"),
    ],
)
def test_foreign_money_and_rates_are_read_as_people_write_them(text, number):
    assert ForeignField().clean(text) == Decimal(number)


@pytest.mark.parametrize(("text", "code"), [("25,450", "two_ways"), ("abc", "invalid"), ("1.2.3", "invalid")])
def test_a_rate_that_is_none_or_two_is_refused(text, code):
    with pytest.raises(ValidationError) as refusal:
        ForeignField().clean(text)
    assert [error.code for error in refusal.value.error_list] == [code]


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("120", 120),
        ("1.200", 1200),
        ("12.345.678", 12345678),
        ("2,5", "2.5"),
        ("2.5", "2.5"),
        ("0.988", "0.988"),
        ("0,05", "0.05"),
    ],
)
def test_quantities_are_read_as_people_write_them(text: str, quantity: int | str) -> None:
    assert QuantityField().clean(text) == Decimal(quantity)


@pytest.mark.parametrize("text", ["0", "0.000", "1,2345", "a", "-3", "1.2.3"])
def test_what_is_no_quantity_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        QuantityField().clean(text)
