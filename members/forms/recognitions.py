"""What is typed about titles and commendations of a member."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy

from hkh.core.fields import DayOrYearField
from members.forms import VerbForm
from members.models import RecognitionKind


class RecognitionForm(VerbForm):
    """In the order of the paper: what, since when, from whom, by which decision."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Title or commendation"),
        choices=[("", gettext_lazy("Choose …")), *RecognitionKind.choices],
        error_messages={"required": gettext_lazy("Choose a title or commendation from the list.")},
    )
    wording = forms.CharField(
        label=gettext_lazy("What it is called"),
        max_length=160,
        required=False,
        help_text=gettext_lazy("Only where it is another one than those of the list."),
    )
    when = DayOrYearField(
        label=gettext_lazy("Year or day of the recognition"),
        help_text=gettext_lazy("The year (2024), or the day where it is known (2/10/2024)."),
        error_messages={"required": gettext_lazy("Write the year, for example 2024.")},
    )
    given_by = forms.CharField(
        label=gettext_lazy("Given by"),
        max_length=160,
        required=False,
        help_text=gettext_lazy("Who recognised or awarded it, such as the People's Committee of the commune."),
    )
    decision = forms.CharField(
        label=gettext_lazy("Decision"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("Number of the resolution or decision, for example 12/QĐ-HKH."),
    )
    idempotency_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["idempotency_key"].initial = uuid4
