"""Each spreadsheet's columns, declared once for both directions. What the verbs guard comes in through the verbs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from import_export import fields, resources, widgets

from members.models import Unit, User


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


def code_and_name(units: QuerySet[Unit]) -> list[str]:
    """For drop-downs: what stands before the bar counts."""
    return [f"{code} | {name}" for code, name in units.order_by("title_key", "code").values_list("code", "name")]
