"""Reads over the tree and the register. Whoever calls them has already looked who may see what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.db import connection
from django.db.models import (
    Case,
    Count,
    DateField,
    Exists,
    F,
    IntegerField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Concat

from hkh.core.dates import today
from hkh.core.text import SearchKey, clean, search_key
from members.models import (
    Appointment,
    Grant,
    Member,
    MemberMonth,
    Membership,
    Place,
    Position,
    Unit,
    UnitAncestor,
    UnitVersion,
)
from members.models.people import LeaveReason
from members.search import ever_named, matching_units, search_units, traces_of
from members.tree_check import check_tree

__all__ = [
    "Asked",
    "UnitOnDay",
    "check_tree",
    "children_on",
    "counts_below",
    "current_membership",
    "entered_now_as",
    "ever_named",
    "gone_elsewhere",
    "headcount",
    "headcounts",
    "latest_unit_ids",
    "matching_members",
    "matching_units",
    "namesakes",
    "path_on",
    "registered_below",
    "roles_in",
    "search_places",
    "search_units",
    "seen_memberships",
    "standing_on",
    "subtree_ids",
    "traces_of",
    "with_order_of_offices",
]

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class UnitOnDay:
    """A unit as it was on some day."""

    pk: int
    code: str
    name: str
    tier_id: int


def standing_on(day: date, prefix: str = "") -> Q:
    """The condition that dated rows (versions, closure) hold on ``day``."""
    return Q(**{f"{prefix}valid_from__lte": day}) & (
        Q(**{f"{prefix}valid_until": None}) | Q(**{f"{prefix}valid_until__gt": day})
    )


def subtree_ids(unit: Unit | int, day: date) -> QuerySet[Any]:
    """Ids of ``unit`` and of all that stood below it on ``day``. A subquery of one index range, not run here."""
    return UnitAncestor.objects.filter(standing_on(day), ancestor=unit).values("unit")


def path_on(unit: Unit, day: date) -> list[UnitOnDay]:
    """The way from the top down to ``unit`` on ``day``, both ends included, names of that day. One query.

    A unit that was not there on ``day`` answers with its nearest day: the first of its life or the last.
    """
    day = _within_life(unit, day)
    steps = (
        UnitAncestor.objects.filter(standing_on(day), standing_on(day, "ancestor__versions__"), unit=unit)
        .order_by("-depth")
        .values_list("ancestor", "ancestor__code", "ancestor__versions__name", "ancestor__versions__tier")
    )
    return [UnitOnDay(*step) for step in steps]


def children_on(unit: Unit, day: date) -> list[UnitOnDay]:
    """What stood directly under ``unit`` on ``day``, in the order of the names of that day. One query."""
    versions = UnitVersion.objects.filter(standing_on(day), parent=unit).select_related("unit")
    return [UnitOnDay(v.unit_id, v.unit.code, v.name, v.tier_id) for v in versions.order_by("search_key")]


def headcount(units: QuerySet[Any], day: date) -> int:
    """How many members ``units`` (ids) held at the end of the month of ``day``, today at the latest. One query."""
    sums = MemberMonth.objects.filter(unit__in=units, month__lte=day).aggregate(
        joined=Sum("joined", default=0), left=Sum("left", default=0)
    )
    return int(sums["joined"] - sums["left"])


@dataclass(frozen=True)
class Asked:
    """What a list of people asks for: ``words`` that begin the words of a name, or a whole ``card`` number."""

    words: tuple[str, ...] = ()
    card: str = ""

    @classmethod
    def read(cls, text: str) -> Asked:
        if any(sign.isdigit() for sign in text):
            return cls(card=clean(text).upper())
        return cls(words=tuple(dict.fromkeys(search_key(text).split())))


def matching_members(rows: QuerySet[M], asked: Asked | str, prefix: str = "") -> QuerySet[M]:
    """``rows`` in whose name a word begins with each word asked for (marks and case aside), or with this card.

    "ng t hu" finds Nguyễn Thị Hương. ``prefix`` leads from the row to the member. Looks through all ``rows``; the
    register as a whole is searched by ``members.register``. Not run here.
    """
    asked = Asked.read(asked) if isinstance(asked, str) else asked
    if asked.card:
        return rows.filter(**{f"{prefix}card_number": asked.card})
    if not asked.words:
        return rows
    found: Any = rows.annotate(_spaced_name=Concat(Value(" "), f"{prefix}search_key", output_field=TextField()))
    for word in asked.words:
        found = found.filter(_spaced_name__contains=f" {word}")
    return found


def counts_below(unit_ids: list[int]) -> dict[int, int]:
    """How many units stand below each of these now, itself not counted. One query."""
    there = Q(unit__dissolved_on=None) | Q(unit__dissolved_on__gt=today())
    rows = UnitAncestor.objects.filter(there, is_latest=True, ancestor__in=unit_ids, depth__gt=0)
    return dict(rows.values_list("ancestor").annotate(Count("pk")))


def headcounts(unit_ids: list[int]) -> dict[int, int]:
    """How many members each of these units and all below it have now. One query."""
    sums = (
        MemberMonth.objects.filter(unit__ancestors__ancestor__in=unit_ids, unit__ancestors__is_latest=True)
        .values_list("unit__ancestors__ancestor")
        .annotate(Sum("joined"), Sum("left"))
    )
    return {unit_id: joined - left for unit_id, joined, left in sums}


def registered_below(unit_ref: str) -> Coalesce:
    """How many members the unit at ``unit_ref`` and all below it have now, for each row. A subquery, not run here."""
    sums = (
        MemberMonth.objects.filter(unit__ancestors__ancestor=OuterRef(unit_ref), unit__ancestors__is_latest=True)
        .order_by()
        .values("unit__ancestors__ancestor")
        .annotate(_heads=Sum(F("joined") - F("left")))
        .values("_heads")
    )
    return Coalesce(Subquery(sums), 0)


def latest_unit_ids(unit: Unit) -> QuerySet[Any]:
    """Ids of ``unit`` and of all that stands below it now or stood there last. A subquery, not run here."""
    return UnitAncestor.objects.filter(ancestor=unit, is_latest=True).values("unit")


def gone_elsewhere() -> Q:
    """The condition that a membership ended since the person went on to another unit."""
    return Q(leave_reason__in=(LeaveReason.TRANSFER, LeaveReason.REORGANISATION))


def roles_in(grants: QuerySet[Grant], unit: Unit, day: date) -> QuerySet[Grant]:
    """Those of ``grants`` that hold in this very unit on ``day``, accounts along with them. Not run here."""
    return (
        grants.filter(standing_on(day), unit=unit, user__is_active=True).select_related("user").order_by("role", "pk")
    )


def search_places(places: QuerySet[Place], text: str) -> QuerySet[Place]:
    """``places`` whose name holds ``text``, marks aside; those that are there now first. Not run here."""
    matching = places.annotate(key=SearchKey("name")).filter(key__contains=search_key(text))
    return matching.order_by(F("valid_until").desc(nulls_first=True), "key", "pk")


def current_membership(member: Member, day: date | None = None) -> Membership | None:
    """The membership of ``member`` on ``day`` (today), its unit along with it. One query."""
    rows = Membership.unscoped.current_on(day or today()).filter(member=member)
    return rows.select_related("unit").first()


def namesakes(*, full_name: str, born: date | int | None, unit: Unit) -> QuerySet[Member]:
    """Members of ``unit`` today with this name (marks and case aside) and, where both are known, this birth.

    Same names are common; a double entry mostly has the same unit and birth too. Not run here.
    """
    here = Membership.unscoped.current_on(today()).filter(member=OuterRef("pk"), unit=unit)
    same = Member.unscoped.filter(Exists(here), search_key=search_key(full_name))
    if isinstance(born, date):
        year = Q(birth_date=born) | Q(birth_date=None, birth_year=born.year) | Q(birth_date=None, birth_year=None)
        return same.filter(year)
    if born:
        return same.filter(
            Q(birth_date__year=born) | Q(birth_date=None, birth_year=born) | Q(birth_date=None, birth_year=None)
        )
    return same


def _within_life(unit: Unit, day: date) -> date:
    if day < unit.founded_on:
        return unit.founded_on
    if unit.dissolved_on is not None and day >= unit.dissolved_on:
        return date.fromordinal(unit.dissolved_on.toordinal() - 1)
    return day


def with_order_of_offices(rows: QuerySet[Appointment]) -> QuerySet[Appointment]:
    """``rows`` with ``office_order`` (the order in which offices are named) and ``ends_on``, which is never null."""
    order = [When(position=position, then=n) for n, position in enumerate(Position.values)]
    return rows.annotate(
        office_order=Case(*order, default=len(order), output_field=IntegerField()),
        ends_on=Coalesce("valid_until", Value(date.max), output_field=DateField()),
    )


def entered_now_as(pk: int) -> int:
    """Id of the entry that the one with ``pk`` was put together with, over several steps; else itself. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE way(id, next_id) AS (
                SELECT id, merged_into_id FROM members_member WHERE id = %s
                UNION SELECT person.id, person.merged_into_id
                FROM way JOIN members_member person ON person.id = way.next_id
            ) SELECT id FROM way WHERE next_id IS NULL""",
            [pk],
        )
        found = cursor.fetchone()
    return int(found[0]) if found else pk


def seen_memberships(rows: QuerySet[Membership], member_ids: Iterable[int]) -> dict[int, Membership]:
    """Of ``rows`` (memberships in sight) the one of each person that runs or ended last, its unit along. 1 query."""
    last = rows.filter(member__in=list(member_ids)).select_related("unit")
    last = last.order_by("member_id", F("left_on").desc(nulls_first=True)).distinct("member_id")
    return {row.member_id: row for row in last}
