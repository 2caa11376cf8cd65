"""Reads of bank accounts and their statements."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from funds.models import BankAccount, BankStatement, Donation, DonationForm, LineState


def with_open_lines(accounts: QuerySet[BankAccount]) -> QuerySet[BankAccount]:
    """``accounts`` with ``open_count`` (lines to decide) and ``known_until`` (the last day a statement tells of)."""
    last = BankStatement.unscoped.filter(account=OuterRef("pk")).values("account").annotate(day=Max("last_on"))
    return accounts.annotate(
        open_count=Count("lines", filter=Q(lines__state=LineState.OPEN)), known_until=Subquery(last.values("day"))
    )


def unmatched_transfers(donations: QuerySet[Donation], account: BankAccount) -> QuerySet[Any]:
    """The transfers among ``donations`` that a line of ``account`` can be matched with: each gift once. Not run here.

    Column: ``whole_vnd``, what the bank saw. A gift split over funds stands here by its first part, for the whole.
    """
    return donations.filter(
        Q(part=None) | Q(part=1),
        unit=account.unit_id,
        form=DonationForm.BANK_TRANSFER,
        is_pass_through=False,
        voided_on=None,
        bank_lines=None,
    ).annotate(whole_vnd=Coalesce("split__amount_vnd", "amount_vnd"))
