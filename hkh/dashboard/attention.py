"""What to look at: units without a fund, gifts approved and not handed out, headcounts that differ."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from hkh.core.money import format_number, percent, short
from hkh.indicators.figures import Picture
from members.headcounts import Headcount


@dataclass(frozen=True)
class Coverage:
    """How many units of a tier have a fund; the association's aim is all of them."""

    tier: str
    share: float
    text: str


@dataclass(frozen=True)
class Notice:
    """A sentence that asks for something to be done, and where."""

    text: str
    url: str


@dataclass(frozen=True)
class Attention:
    coverage: list[Coverage]
    notices: list[Notice]


def attention(seen: Picture, query: str) -> Attention:
    """What of ``seen`` asks to be looked at. No query."""
    coverage = [
        Coverage(
            count.name,
            100 * count.with_fund / count.total,
            _("%(with)s of %(all)s (%(share)s)")
            % {
                "with": format_number(count.with_fund),
                "all": format_number(count.total),
                "share": percent(100 * count.with_fund / count.total),
            },
        )
        for count in seen.now.units.values()
        if count.holds_funds
    ]
    notices = []
    if seen.now.money.committed_vnd:
        notices.append(
            Notice(
                _("Approved and not yet handed out: %(amount)s.") % {"amount": short(seen.now.money.committed_vnd)},
                f"{reverse('scholarships:round-list')}?{query}",
            )
        )
    without = [child.name for child in seen.children if child.pk and not child.has_fund and child.closed_on is None]
    if without:
        names = ", ".join(without[:5]) + (" …" if len(without) > 5 else "")
        notices.append(
            Notice(
                _("Without a fund of their own: %(count)s units directly below (%(names)s).")
                % {"count": format_number(len(without)), "names": names},
                f"{reverse('funds:fund-list')}?{query}",
            )
        )
    notices += _headcounts(seen.headcount, query)
    return Attention(coverage, notices)


def _headcounts(headcount: Headcount, query: str) -> list[Notice]:
    notices = []
    address = f"{reverse('declared:headcount-units')}?{query}"
    if headcount.units_differing:
        text = _(
            "Numbers of members that differ: %(count)s units report %(more)s more and %(fewer)s fewer than listed."
        )
        figures = {
            "count": format_number(headcount.units_differing),
            "more": format_number(headcount.more),
            "fewer": format_number(headcount.fewer),
        }
        notices.append(Notice(text % figures, address))
    if headcount.units_silent and headcount.units_reporting:
        text = _("Number of members not reported: %(count)s of %(all)s units.")
        figures = {"count": format_number(headcount.units_silent), "all": format_number(headcount.units)}
        notices.append(Notice(text % figures, f"{address}&state=silent"))
    return notices
