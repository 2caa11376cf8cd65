"""Duplicates decided on the pages."""

from __future__ import annotations

import pytest
from django.urls import reverse

from funds.models import Donor, DonorKind
from tests.cast import make_donor

PAGE = "/quy/nha-tai-tro/trung/"


@pytest.mark.parametrize("count", [1, 3])
def test_the_queue_costs_the_same_however_long(client, cast, count, django_assert_num_queries):
    for n in range(count):
        for _twin in range(2):
            make_donor(cast.here, f"Công ty {n}{n}")
    client.force_login(cast.clerk)
    with django_assert_num_queries(8):
        page = client.get(PAGE)
    assert len(page.context["pairs"]) == count


def test_a_pair_is_merged_and_taken_apart_by_buttons(client, cast, donor):
    twin = make_donor(cast.here, donor.name)
    client.force_login(cast.clerk)
    assert client.post(reverse("funds:donor-merge", args=[donor.pk]), {"gone": twin.pk})["Location"] == PAGE
    twin.refresh_from_db()
    assert twin.merged_into == donor
    shown = client.get(reverse("funds:donor-detail", args=[twin.pk])).content.decode()
    assert reverse("funds:donor-unmerge", args=[twin.pk]) in shown
    assert [row.pk for row in client.get(reverse("funds:donor-list")).context["page"].rows] == [donor.pk]
    client.post(reverse("funds:donor-unmerge", args=[twin.pk]))
    twin.refresh_from_db()
    assert twin.merged_into is None


def test_a_pair_kept_apart_leaves_the_queue(client, cast, donor):
    twin = make_donor(cast.here, donor.name)
    client.force_login(cast.clerk)
    client.post(reverse("funds:donor-apart", args=[donor.pk]), {"other": twin.pk})
    assert client.get(PAGE).context["pairs"] == []


def test_a_donor_of_another_commune_is_not_merged(client, cast, donor):
    foreign = make_donor(cast.elsewhere, donor.name)
    client.force_login(cast.clerk)
    assert client.get(PAGE).context["pairs"] == []
    for gone, status in ((foreign.pk, 404), ("x", 302), (donor.pk, 302)):
        assert client.post(reverse("funds:donor-merge", args=[donor.pk]), {"gone": gone}).status_code == status
    assert not Donor.unscoped.exclude(merged_into=None).exists()


def test_a_foreign_organisation_is_asked_for_its_country(client, cast):
    client.force_login(cast.clerk)
    typed = {"unit": cast.here.code, "name": "GPI", "kind": DonorKind.NGO}
    page = client.post(reverse("funds:donor-add"), typed)
    assert list(page.context["form"].errors) == ["country"]
    assert page.context["form"]["name"].value() == "GPI"
    assert client.post(reverse("funds:donor-add"), typed | {"country": "Hàn Quốc"}).status_code == 302
