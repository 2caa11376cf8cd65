"""What is measured at full size, each figure beside a floor taken in the same run (``make bench``).

A measure is a function without parameters that gives its figures by name; one module a subject.
"""

from __future__ import annotations

from collections.abc import Callable

from hkh.demo.bench import exports, kills, money, pages, race, receipts, reform, register, sheets, tree
from hkh.demo.bench.measuring import Measured

__all__ = ["MEASURES", "Measured"]

#: What is measured, in this order.
MEASURES: tuple[Callable[[], dict[str, Measured]], ...] = (
    pages.dashboard,
    pages.report,
    tree.subtree,
    reform.reform,
    sheets.members_sheet,
    exports.members_out,
    register.search,
    register.duplicates,
    money.donation,
    money.books,
    money.fund_book,
    race.race,
    kills.kills,
    receipts.receipts,
)
