"""What a decision does to people: members held by closed units go to who carries on, offices there end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from funds.models import BoardBody
from hkh.core.dates import format_date
from hkh.core.money import format_number
from hkh.decisions.plan import Officer, People
from hkh.decisions.world import rows
from members.models import Position, Role

if TYPE_CHECKING:
    from hkh.decisions.planning import Planner

_HELD = """
    SELECT unit_id, count(*) FILTER (WHERE joined_on < %(day)s),
           md5(string_agg(id::text, ',' ORDER BY id) FILTER (WHERE joined_on < %(day)s)),
           count(*) FILTER (WHERE joined_on >= %(day)s), max(joined_on)
    FROM members_membership
    WHERE unit_id = ANY (%(units)s) AND (left_on IS NULL OR left_on > %(day)s)
    GROUP BY unit_id ORDER BY unit_id
"""

#: Roles of accounts, offices of members and seats on the boards of funds that reach over the unit's last day.
_OFFICES = """
    SELECT * FROM (
        SELECT 'members_grant' AS source, held.id, coalesce(nullif(account.full_name, ''), account.username), held.role,
               held.unit_id, held.valid_from
        FROM members_grant held JOIN members_user account ON account.id = held.user_id
        WHERE held.unit_id = ANY (%(units)s) AND (held.valid_until IS NULL OR held.valid_until > %(day)s)
        UNION ALL
        SELECT 'members_appointment', held.id, person.full_name, held.position, held.unit_id, held.valid_from
        FROM members_appointment held JOIN members_member person ON person.id = held.member_id
        WHERE held.unit_id = ANY (%(units)s) AND (held.valid_until IS NULL OR held.valid_until > %(day)s)
        UNION ALL
        SELECT 'funds_boardmember', seat.id, seat.name, seat.body, fund.unit_id, seat.since
        FROM funds_boardmember seat JOIN funds_fund fund ON fund.id = seat.fund_id AND fund.closed_on IS NULL
        WHERE fund.unit_id = ANY (%(units)s) AND (seat.until IS NULL OR seat.until > %(day)s)
    ) office ORDER BY unit_id, source, id
"""


def plan_people(planner: Planner) -> dict[str, Any]:
    """Members who go to another unit, and offices that end. 3 queries."""
    closed = {unit.unit_id: unit for unit in planner.closed}
    params = {"units": list(closed), "day": planner.day}
    people = []
    for unit_id, count, digest, late, latest in rows(_HELD, params):
        name = closed[unit_id].name
        if late:
            planner.refuse(
                "joined_later",
                _(
                    "%(count)s members joined “%(unit)s” on or after that day, the last on %(day)s. "
                    "Transfer them first."
                ),
                planner.closing[unit_id][0],
                count=format_number(late),
                unit=name,
                day=format_date(latest),
            )
        heir = planner.main_heir(unit_id)
        if not count:
            continue
        if heir is None:
            planner.refuse(
                "members_left",
                _("“%(unit)s” still has %(count)s members of its own. Transfer them, or merge it into another unit."),
                planner.closing[unit_id][0],
                unit=name,
                count=format_number(count),
            )
            continue
        tier = planner.tree.tier(heir)
        if tier is not None and not tier.holds_members:
            planner.refuse(
                "heir_holds_none",
                _("“%(heir)s” holds no members itself, but “%(unit)s” has %(count)s. Choose another unit."),
                planner.closing[unit_id][0],
                heir=planner.tree.name(heir),
                unit=name,
                count=format_number(count),
            )
            continue
        if not planner.is_whole(unit_id):
            planner.notes.append(
                _("All %(count)s members of “%(unit)s” itself go to “%(heir)s”; transfer those who belong elsewhere.")
                % {"count": format_number(count), "unit": name, "heir": planner.tree.name(heir)}
            )
        people.append(People(unit_id, name, heir, planner.tree.name(heir), count, digest))
    _check_tiers(planner)
    return {"people": tuple(people), "officers": tuple(_officers(planner, params))}


def _check_tiers(planner: Planner) -> None:
    """Refuse a new tier without members for a unit that has some. 1 query."""
    without = {
        unit.unit_id: unit
        for unit in planner.moved
        if unit.tier_id != unit.old_tier_id and not planner.tree.tiers[unit.tier_id].holds_members
    }
    holding = rows(
        "SELECT DISTINCT unit_id FROM members_membership WHERE unit_id = ANY (%s)"
        " AND (left_on IS NULL OR left_on > %s) ORDER BY 1",
        [list(without), planner.day],
    )
    for (unit_id,) in holding:
        planner.refuse(
            "tier_holds_none",
            _("“%(unit)s” has members, and units of its new tier hold none. Transfer them first."),
            unit=without[unit_id].name,
        )


def _officers(planner: Planner, params: dict[str, Any]) -> list[Officer]:
    names = {unit.unit_id: unit.name for unit in planner.closed}
    called: dict[str, dict[str, Any]] = {
        "members_grant": dict(Role.choices),
        "members_appointment": dict(Position.choices),
        "funds_boardmember": dict(BoardBody.choices),
    }
    return [
        Officer(
            source,
            row_id,
            person,
            str(called[source].get(role, role)),
            unit_id,
            names[unit_id],
            since,
            since >= planner.day,
        )
        for source, row_id, person, role, unit_id, since in rows(_OFFICES, params)
    ]
