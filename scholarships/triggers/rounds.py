"""Rules of programmes and rounds, and the proof that approvals keep to budget, quota and fund."""

from __future__ import annotations

import pgtrigger
from django.utils.translation import gettext_lazy as _

from funds.triggers.rules import Rule, never, refuse
from hkh.core.triggers import Rule as RuleTrigger
from scholarships.rollups import owed_rows
from scholarships.triggers.statements import BROKEN, refuse_broken

PROGRAMME_IN_USE = Rule(
    "programme_retired_in_use",
    "true",
    _("Rounds of this programme were opened on or after that day. Choose a later day."),
    "retired_on",
)

PROGRAMME_TRIGGERS = [
    RuleTrigger(
        name="programme_retired",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("retired_on"),
        condition=pgtrigger.AnyChange("retired_on"),
        func=f"""
            IF EXISTS (
                SELECT FROM scholarships_round WHERE programme_id = NEW.id AND opened_on >= NEW.retired_on
            ) THEN {refuse(PROGRAMME_IN_USE)} END IF;
            RETURN NEW;
        """,
    )
]

ROUND_RULES = (
    Rule(
        "round_fund_of_unit",
        "fund.unit_id <> opened.unit_id",
        _("The fund belongs to another unit. Choose a fund of the unit that gives."),
        "fund",
    ),
    Rule(
        "round_fund_open",
        "opened.opened_on < fund.opened_on OR opened.opened_on >= fund.closed_on",
        _("The fund is not open on the day when the round opens. Check the date or choose another fund."),
        "fund",
    ),
    Rule(
        "round_in_unit_life",
        "opened.opened_on < unit.founded_on OR opened.opened_on >= unit.dissolved_on",
        _("The unit does not exist on the day when the round opens. Check the date or choose another unit."),
        "opened_on",
    ),
    Rule(
        "round_programme_retired",
        "opened.opened_on >= programme.retired_on",
        _("This programme takes no new rounds any more. Choose another one."),
        "programme",
    ),
)

_OPENED = """
    JOIN members_unit unit ON unit.id = opened.unit_id
    JOIN funds_fund fund ON fund.id = opened.fund_id
    JOIN scholarships_programme programme ON programme.id = opened.programme_id
"""

ROUND_SETTLED = Rule(
    "round_settled",
    "true",
    _("The round has approved awards: its programme and its fund do not change any more."),
    "fund",
)
ROUND_UNIT_SETTLED = Rule(
    "round_unit_settled",
    "true",
    _("The round has awards: it stays with its unit. Close it and open another one."),
    "unit",
)
ROUND_HOLDS_AWARDS = Rule(
    "round_holds_awards",
    "true",
    _("Awards were approved outside these dates. Choose dates that include them all."),
    "opened_on",
)
BUDGET_HOLDS = Rule(
    "round_budget_holds",
    "true",
    _("More than this budget is approved. Approve fewer awards or raise the budget."),
    "budget_vnd",
)
QUOTA_HOLDS = Rule(
    "round_quota_holds",
    "true",
    _("More awards than this quota are approved. Approve fewer awards or raise the quota."),
    "quota",
)
ROUND_KEPT = Rule("round_kept", "true", _("A round is closed, never deleted."))

