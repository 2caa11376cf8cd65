"""Reads every figure of a unit and period out of the roll-ups. The one road to a number (DESIGN §2)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from hkh.indicators import sql
from hkh.indicators.figures import Child, Figures, FundFlows, Given, OwnFund, Picture, TierCount
from hkh.indicators.lens import Lens
from members.headcounts import Headcount
from members.models import Tier
from scholarships.models import GIVEN_KINDS, AwardKind

Row = dict[str, Any]
NOW, LAST_YEAR = "now", "last_year"


def picture(lens: Lens) -> Picture:
    """Figures of ``lens`` and of the same period last year, its own funds, its children. Seven queries.

    Totals are the sums of what the children (and the unit's own share) carry, so they agree by construction.
    """
    parameters = parameters_of(lens)
    units = rows(sql.UNITS, parameters)
    members = rows(through(lens, sql.MEMBERS_AND_HEADCOUNTS), parameters)
    donations = rows(through(lens, sql.DONATIONS), parameters)
    given = rows(through(lens, sql.GIVEN), parameters)
    money = rows(through(lens, sql.MONEY), parameters)
    children = rows(sql.CHILDREN, parameters)
    population = _population(lens, children)
    headcounts = {row["via"]: Headcount(**json.loads(row["headcount"])) for row in members if row["headcount"]}
    sums = _Sums(units, members, donations, given, money)
    return Picture(
        now=sums.figures(NOW, population),
        last_year=sums.figures(LAST_YEAR, population),
        headcount=sum(headcounts.values(), Headcount()),
        own_funds=tuple(own_funds(lens)),
        children=tuple(_children(lens, [row for row in children if row["id"]], sums, headcounts)),
        programmes={row["programme"]: row["programme_name"] for row in given if row["level"] == _BY_SECOND},
    )


def headcounts_by_child(lens: Lens) -> dict[int | None, Headcount]:
    """Registered and reported members on the period's last day, by child (id; None: the unit's own). One query.

    Children without a unit that holds members are left out. All together they are the unit's.
    """
    found = rows(through(lens, sql.HEADCOUNTS), parameters_of(lens))
    return {row.pop("via"): Headcount(**row) for row in found}


@dataclass(frozen=True)
class UnitHeadcount:
    """A unit that holds members: those in its list, those that it reports for ``counted_on`` (None: not reported)."""

    pk: int
    registered: int
    reported: int | None
    women: int | None
    minority: int | None
    counted_on: date | None

    @property
    def difference(self) -> int | None:
        return None if self.reported is None else self.reported - self.registered


def headcounts_by_unit(lens: Lens) -> list[UnitHeadcount]:
    """Each unit that holds members on the period's last day, in no order; restated, what the unit asked about carries
    of it. One query."""
    found = rows(through(lens, sql.HEADCOUNTS_BY_UNIT), parameters_of(lens))
    return [
        UnitHeadcount(row["unit"], row["registered"], row["reported"], row["women"], row["minority"], row["counted_on"])
        for row in found
    ]


def own_funds(lens: Lens) -> list[OwnFund]:
    """The funds of the unit itself with their flows, fullest first. One query."""
    return [
        OwnFund(
            row["id"],
            row["code"],
            row["name"],
            FundFlows(
                row["opening"],
                row["income"] + row["passed_in"],
                row["outgo"] + row["passed_out"],
                row["committed"],
                row["transit"],
            ),
        )
        for row in rows(sql.OWN_FUNDS, parameters_of(lens))
    ]


@dataclass(frozen=True)
class _Sums:
    """The rows of the five statements, and how figures are taken from them."""

    units: list[Row]
    members: list[Row]
    donations: list[Row]
    given: list[Row]
    money: list[Row]

    def figures(self, bucket: str, population: int | None) -> Figures:
        prefix = "" if bucket == NOW else "ly_"
        raised = [row for row in self.donations if row["bucket"] == bucket and not row["is_pass_through"]]
        handed = [row for row in self.given if row["bucket"] == bucket]
        to_people = [row for row in handed if row["kind"] in GIVEN_KINDS]
        by_via = [row for row in raised if row["level"] == _BY_VIA]
        return Figures(
            units=_tiers(self.units, bucket),
            members=_total(self.members, f"{prefix}members"),
            members_joined=_total(self.members, f"{prefix}joined"),
            members_left=_total(self.members, f"{prefix}gone"),
            population=population,
            mobilised_vnd=_total(by_via, "value_vnd"),
            donations=_total(by_via, "count"),
            mobilised_by_form={r["form"]: r["value_vnd"] for r in raised if r["level"] == _BY_SECOND},
            mobilised_by_donor_kind={r["donor_kind"]: r["value_vnd"] for r in raised if r["level"] == _BY_THIRD},
            pass_through_vnd=sum(
                row["value_vnd"]
                for row in self.donations
                if row["bucket"] == bucket and row["is_pass_through"] and row["level"] == _BY_VIA
            ),
            given=_given(row for row in to_people if row["level"] == _BY_VIA),
            given_by_kind=_given_by("kind", (row for row in to_people if row["level"] == _BY_VIA)),
            given_by_programme=_given_by("programme", (row for row in to_people if row["level"] == _BY_SECOND)),
            given_by_group=_given_by("group", (row for row in to_people if row["level"] == _BY_THIRD)),
            facilities=_given(r for r in handed if r["level"] == _BY_VIA and r["kind"] == AwardKind.FACILITY),
            emergency=_given(r for r in handed if r["level"] == _BY_VIA and r["kind"] == AwardKind.EMERGENCY),
            money=_together(self.money, prefix),
            spent_vnd=_total(self.money, f"{prefix}spent"),
        )

    def by_child(self) -> dict[int | None, Row]:
        """Each child's part (None: the unit's own): members, mobilised now and last year, given, money."""
        parts: defaultdict[int | None, Row] = defaultdict(
            lambda: {"members": 0, NOW: 0, LAST_YEAR: 0, "given": Given(), "money": FundFlows()}
        )
        for row in self.members:
            parts[row["via"]]["members"] = row["members"]
        for row in self.donations:
            if row["level"] == _BY_VIA and not row["is_pass_through"]:
                parts[row["via"]][row["bucket"]] += row["value_vnd"]
        for row in self.given:
            if row["level"] == _BY_VIA and row["bucket"] == NOW and row["kind"] in GIVEN_KINDS:
                parts[row["via"]]["given"] += Given(row["count"], row["value_vnd"])
        for row in self.money:
            parts[row["via"]]["money"] = _together([row], "")
        return parts


# What GROUPING() answers for each grouping set: a bit is 0 for the column that is grouped by.
_BY_VIA, _BY_SECOND, _BY_THIRD = 0b011, 0b101, 0b110


def _children(lens: Lens, found: list[Row], sums: _Sums, headcounts: Mapping[int | None, Headcount]) -> Iterable[Child]:
    parts = sums.by_child()
    for row in found:
        ended = row["valid_until"]
        yield _child(
            row,
            parts.pop(row["id"], None),
            headcounts.get(row["id"], Headcount()),
            closed_on=ended if ended and ended <= lens.last_day and lens.tree_on is None else None,
        )
    own = parts.pop(None, None)
    if own and any((own["members"], own[NOW], own[LAST_YEAR], own["given"].count, own["money"] != FundFlows())):
        unit = lens.unit
        yield _child(
            {
                "id": None,
                "code": unit.code,
                "name": unit.name,
                "tier": "",
                "kind": unit.kind,
                "has_fund": True,
            },
            own,
            headcounts.get(None, Headcount()),
        )


def _child(row: Row, part: Row | None, headcount: Headcount, closed_on: Any = None) -> Child:
    part = part or {"members": 0, NOW: 0, LAST_YEAR: 0, "given": Given(), "money": FundFlows()}
    return Child(
        pk=row["id"],
        code=row["code"],
        name=row["name"],
        tier=row["tier"],
        kind=row["kind"],
        closed_on=closed_on,
        latitude=row.get("latitude"),
        longitude=row.get("longitude"),
        population=row.get("population"),
        has_fund=row["has_fund"],
        has_children=row.get("has_children", False),
        members=part["members"],
        headcount=headcount,
        mobilised_vnd=part[NOW],
        mobilised_last_year_vnd=part[LAST_YEAR],
        given=part["given"],
        money=part["money"],
    )


def _population(lens: Lens, children: list[Row]) -> int | None:
    """People living in the unit's place; where the place has no count of that time, in its children's places."""
    own: int | None = children[0]["own_population"]
    standing = [row["population"] for row in children if row["population"] and not _ended(row, lens)]
    return own or sum(standing) or None


def _ended(row: Row, lens: Lens) -> bool:
    return row["valid_until"] is not None and row["valid_until"] <= lens.tree_day(lens.last_day)


def _tiers(found: list[Row], bucket: str) -> dict[str, TierCount]:
    tiers: dict[str, TierCount] = {}
    for row in found:
        if not row[bucket]:
            continue
        before = tiers.get(row["code"], TierCount())
        tiers[row["code"]] = TierCount(
            name=Tier(name_vi=row["name_vi"], name_en=row["name_en"], name_id=row["name_id"]).name,
            rank=row["rank"],
            total=before.total + row[bucket],
            by_kind={**before.by_kind, row["kind"]: row[bucket]},
            holds_funds=row["holds_funds"],
            with_fund=before.with_fund + row[f"funds_{bucket}"],
        )
    return tiers


def _together(found: Sequence[Row], prefix: str) -> FundFlows:
    """The flows of all funds as if they were one: what they passed on to each other shows on neither side."""
    names = ("opening", "income", "outgo", "passed_in", "passed_out", "committed", "transit")
    total = {name: sum(row[f"{prefix}{name}"] for row in found) for name in names}
    from_elsewhere = total["passed_in"] - total["passed_out"]
    return FundFlows(
        opening_vnd=total["opening"],
        in_vnd=total["income"] + max(from_elsewhere, 0),
        out_vnd=total["outgo"] + max(-from_elsewhere, 0),
        committed_vnd=total["committed"],
        transit_vnd=total["transit"],
    )


def _given(found: Iterable[Row]) -> Given:
    return sum((Given(row["count"], row["value_vnd"]) for row in found), Given())


def _given_by(key: str, handed: Iterable[Row]) -> dict[str, Given]:
    found: defaultdict[str, Given] = defaultdict(Given)
    for row in handed:
        found[row[key]] += Given(row["count"], row["value_vnd"])
    return dict(found)


def _total(found: Iterable[Row], column: str) -> int:
    return sum(row[column] for row in found)


def parameters_of(lens: Lens) -> dict[str, Any]:
    """What the statements of ``sql`` are asked with."""
    period, before = lens.period, lens.period.same_last_year()
    return {
        "unit": lens.unit.pk,
        "place": lens.unit.place_id,
        "tree_on": lens.tree_on,
        "starts_on": period.starts_on,
        "ends_before": period.ends_before,
        "since": before.starts_on - timedelta(days=1),
        "until": period.ends_before,
        "last_day": lens.last_day,
        "ly_starts_on": before.starts_on,
        "ly_ends_before": before.ends_before,
        "ly_last_day": before.ends_before - timedelta(days=1),
        "tree": lens.tree_day(lens.last_day),
        "tree_from": lens.tree_day(period.starts_on),
        "ly_tree": lens.tree_day(before.ends_before - timedelta(days=1)),
    }


def through(lens: Lens, statement: str) -> str:
    """``statement`` through the tree of ``lens``."""
    among = "" if lens.unit.parent_id is None else sql.AMONG
    if lens.tree_on is None:
        return statement.format(below=sql.AS_IT_WAS, among=among, **sql.WHOLE_UNITS)
    return statement.format(below=sql.RESTATED, among=among, **sql.SPLIT_UNITS)


def split_units(lens: Lens) -> list[str]:
    """Of figures restated on one tree the units that were split among several, so that what they brought in is
    divided by their shares: the single units are estimates, all together are exact. One query, none *as it was*.
    """
    if lens.tree_on is None:
        return []
    return [row["name"] for row in rows(sql.SPLIT_NAMES, parameters_of(lens))]


def rows(statement: str, parameters: Mapping[str, Any]) -> list[Row]:
    """The rows of ``statement`` as dictionaries. One query."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
