"""What units declare, as the pages list it, for the sheets that go out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, QueryDict
from django.utils.translation import gettext_lazy as _

from hkh.core.dates import Period, today
from hkh.core.sheets.columns import ListResource, going_out
from hkh.core.sheets.lists import Computed, list_of
from hkh.declared.headcounts import HeadcountFilter, Line, in_order
from hkh.declared.titles import children_with_figures
from hkh.indicators.lens import Lens
from hkh.indicators.queries import UnitHeadcount, headcounts_by_child, headcounts_by_unit
from hkh.indicators.titles import TitleFigures, of_year, titles
from members.headcounts import Headcount
from members.lists import asked_unit
from members.models import Tier, Title, Unit, User
from members.queries import children_on


class HeadcountResource(ListResource):
    """Members registered and reported by each unit directly below one."""

    slug, title = "headcounts", _("Members registered and reported")

    code = going_out("code", _("Unit code"), "code", width=18)
    name = going_out("name", _("Unit"), width=38)
    units = going_out("headcount__units", _("Units that hold members"), "int")
    units_reporting = going_out("headcount__units_reporting", _("Units that reported"), "int")
    registered = going_out("headcount__registered", _("Listed"), "int")
    reported = going_out("reported_count", _("Reported"), "int")
    difference = going_out("headcount__difference", _("Reported less registered"), "int")
    differing = going_out("headcount__units_differing", _("Units that differ"), "int")
    silent = going_out("headcount__registered_silent", _("Listed, not reported"), "int")


class UnitHeadcountResource(ListResource):
    """Members registered and reported unit by unit."""

    slug, title = "headcount-units", _("Headcounts unit by unit")

    code = going_out("unit__code", _("Unit code"), "code", width=18)
    name = going_out("unit__name", _("Unit"), width=38)
    registered = going_out("of__registered", _("Listed"), "int")
    reported = going_out("of__reported", _("Reported"), "int")
    difference = going_out("of__difference", _("Reported less registered"), "int")
    women = going_out("of__women", _("Women among them"), "int")
    minority = going_out("of__minority", _("Ethnic minorities among them"), "int")
    counted_on = going_out("of__counted_on", _("As of"), "day")


class TitleResource(ListResource):
    """One title of the learning society by unit directly below."""

    slug, title = "titles", _("Learning titles by unit")

    title_name = going_out("title__label", _("Title"), width=28)
    year = going_out("year", _("Year"), "int", width=8)
    code = going_out("code", _("Unit code"), "code", width=18)
    name = going_out("name", _("Unit"), width=38)
    total = going_out("now__total", _("In all"), "int")
    registered = going_out("now__registered", _("Registered"), "int")
    recognised = going_out("now__recognised", _("Recognised"), "int")
    share = going_out("share", _("Recognised (%)"), "decimal")
    share_before = going_out("share_before", _("Recognised the year before (%)"), "decimal")


def lens_of(user: User, query: QueryDict) -> Lens:
    """What the page's address asks about. 1 query. Raises: Http404."""
    unit = asked_unit(user, query)
    try:
        period = Period.parse(query.get("period", ""))
    except ValidationError:
        raise Http404 from None
    return Lens(unit, period, today() if query.get("tree") == "today" else None)


def child_headcounts(lens: Lens, by_child: dict[int | None, Headcount]) -> list[Line]:
    """The children that hold members, or have units below that do, on the day. 2 queries."""
    holders = set(Tier.objects.filter(holds_members=True).values_list("pk", flat=True))
    lines = [
        Line(child.name, child.code, by_child[child.pk], has_children=child.tier_id not in holders)
        for child in children_on(lens.unit, lens.tree_day(lens.last_day))
        if child.pk in by_child
    ]
    if None in by_child:
        lines.append(Line(str(_("The unit's own")), "", by_child[None], has_children=False))
    return lines


def narrowed_units(user: User, every: Sequence[UnitHeadcount], narrowed: HeadcountFilter) -> list[UnitHeadcount]:
    """Those of ``every`` that are in sight and asked for, as the page orders them. 1 query."""
    seen = set(narrowed.units(Unit.objects.visible_to(user)).values_list("pk", flat=True))
    return narrowed.rows(row for row in every if row.pk in seen)


@dataclass(frozen=True)
class _OfUnit:
    unit: Unit
    of: UnitHeadcount


@dataclass(frozen=True)
class _TitleOfUnit:
    title: Title
    year: int
    code: str
    name: str
    said: TitleFigures
    before: TitleFigures

    @property
    def now(self) -> TitleFigures | None:
        """Nothing where nothing was said, which is not 0."""
        return self.said if self.said.is_said else None

    @property
    def share(self) -> Decimal | None:
        return _rounded(self.said.recognised_share)

    @property
    def share_before(self) -> Decimal | None:
        return _rounded(self.before.recognised_share)


def _rounded(share: Decimal | None) -> Decimal | None:
    return None if share is None else round(share, 1)


@list_of(HeadcountResource)
def headcounts(user: User, query: QueryDict) -> Computed:
    lens = lens_of(user, query)
    return Computed(in_order(child_headcounts(lens, headcounts_by_child(lens)), query.get("sort", "")))


@list_of(UnitHeadcountResource)
def headcount_units(user: User, query: QueryDict) -> Computed:
    rows = narrowed_units(user, headcounts_by_unit(lens_of(user, query)), HeadcountFilter(query))
    units = Unit.objects.visible_to(user).in_bulk([row.pk for row in rows])
    return Computed([_OfUnit(units[row.pk], row) for row in rows])


def asked_title(query: Any) -> Title:
    """The title that the address names, else that of learning families."""
    asked = query.get("title", "")
    return Title(asked) if asked in Title.values else Title.FAMILY


@list_of(TitleResource)
def learning_titles(user: User, query: QueryDict) -> Computed:
    lens, title = of_year(lens_of(user, query)), asked_title(query)
    children = children_on(lens.unit, lens.tree_day(min(lens.last_day, today())))
    lines = children_with_figures(titles(lens), title, children)
    return Computed([_TitleOfUnit(title, lens.period.year, code, name, *figures) for name, code, *figures in lines])
