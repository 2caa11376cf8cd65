"""What was handed out of a round."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from funds.models import Movement
from members.models import Unit
from members.scope import ScopedManager
from scholarships.models.awards import Award
from scholarships.models.rounds import Round
from scholarships.triggers.distributions import DISTRIBUTION_TRIGGERS, LINE_TRIGGERS


class Distribution(models.Model):
    """A handing-out of approved awards on one day at one place. Never changed: voided whole, with the reason."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="distributions", verbose_name=_("round"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="distributions", verbose_name=_("unit"))
    held_on = models.DateField(_("held on"))
    venue = models.CharField(pgettext_lazy("of an event", "place"), max_length=160, blank=True)
    document = models.CharField(_("document"), max_length=60, blank=True)
    note = models.TextField(_("note"), blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )
    recorded_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    voided_on = models.DateField(_("voided on"), null=True, blank=True)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("voided by"),
    )
    void_reason = models.CharField(_("why voided"), max_length=240, blank=True)
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    unscoped = models.Manager()
    objects = ScopedManager["Distribution"]("unit")

    class Meta:
        verbose_name = _("distribution")
        verbose_name_plural = _("distributions")
        default_manager_name = "unscoped"
        ordering = ["-held_on", "-pk"]
        indexes = [
            models.Index(fields=["-held_on", "-id"], name="distribution_order"),
            models.Index(fields=["unit", "-held_on"], name="distribution_by_unit"),
        ]
        constraints = [
            models.CheckConstraint(
                name="distribution_void_has_reason",
                condition=Q(voided_on=None, void_reason="")
                | (Q(voided_on__isnull=False, voided_on__gte=F("held_on")) & ~Q(void_reason="")),
                violation_error_message=_("Say why the distribution is voided."),
            ),
        ]
        triggers = DISTRIBUTION_TRIGGERS

    def __str__(self) -> str:
        return f"{self.round} · {self.held_on}"


class DistributionLine(models.Model):
    """How many of an award were handed out, and the movement that paid for the whole distribution's pot."""

    distribution = models.ForeignKey(Distribution, models.PROTECT, related_name="lines", verbose_name=_("distribution"))
    award = models.ForeignKey(Award, models.PROTECT, related_name="deliveries", verbose_name=_("award"))
    count = models.PositiveIntegerField(_("number"))
    value_vnd = models.BigIntegerField(_("value (đồng)"))
    movement = models.ForeignKey(
        Movement, models.PROTECT, related_name="distribution_lines", verbose_name=_("movement")
    )

    class Meta:
        verbose_name = _("distribution line")
        verbose_name_plural = _("distribution lines")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["distribution", "award"],
                name="distribution_line_once",
                violation_error_message=_("An award stands once in a distribution."),
            ),
            models.CheckConstraint(
                name="distribution_line_positive",
                condition=Q(count__gt=0, value_vnd__gt=0),
                violation_error_message=_("Enter how many were handed out."),
            ),
        ]
        triggers = LINE_TRIGGERS

    def __str__(self) -> str:
        return f"{self.award_id} × {self.count}"
