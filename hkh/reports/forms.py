from __future__ import annotations

from typing import Any

from django import forms

from hkh.core.fields import DateVnField
from hkh.reports.models import ReportDraft

FRAME = ("number", "place", "day", "parent_body", "on_behalf", "signer_title", "signer", "recipients")
WORDS = ("advice", "learning_society", "emulation", "shortcomings", "directions")


class MakeForm(forms.Form):
    """Asks for the documents; ``key`` keeps a double click from asking twice."""

    key = forms.UUIDField(widget=forms.HiddenInput)


class DraftForm(forms.ModelForm):
    """What people write into a report, and the same question."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    class Meta:
        model = ReportDraft
        fields = (*FRAME, *WORDS)
        field_classes = {"day": DateVnField}
        widgets = {
            "recipients": forms.Textarea(attrs={"rows": 4}),
            **{name: forms.Textarea(attrs={"rows": 3}) for name in WORDS},
        }

    def has_new_words(self) -> bool:
        """Whether anything was written; asking for documents alone keeps no draft."""
        return not {"key", "revision"}.issuperset(self.changed_data)

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in (*FRAME, *WORDS)}
