from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from members.actions import correct_member, merge_members, obstacles, record_recognition, take_back_recognition
from members.actions import undo_merge as undo
from members.merging import rows_of
from members.models import Member, MemberChange, MemberMerge, Recognition
from tests.cast import Cast
from tests.members.rows import make_member


@pytest.fixture(autouse=True)
def day(settings) -> None:
    settings.HKH_TODAY = "2026-06-30"
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def member(cast: Cast) -> Member:
    return make_member(cast.branch, "Lê Văn Tám", birth_year=1958)


def record(cast: Cast, member: Member, **facts: Any) -> Recognition:
    return record_recognition(**{"member": member, "kind": "citizen", "when": 2023, "by": cast.clerk, **facts})


def told(member: Member) -> list[tuple[Any, ...]]:
    rows = Recognition.unscoped.filter(member=member).order_by("year", "kind", "given_by")
    return list(rows.values_list("kind", "year", "given_by", "decision"))


def test_a_year_or_a_day_is_written_down_and_by_whom(cast: Cast, member: Member) -> None:
    first = record(cast, member)
    second = record(
        cast,
        member,
        kind="other",
        wording="  Ông bà   mẫu mực ",
        when=date(2024, 10, 2),
        given_by=" UBND xã ",
        decision=" 12/QĐ-UBND ",
        by=cast.chair,
    )
    for row in (first, second):
        row.refresh_from_db()
    assert (first.year, first.recognised_on, first.title, first.when) == (2023, None, "Learning citizen", "2023")
    assert (second.year, second.when, second.title) == (2024, "02/10/2024", "Ông bà mẫu mực")
    assert (second.given_by, second.decision) == ("UBND xã", "12/QĐ-UBND")
    assert (first.entered_by, second.entered_by) == (cast.clerk, cast.chair)


def test_a_form_sent_twice_is_one_row(cast: Cast, member: Member) -> None:
    key = uuid4()
    first = record(cast, member, idempotency_key=key)
    assert record(cast, member, idempotency_key=key) == first
    assert Recognition.unscoped.count() == 1


@pytest.mark.parametrize(
    ("facts", "rule", "sentence"),
    [
        ({"kind": "other"}, "recognition_worded", "Write what it is called."),
        (
            {"when": 2099},
            "recognition_not_in_future",
            "2099 has not come yet. Write this year, or an earlier year or day.",
        ),
        (
            {"when": date(2099, 12, 31)},
            "recognition_not_in_future",
            "31/12/2099 has not come yet. Write this year, or an earlier year or day.",
        ),
        (
            {"when": 1957},
            "recognition_before_birth",
            "Lê Văn Tám was born in 1958. Nobody is honoured before: check the birth, titles and commendations.",
        ),
        ({}, "recognition_once", "This stands on the person's page for that year already."),
    ],
)
def test_refusals_are_sentences_and_nothing_stays(
    cast: Cast, member: Member, facts: dict[str, Any], rule: str, sentence: str
) -> None:
    record(cast, member)
    with pytest.raises(ValidationError) as refusal:
        record(cast, member, **facts)
    (error,) = refusal.value.error_list
    assert (error.code, refusal.value.messages) == (rule, [sentence])
    assert Recognition.unscoped.count() == 1


def test_a_birth_corrected_past_it_is_refused(cast: Cast, member: Member) -> None:
    record(cast, member, when=1990)
    with pytest.raises(ValidationError) as refusal:
        correct_member(member=member, revision=1, birth_year=1991, by=cast.clerk)
    assert refusal.value.code == "recognition_before_birth"
    member.refresh_from_db()
    assert (member.birth_year, member.revision) == (1958, 1)


def test_who_may_record_and_take_back(cast: Cast, member: Member) -> None:
    row = record(cast, member)
    for user, raised in ((cast.viewer, PermissionDenied), (cast.officer, PermissionDenied), (cast.outsider, Http404)):
        with pytest.raises(raised):
            record(cast, member, when=2024, by=user)
        with pytest.raises(raised):
            take_back_recognition(recognition=row, by=user)
    assert told(member) == [("citizen", 2023, "", "")]


