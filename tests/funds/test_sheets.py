"""Sheets of funds and donors: out as they are seen, in through the verbs."""

from __future__ import annotations

import pytest
from django.urls import reverse
from tablib import Dataset

from funds.models import Donor, DonorKind, Fund
from funds.sheets.donors import DonorResource
from funds.sheets.funds import FundResource
from tests.cast import make_donor, make_fund


@pytest.fixture
def donors(cast):
    return make_donor(cast.here, "Ông Ba", kind=DonorKind.PERSON), make_donor(cast.elsewhere, "Ông Lạ")


def test_a_sheet_holds_what_its_reader_sees(cast, donors):
    sheet = DonorResource(user=cast.clerk).export()
    assert [(row["unit"], row["name"], row["kind"]) for row in sheet.dict] == [(cast.here.code, "Ông Ba", "person")]


def brought(resource, headers, *rows, **kwargs):
    return resource.import_data(Dataset(*rows, headers=headers), **kwargs)


def test_rows_come_in_through_the_verbs(cast, donors):
    result = brought(
        DonorResource(user=cast.clerk),
        ["id", "unit", "name", "kind"],
        (donors[0].pk, cast.here.code, "Ông  Nguyễn Văn Ba", "person"),
        ("", cast.here.code, "Dòng họ Nguyễn", "clan"),
        (donors[0].pk, cast.here.code, "Ông Nguyễn Văn Ba", "person"),
    )
    assert [row.import_type for row in result.rows] == ["update", "new", "skip"]
    assert set(Donor.unscoped.filter(unit=cast.here).values_list("name", flat=True)) == {
        "Ông Nguyễn Văn Ba",
        "Dòng họ Nguyễn",
    }
    assert Donor.unscoped.get(pk=donors[0].pk).revision == 2


@pytest.mark.parametrize("whose", ["key", "unit"])
def test_rows_of_another_commune_are_refused(cast, donors, whose):
    row = (donors[1].pk, cast.here.code, "X", "person") if whose == "key" else ("", cast.elsewhere.code, "X", "person")
    result = brought(DonorResource(user=cast.clerk), ["id", "unit", "name", "kind"], row)
    assert result.rows[0].import_type in ("error", "invalid")
    assert not Donor.unscoped.filter(name="X").exists()


def test_a_dry_run_leaves_nothing(cast):
    brought(
        DonorResource(user=cast.clerk), ["id", "unit", "name", "kind"], ("", cast.here.code, "X", "clan"), dry_run=True
    )
    assert not Donor.unscoped.exists()


def test_funds_come_in_too_but_are_not_closed_so(cast):
    fund = make_fund(cast.here, "Quỹ một", code="Q1")
    headers = ["id", "unit", "code", "name", "legal_status", "opened_on", "is_restricted", "purpose", "closed_on"]
    result = brought(
        FundResource(user=cast.accountant),
        headers,
        (fund.pk, cast.here.code, "Q1", "Quỹ đổi tên", "internal", "2000-01-01", "0", "", "2024-06-03"),
        ("", cast.here.code, "Q2", "Quỹ hai", "internal", "2024-06-03", "0", "", ""),
    )
    assert [row.import_type for row in result.rows] == ["update", "new"]
    fund.refresh_from_db()
    assert (fund.name, fund.closed_on) == ("Quỹ đổi tên", None)
    assert Fund.unscoped.get(code="Q2").accounts.count() == 6


# The administration


@pytest.fixture
def admin(client, cast):
    cast.administrator.is_staff = True
    cast.administrator.save()
    client.force_login(cast.administrator)
    return client


@pytest.mark.parametrize("model", ["fund", "donor"])
def test_money_is_only_looked_at_in_the_administration(admin, cast, donors, model):
    row = donors[0] if model == "donor" else make_fund(cast.here)
    assert admin.get(reverse(f"admin:funds_{model}_changelist")).status_code == 200
    change = reverse(f"admin:funds_{model}_change", args=[row.pk])
    assert admin.get(change).status_code == 200
    assert admin.post(change, {"name": "X"}).status_code == 403
    assert admin.get(reverse(f"admin:funds_{model}_add")).status_code == 403
    assert admin.post(reverse(f"admin:funds_{model}_delete", args=[row.pk])).status_code == 403
    assert admin.get(reverse(f"admin:funds_{model}_export")).status_code == 200


def test_the_ledger_has_no_place_in_the_administration():
    from django.contrib import admin as site

    registered = {model.__name__ for model in site.site._registry if model._meta.app_label == "funds"}
    assert registered == {"Fund", "Donor"}


def test_a_formula_in_a_name_goes_out_as_text(admin, cast):
    make_donor(cast.here, "=1+1")
    fields = {"format": "0", "resource": "", **dict.fromkeys(("donorresource_id", "donorresource_name"), "on")}
    sheet = admin.post(reverse("admin:funds_donor_export"), fields).content.decode()
    assert "=1+1" not in sheet
    assert "1+1" in sheet
