"""The rule that keeps accountant and cashier of a unit two people."""

from __future__ import annotations

from pgtrigger import Insert, Update

from members.triggers.rules import at_the_end

GRANT_TRIGGERS = [
    at_the_end("check_two_hands", Insert | Update, "PERFORM members_check_two_hands(NEW.id);"),
]
