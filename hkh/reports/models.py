"""What people write into a report, kept while they work on it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models import Unit
from members.scope import ScopedManager


class ReportDraft(models.Model):
    """Letterhead and free text of one unit's report of one period; figures are never kept here."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="report_drafts", verbose_name=_("unit"))
    period = models.CharField(_("period"), max_length=8)
    number = models.CharField(_("number and symbol"), max_length=40, default="…/BC-HKH")
    place = models.CharField(pgettext_lazy("of a letter", "place"), max_length=60)
    day = models.DateField(_("date of the report"))
    parent_body = models.CharField(_("body above"), max_length=200, blank=True)
    recipients = models.TextField(_("recipients"), blank=True, help_text=_("One a line."))
    on_behalf = models.CharField(_("signed on behalf of"), max_length=80, default="TM. Ban Thường vụ")
    signer_title = models.CharField(_("signer's position"), max_length=80, default="Chủ tịch")
    signer = models.CharField(_("signer's name"), max_length=120, blank=True)
    advice = models.TextField(_("Advice to the authorities, communication"), blank=True)
    learning_society = models.TextField(_("Building the learning society"), blank=True)
    emulation = models.TextField(_("Emulation and commendation"), blank=True)
    shortcomings = models.TextField(_("Shortcomings and their causes"), blank=True)
    directions = models.TextField(_("Directions for the next period"), blank=True)
    revision = models.PositiveIntegerField(default=0, editable=False)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("saved by")
    )
    saved_at = models.DateTimeField(_("saved"), auto_now=True)

    unscoped = models.Manager()
    objects = ScopedManager["ReportDraft"]("unit")

    class Meta:
        verbose_name = _("report draft")
        verbose_name_plural = _("report drafts")
        default_manager_name = "unscoped"
        constraints = [models.UniqueConstraint(fields=["unit", "period"], name="report_draft_once")]

    def __str__(self) -> str:
        return f"{self.unit} {self.period}"
