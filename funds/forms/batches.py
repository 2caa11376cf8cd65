"""Gifts typed in a batch: the head once, then a line a slip."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funds.forms import OnceForm
from funds.forms.lines import Lines, lines_of
from funds.models import MOST_VND, Appeal, DonationForm, Donor, DonorKind, Fund
from hkh.core.dates import today
from hkh.core.fields import DateVnField, VndField
from hkh.core.keys import keys_of
from hkh.core.text import clean, title_key
from hkh.core.widgets import Combobox

NEW, TYPED = "new:", "text:"


class KnownDonors:
    """The donors that the lines of a batch name, looked up once: by key, or by a name that was typed in full."""

    def __init__(self, donors: QuerySet[Donor], values: Iterable[str], *, url: str) -> None:
        self.url = url
        said = list(values)
        keys = keys_of(said)
        names = [title_key(value.removeprefix(TYPED)) for value in said if value.startswith(TYPED)]
        found = donors.filter(Q(pk__in=keys) | Q(title_key__in=names)) if keys or names else []
        self.by_key: dict[str, Donor] = {}
        self.by_name: dict[str, list[Donor]] = {}
        for donor in found:
            self.by_key[str(donor.pk)] = donor
            self.by_name.setdefault(title_key(donor.name), []).append(donor)

    def label(self, value: Any) -> str:
        donor = self.by_key.get(str(value))
        return donor.name if donor else str(value).removeprefix(NEW).removeprefix(TYPED)

    def find(self, value: str) -> Donor | str:
        """The donor, or the name of one who is not known yet. Raises: ValidationError where it is neither."""
        if value.startswith(NEW):
            return clean(value.removeprefix(NEW))
        if not value.startswith(TYPED):
            if value in self.by_key:
                return self.by_key[value]
            raise ValidationError(_("Choose the donor from the list, or add a new one."), code="donor")
        name = clean(value.removeprefix(TYPED))
        alike = [donor for donor in self.by_name.get(title_key(name), []) if donor.merged_into_id is None]
        if len(alike) > 1:
            raise ValidationError(
                _("%(count)s donors are called “%(name)s”. Choose one from the list."),
                code="donor",
                params={"count": len(alike), "name": name},
            )
        return alike[0] if alike else name


class BatchHead(OnceForm):
    """What all slips of the pile share, and what they come to."""

    use_required_attribute = False

    received_on = DateVnField(label=gettext_lazy("Date"), allows_future=False)
    form = forms.ChoiceField(
        label=gettext_lazy("Form"),
        choices=[(form.value, form.label) for form in (DonationForm.CASH, DonationForm.BANK_TRANSFER)],
    )
    fund = forms.ModelChoiceField(Fund.unscoped.none(), label=gettext_lazy("Fund"), empty_label=None)
    appeal = forms.ModelChoiceField(Appeal.unscoped.none(), label=gettext_lazy("Appeal"), required=False)
    control_count = forms.IntegerField(
        label=gettext_lazy("Number of slips"), min_value=1, max_value=500, help_text=gettext_lazy("As counted by hand.")
    )
    control_vnd = VndField(
        label=gettext_lazy("Sum of the slips"),
        min_value=1,
        max_value=MOST_VND,
        help_text=gettext_lazy("As added up by hand."),
    )

    def __init__(self, *args: Any, funds: QuerySet[Fund], appeals: QuerySet[Appeal], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fund"].queryset = funds  # type: ignore[attr-defined]
        self.fields["appeal"].queryset = appeals  # type: ignore[attr-defined]
        self.fields["appeal"].empty_label = _("None")  # type: ignore[attr-defined]
        self.fields["received_on"].initial = today


class SlipForm(forms.Form):
    """One slip: who gave how much. The fund only where it is not that of the head."""

    donor = forms.CharField(label=gettext_lazy("Donor"))
    amount_vnd = VndField(label=gettext_lazy("Amount (đồng)"), min_value=1, max_value=MOST_VND)
    new_kind = forms.ChoiceField(label=gettext_lazy("Kind, if new"), choices=DonorKind.choices, required=False)
    fund = forms.ChoiceField(label=gettext_lazy("Other fund"), required=False)
    document = forms.CharField(label=gettext_lazy("Document"), max_length=60, required=False)
    purpose = forms.CharField(label=gettext_lazy("Purpose"), max_length=240, required=False)

    def __init__(self, *args: Any, known: KnownDonors, funds: Mapping[str, Fund], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known, self.funds = known, funds
        self.fields["donor"].widget = Combobox(known.url, known.label)
        self.fields["fund"].choices = [  # type: ignore[attr-defined]
            ("", ""),
            *((key, fund.name) for key, fund in funds.items()),
        ]
        self.fields["new_kind"].initial = DonorKind.PERSON

    def has_changed(self) -> bool:
        """A line in which only the kind stands, as it was offered, is an empty one."""
        return bool({*self.changed_data} - {"new_kind"})

    def clean_donor(self) -> Donor | str:
        return self.known.find(self.cleaned_data["donor"])

    def clean_new_kind(self) -> str:
        kind = str(self.cleaned_data["new_kind"] or DonorKind.PERSON)
        if kind == DonorKind.NGO and isinstance(self.cleaned_data.get("donor"), str):
            raise ValidationError(_("Add a foreign organisation with its country first, then choose it here."))
        return kind

    def gift(self, head: Mapping[str, Any]) -> dict[str, Any]:
        """The gift as the verb takes it, with what the head says."""
        said = self.cleaned_data
        donor = said["donor"]
        if isinstance(donor, str):
            donor = {"name": donor, "kind": said["new_kind"]}
        return {
            "donor": donor,
            "amount_vnd": said["amount_vnd"],
            "fund": self.funds[said["fund"]] if said["fund"] else head["fund"],
            "document": said["document"],
            "purpose": said["purpose"],
            **{name: head[name] for name in ("received_on", "form", "appeal")},
        }


SlipLines: type[Lines] = lines_of(SlipForm, prefix="slips", extra=10, most=500)
