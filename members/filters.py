"""What the lists of units and members can be narrowed by. Everything stays in the address."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from hkh.core.dates import today
from hkh.core.fields import DateVnField
from hkh.core.filters import ListFilter
from members.models import Member, Membership, Tier, Unit, UnitKind
from members.models.people import Sex
from members.queries import matching_members, search_units


class UnitFilter(ListFilter):
    tier = forms.ModelChoiceField(Tier.objects.all(), label=_("Tier"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All")), *UnitKind.choices])
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("Standing")), ("dissolved", _("Dissolved")), ("all", _("All"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].label = _("Search by a name of today or of old, or by code")

    def apply(self, units: QuerySet[Unit]) -> QuerySet[Unit]:
        said = self.said()
        units = units.filter(**{name: said[name] for name in ("tier", "kind") if name in said})
        match said.get("state"):
            case "dissolved":
                units = units.exclude(dissolved_on=None)
            case None if "q" not in said:
                units = units.filter(dissolved_on=None)
        return search_units(units, said["q"]) if "q" in said else units


class MemberFilter(ListFilter):
    sex = forms.ChoiceField(
        label=_("Sex"), required=False, choices=[("", _("All")), (Sex.FEMALE, _("Female")), (Sex.MALE, _("Male"))]
    )
    born_from = forms.IntegerField(label=_("Born from (year)"), required=False, min_value=1900, max_value=2100)
    born_to = forms.IntegerField(label=_("Born up to (year)"), required=False, min_value=1900, max_value=2100)
    joined_from = DateVnField(label=_("Joined from"), required=False)
    joined_to = DateVnField(label=_("Joined up to"), required=False)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("Members today")), ("left", _("Left")), ("all", _("All"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].label = _("Search by name or card number")

    def apply(self, members: QuerySet[Member], *, units: QuerySet[Any] | None) -> QuerySet[Member]:
        """``members`` narrowed to what was said and to memberships in ``units`` (ids; None: anywhere)."""
        said = self.said()
        if "sex" in said:
            members = members.filter(sex=said["sex"])
        years = {"born_from": "birth_year__gte", "born_to": "birth_year__lte"}
        members = members.filter(**{path: said[name] for name, path in years.items() if name in said})
        members = members.filter(self._membership(said, units))
        return matching_members(members, said["q"]) if "q" in said else members

    @staticmethod
    def _membership(said: dict[str, Any], units: QuerySet[Any] | None) -> Q:
        rows = Membership.unscoped.filter(member=OuterRef("pk"))
        if units is not None:
            rows = rows.filter(unit__in=units)
        days = {"joined_from": "joined_on__gte", "joined_to": "joined_on__lte"}
        rows = rows.filter(**{path: said[name] for name, path in days.items() if name in said})
        match said.get("state"):
            case None:
                return Q(Exists(rows.filter(Q(left_on=None) | Q(left_on__gt=today()))))
            case "left":
                return Q(Exists(rows)) & ~Q(Exists(rows.filter(Q(left_on=None) | Q(left_on__gt=today()))))
        return Q(Exists(rows))
