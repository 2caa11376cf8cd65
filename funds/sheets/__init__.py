"""The columns of the sheets of money, declared once for both directions.

What comes in through the administration goes through the verbs, row by row, with the rights of who brings it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hkh.core.sheets.columns import SheetField, SheetResource
from members.models import User


def note_column() -> SheetField:
    return SheetField(
        "note",
        label=gettext_lazy("Note"),
        kind="lines",
        synonyms=("Ghi chú", "G.chú", "Catatan", "Remarks"),
        width=30,
    )


class SavedByVerbs(SheetResource):
    """Rows that ``user`` sees; rows coming in are saved by the verbs of the subclass."""

    #: The fields that verbs are told; the unit and the key are told apart.
    facts: tuple[str, ...]

    def __init__(self, *, user: User | None = None, **kwargs: Any) -> None:
        """Without ``user`` (where only the columns are asked for) there are no rows."""
        super().__init__(**kwargs)
        self.reader = user or AnonymousUser()

    def get_queryset(self) -> QuerySet[Any]:
        return self._meta.model.objects.visible_to(self.reader).select_related("unit")

    @property
    def user(self) -> User:
        if not isinstance(self.reader, User):
            raise PermissionDenied
        return self.reader

    def save_instance(self, instance: Any, is_create: bool, row: Mapping[str, Any], **kwargs: Any) -> None:
        facts = {name: getattr(instance, name) for name in self.facts}
        if is_create:
            if row.get("id"):
                raise ValidationError(
                    _("There is no row number %(id)s in your units. Leave the column empty to add a new one.")
                    % {"id": row["id"]}
                )
            instance.pk = self.add(instance, facts).pk
        else:
            self.edit(instance, facts)

    def add(self, instance: Any, facts: dict[str, Any]) -> Any:
        raise NotImplementedError

    def edit(self, instance: Any, facts: dict[str, Any]) -> Any:
        raise NotImplementedError