ROUND_TRIGGERS = [
    *never(ROUND_KEPT, pgtrigger.Delete, pgtrigger.Truncate),
    RuleTrigger(
        name="round_opened",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_rows"),
        declare=[BROKEN],
        func=f"{refuse_broken(ROUND_RULES, f'FROM new_rows opened {_OPENED}')} RETURN NULL;",
    ),
    # Who retires a programme later, or closes a fund, does not bar the way to a round's other columns.
    RuleTrigger(
        name="round_moved",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        condition=pgtrigger.AnyChange("programme", "unit", "fund", "opened_on"),
        declare=[BROKEN],
        func=f"{refuse_broken(ROUND_RULES, f'FROM (SELECT NEW.*) opened {_OPENED}')} RETURN NULL;",
    ),
    RuleTrigger(
        name="round_changed",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.AnyChange("programme", "unit", "fund", "opened_on", "closed_on", "budget_vnd", "quota"),
        func=f"""
            IF NEW.unit_id <> OLD.unit_id AND EXISTS (SELECT FROM scholarships_award WHERE round_id = NEW.id)
            THEN {refuse(ROUND_UNIT_SETTLED)} END IF;
            IF (NEW.programme_id, NEW.fund_id) <> (OLD.programme_id, OLD.fund_id) AND EXISTS (
                SELECT FROM scholarships_award WHERE round_id = NEW.id AND approved_on IS NOT NULL
            ) THEN {refuse(ROUND_SETTLED)} END IF;
            IF EXISTS (
                SELECT FROM scholarships_award WHERE round_id = NEW.id
                AND (approved_on < NEW.opened_on OR approved_on > NEW.closed_on)
            ) THEN {refuse(ROUND_HOLDS_AWARDS)} END IF;
            IF NEW.budget_vnd < (SELECT sum(approved_vnd) FROM scholarships_roundtally WHERE round_id = NEW.id)
            THEN {refuse(BUDGET_HOLDS)} END IF;
            IF NEW.quota < (SELECT sum(approved_count) FROM scholarships_roundtally WHERE round_id = NEW.id)
            THEN {refuse(QUOTA_HOLDS)} END IF;
            RETURN NEW;
        """,
    ),
]

# The round's row is locked before its tallies are read: of two hands that approve at once, one from each pot,
# the second sees the first.
TALLY_TRIGGERS = [
    RuleTrigger(
        name="round_tally_proved",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update,
        timing=pgtrigger.Deferred,
        declare=[("round", "scholarships_round%ROWTYPE"), ("approved", "record")],
        func=f"""
            SELECT * INTO round FROM scholarships_round WHERE id = NEW.round_id FOR NO KEY UPDATE;
            SELECT sum(approved_count) AS awards, sum(approved_vnd) AS vnd INTO approved
            FROM scholarships_roundtally WHERE round_id = NEW.round_id;
            IF approved.vnd > round.budget_vnd THEN {refuse(BUDGET_HOLDS)} END IF;
            IF approved.awards > round.quota THEN {refuse(QUOTA_HOLDS)} END IF;
            RETURN NULL;
        """,
    )
]

OWED_FOLLOWS = Rule(
    "fund_owed_follows",
    "true",
    _("What a fund owes follows its awards and is never written by hand."),
)

_OWED_BY_AWARDS = owed_rows("""(
    SELECT award.*, 1 AS turn FROM scholarships_award award JOIN scholarships_round own ON own.id = award.round_id
    WHERE own.fund_id = touched.fund_id AND award.pot = touched.pot
)""")

OWED_TRIGGERS = [
    # Depth 0 is a statement from outside, which may say only what the awards say (as a rebuilding does): else a payment
    # would need no award, just this number beside it.
    RuleTrigger(
        name="fund_owed_by_hand",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        timing=pgtrigger.Deferred,
        condition=pgtrigger.Condition("pg_trigger_depth() = 0"),
        func=f"""
            IF EXISTS (
                SELECT FROM (VALUES (NEW.fund_id, NEW.pot), (OLD.fund_id, OLD.pot)) touched(fund_id, pot)
                WHERE coalesce((SELECT made.owed_vnd FROM ({_OWED_BY_AWARDS}) made), 0) <> coalesce((
                    SELECT kept.owed_vnd FROM scholarships_fundowed kept
                    WHERE kept.fund_id = touched.fund_id AND kept.pot = touched.pot
                ), 0)
            ) THEN {refuse(OWED_FOLLOWS)} END IF;
            RETURN NULL;
        """,
    ),
    *never(OWED_FOLLOWS, pgtrigger.Truncate),
    RuleTrigger(
        name="fund_owed_proved",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update,
        timing=pgtrigger.Deferred,
        func="PERFORM scholarships_prove_fund(NEW.fund_id, NEW.pot); RETURN NULL;",
    ),
]
