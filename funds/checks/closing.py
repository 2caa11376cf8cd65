"""What must be in order before a period is closed. Each check counts what is not, and names the page that helps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from funds import rollups
from funds.models import BankLine, LineState, Voucher, VoucherState
from hkh.core.dates import Period
from members.models import Unit, UnitAncestor


@dataclass(frozen=True)
class Check:
    """``count`` cases stand in the way; none: the check is green. ``page`` (an address by name) shows them."""

    name: str
    label: str | Promise
    advice: str | Promise
    count: int
    page: str
    query: Mapping[str, str]


@dataclass(frozen=True)
class _Asked:
    unit: Unit
    period: Period
    #: First day that is still open; None where nothing was closed yet.
    since: date | None

    @property
    def units(self) -> Any:
        """Ids of the unit and of all that stood below it during the period."""
        below = UnitAncestor.objects.filter(ancestor=self.unit, valid_from__lt=self.period.ends_before)
        return below.values("unit")

    @property
    def query(self) -> dict[str, str]:
        return {"unit": self.unit.code, "period": self.period.code}


def closing_checks(unit: Unit, period: Period, *, since: date | None) -> list[Check]:
    """Every check of ``unit`` and all below it up to the end of ``period``; 7 queries and what others have added."""
    asked = _Asked(unit, period, since)
    return [check for ask in CHECKS for check in ask(asked)]


def _vouchers(asked: _Asked) -> list[Check]:
    open_ones = Voucher.unscoped.filter(unit__in=asked.units, occurred_on__lt=asked.period.ends_before)
    waiting = open_ones.filter(state=VoucherState.PREPARED).count()
    in_transit = open_ones.filter(state=VoucherState.SENT).count()
    return [
        Check(
            "unapproved",
            _("Everything prepared has been decided"),
            _("Approve or refuse what waits, or withdraw it."),
            waiting,
            "funds:voucher-list",
            {**asked.query, "state": "prepared"},
        ),
        Check(
            "in_transit",
            _("Nothing sent in the period is still in transit"),
            _("The receiving units confirm it, or the sender takes it back."),
            in_transit,
            "funds:voucher-list",
            {**asked.query, "state": "sent"},
        ),
    ]


def _bank_lines(asked: _Asked) -> list[Check]:
    undecided = BankLine.unscoped.filter(
        account__unit__in=asked.units, occurred_on__lt=asked.period.ends_before, state=LineState.OPEN
    )
    return [
        Check(
            "bank_lines",
            _("Every line of the bank's statements is matched or set aside"),
            _("Match it with what was recorded, record what it is, or set it aside with a reason."),
            undecided.count(),
            "funds:statement-list",
            asked.query,
        )
    ]


def _differences(asked: _Asked) -> list[Check]:
    units = list(asked.units.values_list("unit", flat=True).distinct())
    return [
        Check(
            "differences",
            _("Movements, balances and figures agree"),
            _("Ask the administrator to run check_books: something went round the application."),
            rollups.count_differences(units, until=asked.period.ends_before),
            "funds:fund-list",
            asked.query,
        )
    ]


_BELOW_ZERO = """
    SELECT count(DISTINCT account_id) FROM (
        SELECT side.account_id, side.occurred_on,
               sum(sum(side.amount_vnd)) OVER (PARTITION BY side.account_id ORDER BY side.occurred_on) AS held_vnd
        FROM (
            SELECT target_id AS account_id, amount_vnd, occurred_on FROM funds_movement
            UNION ALL SELECT source_id, -amount_vnd, occurred_on FROM funds_movement
        ) side
        JOIN funds_account account ON account.id = side.account_id
        JOIN funds_fund fund ON fund.id = account.fund_id
        WHERE fund.unit_id = ANY(%(units)s) AND side.occurred_on < %(until)s
        GROUP BY side.account_id, side.occurred_on
    ) day
    WHERE held_vnd < 0 AND occurred_on >= coalesce(%(since)s::date, '-infinity')
"""


def _days_below_zero(asked: _Asked) -> list[Check]:
    units = list(asked.units.values_list("unit", flat=True).distinct())
    with connection.cursor() as cursor:
        cursor.execute(_BELOW_ZERO, {"units": units, "until": asked.period.ends_before, "since": asked.since})
        count = int(cursor.fetchone()[0])
    return [
        Check(
            "below_zero",
            _("No fund was below zero on any day"),
            _("A date is wrong: something was spent before it was there. Correct the dates in the fund's book."),
            count,
            "funds:fund-list",
            asked.query,
        )
    ]


#: In the order in which they are shown. Others who keep records that a closing rests on add theirs.
CHECKS: list[Callable[[_Asked], list[Check]]] = [_vouchers, _bank_lines, _differences, _days_below_zero]
