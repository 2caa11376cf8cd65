"""What was promised, kept and is overdue."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    TextChoices,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from funds.models import PledgeInstalment, PledgeMatch


class InstalmentState(TextChoices):
    CANCELLED = "cancelled", _("Cancelled")
    KEPT = "kept", _("Kept")
    OVERDUE = "overdue", _("Overdue")
    AWAITED = "awaited", _("Awaited")


def with_kept(instalments: QuerySet[PledgeInstalment]) -> QuerySet[Any]:
    """``instalments`` with ``kept_vnd``, what gifts (voided ones left out) have kept of each. No query of its own."""
    matches = PledgeMatch.objects.filter(instalment=OuterRef("pk"), donation__voided_on=None).order_by()
    kept = matches.values("instalment").annotate(n=Sum("amount_vnd")).values("n")
    return instalments.annotate(kept_vnd=Coalesce(Subquery(kept, output_field=BigIntegerField()), Value(0)))


def with_state(instalments: QuerySet[Any], *, day: date) -> QuerySet[Any]:
    """``with_kept`` rows with ``state``, an ``InstalmentState`` as of ``day``. No query of its own."""
    known = (
        When(pledge__cancelled_on__isnull=False, then=Value(InstalmentState.CANCELLED)),
        When(kept_vnd__gte=F("amount_vnd"), then=Value(InstalmentState.KEPT)),
        When(due_on__lt=day, then=Value(InstalmentState.OVERDUE)),
    )
    return instalments.annotate(
        state=Case(*known, default=Value(InstalmentState.AWAITED), output_field=CharField(choices=InstalmentState))
    )


def overdue(instalments: QuerySet[Any], *, day: date) -> QuerySet[Any]:
    """Those of ``with_kept`` rows that were due before ``day``, are not wholly kept and still stand."""
    return instalments.filter(due_on__lt=day, kept_vnd__lt=F("amount_vnd"), pledge__cancelled_on=None)
