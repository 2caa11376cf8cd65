"""Periods whose books are closed, and for how long one was open again."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from funds.models.funds import Fund, Pot
from funds.triggers.closings import CLOSING_BALANCE_TRIGGERS, CLOSING_TRIGGERS, REOPENING_TRIGGERS
from hkh.core.dates import Period
from members.models import Unit
from members.scope import ScopedManager

#: A reopened period is closed again, by itself, after so many days at the latest.
MOST_DAYS_OPEN = 31


class Closing(models.Model):
    """The books of ``unit`` and of all that stood below it, closed for ``[starts_on, ends_before)``.

    The first closing of a unit has no start: nothing before it may change either. ``last_movement_id`` tells what
    stood in the books then; what came later into the period came while it was reopened. ``digest`` is the hash of the
    balances kept. Written once, by the database's own hand.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="closings", verbose_name=_("unit"))
    period = models.CharField(_("period"), max_length=10)
    starts_on = models.DateField(_("from"), null=True, editable=False)
    ends_before = models.DateField(_("until"))
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("closed by")
    )
    closed_at = models.DateTimeField(_("closed at"), auto_now_add=True, db_default=Now())
    last_movement_id = models.BigIntegerField(default=0, editable=False)
    digest = models.CharField(_("hash"), max_length=64, default="", editable=False)

    unscoped = models.Manager()
    objects = ScopedManager["Closing"]("unit")

    class Meta:
        verbose_name = _("closing of the books")
        verbose_name_plural = _("closings of the books")
        default_manager_name = "unscoped"
        ordering = ["-ends_before", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "ends_before"],
                name="closing_once",
                violation_error_message=_("This period is closed already."),
            ),
        ]
        indexes = [models.Index(fields=["-ends_before"], name="closing_latest")]
        triggers = CLOSING_TRIGGERS

    def __str__(self) -> str:
        return f"{self.unit} {self.period}"

    @property
    def as_period(self) -> Period:
        return Period.parse(self.period)


class ClosingBalance(models.Model):
    """What a fund's pot held when its period was closed. Nothing is kept of what held nothing."""

    closing = models.ForeignKey(Closing, models.PROTECT, related_name="balances")
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="+")
    pot = models.CharField(max_length=5, choices=Pot)
    free_vnd = models.BigIntegerField()
    committed_vnd = models.BigIntegerField()
    transit_vnd = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["closing", "fund", "pot"], name="closing_balance_once")]
        triggers = CLOSING_BALANCE_TRIGGERS

    def __str__(self) -> str:
        return f"{self.closing_id} {self.fund_id} {self.pot}"


class Reopening(models.Model):
    """A closed period open again for ``unit`` and all below it, ``[reopened_on, until_on)``; then closed by itself."""

    closing = models.ForeignKey(Closing, models.PROTECT, related_name="reopenings", verbose_name=_("closing"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("for unit"))
    reopened_on = models.DateField(_("reopened on"))
    until_on = models.DateField(_("closed again on"))
    reason = models.CharField(_("why"), max_length=240)
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("reopened by")
    )
    reopened_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    class Meta:
        verbose_name = _("reopening")
        verbose_name_plural = _("reopenings")
        ordering = ["-reopened_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="reopening_has_reason",
                condition=~Q(reason=""),
                violation_error_message=_("Say why the period is reopened."),
            ),
            models.CheckConstraint(
                name="reopening_ends",
                condition=Q(until_on__gte=F("reopened_on"), until_on__lte=F("reopened_on") + MOST_DAYS_OPEN),
                violation_error_message=_("A period is open again for at most 31 days."),
            ),
        ]
        triggers = REOPENING_TRIGGERS

    def __str__(self) -> str:
        return f"{self.closing}: {self.reopened_on} – {self.until_on}"

    def is_open_on(self, day: date) -> bool:
        return self.reopened_on <= day < self.until_on
