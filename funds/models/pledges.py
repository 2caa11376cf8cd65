"""Promised gifts. A pledge is not money: it stands in no book and no figure."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from funds.models.amounts import MOST_VND
from funds.models.donations import Donation
from funds.models.donors import Donor
from funds.triggers.pledges import INSTALMENT_TRIGGERS, MATCH_TRIGGERS, PLEDGE_TRIGGERS
from members.models import Unit
from members.scope import ScopedManager


class Pledge(models.Model):
    """What a donor promised, in instalments that add up to it. Facts never change; it is cancelled, with the reason."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="pledges", verbose_name=_("unit"))
    donor = models.ForeignKey(Donor, models.PROTECT, related_name="pledges", verbose_name=_("donor"))
    pledged_on = models.DateField(_("date"))
    amount_vnd = models.BigIntegerField(_("amount (đồng)"))
    purpose = models.CharField(_("purpose"), max_length=240, blank=True, default="", db_default="")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    cancelled_on = models.DateField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=240, blank=True, default="", db_default="")

    unscoped = models.Manager()
    objects = ScopedManager["Pledge"]("unit")

    class Meta:
        verbose_name = _("pledge")
        verbose_name_plural = _("pledges")
        default_manager_name = "unscoped"
        ordering = ["-pledged_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="pledge_amount",
                condition=Q(amount_vnd__gt=0, amount_vnd__lte=MOST_VND),
                violation_error_message=_("The amount must be above zero and at most 10^15 đồng."),
            ),
            models.CheckConstraint(
                name="pledge_cancel_has_reason",
                condition=Q(cancelled_on=None, cancel_reason="")
                | (Q(cancelled_on__isnull=False) & ~Q(cancel_reason="")),
                violation_error_message=_("Say why the pledge is cancelled."),
            ),
        ]
        triggers = PLEDGE_TRIGGERS

    def __str__(self) -> str:
        return f"{self.donor_id} · {self.amount_vnd}"


class PledgeInstalment(models.Model):
    """A part of a pledge, and the day by which it is promised."""

    pledge = models.ForeignKey(Pledge, models.PROTECT, related_name="instalments")
    due_on = models.DateField(_("due on"))
    amount_vnd = models.BigIntegerField(_("amount (đồng)"))

    unscoped = models.Manager()
    objects = ScopedManager["PledgeInstalment"]("pledge__unit")

    class Meta:
        default_manager_name = "unscoped"
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="instalment_amount",
                condition=Q(amount_vnd__gt=0),
                violation_error_message=_("The amount must be above zero and at most 10^15 đồng."),
            ),
        ]
        triggers = INSTALMENT_TRIGGERS

    def __str__(self) -> str:
        return f"{self.due_on} {self.amount_vnd}"


class PledgeMatch(models.Model):
    """So much of a gift keeps so much of an instalment. Taken out again where it was a mistake."""

    instalment = models.ForeignKey(PledgeInstalment, models.PROTECT, related_name="matches")
    donation = models.ForeignKey(Donation, models.PROTECT, related_name="pledge_matches")
    amount_vnd = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["instalment", "donation"], name="pledge_match_once"),
            models.CheckConstraint(name="pledge_match_amount", condition=Q(amount_vnd__gt=0)),
        ]
        triggers = MATCH_TRIGGERS

    def __str__(self) -> str:
        return f"{self.instalment_id} ← {self.donation_id}"
