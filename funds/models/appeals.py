"""What was asked for."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from funds.models.amounts import MOST_VND
from funds.triggers.appeals import APPEAL_TRIGGERS
from members.models import Unit
from members.scope import ScopedManager


class AppealKind(models.TextChoices):
    YEARLY = "yearly", _("Yearly drive")
    EMERGENCY = "emergency", _("Emergency appeal")
    PIGGY_BANK = "piggy_bank", _("Piggy-bank drive")


class Appeal(models.Model):
    """A call for gifts with a purpose and dates, ``[opens_on, closes_on)``; nothing is taken outside them.

    With a ``fund`` of its own its money stays on its purpose: see ``AppealDecision``.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="appeals", verbose_name=_("unit"))
    kind = models.CharField(_("kind"), max_length=10, choices=AppealKind)
    name = models.CharField(_("name"), max_length=200)
    purpose = models.CharField(_("purpose"), max_length=240, blank=True)
    area = models.CharField(
        _("area"),
        max_length=160,
        blank=True,
        default="",
        db_default="",
        help_text=_("Where the help goes: commune, district, school."),
    )
    fund = models.OneToOneField(
        "funds.Fund",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="appeal",
        verbose_name=_("fund kept for it"),
        help_text=_(
            "A restricted fund of the same unit that takes the gifts of this appeal alone. What is left in it goes "
            "elsewhere only by a recorded decision."
        ),
    )
    target_vnd = models.BigIntegerField(_("target"), null=True, blank=True)
    opens_on = models.DateField(_("opens on"))
    closes_on = models.DateField(_("closes on"), null=True, blank=True)

    unscoped = models.Manager()
    objects = ScopedManager["Appeal"]("unit")

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        default_manager_name = "unscoped"
        ordering = ["-opens_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="appeal_dates_in_order",
                condition=Q(closes_on=None) | Q(closes_on__gt=F("opens_on")),
                violation_error_message=_("An appeal cannot close before it opens."),
            ),
            models.CheckConstraint(
                name="appeal_target",
                condition=Q(target_vnd=None) | Q(target_vnd__gt=0, target_vnd__lte=MOST_VND),
                violation_error_message=_("The target must be above zero and at most 10^15 đồng."),
            ),
        ]
        triggers = APPEAL_TRIGGERS

    def __str__(self) -> str:
        return self.name


class AppealPartner(models.Model):
    """Who carries an appeal along, and what they do for it; in the order of ``number``."""

    appeal = models.ForeignKey(Appeal, models.CASCADE, related_name="partners", verbose_name=_("appeal"))
    number = models.PositiveSmallIntegerField()
    name = models.CharField(_("partner"), max_length=160)
    role = models.CharField(_("what they do"), max_length=160, blank=True, default="", db_default="")

    unscoped = models.Manager()
    objects = ScopedManager["AppealPartner"]("appeal__unit")

    class Meta:
        verbose_name = _("partner of an appeal")
        verbose_name_plural = _("partners of an appeal")
        default_manager_name = "unscoped"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["appeal", "number"], name="appeal_partner_order"),
            models.CheckConstraint(
                name="appeal_partner_named",
                condition=~Q(name=""),
                violation_error_message=_("Write the name of the partner."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
