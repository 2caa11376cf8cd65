"""What is typed about appeals: the appeal itself, its partners, and decisions about a surplus."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from funds.forms import MoneyForm, OnceForm, Refusable
from funds.forms.lines import lines_of
from funds.forms.vouchers import FundPick
from funds.models import MOST_VND, Appeal, AppealKind, Fund
from hkh.core.dates import today
from hkh.core.fields import DateVnField, VndField


class AppealForm(Refusable, forms.ModelForm):
    opens_on = DateVnField(label=gettext_lazy("Opens on"))
    closes_on = DateVnField(
        label=gettext_lazy("Closes on"),
        required=False,
        help_text=gettext_lazy("First day on which nothing is taken any more. Empty: still open."),
    )
    target_vnd = VndField(label=gettext_lazy("Target"), required=False, min_value=1)

    class Meta:
        model = Appeal
        fields = ("name", "kind", "purpose", "area", "target_vnd", "opens_on", "closes_on", "fund")

    def __init__(self, *args: Any, funds: QuerySet[Fund], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = AppealKind.choices  # type: ignore[attr-defined]
        fund: Any = self.fields["fund"]
        fund.queryset = funds
        fund.empty_label = gettext_lazy("None of its own")
        if not self.instance.pk:
            self.fields["opens_on"].initial = today

    def _post_clean(self) -> None:
        """The verb and the database judge what was typed, and the instance stays as it is."""


class PartnerForm(forms.Form):
    """Who carries the appeal along."""

    name = forms.CharField(label=gettext_lazy("Partner"), max_length=160)
    role = forms.CharField(label=gettext_lazy("What they do"), max_length=160, required=False)


PartnerLines = lines_of(PartnerForm, prefix="partners", extra=2, most=30)


class DecisionForm(OnceForm):
    """So much of what is left of an appeal may go elsewhere."""

    number = forms.CharField(label=gettext_lazy("Number of the decision"), max_length=60)
    decided_on = DateVnField(label=gettext_lazy("Date"), allows_future=False)
    signed_by = forms.CharField(label=gettext_lazy("Signed by"), max_length=120)
    amount_vnd = VndField(label=gettext_lazy("Amount"), min_value=1, max_value=MOST_VND)
    target_fund = FundPick(
        label=gettext_lazy("To fund"),
        search="funds:target-search",
        required=False,
        help_text=gettext_lazy("Empty: the surplus is spent without going through another fund."),
    )
    purpose = forms.CharField(
        label=gettext_lazy("For what"),
        max_length=240,
        required=False,
        help_text=gettext_lazy("Needed where the surplus goes into no other fund."),
    )

    def __init__(self, *args: Any, funds: QuerySet[Fund], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pick: Any = self.fields["target_fund"]
        pick.let_choose(funds)
        pick.widget.is_required = False
        self.fields["decided_on"].initial = today

    def clean_target_fund(self) -> Fund | None:
        return self.cleaned_data["target_fund"] or None


class WithdrawForm(MoneyForm):
    reason = forms.CharField(label=gettext_lazy("Why the decision is withdrawn"), max_length=240)
