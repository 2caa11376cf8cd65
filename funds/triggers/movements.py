"""Rules of the ledger: what may move where and when, and the balances that follow."""

from __future__ import annotations

import pgtrigger
from django.utils.translation import gettext_lazy as _

from funds.rollups import FILL_FUND_MONTH
from funds.triggers.appeals import decided_by
from funds.triggers.bank import OPEN_LINES_OF_REVERSED
from funds.triggers.rules import BROKEN, PERIOD_CLOSED, SEES_ALL, Rule, Step, first_broken, in_turn, never, refuse
from funds.triggers.stock import FOLLOW_GOODS
from funds.triggers.vouchers import TRANSIT_TRIGGER, VOUCHER_TRIGGER
from hkh.core.triggers import Rule as RuleTrigger

APPEND_ONLY = Rule(
    "movement_append_only",
    "true",
    _("What stands in the books is never changed or deleted. Reverse the movement and enter it again."),
)

#: Money or goods that leave what their donors gave them for.
_LEAVES_PURPOSE = """reversed.id IS NULL AND giving.is_restricted AND (
    moved.kind = 'expense'
    OR moved.kind IN ('transfer', 'handover') AND NOT (taking.is_restricted AND taking.purpose = giving.purpose)
)"""
#: Money of an appeal, which a decision may let go.
_KEPT_FOR_APPEAL = """(
    moved.kind <> 'handover' AND source.pot = 'cash' AND EXISTS (SELECT FROM funds_appeal WHERE fund_id = giving.id)
)"""

