"""What every list's filter is: a GET form that never refuses."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class ListFilter(forms.Form):
    """A GET form: what makes no sense in it is left out, never an error page."""

    q = forms.CharField(label=_("Search"), required=False, max_length=100)

    def call_search(self, label: Any) -> None:
        """What the search box looks through: read out, and shown while it is empty."""
        self.fields["q"].label = label
        self.fields["q"].widget.attrs["placeholder"] = label

    def said(self) -> dict[str, Any]:
        """What was asked for and can be understood, by field."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "", [])}
