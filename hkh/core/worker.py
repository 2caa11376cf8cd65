"""How jobs get done: claimed by one worker at a time, kept alive by a second thread, finished once.

Whoever claims a job gets a fresh claim number; only with it can the job be reported on or ended. A worker that
was taken for dead and comes back therefore finds itself unable to finish, and all it wrote is rolled back.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
import traceback
import uuid
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import InterfaceError, OperationalError, close_old_connections, connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from hkh.core import charts, jobs
from hkh.core.models import Job, JobStatus

log: Final = logging.getLogger(__name__)
_POLL_S: Final = 0.5
_CHORES_S: Final = 60.0
_SWEEP_S: Final = 3600.0


class HandedBack(BaseException):
    """The worker has to go before the job is done: another shall begin it anew."""


class ClaimLost(Exception):
    """Another worker has taken the job over, or it was ended from outside."""


def claim() -> Job | None:
    """The job that waits longest, now this worker's alone; also one whose worker gave no sign of life any more.

    2 queries. One that has been begun as often as its kind allows is ended instead, and the next one looked at.
    """
    while True:
        with transaction.atomic():
            job = (
                Job._base_manager.filter(_is_open())
                .select_for_update(skip_locked=True, no_key=True)
                .order_by("pk")
                .first()
            )
            if job is None:
                return None
            if _may_begin(job):
                job.claim = uuid.uuid4()
                Job._base_manager.filter(pk=job.pk).update(
                    status=JobStatus.RUNNING,
                    claim=job.claim,
                    attempts=F("attempts") + 1,
                    started_at=Coalesce("started_at", Now()),
                    heartbeat_at=Now(),
                )
                job.refresh_from_db()
                return job


def _is_open() -> Q:
    """Waiting and due, or running without a sign of life; by the database's clock, which all workers share."""
    silence = timedelta(seconds=settings.JOB_SILENCE_S)
    due = Q(not_before=None) | Q(not_before__lte=Now())
    return Q(status=JobStatus.QUEUED) & due | Q(status=JobStatus.RUNNING, heartbeat_at__lt=Now() - silence)


def _may_begin(job: Job) -> bool:
    """False for a job that ends here and now, because it was tried too often or called off meanwhile."""
    with translation.override(job.language or settings.LANGUAGE_CODE):
        try:
            most = jobs.find(job.kind).max_attempts
        except jobs.UnknownKind as error:
            _end(job, JobStatus.FAILED, error=_fault(job), detail=str(error))
            return False
        if job.cancel_requested:
            _end(job, JobStatus.CANCELLED)
            return False
        if job.attempts >= most:
            sentence = _(
                "The work was broken off %(times)d times and has been given up. Start it again; if that happens "
                "once more, tell the administrator job number %(number)d."
            )
            _end(job, JobStatus.FAILED, error=sentence % {"times": job.attempts, "number": job.pk})
            return False
    return True


def perform(job: Job, *, beat: Heart | None = None) -> Job:
    """Do a claimed ``job`` and write down how it ended; the job as it then stands.

    ``HandedBack`` from a signal puts it back into the queue and goes on to the caller.
    """
    heart = beat or Heart(job)
    with translation.override(job.language or settings.LANGUAGE_CODE):
        try:
            with heart:
                _run(job, heart)
        except HandedBack:
            _give_back(job, delay_s=0, counted=False)
            raise
        except ClaimLost:
            log.warning("Job %s was taken over by another worker", job.pk)
        except jobs.JobCancelled:
            _end(job, JobStatus.CANCELLED)
        except (OperationalError, InterfaceError) as error:
            _after_outage(job, error)
        except Exception as error:  # whatever it is, the owner must hear of it and the worker must go on
            _end(job, JobStatus.FAILED, error=_sentence(job, error), detail=_detail(error))
    job.refresh_from_db()
    return job


def run_now(job: Job) -> Job:
    """Do ``job`` here, within the caller's transaction and without a worker: for commands and tests."""
    Job._base_manager.filter(pk=job.pk).update(
        status=JobStatus.RUNNING,
        claim=uuid.uuid4(),
        attempts=F("attempts") + 1,
        started_at=Now(),
        heartbeat_at=Now(),
    )
    job.refresh_from_db()
    return perform(job, beat=StillHeart(job))


def _run(job: Job, heart: Heart) -> None:
    """The handler and the note that it is done, in one transaction."""
    with transaction.atomic():
        owner = job.owner
        if owner is not None and not owner.is_active:
            raise jobs.JobRefused(_("The account that asked for this has been closed, so it was not done."))
        context = jobs.JobContext(job=job, by=owner, beat=heart)
        result = jobs.find(job.kind).handler(context, **job.payload)
        if heart.cancelled():
            raise jobs.JobCancelled
        # From here on the row is locked by this transaction; the heart must not wait for it.
        heart.stop()
        _end(job, JobStatus.DONE, result=dict(result) if result is not None else None, must=True)


def _end(
    job: Job,
    status: JobStatus,
    *,
    result: dict[str, Any] | None = None,
    error: str = "",
    detail: str = "",
    must: bool = False,
) -> None:
    """Write down how ``job`` ended, if it is still this worker's. Raises: ClaimLost where it ``must`` be."""
    ended: dict[str, Any] = {"status": status, "finished_at": Now(), "error": error, "error_detail": detail}
    if status == JobStatus.DONE:
        ended |= {"result": result, "progress": 100, "progress_note": ""}
    else:
        ended |= {"idempotency_key": None}
    mine = Job._base_manager.filter(pk=job.pk, claim=job.claim).exclude(
        status__in=[JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED]
    )
    if not mine.update(**ended) and must:
        raise ClaimLost


