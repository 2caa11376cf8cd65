"""Sheets as people hand them in, made in memory, and the way through the flow in one call."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile

from hkh.core.models import Job
from hkh.core.sheets.staging import VERDICTS
from hkh.imports import actions
from hkh.imports.models import ImportRun
from hkh.imports.registry import SHEETS
from members.models import User


def workbook(headings: Sequence[str], *rows: Sequence[Any]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(headings))
    for row in rows:
        sheet.append(list(row))
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def upload(content: bytes, name: str = "Danh sách.xlsx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def hand_in(
    slug: str, content: bytes, *, by: User, options: Mapping[str, Any] | None = None, name: str = "Danh sách.xlsx"
) -> ImportRun:
    """The file handed in and, small as it is, read and, where its columns are found, checked at once."""
    run = actions.hand_in(
        sheet=SHEETS[slug], upload=upload(content, name), by=by, options=options or {}, idempotency_key=uuid.uuid4()
    )
    return done(run)


def confirm(run: ImportRun, *, by: User, all_or_nothing: bool = False) -> ImportRun:
    return done(actions.confirm(run=run, digest=run.digest, all_or_nothing=all_or_nothing, by=by))


def bring_in(slug: str, content: bytes, *, by: User, options: Mapping[str, Any] | None = None) -> ImportRun:
    return confirm(hand_in(slug, content, by=by, options=options), by=by)


def done(run: ImportRun) -> ImportRun:
    """The run, its last work done without a fault of ours."""
    assert run.job is not None
    assert run.job.error_detail == "", run.job.error_detail
    return run


def work_of(run: ImportRun) -> Job:
    """The work asked for last."""
    assert run.job is not None
    return run.job


def told(run: ImportRun) -> tuple[int, int, int, int]:
    """New, changed, same, refused."""
    new, changed, same, refused = (run.counts[verdict] for verdict in VERDICTS)
    return new, changed, same, refused


def causes(run: ImportRun) -> dict[str, list[int]]:
    """The first rows refused by cause."""
    return {group["cause"]: [row for row, _v in group["examples"]] for group in run.groups if group["refuses"]}
