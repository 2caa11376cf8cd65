"""From the address to the lens: which unit, which period, which tree a page is about."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from hkh.core.context import Here, HereUnit, Step, current_scope, forget_scope
from hkh.core.dates import Period, today
from hkh.indicators.lens import Lens
from members.models import Unit, UnitAncestor
from members.scope import units_in_scope


@dataclass(frozen=True)
class Place:
    """A resolved request: the lens for figures, ``here`` for the shell. ``query`` repeats both in links."""

    lens: Lens
    here: Here

    @property
    def query(self) -> str:
        return urlencode({"unit": self.lens.unit.code, "period": self.lens.period.code, "tree": self.here.tree})


class NoUnit(Exception):
    """The user may see no unit at all (yet)."""


def resolve(request: HttpRequest) -> Place:
    """What the address asks for, else what was asked last, else the user's topmost unit and the last full quarter.

    Two queries, three where no unit was said. Raises: Http404 for a unit out of scope, a period misspelt or so far
    away that no calendar has it; NoUnit where the user has no grant.
    """
    asked = current_scope(request)
    unit = _unit(request, asked.unit)
    period = _period(request, asked.period)
    tree = asked.tree or "then"
    lens = Lens(unit, period, today() if tree == "today" else None)
    return Place(lens, Here(HereUnit(unit.name, unit.code, _steps(request, lens)), period, tree))


def _unit(request: HttpRequest, code: str) -> Unit:
    visible = Unit.objects.visible_to(request.user).select_related("tier")
    unit = visible.filter(code=code).first() if code else None
    if unit is None and code:
        forget_scope(request, "unit")
        if "unit" in request.GET:
            raise Http404
    unit = unit or visible.order_by("dissolved_on", "tier__rank", "title_key").first()
    if unit is None:
        raise NoUnit
    return unit


def _period(request: HttpRequest, code: str) -> Period:
    if code:
        try:
            return Period.parse(code)
        except ValidationError as refusal:
            forget_scope(request, "period")
            if "period" in request.GET:
                raise Http404(_("There is no such period.")) from refusal
    return Period.containing(today(), "quarter").previous()


def _steps(request: HttpRequest, lens: Lens) -> tuple[Step, ...]:
    """The way down from the topmost unit in scope, as the tree stood on the last day asked for (or last stood)."""
    path = UnitAncestor.objects.filter(unit=lens.unit, depth__gt=0).select_related("ancestor").order_by("valid_from")
    if not request.user.is_superuser:
        path = path.filter(ancestor__in=units_in_scope(request.user))
    day = lens.tree_day(lens.last_day)
    ways: dict[int, UnitAncestor] = {}
    for step in path:
        covers = step.valid_from <= day and (step.valid_until is None or day < step.valid_until)
        if covers or (step.is_latest and step.depth not in ways):
            ways[step.depth] = step
    return tuple(
        Step(name, "?" + urlencode({"unit": code}))
        for name, code in [
            *((ways[depth].ancestor.name, ways[depth].ancestor.code) for depth in sorted(ways, reverse=True)),
            (lens.unit.name, lens.unit.code),
        ]
    )
