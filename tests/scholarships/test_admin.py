"""Programmes in the administration: for administrators alone, and by sheet both ways."""

from __future__ import annotations

import pytest
from django.urls import reverse
from tablib import Dataset

from scholarships.models import Programme
from scholarships.sheets import ProgrammeResource
from tests.cast import a_province
from tests.scholarships.rows import make_programme


@pytest.mark.parametrize(("who", "status"), [("administrator", 200), ("chair", 302), ("officer", 302)])
def test_only_administrators_keep_programmes(client, db, who, status):
    user = getattr(a_province(), who)
    user.is_staff = True
    user.save()
    client.force_login(user)
    opened = [client.get(reverse(f"admin:scholarships_programme_{page}")) for page in ("changelist", "add", "import")]
    assert [answer.status_code for answer in opened] == [status] * 3


def test_a_sheet_adds_and_changes_programmes_by_their_code(db):
    make_programme("tiep-suc", "Tiếp sức")
    make_programme("vi-em", "Vì em hiếu học")
    sheet = Dataset(
        ("tiep-suc", "Tiếp sức cho em đến trường", "", "Dân trí", ""),
        ("chap-canh", "Chắp cánh ước mơ", "", "", ""),
        headers=["code", "name", "description", "partner", "retired_on"],
    )
    ProgrammeResource().import_data(sheet, raise_errors=True)
    assert list(Programme.objects.order_by("code").values_list("code", "name", "partner")) == [
        ("chap-canh", "Chắp cánh ước mơ", ""),
        ("tiep-suc", "Tiếp sức cho em đến trường", "Dân trí"),
        ("vi-em", "Vì em hiếu học", ""),
    ]


def test_what_goes_out_comes_in_again_unchanged(db):
    make_programme(partner="Viettel")
    result = ProgrammeResource().import_data(ProgrammeResource().export(), raise_errors=True)
    assert (result.totals["skip"], result.totals["new"], result.totals["update"]) == (1, 0, 0)
