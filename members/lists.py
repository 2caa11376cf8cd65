"""The lists of units and members: the same rows for the page and for the sheet that goes out."""

from __future__ import annotations

from django.http import Http404, QueryDict

from hkh.core.sheets.lists import Found, list_of
from members.filters import MemberFilter, UnitFilter
from members.models import Membership, Unit, User
from members.queries import latest_unit_ids, matching_members
from members.register import KEY
from members.sheets.people import MemberResource
from members.sheets.units import UnitResource

MEMBER_SORTS = {
    "name": KEY,
    "joined_on": ("joined_on", "pk"),
}
UNIT_SORTS = {
    "name": ("title_key", "pk"),
    "tier": ("tier__rank", "title_key", "pk"),
    "founded_on": ("founded_on", "pk"),
}


def asked_unit(user: User, query: QueryDict) -> Unit:
    """The unit that ``query`` names. 1 query. Raises: Http404 where it is out of scope."""
    unit = Unit.objects.visible_to(user).select_related("tier").filter(code=query.get("unit", "")).first()
    if unit is None:
        raise Http404
    return unit


def members_of(user: User, unit: Unit, query: QueryDict) -> Found[MemberFilter]:
    """The memberships of ``unit`` and all below it, in the order of Vietnamese names. The page of the register finds
    the same in quicker ways."""
    narrowed = MemberFilter(query)
    rows = narrowed.apply(Membership.objects.visible_to(user)).filter(unit__in=latest_unit_ids(unit))
    rows = matching_members(rows, narrowed.text, prefix="member__").select_related("member", "unit")
    return Found(rows, narrowed, MEMBER_SORTS, "name")


def units_of(user: User, unit: Unit, query: QueryDict) -> Found[UnitFilter]:
    """What stands below ``unit``: the next step down, or, once something is asked for, all of it and itself."""
    narrowed = UnitFilter(query)
    seen = Unit.objects.visible_to(user)
    below = seen.filter(pk__in=latest_unit_ids(unit)) if narrowed.goes_deep else seen.filter(parent=unit)
    return Found(narrowed.apply(below).select_related("tier", "parent"), narrowed, UNIT_SORTS, "tier")


@list_of(MemberResource)
def members(user: User, query: QueryDict) -> Found[MemberFilter]:
    return members_of(user, asked_unit(user, query), query)


@list_of(UnitResource)
def units(user: User, query: QueryDict) -> Found[UnitFilter]:
    return units_of(user, asked_unit(user, query), query)
