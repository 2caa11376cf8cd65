"""Drafts: put together, corrected, thrown away; by whom."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.http import Http404

from hkh.decisions.actions import (
    add_change,
    clear_changes,
    discard_decision,
    draft_decision,
    edit_decision,
    remove_change,
)
from members.models import Change, Decision
from tests.cast import Cast, make_user
from tests.decisions.drafts import REFORM, carried_out, drafted, founding, merger


def test_a_draft_is_written_once_however_often_it_is_sent(cast: Cast) -> None:
    key = uuid4()
    facts: dict[str, Any] = {"number": " 12 /QĐ ", "subject": "Sắp  xếp", "idempotency_key": key}
    drafts = [
        draft_decision(unit=cast.province, effective_on=REFORM, by=cast.administrator, **facts) for _n in range(2)
    ]
    assert drafts[0] == drafts[1]
    assert (drafts[0].number, drafts[0].subject, drafts[0].drafted_by) == ("12 /QĐ", "Sắp xếp", cast.administrator)


def test_a_draft_is_edited_once_for_each_showing(cast: Cast, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    decision = drafted(cast)
    facts: dict[str, Any] = {"number": "13", "signed_on": date(2025, 6, 1), "effective_on": date(2025, 8, 1)}
    file = ContentFile(b"%PDF-1.7", name="Quyết định.PDF")
    saved = edit_decision(decision=decision, revision=1, file=file, by=cast.administrator, **facts)
    assert (saved.number, saved.effective_on, saved.revision) == ("13", date(2025, 8, 1), 2)
    assert str(saved.file).startswith("decisions/")
    assert str(saved.file).endswith(".pdf")
    with pytest.raises(ValidationError) as refusal:
        edit_decision(decision=decision, revision=1, by=cast.administrator, **facts)
    assert refusal.value.code == "stale"


def test_changes_are_added_in_their_order_and_make_what_is_open_stale(cast: Cast) -> None:
    decision = merger(cast)
    assert [(c.position, c.kind) for c in decision.changes.all()] == [(1, "found"), (2, "merge"), (3, "merge")]
    with pytest.raises(ValidationError):
        edit_decision(decision=decision, revision=1, number="9", by=cast.administrator)


def test_a_change_that_lacks_something_is_refused_in_a_sentence(cast: Cast) -> None:
    decision = drafted(cast)
    for kind, facts, code in (
        ("rename", {"unit": cast.here}, "change_renames"),
        ("merge", {"unit": cast.here, "target": cast.here}, "change_to_another"),
        ("split", {"unit": cast.here, "target": cast.elsewhere, "share": "2"}, "change_splits"),
    ):
        with pytest.raises(ValidationError) as refusal:
            add_change(decision=decision, kind=kind, by=cast.administrator, **facts)
        assert refusal.value.code == code
    with pytest.raises(ValidationError) as refusal:
        founding(cast, decision, code="A B")
    assert list(refusal.value.message_dict) == ["code"]
    assert not Change.objects.exists()


def test_a_change_goes_and_with_a_founding_all_that_rests_on_it(cast: Cast) -> None:
    decision = merger(cast)
    new = decision.changes.get(kind="found")
    below = founding(cast, decision, code="MOI-1", tier=cast.branch.tier, parent=None, parent_change=new)
    founding(cast, decision, code="KHAC")
    merge = decision.changes.filter(kind="merge").first()
    assert merge is not None
    remove_change(change=merge, by=cast.administrator)
    assert decision.changes.count() == 4
    remove_change(change=new, by=cast.administrator)
    assert [change.code for change in decision.changes.all()] == ["KHAC"]
    assert not Change.objects.filter(pk=below.pk).exists()
    clear_changes(decision=decision, by=cast.administrator)
    assert not decision.changes.exists()


def test_a_draft_is_thrown_away_with_its_changes_and_nothing_else_is(cast: Cast) -> None:
    discard_decision(decision=merger(cast), by=cast.administrator)
    assert (Decision.unscoped.count(), Change.objects.count()) == (0, 0)
    decision = carried_out(cast, merger(cast))
    for verb in (
        lambda: discard_decision(decision=decision, by=cast.administrator),
        lambda: clear_changes(decision=decision, by=cast.administrator),
        lambda: edit_decision(decision=decision, revision=decision.revision, number="9", by=cast.administrator),
    ):
        with pytest.raises(ValidationError):
            verb()


def test_who_may_put_a_decision_together(cast: Cast) -> None:
    local = make_user("local", role="administrator", unit=cast.here)
    decision = drafted(cast)
    with pytest.raises(PermissionDenied):
        draft_decision(unit=cast.here, effective_on=REFORM, by=cast.chair)
    with pytest.raises(Http404):
        draft_decision(unit=cast.province, effective_on=REFORM, by=local)
    own = draft_decision(unit=cast.here, effective_on=REFORM, by=local)
    add_change(decision=own, kind="rename", unit=cast.branch, name="Khu 2", by=local)
    with pytest.raises(Http404):
        add_change(decision=own, kind="move", unit=cast.branch, parent=cast.elsewhere, by=local)
    for verb in (
        lambda: edit_decision(decision=decision, revision=1, number="9", by=local),
        lambda: add_change(decision=decision, kind="dissolve", unit=cast.branch, by=local),
        lambda: discard_decision(decision=decision, by=local),
        lambda: clear_changes(decision=decision, by=local),
    ):
        with pytest.raises(Http404):
            verb()
    assert list(Decision.objects.visible_to(local)) == [own]
    assert set(Decision.objects.visible_to(cast.administrator)) == {own, decision}
    assert list(Decision.objects.visible_to(cast.outsider)) == []
