"""The runs of imports: who handed in which file, what was made of it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from hkh.core.models import Job, MadeFile, OwnedManager
from hkh.core.sheets.staging import Stage


class RunState(models.TextChoices):
    UPLOADED = "uploaded", _("Handed in")
    MATCHING = "matching", _("Columns to confirm")
    CHECKED = "checked", _("To confirm")
    APPLIED = "applied", _("Taken in")
    UNDONE = "undone", _("Taken back")
    DISCARDED = "discarded", _("Dropped")


class ImportRun(models.Model):
    """One file on its way in. The rows wait in tables of their own (``stage``) from the check until it is over.

    ``layout``: what was found in the file: sheets, heading row, headings, first rows, what its columns are read with.
    ``matching``: position (as text) to column. ``counts``, ``groups``, ``digest``: what the plan comes to. ``made``:
    ids of the rows made, as ranges by table. ``job`` is the work asked for last.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="import_runs", verbose_name=_("account")
    )
    sheet = models.CharField(_("kind of sheet"), max_length=24)
    state = models.CharField(_("state"), max_length=10, choices=RunState, default=RunState.UPLOADED)
    file_name = models.CharField(_("file name"), max_length=200)
    file_sha256 = models.CharField(_("SHA-256"), max_length=64)
    file_size = models.PositiveBigIntegerField(_("bytes"))
    file = models.ForeignKey(MadeFile, models.SET_NULL, null=True, related_name="+", verbose_name=_("file"))
    sheet_name = models.CharField(_("sheet in the file"), max_length=200, blank=True)
    layout = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    matching = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    all_or_nothing = models.BooleanField(_("all or nothing"), default=False)
    counts = models.JSONField(default=dict)
    groups = models.JSONField(default=list)
    digest = models.CharField(max_length=24, blank=True)
    basis = models.CharField(max_length=64, blank=True, editable=False)
    has_moved = models.BooleanField(default=False)
    made = models.JSONField(default=dict)
    refused_file = models.ForeignKey(
        MadeFile, models.SET_NULL, null=True, related_name="+", verbose_name=_("refused rows")
    )
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+", verbose_name=_("job"))
    idempotency_key = models.UUIDField(unique=True, editable=False)
    created_at = models.DateTimeField(_("handed in"), auto_now_add=True)
    applied_at = models.DateTimeField(_("taken in at"), null=True, blank=True)
    undone_at = models.DateTimeField(_("taken back at"), null=True, blank=True)

    objects = OwnedManager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["owner", "-id"], name="import_run_by_owner")]
        constraints = [
            models.CheckConstraint(
                name="import_run_applied_is_dated",
                condition=~models.Q(state__in=["applied", "undone"]) | models.Q(applied_at__isnull=False),
            ),
            models.CheckConstraint(
                name="import_run_undone_is_dated",
                condition=~models.Q(state="undone") | models.Q(undone_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.get_state_display()})"

    @property
    def stage(self) -> Stage:
        return Stage(self.pk)

    @property
    def total(self) -> int:
        """Rows read."""
        return int(sum(self.counts.values()))

    @property
    def is_over(self) -> bool:
        return self.state in (RunState.APPLIED, RunState.UNDONE, RunState.DISCARDED)

    @property
    def at(self) -> dict[int, str]:
        """Which column stands at which position of the file's rows."""
        return {int(position): key for position, key in self.matching.items()}


class ImportChange(models.Model):
    """A known row that a run told something anew: {"column": [old, new]}. ``revision`` is the row's afterwards."""

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="changes", verbose_name=_("import"))
    row_no = models.PositiveIntegerField(_("row"))
    object_id = models.BigIntegerField()
    changes: Any = models.JSONField()
    revision = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("changed row")
        verbose_name_plural = _("changed rows")
        ordering = ["run", "row_no"]
        indexes = [models.Index(fields=["run", "row_no"], name="import_change_of_run")]

    def __str__(self) -> str:
        return f"{self.run_id}: {self.row_no}"
