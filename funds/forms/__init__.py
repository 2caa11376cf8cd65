"""What is typed about money. Forms read and name the fields; the verbs decide."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funds import triggers
from funds.models import Appeal, AppealKind, DonationForm, Donor, DonorKind, Fund, LegalStatus
from hkh.core.dates import today
from hkh.core.fields import DateVnField, VndField
from hkh.core.money import dong
from hkh.core.widgets import Combobox

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
}


class Refusable(forms.BaseForm):
    """A form whose verb may refuse; ``refuse`` puts the sentence where it belongs."""

    def refuse(self, refusal: ValidationError) -> None:
        known = _FIELDS | triggers.fields()
        for error in refusal.error_list if not hasattr(refusal, "error_dict") else []:
            field = known.get(error.code or "", "")
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


class DonorChoice(forms.CharField):
    """A donor by key, or "new:" and the name of one to be entered along with the gift. Cleaned to ``Donor | str``."""

    NEW = "new:"

    def __init__(self, **kwargs: Any) -> None:
        self.donors: QuerySet[Donor] = Donor.unscoped.none()
        super().__init__(**kwargs)

    def let_choose(self, donors: QuerySet[Donor], url: str) -> None:
        """Set whom one may choose, and who answers while typing."""
        self.donors = donors
        self.widget = Combobox(url, self._label, _("Name, telephone or tax code"))
        self.widget.is_required = self.required

    def _label(self, value: Any) -> str:
        if str(value).startswith(self.NEW):
            return str(value).removeprefix(self.NEW)
        donor = self.find(value)
        return donor.name if donor else ""

    def find(self, value: Any) -> Donor | None:
        return self.donors.filter(pk=value).first() if str(value).isdecimal() and len(str(value)) < 19 else None

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text or text.startswith(self.NEW):
            return text
        donor = self.find(text)
        if donor is None:
            raise ValidationError(_("Choose the donor from the list, or add a new one."), code="donor")
        return donor


class FundChoice(forms.ModelChoiceField):
    """A fund with what it holds beside its name; the queryset comes ``with_balances``."""

    def label_from_instance(self, fund: Fund) -> str:
        left = dong(getattr(fund, "money_vnd", 0))
        return _("%(fund)s · %(left)s available") % {"fund": fund.name, "left": left}


class DonationEntry(OnceForm):
    """A gift, in the order of the paper form."""

    #: The server says what is missing, in the summary and at the field, also of fields that are folded away.
    use_required_attribute = False

    received_on = DateVnField(label=gettext_lazy("Date"), allows_future=False)
    donor = DonorChoice(
        label=gettext_lazy("Donor"),
        error_messages={"required": gettext_lazy("Choose who gave, or add a new donor.")},
    )
    new_name = forms.CharField(label=gettext_lazy("Name of the new donor"), max_length=200, required=False)
    new_kind = forms.ChoiceField(label=gettext_lazy("Kind of donor"), required=False)
    new_phone = forms.CharField(label=gettext_lazy("Telephone"), max_length=20, required=False)
    form = forms.ChoiceField(label=gettext_lazy("Form"))
    amount_vnd = VndField(label=gettext_lazy("Amount"), min_value=1, help_text=gettext_lazy("For goods: their value."))
    goods = forms.CharField(
        label=gettext_lazy("Goods"),
        max_length=240,
        required=False,
        help_text=gettext_lazy("What, how many, who valued them."),
    )
    is_pass_through = forms.BooleanField(
        label=gettext_lazy("Handed straight to the recipient"),
        required=False,
        help_text=gettext_lazy("Reported, but never in the books of a fund."),
    )
    fund = FundChoice(Fund.unscoped.none(), label=gettext_lazy("Fund"), required=False, empty_label=None)
    appeal = forms.ModelChoiceField(Appeal.unscoped.none(), label=gettext_lazy("Appeal"), required=False)
    purpose = forms.CharField(label=gettext_lazy("Purpose"), max_length=240, required=False)
    document = forms.CharField(label=gettext_lazy("Document"), max_length=60, required=False)
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2})
    )
    currency = forms.CharField(
        label=gettext_lazy("Currency"), max_length=3, min_length=3, required=False, initial="VND"
    )
    foreign_amount = forms.DecimalField(
        label=gettext_lazy("Amount in that currency"), max_digits=18, decimal_places=2, localize=True, required=False
    )
    exchange_rate = forms.DecimalField(
        label=gettext_lazy("Exchange rate"), max_digits=18, decimal_places=6, localize=True, required=False
    )

    def __init__(
        self,
        *args: Any,
        donors: QuerySet[Donor],
        donors_url: str,
        funds: QuerySet[Fund],
        appeals: QuerySet[Appeal],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        donor = self.fields["donor"]
        assert isinstance(donor, DonorChoice)
        donor.let_choose(donors, donors_url)
        self.fields["fund"].queryset = funds  # type: ignore[attr-defined]
        self.fields["appeal"].queryset = appeals  # type: ignore[attr-defined]
        self.fields["form"].choices = DonationForm.choices  # type: ignore[attr-defined]
        self.fields["new_kind"].choices = DonorKind.choices  # type: ignore[attr-defined]
        self.fields["appeal"].empty_label = _("None")  # type: ignore[attr-defined]
        # A gift that is handed straight on goes into no fund; every other does.
        self.fields["fund"].required = not self["is_pass_through"].value()
        self.fields["fund"].error_messages["required"] = _("Choose the fund that the gift goes into.")
        self.fields["received_on"].initial = today
        self.fields["new_kind"].initial = DonorKind.PERSON

    def chosen_donor(self) -> Donor | None:
        """The donor who stands in the form as it is shown; None for a new one, or for nobody."""
        field = self.fields["donor"]
        assert isinstance(field, DonorChoice)
        return field.find(self["donor"].value())

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"] or "VND").upper()

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if isinstance(said.get("donor"), str) and not said.get("new_name"):
            said["new_name"] = said["donor"].removeprefix(DonorChoice.NEW).strip()
            if not said["new_name"]:
                self.add_error("new_name", _("Write the name of the new donor."))
        if said.get("form") == DonationForm.IN_KIND and not said.get("goods"):
            self.add_error("goods", _("Describe the goods: what, how many, who valued them."))
        if said.get("is_pass_through"):
            said["fund"] = None
        return said

    def gift(self) -> dict[str, Any]:
        """What the verb asks for, but the unit; the donor as a row, or as facts of a new one."""
        said = self.cleaned_data
        donor = said["donor"]
        if not isinstance(donor, Donor):
            donor = {"name": said["new_name"], "kind": said["new_kind"], "phone": said["new_phone"]}
        return {name: said[name] for name in _GIFT} | {"donor": donor}


#: The fields of the form that the verb takes as they are.
_GIFT = (
    "received_on",
    "form",
    "amount_vnd",
    "goods",
    "is_pass_through",
    "fund",
    "appeal",
    "purpose",
    "document",
    "note",
    "currency",
    "foreign_amount",
    "exchange_rate",
)


class DonationCorrection(DonationEntry):
    """The entry once more, with why the first was wrong."""

    reason = forms.CharField(label=gettext_lazy("Why it is corrected"), max_length=240)
    corrected_on = DateVnField(
        label=gettext_lazy("Date of the correction"),
        allows_future=False,
        help_text=gettext_lazy(
            "The day of the first entry puts the figures of that period right. "
            "If that period has been reported already, write today's date."
        ),
    )

    field_order = ("reason", "corrected_on")


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
        fields = ("name", "kind", "phone", "email", "address", "tax_code", "country", "is_anonymous", "note")
        widgets = {"note": forms.Textarea({"rows": 2})}
        help_texts = {"country": gettext_lazy("For donors from abroad.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = DonorKind.choices  # type: ignore[attr-defined]
        if self.instance.pk:
            self.fields["revision"].initial = self.instance.revision

    def _post_clean(self) -> None:
        """The verb and the database judge what was typed, and the instance stays as it is."""


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
        fields = ("name", "kind", "purpose", "area", "partner", "target_vnd", "opens_on", "closes_on")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = AppealKind.choices  # type: ignore[attr-defined]
        if not self.instance.pk:
            self.fields["opens_on"].initial = today

    def _post_clean(self) -> None:
        """The verb and the database judge what was typed, and the instance stays as it is."""
