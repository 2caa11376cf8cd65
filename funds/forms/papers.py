"""What is typed about papers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from funds.forms import MoneyForm


class PaperVoidForm(MoneyForm):
    """Why a paper is void, and whether another takes its place."""

    reason = forms.CharField(
        label=_("Why"), max_length=240, error_messages={"required": _("Say why the paper is voided.")}
    )
    anew = forms.BooleanField(
        label=_("Issue another in its place"),
        required=False,
        help_text=_("With the next number, saying what the books say today."),
    )

    def __init__(self, *args: Any, may_issue: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_issue:
            del self.fields["anew"]
