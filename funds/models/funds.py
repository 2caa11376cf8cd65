"""Funds: the pots of money of a unit."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from funds.triggers.funds import FUND_TRIGGERS
from hkh.core.text import SearchKey, TitleKey
from members.models import Unit
from members.scope import ScopedManager


class LegalStatus(models.TextChoices):
    INTERNAL = "internal", _("Internal fund of the association")
    LICENSED = "licensed", _("Licensed fund (legal person)")


class Fund(models.Model):
    """A pot of money of one unit. What it holds stands in its accounts."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="funds", verbose_name=_("unit"))
    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=160)
    purpose = models.CharField(_("purpose"), max_length=240, blank=True)
    is_restricted = models.BooleanField(
        _("restricted"), default=False, help_text=_("Pays only for its purpose, as its donors asked.")
    )
    legal_status = models.CharField(_("legal status"), max_length=10, choices=LegalStatus, default=LegalStatus.INTERNAL)
    opened_on = models.DateField(_("opened on"))
    closed_on = models.DateField(_("closed on"), null=True, blank=True, help_text=_("First day it was no more."))
    revision = models.PositiveIntegerField(default=1, editable=False)
    search_key = models.GeneratedField(
        expression=SearchKey("name"), output_field=models.TextField(db_collation="C"), db_persist=True
    )
    title_key = models.GeneratedField(
        expression=TitleKey("name"), output_field=models.TextField(db_collation="C"), db_persist=True
    )

    unscoped = models.Manager()
    objects = ScopedManager["Fund"]("unit")

    class Meta:
        verbose_name = _("fund")
        verbose_name_plural = _("funds")
        default_manager_name = "unscoped"
        ordering = ["title_key", "pk"]
        constraints = [
            models.CheckConstraint(
                name="fund_dates_in_order",
                condition=Q(closed_on=None) | Q(closed_on__gt=F("opened_on")),
                violation_error_message=_("A fund cannot close before it opens."),
            ),
            models.CheckConstraint(
                name="fund_restricted_has_purpose",
                condition=Q(is_restricted=False) | ~Q(purpose=""),
                violation_error_message=_("Say what the restricted fund is for."),
            ),
        ]
        triggers = FUND_TRIGGERS

    def __str__(self) -> str:
        return self.name


class Pot(models.TextChoices):
    CASH = "cash", _("Money")
    GOODS = "goods", _("Goods")
