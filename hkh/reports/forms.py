from __future__ import annotations

from typing import Any

from django import forms

from hkh.core.fields import DateVnField
from hkh.reports.models import ReportDraft

FRAME = ("number", "place", "day", "parent_body", "on_behalf", "signer_title", "signer", "recipients")
WORDS = ("advice", "learning_society", "emulation", "shortcomings", "directions")


class DraftForm(forms.ModelForm):
    """What people write into a report."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    key = forms.UUIDField(widget=forms.HiddenInput)

    class Meta:
        model = ReportDraft
        fields = (*FRAME, *WORDS)
        field_classes = {"day": DateVnField}
        widgets = {
            "recipients": forms.Textarea(attrs={"rows": 4}),
            **{name: forms.Textarea(attrs={"rows": 3}) for name in WORDS},
        }

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in (*FRAME, *WORDS)}
