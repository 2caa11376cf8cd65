"""Registered and reported members side by side, as one unit and all below it stand on a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date

from django.db import connection

from members.models import Unit


@dataclass(frozen=True)
class Headcount:
    """What ``units`` that hold members have in their lists, and what those of them that reported say.

    Not reported is not 0: ``reported``, ``difference`` and the parts speak of the units that reported alone, and
    ``women_of``, ``minority_of`` of the members of those that said so. Where a unit was split and figures are restated,
    its members are divided among those that carry on, and it counts as a unit with the one that carries the most.
    """

    units: int = 0
    registered: int = 0
    units_reporting: int = 0
    registered_there: int = 0
    reported: int = 0
    units_differing: int = 0
    more: int = 0
    fewer: int = 0
    women: int = 0
    women_of: int = 0
    minority: int = 0
    minority_of: int = 0

    @property
    def difference(self) -> int | None:
        """Reported less registered, of the units that reported; None where none did."""
        return self.reported - self.registered_there if self.is_reported else None

    @property
    def is_reported(self) -> bool:
        """Whether any unit reported; of a smaller part of a split unit only its numbers tell."""
        return bool(self.units_reporting or self.reported or self.registered_there)

    @property
    def units_silent(self) -> int:
        return self.units - self.units_reporting

    @property
    def registered_silent(self) -> int:
        """Registered members of the units that did not report."""
        return self.registered - self.registered_there

    def __add__(self, other: Headcount) -> Headcount:
        return Headcount(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


#: What is summed of rows (registered, reported, women, minority), one a unit that holds members, or one each of its
#: parts, of which one is ``counted``.
SUMS = """
    coalesce(sum(counted), 0)::bigint AS units, coalesce(sum(registered), 0)::bigint AS registered,
    coalesce(sum(counted) FILTER (WHERE reported IS NOT NULL), 0)::bigint AS units_reporting,
    coalesce(sum(registered) FILTER (WHERE reported IS NOT NULL), 0)::bigint AS registered_there,
    coalesce(sum(reported), 0)::bigint AS reported,
    coalesce(sum(counted) FILTER (WHERE reported <> registered), 0)::bigint AS units_differing,
    coalesce(sum(reported - registered) FILTER (WHERE reported > registered), 0)::bigint AS more,
    coalesce(sum(registered - reported) FILTER (WHERE reported < registered), 0)::bigint AS fewer,
    coalesce(sum(women), 0)::bigint AS women,
    coalesce(sum(reported) FILTER (WHERE women IS NOT NULL), 0)::bigint AS women_of,
    coalesce(sum(minority), 0)::bigint AS minority,
    coalesce(sum(reported) FILTER (WHERE minority IS NOT NULL), 0)::bigint AS minority_of"""

#: What is listed of a unit, and how much more (or fewer) it reports.
LISTED, GAP = "coalesce(listed.members, 0)", "span.members - coalesce(listed.members, 0)"

#: How the units of ``below a`` (unit_id and what else is asked of it) that hold members on ``last_day`` stand:
#: lists at the end of the month of that day, the number that counts on it. ``split`` and ``by`` enclose an amount of
#: which a split unit brings in its part; see ``WHOLE``.
STANDING = """
    SELECT {columns} version.unit_id AS unit, ({split}coalesce(listed.members, 0){by})::bigint AS registered,
           {reported} AS reported, {split}span.women{by} AS women, {split}span.minority{by} AS minority,
           span.valid_from AS counted_on, {counted} AS counted
    FROM below a
    JOIN members_unitversion version ON version.unit_id = a.unit_id AND version.valid_from <= %(last_day)s
     AND (version.valid_until IS NULL OR version.valid_until > %(last_day)s)
    JOIN members_tier tier ON tier.id = version.tier_id AND tier.holds_members
    LEFT JOIN (
        SELECT unit_id, sum(joined - "left") AS members FROM members_membermonth
        WHERE month <= %(last_day)s {among} GROUP BY unit_id
    ) listed ON listed.unit_id = version.unit_id
    LEFT JOIN members_headcountspan span ON span.unit_id = version.unit_id
     AND span.valid_from <= %(last_day)s AND span.valid_until > %(last_day)s
    {where}"""

#: What ``STANDING`` needs where no unit is divided.
WHOLE = {"split": "", "by": "", "reported": "span.members", "counted": "1"}


def headcount_on(unit: Unit, day: date) -> Headcount:
    """``unit`` and all that stood below it on ``day``: lists at the end of its month. One query."""
    among = "AND unit_id IN (SELECT unit_id FROM below)"
    standing = STANDING.format(columns="", where="", among=among, **WHOLE)
    statement = f"""
        WITH below AS (
            SELECT unit_id FROM members_unitancestor
            WHERE ancestor_id = %(unit)s AND valid_from <= %(last_day)s
              AND (valid_until IS NULL OR valid_until > %(last_day)s)
        )
        SELECT {SUMS} FROM ({standing}) own"""
    with connection.cursor() as cursor:
        cursor.execute(statement, {"unit": unit.pk, "last_day": day})
        return Headcount(*cursor.fetchone())


def registered_on(units: Sequence[int], day: date) -> dict[int, int]:
    """The members in the lists of these very units (ids) on ``day``; those without members are left out. One query."""
    statement = """
        SELECT unit_id, count(*) FROM members_membership
        WHERE unit_id = ANY(%(units)s) AND joined_on <= %(day)s AND (left_on IS NULL OR left_on > %(day)s)
        GROUP BY unit_id"""
    with connection.cursor() as cursor:
        cursor.execute(statement, {"units": list(units), "day": day})
        return dict(cursor.fetchall())
