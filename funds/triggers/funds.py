"""Rules of funds: what may still change once money has moved."""

from __future__ import annotations

import pgtrigger
from django.utils.translation import gettext_lazy as _

from funds.triggers.rules import BROKEN, SEES_ALL, Rule, Step, first_broken, in_turn, refuse
from hkh.core.triggers import Rule as RuleTrigger

FUND_RULES = (
    Rule(
        "fund_in_unit_life",
        "opened.opened_on < unit.founded_on OR opened.opened_on >= unit.dissolved_on",
        _("The unit did not exist on the day when the fund is to open. Check the date."),
        "opened_on",
    ),
    Rule(
        "fund_tier_holds_funds",
        "NOT tier.holds_funds",
        _("Units of this tier hold no funds. Choose the unit above."),
        "unit",
    ),
)

_OPENED = """
    FROM new_rows opened
    JOIN members_unit unit ON unit.id = opened.unit_id
    JOIN members_tier tier ON tier.id = unit.tier_id
"""

_SIX_ACCOUNTS = Step("""
    INSERT INTO funds_account (fund_id, kind, pot, balance_vnd)
    SELECT opened.id, kind, pot, 0 FROM new_rows opened,
        unnest('{free,committed,transit}'::text[]) kind, unnest('{cash,goods}'::text[]) pot
    ORDER BY opened.id, array_position('{free,committed,transit}'::text[], kind), pot
""")

FUND_UNIT_SETTLED = Rule(
    "fund_unit_settled", "true", _("A fund stays with its unit. Open a new fund and hand the money over."), "unit"
)
FUND_PURPOSE_SETTLED = Rule(
    "fund_purpose_settled",
    "true",
    _("The donors gave for this purpose: it does not change once money has moved."),
    "purpose",
)
FUND_KEPT_FOR_APPEAL = Rule(
    "fund_kept_for_appeal",
    "true",
    _("This fund is kept for an appeal: it stays restricted to its purpose."),
    "purpose",
)
FUND_EMPTY_TO_CLOSE = Rule(
    "fund_empty_to_close",
    "true",
    _("The fund still holds money or goods. Pass on what is left, then close it."),
    "closed_on",
)
FUND_LIFE_HOLDS_MOVEMENTS = Rule(
    "fund_life_holds_movements",
    "true",
    _("The fund has movements outside these dates. Choose dates that include them all."),
    "closed_on",
)

FUND_TRIGGERS = [
    SEES_ALL,
    RuleTrigger(
        name="fund_opened",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_rows"),
        declare=[BROKEN],
        func=f"{in_turn(first_broken(FUND_RULES, _OPENED), _SIX_ACCOUNTS)} RETURN NULL;",
    ),
    RuleTrigger(
        name="fund_changed",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.AnyChange("unit", "opened_on", "closed_on", "is_restricted", "purpose"),
        # A closed fund that came to nothing (all was taken back) is kept by another unit when its own never was.
        # The accounts are locked as by a movement, so that none is on its way while its fund changes.
        func=f"""
            PERFORM 1 FROM funds_account WHERE fund_id = NEW.id ORDER BY id FOR NO KEY UPDATE;
            IF NEW.unit_id <> OLD.unit_id AND (
                NEW.closed_on IS NULL OR EXISTS (SELECT FROM funds_donation WHERE fund_id = NEW.id)
                OR EXISTS (
                    SELECT FROM funds_movement moved
                    WHERE (moved.source_id IN (SELECT id FROM funds_account WHERE fund_id = NEW.id)
                           OR moved.target_id IN (SELECT id FROM funds_account WHERE fund_id = NEW.id))
                      AND moved.reverses_id IS NULL
                      AND NOT EXISTS (SELECT FROM funds_movement back WHERE back.reverses_id = moved.id)
                )
            ) THEN {refuse(FUND_UNIT_SETTLED)} END IF;
            IF OLD.is_restricted AND (NOT NEW.is_restricted OR NEW.purpose <> OLD.purpose) AND EXISTS (
                SELECT FROM funds_movement WHERE source_id IN (SELECT id FROM funds_account WHERE fund_id = NEW.id)
                OR target_id IN (SELECT id FROM funds_account WHERE fund_id = NEW.id)
            ) THEN {refuse(FUND_PURPOSE_SETTLED)} END IF;
            IF OLD.is_restricted AND (NOT NEW.is_restricted OR NEW.purpose <> OLD.purpose)
               AND EXISTS (SELECT FROM funds_appeal WHERE fund_id = NEW.id)
            THEN {refuse(FUND_KEPT_FOR_APPEAL)} END IF;
            IF NEW.closed_on IS NOT NULL AND EXISTS (
                SELECT FROM funds_account WHERE fund_id = NEW.id AND balance_vnd <> 0
            ) THEN {refuse(FUND_EMPTY_TO_CLOSE)} END IF;
            IF EXISTS (
                SELECT FROM funds_movement moved
                WHERE moved.source_id IN (SELECT id FROM funds_account WHERE fund_id = NEW.id)
                  AND (moved.occurred_on < NEW.opened_on OR moved.occurred_on >=
                       NEW.closed_on + CASE moved.kind WHEN 'handover' THEN 1 ELSE 0 END)
            ) OR EXISTS (
                SELECT FROM funds_movement moved
                WHERE moved.target_id IN (SELECT id FROM funds_account WHERE fund_id = NEW.id)
                  AND (moved.occurred_on < NEW.opened_on OR moved.occurred_on >= NEW.closed_on)
            ) THEN {refuse(FUND_LIFE_HOLDS_MOVEMENTS)} END IF;
            RETURN NEW;
        """,
    ),
]
