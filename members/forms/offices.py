"""What is typed about offices."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from hkh.core.dates import today
from hkh.core.fields import DateVnField
from members.actions import REASONS_TO_END
from members.forms import VerbForm
from members.forms.choices import MemberChoice, UnitChoice
from members.models import Appointment, Member, Position, Unit


class OfficeFacts(VerbForm):
    """What is written down of an office."""

    position = forms.ChoiceField(label=gettext_lazy("Office"), choices=Position.choices)
    valid_from = DateVnField(label=gettext_lazy("Holds it from"), allows_future=False)
    valid_until = DateVnField(
        label=gettext_lazy("Term over on"),
        required=False,
        help_text=gettext_lazy("The first day after the term; terms are five years mostly. Empty: not limited."),
    )
    decision = forms.CharField(
        label=gettext_lazy("Decision"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("Number of the resolution or decision, for example 12/QĐ-HKH."),
    )


class AppointmentForm(OfficeFacts):
    """A member takes an office: of a unit that is known, or one that is known in a unit."""

    member = MemberChoice(
        label=gettext_lazy("Member"), error_messages={"required": gettext_lazy("Choose who takes the office.")}
    )
    unit = UnitChoice(label=gettext_lazy("Unit"), error_messages={"required": gettext_lazy("Choose the unit.")})
    idempotency_key = forms.UUIDField(widget=forms.HiddenInput)

    field_order = ("unit", "member", "position")

    def __init__(
        self, *args: Any, members: tuple[QuerySet[Member], Unit] | None, units: QuerySet[Unit] | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        member, unit = self.fields["member"], self.fields["unit"]
        assert isinstance(member, MemberChoice)
        assert isinstance(unit, UnitChoice)
        if members is None:
            del self.fields["member"]
        else:
            member.let_choose_members(*members)
        if units is None:
            del self.fields["unit"]
        else:
            unit.let_choose_units(units, purpose="offices")
        self.fields["valid_from"].initial = today
        self.fields["idempotency_key"].initial = uuid4


class OfficeCorrection(OfficeFacts):
    revision = forms.IntegerField(widget=forms.HiddenInput)

    @staticmethod
    def as_known(office: Appointment) -> dict[str, Any]:
        return {name: getattr(office, name) for name in ("revision", *OfficeFacts.base_fields)}


class OfficeEndForm(VerbForm):
    reason = forms.ChoiceField(
        label=gettext_lazy("Why"),
        choices=[(reason.value, reason.label) for reason in REASONS_TO_END],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose why the office ends.")},
    )
    on = DateVnField(
        label=gettext_lazy("No longer in office from"),
        allows_future=False,
        help_text=gettext_lazy("The first day without the office."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = today
