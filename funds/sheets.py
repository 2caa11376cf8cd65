"""The columns of the sheets of funds and donors, declared once for both directions.

What comes in goes through the verbs, row by row, with the rights of who brings it. Columns bear the fields' own
names, so that a sheet means the same in every language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from import_export import fields, resources, widgets

from funds.actions import add_donor, edit_donor, edit_fund, open_fund
from funds.models import Donor, Fund
from members.models import Unit, User


class UnitByCode(widgets.ForeignKeyWidget):
    """A unit by its code. Whether it may be used is for the verb to say, which knows the user."""

    def __init__(self) -> None:
        super().__init__(Unit, "code")

    def get_queryset(self, value: Any, row: Mapping[str, Any], *args: Any, **kwargs: Any) -> QuerySet[Unit]:
        return Unit.unscoped.all()


class _Sheet(resources.ModelResource):
    """Rows that ``user`` sees; rows coming in are saved by the verbs of the subclass."""

    unit = fields.Field("unit", "unit", widget=UnitByCode())

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


class DonorResource(_Sheet):
    """Donors: one row each; an empty ``id`` adds one."""

    facts = ("kind", "name", "country", "phone", "email", "address", "tax_code", "is_anonymous", "note")

    class Meta:
        model = Donor
        fields = (
            "id",
            "unit",
            "name",
            "kind",
            "phone",
            "email",
            "address",
            "tax_code",
            "country",
            "is_anonymous",
            "note",
        )
        skip_unchanged = True
        report_skipped = True

    def add(self, instance: Donor, facts: dict[str, Any]) -> Donor:
        return add_donor(unit=instance.unit, by=self.user, **facts)

    def edit(self, instance: Donor, facts: dict[str, Any]) -> Donor:
        return edit_donor(donor=instance, revision=instance.revision, by=self.user, **facts)


class FundResource(_Sheet):
    """Funds: one row each; an empty ``id`` opens one. What a fund holds is never typed, so it is no column."""

    facts = (
        "name",
        "purpose",
        "is_restricted",
        "legal_status",
        "licence_number",
        "licence_on",
        "licence_by",
        "opened_on",
    )

    class Meta:
        model = Fund
        fields = (
            "id",
            "unit",
            "code",
            "name",
            "purpose",
            "is_restricted",
            "legal_status",
            "licence_number",
            "licence_on",
            "licence_by",
            "opened_on",
            "closed_on",
        )
        skip_unchanged = True
        report_skipped = True

    def import_field(self, field: fields.Field, instance: Fund, row: Mapping[str, Any], **kwargs: Any) -> None:
        """Closing is a verb of its own: the column only goes out."""
        if field.attribute != "closed_on":
            super().import_field(field, instance, row, **kwargs)

    def add(self, instance: Fund, facts: dict[str, Any]) -> Fund:
        return open_fund(unit=instance.unit, code=instance.code, by=self.user, **facts)

    def edit(self, instance: Fund, facts: dict[str, Any]) -> Fund:
        return edit_fund(fund=instance, revision=instance.revision, by=self.user, **facts)
