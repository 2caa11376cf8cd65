"""What is typed about a member and the memberships."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hkh.core.dates import today
from hkh.core.fields import DateVnField, DayOrYearField
from members.actions import REASONS_TO_LEAVE
from members.forms import VerbForm
from members.forms.choices import UnitChoice
from members.models import Member, Unit
from members.models.people import Sex
from members.tables import born


class PersonForm(VerbForm):
    """What is written down of a person, in the order of the membership card's form."""

    full_name = forms.CharField(
        label=gettext_lazy("Full name"),
        max_length=120,
        error_messages={"required": gettext_lazy("Write the full name.")},
        widget=forms.TextInput({"autocomplete": "off", "autofocus": True}),
    )
    birth = DayOrYearField(
        label=gettext_lazy("Born"),
        required=False,
        help_text=gettext_lazy("The day (2/9/1958), or the year alone where no more is known (1958)."),
    )
    sex = forms.ChoiceField(label=gettext_lazy("Sex"), choices=Sex.choices, required=False, widget=forms.RadioSelect)
    occupation = forms.CharField(label=gettext_lazy("Occupation"), max_length=120, required=False)
    address = forms.CharField(label=gettext_lazy("Address"), max_length=200, required=False)
    phone = forms.CharField(
        label=gettext_lazy("Telephone"), max_length=20, required=False, widget=forms.TextInput({"inputmode": "tel"})
    )
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    card_number = forms.CharField(label=gettext_lazy("Card number"), max_length=24, required=False)
    note = forms.CharField(
        label=gettext_lazy("Note"), required=False, max_length=2000, widget=forms.Textarea({"rows": 2})
    )

    def clean_phone(self) -> str:
        phone = str(self.cleaned_data["phone"])
        if phone and not re.fullmatch(r"\+?[0-9][0-9 .()-]{6,18}", phone):
            raise ValidationError(_("Write the telephone number in digits, for example 0912 345 678."))
        return phone

    def person(self) -> dict[str, Any]:
        """What the verbs ask for."""
        facts = {name: self.cleaned_data[name] for name in PersonForm.base_fields if name != "birth"}
        birth = self.cleaned_data["birth"]
        facts["birth_date"] = birth if isinstance(birth, date) else None
        facts["birth_year"] = birth if isinstance(birth, int) else None
        return facts

    @staticmethod
    def as_known(member: Member) -> dict[str, Any]:
        """``member`` as the form shows it first."""
        facts = {name: getattr(member, name) for name in PersonForm.base_fields if name != "birth"}
        return {**facts, "birth": member.birth_date or member.birth_year, "revision": member.revision}


class MemberEntry(PersonForm):
    """A new member. ``is_another`` is asked for only where the unit has a member of the same name and birth."""

    unit = UnitChoice(
        label=gettext_lazy("Unit"), error_messages={"required": gettext_lazy("Choose the unit that he or she joins.")}
    )
    joined_on = DateVnField(label=gettext_lazy("Joined on"), allows_future=False)
    is_another = forms.BooleanField(label=gettext_lazy("This is another person: enter all the same"), required=False)
    idempotency_key = forms.UUIDField(widget=forms.HiddenInput)

    field_order = ("unit", "full_name", "birth", "sex", "joined_on", "is_another")

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        assert isinstance(unit, UnitChoice)
        unit.let_choose_units(units, purpose="members")
        self.fields["joined_on"].initial = today
        self.fields["idempotency_key"].initial = uuid4
        if self.data.get(self.add_prefix("is_another")) != "on":
            self.fields["is_another"].widget = forms.HiddenInput()

    def ask_whether_another(self, known: list[Member]) -> None:
        """Refuse for now: the unit has such a member already. The box to tick shows from here on."""
        self.fields["is_another"].widget = forms.CheckboxInput()
        people = "; ".join(f"{member.full_name} ({born(member) or _('birth not stated')})" for member in known)
        self.add_error(
            "is_another",
            _("Already a member there: %(people)s. Tick the box if this is somebody else.") % {"people": people},
        )


class MemberCorrection(PersonForm):
    """A member's facts once more; ``revision`` tells whether somebody else saved them meanwhile."""

    revision = forms.IntegerField(widget=forms.HiddenInput)


class TransferForm(VerbForm):
    to = UnitChoice(label=gettext_lazy("To unit"))
    on = DateVnField(
        label=gettext_lazy("From"),
        allows_future=False,
        help_text=gettext_lazy("The first day in the new unit."),
    )

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        to = self.fields["to"]
        assert isinstance(to, UnitChoice)
        to.let_choose_units(units, purpose="members")
        self.fields["on"].initial = today


class ReadmissionForm(TransferForm):
    """A person who left comes back."""

    on = DateVnField(label=gettext_lazy("Joined on"), allows_future=False)


class LeaveForm(VerbForm):
    reason = forms.ChoiceField(
        label=gettext_lazy("Why"),
        choices=[(reason.value, reason.label) for reason in REASONS_TO_LEAVE],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose why the membership ends.")},
    )
    on = DateVnField(
        label=gettext_lazy("No longer a member from"),
        allows_future=False,
        help_text=gettext_lazy("The first day without membership."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = today
