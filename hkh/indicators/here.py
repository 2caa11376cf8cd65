"""From the address to the lens: which unit, which period, which tree a page is about."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from hkh.core.context import Here, current_scope, forget_scope
from hkh.core.dates import Period, today
from hkh.indicators.lens import Lens
from members.here import NoUnit, unit_here, way_to

__all__ = ["NoUnit", "Place", "resolve"]


@dataclass(frozen=True)
class Place:
    """A resolved request: the lens for figures, ``here`` for the shell."""

    lens: Lens
    here: Here

    @property
    def answers(self) -> dict[str, str]:
        """The three answers, as an address keeps them."""
        return {"unit": self.lens.unit.code, "period": self.lens.period.code, "tree": self.here.tree}

    @property
    def query(self) -> str:
        return urlencode(self.answers)


def resolve(request: HttpRequest) -> Place:
    """What the address asks for, else what was asked last, else the user's topmost unit and the last full quarter.

    Two queries, three where no unit was said. Raises: Http404 for a unit out of scope and for a misspelt period;
    NoUnit where the user has no grant.
    """
    unit = unit_here(request)
    asked = current_scope(request)
    period = _period(request, asked.period)
    tree = asked.tree or "then"
    lens = Lens(unit, period, today() if tree == "today" else None)
    return Place(lens, Here(way_to(request, unit, day=lens.tree_day(lens.last_day)), period, tree))


def _period(request: HttpRequest, code: str) -> Period:
    if code:
        try:
            return Period.parse(code)
        except ValidationError as refusal:
            forget_scope(request, "period")
            if "period" in request.GET:
                raise Http404(_("There is no such period.")) from refusal
    return Period.containing(today(), "quarter").previous()
