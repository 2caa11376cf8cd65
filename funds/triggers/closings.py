"""Rules of closed periods: what a closing holds, and that it stays."""

from __future__ import annotations

import pgtrigger
from django.utils.translation import gettext_lazy as _

from funds.triggers.rules import SEES_ALL, Rule, never, refuse
from hkh.core.triggers import Rule as RuleTrigger

CLOSING_KEPT = Rule(
    "closing_kept", "true", _("A closing stays for good. Have its period reopened to correct what is in it.")
)
CLOSING_IN_TURN = Rule(
    "closing_in_turn",
    "true",
    _("Periods are closed one after the other. Close the one before first."),
    "period",
)
CLOSING_OVER = Rule("closing_over", "true", _("A period is closed once it is over. Wait for its last day."), "period")
REOPENING_KEPT = Rule(
    "reopening_kept", "true", _("A reopening stays on record. It can only be ended sooner than planned.")
)
REOPENING_BELOW = Rule(
    "reopening_below",
    "true",
    _("A period can be reopened for the unit that closed it, or for a unit below it."),
    "unit",
)

#: What every account of a fund held when a period ended, by the movements ``which``. Parameters: the closing's unit and
#: end; ``which`` narrows the movements. Funds of the units that stood below on the last day, or stood there last.
BALANCES_BEFORE = """
    SELECT fund.id AS fund_id, account.pot,
           coalesce(sum(side.amount_vnd) FILTER (WHERE account.kind = 'free'), 0)::bigint AS free_vnd,
           coalesce(sum(side.amount_vnd) FILTER (WHERE account.kind = 'committed'), 0)::bigint AS committed_vnd,
           coalesce(sum(side.amount_vnd) FILTER (WHERE account.kind = 'transit'), 0)::bigint AS transit_vnd
    FROM funds_fund fund
    JOIN funds_account account ON account.fund_id = fund.id
    JOIN (
        SELECT target_id AS account_id, amount_vnd, occurred_on, id FROM funds_movement
        UNION ALL SELECT source_id, -amount_vnd, occurred_on, id FROM funds_movement
    ) side ON side.account_id = account.id
    WHERE side.occurred_on < {ends_before} AND side.id <= {last_movement_id}
      AND fund.unit_id IN (
        SELECT below.unit_id FROM members_unitancestor below
        WHERE below.ancestor_id = {unit_id} AND below.valid_from < {ends_before}
          AND (below.valid_until IS NULL OR below.valid_until >= {ends_before} OR below.is_latest)
    )
    GROUP BY fund.id, account.pot
    HAVING sum(side.amount_vnd) FILTER (WHERE account.kind = 'free') <> 0
        OR sum(side.amount_vnd) FILTER (WHERE account.kind = 'committed') <> 0
        OR sum(side.amount_vnd) FILTER (WHERE account.kind = 'transit') <> 0
"""


def digest(rows: str) -> str:
    """SQL: the hash of the balances in ``rows``, the same on every server."""
    return f"""
        SELECT encode(sha256(convert_to(coalesce(string_agg(
            concat_ws('|', kept.fund_id, kept.pot, kept.free_vnd, kept.committed_vnd, kept.transit_vnd),
            E'\\n' ORDER BY kept.fund_id, kept.pot COLLATE "C"), ''), 'UTF8')), 'hex')
        FROM {rows} kept
    """


_BEFORE = BALANCES_BEFORE.format(
    ends_before="NEW.ends_before", unit_id="NEW.unit_id", last_movement_id="NEW.last_movement_id"
)

CLOSING_TRIGGERS = [
    SEES_ALL,
    *never(CLOSING_KEPT, pgtrigger.Update, pgtrigger.Delete, pgtrigger.Truncate),
    # Whatever stands in the row, the database itself writes down what the books held. Gifts are locked before
    # movements, the order in which they are written, so that none of a closed period is on its way.
    RuleTrigger(
        name="closing_made",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=f"""
            LOCK TABLE funds_donation, funds_movement IN SHARE ROW EXCLUSIVE MODE;
            IF NEW.ends_before > funds_today() THEN {refuse(CLOSING_OVER)} END IF;
            IF NEW.starts_on IS DISTINCT FROM (SELECT max(ends_before) FROM funds_closing WHERE unit_id = NEW.unit_id)
               OR NEW.ends_before <= NEW.starts_on
            THEN {refuse(CLOSING_IN_TURN)} END IF;
            NEW.last_movement_id = coalesce((SELECT max(id) FROM funds_movement), 0);
            INSERT INTO funds_closingbalance (closing_id, fund_id, pot, free_vnd, committed_vnd, transit_vnd)
            SELECT NEW.id, held.* FROM ({_BEFORE}) held ORDER BY held.fund_id, held.pot;
            NEW.digest = ({digest("(SELECT * FROM funds_closingbalance WHERE closing_id = NEW.id)")});
            RETURN NEW;
        """,
    ),
]

BALANCE_KEPT = Rule("closing_balance_kept", "true", _("What a period was closed with is never changed or added to."))

CLOSING_BALANCE_TRIGGERS = [
    *never(BALANCE_KEPT, pgtrigger.Update, pgtrigger.Delete, pgtrigger.Truncate),
    RuleTrigger(
        name="closing_balance_by_closing",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        # Depth 0 is a statement from outside; the closing's own trigger runs at depth 1.
        condition=pgtrigger.Condition("pg_trigger_depth() = 0"),
        func=refuse(BALANCE_KEPT),
    ),
]

REOPENING_AHEAD = Rule(
    "reopening_ahead",
    "true",
    _("A period is not reopened ahead of time. Reopen it on the day when something is to be entered."),
    "reopened_on",
)

REOPENING_TRIGGERS = [
    *never(REOPENING_KEPT, pgtrigger.Delete, pgtrigger.Truncate),
    RuleTrigger(
        name="reopening_made",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=f"""
            IF NOT EXISTS (
                SELECT FROM members_unitancestor below JOIN funds_closing closing ON closing.id = NEW.closing_id
                WHERE below.ancestor_id = closing.unit_id AND below.unit_id = NEW.unit_id
            ) THEN {refuse(REOPENING_BELOW)} END IF;
            IF NEW.reopened_on > funds_today() THEN {refuse(REOPENING_AHEAD)} END IF;
            RETURN NEW;
        """,
    ),
    RuleTrigger(
        name="reopening_changed",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func=f"""
            IF to_jsonb(NEW) - 'until_on' <> to_jsonb(OLD) - 'until_on' OR NEW.until_on > OLD.until_on
            THEN {refuse(REOPENING_KEPT)} END IF;
            RETURN NEW;
        """,
    ),
]
