"""The plan of a decision: all that carrying it out does, and what stands in the way. Preview and commit share it.

A unit goes by its ``ref``: its id, or minus the id of the change that founds it. Amounts are đồng.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from functools import cached_property
from typing import Any, get_args, get_type_hints

from django.core.serializers.json import DjangoJSONEncoder

Ref = int


@dataclass(frozen=True)
class Fault:
    """Why the decision cannot be carried out, as a sentence; ``change_id`` where one change is to blame."""

    sentence: str
    code: str
    change_id: int | None = None


@dataclass(frozen=True)
class Opened:
    """A unit that is founded. Its ``ref`` is negative."""

    ref: Ref
    change_id: int
    code: str
    name: str
    kind: str
    tier_id: int
    parent_ref: Ref
    parent_name: str
    place_id: int | None
    members: int = 0


@dataclass(frozen=True)
class Heir:
    """Who carries on for a closed unit, with which share (a decimal as text, "1" for the whole)."""

    ref: Ref
    code: str
    name: str
    share: str


@dataclass(frozen=True)
class Closed:
    """A unit that is no more. ``members`` counts all below it, ``moving`` its own children that go elsewhere."""

    unit_id: int
    version_id: int
    code: str
    name: str
    tier_id: int
    parent_id: int | None
    kind: str
    heirs: tuple[Heir, ...]
    moving: int = 0
    members: int = 0


@dataclass(frozen=True)
class Moved:
    """A unit that goes on with another name, tier or place in the tree. ``follows``: along with its closed parent."""

    unit_id: int
    version_id: int
    same_day: bool
    code: str
    old_name: str
    name: str
    old_tier_id: int
    tier_id: int
    old_parent_id: int | None
    old_parent: str
    parent_ref: Ref | None
    parent: str
    follows: bool
    members: int = 0

    @property
    def is_move(self) -> bool:
        return self.old_parent_id != self.parent_ref


@dataclass(frozen=True)
class People:
    """The members held by a closed unit itself, who go to ``ref``. ``digest`` stands for which ones."""

    unit_id: int
    unit: str
    ref: Ref
    to: str
    count: int
    digest: str


@dataclass(frozen=True)
class NewFund:
    """A fund that is opened for a unit that takes up what was another's."""

    code: str
    name: str
    unit_ref: Ref
    unit: str
    purpose: str
    is_restricted: bool


@dataclass(frozen=True)
class OldFund:
    """A fund that is closed, with what it hands over."""

    fund_id: int
    code: str
    name: str
    unit_id: int
    unit: str
    cash_vnd: int
    goods_vnd: int


@dataclass(frozen=True)
class Handover:
    """What one fund passes to another. ``to_fund_id`` is None where that is opened by the same decision."""

    fund_id: int
    fund: str
    to_ref: Ref
    to_unit: str
    to_fund_id: int | None
    to_fund_code: str
    to_fund: str
    cash_vnd: int
    goods_vnd: int


@dataclass(frozen=True)
class Officer:
    """Who holds what in a closed unit: a role, an office, a seat on the board of a fund. It ends with the unit.

    ``source`` is its table; one that had not begun by then is removed.
    """

    source: str
    row_id: int
    person: str
    role: str
    unit_id: int
    unit: str
    since: date
    is_removed: bool


@dataclass(frozen=True)
class Ending:
    """Something open in a closed unit that ends with it or goes on in the unit that carries on (``ref``)."""

    what: str
    row_id: int
    name: str
    unit_id: int
    unit: str
    ref: Ref | None
    to: str
    target_vnd: int | None = None


@dataclass(frozen=True)
class Carried:
    """Rows that go along to the unit that carries on: donors' cards, proposals. ``what`` names the kind."""

    what: str
    unit_id: int
    unit: str
    ref: Ref
    to: str
    count: int


@dataclass(frozen=True)
class Plan:
    """What a decision does. ``basis`` stands for what all this rests on, ``tree_basis`` for the tree alone."""

    decision_id: int
    effective_on: date
    opened: tuple[Opened, ...] = ()
    closed: tuple[Closed, ...] = ()
    moved: tuple[Moved, ...] = ()
    people: tuple[People, ...] = ()
    new_funds: tuple[NewFund, ...] = ()
    old_funds: tuple[OldFund, ...] = ()
    handovers: tuple[Handover, ...] = ()
    officers: tuple[Officer, ...] = ()
    rounds: tuple[Ending, ...] = ()
    appeals: tuple[Ending, ...] = ()
    carried: tuple[Carried, ...] = ()
    notes: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def members_moving(self) -> int:
        """Members who stand elsewhere in the tree afterwards, with their branch or from one unit to another."""
        return sum(unit.members for unit in self.moved if unit.is_move) + sum(group.count for group in self.people)

    @property
    def handed_over_vnd(self) -> int:
        return sum(part.cash_vnd + part.goods_vnd for part in self.handovers)

    @cached_property
    def basis(self) -> str:
        """64 letters that are others as soon as anything that would be done is another."""
        return _digest(
            self._tree(),
            [[group.unit_id, group.ref, group.digest] for group in self.people],
            _plain((self.new_funds, self.old_funds, self.handovers)),
            [[officer.source, officer.row_id] for officer in self.officers],
            [[ending.what, ending.row_id, ending.ref] for ending in (*self.rounds, *self.appeals)],
        )

    @property
    def tree_basis(self) -> str:
        """As ``basis``, of the tree alone: what a decision rests on that waits for its day while work goes on."""
        return _digest(self._tree())

    def _tree(self) -> list[Any]:
        counted = ("members", "moving")
        rows = _plain((*self.opened, *self.closed, *self.moved))
        return [str(self.effective_on), [{k: v for k, v in row.items() if k not in counted} for row in rows]]


def _digest(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, cls=DjangoJSONEncoder, sort_keys=True).encode()).hexdigest()


def as_json(plan: Plan) -> dict[str, Any]:
    """``plan`` as it is kept with the decision that was carried out."""
    kept = {field.name: _plain(getattr(plan, field.name)) for field in fields(plan)}
    return json.loads(json.dumps(kept, cls=DjangoJSONEncoder))


def _plain(value: Any) -> Any:
    """Rows as dictionaries, tuples as lists; a tenth of what ``asdict`` takes for thousands of rows."""
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if is_dataclass(value):
        return {name: _plain(fact) if type(fact) is tuple else fact for name, fact in vars(value).items()}
    return value


def from_json(kept: dict[str, Any]) -> Plan:
    """The plan that ``as_json`` kept; what it did not know yet is as by default."""
    return _made(Plan, kept)


def _made(cls: type[Any], kept: dict[str, Any]) -> Any:
    hints = get_type_hints(cls)
    return cls(**{f.name: _value(hints[f.name], kept[f.name]) for f in fields(cls) if f.name in kept})


def _value(hint: Any, kept: Any) -> Any:
    if hint is date:
        return date.fromisoformat(kept)
    args = get_args(hint)
    if args and isinstance(kept, Iterable) and not isinstance(kept, str) and is_dataclass(args[0]):
        row = args[0]
        assert isinstance(row, type)
        return tuple(_made(row, one) for one in kept)
    return tuple(kept) if isinstance(kept, list) else kept
