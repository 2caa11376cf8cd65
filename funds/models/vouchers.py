"""What one person prepares and another approves: spending, transfers, interest, corrections after a count."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from funds.models.amounts import MOST_VND
from funds.models.funds import Fund, Pot
from funds.models.ledger import Movement
from funds.triggers.papers import VOUCHER_TRIGGER as PAPERS_TRIGGER
from funds.triggers.vouchers import LIMIT_TRIGGERS, VOUCHER_TRIGGERS
from members.models import Unit
from members.scope import ScopedManager


class VoucherKind(models.TextChoices):
    EXPENSE = "expense", _("Other spending")
    TRANSFER = "transfer", _("Transfer between funds")
    INTEREST = "interest", _("Interest")
    SURPLUS = "surplus", _("Surplus found by a count")
    SHORTAGE = "shortage", _("Shortage found by a count")
    OPENING = "opening", _("Brought forward")


#: What comes into the fund; all else leaves it.
INCOMING = (VoucherKind.INTEREST, VoucherKind.SURPLUS, VoucherKind.OPENING)


class VoucherState(models.TextChoices):
    """``prepared`` moves nothing yet; ``booked``, ``sent``, ``confirmed`` and ``returned`` stand in the books;
    ``reversed`` stands there twice, the second time the other way round."""

    PREPARED = "prepared", _("Waits for approval")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    BOOKED = "booked", _("In the books")
    REVERSED = "reversed", _("Taken back")
    SENT = "sent", _("In transit")
    CONFIRMED = "confirmed", _("Received")
    RETURNED = "returned", _("Returned")


def _of_either_side(units: models.QuerySet[Any]) -> Q:
    """Who shall receive sees what was sent, not what others still weigh or have refused."""
    weighed = [VoucherState.PREPARED, VoucherState.REFUSED, VoucherState.WITHDRAWN]
    return Q(unit__in=units) | (Q(target_fund__unit__in=units) & ~Q(state__in=weighed))


_SCOPE: Callable[[models.QuerySet[Any]], Any] = _of_either_side


class Voucher(models.Model):
    """One entry of a fund that wants two people: prepared by the one, approved by the other.

    A small one (at most the unit's limit) is booked by who prepares it; then nobody decided. A transfer to a fund of
    another unit is in transit from its approval until that unit confirms it or it comes back.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="vouchers", verbose_name=_("unit"))
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="vouchers", verbose_name=_("fund"))
    kind = models.CharField(_("kind"), max_length=10, choices=VoucherKind)
    target_fund = models.ForeignKey(
        Fund, models.PROTECT, null=True, blank=True, related_name="vouchers_to", verbose_name=_("to fund")
    )
    pot = models.CharField(_("money or goods"), max_length=5, choices=Pot, default=Pot.CASH)
    amount_vnd = models.BigIntegerField(_("amount (đồng)"))
    occurred_on = models.DateField(_("date"))
    payee = models.CharField(_("paid to"), max_length=160, blank=True)
    document = models.CharField(_("document"), max_length=60, blank=True)
    note = models.CharField(_("for what"), max_length=240, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=VoucherState, default=VoucherState.PREPARED)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("prepared by")
    )
    prepared_at = models.DateTimeField(_("prepared at"), auto_now_add=True, db_default=Now())
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("approved by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    reason = models.CharField(_("why"), max_length=240, blank=True)
    posted = models.OneToOneField(
        Movement, models.PROTECT, null=True, related_name="voucher", verbose_name=_("in the books as")
    )
    settled_on = models.DateField(_("received or returned on"), null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("received by")
    )
    settled = models.OneToOneField(
        Movement, models.PROTECT, null=True, related_name="voucher_settled", verbose_name=_("settled by")
    )
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    unscoped = models.Manager()
    objects = ScopedManager["Voucher"](_SCOPE)

    class Meta:
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")
        default_manager_name = "unscoped"
        ordering = ["-occurred_on", "-pk"]
        indexes = [
            models.Index(fields=["-occurred_on", "-id"], name="voucher_order"),
            models.Index(fields=["unit", "-occurred_on"], name="voucher_by_unit"),
            models.Index(fields=["fund"], name="voucher_open", condition=Q(state__in=["prepared", "sent"])),
        ]
        constraints = [
            models.CheckConstraint(
                name="voucher_amount",
                condition=Q(amount_vnd__gt=0, amount_vnd__lte=MOST_VND),
                violation_error_message=_("The amount must be above zero and at most 10^15 đồng."),
            ),
            models.CheckConstraint(
                name="voucher_target",
                condition=Q(kind="transfer", target_fund__isnull=False) | (~Q(kind="transfer") & Q(target_fund=None)),
                violation_error_message=_("A transfer goes to a fund, and nothing else does."),
            ),
            models.CheckConstraint(
                name="voucher_between_two",
                condition=Q(target_fund=None) | ~Q(target_fund=F("fund")),
                violation_error_message=_("Choose two different funds."),
            ),
            models.CheckConstraint(
                name="voucher_two_people",
                condition=Q(decided_by=None) | ~Q(decided_by=F("prepared_by")) | Q(state="withdrawn"),
                violation_error_message=_(
                    "Who prepared it does not approve it. Ask another person who may approve spending."
                ),
            ),
            models.CheckConstraint(
                name="voucher_confirmed_by_another",
                condition=~Q(state="confirmed")
                | (~Q(settled_by=F("prepared_by")) & (Q(decided_by=None) | ~Q(settled_by=F("decided_by")))),
                violation_error_message=_(
                    "Who sent the money does not confirm that it arrived. Ask the receiving unit to confirm it."
                ),
            ),
            models.CheckConstraint(
                name="voucher_reversed_by_another",
                condition=~Q(state="reversed") | ~Q(settled_by=F("prepared_by")),
                violation_error_message=_(
                    "Who prepared it does not take it back alone. Ask another person who may approve spending."
                ),
            ),
            models.CheckConstraint(
                name="voucher_refusal_has_reason",
                condition=~Q(state__in=["refused", "returned", "reversed"]) | ~Q(reason=""),
                violation_error_message=_("Say why."),
            ),
            models.CheckConstraint(
                name="voucher_state_fits",
                condition=(
                    Q(state="prepared", decided_by=None, posted=None, settled=None)
                    | Q(state__in=["refused", "withdrawn"], decided_by__isnull=False, posted=None, settled=None)
                    | Q(state="booked", posted__isnull=False, settled=None)
                    | Q(state="sent", kind="transfer", posted__isnull=False, settled=None)
                    | (
                        (Q(state__in=["confirmed", "returned"], kind="transfer") | Q(state="reversed"))
                        & Q(posted__isnull=False, settled__isnull=False)
                        & Q(settled_on__isnull=False, settled_by__isnull=False)
                    )
                ),
            ),
        ]
        triggers = [*VOUCHER_TRIGGERS, PAPERS_TRIGGER]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.amount_vnd} · {self.occurred_on}"

    @property
    def is_incoming(self) -> bool:
        return self.kind in INCOMING

    @property
    def is_sent_on(self) -> bool:
        """Whether it goes to a fund of another unit, which confirms it. At most 1 query."""
        return self.target_fund is not None and self.target_fund.unit_id != self.unit_id


class SpendingLimit(models.Model):
    """From ``set_at`` on, who prepares an entry of at most ``alone_up_to_vnd`` books it alone: in the unit, and in
    those below it that set none of their own. Never changed; a new one takes its place."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="spending_limits", verbose_name=_("unit"))
    alone_up_to_vnd = models.BigIntegerField(_("one person is enough up to (đồng)"))
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("set by")
    )
    set_at = models.DateTimeField(_("from"), auto_now_add=True, db_default=Now())

    unscoped = models.Manager()
    objects = ScopedManager["SpendingLimit"]("unit")

    class Meta:
        verbose_name = _("spending limit")
        verbose_name_plural = _("spending limits")
        default_manager_name = "unscoped"
        ordering = ["unit", "-set_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="spending_limit_amount",
                condition=Q(alone_up_to_vnd__gte=0, alone_up_to_vnd__lte=MOST_VND),
                violation_error_message=_("The limit is zero (two people always) or more, at most 10^15 đồng."),
            )
        ]
        indexes = [models.Index(fields=["unit", "-set_at", "-id"], name="spending_limit_latest")]
        triggers = LIMIT_TRIGGERS

    def __str__(self) -> str:
        return f"{self.unit}: {self.alone_up_to_vnd}"
