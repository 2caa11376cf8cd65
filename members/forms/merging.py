"""What is chosen where two entries of one person are put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from members.forms import VerbForm
from members.forms.choices import MemberChoice
from members.models import Member, Unit


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
