"""What a plan rests on, read in sets: the open tree, its tiers, who stands in it. The number of queries is fixed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from hkh.core.money import format_number
from members.models import CLOSING, Change, ChangeKind, Decision, Tier

Ref = int

#: How many names a sentence lists before it only counts.
NAMED = 5


class Node(NamedTuple):
    """A unit as its open version tells."""

    version_id: int
    code: str
    kind: str
    name: str
    tier_id: int
    parent_id: int | None
    valid_from: date


@dataclass
class Tree:
    """The units that stand without an end, and what the decision makes of them (filled in by ``planning``)."""

    nodes: dict[int, Node]
    children: dict[int, list[int]]
    tiers: dict[int, Tier]
    may_stand_under: dict[int, set[int]]
    #: The tree afterwards: names, tiers and parents that change; who carries on for a closed unit, largest first.
    names: dict[Ref, str] = field(default_factory=dict)
    tier_of: dict[Ref, int] = field(default_factory=dict)
    parent_of: dict[Ref, Ref | None] = field(default_factory=dict)
    heirs: dict[int, list[Ref]] = field(default_factory=dict)

    def name(self, ref: Ref | None) -> str:
        """The name that ``ref`` bears afterwards."""
        if ref is None:
            return ""
        return self.names.get(ref) or (self.nodes[ref].name if ref in self.nodes else "")

    def tier(self, ref: Ref) -> Tier | None:
        tier_id = self.tier_of.get(ref) or (self.nodes[ref].tier_id if ref in self.nodes else None)
        return self.tiers.get(tier_id) if tier_id else None

    def parent(self, ref: Ref) -> Ref | None:
        """Whom ``ref`` stands under afterwards; a closed unit under who carries on for it."""
        if ref in self.heirs:
            return next(iter(self.heirs[ref]), None)
        if ref in self.parent_of:
            return self.parent_of[ref]
        return self.nodes[ref].parent_id if ref in self.nodes else None

    def way_up(self, ref: Ref) -> Iterator[Ref]:
        """``ref`` and all above it afterwards; ends where the way comes back to itself."""
        seen: set[Ref] = set()
        at: Ref | None = ref
        while at is not None and at not in seen:
            seen.add(at)
            yield at
            at = self.parent(at)

    def stood_below(self, unit_id: int, top_id: int) -> bool:
        """Whether ``unit_id`` is ``top_id`` or stands below it now."""
        at: int | None = unit_id
        for _step in range(len(self.nodes) + 1):
            if at is None or at == top_id:
                break
            at = self.nodes[at].parent_id if at in self.nodes else None
        return at == top_id

    def below(self, unit_id: int) -> Iterator[int]:
        """``unit_id`` and all below it now."""
        stack = [unit_id]
        while stack:
            one = stack.pop()
            yield one
            stack.extend(self.children.get(one, ()))


def read_tree() -> Tree:
    """The open tree with its tiers. 3 queries."""
    nodes: dict[int, Node] = {}
    children: dict[int, list[int]] = defaultdict(list)
    for unit_id, *facts in rows(
        """
        SELECT version.unit_id, version.id, unit.code, unit.kind, version.name, version.tier_id, version.parent_id,
               version.valid_from
        FROM members_unitversion version JOIN members_unit unit ON unit.id = version.unit_id
        WHERE version.valid_until IS NULL ORDER BY unit.title_key, unit.code
        """
    ):
        node = Node(*facts)
        nodes[unit_id] = node
        if node.parent_id is not None:
            children[node.parent_id].append(unit_id)
    allowed: dict[int, set[int]] = defaultdict(set)
    for below, above in rows("SELECT from_tier_id, to_tier_id FROM members_tier_may_stand_under"):
        allowed[below].add(above)
    return Tree(nodes, children, {tier.pk: tier for tier in Tier.objects.all()}, allowed)


def members_on(unit_ids: Collection[int], day: date) -> dict[int, int]:
    """How many members each of the units holds itself, who were so before ``day`` and still are. 1 query."""
    return dict(
        rows(
            """
            SELECT unit_id, count(*) FROM members_membership
            WHERE unit_id = ANY (%s) AND joined_on < %s AND (left_on IS NULL OR left_on > %s) GROUP BY unit_id
            """,
            [list(unit_ids), day, day],
        )
    )


def changes_of(decision: Decision) -> list[Change]:
    """The changes in their order, with the units that they name. 1 query."""
    return list(decision.changes.select_related("unit", "target", "parent").order_by("position"))


def target_ref(change: Change) -> Ref:
    """Who carries on, by ``change``."""
    return change.target_id if change.target_id is not None else -(change.target_change_id or 0)


def parent_ref(change: Change) -> Ref:
    return change.parent_id if change.parent_id is not None else -(change.parent_change_id or 0)


def closing(changes: Iterable[Change]) -> dict[int, list[Change]]:
    """The changes that close a unit, by its id."""
    found: dict[int, list[Change]] = defaultdict(list)
    for change in changes:
        if ChangeKind(change.kind) in CLOSING and change.unit_id is not None:
            found[change.unit_id].append(change)
    return found


def rows(sql: str, params: Any = None) -> list[tuple[Any, ...]]:
    """What a statement answers."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else []


def listed(names: list[str]) -> str:
    """The first few names, and how many more there are."""
    shown, more = ", ".join(names[:NAMED]), len(names) - NAMED
    return _("%(names)s and %(more)s more") % {"names": shown, "more": format_number(more)} if more > 0 else shown
