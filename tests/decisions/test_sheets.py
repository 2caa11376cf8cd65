"""A decision from a sheet: what each line means, and what is wrong with it, by its row."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from hkh.decisions.actions import add_sheet, render_sheet
from members.models import Change, ChangeKind, Decision
from tests.cast import Cast
from tests.decisions.drafts import carried_out, drafted
from tests.funds.raw import run

HEAD = "Mã đơn vị cũ;Mã đơn vị mới;Tên đơn vị mới;Cấp hội;Trực thuộc;Tỷ lệ;Thay đổi;Cách bàn giao quỹ;Tiền bàn giao\n"


@pytest.fixture
def decision(cast: Cast) -> Decision:
    return drafted(cast)


def sheet(folder: Path, *lines: str, head: str = HEAD) -> Path:
    path = folder / "quyet-dinh.csv"
    path.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def read_in(cast: Cast, decision: Decision, path: Path):
    return add_sheet(decision=decision, path=path, name=path.name, by=cast.administrator)


def changes(decision: Decision) -> list[tuple[object, ...]]:
    """Kind, old unit, target's code, name, tier, parent's code, share."""
    return [
        (
            change.kind,
            change.unit.code if change.unit else "",
            change.target.code if change.target else change.target_change.code if change.target_change else "",
            change.name,
            change.tier.code if change.tier else "",
            change.parent.code if change.parent else change.parent_change.code if change.parent_change else "",
            change.share,
        )
        for change in decision.changes.order_by("position")
    ]


def test_lines_become_changes(cast: Cast, decision: Decision, tmp_path: Path) -> None:
    here, elsewhere, branch = cast.here.code, cast.elsewhere.code, cast.branch.code
    path = sheet(
        tmp_path,
        f"{here};moi;Hội xã Mới;Cơ sở;{cast.province.code};;;;",
        f"{elsewhere};moi;;;;;;;",
        f"{branch};;Chi hội khu mới;;MOI;;;;",
        ";moi-2;Hội xã Khác;grassroots;" + cast.province.code + ";;;;",
    )
    reading = read_in(cast, decision, path)
    assert reading.faults == []
    assert changes(decision) == [
        ("found", "", "", "Hội xã Mới", "GRASSROOTS", cast.province.code, None),
        ("found", "", "", "Hội xã Khác", "GRASSROOTS", cast.province.code, None),
        ("merge", here, "MOI", "", "", "", None),
        ("merge", elsewhere, "MOI", "", "", "", None),
        ("rename", branch, "", "Chi hội khu mới", "", "", None),
        ("move", branch, "", "", "", "MOI", None),
    ]
    carried_out(cast, decision)


def test_a_unit_on_several_lines_is_split(cast: Cast, decision: Decision, tmp_path: Path) -> None:
    path = sheet(
        tmp_path,
        f"{cast.here.code};MOT;Hội xã Một;;;0,4;;Chia đều;",
        f"{cast.here.code};{cast.elsewhere.code};;;;0,6;;Chia đều;",
    )
    assert read_in(cast, decision, path).faults == []
    assert changes(decision) == [
        ("found", "", "", "Hội xã Một", "GRASSROOTS", cast.province.code, None),
        ("split", cast.here.code, "MOT", "", "", "", Decimal("0.4")),
        ("split", cast.here.code, cast.elsewhere.code, "", "", "", Decimal("0.6")),
    ]
    assert set(decision.changes.filter(kind="split").values_list("fund_rule", flat=True)) == {"equal"}


def test_stated_amounts_and_a_dissolution(cast: Cast, decision: Decision, tmp_path: Path) -> None:
    path = sheet(
        tmp_path,
        f"{cast.here.code};{cast.elsewhere.code};;;;0,5;chia tách;;1.500.000",
        f"{cast.branch.code};;;;;;Giải thể;;",
    )
    assert read_in(cast, decision, path).faults == []
    split = decision.changes.get(kind="split")
    assert (split.fund_rule, split.cash_vnd, split.goods_vnd) == ("stated", 1_500_000, 0)
    assert decision.changes.get(kind="dissolve").unit == cast.branch


def test_faults_name_their_rows_and_nothing_is_written(cast: Cast, decision: Decision, tmp_path: Path) -> None:
    path = sheet(
        tmp_path,
        f"KHONG;{cast.here.code};;;;;;;",
        f"{cast.here.code};;;;;;;;",
        ";MOI;;;;;;;",
        f"{cast.elsewhere.code};MOI-2;Hội xã Hai;Cấp lạ;;;;;",
        f"{cast.branch.code};;;;DAU-DO;;;;",
        ";;chỉ có tên;;;;;;",
        f"{cast.branch.code};{cast.here.code};;;;1,5;;;",
    )
    with override("en"):
        reading = read_in(cast, decision, path)
    assert [(fault.row, fault.reason) for fault in reading.faults] == [
        (2, "No unit under “Tỉnh hội” has the code KHONG."),
        (3, "Say what becomes of “Hội xã Hy Cương”: a new unit, name, tier, parent, or that it is dissolved."),
        (4, "No unit has the code MOI. To found it, fill in: New name, Tier, Stands under (code)."),
        (5, "There is no tier called “Cấp lạ”."),
        (6, "No unit under “Tỉnh hội” has the code DAU-DO."),
        (7, "The line names no unit."),
        (8, "Write which share goes to the new unit, above 0 and at most 1, to six decimals."),
    ]
    assert not Change.objects.exists()


def test_lines_that_contradict_each_other_are_refused(cast: Cast, decision: Decision, tmp_path: Path) -> None:
    path = sheet(
        tmp_path,
        f"{cast.here.code};MOI;Hội xã Mới;;;;;;",
        f"{cast.elsewhere.code};MOI;Hội xã Cũ;;;;;;",
    )
    with override("en"):
        reading = read_in(cast, decision, path)
    assert [(f.row, f.reason) for f in reading.faults] == [(3, "Line 2 says something else of the new unit MOI.")]


def test_a_sheet_of_something_else_is_refused(cast: Cast, decision: Decision, tmp_path: Path) -> None:
    with override("en"):
        reading = read_in(cast, decision, sheet(tmp_path, "Nguyễn An;1960", head="Họ tên;Năm sinh\n"))
    assert [fault.row for fault in reading.faults] == [0]
    path = tmp_path / "virus.exe"
    path.write_bytes(b"MZ")
    with pytest.raises(ValidationError):
        read_in(cast, decision, path)


@pytest.mark.parametrize("language", ["vi", "en", "id"])
def test_the_sheet_to_fill_in_is_read_in_every_language(
    cast: Cast, decision: Decision, tmp_path: Path, language: str
) -> None:
    path = tmp_path / "mau.xlsx"
    with override(language):
        path.write_bytes(render_sheet([{"old_unit": cast.here.code, "new_unit": cast.elsewhere.code}]))
    assert read_in(cast, decision, path).faults == []
    assert changes(decision) == [("merge", cast.here.code, cast.elsewhere.code, "", "", "", None)]


def test_an_empty_sheet_says_so(cast: Cast, decision: Decision, tmp_path: Path) -> None:
    path = tmp_path / "mau.xlsx"
    path.write_bytes(render_sheet())
    assert [fault.row for fault in read_in(cast, decision, path).faults] == [0]


def test_a_code_out_of_reach_is_not_founded(cast: Cast, tmp_path: Path) -> None:
    from hkh.decisions.actions import draft_decision
    from tests.decisions.drafts import REFORM

    decision = draft_decision(unit=cast.here, effective_on=REFORM, by=_superuser(cast))
    with override("en"):
        reading = add_sheet(
            decision=decision,
            path=sheet(tmp_path, f"{cast.branch.code};{cast.elsewhere.code};;;;;;;"),
            name="x.csv",
            by=_superuser(cast),
        )
    assert [fault.reason for fault in reading.faults] == [
        f"The unit with the code {cast.elsewhere.code} does not stand under “Hội xã Hy Cương”, which decides."
    ]


def _superuser(cast: Cast):
    run("UPDATE members_user SET is_superuser = true WHERE id = %s", [cast.administrator.pk])
    cast.administrator.refresh_from_db()
    return cast.administrator


@pytest.mark.parametrize("count", [1, 3])
def test_the_queries_do_not_grow_with_the_lines(
    cast: Cast, decision: Decision, tmp_path: Path, count: int, django_assert_num_queries
) -> None:
    lines = [f";MOI-{n};Hội xã {n};GRASSROOTS;{cast.province.code};;;;" for n in range(count)]
    path = sheet(tmp_path, *lines)
    with django_assert_num_queries(13):
        read_in(cast, decision, path)
    assert decision.changes.filter(kind=ChangeKind.FOUND).count() == count
