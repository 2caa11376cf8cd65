"""Rules of a fund's boards: whoever manages the money does not control it."""

from __future__ import annotations

import pgtrigger
from django.utils.translation import gettext_lazy as _

from funds.triggers.rules import Rule, refuse
from hkh.core.triggers import Rule as RuleTrigger

BOARD_ONE_SEAT = Rule(
    "board_one_seat",
    "true",
    _("Nobody sits twice on the boards of one fund at a time, nor on its council and its control board at once."),
    "name",
)

BOARD_TRIGGERS = [
    RuleTrigger(
        name="board_seated",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        # Two boards edited at one moment wait for each other at their fund.
        func=f"""
            PERFORM 1 FROM funds_fund WHERE id = NEW.fund_id FOR NO KEY UPDATE;
            IF EXISTS (
                SELECT FROM funds_boardmember other
                WHERE other.fund_id = NEW.fund_id AND other.id <> NEW.id
                  AND hkh_search_key(other.name) = hkh_search_key(NEW.name)
                  AND (other.until IS NULL OR other.until > NEW.since)
                  AND (NEW.until IS NULL OR NEW.until > other.since)
            ) THEN {refuse(BOARD_ONE_SEAT)} END IF;
            RETURN NEW;
        """,
    )
]
