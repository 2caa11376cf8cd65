"""Which unit a page is about: what the address asks for, else what was asked last, else the user's topmost one."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django.db.models import Exists, F, OuterRef, Q
from django.http import Http404, HttpRequest

from hkh.core.context import HereUnit, Step, current_scope, forget_scope
from hkh.core.dates import today
from members.models import Unit, UnitAncestor, User
from members.scope import units_in_scope


class NoUnit(Exception):
    """The user may see no unit at all (yet)."""


def user_of(request: HttpRequest) -> User:
    """The account behind a page that asks for sign-in."""
    assert isinstance(request.user, User)
    return request.user


def unit_here(request: HttpRequest) -> Unit:
    """The unit of the page. 1 query, 2 where none was said.

    Raises: Http404 for a unit out of scope; NoUnit where the user has no grant.
    """
    code = current_scope(request).unit
    visible = Unit.objects.visible_to(request.user).select_related("tier")
    unit = visible.filter(code=code).first() if code else None
    if unit is None and code:
        forget_scope(request, "unit")
        if "unit" in request.GET:
            raise Http404
    living_first = F("dissolved_on").asc(nulls_first=True)
    unit = unit or visible.order_by(living_first, "tier__rank", "title_key").first()
    if unit is None:
        raise NoUnit
    return unit


def way_to(request: HttpRequest, unit: Unit, *, day: date | None = None) -> HereUnit:
    """``unit`` for the shell, with the way down from the topmost unit in scope as the tree stood on ``day`` (default
    today) or, for a unit of another time, as it stood last. 1 query."""
    day = day or today()
    path = UnitAncestor.objects.filter(unit=unit, depth__gt=0).select_related("ancestor").order_by("valid_from")
    if not request.user.is_superuser:
        path = path.filter(ancestor__in=units_in_scope(request.user))
    ways: dict[int, UnitAncestor] = {}
    for step in path:
        covers = step.valid_from <= day and (step.valid_until is None or day < step.valid_until)
        if covers or (step.is_latest and step.depth not in ways):
            ways[step.depth] = step
    above = [(ways[depth].ancestor.name, ways[depth].ancestor.code) for depth in sorted(ways, reverse=True)]
    steps = tuple(Step(name, "?" + urlencode({"unit": code})) for name, code in [*above, (unit.name, unit.code)])
    return HereUnit(unit.name, unit.code, steps)


def stood_below(unit: Unit, *, on: str | None = None) -> Exists:
    """Whether the row's ``unit`` stood below ``unit`` (or is it) on the day of the row's field ``on``; without
    ``on``, whether it stands there now or stood there last. A condition, no query of its own."""
    closure = UnitAncestor.objects.filter(ancestor=unit, unit=OuterRef("unit"))
    if on is None:
        return Exists(closure.filter(is_latest=True))
    return Exists(closure.filter(Q(valid_until=None) | Q(valid_until__gt=OuterRef(on)), valid_from__lte=OuterRef(on)))
