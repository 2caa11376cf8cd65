"""What came in and went out of all funds of a unit and below, what of it they passed on to each other, what is left.

The gross comes from the roll-up of months, what was passed on from the movements, pair by pair, and what is left must
be the *mobilised* and *spent* that ``queries.picture`` gives: three records, one outcome. Always through the tree as it
was: of a unit that was split since, nobody can say which part passed on what.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from hkh.indicators import consolidation_sql as sql
from hkh.indicators.lens import Lens
from hkh.indicators.queries import parameters_of, picture, rows, through

PASSED_ON = ("transfer", "handover")
GIFTS = ("donation",)
SPENDING = ("payment", "expense")


@dataclass(frozen=True)
class PassedOn:
    """What one fund passed on to another in the period; ``inside`` where both belong to the unit or below."""

    kind: str
    giver: str
    giver_unit: str
    giver_inside: bool
    taker: str
    taker_unit: str
    taker_inside: bool
    amount_vnd: int

    @property
    def inside(self) -> bool:
        return self.giver_inside and self.taker_inside


@dataclass(frozen=True)
class Consolidation:
    """The way from gross to net. ``gross_*``: over the border of any fund, what was brought forward left out.

    ``other_*``: interest and what counts found, neither raised nor spent. ``gifts_for_others_vnd`` were received by
    units here for funds elsewhere, ``gifts_by_others_vnd`` the other way round. ``transit_vnd`` has been sent and not
    received: no fund's border was crossed, so it is in neither gross.
    """

    gross_in_vnd: int
    gross_out_vnd: int
    other_in_vnd: int
    other_out_vnd: int
    gifts_for_others_vnd: int
    gifts_by_others_vnd: int
    transit_vnd: int
    mobilised_vnd: int
    spent_vnd: int
    passed_on: tuple[PassedOn, ...]

    @property
    def pairs(self) -> list[PassedOn]:
        """What was left out: passed on from one of the funds to another of them, the most first."""
        return [one for one in self.passed_on if one.inside]

    def inside_vnd(self, kind: str) -> int:
        return sum(one.amount_vnd for one in self.pairs if one.kind == kind)

    @property
    def from_outside_vnd(self) -> int:
        return sum(one.amount_vnd for one in self.passed_on if not one.giver_inside)

    @property
    def to_outside_vnd(self) -> int:
        return sum(one.amount_vnd for one in self.passed_on if not one.taker_inside)

    @property
    def left_out_vnd(self) -> int:
        return sum(one.amount_vnd for one in self.pairs)

    @property
    def net_in_vnd(self) -> int:
        raised = self.gross_in_vnd - self.left_out_vnd - self.from_outside_vnd - self.other_in_vnd
        return raised + self.gifts_for_others_vnd - self.gifts_by_others_vnd

    @property
    def net_out_vnd(self) -> int:
        return self.gross_out_vnd - self.left_out_vnd - self.to_outside_vnd - self.other_out_vnd

    @property
    def agrees(self) -> bool:
        return (self.net_in_vnd, self.net_out_vnd) == (self.mobilised_vnd, self.spent_vnd)


def consolidate(lens: Lens) -> Consolidation:
    """The consolidation of ``lens``, its tree as it was. Ten queries, whatever the unit's size."""
    lens = replace(lens, tree_on=None)
    asked = parameters_of(lens)
    kinds = {row["kind"]: row for row in rows(through(lens, sql.FLOWS_BY_KIND), asked)}
    passed_on = tuple(PassedOn(**row) for row in rows(through(lens, sql.PASSED_ON), asked))
    (gifts,) = rows(through(lens, sql.GIFTS_BOOKED_ELSEWHERE), asked)
    now = picture(lens).now
    return Consolidation(
        gross_in_vnd=sum(row["came_in"] for row in kinds.values()),
        gross_out_vnd=sum(row["went_out"] for row in kinds.values()),
        other_in_vnd=sum(row["came_in"] for kind, row in kinds.items() if kind not in (*PASSED_ON, *GIFTS)),
        other_out_vnd=sum(row["went_out"] for kind, row in kinds.items() if kind not in (*PASSED_ON, *SPENDING)),
        gifts_for_others_vnd=gifts["for_others"],
        gifts_by_others_vnd=gifts["by_others"],
        transit_vnd=now.money.transit_vnd,
        mobilised_vnd=now.mobilised_vnd,
        spent_vnd=now.spent_vnd,
        passed_on=passed_on,
    )
