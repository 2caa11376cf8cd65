"""Membership cards: numbers given where there is none, sheets asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from hkh.core import jobs
from hkh.core.acting import act_as
from hkh.core.models import Job
from hkh.core.money import format_number
from hkh.core.violations import refusals
from members.cards import CardState, carriers
from members.models import CardSeries, Member, Membership, Unit, User
from members.rules import Verb, require

#: So many cards a job makes; so many stand in one document, for the memory that a page takes.
MOST_CARDS, CARDS_A_DOCUMENT = 5_000, 500
#: The column holds 24 letters; a hyphen and five figures want six of them.
_LONGEST_PREFIX = 18


def give_card_numbers(*, unit: Unit, by: User) -> int:
    """Numbers for the members of ``unit`` and all below it who have none; how many were given.

    Each unit counts its own: the numbers of one are given in the order of joining and of names, and leave out only
    those that somebody typed by hand. A handful of queries, whatever the number; other hands that give numbers in
    the same units wait. Raises: Http404, PermissionDenied; ValidationError for more than ``MOST_CARDS`` at once.
    """
    require(by, Verb.EDIT_MEMBER, unit)
    with refusals():
        act_as(by)
        waiting = carriers(unit, CardState.WITHOUT)
        series = _locked_series(sorted(set(waiting.order_by().values_list("unit", flat=True)[: MOST_CARDS + 1])))
        rows = _locked_members(waiting.filter(unit__in=series))
        if len(rows) > MOST_CARDS:
            raise ValidationError(_too_many(unit))
        given: list[tuple[int, str]] = []
        by_unit: defaultdict[int, list[int]] = defaultdict(list)
        for member_id, unit_id in rows:
            by_unit[unit_id].append(member_id)
        for unit_id, numbers in _free_numbers({pk: len(ids) for pk, ids in by_unit.items()}, series).items():
            given += zip(by_unit[unit_id], numbers, strict=True)
        _write(given, list(series.values()))
    return len(given)


def ask_for_cards(*, unit: Unit, state: CardState | str, gives_numbers: bool, address: str, key: str, by: User) -> Job:
    """Have sheets of cards made by the worker; the same ``key`` asks once. ``address`` is where this installation is
    reached: it stands on the cards.

    Raises: Http404, PermissionDenied; ValidationError where there is nobody to make a card for, or too many.
    """
    require(by, Verb.EDIT_MEMBER, unit)
    if state not in set(CardState):
        raise ValidationError({"state": _("Choose for whom cards are made.")})
    if state == CardState.WITHOUT and not gives_numbers:
        raise ValidationError({"gives_numbers": _("Whoever has no number gets one with the card. Tick the box.")})
    asked = CardState.WITH if state == CardState.ALL and not gives_numbers else state
    count = carriers(unit, asked).order_by()[: MOST_CARDS + 1].count()
    if not count:
        raise ValidationError(_("No member here is like that: there is no card to make."))
    if count > MOST_CARDS:
        raise ValidationError(_too_many(unit))
    return jobs.enqueue(
        "members.cards",
        by=by,
        key=key,
        title=_("Membership cards of %(unit)s") % {"unit": unit.name},
        unit=unit.code,
        state=str(asked),
        gives_numbers=gives_numbers,
        address=address,
    )


def _too_many(unit: Unit) -> str:
    return _(
        "“%(unit)s” has more than %(most)s such members. Choose a unit below it: so many cards are made at once."
    ) % {
        "unit": unit.name,
        "most": format_number(MOST_CARDS),
    }


def _locked_series(units: Sequence[int]) -> dict[int, CardSeries]:
    """The series of these units (ids), begun where there is none yet, locked in the order of ids. 3 queries."""
    known = set(CardSeries.unscoped.filter(unit__in=units).values_list("unit", flat=True))
    new = Unit.unscoped.filter(pk__in=[pk for pk in units if pk not in known])
    CardSeries.unscoped.bulk_create(
        [CardSeries(unit=unit, prefix=_prefix(unit.code)) for unit in new], ignore_conflicts=True
    )
    rows = CardSeries.unscoped.select_for_update().filter(unit__in=units).order_by("unit")
    return {row.unit_id: row for row in rows}


def _locked_members(waiting: QuerySet[Membership]) -> list[tuple[int, int]]:
    """Who still has no number now that we hold the series: (member, unit), in the order of joining and of names."""
    rows = waiting.select_related("member").order_by("unit", "joined_on", "member__sort_key", "member")
    found = list(rows.values_list("member", "unit")[: MOST_CARDS + 1])
    locked = Member.unscoped.select_for_update(no_key=True).filter(pk__in=[pk for pk, _unit in found], card_number="")
    still = set(locked.order_by("pk").values_list("pk", flat=True))
    return [(pk, unit) for pk, unit in found if pk in still]


def _prefix(code: str) -> str:
    """What the numbers of a unit begin with: its code or, of a long one, its letters and figures from the right."""
    if len(code) <= _LONGEST_PREFIX:
        return code.upper()
    return code.replace("-", "").upper()[-_LONGEST_PREFIX:]


def _free_numbers(wanted: dict[int, int], series: dict[int, CardSeries]) -> dict[int, list[str]]:
    """So many numbers for each unit as are ``wanted``, those left out that a member has already; ``series`` goes on."""
    found: dict[int, list[str]] = {pk: [] for pk in wanted}
    short = dict(wanted)
    while short:
        tried = {}
        for pk, missing in short.items():
            row = series[pk]
            tried[pk] = [
                f"{row.prefix}-{number:04d}" for number in range(row.last_number + 1, row.last_number + missing + 1)
            ]
            row.last_number += missing
        taken = set(
            Member.unscoped.filter(
                card_number__in=[number for numbers in tried.values() for number in numbers]
            ).values_list("card_number", flat=True)
        )
        given = {number for numbers in found.values() for number in numbers}
        for pk, numbers in tried.items():
            free = [number for number in numbers if number not in taken and number not in given]
            given.update(free)
            found[pk] += free
        short = {pk: wanted[pk] - len(numbers) for pk, numbers in found.items() if len(numbers) < wanted[pk]}
    return found


def _write(given: Sequence[tuple[int, str]], series: Sequence[CardSeries]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE members_member member SET card_number = given.number, revision = member.revision + 1
            FROM unnest(%s::bigint[], %s::text[]) AS given(id, number) WHERE member.id = given.id
            """,
            [[pk for pk, _number in given], [number for _pk, number in given]],
        )
    CardSeries.unscoped.bulk_update(series, ["last_number"])
