"""Typed figures of a unit and period: what the sums of ``queries`` come out as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from members.headcounts import Headcount


@dataclass(frozen=True)
class TierCount:
    """Units of one tier: how many, of which kinds, and how many of them have a fund. ``name`` in today's language."""

    name: str = ""
    rank: int = 0
    total: int = 0
    by_kind: Mapping[str, int] = field(default_factory=dict)
    holds_funds: bool = False
    with_fund: int = 0


@dataclass(frozen=True)
class Given:
    """Suất and đồng."""

    count: int = 0
    value_vnd: int = 0

    def __add__(self, other: Given) -> Given:
        return Given(self.count + other.count, self.value_vnd + other.value_vnd)


@dataclass(frozen=True)
class FundFlows:
    """A fund, or many together, in a period: ``opening + in − out = closing``; ``committed`` and ``transit`` (sent, and
    not yet received by the other fund) are parts of closing.

    Of many together, what they passed on to each other is in neither ``in`` nor ``out``.
    """

    opening_vnd: int = 0
    in_vnd: int = 0
    out_vnd: int = 0
    committed_vnd: int = 0
    transit_vnd: int = 0

    @property
    def closing_vnd(self) -> int:
        return self.opening_vnd + self.in_vnd - self.out_vnd

    @property
    def available_vnd(self) -> int:
        return self.closing_vnd - self.committed_vnd - self.transit_vnd

    def __add__(self, other: FundFlows) -> FundFlows:
        return FundFlows(
            self.opening_vnd + other.opening_vnd,
            self.in_vnd + other.in_vnd,
            self.out_vnd + other.out_vnd,
            self.committed_vnd + other.committed_vnd,
            self.transit_vnd + other.transit_vnd,
        )


@dataclass(frozen=True)
class OwnFund:
    """A fund of the unit itself with its flows."""

    pk: int
    code: str
    name: str
    flows: FundFlows


@dataclass(frozen=True)
class Figures:
    """Every figure of one unit (with all below it) and one period.

    Mappings are keyed by the stored codes: tier codes, forms, donor kinds, programme codes, beneficiary groups,
    award kinds. Money in whole đồng. ``population`` is None where no place and no child has one.
    """

    units: Mapping[str, TierCount]
    members: int
    members_joined: int
    members_left: int
    population: int | None
    mobilised_vnd: int
    donations: int
    mobilised_by_form: Mapping[str, int]
    mobilised_by_donor_kind: Mapping[str, int]
    pass_through_vnd: int
    given: Given
    given_by_kind: Mapping[str, Given]
    given_by_programme: Mapping[str, Given]
    given_by_group: Mapping[str, Given]
    facilities: Given
    emergency: Given
    money: FundFlows
    spent_vnd: int

    @property
    def balance_vnd(self) -> int:
        return self.money.closing_vnd

    @property
    def members_share(self) -> Decimal | None:
        """Members in percent of the population."""
        return Decimal(100 * self.members) / self.population if self.population else None

    @property
    def mobilised_per_head_vnd(self) -> int | None:
        """Đồng raised per inhabitant; not to be mixed up with the balance per head."""
        return round(Decimal(self.mobilised_vnd) / self.population) if self.population else None


@dataclass(frozen=True)
class Child:
    """A unit directly below, as a row: its part of the parent's figures. ``pk`` None is the parent's own share.

    ``closed_on`` tells that it stood there for a part of the period only.
    """

    pk: int | None
    code: str
    name: str
    tier: str
    kind: str
    closed_on: date | None
    latitude: Decimal | None
    longitude: Decimal | None
    population: int | None
    has_fund: bool
    has_children: bool
    members: int
    headcount: Headcount
    mobilised_vnd: int
    mobilised_last_year_vnd: int
    given: Given
    money: FundFlows

    @property
    def balance_vnd(self) -> int:
        return self.money.closing_vnd

    @property
    def members_share(self) -> Decimal | None:
        return Decimal(100 * self.members) / self.population if self.population else None

    @property
    def mobilised_per_head_vnd(self) -> int | None:
        return round(Decimal(self.mobilised_vnd) / self.population) if self.population else None


@dataclass(frozen=True)
class Picture:
    """All that one screen or document says of a lens: figures, last year's, own funds, children.

    ``headcount`` is that of the period's last day. ``programmes`` names the codes that ``given_by_programme`` is
    keyed by.
    """

    now: Figures
    last_year: Figures
    headcount: Headcount
    own_funds: tuple[OwnFund, ...]
    children: tuple[Child, ...]
    programmes: Mapping[str, str]
