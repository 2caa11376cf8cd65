"""Every page of money: opens for who may, does not exist for the outsider, and costs the same however much there is."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from funds.actions import record_donation
from funds.models import Appeal, DonationForm
from tests.cast import make_donor, make_fund, make_user
from tests.funds.raw import DAY

LISTS = ["overview", "fund-list", "donation-list", "donor-list", "appeal-list"]


@pytest.fixture
def donation(cast, fund, donor):
    return record_donation(
        unit=cast.here,
        fund=fund,
        donor=donor,
        received_on=DAY,
        form=DonationForm.CASH,
        amount_vnd=500_000,
        by=cast.clerk,
    )


@pytest.fixture
def appeal(cast):
    return Appeal.unscoped.create(
        unit=cast.here, kind="yearly", name="Tết", opens_on=date(2024, 1, 1), target_vnd=10_000_000
    )


@pytest.fixture
def pages(cast, fund, donor, donation, appeal):
    """Each page by name, with the key it needs and who may open it, of those who belong here."""
    everyone = {"chair", "accountant", "cashier", "officer", "clerk", "viewer"}
    recording = {"accountant", "cashier", "clerk"}
    voiding = {"chair", "accountant"}
    return {
        "overview": ([], everyone),
        "fund-list": ([], everyone),
        "fund-detail": ([fund.pk], everyone),
        "fund-add": ([], voiding),
        "fund-edit": ([fund.pk], voiding),
        "fund-close": ([fund.pk], voiding),
        "entry-add": ([fund.pk], {"accountant", "clerk"}),
        "transfer-add": ([], {"accountant", "clerk"}),
        "fund-search": ([], everyone),
        "donation-list": ([], everyone),
        "donation-detail": ([donation.pk], everyone),
        "donation-add": ([], recording),
        "donation-correct": ([donation.pk], {"accountant"}),
        "donation-void": ([donation.pk], voiding),
        "donor-list": ([], everyone),
        "donor-detail": ([donor.pk], everyone),
        "donor-add": ([], {"accountant", "cashier", "officer", "clerk"}),
        "donor-edit": ([donor.pk], {"accountant", "cashier", "officer", "clerk"}),
        "donor-search": ([], everyone),
        "donor-gifts": ([], everyone),
        "appeal-list": ([], everyone),
        "appeal-detail": ([appeal.pk], everyone),
        "appeal-add": ([], {"chair", "accountant", "officer"}),
        "appeal-edit": ([appeal.pk], {"chair", "accountant", "officer"}),
    }


def test_each_page_opens_for_who_may_and_is_refused_to_the_others(client, cast, pages):
    for role in ("chair", "accountant", "cashier", "officer", "clerk", "viewer"):
        client.force_login(getattr(cast, role))
        opened = {
            name: client.get(reverse(f"funds:{name}", args=args)).status_code for name, (args, _roles) in pages.items()
        }
        assert opened == {name: 200 if role in roles else 403 for name, (_args, roles) in pages.items()}, role


def test_what_belongs_here_does_not_exist_for_the_outsider(client, cast, pages):
    client.force_login(cast.outsider)
    for name, (args, _roles) in pages.items():
        if args:
            address = reverse(f"funds:{name}", args=args)
            assert client.get(address).status_code == 404, name
            # Pages that only show anything take no post at all.
            assert client.post(address).status_code == (405 if name.endswith("-detail") else 404), name


def test_the_visitor_is_sent_to_sign_in(client, pages):
    for name, (args, _roles) in pages.items():
        answer = client.get(reverse(f"funds:{name}", args=args))
        assert answer.status_code == 302, name
        assert answer["Location"].startswith(reverse("login"))


@pytest.mark.parametrize("name", LISTS)
def test_lists_show_nothing_of_another_commune(client, cast, pages, name):
    client.force_login(cast.outsider)
    page = client.get(reverse(f"funds:{name}")).content.decode()
    for secret in ("Quỹ khuyến học xã", "Công ty Giấy Bãi Bằng", "Tết"):
        assert secret not in page


@pytest.mark.parametrize(
    "name", ["overview", "fund-list", "donation-list", "donor-list", "appeal-list", "transfer-add"]
)
def test_a_unit_out_of_scope_is_not_found(client, cast, name):
    client.force_login(cast.accountant)
    assert client.get(reverse(f"funds:{name}"), {"unit": cast.elsewhere.code}).status_code == 404


@pytest.mark.parametrize(
    "name", ["overview", "fund-list", "donation-list", "donor-list", "appeal-list", "donation-add"]
)
def test_who_has_no_unit_is_told_so(client, db, name):
    client.force_login(make_user("nobody"))
    answer = client.get(reverse(f"funds:{name}"))
    assert answer.status_code == 200
    assert answer.templates[0].name == "funds/no_unit.html"


QUERIES = {
    "overview": 9,
    "fund-list": 7,
    "donation-list": 9,
    "donor-list": 7,
    "appeal-list": 7,
}


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("name", QUERIES)
def test_lists_cost_the_same_however_long(client, cast, name, count, django_assert_num_queries):
    for n in range(count):
        fund = make_fund(cast.here, f"Quỹ {n}", holds_vnd=1)
        record_donation(
            unit=cast.here,
            fund=fund,
            donor=make_donor(cast.here, f"Nhà tài trợ {n}"),
            received_on=DAY,
            form=DonationForm.CASH,
            amount_vnd=500_000,
            by=cast.clerk,
        )
        Appeal.unscoped.create(unit=cast.here, kind="yearly", name=f"Tết {n}", opens_on=date(2024, 1, 1))
    client.force_login(cast.accountant)
    with django_assert_num_queries(QUERIES[name]):
        assert client.get(reverse(f"funds:{name}")).status_code == 200


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("fund-detail", 10), ("donor-detail", 8)])
def test_pages_of_one_thing_cost_the_same_however_much_hangs_on_it(
    client, cast, fund, donor, name, queries, count, django_assert_num_queries
):
    for n in range(count):
        record_donation(
            unit=cast.here,
            fund=fund,
            donor=donor,
            received_on=DAY,
            form=DonationForm.CASH,
            amount_vnd=1_000 + n,
            by=cast.clerk,
        )
    client.force_login(cast.accountant)
    key = {"fund-detail": fund.pk, "donor-detail": donor.pk}[name]
    with django_assert_num_queries(queries):
        assert client.get(reverse(f"funds:{name}", args=[key])).status_code == 200
