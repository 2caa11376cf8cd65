"""What is measured at full size, each figure beside a floor taken in the same run (``make bench``).

A measure is a function without parameters that gives its figures by name; one module a subject.
"""

from __future__ import annotations

from collections.abc import Callable

from hkh.demo.bench import kills, pages, race, reform, sheets, tree
from hkh.demo.bench.measuring import Measured

__all__ = ["MEASURES", "Measured"]

#: What is measured, in this order.
MEASURES: tuple[Callable[[], dict[str, Measured]], ...] = (
    pages.dashboard,
    pages.report,
    tree.subtree,
    reform.reform,
    sheets.members_sheet,
    race.race,
    kills.kills,
)
