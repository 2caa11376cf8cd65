"""Finding units by any name that they or those they carry on for ever had, and saying why one was found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, When
from django.db.models.expressions import RawSQL

from hkh.core.text import search_key
from members.models import Unit, UnitVersion

#: Merged, merged again, split: no line of succession is longer.
MOST_STEPS = 8

#: Ids of the units that carry on, over any number of steps, for one that once bore a name with all of the words.
HEIRS = """
    WITH RECURSIVE heir(unit_id, steps) AS (
        SELECT s.successor_id, 1
        FROM members_unitversion v JOIN members_succession s ON s.predecessor_id = v.unit_id
        WHERE v.search_key LIKE ALL (%s)
        UNION
        SELECT s.successor_id, heir.steps + 1
        FROM heir JOIN members_succession s ON s.predecessor_id = heir.unit_id
        WHERE heir.steps < %s
    )
    SELECT unit_id FROM heir"""

#: Why units were found: names they once had, names of those they carry on for, and who carries on for them.
TRACES = """
    WITH RECURSIVE
    back(unit_id, other_id, steps) AS (
        SELECT successor_id, predecessor_id, 1 FROM members_succession WHERE successor_id = ANY (%(units)s)
        UNION
        SELECT back.unit_id, s.predecessor_id, back.steps + 1
        FROM back JOIN members_succession s ON s.successor_id = back.other_id WHERE back.steps < %(most_steps)s
    ),
    forth(unit_id, other_id, steps) AS (
        SELECT predecessor_id, successor_id, 1 FROM members_succession WHERE predecessor_id = ANY (%(units)s)
        UNION
        SELECT forth.unit_id, s.successor_id, forth.steps + 1
        FROM forth JOIN members_succession s ON s.predecessor_id = forth.other_id WHERE forth.steps < %(most_steps)s
    )
    SELECT 'once' AS what, v.unit_id, v.name, 0 AS other_id, min(v.valid_from)::text AS place
    FROM members_unitversion v JOIN members_unit u ON u.id = v.unit_id
    WHERE v.unit_id = ANY (%(units)s) AND v.search_key LIKE ALL (%(words)s) AND v.name <> u.name
    GROUP BY v.unit_id, v.name
    UNION ALL
    SELECT 'before', back.unit_id, v.name, 0, min(back.steps)::text
    FROM back JOIN members_unitversion v ON v.unit_id = back.other_id
    WHERE v.search_key LIKE ALL (%(words)s)
    GROUP BY back.unit_id, v.name
    UNION ALL
    SELECT 'after', unit_id, '', other_id, max(steps)::text FROM forth GROUP BY unit_id, other_id
    ORDER BY 1, 2, 5, 3"""


@dataclass(frozen=True)
class Trace:
    """Why a unit was found. ``once`` are earlier names of its own, ``before`` names of what it carries on for (both
    only where today's name does not say it); ``after`` who carries on for it, step by step, as far as in sight."""

    once: Sequence[str] = ()
    before: Sequence[str] = ()
    after: Sequence[Sequence[Unit]] = ()


def matching_units(units: QuerySet[Unit], text: str) -> QuerySet[Unit]:
    """``units`` with a code beginning with ``text``, or with each word of it in a name: their own, of today or ever,
    or one of a unit that they carry on for.

    Without diacritics and case. Not run here.
    """
    words = search_key(text).split()
    if not words:
        return units
    return units.filter(Q(code__istartswith=text.strip()) | Exists(_once(words)) | Q(pk__in=_heirs(words)))


def search_units(units: QuerySet[Unit], text: str) -> QuerySet[Unit]:
    """``matching_units``, best first: those whose name begins so; then upper tiers first and, in a tier, those whose
    name of today holds it, whose earlier name did, that carry on for such a one. A commune that is no more is thus
    found before the many branches that still bear its name.

    Dissolved ones stand after those that are there, all else being equal.
    """
    words = search_key(text).split()
    dissolved_last = F("dissolved_on").desc(nulls_first=True)
    if not words:
        return units.order_by(dissolved_last, "tier__rank", "title_key", "pk")
    begins = Case(When(search_key__startswith=" ".join(words), then=0), default=1, output_field=IntegerField())
    how = Case(
        When(_holding(words), then=0), When(Exists(_once(words)), then=1), default=2, output_field=IntegerField()
    )
    return (
        matching_units(units, text)
        .annotate(begins_so=begins, match_rank=how)
        .order_by("begins_so", "tier__rank", "match_rank", dissolved_last, "title_key", "pk")
    )


def ever_named(text: str) -> QuerySet[Any]:
    """Ids of the units with each word of ``text`` in a name of today or ever. A subquery, not run here."""
    return UnitVersion.objects.filter(_holding(search_key(text).split())).order_by().values("unit")


def traces_of(units: Sequence[Unit], text: str, *, seen: QuerySet[Unit]) -> dict[int, Trace]:
    """By id, why each of ``units`` was found by ``text`` and, where it is dissolved, who carries on; those in ``seen``
    alone are told. 2 queries, none for no units."""
    if not units:
        return {}
    words = search_key(text).split()
    asked: dict[str, Any] = {"units": [unit.pk for unit in units], "words": _patterns(words), "most_steps": MOST_STEPS}
    with connection.cursor() as cursor:
        cursor.execute(TRACES, asked)
        rows = cursor.fetchall()
    heirs = {unit.pk: unit for unit in seen.filter(pk__in=[row[3] for row in rows if row[0] == "after"])}
    told: dict[tuple[str, int], list[str]] = defaultdict(list)
    steps: dict[int, dict[str, list[Unit]]] = defaultdict(lambda: defaultdict(list))
    for what, unit_id, name, other_id, place in rows:
        if what != "after":
            told[what, unit_id].append(name)
        elif other_id in heirs:
            steps[unit_id][place].append(heirs[other_id])
    found = {}
    for unit in units:
        says_it = not words or all(word in search_key(unit.name) for word in words)
        once = [] if says_it else told["once", unit.pk]
        before = [] if says_it or once else told["before", unit.pk]
        after = [steps[unit.pk][place] for place in sorted(steps[unit.pk])] if unit.dissolved_on else []
        if once or before or after:
            found[unit.pk] = Trace(once, before, after)
    return found


def _once(words: list[str]) -> QuerySet[UnitVersion]:
    return UnitVersion.objects.filter(_holding(words), unit=OuterRef("pk"))


def _heirs(words: list[str]) -> RawSQL:
    return RawSQL(HEIRS, (_patterns(words), MOST_STEPS))  # noqa: S611  # a constant, the words as parameters


def _patterns(words: list[str]) -> list[str]:
    """What LIKE ALL asks for; without words, nothing at all matches."""
    escaped = (word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") for word in words)
    return [f"%{word}%" for word in escaped] or [""]


def _holding(words: list[str]) -> Q:
    condition = Q()
    for word in words:
        condition &= Q(search_key__contains=word)
    return condition