#: What holds whenever it is looked at, so ``checks`` proves it of all that stands in the books.
LASTING_RULES = (
    Rule(
        "movement_same_pot",
        "source.pot <> target.pot",
        _("Money moves to money and goods to goods. Record the sale or purchase of goods as two entries."),
    ),
    Rule(
        "movement_reversal_exact",
        """reversed.id IS NOT NULL AND (
            reversed.reverses_id IS NOT NULL
            OR moved.source_id <> reversed.target_id OR moved.target_id <> reversed.source_id
            OR moved.amount_vnd <> reversed.amount_vnd OR moved.kind <> reversed.kind
            OR moved.donation_id IS DISTINCT FROM reversed.donation_id
            OR moved.occurred_on < reversed.occurred_on
        )""",
        _("A movement is taken back once, whole, and not before its own date; a reversal cannot be reversed."),
    ),
    Rule(
        "movement_kind_fits",
        """reversed.id IS NULL AND NOT CASE moved.kind
            WHEN 'opening' THEN source.kind = 'opening' AND target.kind = 'free'
            WHEN 'donation' THEN source.kind = 'donors' AND target.kind = 'free'
            WHEN 'interest' THEN source.kind = 'adjustment' AND target.kind = 'free' AND source.pot = 'cash'
            WHEN 'transfer' THEN source.kind IN ('free', 'transit') AND target.kind = 'free'
            WHEN 'sending' THEN source.kind = 'free' AND target.kind = 'transit' AND source.fund_id = target.fund_id
            WHEN 'returned' THEN source.kind = 'transit' AND target.kind = 'free' AND source.fund_id = target.fund_id
            WHEN 'adjustment' THEN 'adjustment' IN (source.kind, target.kind) AND 'free' IN (source.kind, target.kind)
            WHEN 'handover' THEN source.kind = 'free' AND target.kind = 'free'
            WHEN 'expense' THEN source.kind = 'free' AND target.kind = 'recipients'
            WHEN 'payment' THEN source.kind = 'committed' AND target.kind = 'recipients'
            WHEN 'commitment' THEN
                source.kind = 'free' AND target.kind = 'committed' AND source.fund_id = target.fund_id
            WHEN 'release' THEN
                source.kind = 'committed' AND target.kind = 'free' AND source.fund_id = target.fund_id
            ELSE false
        END""",
        _("This kind of movement does not go between these two accounts."),
    ),
    Rule(
        "movement_transfer_confirmed",
        """reversed.id IS NULL AND moved.kind = 'transfer' AND source.kind = 'free'
            AND giving.unit_id <> taking.unit_id AND moved.id > funds_before_vouchers()""",
        _("Between two units money is sent first and confirmed by the unit that receives it. Enter it as a transfer."),
    ),
    Rule(
        "movement_in_fund_life",
        # On the day of a reorganisation the old fund hands over what the new one takes up: its last day and one.
        """moved.occurred_on < giving.opened_on OR moved.occurred_on < taking.opened_on
            OR moved.occurred_on >= taking.closed_on
            OR moved.occurred_on >= giving.closed_on + CASE moved.kind WHEN 'handover' THEN 1 ELSE 0 END""",
        _("The fund was not open on that date. Check the date or choose another fund."),
        "occurred_on",
    ),
    Rule(
        "movement_not_in_future",
        "moved.occurred_on > funds_today()",
        _("The date lies in the future. Enter the day on which it happened."),
        "occurred_on",
    ),
    Rule(
        "movement_of_donation",
        """(moved.kind = 'donation') <> (moved.donation_id IS NOT NULL)
            OR reversed.id IS NULL AND donation.id IS NOT NULL AND (
                donation.amount_vnd <> moved.amount_vnd
                OR donation.received_on <> moved.occurred_on
                OR donation.fund_id IS DISTINCT FROM target.fund_id
                OR (donation.form = 'in_kind') <> (target.pot = 'goods')
            )""",
        _("What is booked must equal the donation: amount, date, fund, money or goods."),
    ),
    Rule(
        "movement_surplus_decided",
        f"""{_LEAVES_PURPOSE} AND {_KEPT_FOR_APPEAL}
            AND NOT EXISTS (SELECT FROM funds_movement back WHERE back.reverses_id = moved.id)
            AND NOT {decided_by("giving.id", "taking.id", "moved.occurred_on")}
        """,
        _(
            "This fund is kept for an appeal. What is left of it goes elsewhere only by a recorded decision, up to its "
            "amount. Record the decision on the page of the appeal first."
        ),
        "amount_vnd",
    ),
    Rule(
        "movement_serves_purpose",
        f"{_LEAVES_PURPOSE} AND NOT {_KEPT_FOR_APPEAL}",
        _(
            "The donors gave this fund for one purpose. It pays awards for that purpose and may pass on money "
            "only to a fund with the same purpose."
        ),
    ),
    Rule(
        "movement_handed_to_heir",
        # A decision that is undone takes its handovers back first and the succession afterwards.
        """moved.kind = 'handover' AND reversed.id IS NULL
            AND NOT EXISTS (SELECT FROM funds_movement back WHERE back.reverses_id = moved.id)
            AND NOT EXISTS (
                SELECT FROM members_succession link JOIN members_unit ended ON ended.id = link.predecessor_id
                WHERE link.predecessor_id = giving.unit_id AND link.successor_id = taking.unit_id
                  AND link.effective_on = moved.occurred_on AND ended.dissolved_on = moved.occurred_on
            )""",
        _(
            "A fund is handed over only to the unit that carries on, on the day on which its own unit ends. Record a "
            "decision on the tree; between other funds enter a transfer."
        ),
    ),
)

MOVEMENT_RULES = (
    *LASTING_RULES,
    Rule(
        "movement_in_turn",
        # Else a number made up would pass for one of the time before there were vouchers.
        "moved.id <= funds_before_vouchers()",
        _("What is booked now stands behind all that was booked before. Leave the number to the database."),
    ),
    Rule(
        "movement_period_closed",
        # The first condition is asked once a statement, and mostly ends the matter.
        """moved.occurred_on < (SELECT max(ends_before) FROM funds_closing) AND (
            funds_is_closed(giving.unit_id, moved.occurred_on) OR funds_is_closed(taking.unit_id, moved.occurred_on)
        )""",
        PERIOD_CLOSED,
        "occurred_on",
    ),
)


def moved(rows: str) -> str:
    """SQL: FROM clause that shows movements from ``rows`` to the rules."""
    return f"""
    FROM {rows} moved
    JOIN funds_account source ON source.id = moved.source_id
    JOIN funds_account target ON target.id = moved.target_id
    LEFT JOIN funds_fund giving ON giving.id = source.fund_id
    LEFT JOIN funds_fund taking ON taking.id = target.fund_id
    LEFT JOIN funds_movement reversed ON reversed.id = moved.reverses_id
    LEFT JOIN funds_donation donation ON donation.id = moved.donation_id
"""


