"""What is typed about a round."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from funds.forms import OnceForm
from funds.forms.donations import FundChoice
from funds.models import Fund
from hkh.core.dates import today
from hkh.core.fields import DateVnField, VndField
from scholarships.forms import GivingForm
from scholarships.models import (
    MOST_AWARDS,
    Programme,
    Round,
)


class RoundForm(GivingForm, OnceForm):
    """A round. ``revision`` tells whether somebody else saved it meanwhile."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    programme = forms.ModelChoiceField(
        Programme.objects.all(),
        label=gettext_lazy("Programme"),
        error_messages={"required": gettext_lazy("Choose the programme that the round belongs to.")},
    )
    name = forms.CharField(
        label=gettext_lazy("Name of the round"),
        max_length=200,
        error_messages={"required": gettext_lazy("Write how the round is called in lists and on documents.")},
    )
    school_year = forms.CharField(
        label=gettext_lazy("School year"),
        max_length=9,
        error_messages={"required": gettext_lazy("Write the school year, for example 2024-2025.")},
        help_text=gettext_lazy("For example 2024-2025."),
    )
    fund = FundChoice(
        Fund.unscoped.none(),
        label=gettext_lazy("Fund that pays"),
        empty_label=None,
        error_messages={"required": gettext_lazy("Choose the fund that pays for the round.")},
    )
    opened_on = DateVnField(label=pgettext_lazy("a round", "Opens on"))
    budget_vnd = VndField(
        label=gettext_lazy("Budget"),
        required=False,
        min_value=1,
        help_text=gettext_lazy("The most that may be approved. Empty for no limit but the fund."),
    )
    quota = forms.IntegerField(
        label=gettext_lazy("Quota"),
        required=False,
        min_value=1,
        max_value=MOST_AWARDS,
        help_text=gettext_lazy("How many awards at the most. Empty for no limit."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    criteria = forms.CharField(
        label=gettext_lazy("Criteria"),
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("Who may be proposed, and with which papers."),
    )

    field_order = ("programme", "name", "school_year", "fund", "opened_on", "budget_vnd", "quota", "criteria")

    def __init__(
        self, *args: Any, programmes: QuerySet[Programme], funds: QuerySet[Fund], round_: Round | None = None, **kw: Any
    ) -> None:
        if round_ is not None:
            kw["initial"] = {name: getattr(round_, name) for name in (*self.field_order, "revision")}
        super().__init__(*args, **kw)
        self.fields["programme"].queryset = programmes  # type: ignore[attr-defined]
        self.fields["programme"].empty_label = _("Choose a programme")  # type: ignore[attr-defined]
        self.fields["fund"].queryset = funds  # type: ignore[attr-defined]
        if round_ is None:
            self.fields["opened_on"].initial = today

    def facts(self) -> dict[str, Any]:
        """What the verbs ask for."""
        return {name: self.cleaned_data[name] for name in self.field_order}


class CloseRoundForm(GivingForm, forms.Form):
    closed_on = DateVnField(label=pgettext_lazy("a round", "Closed on"), allows_future=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["closed_on"].initial = today
