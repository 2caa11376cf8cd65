"""The pages of decisions: drafted, put together, looked at, carried out, undone, recorded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from hkh.core.models import Job
from hkh.core.worker import run_now
from hkh.decisions.actions import draft_decision
from members.actions import rename_unit
from members.models import ChangeKind, Decision, DecisionState, Unit
from tests.cast import Cast, make_fund, make_unit, make_user
from tests.decisions.drafts import carried_out, drafted
from tests.members.rows import make_member

REFORM = date(2025, 7, 1)


@pytest.fixture(autouse=True)
def language(settings) -> None:
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def administrator(cast: Cast, client: Client) -> Client:
    client.force_login(cast.administrator)
    return client


def page(name: str, *args: Any) -> str:
    return reverse(f"decisions:{name}", args=args)


def test_a_merger_is_drafted_looked_at_carried_out_and_undone(cast: Cast, administrator: Client) -> None:
    make_member(cast.branch)
    make_fund(cast.here, holds_vnd=5_000_001)
    papers = {
        "effective_on": "1/7/2025",
        "number": "12/QĐ-HKH",
        "signed_on": "12/6/2025",
        "idempotency_key": "3e0b2f0e-7f5a-4a0e-8f0a-0d8c5e6d9b11",
    }
    response = administrator.post(page("decision-add"), {**papers, "unit": cast.province.code})
    decision = Decision.unscoped.get()
    assert response.headers["Location"] == page("decision-detail", decision.pk)
    assert administrator.post(page("decision-add"), papers).headers["Location"] == response.headers["Location"]

    merged = {
        "unit_1": cast.here.code,
        "unit_2": cast.elsewhere.code,
        "new_name": "Hội xã Tiên Lương",
        "new_code": "tien-luong",
        "new_tier": cast.here.tier_id,
    }
    assert administrator.post(page("change-add", decision.pk, "merge"), merged).status_code == 302
    groups = administrator.get(page("decision-detail", decision.pk)).context["groups"]
    assert [(group.title, [line.text for line in group.lines]) for group in groups] == [
        (
            "Hội xã Tiên Lương",
            [
                "Found “Hội xã Tiên Lương” (TIEN-LUONG, Cơ sở) under Tỉnh hội",
                "Merge “Hội xã Hy Cương” into “Hội xã Tiên Lương”",
                "Merge “Hội xã Tu Vũ” into “Hội xã Tiên Lương”",
            ],
        )
    ]

    seen = administrator.get(page("decision-preview", decision.pk))
    shown = seen.context["shown"]
    assert [becoming.title for becoming in shown.becomings] == ["Hội xã Hy Cương, Hội xã Tu Vũ → Hội xã Tiên Lương"]
    assert [(one.parent, one.units, one.members) for one in shown.gatherings] == [("Hội xã Tiên Lương", 1, 1)]
    assert (shown.given_vnd, shown.received_vnd, shown.difference_vnd) == (5_000_001, 5_000_001, 0)
    assert "5,000,001 đồng" in seen.content.decode()
    assert seen.context["ready"]

    basis = seen.context["form"]["basis"].value()
    assert administrator.post(page("decision-apply", decision.pk), {"basis": basis}).status_code == 302
    decision.refresh_from_db()
    assert decision.state == DecisionState.APPLIED
    assert Unit.unscoped.get(code="TIEN-LUONG").children.get() == cast.branch
    done = administrator.get(page("decision-detail", decision.pk))
    assert [one.name for one in done.context["shown"].plan.opened] == ["Hội xã Tiên Lương"]

    sure = administrator.get(page("decision-undo", decision.pk))
    assert sure.context["obstacles"] == []
    administrator.post(page("decision-undo", decision.pk), {"revision": decision.revision})
    decision.refresh_from_db()
    assert decision.state == DecisionState.UNDONE
    assert not Unit.unscoped.filter(code="TIEN-LUONG").exists()


def test_a_split_shares_by_percent(cast: Cast, administrator: Client) -> None:
    third = make_unit("Hội xã thứ ba", tier=cast.here.tier, parent=cast.province)
    empty = make_unit("Hội xã cũ", tier=cast.here.tier, parent=cast.province)
    decision = drafted(cast)
    parts = {
        "unit": empty.code,
        "fund_rule": "share",
        "target_1": cast.here.code,
        "share_1": "66,7",
        "target_2": third.code,
        "share_2": "33.3 %",
    }
    assert administrator.post(page("change-add", decision.pk, "split"), parts).status_code == 302
    changes = decision.changes.values_list("target__code", "share")
    assert [(code, str(share)) for code, share in changes] == [(cast.here.code, "0.667000"), (third.code, "0.333000")]


@pytest.mark.parametrize(
    ("kind", "typed", "field"),
    [
        ("merge", {"unit_1": "here"}, "new_name"),
        ("merge", {"unit_1": "here", "target": "elsewhere", "new_name": "Mới"}, "target"),
        ("merge", {"target": "elsewhere"}, "unit_1"),
        ("merge", {"unit_1": "NOWHERE", "target": "elsewhere"}, "unit_1"),
        (
            "split",
            {"unit": "here", "target_1": "elsewhere", "share_1": "60", "target_2": "province", "share_2": "30"},
            "share_1",
        ),
        (
            "split",
            {"unit": "here", "target_1": "elsewhere", "share_1": "x", "target_2": "province", "share_2": "30"},
            "share_1",
        ),
        ("found", {"name": "Mới", "code": "A B", "unit_kind": "territorial", "parent": "province"}, "code"),
        ("move", {"unit": "here", "parent": "here"}, "__all__"),
        ("rename", {"unit": "here", "name": ""}, "name"),
    ],
)
def test_what_is_refused_is_said_at_its_field_and_nothing_is_added(
    cast: Cast, administrator: Client, kind: str, typed: dict[str, str], field: str
) -> None:
    decision = drafted(cast)
    names = {"here": cast.here.code, "elsewhere": cast.elsewhere.code, "province": cast.province.code}
    typed = {name: names.get(value, value) for name, value in typed.items()}
    typed |= {"tier": str(cast.here.tier_id)} if kind == "found" else {}
    typed |= {"fund_rule": "share"} if kind == "split" else {}
    response = administrator.post(page("change-add", decision.pk, kind), typed)
    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert {name: response.context["form"][name].value() for name in typed} == typed
    assert not decision.changes.exists()


def test_of_several_changes_one_refused_leaves_none(cast: Cast, administrator: Client) -> None:
    decision = drafted(cast, {"kind": ChangeKind.DISSOLVE, "unit": cast.here})
    drafted_twice = {"unit_1": cast.elsewhere.code, "unit_2": cast.elsewhere.code, "target": cast.here.code}
    response = administrator.post(page("change-add", decision.pk, "merge"), drafted_twice)
    assert response.status_code == 200
    assert decision.changes.count() == 1


def test_a_change_is_taken_out_with_what_rests_on_it(cast: Cast, administrator: Client) -> None:
    decision = drafted(cast)
    merged = {"unit_1": cast.here.code, "new_name": "Mới", "new_code": "MOI", "new_tier": cast.here.tier_id}
    administrator.post(page("change-add", decision.pk, "merge"), merged)
    founding = decision.changes.get(kind=ChangeKind.FOUND)
    administrator.post(page("change-remove", decision.pk), {"change": founding.pk})
    assert not decision.changes.exists()


def test_what_stands_in_the_way_is_listed_and_there_is_no_button(cast: Cast, administrator: Client) -> None:
    make_member(cast.branch)
    decision = drafted(cast, {"kind": ChangeKind.DISSOLVE, "unit": cast.branch})
    response = administrator.get(page("decision-preview", decision.pk))
    assert not response.context["ready"]
    assert response.context["shown"].plan.faults[0].sentence in response.content.decode()
    assert page("decision-apply", decision.pk) not in response.content.decode()


def test_a_plan_that_changed_is_shown_again(cast: Cast, administrator: Client) -> None:
    decision = drafted(cast, {"kind": ChangeKind.RENAME, "unit": cast.branch, "name": "Chi hội phố 1"})
    response = administrator.post(page("decision-apply", decision.pk), {"basis": "0" * 64}, follow=True)
    assert response.redirect_chain[-1][0] == page("decision-preview", decision.pk)
    assert "Look at the plan again" in response.content.decode()
    decision.refresh_from_db()
    assert decision.state == DecisionState.DRAFT


def test_one_of_a_day_to_come_waits_and_can_be_taken_back(cast: Cast, administrator: Client) -> None:
    later = date(2026, 8, 1)
    change = {"kind": ChangeKind.RENAME, "unit": cast.branch, "name": "Chi hội phố 1"}
    decision = drafted(cast, change, on=later)
    seen = administrator.get(page("decision-preview", decision.pk))
    administrator.post(page("decision-apply", decision.pk), {"basis": seen.context["form"]["basis"].value()})
    assert "takes effect by itself" in administrator.get(page("decision-detail", decision.pk)).content.decode()
    decision.refresh_from_db()
    assert decision.state == DecisionState.SCHEDULED
    administrator.post(page("decision-unschedule", decision.pk), {"revision": decision.revision})
    decision.refresh_from_db()
    assert decision.state == DecisionState.DRAFT


def test_what_was_built_on_a_decision_is_listed_before_it_is_undone(cast: Cast, administrator: Client) -> None:
    branch = make_unit("Chi hội khu 2", tier=cast.branch.tier, parent=cast.elsewhere)
    decision = drafted(cast, {"kind": ChangeKind.MERGE, "unit": cast.elsewhere, "target": cast.here})
    carried_out(cast, decision)
    rename_unit(unit=branch, name="Chi hội phố 2", on=date(2025, 9, 1), by=cast.administrator)
    response = administrator.get(page("decision-undo", decision.pk))
    assert response.context["obstacles"]
    administrator.post(page("decision-undo", decision.pk), {"revision": 9})
    decision.refresh_from_db()
    assert decision.state == DecisionState.APPLIED


def test_others_in_scope_read_what_was_carried_out_and_no_draft(cast: Cast, client: Client) -> None:
    draft = drafted(cast, number="1/QĐ")
    done = drafted(cast, {"kind": ChangeKind.RENAME, "unit": cast.branch, "name": "Chi hội phố 1"}, number="2/QĐ")
    carried_out(cast, done)
    client.force_login(make_user("reads", role="viewer", unit=cast.province))
    listed = client.get(page("decision-list"))
    assert [str(row.record) for row in listed.context["table"].rows] == ["2/QĐ"]
    assert page("decision-undo", done.pk) not in client.get(page("decision-detail", done.pk)).content.decode()
    assert client.get(page("decision-detail", draft.pk)).status_code == 403
    client.force_login(cast.chair)
    assert client.get(page("decision-detail", done.pk)).status_code == 404


def test_the_paper_is_a_pdf_or_a_picture_and_comes_back_as_it_was(cast: Cast, administrator: Client) -> None:
    facts = {"effective_on": "1/7/2025", "idempotency_key": "3e0b2f0e-7f5a-4a0e-8f0a-0d8c5e6d9b12"}
    wrong = SimpleUploadedFile("a.pdf", b"MZ\x90\x00", "application/pdf")
    response = administrator.post(page("decision-add"), {**facts, "file": wrong})
    assert list(response.context["form"].errors) == ["file"]
    right = SimpleUploadedFile("Quyết định 12.PDF", b"%PDF-1.7 abc", "application/pdf")
    administrator.post(page("decision-add"), {**facts, "number": "12/QĐ", "file": right})
    decision = Decision.unscoped.get()
    answer = administrator.get(page("decision-file", decision.pk))
    assert answer.content == b"%PDF-1.7 abc"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="quyet-dinh-12qd.pdf"'


def test_fields_find_units_of_the_decision_and_those_it_founds(cast: Cast, administrator: Client) -> None:
    decision = draft_decision(unit=cast.here, effective_on=REFORM, by=cast.administrator)
    url = page("unit-search", decision.pk)
    found = {"name": "Chi hội mới", "code": "MOI", "tier": cast.branch.tier_id, "parent": cast.here.code}
    administrator.post(page("change-add", decision.pk, "found"), {**found, "unit_kind": "residential"})
    assert cast.branch.code in administrator.get(url, {"q": "chi hoi"}).content.decode()
    assert cast.elsewhere.code not in administrator.get(url, {"q": "xa"}).content.decode()
    assert "MOI" not in administrator.get(url, {"q": "mới"}).content.decode()
    assert "MOI" in administrator.get(url, {"q": "mới", "new": "1"}).content.decode()


def template_of(client: Client, decision: Decision) -> tuple[Callable[..., SimpleUploadedFile], int]:
    """What fills in the template of the decision's sheet, and the row of its first line."""
    book = load_workbook(BytesIO(client.get(page("sheet-template", decision.pk)).content))
    sheet = book.worksheets[0]
    heading = next(row for row in sheet.iter_rows() if "Old unit (code)" in [cell.value for cell in row])
    columns = {str(cell.value): cell.column or 0 for cell in heading}
    first = (heading[0].row or 0) + 1

    def filled(*lines: tuple[str, str]) -> SimpleUploadedFile:
        for n, (old, new) in enumerate(lines):
            sheet.cell(first + n, columns["Old unit (code)"], old)
            sheet.cell(first + n, columns["New unit (code)"], new)
        kept = BytesIO()
        book.save(kept)
        return SimpleUploadedFile("quyết định.xlsx", kept.getvalue())

    return filled, first