def _give_back(job: Job, *, delay_s: float, counted: bool) -> None:
    Job._base_manager.filter(pk=job.pk, claim=job.claim, status=JobStatus.RUNNING).update(
        status=JobStatus.QUEUED,
        not_before=Now() + timedelta(seconds=delay_s),
        attempts=F("attempts") - (0 if counted else 1),
        progress=0,
        progress_note="",
    )


def _after_outage(job: Job, error: Exception) -> None:
    """The database fell away or chose this transaction to break a deadlock: again, a little later each time."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    if job.attempts < jobs.find(job.kind).max_attempts:
        log.warning("Job %s will be tried again: %s", job.pk, error)
        _give_back(job, delay_s=2.0**job.attempts, counted=True)
    else:
        _end(job, JobStatus.FAILED, error=_fault(job), detail=_detail(error))


def _sentence(job: Job, error: Exception) -> str:
    """What the owner is told: refusals in their own words, everything else as a fault of ours."""
    if isinstance(error, jobs.JobRefused):
        return str(error)
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    if isinstance(error, PermissionDenied):
        return _("Your account no longer has the right to do this, so it was not done.")
    log.error("Job %s (%s) failed", job.pk, job.kind, exc_info=error)
    return _fault(job)


def _fault(job: Job) -> str:
    sentence = _(
        "This could not be done because of a fault in the program; nothing was changed. Try once more, and if it "
        "happens again tell the administrator job number %(number)d."
    )
    return sentence % {"number": job.pk}


def _detail(error: Exception) -> str:
    return "".join(traceback.format_exception(error))[-20_000:]


class Heart:
    """A ``jobs.Beat``: signs of life from a thread of its own, each with the latest progress.

    The thread has its own connection, so what it writes is seen while the handler's transaction is open; and each
    beat brings back whether the owner wants to stop.
    """

    def __init__(self, job: Job) -> None:
        self._job = job
        self._wake = threading.Event()
        self._over = threading.Event()
        self._stop_wanted = job.cancel_requested
        self._lost = False
        self._latest: tuple[int, str] | None = None
        self._thread = threading.Thread(target=self._beat_on, name=f"heart-{job.pk}", daemon=True)

    def __enter__(self) -> Heart:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """No more beats. Returns when none is under way."""
        self._over.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def report(self, percent: int, note: str) -> None:
        if (percent, note) != self._latest:
            self._latest = percent, note
            self._wake.set()

    def cancelled(self) -> bool:
        if self._lost:
            raise ClaimLost
        return self._stop_wanted

    def _beat_on(self) -> None:
        try:
            while not self._over.is_set():
                with contextlib.suppress(OperationalError, InterfaceError):
                    close_old_connections()
                    self._beat()
                self._wake.wait(settings.JOB_BEAT_S)
                self._wake.clear()
                # Reports that come thick and fast share one beat.
                self._over.wait(0.2)
        finally:
            connection.close()

    def _beat(self) -> None:
        told: dict[str, Any] = {"heartbeat_at": Now()}
        if self._latest is not None:
            told |= {"progress": self._latest[0], "progress_note": self._latest[1][:250]}
        mine = Job._base_manager.filter(pk=self._job.pk, claim=self._job.claim, status=JobStatus.RUNNING)
        if not mine.update(**told):
            self._lost = True
        elif mine.filter(cancel_requested=True).exists():
            self._stop_wanted = True


class StillHeart(Heart):
    """For a job done within the caller's own transaction: no thread, reports written where one stands."""

    def __enter__(self) -> StillHeart:
        return self

    def stop(self) -> None:
        return

    def report(self, percent: int, note: str) -> None:
        Job._base_manager.filter(pk=self._job.pk).update(progress=percent, progress_note=note[:250])


def do_chores() -> None:
    """Call each of ``settings.CHORES``. What goes wrong in one is logged and keeps no other from its turn."""
    with translation.override(settings.LANGUAGE_CODE):
        for path in settings.CHORES:
            try:
                import_string(path)()
            except (OperationalError, InterfaceError):
                raise
            except Exception:  # the worker must go on, whatever it is
                log.exception("The chore %s failed", path)


def work(*, once: bool, stopping: Callable[[], bool], pause: Callable[[float], None] = time.sleep) -> int:
    """Do jobs until told to stop; with ``once``, until none is waiting. How many were begun.

    A database that is away is waited for: it comes back, and whoever restarts it should not have to think of us.
    What falls due by itself (``settings.CHORES``) is looked after every minute, between two jobs.
    """
    begun, swept_at, looked_at = 0, time.monotonic(), float("-inf")
    while not stopping():
        close_old_connections()
        try:
            if time.monotonic() - looked_at >= _CHORES_S:
                do_chores()
                looked_at = time.monotonic()
            job = claim()
            if job is not None:
                begun += 1
                perform(job)
                continue
            if time.monotonic() - swept_at > _SWEEP_S:
                swept_at = time.monotonic()
                jobs.sweep()
                charts.prune()
        except (OperationalError, InterfaceError) as error:
            log.warning("The database does not answer, waiting: %s", error)
            connection.close()
        if once:
            break
        pause(_POLL_S)
    return begun
