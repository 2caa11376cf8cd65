"""Each spreadsheet's columns, declared once for both directions. What the verbs guard comes in through the verbs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy
from import_export import fields, resources, widgets

from hkh.core.sheets.columns import SheetField
from members.models import Unit, User
from members.rules import Verb, units_where


class ByKey(widgets.ForeignKeyWidget):
    """A row by a key of its own. Whether it may be used is for the verb to say, which knows the user."""

    def get_queryset(self, value: Any, row: Mapping[str, Any], *args: Any, **kwargs: Any) -> QuerySet[Any]:
        return self.model._default_manager.all()


def by_key(attribute: str, model: type[Any], by: str) -> fields.Field:
    """A column that names a row of ``model`` by its field ``by``."""
    return fields.Field(attribute, attribute, widget=ByKey(model, by))


class ByVerb(resources.ModelResource):
    """Rows that come in through verbs, with the rights of ``user``."""

    def __init__(self, *, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._user = user

    @property
    def user(self) -> User:
        if self._user is None:
            raise PermissionDenied
        return self._user


def number_column(note: Any, **more: Any) -> SheetField:
    """By what number a row is on record: the key of a sheet."""
    return SheetField(
        "id",
        label=gettext_lazy("Number in HKH"),
        kind="int",
        is_key=True,
        synonyms=("Mã HKH", "Số HKH", "ID"),
        note=note,
        width=12,
        **more,
    )


def unit_column(*, note: Any, synonyms: tuple[str, ...], required: bool = True) -> SheetField:
    """The unit of a row, by its code."""
    return SheetField(
        "unit",
        label=gettext_lazy("Unit code"),
        kind="code",
        required=required,
        source="unit__code",
        widget=ByKey(Unit, "code"),
        synonyms=synonyms,
        note=note,
        width=24,
    )


def units_to_choose(user: Any, verb: Verb, **among: Any) -> list[str]:
    """What a drop-down offers of the units where ``user`` may do ``verb``; what stands before the bar counts."""
    units = units_where(user, verb).filter(dissolved_on=None, **among)
    return [f"{code} | {name}" for code, name in units.order_by("title_key", "code").values_list("code", "name")]
