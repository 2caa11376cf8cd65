"""Work that is too long for a page: asked for here, done by ``manage.py worker``.

A handler is a function of a context and the payload, listed by its kind:

    @job("report.quarterly", max_attempts=3)
    def quarterly(context: JobContext, *, unit_id: int, period: str) -> dict[str, Any]: ...

The modules with handlers stand in ``settings.JOB_MODULES``. A handler runs in one transaction together with the
note that it is done: what it writes to the database is there once, or not at all, however often a worker dies.
What it does outside the database must bear being done again. It acts with the rights that its owner has at that
moment: it reads through ``visible_to(context.by)`` like any other door.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language

from hkh.core.models import Job, JobStatus, MadeFile

Result = Mapping[str, Any] | None
_DAYS_KEPT = 30


class JobCancelled(Exception):  # a course of events, not a mistake
    """The owner called the job off; the handler ends here and nothing of it stays."""


class JobRefused(Exception):
    """The job cannot be done, and trying again would not help. ``args[0]`` is the sentence for its owner."""


class UnknownKind(LookupError):
    """No handler goes by that name: a mistake of ours."""


class Beat(Protocol):
    """What carries a handler's signs of life to whoever waits, and the wish to stop back to it."""

    def report(self, percent: int, note: str) -> None: ...

    def cancelled(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a handler is given. ``by`` is the owner as of now (None: the system's own work)."""

    job: Job
    by: Any
    beat: Beat

    def progress(self, percent: float, note: str = "") -> None:
        """Say how far it is (0 to 100) and, in a few words, at what. Raises: JobCancelled once called off."""
        if self.cancelled():
            raise JobCancelled
        self.beat.report(min(100, max(0, int(percent))), note)

    def cancelled(self) -> bool:
        """Whether the owner has called it off; for handlers that have something to tidy first."""
        return self.beat.cancelled()

    @contextmanager
    def file_of(self, *, name: str, content_type: str, days: int = _DAYS_KEPT) -> Iterator[Path]:
        """A path to write a file of this job to, however large; kept for its owner alone once the block is left."""
        if self.by is None:
            raise ValueError("A file needs an owner")
        with _part_file() as part:
            yield part
            _keep(part, MadeFile(owner=self.by, job=self.job, name=name, content_type=content_type), days)

    def keep_file(self, *, name: str, content: bytes, content_type: str) -> MadeFile:
        """Keep ``content`` as a file of this job, for its owner alone. Raises: ValueError without an owner."""
        if self.by is None:
            raise ValueError("A file needs an owner")
        return keep_file(owner=self.by, job=self.job, name=name, content=content, content_type=content_type)


Handler = Callable[..., Result]


@dataclass(frozen=True, slots=True)
class Kind:
    """A handler, and how often it is tried when a worker dies over it or the database falls away."""

    name: str
    handler: Handler
    max_attempts: int


_kinds: dict[str, Kind] = {}


def job(kind: str, *, max_attempts: int = 3) -> Callable[[Handler], Handler]:
    """Make a function the handler of ``kind``. Raises: ValueError where another function is that already."""

    def register(handler: Handler) -> Handler:
        known = _kinds.get(kind)
        if known and known.handler.__qualname__ != handler.__qualname__:
            raise ValueError(f"The job {kind} has a handler already")
        _kinds[kind] = Kind(kind, handler, max_attempts)
        return handler

    return register


def find(kind: str) -> Kind:
    """The handler of ``kind``. Raises: UnknownKind."""
    if kind not in _kinds:
        for module in settings.JOB_MODULES:
            import_module(module)
    try:
        return _kinds[kind]
    except KeyError:
        raise UnknownKind(f"No handler for {kind}; is its module in settings.JOB_MODULES?") from None


def enqueue(kind: str, *, by: Any, key: str | None = None, title: str = "", **payload: Any) -> Job:
    """Ask for a job; it starts when the transaction that asks has committed. 1 query (3 with a key in use).

    ``by`` is an account, or None for the system's own work. With ``key``, the owner's job of that key that is
    waiting, running or done answers instead: a double click asks once, and equal questions need one answer. A job
    that failed or was called off gives its key up. The job speaks the language that is active here.

    Raises: UnknownKind; TypeError for a payload without JSON form.
    """
    find(kind)
    fields: dict[str, Any] = {
        "kind": kind,
        "title": title[:250],
        "payload": payload,
        "language": get_language() or "",
        "idempotency_key": key,
    }
    if key is None:
        return Job._base_manager.create(owner=by, **fields)
    for _attempt in range(2):
        known = Job._base_manager.filter(owner=by, idempotency_key=key).first()
        if known is not None:
            return known
        try:
            with transaction.atomic():
                return Job._base_manager.create(owner=by, **fields)
        except IntegrityError:
            continue  # Somebody was faster; theirs is there now.
    return Job._base_manager.get(owner=by, idempotency_key=key)


def cancel(*, job: Job, by: Any) -> Job:
    """Call ``job`` off: one that waits ends at once, one that runs at its next sign of life, one over stays.

    Raises: Job.DoesNotExist for a job that is not ``by``'s to call off.
    """
    with transaction.atomic():
        locked: Job = Job.objects.visible_to(by).select_for_update(no_key=True).get(pk=job.pk)
        if locked.status == JobStatus.QUEUED:
            locked.status, locked.finished_at = JobStatus.CANCELLED, timezone.now()
            locked.idempotency_key = None
        elif locked.status == JobStatus.RUNNING:
            locked.cancel_requested = True
        locked.save(update_fields=["status", "finished_at", "idempotency_key", "cancel_requested"])
    return locked


def keep_file(
    *,
    owner: Any,
    name: str,
    content: bytes,
    content_type: str,
    job: Job | None = None,
    days: int = _DAYS_KEPT,
) -> MadeFile:
    """Write ``content`` to disk, whole or not at all, and keep it for ``owner`` for ``days``. 1 query.

    Where the transaction is rolled back the bytes stay behind without a row; ``sweep`` takes them away.
    """
    with _part_file() as part:
        part.write_bytes(content)
        return _keep(part, MadeFile(owner=owner, job=job, name=name, content_type=content_type), days)


@contextmanager
def _part_file() -> Iterator[Path]:
    """An empty file where made files stand, gone again unless it was moved to its place."""
    folder = Path(settings.MEDIA_ROOT) / "made" / "parts"
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, suffix=".part")
    os.close(handle)
    part = Path(name)
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def _keep(part: Path, file: MadeFile, days: int) -> MadeFile:
    """``part`` in its place, and the row that says so. 1 query."""
    with part.open("rb") as stream:
        file.sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    file.size = part.stat().st_size
    file.expires_at = timezone.now() + timedelta(days=days)
    path = file.full_path
    path.parent.mkdir(parents=True, exist_ok=True)
    part.replace(path)
    file.save()
    return file


def sweep(*, days_kept: int = 90) -> int:
    """Take away files past their date, bytes without a row, and jobs ended ``days_kept`` days ago. How many went.

    Bytes younger than a day are left alone: their transaction may not have committed yet.
    """
    now = timezone.now()
    gone = 0
    for file in MadeFile._base_manager.filter(expires_at__lt=now).iterator():
        file.full_path.unlink(missing_ok=True)
        file.delete()
        gone += 1
    yesterday = (now - timedelta(days=1)).timestamp()
    for path in (Path(settings.MEDIA_ROOT) / "made").glob("*/*"):
        if path.stat().st_mtime >= yesterday:
            continue
        if not MadeFile._base_manager.filter(path=f"made/{path.parent.name}/{path.name}").exists():
            path.unlink(missing_ok=True)
            gone += 1
    old = Q(finished_at__lt=now - timedelta(days=days_kept), files=None)
    return gone + Job._base_manager.filter(old).delete()[0]