# Locked before anything is looked at: whoever closes a fund locks its accounts first as well, and each statement
# here sees what was committed before it began. Without key, because the foreign keys of a movement on its way hold
# FOR KEY SHARE on the same rows: two of them would wait for each other.
_LOCK = Step("""
    SELECT 1 FROM funds_account
    WHERE fund_id IS NOT NULL AND id IN (SELECT source_id FROM new_rows UNION SELECT target_id FROM new_rows)
    ORDER BY id FOR NO KEY UPDATE
""")

_CHECK = first_broken(MOVEMENT_RULES, moved("new_rows"))

_BALANCES = Step("""
    UPDATE funds_account account SET balance_vnd = account.balance_vnd + change.sum_vnd
    FROM (
        SELECT side.account_id, sum(side.amount_vnd) AS sum_vnd FROM (
            SELECT source_id AS account_id, -amount_vnd AS amount_vnd FROM new_rows
            UNION ALL SELECT target_id, amount_vnd FROM new_rows
        ) side GROUP BY side.account_id
    ) change
    WHERE account.id = change.account_id AND account.fund_id IS NOT NULL AND change.sum_vnd <> 0
""")

# A gift entered a moment ago is looked at anyway; a reversal may belong to one entered long ago.
_PROVE_REVERSED = Step("""
    INSERT INTO funds_bookingproof (first_id, last_id)
    SELECT min(donation_id), max(donation_id) FROM new_rows
    WHERE donation_id IS NOT NULL AND reverses_id IS NOT NULL HAVING count(*) > 0
""")

MOVEMENT_TRIGGERS = [
    SEES_ALL,
    VOUCHER_TRIGGER,
    *never(APPEND_ONLY, pgtrigger.Update, pgtrigger.Delete, pgtrigger.Truncate),
    RuleTrigger(
        name="movement_posted",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_rows"),
        declare=[BROKEN],
        func=f"""
            {in_turn(_LOCK, _CHECK, _BALANCES, Step(FILL_FUND_MONTH), _PROVE_REVERSED)}
            RETURN NULL;
        """,
    ),
    FOLLOW_GOODS,
    OPEN_LINES_OF_REVERSED,
]

#: Kept by the unique column itself; only the sentence is ours.
REVERSED_ONCE = Rule("funds_movement_reverses_id_key", "true", _("This movement has been taken back already."))

BALANCE_FOLLOWS = Rule(
    "account_balance_follows",
    "true",
    _("A balance follows its movements and is never written by hand."),
)
ACCOUNT_KEPT = Rule("account_kept", "true", _("An account stays as long as its fund."))

CLOSED_STAYS_EMPTY = Rule(
    "fund_closed_stays_empty",
    "true",
    _("The fund is closed and must stay empty. Choose another fund."),
    "fund",
)

ACCOUNT_TRIGGERS = [
    TRANSIT_TRIGGER,
    *never(ACCOUNT_KEPT, pgtrigger.Delete, pgtrigger.Truncate),
    RuleTrigger(
        name="account_settled",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        # Depth 0 is a statement from outside; the movements' trigger runs at depth 1.
        condition=pgtrigger.Condition(
            "pg_trigger_depth() = 0 OR (OLD.id, OLD.kind, OLD.pot) <> (NEW.id, NEW.kind, NEW.pot)"
            " OR OLD.fund_id IS DISTINCT FROM NEW.fund_id"
        ),
        func=refuse(BALANCE_FOLLOWS),
    ),
    RuleTrigger(
        name="account_starts_empty",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Condition("NEW.balance_vnd <> 0"),
        func=refuse(BALANCE_FOLLOWS),
    ),
    # At the end of the transaction: what is entered anew and taken back in one step may pass through.
    RuleTrigger(
        name="account_of_closed_fund",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        timing=pgtrigger.Deferred,
        condition=pgtrigger.Condition("NEW.balance_vnd <> 0"),
        func=f"""
            IF EXISTS (
                SELECT FROM funds_account account JOIN funds_fund fund ON fund.id = account.fund_id
                WHERE account.id = NEW.id AND account.balance_vnd <> 0 AND fund.closed_on IS NOT NULL
            ) THEN {refuse(CLOSED_STAYS_EMPTY)} END IF;
            RETURN NULL;
        """,
    ),
]
