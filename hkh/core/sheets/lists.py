"""The lists that go out as sheets: what each is called, its columns, and how its rows are found again.

    @list_of(MemberResource)
    def members(user: User, query: QueryDict) -> Found: ...

What no statement gives as it stands, but is counted together in Python, is a ``Computed`` list.

The page of the list and its export ask the same function, so that a sheet holds what the list shows. ``query`` is
the page's address: the filters, the order, and the unit by its code. The modules stand in ``settings.LIST_MODULES``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.db import models
from django.http import Http404, QueryDict
from django.utils.functional import Promise

from hkh.core.filters import ListFilter
from hkh.core.listing import Listing, in_order, listing
from hkh.core.sheets.columns import SheetField, SheetResource

F = TypeVar("F", bound=ListFilter)


@dataclass(frozen=True)
class Found(Generic[F]):
    """The rows of a list as narrowed by ``filter``, and the orders that they may stand in; see ``listing``."""

    rows: models.QuerySet[Any]
    filter: F
    sorts: Mapping[str, Sequence[str]]
    default: str

    def page(self, query: Mapping[str, str], **kwargs: Any) -> Listing[Any]:
        """The page of the list that ``query`` asks for. 2 queries."""
        return listing(self.rows, sorts=self.sorts, default=self.default, query=query, **kwargs)

    def ordered(self, query: Mapping[str, str]) -> models.QuerySet[Any]:
        """All rows in the order that ``query`` asks for."""
        return in_order(self.rows, sorts=self.sorts, default=self.default, query=query)

    def count(self, most: int | None = None) -> int:
        """How many rows there are, counted no further than ``most``. 1 query."""
        rows = self.rows.order_by()
        return (rows if most is None else rows[:most]).count()


@dataclass(frozen=True)
class Computed:
    """The lines of a list in their order; each column's ``source`` is the path of an attribute of theirs."""

    lines: Sequence[Any]

    def ordered(self, query: Mapping[str, str]) -> Sequence[Any]:
        """The lines. No query."""
        return self.lines

    def count(self, most: int | None = None) -> int:
        """How many lines there are, ``most`` at the most. No query."""
        return len(self.lines) if most is None else min(len(self.lines), most)


Finder = Callable[[Any, QueryDict], Found[Any] | Computed]


@dataclass(frozen=True)
class SheetList:
    """A list that goes out. ``find`` raises Http404 for what is out of the user's scope, PermissionDenied for what is
    not the user's to see."""

    resource: type[SheetResource]
    find: Finder

    @property
    def slug(self) -> str:
        return self.resource.slug

    @property
    def title(self) -> str | Promise:
        return self.resource.title

    def columns(self) -> list[SheetField]:
        return self.resource.sheet_columns()


_lists: dict[str, SheetList] = {}


def list_of(resource: type[SheetResource]) -> Callable[[Finder], Finder]:
    """Make a function the finder of the list with the columns of ``resource``."""

    def register(find: Finder) -> Finder:
        _lists[resource.slug] = SheetList(resource, find)
        return find

    return register


def list_called(slug: str) -> SheetList:
    """The list with this slug. Raises: Http404."""
    if slug not in _lists:
        for module in settings.LIST_MODULES:
            import_module(module)
    try:
        return _lists[slug]
    except KeyError:
        raise Http404 from None
