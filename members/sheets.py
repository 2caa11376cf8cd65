"""Each spreadsheet's columns, declared once for both directions. What the verbs guard comes in through the verbs.

Columns bear the fields' own names, so that a sheet means the same in every language.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from import_export import fields, resources, widgets

from members.actions import edit_unit, found_unit, grant_role
from members.models import Grant, Place, PlacePopulation, Succession, Tier, Unit, User


class _ByKey(widgets.ForeignKeyWidget):
    """A row by a key of its own. Whether it may be used is for the verb to say, which knows the user."""

    def get_queryset(self, value: Any, row: Mapping[str, Any], *args: Any, **kwargs: Any) -> QuerySet[Any]:
        return self.model._default_manager.all()


def _key(attribute: str, model: type[Any], by: str) -> fields.Field:
    """A column that names a row of ``model`` by its field ``by``."""
    return fields.Field(attribute, attribute, widget=_ByKey(model, by))


class _ByVerb(resources.ModelResource):
    """Rows that come in through verbs, with the rights of ``user``."""

    def __init__(self, *, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._user = user

    @property
    def user(self) -> User:
        if self._user is None:
            raise PermissionDenied
        return self._user


class TierResource(resources.ModelResource):
    """Tiers by code; ``may_stand_under`` holds codes, a comma between."""

    may_stand_under = fields.Field(
        "may_stand_under", "may_stand_under", widget=widgets.ManyToManyWidget(Tier, field="code")
    )

    class Meta:
        model = Tier
        import_id_fields = ("code",)
        fields = (
            "code",
            "rank",
            "name_vi",
            "name_en",
            "name_id",
            "may_stand_under",
            "may_stand_alone",
            "holds_members",
            "holds_funds",
            "owes_returns",
            "retired_on",
        )
        skip_unchanged = True


class PlaceResource(resources.ModelResource):
    """Places by their own key; the State's code is used again after mergers and finds nothing."""

    parent = _key("parent", Place, "uid")

    class Meta:
        model = Place
        import_id_fields = ("uid",)
        fields = (
            "uid",
            "code",
            "name",
            "level",
            "parent",
            "valid_from",
            "valid_until",
            "area_km2",
            "latitude",
            "longitude",
            "source",
        )
        skip_unchanged = True


class PopulationResource(resources.ModelResource):
    """People of a place in a year."""

    place = _key("place", Place, "uid")

    class Meta:
        model = PlacePopulation
        import_id_fields = ("place", "year")
        fields = ("place", "year", "people", "source")
        skip_unchanged = True


class SuccessionResource(resources.ModelResource):
    """Who carries on for whom, both by code."""

    predecessor = _key("predecessor", Unit, "code")
    successor = _key("successor", Unit, "code")

    class Meta:
        model = Succession
        import_id_fields = ("predecessor", "successor")
        fields = ("predecessor", "successor", "effective_on", "kind", "share", "legal_basis")
        skip_unchanged = True


class UnitResource(_ByVerb):
    """Units by code: an unknown code founds one; of a known one kind and place are put right.

    Names, tiers and parents change on a day, so they change on the unit's page, not by sheet.
    """

    tier = _key("tier", Tier, "code")
    parent = _key("parent", Unit, "code")
    place = _key("place", Place, "uid")

    class Meta:
        model = Unit
        import_id_fields = ("code",)
        fields = ("code", "name", "tier", "parent", "kind", "place", "founded_on", "dissolved_on")
        skip_unchanged = True

    def get_queryset(self) -> Any:
        return Unit.unscoped.select_related("tier", "parent", "place").order_by("tier__rank", "code")

    def save_instance(self, instance: Unit, is_create: bool, row: Mapping[str, Any], **kwargs: Any) -> None:
        if is_create:
            made = found_unit(
                name=instance.name,
                code=instance.code,
                tier=instance.tier,
                parent=instance.parent,
                founded_on=instance.founded_on,
                kind=instance.kind,
                place=instance.place,
                by=self.user,
            )
            instance.pk = made.pk
            return
        known = Unit.unscoped.get(pk=instance.pk)
        if (known.name, known.tier_id, known.parent_id) != (instance.name, instance.tier_id, instance.parent_id):
            raise ValidationError(
                _("“%(unit)s” changes its name, tier or place in the tree on a day: use the unit's page for that.")
                % {"unit": known.name}
            )
        edit_unit(
            unit=known,
            revision=known.revision,
            code=instance.code,
            kind=instance.kind,
            place=instance.place,
            by=self.user,
        )


class UserResource(resources.ModelResource):
    """Accounts without their passwords; a new one signs in once an administrator has set one."""

    class Meta:
        model = User
        import_id_fields = ("username",)
        fields = ("username", "full_name", "email", "phone", "is_active")
        skip_unchanged = True

    def before_save_instance(self, instance: User, row: Mapping[str, Any], **kwargs: Any) -> None:
        if instance.is_superuser:
            raise ValidationError(_("Only the keeper of the installation may change this account."))
        if instance.pk is None:
            instance.set_unusable_password()


class GrantResource(_ByVerb):
    """Roles of accounts in units. Known ones stay as they are."""

    account = fields.Field("user", "account", widget=widgets.ForeignKeyWidget(User, "username"))
    unit = _key("unit", Unit, "code")

    class Meta:
        model = Grant
        import_id_fields = ("account", "role", "unit", "valid_from")
        fields = ("account", "role", "unit", "valid_from", "valid_until")
        skip_unchanged = True

    def save_instance(self, instance: Grant, is_create: bool, row: Mapping[str, Any], **kwargs: Any) -> None:
        if is_create:
            made = grant_role(
                user=instance.user,
                role=instance.role,
                unit=instance.unit,
                valid_from=instance.valid_from,
                valid_until=instance.valid_until,
                by=self.user,
            )
            instance.pk = made.pk
