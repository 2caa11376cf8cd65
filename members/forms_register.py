"""What is typed about offices, and chosen where two entries are put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hkh.core.dates import today
from hkh.core.fields import DateVnField
from members.actions import REASONS_TO_END
from members.forms import Choice, UnitChoice, VerbForm
from members.models import Appointment, Member, Position, Unit


class MemberChoice(Choice):
    """A member, found by name below ``unit``."""

    def let_choose_members(self, members: QuerySet[Member], unit: Unit) -> None:
        url = f"{reverse('members:member-search')}?{urlencode({'unit': unit.code})}"
        self.let_choose(members, url, _("Name or card number"))

    def _label(self, value: Any) -> str:
        row = self._find(value)
        return row.full_name if row else ""


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


@dataclass(frozen=True)
class Side:
    """One of two things to choose between; ``value`` goes into the form."""

    value: str
    text: str


@dataclass(frozen=True)
class Compared:
    """One line of two entries side by side. Where both say the same, or one says nothing, ``name`` is empty."""

    label: str
    left: str
    right: str
    name: str = ""
    chosen: str = ""

    @property
    def sides(self) -> tuple[tuple[str, str, bool], ...]:
        """Value, text, and whether it is chosen."""
        return (("kept", self.left, self.chosen != "gone"), ("gone", self.right, self.chosen == "gone"))


class MergeForm(VerbForm):
    """Which of two entries is right, field by field; ``line`` says whose memberships stand where they meet."""

    kept_revision = forms.IntegerField(widget=forms.HiddenInput)
    gone_revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, names: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = names
        for name in (*names, "line"):
            self.fields[name] = forms.ChoiceField(choices=[("kept", ""), ("gone", "")], required=name != "line")

    @property
    def take(self) -> list[str]:
        """The facts that are taken from the entry that goes."""
        return [name for name in self.names if self.cleaned_data[name] == "gone"]


class OtherEntryForm(forms.Form):
    """The second of two entries."""

    other = MemberChoice(
        label=gettext_lazy("The other entry"), error_messages={"required": gettext_lazy("Choose the other entry.")}
    )

    def __init__(self, *args: Any, members: QuerySet[Member], unit: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        other = self.fields["other"]
        assert isinstance(other, MemberChoice)
        other.let_choose_members(members, unit)
