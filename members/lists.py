"""The lists of units and members: the same rows for the page and for the sheet that goes out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from django.db.models import Exists, F, Model, OuterRef, QuerySet, Subquery
from django.http import Http404, QueryDict

from hkh.core.filters import ListFilter
from hkh.core.keys import key_of
from hkh.core.sheets.lists import Found, list_of
from members.cards import carriers
from members.filters import CardFilter, MemberFilter, OfficeFilter, PairFilter, UnitFilter
from members.models import Appointment, DuplicatePair, Membership, ReportedHeadcount, Unit, User
from members.queries import latest_unit_ids, matching_members, with_order_of_offices
from members.register import KEY
from members.rules import Verb, require
from members.sheets.lists import CardResource, HeadcountReportResource, OfficeResource, PairResource
from members.sheets.people import MemberResource
from members.sheets.units import UnitResource

M = TypeVar("M", bound=Model)

MEMBER_SORTS = {
    "name": KEY,
    "joined_on": ("joined_on", "pk"),
}
UNIT_SORTS = {
    "name": ("title_key", "pk"),
    "tier": ("tier__rank", "title_key", "pk"),
    "founded_on": ("founded_on", "pk"),
}
OFFICE_SORTS = {
    "rank": ("unit__tier__rank", "unit__title_key", "office_order", "pk"),
    "unit": ("unit__title_key", "office_order", "pk"),
    "position": ("office_order", "unit__title_key", "pk"),
    "name": ("member__sort_key", "pk"),
    "valid_from": ("valid_from", "pk"),
    "valid_until": ("ends_on", "pk"),
}
CARD_SORTS = {"name": ("member__sort_key", "pk"), "joined_on": ("joined_on", "pk")}
PAIR_SORTS = {"score": ("score", "pk")}
REPORT_SORTS = {"counted_on": ("counted_on", "revision", "pk")}


def asked_unit(user: User, query: QueryDict) -> Unit:
    """The unit that ``query`` names. 1 query. Raises: Http404 where it is out of scope."""
    unit = Unit.objects.visible_to(user).select_related("tier").filter(code=query.get("unit", "")).first()
    if unit is None:
        raise Http404
    return unit


def asked_row(seen: QuerySet[M], query: QueryDict, name: str) -> M:
    """The row of ``seen`` whose id ``query`` says as ``name``. 1 query. Raises: Http404 where there is none."""
    row = seen.filter(pk=key_of(query.get(name, ""))).first()
    if row is None:
        raise Http404
    return row


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


def offices_in_reach(user: User, unit: Unit, narrowed: OfficeFilter) -> QuerySet[Appointment]:
    """The offices of ``unit`` and of all below it, or of it alone where that is asked for."""
    in_reach = Appointment.objects.visible_to(user).filter(unit__in=latest_unit_ids(unit))
    return in_reach.filter(unit=unit) if narrowed.said().get("reach") == "here" else in_reach


def offices_of(user: User, unit: Unit, query: QueryDict) -> Found[OfficeFilter]:
    """Who holds which office in ``unit`` and in all below it: those of the higher tier first; where it is about ends,
    the next to end, or the last that ended."""
    narrowed = OfficeFilter(query)
    rows = with_order_of_offices(narrowed.apply(offices_in_reach(user, unit, narrowed)))
    asked = narrowed.said()
    default = "-valid_until" if asked.get("state") in ("vacant", "ended") else "rank"
    default = "valid_until" if "ends" in asked else default
    return Found(rows.select_related("member", "unit__tier"), narrowed, OFFICE_SORTS, default)


def cards_of(user: User, unit: Unit, query: QueryDict) -> Found[CardFilter]:
    """The members of ``unit`` and of all below it, by whether a card number is on record."""
    narrowed = CardFilter(query)
    seen = carriers(unit, narrowed.state).filter(unit__in=Unit.objects.visible_to(user).values("pk"))
    rows = matching_members(seen, narrowed.said().get("q", ""), prefix="member__")
    return Found(rows.select_related("member", "unit"), narrowed, CARD_SORTS, "name")


def pairs_of(user: User, unit: Unit, query: QueryDict) -> Found[PairFilter]:
    """Entries that may be one person, of whom one at least stands in ``unit`` or below it; the likeliest first."""
    narrowed = PairFilter(query)
    below = Membership.objects.visible_to(user).filter(unit__in=latest_unit_ids(unit))
    here = Exists(below.filter(member=OuterRef("first"))) | Exists(below.filter(member=OuterRef("second")))
    seen = DuplicatePair.objects.visible_to(user).filter(here, first__merged_into=None, second__merged_into=None)
    return Found(narrowed.apply(seen).select_related("first", "second"), narrowed, PAIR_SORTS, "-score")


def reports_of(user: User, unit: Unit, query: QueryDict) -> Found[ListFilter]:
    """Every number that ``unit`` reported of itself, latest first, corrections beside what they correct."""
    rows = ReportedHeadcount.objects.visible_to(user).filter(unit=unit).select_related("reported_by")
    return Found(rows, ListFilter(query), REPORT_SORTS, "-counted_on")


@list_of(MemberResource)
def members(user: User, query: QueryDict) -> Found[MemberFilter]:
    return members_of(user, asked_unit(user, query), query)


@list_of(UnitResource)
def units(user: User, query: QueryDict) -> Found[UnitFilter]:
    return units_of(user, asked_unit(user, query), query)


@list_of(OfficeResource)
def offices(user: User, query: QueryDict) -> Found[OfficeFilter]:
    return offices_of(user, asked_unit(user, query), query)


@list_of(CardResource)
def cards(user: User, query: QueryDict) -> Found[CardFilter]:
    unit = asked_unit(user, query)
    require(user, Verb.EDIT_MEMBER, unit)
    return cards_of(user, unit, query)


@list_of(PairResource)
def duplicates(user: User, query: QueryDict) -> Found[PairFilter]:
    """The pairs with the unit of each entry, as far as it is in sight."""
    found = pairs_of(user, asked_unit(user, query), query)

    def unit_of(side: str) -> Any:
        stays = Membership.objects.visible_to(user).filter(member=OuterRef(side))
        return Subquery(stays.order_by(F("left_on").desc(nulls_first=True)).values("unit__name")[:1])

    return replace(found, rows=found.rows.annotate(first_unit=unit_of("first"), second_unit=unit_of("second")))


@list_of(HeadcountReportResource)
def headcount_reports(user: User, query: QueryDict) -> Found[ListFilter]:
    return reports_of(user, asked_unit(user, query), query)
