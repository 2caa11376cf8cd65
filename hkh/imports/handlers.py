"""The work behind an import, each step in one transaction: a killed worker's step is done again, whole, by the next."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from hkh.core.jobs import JobContext, JobRefused, job
from hkh.core.models import MadeFile
from hkh.core.money import format_number
from hkh.core.sheets import importing, staging
from hkh.core.sheets.guard import Refused, check_file
from hkh.core.sheets.importing import SheetImport
from hkh.core.sheets.reading import Table
from hkh.core.violations import refusals
from hkh.core.workbooks import MIME_TYPE
from hkh.imports.actions import SMALL, drop_run, require_sheet
from hkh.imports.files import look_into, table_of
from hkh.imports.models import ImportRun, RunState
from hkh.imports.refused import refused_workbook
from hkh.imports.registry import SHEETS

#: Memory for sorting and joining half a million rows.
_ROOM = "128MB"


def _page(run: ImportRun) -> str:
    return reverse("imports:run-detail", args=[run.pk])


@job("imports.read")
def read(context: JobContext, *, run: int, sheet: str = "", head_row: int | None = None) -> dict[str, Any]:
    """The file looked at: is it harmless, where does its table begin, what stands in its columns.

    Where every column that must be there is found by its heading, the rows are checked at once.
    """
    held, kind = _held(context, run, RunState.UPLOADED, RunState.MATCHING, RunState.CHECKED)
    if held.file is None:
        raise JobRefused(_gone())
    context.progress(2, _("Looking at the file"))
    try:
        check_file(held.file.full_path, held.file_name)
    except Refused as refusal:
        held.layout = {"refused": str(refusal)}
        held.save(update_fields=["layout"])
        drop_run(held)
        return {"refused": str(refusal)}
    context.progress(8, _("Finding the columns"))
    columns = kind.resource.columns_in()
    table = look_into(held, columns, sheet=sheet, head_row=head_row)
    held.state = RunState.MATCHING
    held.save(update_fields=["layout", "matching", "sheet_name", "state"])
    if held.layout["headings"] and not kind.missing(held.matching.values(), held.options):
        _check(context, held, kind, table)
    return {"state": held.state, "page": _page(held)}


@job("imports.check")
def check(context: JobContext, *, run: int) -> dict[str, Any]:
    """The rows read by the columns that were chosen, and checked against the database."""
    held, kind = _held(context, run, RunState.MATCHING, RunState.CHECKED)
    try:
        table = table_of(held, kind.resource.columns_in())
    except FileNotFoundError:
        raise JobRefused(_gone()) from None
    _check(context, held, kind, table)
    return {"counts": held.counts, "page": _page(held)}


@job("imports.apply")
def apply(context: JobContext, *, run: int, digest: str) -> dict[str, Any]:
    """The plan carried out as it was shown. Where it would come out otherwise by now, nothing is: it is shown anew."""
    held, kind = _held(context, run, RunState.CHECKED)
    if not staging.exists(held.stage):
        raise JobRefused(
            _("The server was started anew meanwhile and the rows read are gone. Have them checked again.")
        )
    context.progress(5, _("Checking once more"))
    _make_room()
    with refusals(check_deferred=False):
        kind.lock(held.stage)
        if not held.basis or kind.basis(by=context.by) != held.basis:
            _plan(held, kind, by=context.by)
        if held.digest != digest:
            held.has_moved = True
            held.save(update_fields=["counts", "groups", "digest", "basis", "has_moved"])
            _keep_refused(context, held, kind)
            return {"moved": True}
        if held.all_or_nothing and held.counts[staging.REFUSED]:
            raise JobRefused(_("Rows are refused, and you asked for all or nothing. Nothing was taken in."))
    context.progress(30, _("Taking in the rows"))
    try:
        with refusals():
            held.made = kind.apply(held.stage, by=context.by, options=held.options)
            _keep_changes(held, kind)
            context.progress(80, _("The database proves the whole"))
    except ValidationError as refusal:
        raise JobRefused(" ".join(refusal.messages)) from refusal
    held.state, held.applied_at, held.has_moved = RunState.APPLIED, timezone.now(), False
    held.save(update_fields=["state", "applied_at", "made", "counts", "groups", "digest", "has_moved"])
    staging.drop(held.stage)
    return {"counts": held.counts, "page": _page(held)}


@job("imports.undo")
def undo(context: JobContext, *, run: int) -> dict[str, Any]:
    """Everything taken back, if nothing was built on it since."""
    held, kind = _held(context, run, RunState.APPLIED)
    _make_room()
    context.progress(5, _("Looking for what stands in the way"))
    with refusals(check_deferred=False):
        if kind.obstacles(held.made, changes_of(held), by=context.by):
            return {"in_the_way": True}
    context.progress(30, _("Taking back the rows"))
    try:
        with refusals():
            kind.undo(held.made, changes_of(held), by=context.by)
    except ValidationError as refusal:
        raise JobRefused(" ".join(refusal.messages)) from refusal
    held.state, held.undone_at = RunState.UNDONE, timezone.now()
    held.save(update_fields=["state", "undone_at"])
    return {"undone": True}


def changes_of(run: ImportRun) -> str:
    """SQL: the known rows that ``run`` changed."""
    return f"SELECT object_id, changes, revision FROM imports_importchange WHERE run_id = {int(run.pk)}"


def _held(context: JobContext, pk: int, *states: RunState) -> tuple[ImportRun, SheetImport]:
    """The run, locked, and its kind. Raises: JobRefused where it is no more as it was when the work was asked for."""
    rows = ImportRun.objects.visible_to(context.by).filter(owner=context.by).select_related("file", "refused_file")
    held: ImportRun | None = rows.select_for_update(of=("self",), no_key=True).filter(pk=pk).first()
    if held is None or held.state not in states:
        raise JobRefused(_("This sheet has gone on meanwhile. Open it again to see where it stands."))
    kind = SHEETS[held.sheet]
    require_sheet(context.by, kind)
    return held, kind


def _check(context: JobContext, held: ImportRun, kind: SheetImport, table: Table) -> None:
    """The rows of ``table`` read, planned, and what is refused of them written down."""
    _make_room()
    columns = kind.resource.columns_in()
    expected = max(held.layout.get("rows", 0), 1)

    def watch(rows: int) -> None:
        context.progress(10 + 50 * min(rows / expected, 1), _("%(rows)s rows read") % {"rows": format_number(rows)})

    at = {position: key for position, key in held.at.items() if key in {column.key for column in columns}}
    reading = {
        position: {"legacy": table.legacy.get(position, ""), "starts_1904": table.starts_1904} for position in at
    }
    # What is done at once reports by the same connection, on which COPY runs meanwhile.
    staging.load(
        held.stage, columns, table.rows, at=at, reading=reading, watch=watch if held.file_size > SMALL else _nobody
    )
    context.progress(65, _("Comparing with what is known"))
    with refusals(check_deferred=False):
        _plan(held, kind, by=context.by)
    held.state, held.has_moved = RunState.CHECKED, False
    held.save(update_fields=["state", "counts", "groups", "digest", "basis", "has_moved"])
    context.progress(85, _("Writing down what is refused"))
    _keep_refused(context, held, kind)


def _nobody(rows: int) -> None:
    """Nobody watches."""


def _plan(held: ImportRun, kind: SheetImport, *, by: Any) -> None:
    """Plan, and what it comes to. What it rests on is asked first: what changes meanwhile then shows later."""
    held.basis = kind.basis(by=by)
    try:
        kind.plan(held.stage, by=by, options=held.options)
    except importing.Refusal as refusal:
        raise JobRefused(str(refusal)) from refusal
    held.counts = importing.counts(held.stage)
    held.digest = importing.digest(held.stage)
    held.groups = [
        {"cause": one.cause, "field": one.field, "count": one.count, "refuses": one.refuses, "examples": one.examples}
        for one in importing.groups(held.stage)
    ]


def _keep_refused(context: JobContext, held: ImportRun, kind: SheetImport) -> None:
    """The refused rows as a workbook, with the reason in its last column."""
    old, held.refused_file = held.refused_file, None
    if held.counts[staging.REFUSED]:
        name, content = refused_workbook(held, kind)
        held.refused_file = context.keep_file(name=name, content=content, content_type=MIME_TYPE)
    held.save(update_fields=["refused_file"])
    if old is not None:
        MadeFile._base_manager.filter(pk=old.pk).delete()


def _keep_changes(held: ImportRun, kind: SheetImport) -> None:
    if not kind.facts:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO imports_importchange (run_id, row_no, object_id, changes, revision)
            SELECT %s, plan.row_no, plan.target_id, plan.changes, known.revision
            FROM {held.stage.of(staging.CHANGED)} plan
            JOIN {kind.model._meta.db_table} known ON known.id = plan.target_id
            ORDER BY plan.row_no
            """,
            [held.pk],
        )


def _make_room() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL work_mem = '{_ROOM}'")


def _gone() -> str:
    return _("The file is kept for a month only, and that is over. Hand it in again.")
