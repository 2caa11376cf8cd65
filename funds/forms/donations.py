"""The form that gifts are recorded and corrected with."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funds.actions.donations import worth
from funds.forms import OnceForm
from funds.forms.lines import Beside
from funds.models import CURRENCIES, MOST_VND, Appeal, DonationForm, Donor, DonorKind, Fund
from hkh.core.dates import today
from hkh.core.fields import DateVnField, ForeignField, VndField
from hkh.core.keys import key_of
from hkh.core.money import dong
from hkh.core.widgets import Combobox


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
        key = key_of(value)
        return self.donors.filter(pk=key).first() if key else None

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
    amount_vnd = VndField(
        label=gettext_lazy("Amount"),
        min_value=1,
        max_value=MOST_VND,
        help_text=gettext_lazy("For goods: their value, or nothing where the lines say it."),
    )
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
    pigs = forms.IntegerField(
        label=gettext_lazy("Piggy banks opened"),
        required=False,
        min_value=1,
        max_value=1_000_000,
        help_text=gettext_lazy("Only in a piggy-bank drive: how many."),
    )
    appeal = forms.ModelChoiceField(Appeal.unscoped.none(), label=gettext_lazy("Appeal"), required=False)
    purpose = forms.CharField(label=gettext_lazy("Purpose"), max_length=240, required=False)
    document = forms.CharField(label=gettext_lazy("Document"), max_length=60, required=False)
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2})
    )
    currency = forms.CharField(label=gettext_lazy("Currency"), max_length=3, required=False, initial="VND")
    foreign_amount = ForeignField(
        label=gettext_lazy("Amount in that currency"),
        min_value=Decimal("0.01"),
        max_digits=18,
        decimal_places=2,
        localize=True,
        required=False,
        error_messages={"min_value": gettext_lazy("Write how much it was in that currency, above zero.")},
    )
    exchange_rate = ForeignField(
        label=gettext_lazy("Exchange rate"),
        min_value=Decimal("0.000001"),
        max_digits=18,
        decimal_places=6,
        localize=True,
        required=False,
        error_messages={"min_value": gettext_lazy("Write how many đồng one of them is worth, above zero.")},
    )

    def __init__(
        self,
        *args: Any,
        donors: QuerySet[Donor],
        donors_url: str,
        funds: QuerySet[Fund],
        appeals: QuerySet[Appeal],
        beside: Beside,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.beside = beside
        donor = self.fields["donor"]
        assert isinstance(donor, DonorChoice)
        donor.let_choose(donors, donors_url)
        self.fields["fund"].queryset = funds  # type: ignore[attr-defined]
        self.fields["appeal"].queryset = appeals  # type: ignore[attr-defined]
        self.fields["form"].choices = DonationForm.choices  # type: ignore[attr-defined]
        self.fields["new_kind"].choices = DonorKind.choices  # type: ignore[attr-defined]
        self.fields["appeal"].empty_label = _("None")  # type: ignore[attr-defined]
        # A gift that is handed straight on goes into no fund, a split one into those of its shares; every other does.
        self.fields["fund"].required = not self["is_pass_through"].value() and not beside.is_split
        # What goods are worth, their lines say.
        self.fields["amount_vnd"].required = not (beside.has_lines and self["form"].value() == DonationForm.IN_KIND)
        self.fields["fund"].error_messages["required"] = _("Choose the fund that the gift goes into.")
        self.fields["received_on"].initial = today
        self.fields["new_kind"].initial = DonorKind.PERSON

    def chosen_donor(self) -> Donor | None:
        """The donor who stands in the form as it is shown; None for a new one, or for nobody."""
        field = self.fields["donor"]
        assert isinstance(field, DonorChoice)
        return field.find(self["donor"].value())

    def clean_currency(self) -> str:
        code = str(self.cleaned_data["currency"] or "VND").upper()
        if code not in CURRENCIES:
            raise ValidationError(
                _("“%(code)s” is not a currency. Write its three letters, for example USD, EUR, JPY or KRW."),
                code="currency",
                params={"code": code},
            )
        return code

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if isinstance(said.get("donor"), str) and not said.get("new_name"):
            said["new_name"] = said["donor"].removeprefix(DonorChoice.NEW).strip()
            if not said["new_name"]:
                self.add_error("new_name", _("Write the name of the new donor."))
        if said.get("currency") == "VND" and (said.get("foreign_amount") or said.get("exchange_rate")):
            self.add_error(
                "currency",
                _("Write which currency it was, for example USD, or leave amount and exchange rate empty."),
            )
        if said.get("form") == DonationForm.IN_KIND:
            self._clean_goods(said)
        if said.get("is_pass_through"):
            said["fund"] = None
        if self.beside.is_split:
            self._clean_shares(said)
        return said

    def _clean_goods(self, said: dict[str, Any]) -> None:
        lines: list[Any] = self.beside.said("lines")
        if self.beside.is_split:
            self.add_error("form", _("Goods for several funds are entered fund by fund, a gift each."))
        if not lines:
            if not said.get("goods") and not self.beside.has_lines:
                self.add_error("goods", _("Describe the goods: what, how many, who valued them."))
            return
        worth_vnd = sum(worth(line) for line in lines)
        if said.get("amount_vnd") is None:
            said["amount_vnd"] = worth_vnd
        elif said["amount_vnd"] != worth_vnd:
            self.add_error(
                "amount_vnd",
                _("The lines of goods come to %(lines)s, not to %(typed)s. Correct a line, or leave the amount empty.")
                % {"lines": dong(worth_vnd), "typed": dong(said["amount_vnd"])},
            )

    def _clean_shares(self, said: dict[str, Any]) -> None:
        said["fund"] = None
        shares = self.beside.said("shares")
        if said.get("is_pass_through"):
            self.add_error("is_pass_through", _("What is handed straight on goes into no fund. Empty the shares."))
        if len(shares) == 1:
            self.add_error(None, _("One share only: choose its fund above, or add a second share."))
        if len({share["fund"] for share in shares}) < len(shares):
            self.add_error(None, _("A fund stands twice among the shares. Put both amounts into one line."))
        shared_vnd, whole_vnd = sum(share["amount_vnd"] for share in shares), said.get("amount_vnd")
        if shares and whole_vnd is not None and shared_vnd != whole_vnd:
            self.add_error(
                "amount_vnd",
                _("The shares come to %(shares)s, the gift is %(gift)s: a difference of %(difference)s.")
                % {
                    "shares": dong(shared_vnd),
                    "gift": dong(whole_vnd),
                    "difference": dong(abs(whole_vnd - shared_vnd)),
                },
            )

    def gift(self) -> dict[str, Any]:
        """What the verb asks for, but the unit; the donor as a row, or as facts of a new one."""
        said = self.cleaned_data
        donor = said["donor"]
        if not isinstance(donor, Donor):
            donor = {"name": said["new_name"], "kind": said["new_kind"], "phone": said["new_phone"]}
        return {name: said[name] for name in _GIFT} | {"donor": donor} | self.beside.gift()


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
    "pigs",
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
