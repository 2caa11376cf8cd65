"""Awards by sheet: proposals into one open round."""

from __future__ import annotations

import uuid

import pytest
from django.utils import timezone

from hkh.imports import actions
from hkh.imports.models import ImportRun, RunState
from hkh.imports.queries import obstacles_of
from hkh.imports.registry import SHEETS
from scholarships.models import Award, RoundTally
from tests.cast import Cast, a_province, make_fund
from tests.imports.sheets import bring_in, causes, confirm, done, hand_in, told, upload, work_of, workbook
from tests.scholarships.rows import approve, make_award, make_round

pytestmark = pytest.mark.django_db

HEAD = ("Họ và tên", "Năm sinh", "Trường", "Lớp", "Mã đơn vị", "Loại", "Diện", "Số suất", "Mức")


@pytest.fixture
def cast() -> Cast:
    return a_province()


def row(cast: Cast, name: str | None = "Nguyễn Thị Bình", **facts: object) -> tuple[object, ...]:
    said: dict[str, object] = {
        "name": name,
        "born": 2012,
        "school": "Tiểu học Phú Lộc",
        "grade": "5A",
        "unit": cast.branch.code,
    }
    said |= {"kind": "Học bổng", "group": "Hộ nghèo", "count": None, "value": 2_000_000} | facts
    return tuple(said.values())


def test_rows_become_proposals_and_are_known_again(cast: Cast) -> None:
    round_ = make_round(make_fund(cast.here))
    content = workbook(HEAD, row(cast), row(cast, None, born=None, kind="Quà", count=20, value=100_000))
    run = hand_in("awards", content, by=cast.officer, options={"round": round_.pk})
    assert (told(run), causes(run)) == ((2, 0, 0, 0), {})

    run = confirm(run, by=cast.officer)

    place, by = ("Tiểu học Phú Lộc", "5A", cast.branch.pk), cast.officer.pk
    facts = ("recipient_name", "birth_year", "school", "grade", "unit", "kind", "beneficiary_group", "pot", "count")
    assert list(Award.unscoped.order_by("pk").values_list(*facts, "unit_value_vnd", "state", "proposed_by")) == [
        ("Nguyễn Thị Bình", 2012, *place, "scholarship", "poor_pupil", "cash", 1, 2_000_000, "proposed", by),
        ("", None, *place, "gift", "poor_pupil", "cash", 20, 100_000, "proposed", by),
    ]
    tally = RoundTally.objects.get(round=round_)
    assert (tally.proposed_count, tally.proposed_vnd) == (21, 4_000_000)
    assert told(hand_in("awards", content, by=cast.officer, options={"round": round_.pk})) == (0, 0, 2, 0)

    done(actions.take_back(run=run, by=cast.officer))
    assert Award.unscoped.count() == 0


def test_duplicates_and_broken_rules_are_shown(cast: Cast) -> None:
    fund = make_fund(cast.here)
    round_, other = make_round(fund), make_round(fund, name="Vì em hiếu học")
    named = {"recipient_name": "Lê Văn Cường", "birth_year": 2011, "count": 1, "kind": "scholarship"}
    make_award(round_, unit=cast.branch, **named)
    make_award(other, unit=cast.here, recipient_name="Trần Văn Đức", birth_year=2010, count=1)
    rows = [
        row(cast),
        row(cast, "NGUYỄN THỊ BÌNH", grade="5B"),
        row(cast, "Lê Văn Cường", born=2011),
        row(cast, "Trần Văn Đức", born=2010),
        row(cast, "Hoàng Văn E", count=2),
        row(cast, "Hoàng Văn G", unit=cast.elsewhere.code),
    ]
    run = hand_in("awards", workbook(HEAD, *rows), by=cast.officer, options={"round": round_.pk})
    assert causes(run) == {
        "twice": [3],
        "proposed_already": [4],
        "award_named_is_one": [6],
        "unit_unknown": [7],
    }
    elsewhere = next(group for group in run.groups if group["cause"] == "elsewhere")
    assert (elsewhere["refuses"], elsewhere["examples"]) == (False, [[5, "Vì em hiếu học"]])


def test_a_round_out_of_sight_or_closed_takes_nothing(cast: Cast) -> None:
    far = make_round(make_fund(cast.elsewhere))
    over = make_round(make_fund(cast.here), state="closed", closed_on=timezone.localdate())
    for round_ in (far, over):
        run = hand_in_anyhow(cast, round_.pk)
        assert (run.state, work_of(run).error != "", run.counts) == (RunState.UPLOADED, True, {})


def hand_in_anyhow(cast: Cast, round_pk: int) -> ImportRun:
    return actions.hand_in(
        sheet=SHEETS["awards"],
        upload=upload(workbook(HEAD, row(cast))),
        by=cast.officer,
        options={"round": round_pk},
        idempotency_key=uuid.uuid4(),
    )


def test_an_approved_award_stands_in_the_way(cast: Cast) -> None:
    fund = make_fund(cast.here, holds_vnd=9_000_000)
    round_ = make_round(fund)
    run = bring_in("awards", workbook(HEAD, row(cast)), by=cast.officer, options={"round": round_.pk})
    approve(Award.unscoped.get())
    assert len(obstacles_of(run, by=cast.officer)) == 1
    assert done(actions.take_back(run=run, by=cast.officer)).state == RunState.APPLIED
