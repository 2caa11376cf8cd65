"""Figures over time: month by month for charts, twelve periods for the sparklines of the tiles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from hkh.core.dates import Period
from hkh.indicators import sql
from hkh.indicators.lens import Lens
from hkh.indicators.queries import rows, through
from scholarships.models import GIVEN_KINDS

PERIODS = 12


@dataclass(frozen=True)
class MonthRaised:
    """What was mobilised in the month that begins on ``month``, by kind of donor; the same month's total last year."""

    month: date
    by_donor_kind: dict[str, int] = field(default_factory=dict)
    last_year_vnd: int = 0


def raised_by_month(lens: Lens) -> list[MonthRaised]:
    """The twelve months that end with the period, oldest first. One query."""
    months = twelve_months(lens.period)
    found: defaultdict[date, dict[str, int]] = defaultdict(dict)
    for row in rows(through(lens, sql.RAISED_BY_MONTH), _span(lens, _back(months[0], 12))):
        found[row["month"]][row["donor_kind"]] = row["value_vnd"]
    return [MonthRaised(month, found[month], sum(found[_back(month, 12)].values())) for month in months]


def twelve_months(period: Period) -> list[date]:
    """First days of the twelve months that end with ``period``."""
    last = (period.ends_before - timedelta(days=1)).replace(day=1)
    return [_back(last, n) for n in range(PERIODS - 1, -1, -1)]


def twelve_periods(period: Period) -> list[Period]:
    """``period`` and the eleven of its kind before it, oldest first."""
    periods = [period]
    while len(periods) < PERIODS:
        periods.append(periods[-1].previous())
    return periods[::-1]


def mobilised(lens: Lens) -> list[int]:
    """Đồng mobilised in each of the twelve periods. One query."""
    periods = twelve_periods(lens.period)
    found = rows(through(lens, sql.RAISED_BY_MONTH), _span(lens, periods[0].starts_on))
    return _per_period(periods, [(row["month"], row["value_vnd"]) for row in found])


def given(lens: Lens) -> list[int]:
    """Suất given in each of the twelve periods. One query."""
    periods = twelve_periods(lens.period)
    parameters = {**_span(lens, periods[0].starts_on), "kinds": [kind.value for kind in GIVEN_KINDS]}
    found = rows(through(lens, sql.GIVEN_BY_MONTH), parameters)
    return _per_period(periods, [(row["month"], row["count"]) for row in found])


def members(lens: Lens) -> list[int]:
    """Members at the end of each of the twelve periods. One query."""
    return _stock(sql.MEMBERS_OVER_TIME, lens)


def balance(lens: Lens) -> list[int]:
    """Đồng held at the end of each of the twelve periods. One query."""
    return _stock(sql.BALANCE_OVER_TIME, lens)


SERIES = {"members": members, "mobilised": mobilised, "balance": balance, "given": given}


def _stock(statement: str, lens: Lens) -> list[int]:
    ends = [period.ends_before for period in twelve_periods(lens.period)]
    parameters = {**_span(lens, ends[0]), "ends": ends}
    found = {row["n"]: row["value"] for row in rows(through(lens, statement), parameters)}
    return [found.get(n, 0) for n in range(1, PERIODS + 1)]


def _per_period(periods: Sequence[Period], amounts: list[tuple[date, int]]) -> list[int]:
    return [sum(value for month, value in amounts if p.starts_on <= month < p.ends_before) for p in periods]


def _span(lens: Lens, starts_on: date) -> dict[str, object]:
    return {
        "unit": lens.unit.pk,
        "tree_on": lens.tree_on,
        "starts_on": starts_on,
        "since": _back(starts_on, 1),
        "until": lens.period.ends_before,
        "ends_before": lens.period.ends_before,
    }


def _back(month: date, months: int) -> date:
    """The first day of the month ``months`` before ``month``."""
    index = month.year * 12 + month.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)
