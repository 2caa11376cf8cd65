"""Who may have been entered twice: what is found, what is left alone, what is remembered."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hkh.core.models import Job, JobStatus
from hkh.core.worker import run_now
from members import duplicates
from members.duplicates import WEIGHTS, find_duplicates
from members.models import DuplicatePair, Likeness, Member, Unit
from tests.cast import Cast, make_unit
from tests.members.rows import make_member

BORN = date(1958, 9, 2)


@pytest.fixture
def units(cast: Cast) -> dict[str, Unit]:
    return {
        "same": cast.branch,
        "near": make_unit("Chi hội khu 2", tier=cast.branch.tier, parent=cast.here),
        "far": make_unit("Chi hội Tu Vũ", tier=cast.branch.tier, parent=cast.elsewhere),
    }


def found() -> list[tuple[int, list[str]]]:
    find_duplicates()
    rows = DuplicatePair.unscoped.filter(state="open").order_by("-score", "pk")
    return list(rows.values_list("score", "likenesses"))


@pytest.mark.parametrize(
    ("one", "other", "where", "score", "likenesses"),
    [
        ({"birth_date": BORN}, {"birth_date": BORN}, "far", 80, ["name", "birth_date"]),
        ({"birth_date": BORN}, {"birth_date": BORN}, "near", 88, ["name", "birth_date", "parent"]),
        ({"birth_date": BORN}, {"birth_date": BORN}, "same", 95, ["name", "birth_date", "unit"]),
        ({"birth_date": BORN, "sex": "f"}, {"birth_date": BORN, "sex": "m"}, "far", None, None),
        ({"birth_date": BORN}, {"birth_year": 1958}, "same", 75, ["name", "birth_year", "unit"]),
        ({"birth_date": BORN}, {"birth_year": 1958}, "near", None, None),
        ({"birth_date": BORN}, {"birth_year": 1959}, "same", None, None),
        ({"birth_year": 1958}, {}, "same", 70, ["name", "birth_unknown", "unit"]),
        ({"birth_year": 1958}, {}, "far", None, None),
        ({"birth_date": BORN}, {"birth_date": date(1958, 2, 9)}, "same", 85, ["name", "birth_swapped", "unit"]),
        ({"birth_date": BORN}, {"birth_date": date(1958, 9, 3)}, "same", None, None),
        ({"full_name": "Hoa", "birth_date": BORN}, {"full_name": "Hoà", "birth_date": BORN}, "far", None, None),
        (
            {"full_name": "Hoa", "birth_date": BORN},
            {"full_name": "Hoà", "birth_date": BORN},
            "near",
            73,
            ["name_without_marks", "birth_date", "parent"],
        ),
        ({"phone": "0912 345 678"}, {"phone": "+84912345678"}, "far", 90, ["name", "birth_unknown", "phone"]),
        (
            {"full_name": "Lê Văn Tám", "phone": "0912345678", "birth_date": BORN},
            {"full_name": "Lê V. Tám", "phone": "0912.345.678", "birth_date": BORN},
            "far",
            75,
            ["birth_date", "phone"],
        ),
        ({"phone": "0912"}, {"phone": "0912"}, "far", None, None),
    ],
)
def test_what_two_entries_have_in_common_is_weighed(
    units, one: dict[str, Any], other: dict[str, Any], where: str, score: int | None, likenesses: list[str] | None
) -> None:
    make_member(units["same"], **one)
    make_member(units[where], **other)
    assert found() == ([(score, likenesses)] if score else [])


def test_every_likeness_has_its_weight() -> None:
    assert set(WEIGHTS) == set(Likeness)


def test_what_many_share_tells_nothing(units, monkeypatch) -> None:
    monkeypatch.setattr(duplicates, "MOST_ALIKE", 3)
    for _n in range(4):
        make_member(units["same"], birth_date=BORN)
    assert found() == []


def test_what_was_decided_is_remembered_and_what_is_alike_no_more_goes(units) -> None:
    first, second, third = (make_member(units["same"], birth_date=BORN) for _n in range(3))
    assert len(found()) == 3
    DuplicatePair.unscoped.filter(first=first, second=second).update(state="different")
    Member.unscoped.filter(pk=third.pk).update(birth_date=date(1970, 1, 1))
    assert found() == []
    kept = DuplicatePair.unscoped.get()
    assert (kept.first, kept.second, kept.state) == (first, second, "different")


def test_people_put_together_are_no_pair_any_more(units) -> None:
    kept, gone = (make_member(units["same"], birth_date=BORN) for _n in range(2))
    assert len(found()) == 1
    gone.memberships.all().delete()
    Member.unscoped.filter(pk=gone.pk).update(merged_into=kept)
    assert found() == []


def test_a_second_search_changes_nothing(units) -> None:
    for _n in range(2):
        make_member(units["same"], birth_date=BORN)
    find_duplicates()
    before = list(DuplicatePair.unscoped.values())
    assert find_duplicates().waiting == 1
    assert list(DuplicatePair.unscoped.values()) == before


@pytest.mark.parametrize(("who", "status", "pairs"), [("clerk", JobStatus.DONE, 1), ("viewer", JobStatus.FAILED, 0)])
def test_the_worker_looks_for_who_may_decide(cast: Cast, units, who: str, status: str, pairs: int) -> None:
    for _n in range(2):
        make_member(units["same"], birth_date=BORN)
    job = run_now(Job.objects.create(kind="members.duplicates", owner=getattr(cast, who)))
    assert (job.status, DuplicatePair.unscoped.count()) == (status, pairs)
