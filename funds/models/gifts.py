"""What a gift consists of beside its row: parts, lines of goods, those it is given for; and batches of gifts."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from funds.models.amounts import MOST_VND
from funds.models.appeals import Appeal
from funds.models.donors import Donor
from funds.triggers.gifts import BATCH_TRIGGERS, SPLIT_TRIGGERS
from members.models import Unit
from members.scope import ScopedManager


class DonationForm(models.TextChoices):
    CASH = "cash", _("Cash")
    BANK_TRANSFER = "bank_transfer", _("Bank transfer")
    IN_KIND = "in_kind", _("In kind")


class SplitGift(models.Model):
    """One gift that goes into several funds. Its ``parts`` stand in the books, each in its fund, and add up to it.

    They share unit, donor, date, form and appeal, and are voided together. Facts never change. Foreign money is
    told here, for the whole.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("unit"))
    donor = models.ForeignKey(Donor, models.PROTECT, related_name="+", verbose_name=_("donor"))
    appeal = models.ForeignKey(
        Appeal, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("appeal")
    )
    received_on = models.DateField(_("received on"))
    form = models.CharField(_("form"), max_length=13, choices=DonationForm)
    amount_vnd = models.BigIntegerField(_("amount (đồng)"))
    part_count = models.PositiveSmallIntegerField(_("parts"))
    currency = models.CharField(_("currency"), max_length=3, default="VND", db_default="VND")
    foreign_amount = models.DecimalField(
        _("amount in that currency"), max_digits=18, decimal_places=2, null=True, blank=True
    )
    exchange_rate = models.DecimalField(_("exchange rate"), max_digits=18, decimal_places=6, null=True, blank=True)
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    unscoped = models.Manager()
    objects = ScopedManager["SplitGift"]("unit")

    class Meta:
        verbose_name = _("split gift")
        verbose_name_plural = _("split gifts")
        default_manager_name = "unscoped"
        ordering = ["-received_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="split_amount",
                condition=Q(amount_vnd__gt=0, amount_vnd__lte=MOST_VND),
                violation_error_message=_("The amount must be above zero and at most 10^15 đồng."),
            ),
            models.CheckConstraint(
                name="split_in_parts",
                condition=Q(part_count__gte=2),
                violation_error_message=_("A split gift goes into two funds at least."),
            ),
            models.CheckConstraint(
                name="split_of_money",
                condition=~Q(form="in_kind"),
                violation_error_message=_("Goods for several funds are entered fund by fund, a gift each."),
            ),
            models.CheckConstraint(
                name="split_currency",
                condition=Q(currency="VND", foreign_amount=None, exchange_rate=None)
                | (
                    ~Q(currency="VND")
                    & Q(
                        foreign_amount__isnull=False,
                        foreign_amount__gt=0,
                        exchange_rate__isnull=False,
                        exchange_rate__gt=0,
                        amount_vnd__gte=models.F("foreign_amount") * models.F("exchange_rate") - 1,
                        amount_vnd__lte=models.F("foreign_amount") * models.F("exchange_rate") + 1,
                    )
                ),
                violation_error_message=_(
                    "Foreign money needs its amount and its exchange rate, and both together must give the đồng."
                ),
            ),
        ]
        triggers = SPLIT_TRIGGERS

    def __str__(self) -> str:
        return f"{self.donor_id} · {self.amount_vnd} · {self.received_on}"


class Batch(models.Model):
    """Gifts typed in one go from a pile of slips. The clerk counts and adds up the pile first: both must agree."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="batches", verbose_name=_("unit"))
    control_count = models.PositiveIntegerField(_("number of slips"))
    control_vnd = models.BigIntegerField(_("sum of the slips"))
    note = models.CharField(_("note"), max_length=240, blank=True, default="", db_default="")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )
    recorded_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    unscoped = models.Manager()
    objects = ScopedManager["Batch"]("unit")

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        default_manager_name = "unscoped"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="batch_not_empty",
                condition=Q(control_count__gt=0, control_vnd__gt=0),
                violation_error_message=_("Count the slips and add them up before you type them."),
            ),
        ]
        triggers = BATCH_TRIGGERS

    def __str__(self) -> str:
        return f"{self.unit_id} · {self.control_count} · {self.control_vnd}"


class BatchDraft(models.Model):
    """What a clerk has typed of a batch and not yet posted: kept on the server, so that no session can lose it."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    typed = models.JSONField(default=dict)
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner", "unit"], name="batch_draft_once")]

    def __str__(self) -> str:
        return f"{self.owner_id} · {self.unit_id}"
