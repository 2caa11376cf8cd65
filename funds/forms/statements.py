"""What is typed about bank accounts, their statements and the lines of these."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funds.actions import Decision
from funds.forms import MoneyForm
from funds.forms.donations import DonorChoice
from funds.models import Appeal, BankAccount, BankLine, Donor, DonorKind, Fund
from funds.statements.files import MESSAGES, SHEETS
from funds.statements.tables import COLUMNS
from funds.suggestions import Suggestion
from hkh.core.dates import format_date
from hkh.core.fields import DateVnField
from hkh.core.text import search_key

#: What the name of a donor says of his kind, without diacritics; a person otherwise.
_KINDS = (
    (DonorKind.ENTERPRISE, r"\b(cong ty|cty|tnhh|co phan|ctcp|doanh nghiep|hop tac xa|htx|ngan hang)\b"),
    (DonorKind.AGENCY, r"\b(ubnd|truong|so|phong|uy ban|hoi|chi cuc|benh vien|kho bac)\b"),
    (DonorKind.CLAN, r"^dong ho\b"),
)


class BankAccountForm(MoneyForm):
    bank = forms.CharField(
        label=gettext_lazy("Bank"), max_length=60, help_text=gettext_lazy("For example Vietcombank, BIDV, Agribank.")
    )
    number = forms.CharField(label=gettext_lazy("Account number"), max_length=40)
    holder = forms.CharField(label=gettext_lazy("Account holder"), max_length=160, required=False)
    fund = forms.ModelChoiceField(
        Fund.unscoped.none(),
        label=gettext_lazy("Fund"),
        help_text=gettext_lazy("Where gifts go that name no other."),
        empty_label=gettext_lazy("Choose a fund"),
    )
    closed_on = DateVnField(label=gettext_lazy("Closed on"), required=False, allows_future=False)

    def __init__(self, *args: Any, funds: QuerySet[Fund], is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fund"].queryset = funds  # type: ignore[attr-defined]
        for name in ("closed_on",) if is_new else ("bank", "number"):
            del self.fields[name]
        if not is_new:
            self.fields["revision"] = forms.IntegerField(widget=forms.HiddenInput)


class HandInForm(MoneyForm):
    """A statement's file, for one of the accounts."""

    account = forms.ModelChoiceField(BankAccount.unscoped.none(), label=gettext_lazy("Account"), empty_label=None)
    file = forms.FileField(
        label=gettext_lazy("The bank's file"),
        help_text=gettext_lazy("As downloaded from the bank: .xlsx, .xls, .csv, MT940 or CAMT.053."),
        widget=forms.FileInput({"accept": ",".join((*SHEETS, *MESSAGES))}),
    )

    def __init__(self, *args: Any, accounts: QuerySet[BankAccount], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = accounts  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if Path(file.name).suffix.lower() not in (*SHEETS, *MESSAGES):
            raise ValidationError(
                _("“%(name)s” is no file of a bank that can be read. Choose .xlsx, .xls, .csv, MT940 or CAMT.053.")
                % {"name": file.name}
            )
        return file


class ColumnsForm(MoneyForm):
    """Which column of a bank's table says what. Choices are the headings in the file."""

    def __init__(self, *args: Any, headings: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [("", _("Not in this file")), *((heading, heading) for heading in headings if heading)]
        for column in COLUMNS:
            self.fields[column.key] = forms.ChoiceField(
                label=str(column.label), choices=offered, required=column.required
            )

    def clean(self) -> dict[str, Any]:
        said = {key: heading for key, heading in self.cleaned_data.items() if heading}
        if not {"credit", "debit", "amount"} & set(said):
            raise ValidationError(_("Say which column holds the amounts: one for what came in, or one with signs."))
        if len(set(said.values())) < len(said):
            raise ValidationError(_("Each column of the file may stand for one thing only."))
        return said


class LineDonor(DonorChoice):
    """A donor of a line; those proposed are known already and cost no query each."""

    known: Mapping[str, Donor] = {}

    def find(self, value: Any) -> Donor | None:
        return self.known.get(str(value)) or super().find(value)


class LineForm(MoneyForm):
    """One open line that came in: whether to confirm it, and as what."""

    take = forms.BooleanField(label=gettext_lazy("Confirm"), required=False)
    donor = LineDonor(label=gettext_lazy("Donor"), required=False)
    fund = forms.ModelChoiceField(Fund.unscoped.none(), label=gettext_lazy("Fund"), empty_label=None, required=False)
    appeal = forms.ModelChoiceField(Appeal.unscoped.none(), label=gettext_lazy("Appeal"), required=False)
    keeps = forms.BooleanField(required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        line: BankLine,
        suggestion: Suggestion,
        donors: QuerySet[Donor],
        donors_url: str,
        funds: list[Fund],
        appeals: list[Appeal],
    ) -> None:
        super().__init__(data, prefix=f"line-{line.pk}", initial=_initial(line, suggestion))
        self.line, self.suggestion = line, suggestion
        self.has_appeals = bool(appeals)
        self._funds = {str(fund.pk): fund for fund in funds}
        self._appeals = {str(appeal.pk): appeal for appeal in appeals}
        donor = self.fields["donor"]
        assert isinstance(donor, LineDonor)
        donor.let_choose(donors, donors_url)
        if suggestion.instalment is None:
            del self.fields["keeps"]
        else:
            self.fields["keeps"].label = _("Counts towards the pledge: instalment due on %(day)s") % {
                "day": format_date(suggestion.instalment.due_on)
            }
        if suggestion.donor is not None:
            donor.known = {str(suggestion.donor.pk): suggestion.donor}
        # Plain choices of rows that are at hand: a query a line would be many.
        self.fields["fund"] = forms.ChoiceField(
            label=_("Fund"), required=False, choices=[(key, fund.name) for key, fund in self._funds.items()]
        )
        self.fields["appeal"] = forms.ChoiceField(
            label=_("Appeal"),
            required=False,
            choices=[("", _("None")), *((key, appeal.name) for key, appeal in self._appeals.items())],
        )

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("take") and self.suggestion.kind in ("gift", "unknown") and not said.get("donor"):
            self.add_error("donor", _("Choose who gave, or add a new donor."))
        return said

    def decision(self) -> Decision:
        """The gift as it was confirmed."""
        said = self.cleaned_data
        donor = said["donor"]
        if not isinstance(donor, Donor):
            name = donor.removeprefix(DonorChoice.NEW).strip()
            donor = {"name": name, "kind": kind_of(name)}
        return Decision(
            line=self.line,
            donor=donor,
            fund=self._funds[said["fund"]],
            appeal=self._appeals.get(said["appeal"]),
            instalment=self.suggestion.instalment if self._is_promised(donor) else None,
        )

    def _is_promised(self, donor: Any) -> bool:
        """Whether the gift shall keep the instalment: ticked, and the donor is still the one who promised."""
        return bool(self.cleaned_data.get("keeps")) and donor == self.suggestion.donor


class AsideForm(MoneyForm):
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=200,
        help_text=gettext_lazy("For example: bank's fee; sent back to the sender; booked by the district."),
    )


def kind_of(name: str) -> DonorKind:
    """What kind of donor goes by ``name``, as far as a name tells."""
    key = search_key(name)
    return next((kind for kind, pattern in _KINDS if re.search(pattern, key)), DonorKind.PERSON)


def _initial(line: BankLine, suggestion: Suggestion) -> dict[str, Any]:
    donor = suggestion.donor.pk if suggestion.donor else f"{DonorChoice.NEW}{line.party}" if line.party else ""
    return {
        "take": suggestion.kind in ("gift", "recorded"),
        "donor": donor,
        "fund": str(suggestion.fund.pk),
        "appeal": str(suggestion.appeal.pk) if suggestion.appeal else "",
        "keeps": suggestion.instalment is not None,
    }
