"""What was decided about the surplus of an appeal."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from funds.models.amounts import MOST_VND
from funds.models.appeals import Appeal
from funds.models.funds import Fund
from funds.triggers.appeals import DECISION_TRIGGERS
from members.scope import ScopedManager


class AppealDecision(models.Model):
    """So much of what is left of an appeal may go to ``target_fund``, or, without one, be spent on ``purpose``.

    Covers money alone: goods stay on the purpose for which they were given. Facts never change; a decision on which
    nothing has gone out yet is withdrawn, with the reason.
    """

    appeal = models.ForeignKey(Appeal, models.PROTECT, related_name="decisions", verbose_name=_("appeal"))
    number = models.CharField(_("number"), max_length=60)
    decided_on = models.DateField(_("date"))
    signed_by = models.CharField(_("signed by"), max_length=120)
    target_fund = models.ForeignKey(
        Fund, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("to fund")
    )
    purpose = models.CharField(_("for what"), max_length=240, blank=True, default="", db_default="")
    amount_vnd = models.BigIntegerField(_("amount (đồng)"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("recorded by")
    )
    recorded_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    idempotency_key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)
    withdraw_reason = models.CharField(_("why withdrawn"), max_length=240, blank=True, default="", db_default="")

    unscoped = models.Manager()
    objects = ScopedManager["AppealDecision"]("appeal__unit")

    class Meta:
        verbose_name = _("decision about a surplus")
        verbose_name_plural = _("decisions about a surplus")
        default_manager_name = "unscoped"
        ordering = ["decided_on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="appeal_decision_amount",
                condition=Q(amount_vnd__gt=0, amount_vnd__lte=MOST_VND),
                violation_error_message=_("The amount must be above zero and at most 10^15 đồng."),
            ),
            models.CheckConstraint(
                name="appeal_decision_signed",
                condition=~Q(number="") & ~Q(signed_by=""),
                violation_error_message=_("A decision has its number and the name of who signed it."),
            ),
            models.CheckConstraint(
                name="appeal_decision_says_where",
                condition=Q(target_fund__isnull=False) | ~Q(purpose=""),
                violation_error_message=_("Say where the surplus goes: choose a fund, or write for what it is spent."),
            ),
            models.CheckConstraint(
                name="appeal_decision_withdrawal_has_reason",
                condition=Q(withdrawn_on=None, withdraw_reason="")
                | (Q(withdrawn_on__isnull=False) & ~Q(withdraw_reason="")),
                violation_error_message=_("Say why the decision is withdrawn."),
            ),
            models.UniqueConstraint(
                fields=["appeal", "number", "target_fund"],
                condition=Q(withdrawn_on=None),
                nulls_distinct=False,
                name="appeal_decision_once",
                violation_error_message=_("This decision is recorded already."),
            ),
        ]
        triggers = DECISION_TRIGGERS

    def __str__(self) -> str:
        return f"{self.number} · {self.amount_vnd}"
