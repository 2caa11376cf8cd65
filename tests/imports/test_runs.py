"""A run from hand to hand: whose it is, what it is confirmed as, what happens when something moves meanwhile."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from io import BytesIO

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from hkh.core.models import MadeFile
from hkh.core.sheets import staging
from hkh.imports import actions
from hkh.imports.models import ImportRun, RunState
from hkh.imports.registry import SHEETS
from members.actions import add_member, correct_member
from members.models import Grant, Member
from members.rules import forget
from tests.cast import Cast, a_province
from tests.imports.sheets import bring_in, causes, confirm, done, hand_in, told, upload, work_of, workbook

pytestmark = pytest.mark.django_db

HEAD = ("Họ và tên", "Ngày sinh", "Điện thoại", "Mã chi hội", "Ngày vào hội")


@pytest.fixture
def cast() -> Cast:
    return a_province()


def row(cast: Cast, name: str = "Nguyễn Văn An", **facts: object) -> tuple[object, ...]:
    said: dict[str, object] = {"name": name, "birth": "2/9/1958", "phone": None, "unit": cast.branch.code}
    said |= {"joined": "26/3/2015"} | facts
    return tuple(said.values())


def test_the_refused_rows_come_back_with_the_reason_and_come_in_once_put_right(cast: Cast) -> None:
    run = hand_in("members", workbook(HEAD, row(cast), row(cast, "Lê Thị Ba", birth="31/2/1960")), by=cast.clerk)
    assert run.refused_file is not None
    book = openpyxl.load_workbook(BytesIO(run.refused_file.full_path.read_bytes()))
    sheet = book.active
    assert sheet is not None
    table = [[cell or "" for cell in line] for line in sheet.iter_rows(values_only=True)]
    assert table[0] == [*HEAD, "Lý do từ chối"]
    assert table[1][:5] == ["Lê Thị Ba", "31/2/1960", "", cast.branch.code, "26/3/2015"]
    assert table[1][5] == "Không có ngày 31 trong tháng 2/1960; tháng này có 29 ngày."
    assert len(table) == 2

    sheet["B2"] = "29/2/1960"
    stream = BytesIO()
    book.save(stream)
    again = hand_in("members", stream.getvalue(), by=cast.clerk)
    assert (told(again), causes(again)) == ((1, 0, 0, 0), {})


def test_all_or_nothing_takes_in_nothing_while_a_row_is_refused(cast: Cast) -> None:
    run = hand_in("members", workbook(HEAD, row(cast), row(cast, "Lê Thị Ba", birth="31/2/1960")), by=cast.clerk)
    with pytest.raises(ValidationError):
        confirm(run, by=cast.clerk, all_or_nothing=True)
    assert Member.unscoped.count() == 0

    confirm(run, by=cast.clerk)
    assert Member.unscoped.count() == 1


def test_a_plan_that_would_come_out_otherwise_is_shown_anew_and_not_carried_out(cast: Cast) -> None:
    run = hand_in("members", workbook(HEAD, row(cast), row(cast, "Lê Thị Ba")), by=cast.clerk)
    from datetime import date

    add_member(
        unit=cast.branch, joined_on=date(2015, 3, 26), full_name="Lê Thị Ba", birth_date=date(1958, 9, 2), by=cast.chair
    )
    run = confirm(run, by=cast.clerk)
    assert (run.state, run.has_moved, told(run), Member.unscoped.count()) == (RunState.CHECKED, True, (1, 0, 1, 0), 1)

    run = confirm(run, by=cast.clerk)
    assert (run.state, Member.unscoped.count()) == (RunState.APPLIED, 2)


def test_a_plan_is_made_once_where_nothing_moved(cast: Cast) -> None:
    run = hand_in("members", workbook(HEAD, row(cast)), by=cast.clerk)
    with CaptureQueriesContext(connection) as applied:
        run = confirm(run, by=cast.clerk)
    assert run.state == RunState.APPLIED
    assert [query["sql"] for query in applied if f"CREATE UNLOGGED TABLE {run.stage.plan}" in query["sql"]] == []


def test_whatever_a_plan_rests_on_makes_it_anew_once_it_moves(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    member = add_member(
        unit=cast.branch, joined_on=date(2015, 3, 26), full_name="Lê Thị Ba", birth_date=date(1958, 9, 2), by=cast.chair
    )
    kind = SHEETS["members"]
    seen: list[str] = []

    def stands(statement: str = "") -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement or "SELECT 1")
        forget(cast.clerk)
        seen.append(kind.basis(by=cast.clerk))

    stands()
    stands()
    assert seen[0] == seen[1]
    stands(f"UPDATE members_member SET note = note WHERE id = {member.pk}")
    stands(f"UPDATE members_membership SET joined_on = joined_on WHERE member_id = {member.pk}")
    stands(f"UPDATE members_unit SET name = name WHERE id = {cast.branch.pk}")
    stands(f"UPDATE members_tier SET holds_members = holds_members WHERE id = {cast.branch.tier_id}")
    stands(f"UPDATE members_grant SET valid_until = CURRENT_DATE WHERE user_id = {cast.clerk.pk}")
    monkeypatch.setattr("members.imports.people.today", lambda: date(2031, 1, 1))
    stands()
    assert len(set(seen)) == 7


def test_who_lost_the_right_meanwhile_brings_nothing_in(cast: Cast) -> None:
    run = hand_in("members", workbook(HEAD, row(cast)), by=cast.clerk)
    Grant.objects.filter(user=cast.clerk).delete()
    from members.models import User

    again = User.objects.get(pk=cast.clerk.pk)
    with pytest.raises(PermissionDenied):
        confirm(run, by=again)
    assert Member.unscoped.count() == 0


def test_rows_of_units_out_of_reach_read_like_unknown_ones(cast: Cast) -> None:
    from tests.cast import make_unit

    far = make_unit("Chi hội khu 7", tier=cast.branch.tier, parent=cast.elsewhere)
    rows = [
        row(cast, unit=far.code),
        row(cast, unit="KHONG-CO"),
        row(cast, unit="Chi hội khu 7"),
        row(cast, unit="Chi hội khu 99"),
        row(cast, unit="chi hoi khu 1"),
    ]
    run = hand_in("members", workbook(HEAD, *rows), by=cast.clerk)
    assert (causes(run), told(run)) == ({"unit_unknown": [2, 3, 4, 5]}, (1, 0, 0, 4))
    assert {len(group["examples"]) for group in run.groups if group["refuses"]} == {4}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT unit_id, unit_name FROM {run.stage.plan} WHERE row_no < 6")
        assert cursor.fetchall() == [(None, None)]


def test_numbers_and_cards_of_members_out_of_reach_say_nothing_of_them(cast: Cast) -> None:
    from datetime import date

    from tests.cast import make_unit

    far = make_unit("Chi hội khu 7", tier=cast.branch.tier, parent=cast.elsewhere)
    hidden = add_member(
        unit=far,
        joined_on=date(2015, 3, 26),
        full_name="Người Khuất",
        card_number="PT-1",
        by=cast.administrator,
    )
    head = ("Số HKH", "Họ và tên", "Số thẻ", "Mã chi hội", "Ngày vào hội")
    rows = [
        (hidden.pk, "Người Khuất", None, cast.branch.code, 2015),
        (hidden.pk + 1, "Người Không", None, cast.branch.code, 2015),
        (None, "Người Khác", "PT-1", cast.branch.code, 2015),
    ]
    run = hand_in("members", workbook(head, *rows), by=cast.clerk)
    assert causes(run) == {"number_unknown": [2, 3], "card_taken": [4]}
    said = {value for group in run.groups for _row, value in group["examples"]}
    assert said == {str(hidden.pk), str(hidden.pk + 1), ""}


def test_known_members_are_put_right_and_put_back(cast: Cast) -> None:
    bring_in("members", workbook(HEAD, row(cast), row(cast, "Lê Thị Ba", birth=1960)), by=cast.clerk)
    rows = [row(cast, phone="0912345678"), row(cast, "LÊ THỊ BA", birth="1/5/1960")]
    run = hand_in("members", workbook(HEAD, *rows), by=cast.clerk)
    assert told(run) == (0, 2, 0, 0)
    run = confirm(run, by=cast.clerk)
    kept = list(run.changes.order_by("row_no").values_list("changes", flat=True))
    assert kept == [
        {"phone": ["", "0912345678"]},
        {"birth_date": [None, "1960-05-01"]},
    ]
    facts = ("phone", "birth_year", "revision")
    assert list(Member.unscoped.order_by("pk").values_list(*facts)) == [("0912345678", 1958, 2), ("", 1960, 2)]

    done(actions.take_back(run=run, by=cast.clerk))
    facts = ("phone", "birth_date__year", "birth_year")
    assert list(Member.unscoped.order_by("pk").values_list(*facts)) == [("", 1958, 1958), ("", None, 1960)]


def test_taking_back_stops_at_what_was_built_on_it(cast: Cast) -> None:
    from hkh.imports.queries import obstacles_of

    run = bring_in("members", workbook(HEAD, row(cast), row(cast, "Lê Thị Ba")), by=cast.clerk)
    member = Member.unscoped.first()
    assert member is not None
    correct_member(member=member, revision=1, phone="0912345678", by=cast.clerk)

    assert obstacles_of(run, by=cast.clerk) == ["1 hội viên đã được sửa từ đó đến nay."]
    assert done(actions.take_back(run=run, by=cast.clerk)).state == RunState.APPLIED
    assert Member.unscoped.count() == 2


def test_taking_back_stops_at_a_title_that_rests_on_a_member(cast: Cast) -> None:
    from hkh.imports.queries import obstacles_of
    from members.actions import record_recognition, take_back_recognition

    run = bring_in("members", workbook(HEAD, row(cast), row(cast, "Lê Thị Ba")), by=cast.clerk)
    member = Member.unscoped.first()
    assert member is not None
    title = record_recognition(member=member, kind="citizen", when=2023, by=cast.clerk)

    assert obstacles_of(run, by=cast.clerk) == [
        "danh hiệu, khen thưởng: 1 dòng gắn với những dòng mà bảng này đã đưa vào."
    ]
    assert done(actions.take_back(run=run, by=cast.clerk)).state == RunState.APPLIED
    take_back_recognition(recognition=title, by=cast.clerk)
    done(actions.take_back(run=run, by=cast.clerk))
    assert Member.unscoped.count() == 0


def test_taking_back_leaves_no_trace_but_the_run(cast: Cast) -> None:
    from members.models import MemberMonth, Membership
    from members.rollups.memberships import check

    run = bring_in("members", workbook(HEAD, row(cast), row(cast, "Lê Thị Ba")), by=cast.clerk)
    run = done(actions.take_back(run=run, by=cast.clerk))
    assert (run.state, Member.unscoped.count(), Membership.unscoped.count()) == (RunState.UNDONE, 0, 0)
    assert (check(), sum(MemberMonth.objects.values_list("joined", flat=True))) == ([], 0)
    assert (run.counts["new"], run.owner, len(run.file_sha256)) == (2, cast.clerk, 64)


def test_a_form_sent_twice_hands_in_once_and_confirms_once(cast: Cast) -> None:
    key = uuid.uuid4()
    content = workbook(HEAD, row(cast))
    first, second = (
        actions.hand_in(sheet=SHEETS["members"], upload=upload(content), by=cast.clerk, options={}, idempotency_key=key)
        for _n in range(2)
    )
    assert first.pk == second.pk
    confirm(first, by=cast.clerk)
    assert confirm(first, by=cast.clerk).state == RunState.APPLIED
    assert (ImportRun._base_manager.count(), Member.unscoped.count()) == (1, 1)


def test_what_the_guard_refuses_leaves_nothing_behind(cast: Cast) -> None:
    with pytest.raises(ValidationError) as refusal:
        hand_in("members", b"PK\x03\x04 no workbook", by=cast.clerk)
    assert "hỏng" in str(refusal.value)
    assert (ImportRun._base_manager.count(), MadeFile._base_manager.count()) == (0, 0)


def test_what_nobody_confirms_is_dropped_after_a_while(cast: Cast) -> None:
    run = hand_in("members", workbook(HEAD, row(cast)), by=cast.clerk)
    assert run.file is not None
    path = run.file.full_path
    actions.tidy()
    assert (staging.exists(run.stage), path.exists()) == (True, True)
    ImportRun._base_manager.update(created_at=timezone.now() - actions.PATIENCE - timedelta(days=1))
    actions.tidy()
    run = ImportRun._base_manager.get()
    assert (run.state, staging.exists(run.stage), path.exists()) == (RunState.DISCARDED, False, False)


def test_rows_lost_with_the_server_are_read_again(cast: Cast) -> None:
    run = hand_in("members", workbook(HEAD, row(cast)), by=cast.clerk)
    staging.drop(run.stage)
    run = actions.confirm(run=run, digest=run.digest, all_or_nothing=False, by=cast.clerk)
    assert (run.state, work_of(run).error != "") == (RunState.CHECKED, True)
    run = done(actions.match_columns(run=run, matching=run.at, options={}, by=cast.clerk))
    assert confirm(run, by=cast.clerk).state == RunState.APPLIED


def test_statements_do_not_grow_with_rows(cast: Cast) -> None:
    bring_in("members", workbook(HEAD, row(cast)), by=cast.clerk)  # what is remembered of rights is looked up here
    counts = []
    for many in (2, 40):
        rows = [row(cast, f"Người {many} Thứ {n}", birth=1900 + n) for n in range(1, many)]
        content = workbook(HEAD, *rows, row(cast, "Lỗi", birth="31/2/1960"))
        with CaptureQueriesContext(connection) as checked:
            run = hand_in("members", content, by=cast.clerk)
        with CaptureQueriesContext(connection) as applied:
            confirm(run, by=cast.clerk)
        counts.append((len(checked), len(applied)))
    assert counts[0] == counts[1]


def test_runs_are_their_owner_s_alone(cast: Cast, client: Client) -> None:
    run = hand_in("members", workbook(HEAD, row(cast)), by=cast.clerk)
    gets = ("run-detail", "run-undo", "run-progress")
    posts = ("run-match", "run-sheet", "run-confirm", "run-discard", "run-undo")
    cast.chair.is_superuser = True
    cast.chair.save()
    for user in (cast.chair, cast.administrator):
        client.force_login(user)
        assert [client.get(reverse(f"imports:{name}", args=[run.pk])).status_code for name in gets] == [404] * 3
        assert [client.post(reverse(f"imports:{name}", args=[run.pk])).status_code for name in posts] == [404] * 5
    run.refresh_from_db()
    assert run.state == RunState.CHECKED
