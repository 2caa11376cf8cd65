"""The verbs of an import: hand a file in, match its columns, confirm, take back. The work itself is a job.

What is small is done at once, in the same transaction and by the same handler that the worker would run.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files import File
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hkh.core import jobs, worker
from hkh.core.sheets import staging
from hkh.core.sheets.importing import SheetImport
from hkh.imports.files import forget_file, keep_upload
from hkh.imports.models import ImportRun, RunState
from hkh.imports.registry import SHEETS
from members.models import User
from members.rules import may_somewhere

#: Rows wait so long to be confirmed.
PATIENCE = timedelta(days=14)
#: A file of so many bytes is read while its owner waits.
SMALL = 200_000


def hand_in(
    *, sheet: SheetImport, upload: File[bytes], by: User, options: Mapping[str, Any], idempotency_key: UUID
) -> ImportRun:
    """The run of a file just uploaded; a second submit of the same form returns the first. 3 queries and its reading.

    Raises: PermissionDenied; ValidationError where the guard refuses a file small enough to be read at once.
    """
    require_sheet(by, sheet)
    first = ImportRun.objects.visible_to(by).filter(owner=by, idempotency_key=idempotency_key).first()
    if first is not None:
        return first
    try:
        with transaction.atomic():
            file = keep_upload(upload, owner=by)
            run = ImportRun._base_manager.create(
                owner=by,
                sheet=sheet.slug,
                file=file,
                file_name=file.name,
                file_sha256=file.sha256,
                file_size=file.size,
                options=dict(options),
                idempotency_key=idempotency_key,
            )
            run = _ask(run, "imports.read", by=by, title=_("Reading %(file)s") % {"file": run.file_name})
            if run.state == RunState.DISCARDED:  # refused at once: nothing of it stays
                raise ValidationError(run.layout["refused"], code="refused")
            return run
    except IntegrityError:
        return ImportRun._base_manager.get(owner=by, idempotency_key=idempotency_key)


def look_again(*, run: ImportRun, sheet_name: str, head_row: int | None, by: User) -> ImportRun:
    """Read another sheet of the file, or from another heading row. Raises: PermissionDenied, ValidationError."""
    with transaction.atomic():
        held = _held(run, by, RunState.MATCHING, RunState.CHECKED)
        title = _("Reading %(file)s") % {"file": held.file_name}
        return _ask(held, "imports.read", by=by, title=title, sheet=sheet_name, head_row=head_row)


def match_columns(*, run: ImportRun, matching: Mapping[int, str], options: Mapping[str, Any], by: User) -> ImportRun:
    """Have the rows checked with these columns. Raises: PermissionDenied, ValidationError."""
    with transaction.atomic():
        held = _held(run, by, RunState.MATCHING, RunState.CHECKED)
        sheet = SHEETS[held.sheet]
        keys = [key for key in matching.values() if key]
        if len(set(keys)) < len(keys):
            raise ValidationError(_("Two columns of the file are given the same meaning. Choose one of them."))
        missing = sheet.missing(keys, options)
        if missing:
            labels = {column.key: str(column.label) for column in sheet.resource.columns_in()}
            names = ", ".join(f"“{labels.get(key, key)}”" for key in missing)
            raise ValidationError(_("Say which column holds %(columns)s.") % {"columns": names})
        held.matching = {str(position): key for position, key in matching.items() if key}
        held.options = dict(options)
        held.state = RunState.MATCHING
        held.save(update_fields=["matching", "options", "state"])
        return _ask(held, "imports.check", by=by, title=_("Checking %(file)s") % {"file": held.file_name})


def confirm(*, run: ImportRun, digest: str, all_or_nothing: bool, by: User) -> ImportRun:
    """Have the plan carried out that was shown (``digest``). Confirming twice does it once.

    Raises: PermissionDenied, ValidationError where rows are refused and all shall come in or none.
    """
    with transaction.atomic():
        held = _held(run, by, RunState.CHECKED, RunState.APPLIED)
        if held.state == RunState.APPLIED:
            return held
        if held.digest != digest:
            raise ValidationError(_("This sheet has been checked again meanwhile. Look at the result, then confirm."))
        held.all_or_nothing = all_or_nothing
        if all_or_nothing and held.counts.get(staging.REFUSED):
            raise ValidationError(
                _(
                    "Rows are refused, and you asked for all or nothing. "
                    "Put them right in the file and hand it in again."
                )
            )
        if not held.counts.get(staging.NEW) and not held.counts.get(staging.CHANGED):
            raise ValidationError(_("There is nothing to take in: no row is new or changed."))
        held.save(update_fields=["all_or_nothing"])
        title = _("Taking in %(file)s") % {"file": held.file_name}
        return _ask(held, "imports.apply", by=by, title=title, digest=digest)


def take_back(*, run: ImportRun, by: User) -> ImportRun:
    """Have everything taken back that the run brought in. Raises: PermissionDenied, ValidationError."""
    with transaction.atomic():
        held = _held(run, by, RunState.APPLIED, RunState.UNDONE)
        if held.state == RunState.UNDONE:
            return held
        return _ask(held, "imports.undo", by=by, title=_("Taking back %(file)s") % {"file": held.file_name})


def discard(*, run: ImportRun, by: User) -> ImportRun:
    """Drop a run that has not been confirmed, its file and its rows. Raises: PermissionDenied, ValidationError."""
    with transaction.atomic():
        held = _held(run, by, RunState.UPLOADED, RunState.MATCHING, RunState.CHECKED, RunState.DISCARDED)
        return drop_run(held)


def drop_run(run: ImportRun) -> ImportRun:
    """Away with what a run has not brought in; what it was stays on record."""
    staging.drop(run.stage)
    forget_file(run)
    run.state = RunState.DISCARDED
    run.save(update_fields=["state", "file", "refused_file"])
    return run


def tidy() -> None:
    """Drop what nobody has confirmed for long: its rows are in the way, its file holds what is known of people."""
    waiting = ImportRun._base_manager.filter(
        state__in=[RunState.UPLOADED, RunState.MATCHING, RunState.CHECKED], created_at__lt=timezone.now() - PATIENCE
    )
    with transaction.atomic():
        held = waiting.select_related("file", "refused_file").select_for_update(of=("self",), skip_locked=True)
        for run in held[:20]:
            drop_run(run)


def require_sheet(user: Any, sheet: SheetImport) -> None:
    """Let pass who may bring in such rows somewhere. Raises: PermissionDenied."""
    if not may_somewhere(user, sheet.verb):
        raise PermissionDenied(_("Your role does not allow this here. Ask the administrator for the right."))


def _held(run: ImportRun, by: User, *states: RunState) -> ImportRun:
    """The run as it stands now, locked.

    Raises: ValidationError where it has gone on meanwhile, or is being worked on.
    """
    rows = ImportRun.objects.visible_to(by).filter(owner=by).select_related("job", "file", "refused_file")
    held: ImportRun = rows.select_for_update(of=("self",), no_key=True).get(pk=run.pk)
    require_sheet(by, SHEETS[held.sheet])
    if held.state not in states:
        raise ValidationError(_("This sheet has gone on meanwhile. Open it again to see where it stands."))
    if held.job is not None and not held.job.is_over:
        raise ValidationError(_("This sheet is being worked on. Wait until that is done."))
    return held


def _ask(run: ImportRun, kind: str, *, by: User, title: str, **payload: Any) -> ImportRun:
    """Ask for the work; done here and now where the file is small."""
    run.job = jobs.enqueue(kind, by=by, title=title, run=run.pk, **payload)
    run.save(update_fields=["job"])
    if run.file_size <= SMALL:
        worker.run_now(run.job)
        run = ImportRun._base_manager.select_related("job", "file").get(pk=run.pk)
    return run
