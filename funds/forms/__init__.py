"""What is typed about money. Forms read and name the fields; the verbs decide."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funds import triggers
from funds.models import Donor, DonorKind, Fund, LegalStatus
from hkh.core.dates import today
from hkh.core.fields import DateVnField
from hkh.core.keys import key_of
from hkh.core.widgets import Combobox
from members.models import Member

#: Which field the refusal of a rule belongs to, besides those that the triggers name.
_FIELDS = {
    "donation_amount": "amount_vnd",
    "movement_amount": "amount_vnd",
    "account_not_overdrawn": "amount_vnd",
    "donation_currency": "foreign_amount",
    "donation_foreign_adds_up": "amount_vnd",
    "donation_goods_described": "goods",
    "donation_fund_or_pass_through": "fund",
    "donation_void_has_reason": "reason",
    "movement_between_two": "target",
    "voucher_between_two": "target",
    "voucher_amount": "amount_vnd",
    "voucher_refusal_has_reason": "reason",
    "movement_serves_purpose": "source",
    "spending_limit_amount": "alone_up_to_vnd",
    "settled_on": "on",
    "reopening_has_reason": "reason",
    "reopening_ends": "days",
    "closing_over": "period",
    "closing_once": "period",
    "closing_in_turn": "period",
    "fund_restricted_has_purpose": "purpose",
    "fund_dates_in_order": "closed_on",
    "fund_licence_known": "licence_number",
    "appeal_dates_in_order": "closes_on",
    "appeal_target": "target_vnd",
    "funds_appeal_fund_id_key": "fund",
    "appeal_decision_amount": "amount_vnd",
    "appeal_decision_signed": "number",
    "appeal_decision_once": "number",
    "appeal_decision_says_where": "purpose",
    "appeal_decision_used": "reason",
    "donation_pigs": "pigs",
    "goods_line_counts": "goods",
    "donor_ngo_has_country": "country",
    "issue_counts": "quantity",
    "stock_not_negative": "quantity",
}


class Refusable(forms.BaseForm):
    """A form whose verb may refuse; ``refuse`` puts the sentence where it belongs."""

    #: Which field the refusal of a rule belongs to.
    rule_fields = _FIELDS | triggers.fields()

    def refuse(self, refusal: ValidationError) -> None:
        for error in refusal.error_list if not hasattr(refusal, "error_dict") else []:
            field = self.rule_fields.get(error.code or "", "")
            self.add_error(field if field in self.fields else None, error)
        for name, errors in getattr(refusal, "error_dict", {}).items():
            self.add_error(name if name in self.fields else None, errors)


class MoneyForm(Refusable, forms.Form):
    """A plain form of ours."""


class OnceForm(MoneyForm):
    """A form that is saved once, however often it is sent."""

    idempotency_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["idempotency_key"].initial = uuid4


class VoidForm(MoneyForm):
    reason = forms.CharField(label=gettext_lazy("Why it is voided"), max_length=240)
    voided_on = DateVnField(label=gettext_lazy("Date of the void"), allows_future=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["voided_on"].initial = today


class FundForm(Refusable, forms.ModelForm):
    """A fund. Its code stays once it is given; ``revision`` tells whether somebody else saved it meanwhile."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    opened_on = DateVnField(label=gettext_lazy("Opened on"), allows_future=False)
    licence_on = DateVnField(label=gettext_lazy("Licensed on"), allows_future=False, required=False)

    class Meta:
        model = Fund
        fields = (
            "name",
            "code",
            "purpose",
            "is_restricted",
            "legal_status",
            "licence_number",
            "licence_on",
            "licence_by",
            "opened_on",
        )
        help_texts = {
            "code": gettext_lazy("Short and for good: it stands on vouchers and in files."),
            "purpose": gettext_lazy("What the fund may pay for. Needed for a restricted fund."),
            "licence_number": gettext_lazy("Only of a fund that is licensed as a legal person."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["legal_status"].choices = LegalStatus.choices  # type: ignore[attr-defined]
        if self.instance.pk:
            del self.fields["code"]
            self.fields["revision"].initial = self.instance.revision
        else:
            self.fields["opened_on"].initial = today

    def _post_clean(self) -> None:
        """The verb and the database judge what was typed, and the instance stays as it is."""


class CloseFundForm(MoneyForm):
    closed_on = DateVnField(
        label=gettext_lazy("First day it is no more"), help_text=gettext_lazy("Nothing moves from that day on.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["closed_on"].initial = lambda: today() + timedelta(days=1)


class DonorForm(Refusable, forms.ModelForm):
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Donor
        fields = ("name", "kind", "phone", "email", "address", "tax_code", "country", "is_anonymous", "member", "note")
        widgets = {"note": forms.Textarea({"rows": 2})}
        help_texts = {"country": gettext_lazy("For donors from abroad.")}

    def __init__(self, *args: Any, members: QuerySet[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = DonorKind.choices  # type: ignore[attr-defined]
        member: Any = self.fields["member"]
        member.queryset = members
        member.widget = Combobox(reverse_lazy("funds:member-search"), self._member_name, _("Name of the member"))
        member.error_messages["invalid_choice"] = _("Choose the member from the list.")
        if self.instance.pk:
            self.fields["revision"].initial = self.instance.revision

    def _member_name(self, value: Any) -> str:
        key = key_of(value)
        found = self.fields["member"].queryset.filter(pk=key).first() if key else None  # type: ignore[attr-defined]
        return found.full_name if found else ""

    def _post_clean(self) -> None:
        """The verb and the database judge what was typed, and the instance stays as it is."""
