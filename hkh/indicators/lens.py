"""The three questions that every figure answers first: which unit, which period, which tree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from hkh.core.dates import Period
from members.models import Unit


@dataclass(frozen=True)
class Lens:
    """``unit`` and all below it, during ``period``.

    ``tree_on`` None reads every flow through the tree of its own date and every stock through the tree of the
    period's last day (*as it was*); a date reads all through the tree of that day. DESIGN §4.
    """

    unit: Unit
    period: Period
    tree_on: date | None = None

    def last_year(self) -> Lens:
        return replace(self, period=self.period.same_last_year())

    def tree_day(self, day: date) -> date:
        """The day whose tree serves for what is asked of ``day``."""
        return self.tree_on or day

    @property
    def last_day(self) -> date:
        return self.period.ends_before - timedelta(days=1)
