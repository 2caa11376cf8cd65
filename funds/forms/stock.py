"""Lots of goods, issued and taken back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funds.forms import OnceForm
from hkh.core.dates import today
from hkh.core.fields import DateVnField, QuantityField
from hkh.core.widgets import Combobox
from members.models import Unit


class IssueForm(OnceForm):
    """A lot to a unit; ``is_return`` turns it round."""

    issued_on = DateVnField(label=gettext_lazy("Date"), allows_future=False)
    unit_code = forms.CharField(label=gettext_lazy("Unit that holds the lot"))
    quantity = QuantityField(label=gettext_lazy("Quantity"))
    is_return = forms.BooleanField(
        label=gettext_lazy("Taken back into the store"),
        required=False,
        help_text=gettext_lazy("What the unit did not hand out comes back."),
    )
    document = forms.CharField(label=gettext_lazy("Document"), max_length=60, required=False)
    note = forms.CharField(label=gettext_lazy("Note"), max_length=240, required=False)

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units = units
        self.fields["issued_on"].initial = today
        self.fields["unit_code"].widget = Combobox(
            reverse_lazy("members:unit-search"), self._label, _("Name of the unit")
        )
        self.fields["unit_code"].widget.is_required = True

    def _label(self, value: Any) -> str:
        unit = self.units.filter(code=value).first() if value else None
        return unit.name if unit else ""

    def clean_unit_code(self) -> Unit:
        unit = self.units.filter(code=self.cleaned_data["unit_code"]).first()
        if unit is None:
            raise ValidationError(_("Choose the unit from the list."), code="unit")
        return unit
