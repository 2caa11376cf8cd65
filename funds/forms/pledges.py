"""A pledge with its instalments."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funds.forms import OnceForm
from funds.forms.donations import DonorChoice
from funds.forms.lines import lines_of
from funds.models import MOST_VND, Donor
from hkh.core.dates import today
from hkh.core.fields import DateVnField, VndField


class PledgeForm(OnceForm):
    donor = DonorChoice(label=gettext_lazy("Donor"))
    pledged_on = DateVnField(label=gettext_lazy("Date"), allows_future=False)
    amount_vnd = VndField(label=gettext_lazy("Amount"), min_value=1, max_value=MOST_VND)
    purpose = forms.CharField(label=gettext_lazy("Purpose"), max_length=240, required=False)

    def __init__(self, *args: Any, donors: QuerySet[Donor], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        donor: Any = self.fields["donor"]
        donor.let_choose(donors, reverse_lazy("funds:donor-search"))
        self.fields["pledged_on"].initial = today

    def clean_donor(self) -> Donor:
        donor = self.cleaned_data["donor"]
        if not isinstance(donor, Donor):
            raise ValidationError(_("Choose the donor from the list, or add a new one."), code="donor")
        return donor


class InstalmentForm(forms.Form):
    due_on = DateVnField(label=gettext_lazy("Due on"))
    amount_vnd = VndField(label=gettext_lazy("Amount (đồng)"), min_value=1, max_value=MOST_VND)


InstalmentLines = lines_of(InstalmentForm, prefix="instalments", extra=3, most=60)
