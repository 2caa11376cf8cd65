"""Donors merged and taken apart; and who is likely one."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils import translation

from funds import rollups
from funds.actions import edit_donor, keep_apart, merge_donors, record_donation, undo_merge
from funds.models import Donation, DonationMonth, Donor, DonorKind
from funds.queries import with_gifts
from funds.queries.duplicates import likely_twins
from members.models import Role
from tests.cast import make_donor, make_fund, make_user
from tests.funds.raw import DAY


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def gone(cast):
    return make_donor(cast.here, "Cty Giấy Bãi Bằng", kind=DonorKind.AGENCY, phone="0210111222", tax_code="26001")


def give(cast, fund, donor, amount_vnd):
    facts = {"unit": cast.here, "fund": fund, "received_on": DAY, "form": "cash"}
    return record_donation(**facts, donor=donor, amount_vnd=amount_vnd, by=cast.clerk)


def given(donor):
    rows: Any = with_gifts(Donor.unscoped.filter(pk=donor.pk), donations=Donation.unscoped.all())
    return rows.values_list("gift_count", "given_vnd").get()


def kinds():
    return dict(DonationMonth.objects.exclude(value_vnd=0).values_list("donor_kind", "value_vnd"))


def test_a_merge_sums_on_one_card_and_undoing_restores_both(cast, fund, donor, gone):
    give(cast, fund, donor, 100_000)
    give(cast, fund, gone, 20_000)
    before = list(Donor.unscoped.order_by("pk").values())
    merge = merge_donors(kept=donor, gone=gone, by=cast.clerk)
    donor.refresh_from_db()
    assert (donor.phone, donor.tax_code) == ("0210111222", "26001")
    assert given(donor) == (2, 120_000)
    assert kinds() == {"enterprise": 120_000}
    assert rollups.check() == []
    undo_merge(merge=merge, by=cast.clerk)
    after = list(Donor.unscoped.order_by("pk").values())
    assert [row | {"revision": 0} for row in after] == [row | {"revision": 0} for row in before]
    assert (given(donor), kinds()) == ((1, 100_000), {"enterprise": 100_000, "agency": 20_000})
    assert rollups.check() == []
    with pytest.raises(ValidationError, match="stand apart already"):
        undo_merge(merge=merge, by=cast.clerk)


def test_what_was_written_since_stays(cast, donor, gone):
    merge = merge_donors(kept=donor, gone=gone, by=cast.clerk)
    Donor.unscoped.filter(pk=donor.pk).update(phone="0999")
    undo_merge(merge=merge, by=cast.clerk)
    donor.refresh_from_db()
    assert (donor.phone, donor.tax_code) == ("0999", "")


def test_a_card_merged_into_the_one_that_goes_is_carried_over_and_back(cast, donor, gone):
    third = make_donor(cast.here, "Giấy")
    merge_donors(kept=gone, gone=third, by=cast.clerk)
    merge = merge_donors(kept=donor, gone=gone, by=cast.clerk)
    third.refresh_from_db()
    assert third.merged_into == donor
    undo_merge(merge=merge, by=cast.clerk)
    third.refresh_from_db()
    assert third.merged_into == gone


def test_a_card_is_merged_once_and_not_into_itself(cast, donor, gone):
    merge_donors(kept=donor, gone=gone, by=cast.clerk)
    other = make_donor(cast.here, "Khác")
    for kept, leaving in ((other, gone), (gone, other)):
        with pytest.raises(ValidationError, match="merged away already"):
            merge_donors(kept=kept, gone=leaving, by=cast.clerk)
    with pytest.raises(ValidationError, match="two different donors"):
        merge_donors(kept=donor, gone=donor, by=cast.clerk)


def test_a_donor_of_another_commune_is_out_of_reach(cast, donor):
    foreign = make_donor(cast.elsewhere, "Lạ")
    with pytest.raises(Http404):
        merge_donors(kept=donor, gone=foreign, by=cast.clerk)


def twins(cast):
    pairs = likely_twins(Donor.objects.visible_to(cast.clerk))
    return {(pair.first.name, pair.second.name): pair.reasons for pair in pairs}


def test_who_kept_the_card_that_went_goes_on_recording_on_the_other(cast):
    above = make_user("above", role=Role.ACCOUNTANT, unit=cast.province)
    kept, gone = make_donor(cast.elsewhere, "Công ty Giấy"), make_donor(cast.here, "Cty Giấy")
    stranger = make_donor(cast.elsewhere, "Công ty Xi măng")
    fund = make_fund(cast.here)
    with pytest.raises(Http404):
        give(cast, fund, kept, 5_000)
    merge = merge_donors(kept=kept, gone=gone, by=above)
    assert set(Donor.objects.visible_to(cast.clerk)) == {kept, gone}
    assert give(cast, fund, kept, 5_000).donor == kept
    with pytest.raises(Http404):
        edit_donor(donor=kept, revision=kept.revision, name="Khác", kind="person", by=cast.clerk)
    with pytest.raises(Http404):
        give(cast, fund, stranger, 5_000)
    undo_merge(merge=merge, by=above)
    assert set(Donor.objects.visible_to(cast.clerk)) == {gone}


def test_who_is_likely_one(cast):
    make_donor(cast.here, "Công ty TNHH Hòa Bình", tax_code="2600-123")
    make_donor(cast.branch, "HOÀ BÌNH", tax_code="2600123")
    make_donor(cast.here, "Nguyễn Thị Hương", kind=DonorKind.PERSON, phone="0912 345 678")
    make_donor(cast.branch, "Nguyen Thi Huong", kind=DonorKind.PERSON, phone="0912345678")
    make_donor(cast.branch, "Trần Văn A", kind=DonorKind.PERSON)
    make_donor(cast.here, "Trần Văn A", kind=DonorKind.PERSON)
    make_donor(cast.elsewhere, "Công ty Hòa Bình", tax_code="2600123")
    assert twins(cast) == {
        ("Công ty TNHH Hòa Bình", "HOÀ BÌNH"): ("name", "tax_code"),
        ("Nguyễn Thị Hương", "Nguyen Thi Huong"): ("name", "phone"),
    }


def test_who_was_kept_apart_or_merged_is_not_proposed_again(cast):
    rows = [make_donor(cast.here, "Công ty Hòa Bình") for _ in range(3)]
    assert len(likely_twins(Donor.objects.visible_to(cast.clerk))) == 3
    keep_apart(first=rows[2], second=rows[0], by=cast.clerk)
    assert len(likely_twins(Donor.objects.visible_to(cast.clerk))) == 2
    merge_donors(kept=rows[0], gone=rows[1], by=cast.clerk)
    assert likely_twins(Donor.objects.visible_to(cast.clerk)) == []
