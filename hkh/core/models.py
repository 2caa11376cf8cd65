"""Work that runs behind the pages, and the files that it makes."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


class OwnedQuerySet(models.QuerySet[Any]):
    """Rows that belong to one account."""

    def visible_to(self, user: AbstractBaseUser | AnonymousUser) -> OwnedQuerySet:
        """The rows of ``user``; all for a superuser; none for a visitor or a closed account."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if getattr(user, "is_superuser", False):
            return self.all()
        return self.filter(owner=user.pk)


OwnedManager = models.Manager.from_queryset(OwnedQuerySet)


class JobStatus(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class Job(models.Model):
    """One piece of work for the worker: what (``kind``, ``payload``), for whom, how far, what came of it.

    ``kind`` and ``payload`` are what a handler of ``hkh.core.jobs`` is called with. ``claim`` changes each time
    a worker takes the job, so that one which lost it can no longer finish it. ``idempotency_key`` belongs to a
    job that is waiting, running or done: asking again with the same key answers with that job. Files made by
    the job hang on it (``files``); whatever else came of it is ``result``, whose ``page`` is the address where its
    owner sees it.
    """

    kind = models.CharField(_("kind"), max_length=80)
    title = models.CharField(_("title"), max_length=250, blank=True)
    payload = models.JSONField(_("input"), default=dict, encoder=DjangoJSONEncoder)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="jobs",
        verbose_name=_("account"),
    )
    language = models.CharField(_("language"), max_length=10, blank=True)
    status = models.CharField(_("state"), max_length=10, choices=JobStatus, default=JobStatus.QUEUED)
    progress = models.PositiveSmallIntegerField(_("per cent done"), default=0)
    progress_note = models.CharField(_("what is being done"), max_length=250, blank=True)
    result = models.JSONField(_("result"), null=True, blank=True, encoder=DjangoJSONEncoder)
    error = models.TextField(_("why it failed"), blank=True)
    error_detail = models.TextField(_("detail for the administrator"), blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    cancel_requested = models.BooleanField(_("cancel asked for"), default=False)
    idempotency_key = models.CharField(_("key"), max_length=200, null=True, blank=True)  # noqa: DJ001
    claim = models.UUIDField(_("claim"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    not_before = models.DateTimeField(_("not before"), null=True, blank=True)
    started_at = models.DateTimeField(_("begun"), null=True, blank=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    finished_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = OwnedManager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["id"], name="job_open", condition=Q(status__in=[JobStatus.QUEUED, JobStatus.RUNNING])),
            models.Index(fields=["owner", "-id"], name="job_by_owner"),
        ]
        constraints = [
            models.CheckConstraint(name="job_progress_is_per_cent", condition=Q(progress__lte=100)),
            models.CheckConstraint(name="job_status_known", condition=Q(status__in=JobStatus.values)),
            models.UniqueConstraint(
                fields=["owner", "idempotency_key"],
                name="job_once_per_key",
                condition=Q(idempotency_key__isnull=False),
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.kind

    @property
    def is_over(self) -> bool:
        return self.status not in (JobStatus.QUEUED, JobStatus.RUNNING)


class ListColumns(models.Model):
    """Which columns an account last took of a list, by their keys; the order is the sheet's own."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("account"))
    slug = models.CharField(_("list"), max_length=40)
    keys = models.JSONField(_("columns"), default=list)

    objects = OwnedManager()

    class Meta:
        verbose_name = _("columns of a list")
        verbose_name_plural = _("columns of lists")
        constraints = [models.UniqueConstraint(fields=["owner", "slug"], name="list_columns_once")]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.slug}"


def _made_file_path() -> str:
    """A path that says nothing and cannot be guessed; 256 folders keep each one small."""
    name = uuid.uuid4().hex
    return f"made/{name[:2]}/{name}"


class MadeFile(models.Model):
    """A file made for one account: a report, a workbook. Its bytes stand at ``path`` under MEDIA_ROOT.

    Past ``expires_at`` it is gone for its owner, and soon from the disk.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="made_files", verbose_name=_("account")
    )
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="files", verbose_name=_("job"))
    name = models.CharField(_("file name"), max_length=200)
    content_type = models.CharField(_("kind of file"), max_length=120)
    path = models.CharField(_("path"), max_length=120, unique=True, default=_made_file_path, editable=False)
    size = models.PositiveBigIntegerField(_("bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    expires_at = models.DateTimeField(_("kept until"), null=True, blank=True, db_index=True)

    objects = OwnedManager()

    class Meta:
        verbose_name = _("made file")
        verbose_name_plural = _("made files")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def full_path(self) -> Path:
        return Path(settings.MEDIA_ROOT) / self.path
