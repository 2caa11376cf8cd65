"""Long lists: sorted by a known column, read page by page from a key, counted only as far as is cheap."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import attrgetter, or_
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django_tables2.data import TableListData

from hkh.core.money import format_number

M = TypeVar("M", bound=models.Model)

PAGE_SIZE = 50
#: Counting goes on up to here; beyond it a list says "over 10.000".
MOST_COUNTED = 10_000


class RowsAsSorted(TableListData):
    """Rows for a django-tables2 table that stand in their order already: the table only shows which it is."""

    def order_by(self, aliases: Any) -> None:
        """Leave the rows as the database sorted them."""


@dataclass(frozen=True)
class Listing(Generic[M]):
    """One page of a list. ``before`` and ``after`` go into the address; empty where there is nothing more.

    ``count`` covers the whole list; it stops at ``most_counted`` (``MOST_COUNTED``), and ``is_more`` says so.
    """

    rows: list[M]
    before: str
    after: str
    sort: str
    count: int
    is_more: bool

    @property
    def data(self) -> RowsAsSorted:
        """For ``Table(data=listing.data, order_by=listing.sort)``."""
        return RowsAsSorted(self.rows)

    @property
    def counted(self) -> str:
        """ "1.234", or "over 10.000" where nobody counted on."""
        number = format_number(self.count)
        return _("over %(number)s") % {"number": number} if self.is_more else number


def listing(
    rows: QuerySet[M],
    *,
    sorts: Mapping[str, Sequence[str]],
    default: str,
    query: Mapping[str, str],
    size: int = PAGE_SIZE,
    most_counted: int | None = None,
) -> Listing[M]:
    """The page of ``rows`` that ``?sort=&after=&before=`` asks for. 2 queries.

    ``sorts`` names the columns that may be sorted by and the fields that make each order, annotations among them; the
    last must be unique, none may be null, and those of other tables want ``select_related``. ``default`` is a name of
    ``sorts``, with "-" for descending. What cannot be read in the address counts as not said.
    """
    sort = _asked_sort(sorts, default, query)
    fields = tuple(sorts[sort.removeprefix("-")])
    is_descending = sort.startswith("-")
    backwards = "before" in query and "after" not in query
    key = read_cursor(rows, fields, query.get("before" if backwards else "after", ""))
    backwards = backwards and key is not None

    ordered = rows.order_by(*_signed(fields, descending=is_descending != backwards))
    if key is not None:
        ordered = ordered.filter(_beyond(fields, key, descending=is_descending != backwards))
    found = list(ordered[: size + 1])
    is_more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    has_before, has_after = (is_more, True) if backwards else (key is not None, is_more)
    most_counted = MOST_COUNTED if most_counted is None else most_counted
    count = rows.order_by()[: most_counted + 1].count()
    return Listing(
        rows=found,
        before=cursor_of(found[0], fields) if found and has_before else "",
        after=cursor_of(found[-1], fields) if found and has_after else "",
        sort=sort,
        count=min(count, most_counted),
        is_more=count > most_counted,
    )


def in_order(
    rows: QuerySet[M], *, sorts: Mapping[str, Sequence[str]], default: str, query: Mapping[str, str]
) -> QuerySet[M]:
    """All of ``rows``, in the order in which ``listing`` would show them."""
    sort = _asked_sort(sorts, default, query)
    return rows.order_by(*_signed(sorts[sort.removeprefix("-")], descending=sort.startswith("-")))


def _asked_sort(sorts: Mapping[str, Sequence[str]], default: str, query: Mapping[str, str]) -> str:
    sort = query.get("sort", "")
    return sort if sort.removeprefix("-") in sorts else default


def _signed(fields: Sequence[str], *, descending: bool) -> list[str]:
    return [f"-{field}" if descending else field for field in fields]


def _beyond(fields: Sequence[str], key: Sequence[Any], *, descending: bool) -> Q:
    """The rows that come after ``key``. Said twice for the first field, so that its index is used."""
    step, from_here = ("lt", "lte") if descending else ("gt", "gte")
    ways = [
        Q(**dict(zip(fields[:n], key[:n], strict=True)), **{f"{field}__{step}": key[n]})
        for n, field in enumerate(fields)
    ]
    return Q(**{f"{fields[0]}__{from_here}": key[0]}) & reduce(or_, ways)


def cursor_of(row: models.Model, fields: Sequence[str]) -> str:
    """The key of ``row`` for the address."""
    values = [attrgetter(field.replace("__", "."))(row) for field in fields]
    return base64.urlsafe_b64encode(json.dumps(values, default=str).encode()).decode().rstrip("=")


def read_cursor(rows: QuerySet[M], fields: Sequence[str], cursor: str) -> list[Any] | None:
    """The key that ``cursor_of`` wrote, as the fields have its values; None where none can be read."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        values = json.loads(base64.urlsafe_b64decode(padded.encode()))
        if not isinstance(values, list) or len(values) != len(fields):
            return None
        return [_field(rows, field).to_python(value) for field, value in zip(fields, values, strict=True)]
    except (ValueError, TypeError, binascii.Error, ValidationError):
        return None


def _field(rows: QuerySet[M], path: str) -> models.Field[Any, Any]:
    """What kind of value stands at ``path``: a column that was added, or a field ("donor__title_key")."""
    if path in rows.query.annotations:
        added: models.Field[Any, Any] = rows.query.annotations[path].output_field
        return added
    model: type[models.Model] = rows.model
    *steps, last = path.split("__")
    for step in steps:
        related = model._meta.get_field(step).related_model
        assert isinstance(related, type)
        model = related
    field: Any = model._meta.get_field(model._meta.pk.name if last == "pk" else last)
    if isinstance(field, models.GeneratedField):
        field = field.output_field
    assert isinstance(field, models.Field)
    return field
