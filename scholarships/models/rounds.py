"""Programmes and their rounds."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Cast, Concat, Substr
from django.utils.translation import gettext_lazy as _

from funds.models import MOST_VND, Fund
from hkh.core.text import SearchKey
from members.models import Unit
from members.scope import ScopedManager
from scholarships.triggers.rounds import (
    PROGRAMME_TRIGGERS,
    ROUND_TRIGGERS,
)


class Programme(models.Model):
    """A lasting line of work, such as "Tiếp sức cho em đến trường". Shared by all units; kept by administrators."""

    code = models.SlugField(_("code"), max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=160)
    description = models.TextField(_("description"), blank=True)
    partner = models.CharField(_("partner"), max_length=120, blank=True)
    retired_on = models.DateField(_("retired on"), null=True, blank=True)

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ["name"]
        triggers = PROGRAMME_TRIGGERS

    def __str__(self) -> str:
        return self.name


class RoundState(models.TextChoices):
    OPEN = "open", _("Open")
    CLOSED = "closed", _("Closed")


def _a_school_year_from(year: models.Func) -> Concat:
    """ "2024" -> "2024-2025"."""
    following = Cast(year, models.IntegerField()) + 1
    return Concat(year, Value("-"), Cast(following, models.TextField()), output_field=models.TextField())


class Round(models.Model):
    """One round of giving of a programme by one unit, paid by one fund."""

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="rounds", verbose_name=_("programme"))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="rounds", verbose_name=_("unit"))
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="rounds", verbose_name=_("fund"))
    name = models.CharField(_("name"), max_length=200)
    school_year = models.CharField(_("school year"), max_length=9, help_text=_("For example 2024-2025."))
    opened_on = models.DateField(_("opened on"))
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    budget_vnd = models.BigIntegerField(_("budget (đồng)"), null=True, blank=True)
    quota = models.PositiveIntegerField(_("quota"), null=True, blank=True)
    criteria = models.TextField(_("criteria"), blank=True)
    state = models.CharField(_("state"), max_length=8, choices=RoundState, default=RoundState.OPEN)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("opened by")
    )
    revision = models.PositiveIntegerField(default=1, editable=False)
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    search_key = models.GeneratedField(
        expression=SearchKey("name"), output_field=models.TextField(db_collation="C"), db_persist=True
    )

    unscoped = models.Manager()
    objects = ScopedManager["Round"]("unit")

    class Meta:
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        default_manager_name = "unscoped"
        ordering = ["-opened_on", "-pk"]
        indexes = [
            models.Index(fields=["-opened_on", "-id"], name="round_order"),
            models.Index(fields=["unit", "-opened_on"], name="round_by_unit"),
        ]
        constraints = [
            models.CheckConstraint(
                name="round_school_year",
                condition=Q(school_year__regex=r"^20\d\d-20\d\d$"),
                violation_error_message=_("Write the school year as 2024-2025."),
            ),
            # Checked after the one above: constraints are checked in the order of their names.
            models.CheckConstraint(
                name="round_school_year_is_one",
                condition=Q(school_year=_a_school_year_from(Substr("school_year", 1, 4))),
                violation_error_message=_("A school year ends in the year after it begins, as 2024-2025."),
            ),
            models.CheckConstraint(
                name="round_dates_in_order",
                condition=Q(closed_on=None) | Q(closed_on__gte=F("opened_on")),
                violation_error_message=_("A round cannot close before it opens."),
            ),
            models.CheckConstraint(
                name="round_closed_is_dated",
                condition=Q(state="open", closed_on=None) | Q(state="closed", closed_on__isnull=False),
                violation_error_message=_("A closed round has the date on which it closed; an open one has none."),
            ),
            models.CheckConstraint(
                name="round_budget",
                condition=Q(budget_vnd=None) | Q(budget_vnd__gt=0, budget_vnd__lte=MOST_VND),
                violation_error_message=_("The budget must be above zero, or empty for none."),
            ),
            models.CheckConstraint(
                name="round_quota_above_zero",
                condition=Q(quota=None) | Q(quota__gt=0),
                violation_error_message=_("The quota must be above zero, or empty for none."),
            ),
        ]
        triggers = ROUND_TRIGGERS

    def __str__(self) -> str:
        return self.name