def test_what_is_taken_back_is_kept_in_the_log_and_taken_back_once(cast: Cast, member: Member) -> None:
    row = record(cast, member, given_by="UBND xã")
    stale = Recognition.unscoped.get(pk=row.pk)
    take_back_recognition(recognition=row, by=cast.chair)
    kept = MemberChange.unscoped.get()
    assert (kept.what, kept.member_id, kept.actor, kept.is_deletion) == ("recognition", member.pk, cast.chair, True)
    assert (kept.changes["kind"], kept.changes["given_by"]) == (["citizen", None], ["UBND xã", None])
    with pytest.raises(ValidationError):
        take_back_recognition(recognition=stale, by=cast.chair)
    assert told(member) == []


def merge(cast: Cast, kept: Member, gone: Member, **facts: Any) -> MemberMerge:
    said = {"take": (), "gone_line_stands": False, "revisions": (kept.revision, gone.revision), "by": cast.clerk}
    return merge_members(kept=kept, gone=gone, **{**said, **facts})


def test_two_entries_of_one_person_bear_the_titles_of_both_and_undoing_leads_back(cast: Cast, member: Member) -> None:
    """What both say stands once, as it was written more fully: here that of ``kept``, there that of ``gone``."""
    gone = make_member(cast.branch, "Le Van Tam", birth_year=1948)
    record(cast, member, given_by="UBND xã", decision="1/QĐ")
    record(cast, gone, given_by="UBND")
    record(cast, member, kind="family")
    record(cast, gone, kind="family", when=date(2023, 10, 2))
    record(cast, member, kind="merit", given_by="UBND tỉnh")
    record(cast, gone, kind="merit", given_by="Trung ương Hội")
    record(cast, gone, kind="medal", when=1955)
    before = rows_of([member.pk, gone.pk])

    made = merge(cast, member, gone, take=("birth",))

    assert told(member) == [
        ("medal", 1955, "", ""),
        ("citizen", 2023, "UBND xã", "1/QĐ"),
        ("family", 2023, "", ""),
        ("merit", 2023, "Trung ương Hội", ""),
        ("merit", 2023, "UBND tỉnh", ""),
    ]
    assert Recognition.unscoped.get(kind="family").recognised_on == date(2023, 10, 2)
    assert told(gone) == []
    undo(merge=made, by=cast.clerk)
    assert rows_of([member.pk, gone.pk]) == before


def test_a_merge_that_would_put_a_title_before_the_birth_is_refused_whole(cast: Cast, member: Member) -> None:
    gone = make_member(cast.branch, "Le Van Tam", birth_year=1948)
    record(cast, gone, kind="medal", when=1955)
    before = rows_of([member.pk, gone.pk])
    with pytest.raises(ValidationError) as refusal:
        merge(cast, member, gone)
    assert refusal.value.code == "recognition_before_birth"
    assert rows_of([member.pk, gone.pk]) == before


def test_a_title_entered_since_stands_in_the_way_of_undoing_and_says_so(cast: Cast, member: Member) -> None:
    gone = make_member(cast.branch, "Le Van Tam", birth_year=1958)
    made = merge(cast, member, gone)
    row = record(cast, member)
    assert [str(one) for one in obstacles(made)] == ["A title or commendation has been entered or taken back since."]
    take_back_recognition(recognition=row, by=cast.clerk)
    assert obstacles(made) == []


def test_an_entry_put_together_with_another_is_honoured_no_more(cast: Cast, member: Member) -> None:
    gone = make_member(cast.branch, "Le Van Tam", birth_year=1958)
    stale, row = Member.unscoped.get(pk=gone.pk), record(cast, gone)
    merge(cast, member, gone)
    with pytest.raises(ValidationError):
        record(cast, stale, when=2024)
    with pytest.raises(ValidationError):
        take_back_recognition(recognition=row, by=cast.clerk)
    assert told(member) == [("citizen", 2023, "", "")]
