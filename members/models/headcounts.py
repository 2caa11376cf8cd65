"""How many members a unit says it has: each number declared for a day, corrections beside what they correct."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from members.models.tree import Unit
from members.rollups.headcounts import SPAN_TRIGGERS
from members.scope import ScopedManager
from members.triggers.headcounts import HEADCOUNT_TRIGGERS


class HeadcountSource(models.TextChoices):
    LIST = "list", _("List of members")
    MEETING = "meeting", _("Counted at a meeting")
    RETURN = "return", _("Return of the unit")
    ESTIMATE = "estimate", _("Estimate")


class ReportedHeadcount(models.Model):
    """What a unit declares of itself for the day ``counted_on``; the highest ``revision`` of a day counts.

    Nothing is ever changed: a correction is the next revision, and one without ``members`` takes the number back.
    ``women`` and ``minority`` are among ``members``; empty = not given, which is not 0.
    """

    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="reported_headcounts", verbose_name=_("unit"), db_index=False
    )
    counted_on = models.DateField(_("as of"))
    revision = models.PositiveSmallIntegerField(_("revision"), default=1)
    members = models.PositiveIntegerField(_("members"), null=True)
    women = models.PositiveIntegerField(_("women among them"), null=True, blank=True)
    minority = models.PositiveIntegerField(_("of ethnic minorities among them"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=10, choices=HeadcountSource)
    note = models.CharField(_("note"), max_length=200, blank=True)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("entered by")
    )
    reported_at = models.DateTimeField(_("entered"), auto_now_add=True, db_default=Now())
    idempotency_key = models.UUIDField(null=True, editable=False)

    unscoped = models.Manager()
    objects = ScopedManager["ReportedHeadcount"]("unit")

    class Meta:
        verbose_name = _("reported headcount")
        verbose_name_plural = _("reported headcounts")
        default_manager_name = "unscoped"
        ordering = ["-counted_on", "-revision"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "counted_on", "revision"],
                name="headcount_revision_once",
                violation_error_message=_(
                    "Somebody else has entered this unit's number meanwhile. Look at it, then enter your change."
                ),
            ),
            models.UniqueConstraint(
                fields=["idempotency_key", "unit"],
                condition=Q(idempotency_key__isnull=False),
                name="headcount_entered_once",
            ),
            models.CheckConstraint(
                name="headcount_parts_within",
                condition=(Q(women=None) | Q(women__lte=F("members")))
                & (Q(minority=None) | Q(minority__lte=F("members"))),
                violation_error_message=_("Women and members of ethnic minorities are counted among the members."),
            ),
            models.CheckConstraint(
                name="headcount_taken_back_whole",
                condition=Q(members__isnull=False) | Q(women=None, minority=None, revision__gt=1),
                violation_error_message=_("Write the number of members; 0 where there is none."),
            ),
            models.CheckConstraint(name="headcount_source_known", condition=Q(source__in=HeadcountSource.values)),
        ]
        triggers = HEADCOUNT_TRIGGERS + SPAN_TRIGGERS

    def __str__(self) -> str:
        return f"{self.unit_id} {self.counted_on} ({self.revision}): {self.members}"


class HeadcountSpan(models.Model):
    """Roll-up: which reported number of a unit (itself) counts on which days. Kept by trigger.

    From the day it was counted for until the next one, a year at the most: what is older says nothing of today.
    """

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    valid_from = models.DateField()
    valid_until = models.DateField()
    members = models.IntegerField()
    women = models.IntegerField(null=True)
    minority = models.IntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "valid_from"], name="headcount_span_once")]
        indexes = [models.Index(fields=["valid_from", "valid_until"], name="headcount_span_by_day")]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.valid_from}–{self.valid_until}: {self.members}"


class CardSeries(models.Model):
    """The membership cards of a unit: what their numbers begin with, and the last one given."""

    unit = models.OneToOneField(Unit, models.CASCADE, related_name="card_series", verbose_name=_("unit"))
    prefix = models.CharField(_("beginning"), max_length=19)
    last_number = models.PositiveIntegerField(_("last number"), default=0)

    unscoped = models.Manager()
    objects = ScopedManager["CardSeries"]("unit")

    class Meta:
        verbose_name = _("series of cards")
        verbose_name_plural = _("series of cards")
        default_manager_name = "unscoped"

    def __str__(self) -> str:
        return f"{self.prefix}-{self.last_number}"