@pytest.mark.parametrize("count", [3, 200])
def test_a_sheet_of_two_hundred_changes_costs_what_three_do(
    cast: Cast, administrator: Client, count: int, django_assert_num_queries
) -> None:
    communes = [make_unit(f"Hội xã {n}", tier=cast.here.tier, parent=cast.province) for n in range(count)]
    decision = drafted(cast)
    filled, _ = template_of(administrator, decision)
    sheet = filled(*((unit.code, cast.here.code) for unit in communes))
    with django_assert_num_queries(17):
        assert administrator.post(page("sheet-add", decision.pk), {"sheet": sheet}).status_code == 302
    assert decision.changes.count() == count
    with django_assert_num_queries(6):
        assert administrator.get(page("decision-detail", decision.pk)).status_code == 200
    with django_assert_num_queries(24):
        seen = administrator.get(page("decision-preview", decision.pk))
    assert len(seen.context["shown"].plan.closed) == count


def test_a_sheet_is_taken_over_whole_or_each_line_says_what_is_wrong(cast: Cast, administrator: Client) -> None:
    decision = drafted(cast)
    filled, first = template_of(administrator, decision)
    url = page("sheet-add", decision.pk)
    refused = administrator.post(
        url, {"sheet": filled((cast.here.code, cast.elsewhere.code), ("NOWHERE", cast.here.code))}
    )
    assert [fault.row for fault in refused.context["faults"]] == [first + 1]
    assert not decision.changes.exists()
    taken = administrator.post(url, {"sheet": filled((cast.here.code, cast.elsewhere.code), ("", ""))})
    assert taken.status_code == 302
    assert [(change.kind, change.unit, change.target) for change in decision.changes.all()] == [
        (ChangeKind.MERGE, cast.here, cast.elsewhere)
    ]
    nothing = administrator.post(url, {"sheet": SimpleUploadedFile("a.xlsx", b"no sheet")})
    assert list(nothing.context["form"].errors) == ["__all__"]


