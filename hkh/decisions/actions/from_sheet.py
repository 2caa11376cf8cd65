"""The changes of a draft from a sheet, and sheets to fill in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from hkh.core.violations import refusals
from hkh.core.workbooks import Book, Column, Sheet, render_workbook
from hkh.decisions.actions.locking import lock_draft, touch
from hkh.decisions.sheets import Planned, Reading, columns, read_sheet
from members.models import Change, ChangeKind, Decision, Unit, User
from members.rules import Verb, require


def add_sheet(*, decision: Decision, path: Path, name: str, by: User) -> Reading:
    """The changes that the sheet at ``path`` asks for at the end of the draft, or none of them where a line is wrong.

    ``name`` is the file's own. What is wrong stands in the answer's ``faults``, by line. 10 queries and one for each
    level of new units, however many lines. Raises: Http404, PermissionDenied; ValidationError for a file that is no
    sheet, or for a change that stands in the draft already.
    """
    require(by, Verb.REORGANISE, decision.unit_id)
    with refusals():
        held = lock_draft(decision)
        reading = read_sheet(path, name, decision=held)
        if not reading.faults:
            _write(held, reading.changes)
            touch(held)
    return reading


def _write(decision: Decision, planned: list[Planned]) -> None:
    position = decision.changes.aggregate(last=Max("position"))["last"] or 0
    units = {unit.code: unit for unit in Unit.unscoped.filter(code__in=_codes(planned))}
    founded = {change.code: change for change in decision.changes.filter(kind=ChangeKind.FOUND)}
    waiting = list(planned)
    numbers = {id(one): position + n for n, one in enumerate(planned, 1)}
    while waiting:
        new = {one.code for one in waiting if one.kind == ChangeKind.FOUND}
        ready = [one for one in waiting if not {one.parent_code, one.target_code} & new] or waiting[:1]
        made = Change.objects.bulk_create(
            Change(
                decision=decision,
                position=numbers[id(one)],
                kind=one.kind,
                **one.facts,
                **_named("parent", one.parent_code, units, founded),
                **_named("target", one.target_code, units, founded),
            )
            for one in ready
        )
        founded |= {change.code: change for change in made if change.kind == ChangeKind.FOUND}
        waiting = [one for one in waiting if one not in ready]


def _codes(planned: list[Planned]) -> set[str]:
    return {code for one in planned for code in (one.parent_code, one.target_code) if code}


def _named(what: str, code: str, units: Mapping[str, Unit], founded: Mapping[str, Change]) -> dict[str, Any]:
    if not code:
        return {}
    return {what: units[code]} if code in units else {f"{what}_change": founded[code]}


def render_sheet(lines: Iterable[Mapping[str, Any]] = (), *, title: str = "") -> bytes:
    """A workbook with the columns of a decision's sheet: to fill in, or with ``lines`` by the columns' keys."""
    known, told = columns(), list(lines) or [{}]
    sheet = Sheet(
        title=title or _("Decision"),
        columns=[
            Column(column.key, str(column.label), "vnd" if column.kind == "vnd" else "text", total="none")
            for column in known
        ],
        rows=({column.key: line.get(column.key) for column in known} for line in told),
        totals=False,
        freeze_columns=0,
    )
    return render_workbook(Book(title=title or _("Decision"), sheets=[sheet], created_at=timezone.now()))
