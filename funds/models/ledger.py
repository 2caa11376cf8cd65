"""Accounts, and what moves between them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from funds.models.amounts import MOST_VND
from funds.models.donations import Donation
from funds.models.funds import Fund, Pot
from funds.triggers.movements import ACCOUNT_TRIGGERS, MOVEMENT_TRIGGERS


class AccountKind(models.TextChoices):
    """``free``, ``committed`` and ``transit`` belong to a fund; the others are outside parties, one each a pot."""

    FREE = "free", _("Available")
    COMMITTED = "committed", _("Committed")
    TRANSIT = "transit", _("In transit")
    DONORS = "donors", _("Donors")
    RECIPIENTS = "recipients", _("Recipients")
    OPENING = "opening", _("Brought forward")
    ADJUSTMENT = "adjustment", _("Adjustments")


class Account(models.Model):
    """Where money or goods stand. A fund has six: free, committed and in transit, each in both pots.
    Outside parties have one a pot.

    ``balance_vnd`` follows the movements by trigger for a fund's accounts, never goes below zero, and stays 0
    for outside parties (a shared row there would make every clerk wait for every other).
    """

    fund = models.ForeignKey(Fund, models.PROTECT, null=True, related_name="accounts", verbose_name=_("fund"))
    kind = models.CharField(_("kind"), max_length=10, choices=AccountKind)
    pot = models.CharField(_("pot"), max_length=5, choices=Pot)
    balance_vnd = models.BigIntegerField(_("balance"), default=0, editable=False)

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(fields=["fund", "kind", "pot"], name="account_once", nulls_distinct=False),
            models.CheckConstraint(
                name="account_kind_fits_fund",
                condition=Q(fund=None, kind__in=["donors", "recipients", "opening", "adjustment"])
                | Q(fund__isnull=False, kind__in=["free", "committed", "transit"]),
            ),
            models.CheckConstraint(
                name="account_not_overdrawn",
                condition=Q(balance_vnd__gte=0),
                violation_error_message=_("The fund does not hold that much."),
            ),
        ]
        triggers = ACCOUNT_TRIGGERS

    def __str__(self) -> str:
        return f"{self.fund or ''} {self.get_kind_display()} · {self.get_pot_display()}".strip()


class MovementKind(models.TextChoices):
    OPENING = "opening", _("Brought forward")
    DONATION = "donation", _("Donation")
    TRANSFER = "transfer", _("Transfer between funds")
    SENDING = "sending", _("Sent to another unit's fund")
    RETURNED = "returned", _("Came back from transit")
    COMMITMENT = "commitment", _("Commitment")
    RELEASE = "release", _("Commitment released")
    PAYMENT = "payment", pgettext_lazy("a movement", "Handed out")
    INTEREST = "interest", _("Interest")
    EXPENSE = "expense", _("Other spending")
    ADJUSTMENT = "adjustment", _("Adjustment after a count")
    HANDOVER = "handover", _("Handover on reorganisation")


class Movement(models.Model):
    """One movement from an account to another of the same pot. Append-only: a mistake is reversed once, in full."""

    source = models.ForeignKey(Account, models.PROTECT, related_name="movements_out", verbose_name=_("from"))
    target = models.ForeignKey(Account, models.PROTECT, related_name="movements_in", verbose_name=_("to"))
    amount_vnd = models.BigIntegerField(_("amount (đồng)"))
    kind = models.CharField(_("kind"), max_length=10, choices=MovementKind)
    occurred_on = models.DateField(_("date"))
    document = models.CharField(_("document"), max_length=60, blank=True)
    note = models.CharField(_("note"), max_length=240, blank=True)
    donation = models.ForeignKey(
        Donation, models.PROTECT, null=True, blank=True, related_name="movements", verbose_name=_("donation")
    )
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversal", verbose_name=_("reverses")
    )
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )
    recorded_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        verbose_name = _("movement")
        verbose_name_plural = _("movements")
        ordering = ["-occurred_on", "-pk"]
        indexes = [
            models.Index(fields=["source", "occurred_on"], name="movement_out"),
            models.Index(fields=["target", "occurred_on"], name="movement_in"),
        ]
        constraints = [
            models.CheckConstraint(
                name="movement_amount",
                condition=Q(amount_vnd__gt=0, amount_vnd__lte=MOST_VND),
                violation_error_message=_("The amount must be above zero and at most 10^15 đồng."),
            ),
            models.CheckConstraint(
                name="movement_between_two",
                condition=~Q(source=F("target")),
                violation_error_message=_("Choose two different funds."),
            ),
            models.UniqueConstraint(
                fields=["donation"],
                condition=Q(kind="donation", reverses=None),
                name="movement_once_a_donation",
            ),
        ]
        triggers = MOVEMENT_TRIGGERS

    def __str__(self) -> str:
        return f"{self.occurred_on} {self.get_kind_display()} {self.amount_vnd}"
