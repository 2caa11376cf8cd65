"""Lists narrowed in the address."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from funds.actions import record_donation, void_donation
from funds.models import Appeal, DonationForm, DonorKind
from tests.cast import make_donor, make_fund


@pytest.fixture
def gifts(cast, fund):
    """One gift a letter, each different in one way."""
    ba = make_donor(cast.here, "Ông Ba", kind=DonorKind.PERSON, phone="0912345678")
    firm = make_donor(cast.here, "Công ty Giấy")
    other = make_fund(cast.here, "Quỹ hai")
    branch_fund = make_fund(cast.branch)
    appeal = Appeal.unscoped.create(unit=cast.here, kind="emergency", name="Giúp em Bình", opens_on=date(2024, 1, 1))
    facts: dict[str, Any] = {
        "unit": cast.here,
        "fund": fund,
        "donor": firm,
        "form": DonationForm.CASH,
        "received_on": date(2024, 6, 3),
    }
    differently: dict[str, dict[str, Any]] = {
        "plain": {},
        "person": {"donor": ba},
        "may": {"received_on": date(2024, 5, 31)},
        "july": {"received_on": date(2024, 7, 1)},
        "goods": {"form": DonationForm.IN_KIND, "goods": "Sách"},
        "other fund": {"fund": other},
        "appeal": {"appeal": appeal},
        "straight": {"fund": None, "is_pass_through": True},
        "large": {"amount_vnd": 9_000_000},
        "branch": {"unit": cast.branch, "fund": branch_fund},
        "document": {"document": "PT 77"},
        "voided": {"purpose": "Xây thư viện"},
    }
    made = {
        name: record_donation(**{"amount_vnd": 500_000, **facts, **difference}, by=cast.clerk)
        for name, difference in differently.items()
    }
    void_donation(donation=made["voided"], reason="Nhầm", on=date(2024, 6, 3), by=cast.chair)
    return made


@pytest.fixture
def found(client, cast, gifts):
    client.force_login(cast.accountant)

    def find(**query):
        rows = client.get(reverse("funds:donation-list"), query).context["page"].rows
        names = {donation.pk: name for name, donation in gifts.items()}
        return {names[row.pk] for row in rows}

    return find


def test_each_filter_leaves_what_it_says(cast, gifts, found):
    everything = set(gifts)
    assert found() == everything
    assert found(q="ong ba") == {"person"}
    assert found(q="0912345") == {"person"}
    assert found(q="PT 77") == {"document"}
    assert found(q="thư viện") == {"voided"}
    assert found(q="khong co") == set()
    assert found(period="2024-05") == {"may"}
    assert found(period="2024-Q3") == {"july"}
    assert found(period="2024-Q2") == everything - {"july"}
    assert found(donor_kind="person") == {"person"}
    assert found(donor=gifts["person"].donor_id) == {"person"}
    assert found(form="in_kind") == {"goods"}
    assert found(fund=gifts["other fund"].fund_id) == {"other fund"}
    assert found(appeal=gifts["appeal"].appeal_id) == {"appeal"}
    assert found(least_vnd="1 triệu") == {"large"}
    assert found(most_vnd="499.999") == set()
    assert found(state="pass_through") == {"straight"}
    assert found(state="voided") == {"voided"}
    assert found(state="booked") == everything - {"straight", "voided"}
    assert found(unit=cast.branch.code) == {"branch"}


@pytest.mark.parametrize(
    "query",
    [
        {"form": "x"},
        {"period": "x"},
        {"fund": "x"},
        {"least_vnd": "x"},
        {"donor": "999999"},
        {"after": "x"},
        {"sort": "x"},
    ],
)
def test_what_makes_no_sense_is_left_out(gifts, found, query):
    assert found(**query) == set(gifts)


def test_sorting_by_amount_and_donor(client, cast, gifts):
    client.force_login(cast.accountant)
    rows = client.get(reverse("funds:donation-list"), {"sort": "-amount_vnd"}).context["page"].rows
    assert rows[0] == gifts["large"]
    rows = client.get(reverse("funds:donation-list"), {"sort": "-donor"}).context["page"].rows
    assert rows[0] == gifts["person"]


def test_chips_lead_back_to_the_list_without_them(client, cast, gifts):
    client.force_login(cast.accountant)
    page = client.get(reverse("funds:donation-list"), {"form": "in_kind", "period": "2024-Q2"}).content.decode()
    assert 'href="?form=in_kind"' in page
    assert 'href="?period=2024-Q2"' in page
