"""What is proposed, and what is decided about the awards ticked in a list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funds.forms import OnceForm
from funds.models import Pot
from hkh.core.dates import today
from hkh.core.fields import DateVnField, VndField
from hkh.core.keys import key_of, keys_of
from hkh.core.widgets import Combobox
from members.models import Unit
from scholarships.actions import Proposal
from scholarships.forms import GivingForm
from scholarships.models import (
    MOST_AWARDS,
    Award,
    AwardKind,
    BeneficiaryGroup,
    RecipientKind,
)

#: Who it is that receives, where the group says it; the others are pupils.
_RECIPIENTS = {
    BeneficiaryGroup.GOOD_TEACHER: RecipientKind.TEACHER,
    BeneficiaryGroup.HARDSHIP_TEACHER: RecipientKind.TEACHER,
    BeneficiaryGroup.SCHOOL: RecipientKind.SCHOOL,
    BeneficiaryGroup.STRICKEN_FAMILY: RecipientKind.FAMILY,
}


class ChosenAwards(GivingForm, forms.Form):
    """The awards ticked in the list, carried to the question and back; cleaned to rows of ``among``."""

    awards = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, among: QuerySet[Award], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.among = among

    def clean_awards(self) -> list[Award]:
        return list(self.among.filter(pk__in=keys_of(self.cleaned_data["awards"].split(","))))


class ApproveForm(ChosenAwards):
    approved_on = DateVnField(label=gettext_lazy("Day of the decision"), allows_future=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["approved_on"].initial = today


class CancelForm(ChosenAwards):
    reason = forms.CharField(label=gettext_lazy("Why"), max_length=240)
    cancelled_on = DateVnField(label=gettext_lazy("Day of the decision"), allows_future=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cancelled_on"].initial = today


class RecipientUnit(forms.CharField):
    """A unit by key, typed by name; cleaned to ``Unit``."""

    def __init__(self, **kwargs: Any) -> None:
        self.units: QuerySet[Unit] = Unit.unscoped.none()
        super().__init__(**kwargs)

    def let_choose(self, units: QuerySet[Unit], url: str) -> None:
        self.units = units
        self.widget = Combobox(url, self._label, _("Name of the unit"))

    def _find(self, value: Any) -> Unit | None:
        key = key_of(value)
        return self.units.filter(pk=key).first() if key else None

    def _label(self, value: Any) -> str:
        unit = self._find(value)
        return unit.name if unit else ""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        unit = self._find(text)
        if unit is None:
            raise ValidationError(_("Choose the unit from the list that opens while you type."), code="unit")
        return unit


class ProposalRow(GivingForm, forms.Form):
    """One line of a proposal: a named recipient, or a lot of so many without names."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=AwardKind.choices)
    beneficiary_group = forms.ChoiceField(label=gettext_lazy("Group"), choices=BeneficiaryGroup.choices)
    unit = RecipientUnit(
        label=gettext_lazy("Receiving unit"),
        error_messages={"required": gettext_lazy("Choose the unit whose pupils, teachers or schools receive.")},
    )
    recipient_name = forms.CharField(
        label=gettext_lazy("Recipient's name"),
        max_length=160,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    school = forms.CharField(label=gettext_lazy("School"), max_length=160, required=False)
    grade = forms.CharField(label=gettext_lazy("Class"), max_length=20, required=False)
    content = forms.CharField(label=gettext_lazy("What is given"), max_length=200, required=False)
    count = forms.IntegerField(
        label=gettext_lazy("Number"),
        min_value=1,
        max_value=MOST_AWARDS,
        error_messages={"required": gettext_lazy("Write how many, or the recipient's name.")},
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "data-count": ""}),
    )
    unit_value_vnd = VndField(label=gettext_lazy("Value of one"), min_value=1)
    pot = forms.ChoiceField(label=gettext_lazy("Paid in"), choices=Pot.choices)

    #: A row in which none of these is typed has not been begun.
    _begun_by = ("recipient_name", "school", "grade", "content", "count", "unit_value_vnd")

    def __init__(self, *args: Any, units: QuerySet[Unit], units_url: str, unit: Unit | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["unit"]
        assert isinstance(field, RecipientUnit)
        field.let_choose(units, units_url)
        field.initial = unit.pk if unit else None
        # A named recipient receives one; that need not be said.
        self.fields["count"].required = not self["recipient_name"].value()

    def has_changed(self) -> bool:
        return any(name in self.changed_data for name in self._begun_by)

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        is_named = bool(said.get("recipient_name"))
        if said.get("count") is None and "count" not in self.errors:
            said["count"] = 1
        is_school = said.get("beneficiary_group") == BeneficiaryGroup.SCHOOL
        if is_named and not is_school and (said.get("count") or 1) > 1:
            self.add_error("count", _("A named recipient receives one; leave the name empty for a lot."))
        return said

    def proposal(self) -> Proposal:
        group = BeneficiaryGroup(self.cleaned_data["beneficiary_group"])
        return Proposal(
            recipient_kind=_RECIPIENTS.get(group, RecipientKind.PUPIL),
            **{name: self.cleaned_data[name] for name in self.base_fields},
        )


class ProposalHead(GivingForm, OnceForm):
    """What all rows of a proposal share: that it is saved once, and what the verb refuses of it as a whole."""


ProposalRows = forms.formset_factory(ProposalRow, extra=1, max_num=100, absolute_max=200, validate_max=True)
