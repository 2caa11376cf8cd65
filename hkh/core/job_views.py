"""What one has started, how far it is, and the files that came of it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from hkh.core import jobs
from hkh.core.models import Job, JobStatus, MadeFile

_SHOWN = 30
#: The states as the progress component names them.
_STATES = {JobStatus.QUEUED: "waiting"}
#: What a browser shows by itself without running anything that is in it.
_SHOWN_INLINE = frozenset({"application/pdf"})


@require_GET
@login_required
def job_list(request: HttpRequest) -> HttpResponse:
    """The latest jobs of the account, newest first. 2 queries."""
    mine = Job.objects.visible_to(request.user).filter(owner=request.user.pk).prefetch_related("files")
    return render(request, "core/jobs.html", {"cards": [_card(job) for job in mine[:_SHOWN]]})


@require_GET
@login_required
def job_status(request: HttpRequest, pk: int) -> HttpResponse:
    """One job as a fragment that asks for itself again while the job runs. 2 queries."""
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    return _fragment(request, job)


@require_POST
@login_required
def job_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    job = jobs.cancel(job=job, by=request.user)
    return _fragment(request, job) if getattr(request, "htmx", False) else redirect("core:job-list")


@require_GET
@login_required
def file_download(request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
    """The bytes of a made file, to its owner; with ``?xem`` a PDF opens in the browser instead of being saved."""
    file = get_object_or_404(MadeFile.objects.visible_to(request.user).exclude(expires_at__lt=timezone.now()), pk=pk)
    try:
        stream = file.full_path.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    inline = "xem" in request.GET and file.content_type in _SHOWN_INLINE
    response = FileResponse(stream, as_attachment=not inline, filename=file.name, content_type=file.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _fragment(request: HttpRequest, job: Job) -> HttpResponse:
    return render(request, "core/_job.html", {"card": _card(job)})


def _card(job: Job) -> dict[str, Any]:
    """What ``core/_job.html`` shows of ``job``."""
    files = list(job.files.all()) if job.status == JobStatus.DONE else []
    return {
        "label": str(job),
        "state": _STATES.get(JobStatus(job.status), job.status),
        "percent": job.progress if job.status == JobStatus.RUNNING else None,
        "message": _message(job),
        "poll_url": reverse("core:job-status", args=[job.pk]),
        "cancel_url": None if job.is_over or job.cancel_requested else reverse("core:job-cancel", args=[job.pk]),
        "page": (job.result or {}).get("page", "") if job.status == JobStatus.DONE else "",
        "files": [(file.name, reverse("core:file-download", args=[file.pk])) for file in files],
    }


def _message(job: Job) -> str:
    if job.cancel_requested and not job.is_over:
        return _("Being called off…")
    if job.status == JobStatus.QUEUED:
        return _("Waiting for its turn.")
    if job.status == JobStatus.RUNNING:
        return job.progress_note or _("Under way.")
    if job.status == JobStatus.FAILED:
        return job.error
    assert job.finished_at is not None
    ended = date_format(timezone.localtime(job.finished_at), "SHORT_DATETIME_FORMAT")
    if job.status == JobStatus.CANCELLED:
        return _("Called off on %(when)s.") % {"when": ended}
    return _("Done on %(when)s.") % {"when": ended}
