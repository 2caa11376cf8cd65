"""Gifts received."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from funds.models.amounts import MOST_VND
from funds.models.appeals import Appeal
from funds.models.donors import Donor
from funds.models.funds import Fund, Pot
from funds.models.gifts import Batch, DonationForm, SplitGift
from funds.triggers.donations import DONATION_TRIGGERS, PROOF_TRIGGERS
from funds.triggers.papers import GIFT_TRIGGER
from members.models import Unit
from members.scope import ScopedManager


class Donation(models.Model):
    """One gift received by a unit into one of its funds; or, ``is_pass_through``, handed straight to a family.

    Facts never change: a mistake is voided (once, whole, with the reason) and entered again.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="donations", verbose_name=_("unit"))
    fund = models.ForeignKey(
        Fund, models.PROTECT, null=True, blank=True, related_name="donations", verbose_name=_("fund")
    )
    donor = models.ForeignKey(Donor, models.PROTECT, related_name="donations", verbose_name=_("donor"))
    appeal = models.ForeignKey(
        Appeal, models.PROTECT, null=True, blank=True, related_name="donations", verbose_name=_("appeal")
    )
    received_on = models.DateField(_("received on"))
    form = models.CharField(_("form"), max_length=13, choices=DonationForm)
    amount_vnd = models.BigIntegerField(_("amount (đồng)"))
    is_pass_through = models.BooleanField(
        _("handed straight to the recipient"), default=False, help_text=_("Reported, never in the books.")
    )
    currency = models.CharField(_("currency"), max_length=3, default="VND")
    foreign_amount = models.DecimalField(
        _("amount in that currency"), max_digits=18, decimal_places=2, null=True, blank=True
    )
    exchange_rate = models.DecimalField(_("exchange rate"), max_digits=18, decimal_places=6, null=True, blank=True)
    goods = models.CharField(_("goods"), max_length=240, blank=True, help_text=_("What, how many, who valued it."))
    purpose = models.CharField(_("purpose"), max_length=240, blank=True)
    document = models.CharField(_("document"), max_length=60, blank=True)
    note = models.TextField(_("note"), blank=True)
    pigs = models.PositiveIntegerField(
        _("piggy banks"), null=True, blank=True, help_text=_("How many were opened, in a piggy-bank drive.")
    )
    #: A gift that goes into several funds stands here once a fund: its parts, numbered from 1.
    split = models.ForeignKey(
        SplitGift, models.PROTECT, null=True, blank=True, related_name="parts", verbose_name=_("split gift")
    )
    part = models.PositiveSmallIntegerField(_("part"), null=True, blank=True)
    batch = models.ForeignKey(
        Batch, models.PROTECT, null=True, blank=True, related_name="donations", verbose_name=_("batch")
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )
    recorded_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
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

    unscoped = models.Manager()
    objects = ScopedManager["Donation"]("unit")

    class Meta:
        verbose_name = _("donation")
        verbose_name_plural = _("donations")
        default_manager_name = "unscoped"
        ordering = ["-received_on", "-pk"]
        indexes = [
            models.Index(fields=["-received_on", "-id"], name="donation_order"),
            models.Index(fields=["unit", "-received_on", "-id"], name="donation_by_unit"),
            models.Index(fields=["donor", "-received_on"], name="donation_by_donor"),
        ]
        constraints = [
            models.CheckConstraint(
                name="donation_amount",
                condition=Q(amount_vnd__gt=0, amount_vnd__lte=MOST_VND),
                violation_error_message=_("The amount must be above zero and at most 10^15 đồng."),
            ),
            models.CheckConstraint(
                name="donation_fund_or_pass_through",
                condition=Q(is_pass_through=True, fund=None) | Q(is_pass_through=False, fund__isnull=False),
                violation_error_message=_("Choose a fund, or mark the gift as handed straight to the recipient."),
            ),
            models.CheckConstraint(
                name="donation_currency",
                condition=Q(currency="VND", foreign_amount=None, exchange_rate=None)
                | (
                    ~Q(currency="VND")
                    & Q(foreign_amount__isnull=False, foreign_amount__gt=0)
                    & Q(exchange_rate__isnull=False, exchange_rate__gt=0)
                ),
                violation_error_message=_("A foreign gift needs its amount and its exchange rate."),
            ),
            models.CheckConstraint(
                name="donation_foreign_adds_up",
                # Up to one đồng, for the bank's way of rounding.
                condition=Q(currency="VND")
                | Q(
                    amount_vnd__gte=F("foreign_amount") * F("exchange_rate") - 1,
                    amount_vnd__lte=F("foreign_amount") * F("exchange_rate") + 1,
                ),
                violation_error_message=_("Amount in that currency times exchange rate must give the đồng."),
            ),
            models.CheckConstraint(
                name="donation_goods_described",
                condition=~Q(form="in_kind") | ~Q(goods=""),
                violation_error_message=_("Describe the goods: what, how many, who valued them."),
            ),
            models.CheckConstraint(
                name="donation_void_has_reason",
                condition=Q(voided_on=None, void_reason="")
                | (Q(voided_on__isnull=False, voided_on__gte=F("received_on")) & ~Q(void_reason="")),
                violation_error_message=_("Say why the donation is voided."),
            ),
            models.CheckConstraint(
                name="donation_part_of_split",
                condition=Q(split=None, part=None)
                | Q(split__isnull=False, part__isnull=False, part__gte=1, fund__isnull=False, currency="VND"),
                violation_error_message=_("A part of a split gift has its number and its fund."),
            ),
            models.UniqueConstraint(
                fields=["split", "part"],
                name="donation_part_once",
                violation_error_message=_("Each part of a split gift stands once."),
            ),
            models.CheckConstraint(
                name="donation_pigs",
                condition=Q(pigs=None) | Q(pigs__gt=0),
                violation_error_message=_("Write how many piggy banks were opened, or leave it empty."),
            ),
        ]
        triggers = [*DONATION_TRIGGERS, GIFT_TRIGGER]

    def __str__(self) -> str:
        return f"{self.donor} · {self.amount_vnd} · {self.received_on}"

    @property
    def is_first(self) -> bool:
        """Whether the gift is counted at this row: it is whole, or the first part of a split one."""
        return self.part in (None, 1)

    @property
    def pot(self) -> Pot:
        return Pot.GOODS if self.form == DonationForm.IN_KIND else Pot.CASH


class BookingProof(models.Model):
    """Donations whose place in the books is still to be proved, ``first_id`` to ``last_id``.

    Written by trigger and gone again before the transaction ends: no row of it is ever seen from outside.
    """

    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()

    class Meta:
        triggers = PROOF_TRIGGERS

    def __str__(self) -> str:
        return f"{self.first_id}–{self.last_id}"
