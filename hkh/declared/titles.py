"""Titles of the learning society as a page shows them: each against its target, then the children of one title."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from hkh.core.money import format_number, percent
from hkh.indicators.titles import TitleFigures, Titles
from members.models import Title, TitleTarget
from members.queries import UnitOnDay

UNKNOWN = "–"


def of_what(title: Title | str) -> str:
    """What is counted in all."""
    return {
        Title.FAMILY: _("households"),
        Title.CLAN: _("clans"),
        Title.COMMUNITY: _("hamlets and residential areas"),
        Title.UNIT: _("agencies and units"),
        Title.CITIZEN: _("adults"),
    }[Title(title)]


@dataclass(frozen=True)
class TitleLine:
    """One title of the unit, or one child of one title, ready to read. Shares are per cent of all, for the bar."""

    name: str
    code: str
    of: str
    total: str
    registered: str
    recognised: str
    share: str
    before: str
    change: str
    registered_share: Decimal | None
    recognised_share: Decimal | None
    target: str = ""
    target_share: Decimal | None = None
    basis: str = ""
    is_reached: bool = False
    spoken: str = ""


def title_lines(seen: Titles, targets: Mapping[str, TitleTarget]) -> list[TitleLine]:
    """The five titles of the unit against their targets. No query."""
    return [_title(title, seen, targets.get(title)) for title in Title]


def _title(title: Title, seen: Titles, target: TitleTarget | None) -> TitleLine:
    now, before = Titles.total(seen.now, title), Titles.total(seen.last_year, title)
    line = _line(str(title.label), title.value, of_what(title), now, before)
    if target is None:
        return line
    share = now.recognised_share
    reached = share is not None and share >= target.value_percent
    basis = _("by the end of %(year)s, %(basis)s") % {"year": target.year, "basis": target.basis}
    written = percent(target.value_percent)
    said = _("%(name)s: %(share)s recognised; target %(target)s, %(basis)s")
    return replace(
        line,
        target=written,
        target_share=target.value_percent,
        basis=basis,
        is_reached=reached,
        spoken=said % {"name": line.name, "share": line.share, "target": written, "basis": basis},
    )


def child_lines(seen: Titles, title: Title, children: Sequence[UnitOnDay]) -> list[TitleLine]:
    """One title of each child that has figures of this year or the last; the unit's own at the end. No query."""
    return [_line(name, code, "", *figures) for name, code, *figures in children_with_figures(seen, title, children)]


def children_with_figures(
    seen: Titles, title: Title, children: Sequence[UnitOnDay]
) -> list[tuple[str, str, TitleFigures, TitleFigures]]:
    """Name, code, figures of the year and of the last of each child that has any; the unit's own at the end. No
    query."""
    lines = []
    for pk, name, code in [*((c.pk, c.name, c.code) for c in children), (None, _("The unit's own"), "")]:
        now = seen.now.get(pk, {}).get(title, TitleFigures())
        before = seen.last_year.get(pk, {}).get(title, TitleFigures())
        if now.is_said or before.is_said:
            lines.append((name, code, now, before))
    return lines


def total_line(seen: Titles, title: Title) -> TitleLine:
    """What the children of a title add up to."""
    return _line(_("Together"), "", "", Titles.total(seen.now, title), Titles.total(seen.last_year, title))


def _line(name: str, code: str, of: str, now: TitleFigures, before: TitleFigures) -> TitleLine:
    share, last = now.recognised_share, before.recognised_share
    has_said = now.is_said
    return TitleLine(
        name=name,
        code=code,
        of=of,
        total=format_number(now.total) if has_said else UNKNOWN,
        registered=format_number(now.registered) if has_said else UNKNOWN,
        recognised=format_number(now.recognised) if has_said else UNKNOWN,
        share=percent(share) if share is not None else UNKNOWN,
        before=percent(last) if last is not None else UNKNOWN,
        change=_points(share - last) if share is not None and last is not None else "",
        registered_share=now.registered_share,
        recognised_share=share,
        spoken=f"{name}: {percent(share)}" if share is not None else "",
    )


def _points(difference: Decimal) -> str:
    """ "+3,2 points": shares are compared by subtraction."""
    rounded = round(difference, 1)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else "±"
    return _("%(sign)s%(number)s points") % {"sign": sign, "number": format_number(abs(rounded), 1)}