def protocol_of(client: Client, decision: Decision, heir: str = "") -> dict[str, bytes]:
    """The files of the protocol, as the worker makes them."""
    key = "3e0b2f0e-7f5a-4a0e-8f0a-0d8c5e6d9b13"
    assert client.post(page("protocol-ask", decision.pk), {"heir": heir, "key": key}).status_code == 302
    job = Job.objects.get(idempotency_key=key)
    run_now(job)
    return {file.name.rpartition(".")[2]: file.full_path.read_bytes() for file in job.files.all()}


def test_the_protocol_says_who_hands_over_what_to_whom(cast: Cast, administrator: Client) -> None:
    make_fund(cast.elsewhere, name="Quỹ Tu Vũ", holds_vnd=7_000_000)
    decision = drafted(cast, {"kind": ChangeKind.MERGE, "unit": cast.elsewhere, "target": cast.here}, issuer="Tỉnh hội")
    carried_out(cast, decision)
    made = protocol_of(administrator, decision)
    text = " ".join(" ".join(one.extract_text() for one in PdfReader(BytesIO(made["pdf"])).pages).split())
    for said in ("HANDOVER PROTOCOL", "12/QĐ-HKH", "Hội xã Tu Vũ", "Hội xã Hy Cương", "7,000,000 đồng", "Quỹ Tu Vũ"):
        assert said in text, said
    book = load_workbook(BytesIO(made["xlsx"]), data_only=True)
    assert 7_000_000 in [cell.value for row in book.worksheets[1].iter_rows() for cell in row]


@pytest.mark.parametrize("count", [1, 3])
def test_the_pages_do_not_ask_more_for_more_changes(
    cast: Cast, administrator: Client, count: int, django_assert_num_queries
) -> None:
    decision = drafted(cast)
    for n in range(count):
        unit = make_unit(f"Hội xã {n}", tier=cast.here.tier, parent=cast.province)
        merged = {"unit_1": unit.code, "target": cast.here.code}
        administrator.post(page("change-add", decision.pk, "merge"), merged)
    administrator.get(page("decision-list"))
    with django_assert_num_queries(6):
        administrator.get(page("decision-detail", decision.pk))
    with django_assert_num_queries(24):
        administrator.get(page("decision-preview", decision.pk))
    with django_assert_num_queries(7):
        administrator.get(page("decision-list"))
