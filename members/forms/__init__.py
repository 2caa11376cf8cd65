"""What is typed about the register. Forms read and name the fields; the verbs decide."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError

#: Which field the refusal of a rule belongs to.
_FIELDS = {
    "member_card_once": "card_number",
    "membership_no_overlap": "on",
    "membership_one_at_a_time": "on",
    "membership_within_unit": "on",
    "membership_tier": "unit",
    "parent_exists": "parent",
    "recognition_before_birth": "when",
    "recognition_not_in_future": "when",
    "recognition_once": "kind",
    "recognition_only_other_worded": "wording",
    "recognition_worded": "wording",
    "recognition_year_sane": "when",
    "tier_retired": "tier",
    "tier_under_tier": "parent",
    "tree_no_circle": "parent",
    "unit_has_members": "on",
    "version_needs_parent": "parent",
}
#: The same day or unit bears another name in some forms.
_ALSO = {"on": ("joined_on", "founded_on"), "unit": ("to",), "founded_on": ("on",), "birth_year": ("birth",)}
_ALSO |= {"birth_date": ("birth",), "joined_on": ("birth",), "parent": ("founded_on", "on"), "when": ("birth",)}


def add_refusal(form: forms.BaseForm, refusal: ValidationError) -> None:
    """Put what a verb refused where it belongs in ``form``."""

    def field(name: str) -> str | None:
        return next((known for known in (name, *_ALSO.get(name, ())) if known in form.fields), None)

    if hasattr(refusal, "error_dict"):
        for name, errors in refusal.error_dict.items():
            form.add_error(field(name), errors)
    else:
        for error in refusal.error_list:
            form.add_error(field(_FIELDS.get(error.code or "", "")), error)


class VerbForm(forms.Form):
    """A form whose verb may refuse."""

    def refuse(self, refusal: ValidationError) -> None:
        add_refusal(self, refusal)
