"""What is typed about rounds, awards and distributions. Forms read and name the fields; the verbs decide."""

from __future__ import annotations

from funds.forms import Refusable
from scholarships import triggers

#: Which field the refusal of a rule belongs to, besides those that the triggers name.
_FIELDS = {
    "round_school_year": "school_year",
    "round_school_year_is_one": "school_year",
    "round_dates_in_order": "closed_on",
    "round_closed_in_future": "closed_on",
    "round_budget": "budget_vnd",
    "round_quota_above_zero": "quota",
    "award_value": "unit_value_vnd",
    "award_within_reason": "unit_value_vnd",
    "award_named_is_one": "count",
    "distribution_void_before_held": "on",
    "distribution_void_has_reason": "reason",
}


class GivingForm(Refusable):
    """A form whose verb may refuse; ``refuse`` puts the sentence where it belongs."""

    #: The server says what is missing, in the summary and at the field.
    use_required_attribute = False
    rule_fields = _FIELDS | triggers.fields()
