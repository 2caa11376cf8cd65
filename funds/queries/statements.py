"""Reads of bank accounts and their statements."""

from __future__ import annotations

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery

from funds.models import BankAccount, BankStatement, LineState


def with_open_lines(accounts: QuerySet[BankAccount]) -> QuerySet[BankAccount]:
    """``accounts`` with ``open_count`` (lines to decide) and ``known_until`` (the last day a statement tells of)."""
    last = BankStatement.unscoped.filter(account=OuterRef("pk")).values("account").annotate(day=Max("last_on"))
    return accounts.annotate(
        open_count=Count("lines", filter=Q(lines__state=LineState.OPEN)), known_until=Subquery(last.values("day"))
    )
