"""The spreadsheets of the administration alone: tiers, places, successions, accounts and their roles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from import_export import fields, resources, widgets

from members.actions import grant_role
from members.models import Grant, Place, PlacePopulation, Succession, Tier, Unit, User
from members.sheets import ByVerb, by_key


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

    parent = by_key("parent", Place, "uid")

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

    place = by_key("place", Place, "uid")

    class Meta:
        model = PlacePopulation
        import_id_fields = ("place", "year")
        fields = ("place", "year", "people", "source")
        skip_unchanged = True


class SuccessionResource(resources.ModelResource):
    """Who carries on for whom, both by code."""

    predecessor = by_key("predecessor", Unit, "code")
    successor = by_key("successor", Unit, "code")

    class Meta:
        model = Succession
        import_id_fields = ("predecessor", "successor")
        fields = ("predecessor", "successor", "effective_on", "kind", "share", "legal_basis")
        skip_unchanged = True


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


class GrantResource(ByVerb):
    """Roles of accounts in units. Known ones stay as they are."""

    account = fields.Field("user", "account", widget=widgets.ForeignKeyWidget(User, "username"))
    unit = by_key("unit", Unit, "code")

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
