"""The rules of what members were honoured with: in years that have come, and not before the birth.

Both may be broken for a moment, while two entries of one person are put together.
``members_check_recognitions()`` stands in migration 0017.
"""

from __future__ import annotations

from pgtrigger import Condition, Insert, UpdateOf

from members.triggers.rules import at_the_end

RECOGNITION_TRIGGERS = [
    at_the_end(
        "check_recognition",
        Insert | UpdateOf("member_id", "year", "recognised_on"),
        "PERFORM members_check_recognitions(NEW.member_id);",
    )
]

#: A birth that is corrected stays before what the person was honoured with.
BIRTH_TRIGGERS = [
    at_the_end(
        "check_birth",
        UpdateOf("birth_date", "birth_year"),
        "PERFORM members_check_recognitions(NEW.id);",
        condition=Condition(
            "OLD.birth_date IS DISTINCT FROM NEW.birth_date OR OLD.birth_year IS DISTINCT FROM NEW.birth_year"
        ),
    )
]
