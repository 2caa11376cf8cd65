"""The register in the order of names, a page at a time and quickly, whatever the name and whoever asks.

Three ways lead to the first fifty, and no planner can know which is short: how common a part of a name is, whether
its bearers stand together in the order (given names do, families do not) and how many of them are in sight.

- A small scope: all of it is gathered by unit, looked through and sorted.
- Else one walks along the order of names, whose index holds the search key too: a tenth of a microsecond a name, and
  memberships are asked for only where the name fits. "nguyen thi" has its fifty in a millisecond.
- Where the walk finds too few, the least common word decides. Given names that begin so are one stretch of the order;
  whoever has it among the earlier names is one of few, whom an index gathers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.expressions import RawSQL

from hkh.core.listing import PAGE_SIZE, Listing, cursor_of, read_cursor
from members.models import MemberMonth, Membership, Unit, UnitAncestor, User
from members.models.people import EARLIER_NAMES
from members.queries import Asked, matching_members
from members.scope import units_in_scope

#: A scope of at most so many units and memberships is gathered whole.
GATHERED_UNITS, GATHERED_MEMBERSHIPS = 500, 20_000
#: How far one walks at first, and where the beginning promises enough; after how many names that fit one gives up.
WALKED, WALKED_ON, ASKED_FOR = 20_000, 150_000, 6_000
#: Half a million rows are not counted for one line of text.
MOST_COUNTED = 1_000

KEY = ("member__sort_key", "member_id", "pk")
#: Words that so many bear that no index helps to find them; only the time depends on it.
_COMMON = frozenset(("nguyen", "tran", "le", "pham", "thi", "van"))
#: The letters that have forms with a hook, hat or stroke, in the last of these: see migration 0001 of the core.
_LAST_FORM = str.maketrans({"a": "a|", "d": "d{", "e": "e|", "o": "o}", "u": "u}"})


@dataclass(frozen=True)
class _Found:
    """Ids in order; ``total`` where all that fit were seen."""

    ids: list[int]
    total: int | None


def scope_of(unit: Unit, user: User) -> tuple[list[int] | None, int]:
    """Ids of the units in sight below ``unit`` with how many memberships they ever had; None where they are many.

    1 query.
    """
    ever = MemberMonth.objects.filter(unit=OuterRef("unit")).values("unit").annotate(n=Sum("joined")).values("n")
    below = UnitAncestor.objects.filter(ancestor=unit, is_latest=True).order_by()
    if not user.is_superuser:
        below = below.filter(unit__in=units_in_scope(user))
    rows = list(below.annotate(ever=Subquery(ever)).values_list("unit", "ever")[: GATHERED_UNITS + 1])
    if len(rows) > GATHERED_UNITS:
        return None, 0
    return [unit_id for unit_id, _ever in rows], sum(ever or 0 for _unit_id, ever in rows)


def register_page(
    rows: QuerySet[Membership],
    text: str,
    *,
    unit: Unit,
    user: User,
    query: Mapping[str, str],
    descending: bool = False,
    is_narrowed: bool = False,
    size: int = PAGE_SIZE,
) -> Listing[Membership]:
    """The page of ``rows`` that ``?after=&before=`` asks for, in the order of names. 3 queries, 4 after a long walk.

    ``rows`` are memberships in sight, below ``unit`` or wherever; ``is_narrowed`` says that other filters are on.
    ``count`` stops at ``MOST_COUNTED``, or at one page where a common name was walked to.
    """
    asked = Asked.read(text)
    unit_ids, ever = scope_of(unit, user)
    if unit_ids is not None:
        rows = rows.filter(unit__in=unit_ids)
    else:
        rows = rows.filter(unit__in=UnitAncestor.objects.filter(ancestor=unit, is_latest=True).values("unit"))
    backwards = "before" in query and "after" not in query
    key = read_cursor(rows, KEY, query.get("before" if backwards else "after", ""))
    backwards = backwards and key is not None
    search = _Search(
        rows=rows.order_by(),
        asked=asked,
        key=key,
        descending=descending != backwards,
        limit=size + 1,
    )
    is_small = unit_ids is not None and ever <= GATHERED_MEMBERSHIPS
    try:
        if asked.card or is_small:
            found = search.gather()
        else:
            found = search.walk() or (search.gather() if is_narrowed or not asked.words else search.by_place())
    except EmptyResultSet:  # No unit in sight: there is nothing to ask the database.
        found = _Found([], 0)
    return _page(rows, found, size=size, key=key, backwards=backwards, descending=descending, searches=bool(text))


def _page(
    rows: QuerySet[Membership],
    found: _Found,
    *,
    size: int,
    key: list[Any] | None,
    backwards: bool,
    descending: bool,
    searches: bool,
) -> Listing[Membership]:
    is_more, ids = len(found.ids) > size, found.ids[:size]
    by_id = Membership.unscoped.select_related("member", "unit").in_bulk(ids)
    shown = [by_id[pk] for pk in (reversed(ids) if backwards else ids)]
    has_before, has_after = (is_more, True) if backwards else (key is not None, is_more)
    total = found.total
    if total is None and searches:
        count, over = size, is_more or key is not None
        count = count if over else len(shown)
    else:
        counted = total if total is not None else rows.order_by()[: MOST_COUNTED + 1].count()
        count, over = min(counted, MOST_COUNTED), counted > MOST_COUNTED
    return Listing(
        rows=shown,
        before=cursor_of(shown[0], KEY) if shown and has_before else "",
        after=cursor_of(shown[-1], KEY) if shown and has_after else "",
        sort="-name" if descending else "name",
        count=count,
        is_more=over,
    )


@dataclass(frozen=True)
class _Search:
    """One way after the other to the rows that come first after ``key``."""

    rows: QuerySet[Membership]
    asked: Asked
    key: list[Any] | None
    descending: bool
    limit: int

    @property
    def _order(self) -> str:
        return "DESC" if self.descending else "ASC"

    @property
    def _sign(self) -> str:
        return "<" if self.descending else ">"

    def gather(self) -> _Found:
        """All that fit, sorted. 1 query, as long as there are rows in sight."""
        rows = matching_members(self.rows, self.asked, prefix="member__")
        sql, params = _compiled(rows.values_list("pk", "member_id", "member__sort_key"))
        beyond = "true" if self.key is None else f"(sort_key, member_id, id) {self._sign} (%s, %s, %s)"
        statement = f"""
            SELECT id, total FROM (
                SELECT fit.*, count(*) OVER () AS total FROM ({sql}) fit(id, member_id, sort_key)
            ) counted WHERE {beyond} ORDER BY {self._by("sort_key", "member_id", "id")} LIMIT %s"""
        found = _run(statement, [*params, *(self.key or ()), self.limit])
        return _Found([pk for pk, _total in found], found[0][1] if found else 0)

    def walk(self) -> _Found | None:
        """Along the order of names; None where that led too far. 1 query, 2 where the first steps promise enough."""
        found = self._walk(WALKED)
        if 0 < len(found) < self.limit and len(found) * WALKED_ON > 1.3 * self.limit * WALKED:
            found = self._walk(WALKED_ON)
        return _Found(found, None) if len(found) == self.limit else None

    def _walk(self, steps: int) -> list[int]:
        start, start_params = self._start()
        fits, patterns = self._fits()
        statement = self._hits(f"""
            SELECT id, sort_key FROM (
                SELECT id, sort_key, search_key FROM members_member WHERE {start}
                ORDER BY {self._by("sort_key", "id")} LIMIT %s
            ) near WHERE {fits} ORDER BY {self._by("sort_key", "id")} LIMIT %s""")
        found = _run(statement, [*start_params, steps, *patterns, ASKED_FOR, *self._hit_params(), self.limit])
        return [row[2] for row in found]

    def by_place(self) -> _Found:
        """The stretch of given names that begin with the least common word, and whoever bears it before. 1 query."""
        start, start_params = self._start()
        fits, patterns = self._fits()
        word = telling_word(self.asked.words)
        stretch = self._hits(f"""
            SELECT id, sort_key FROM members_member
            WHERE {start} AND {fits} AND sort_key >= %s AND sort_key < %s
            ORDER BY {self._by("sort_key", "id")} OFFSET 0""")
        # Joined with nothing, the key is no longer the index's, along which the planner would else walk for ever.
        earlier = self._hits(f"""
            SELECT id, sort_key FROM members_member WHERE {start} AND {fits} AND {EARLIER_NAMES} LIKE %s
            ORDER BY {self._by("(sort_key || '')", "id")} OFFSET 0""")
        statement = f"""
            SELECT * FROM (({stretch}) UNION ({earlier})) hits
            ORDER BY {self._by("sort_key", "member_id", "id")} LIMIT %s"""
        asked, hit = [*start_params, *patterns], [*self._hit_params(), self.limit]
        ends = [word, word.translate(_LAST_FORM) + "~"]
        found = _run(statement, [*asked, *ends, *hit, *asked, _pattern(word), *hit, self.limit])
        is_whole = self.key is None and len(found) < self.limit
        return _Found([row[2] for row in found], len(found) if is_whole else None)

    def _fits(self) -> tuple[str, list[str]]:
        """Each word begins a word of the name."""
        fits = " AND ".join("' ' || search_key LIKE %s" for _word in self.asked.words) or "true"
        return fits, [_pattern(word) for word in self.asked.words]

    def _hits(self, people: str) -> str:
        """The memberships in sight of ``people``, in their order, asked for one person at a time."""
        sql, _params = self._hit()
        after = "" if self.key is None else f"WHERE NOT (person.id = %s AND NOT hit.id {self._sign} %s)"
        return f"""
            SELECT person.sort_key, person.id AS member_id, hit.id FROM ({people}) person
            CROSS JOIN LATERAL ({sql} OFFSET 0) hit(id) {after} LIMIT %s"""

    def _hit_params(self) -> list[Any]:
        return [*self._hit()[1], *([] if self.key is None else self.key[1:])]

    def _hit(self) -> tuple[str, list[Any]]:
        of_person = self.rows.filter(member_id=RawSQL("person.id", ()))
        return _compiled(of_person.order_by("-pk" if self.descending else "pk").values_list("pk"))

    def _start(self) -> tuple[str, list[Any]]:
        if self.key is None:
            return "true", []
        return f"(sort_key, id) {self._sign}= (%s, %s)", self.key[:2]

    def _by(self, *columns: str) -> str:
        return ", ".join(f"{column} {self._order}" for column in columns)


def telling_word(words: Sequence[str]) -> str:
    """The one that fewest bear: the longest of those that do not begin a common one."""
    return max(words, key=lambda word: (not any(common.startswith(word) for common in _COMMON), len(word)))


def _pattern(word: str) -> str:
    return f"% {connection.ops.prep_for_like_query(word)}%"


def _compiled(rows: QuerySet[Any]) -> tuple[str, list[Any]]:
    sql, params = rows.query.sql_with_params()
    return sql, list(params)


def _run(statement: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()
