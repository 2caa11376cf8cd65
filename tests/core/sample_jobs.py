"""Handlers as an app would have them, for the tests of jobs and of the worker."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError

from hkh.core.jobs import JobContext, JobRefused, job


@job("sample.file")
def file(context: JobContext, *, text: str) -> dict[str, Any]:
    context.progress(40, "Đang viết")
    made = context.keep_file(name="Báo cáo quý III.txt", content=text.encode(), content_type="text/plain")
    return {"file": made.pk}


@job("sample.quiet")
def quiet(context: JobContext) -> None:
    return None


@job("sample.fails", max_attempts=2)
def fails(context: JobContext, *, how: str) -> None:
    """Writes, then fails: nothing of what it wrote may stay."""
    if context.by is not None:
        context.keep_file(name="half.txt", content=b"half", content_type="text/plain")
    raise {
        "refused": JobRefused("Đơn vị đã giải thể, không lập được báo cáo."),
        "invalid": ValidationError(["Kỳ chưa mở.", "Chọn kỳ khác."]),
        "denied": PermissionDenied(),
        "outage": OperationalError("server closed the connection unexpectedly"),
        "bug": KeyError("unit"),
    }[how]


@job("sample.slow", max_attempts=3)
def slow(context: JobContext, *, diary: str, until: str, seconds: float = 30) -> dict[str, Any]:
    """Notes in ``diary`` that it began, keeps a file, and ends once the path ``until`` exists."""
    _note(diary, "begun")
    made = context.keep_file(name="slow.txt", content=b"slow", content_type="text/plain")
    for step in range(int(seconds * 20)):
        if Path(until).exists():
            break
        context.progress(min(99, step), f"Bước {step}")
        time.sleep(0.05)
    _note(diary, "ended")
    return {"file": made.pk}


def _note(diary: str, what: str) -> None:
    with Path(diary).open("a") as stream:
        stream.write(f"{what} {os.getpid()}\n")
