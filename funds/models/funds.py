"""Funds: the pots of money of a unit, and who sits on their boards."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from funds.triggers.boards import BOARD_TRIGGERS
from funds.triggers.funds import FUND_TRIGGERS
from hkh.core.text import SearchKey, TitleKey
from members.models import Member, Unit
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
    licence_number = models.CharField(_("licence number"), max_length=60, blank=True, default="", db_default="")
    licence_on = models.DateField(_("licensed on"), null=True, blank=True)
    licence_by = models.CharField(_("licensed by"), max_length=160, blank=True, default="", db_default="")
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
            models.CheckConstraint(
                name="fund_licence_known",
                condition=(Q(legal_status="licensed", licence_on__isnull=False) & ~Q(licence_number=""))
                | Q(legal_status="internal", licence_number="", licence_on=None, licence_by=""),
                violation_error_message=_(
                    "A licensed fund has the number and the date of its licence; an internal fund has none. "
                    "Enter both, or choose the other legal status."
                ),
            ),
        ]
        triggers = FUND_TRIGGERS

    def __str__(self) -> str:
        return self.name


class Pot(models.TextChoices):
    CASH = "cash", _("Money")
    GOODS = "goods", _("Goods")


class BoardBody(models.TextChoices):
    COUNCIL = "council", _("Fund management council")
    CONTROL = "control", _("Control board")


class BoardMember(models.Model):
    """Who sits on the council or the control board of a fund, ``[since, until)``; by name, or one of the members."""

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="board", verbose_name=_("fund"))
    body = models.CharField(_("body"), max_length=8, choices=BoardBody)
    name = models.CharField(_("name"), max_length=120)
    position = models.CharField(_("position"), max_length=80, blank=True)
    member = models.ForeignKey(
        Member, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("member")
    )
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True, blank=True, help_text=_("First day no more; empty: still."))

    unscoped = models.Manager()
    objects = ScopedManager["BoardMember"]("fund__unit")

    class Meta:
        verbose_name = _("member of a fund's board")
        verbose_name_plural = _("members of a fund's boards")
        default_manager_name = "unscoped"
        ordering = ["body", "pk"]
        constraints = [
            models.CheckConstraint(
                name="board_dates_in_order",
                condition=Q(until=None) | Q(until__gt=F("since")),
                violation_error_message=_("Somebody cannot leave the board before joining it."),
            ),
            models.CheckConstraint(
                name="board_member_named",
                condition=~Q(name=""),
                violation_error_message=_("Write the name."),
            ),
        ]
        triggers = BOARD_TRIGGERS

    def __str__(self) -> str:
        return f"{self.name} ({self.get_body_display()})"
