"""What units declare of themselves: how many members they have, how many titles were registered and recognised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from hkh.core.dates import format_date, today
from hkh.core.text import clean
from hkh.core.violations import refusals
from members.models import HeadcountSource, ReportedHeadcount, Title, TitleCount, Unit, User
from members.rules import Verb, require


@dataclass(frozen=True)
class HeadcountLine:
    """The number of one unit. ``members`` None: none is reported (any more). ``revision`` is the one that was on the
    screen, 0 for none."""

    unit: Unit
    members: int | None
    women: int | None = None
    minority: int | None = None
    revision: int = 0


@dataclass(frozen=True)
class TitleLine:
    """One title of a unit and year. ``total`` None: not counted (any more). ``revision`` as with headcounts."""

    title: Title
    total: int | None
    registered: int | None
    recognised: int | None
    revision: int = 0


def declare_headcounts(
    *,
    lines: Sequence[HeadcountLine],
    counted_on: date,
    source: HeadcountSource | str,
    by: User,
    note: str = "",
    idempotency_key: UUID | None = None,
) -> list[ReportedHeadcount]:
    """The numbers that are new or differ from what was reported for ``counted_on``; all of them, or none.

    What stands there already is not written again. With a key, a second submit returns what the first wrote.
    4 queries, 1 a new number, 2 a unit for the rights. Raises: Http404, PermissionDenied; ValidationError, also
    where somebody else reported one of the numbers meanwhile.
    """
    for line in lines:
        require(by, Verb.DECLARE, line.unit)
    if counted_on > today():
        sentence = _("%(day)s has not come yet. Choose today or an earlier day.")
        raise ValidationError({"counted_on": sentence % {"day": format_date(counted_on)}})
    if source not in HeadcountSource.values:
        raise ValidationError({"source": _("Choose where the numbers come from.")})
    units = [line.unit.pk for line in lines]
    with refusals():
        if idempotency_key is not None:
            written = list(ReportedHeadcount.unscoped.filter(idempotency_key=idempotency_key, unit__in=units))
            if written:
                return written
        list(Unit.unscoped.select_for_update(no_key=True).filter(pk__in=units).order_by("pk").values("pk"))
        known = latest_reports(units, counted_on)
        return [
            ReportedHeadcount.unscoped.create(
                unit=line.unit,
                counted_on=counted_on,
                revision=line.revision + 1,
                members=line.members,
                women=line.women if line.members is not None else None,
                minority=line.minority if line.members is not None else None,
                source=source,
                note=clean(note),
                reported_by=by,
                idempotency_key=idempotency_key,
            )
            for line in lines
            if _says_something_new(line, known.get(line.unit.pk))
        ]


def latest_reports(units: Sequence[int], counted_on: date) -> dict[int, ReportedHeadcount]:
    """What counts of the numbers that these units (ids) reported for that very day. One query."""
    rows = ReportedHeadcount.unscoped.filter(unit__in=units, counted_on=counted_on).select_related("reported_by")
    return {row.unit_id: row for row in rows.order_by("revision")}


def _says_something_new(line: HeadcountLine, known: ReportedHeadcount | None) -> bool:
    if known is None:
        return line.members is not None
    if line.members is None:
        return known.members is not None
    return (line.members, line.women, line.minority) != (known.members, known.women, known.minority)


def declare_titles(*, unit: Unit, year: int, lines: Sequence[TitleLine], by: User) -> list[TitleCount]:
    """The titles of ``unit`` in ``year``, those not given left as they were; all of them, or none. What stands now.

    Sent twice it is written once, for what is the same is not written again. Raises: Http404, PermissionDenied;
    ValidationError, also where somebody else entered one of them meanwhile and where a unit above or below speaks
    for the year already.
    """
    require(by, Verb.DECLARE, unit)
    if year > today().year:
        sentence = _("The year %(year)s has not come yet. Choose this year or an earlier one.")
        raise ValidationError({"year": sentence % {"year": year}})
    with refusals():
        list(Unit.unscoped.select_for_update(no_key=True).filter(pk=unit.pk).values("pk"))
        known = {row.title: row for row in TitleCount.unscoped.filter(unit=unit, year=year)}
        for line in lines:
            _declare_title(unit, year, line, known.get(line.title), by)
    return list(TitleCount.unscoped.filter(unit=unit, year=year))


def _declare_title(unit: Unit, year: int, line: TitleLine, known: TitleCount | None, by: User) -> None:
    figures = (line.total, line.registered, line.recognised)
    if figures == ((known.total, known.registered, known.recognised) if known else (None, None, None)):
        return
    if (known.revision if known else 0) != line.revision:
        raise ValidationError(
            _("Somebody else has entered this year's figures meanwhile. Look at them, then enter your change.")
        )
    if known is not None and line.total is None:
        known.delete()
        return
    row = known or TitleCount(unit=unit, year=year, title=line.title, revision=0)
    row.total, row.registered, row.recognised = line.total or 0, line.registered or 0, line.recognised or 0
    row.revision, row.entered_by = row.revision + 1, by
    row.save()
