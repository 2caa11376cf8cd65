"""Donors and appeals."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from funds.actions import add_donor, edit_appeal, edit_donor, merge_donors, open_appeal
from funds.actions.appeals import AppealFacts
from funds.models import AppealKind, DonorKind
from tests.cast import make_donor


def test_a_donor_is_added(cast):
    donor = add_donor(
        unit=cast.here, kind=DonorKind.PERSON, name="Ông Nguyễn Văn Ba", phone="0912345678", by=cast.clerk
    )
    assert (donor.unit, donor.name, donor.search_key) == (cast.here, "Ông Nguyễn Văn Ba", "ong nguyen van ba")


def test_a_donor_that_somebody_else_saved_is_not_overwritten(cast, donor):
    edit_donor(donor=donor, revision=1, kind=donor.kind, name="Tên mới", by=cast.clerk)
    with pytest.raises(ValidationError) as refusal:
        edit_donor(donor=donor, revision=1, kind=donor.kind, name="Tên khác", by=cast.cashier)
    assert refusal.value.code == "stale"
    donor.refresh_from_db()
    assert donor.name == "Tên mới"


def test_a_card_merged_away_is_not_edited_beside_the_one_that_is_used(cast, donor):
    kept = make_donor(cast.here, "Giấy Bãi Bằng")
    merge_donors(kept=kept, gone=donor, by=cast.clerk)
    donor.refresh_from_db()
    with pytest.raises(ValidationError) as refusal:
        edit_donor(donor=donor, revision=donor.revision, kind=DonorKind.CLAN, name="Ba", by=cast.clerk)
    assert (refusal.value.code, refusal.value.params) == ("donor_merged", {"kept": "Giấy Bãi Bằng"})


@pytest.mark.parametrize("role", ["chair", "viewer", "administrator"])
def test_who_may_not_edit_donors_is_told_so(cast, donor, role):
    with pytest.raises(PermissionDenied):
        add_donor(unit=cast.here, kind=DonorKind.PERSON, name="Ba", by=getattr(cast, role))
    with pytest.raises(PermissionDenied):
        edit_donor(donor=donor, revision=1, kind=donor.kind, name="Ba", by=getattr(cast, role))


def test_the_outsider_edits_no_donor_here(cast, donor):
    with pytest.raises(Http404):
        edit_donor(donor=donor, revision=1, kind=donor.kind, name="Ba", by=cast.outsider)
    assert (
        edit_donor(donor=make_donor(cast.elsewhere), revision=1, kind="clan", name="Ba", by=cast.outsider).name == "Ba"
    )


def test_an_appeal_opens_and_changes(cast):
    appeal = open_appeal(
        unit=cast.here, kind=AppealKind.EMERGENCY, name="Giúp em Bình", opens_on=date(2024, 6, 1), by=cast.officer
    )
    facts: AppealFacts = {
        "kind": appeal.kind,
        "name": "Giúp em Bình",
        "opens_on": date(2024, 6, 1),
        "closes_on": date(2024, 7, 1),
    }
    changed = edit_appeal(appeal=appeal, by=cast.officer, **facts)
    assert changed.closes_on == date(2024, 7, 1)
    facts["closes_on"] = date(2024, 6, 1)
    with pytest.raises(ValidationError) as refusal:
        edit_appeal(appeal=appeal, by=cast.officer, **facts)
    assert refusal.value.code == "appeal_dates_in_order"


@pytest.mark.parametrize("role", ["clerk", "cashier", "viewer"])
def test_who_may_not_open_appeals_is_told_so(cast, role):
    with pytest.raises(PermissionDenied):
        open_appeal(unit=cast.here, kind="yearly", name="Tết", opens_on=date(2024, 1, 1), by=getattr(cast, role))


def test_an_appeal_asks_for_something_possible(cast):
    with pytest.raises(ValidationError) as refusal:
        open_appeal(unit=cast.here, kind="yearly", name="Tết", opens_on=date(2024, 1, 1), target_vnd=0, by=cast.officer)
    assert refusal.value.code == "appeal_target"
