"""The pictures of a unit and period, by name. The page and the report draw the same specs."""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from funds.models import DonorKind
from hkh.core.charts import Bar, Bubble, Measure, Month, Spec, bubble_map, monthly_bars, sorted_bars
from hkh.core.money import format_number
from hkh.indicators.figures import Given, Picture
from hkh.indicators.lens import Lens
from hkh.indicators.queries import picture
from hkh.indicators.series import raised_by_month
from scholarships.models import BeneficiaryGroup


def raised_months(lens: Lens, width: int) -> Spec:
    """Mobilised in the twelve months that end with the period, by kind of donor, with last year as a line."""
    labels = dict(DonorKind.choices)
    months = [
        Month(
            month.month,
            {str(labels[kind]): amount for kind, amount in month.by_donor_kind.items()},
            month.last_year_vnd,
        )
        for month in raised_by_month(lens)
    ]
    return monthly_bars(
        months,
        title=_("Mobilised by month"),
        series=[str(label) for label in labels.values()],
        last_year_label=_("Same month last year"),
        width=width,
    )


def raised_sources(lens: Lens, width: int) -> Spec:
    """Mobilised in the period by kind of donor."""
    labels = dict(DonorKind.choices)
    amounts = picture(lens).now.mobilised_by_donor_kind
    bars = [Bar(str(labels[kind]), amount) for kind, amount in amounts.items()]
    series = [str(label) for label in labels.values()]
    return sorted_bars(bars, title=_("Mobilised by source"), series=series, width=width)


def given_programmes(lens: Lens, width: int) -> Spec:
    """Given in the period by programme."""
    seen = picture(lens)
    given = {seen.programmes[code]: value for code, value in seen.now.given_by_programme.items()}
    return _given(_("Given by programme"), given, width)


def given_groups(lens: Lens, width: int) -> Spec:
    """Given in the period by group of beneficiaries."""
    labels = dict(BeneficiaryGroup.choices)
    given = picture(lens).now.given_by_group
    return _given(_("Given by beneficiary group"), {str(labels[g]): value for g, value in given.items()}, width)


def children_map(lens: Lens, width: int) -> Spec:
    """Units directly below at their places: area = members, shade = mobilised per inhabitant."""
    return map_of(lens, picture(lens), width)


def map_of(lens: Lens, seen: Picture, width: int, *, links: bool = True) -> Spec:
    overview = reverse("dashboard:overview")
    shared = _shared_beginning([child.name for child in seen.children if child.latitude is not None])
    bubbles = [
        Bubble(
            child.name.removeprefix(shared),
            float(child.latitude),
            float(child.longitude),
            child.members,
            child.mobilised_per_head_vnd,
            f"{overview}?{urlencode({'unit': child.code})}" if links else "",
        )
        for child in seen.children
        if child.latitude is not None and child.longitude is not None
    ]
    return bubble_map(
        bubbles,
        title=_("Members and funds raised, by place"),
        size=Measure(_("members"), "count"),
        shade=Measure(_("mobilised per inhabitant"), "vnd"),
        width=width,
    )


def _shared_beginning(names: list[str]) -> str:
    """What all names begin with, in whole words ("Hội Khuyến học "): on a map it would only stand in the way."""
    columns = zip(*(name.split() for name in names), strict=False) if len(names) > 1 else ()
    return "".join(f"{words[0]} " for words in takewhile(lambda words: len(set(words)) == 1, columns))


def _given(title: str, given: dict[str, Given], width: int) -> Spec:
    bars = [
        Bar(label, value.value_vnd, _("%(count)s awards") % {"count": format_number(value.count)})
        for label, value in given.items()
    ]
    return sorted_bars(bars, title=title, width=width)


CHARTS: dict[str, Callable[[Lens, int], Spec]] = {
    "raised-months": raised_months,
    "raised-sources": raised_sources,
    "given-programmes": given_programmes,
    "given-groups": given_groups,
    "map": children_map,
}
