"""What is typed about a unit, when it is founded and when it changes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from hkh.core.dates import today
from hkh.core.fields import DateVnField
from members.forms import VerbForm
from members.forms.choices import PlaceChoice, UnitChoice
from members.models import Tier, Unit, UnitKind


class UnitFacts(VerbForm):
    """What of a unit does not change through time."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=32,
        help_text=gettext_lazy("Short, in letters, digits and hyphens. It stands in addresses and in files."),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=UnitKind.choices)
    place = PlaceChoice(label=gettext_lazy("Place"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = self.fields["place"]
        assert isinstance(place, PlaceChoice)
        place.let_choose_places()


class UnitCorrection(UnitFacts):
    revision = forms.IntegerField(widget=forms.HiddenInput)


class FoundingForm(UnitFacts):
    """A new unit below another."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    tier = forms.ModelChoiceField(Tier.objects.none(), label=gettext_lazy("Tier"), empty_label=None)
    founded_on = DateVnField(label=gettext_lazy("Founded on"), allows_future=False)

    field_order = ("name", "tier", "kind", "founded_on", "code", "place")

    def __init__(self, *args: Any, parent: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tiers = Tier.objects.filter(may_stand_under=parent.tier_id, retired_on=None)
        self.fields["tier"].queryset = tiers  # type: ignore[attr-defined]
        self.fields["founded_on"].initial = today


class RenamingForm(VerbForm):
    name = forms.CharField(label=gettext_lazy("New name"), max_length=200)
    on = DateVnField(label=gettext_lazy("From"), allows_future=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = today


class MoveForm(VerbForm):
    """Another unit to stand under. ``tier`` is left empty where it stays."""

    parent = UnitChoice(label=gettext_lazy("Stands under"))
    tier = forms.ModelChoiceField(
        Tier.objects.filter(retired_on=None),
        label=gettext_lazy("Tier"),
        required=False,
        empty_label=gettext_lazy("As before"),
    )
    on = DateVnField(label=gettext_lazy("From"), allows_future=False)

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parent = self.fields["parent"]
        assert isinstance(parent, UnitChoice)
        parent.let_choose_units(units, purpose="parents")
        self.fields["on"].initial = today


class DissolutionForm(VerbForm):
    on = DateVnField(
        label=gettext_lazy("No longer there from"),
        allows_future=False,
        help_text=gettext_lazy("The first day without the unit. What it did stays in all figures of its time."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = today
