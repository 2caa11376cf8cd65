"""Rules of vouchers: what was prepared stays, two people, and the books hold exactly what was approved."""

from __future__ import annotations

import pgtrigger
from django.utils.translation import gettext_lazy as _

from funds.triggers.rules import SEES_ALL, Rule, never, refuse
from hkh.core.triggers import Rule as RuleTrigger

VOUCHER_KEPT = Rule(
    "voucher_kept",
    "true",
    _("A voucher is never deleted. Withdraw it while it waits; what stands in the books is put right by another."),
)
VOUCHER_SETTLED = Rule(
    "voucher_settled",
    "true",
    _("What was prepared does not change. Withdraw it and prepare another."),
)
VOUCHER_STEPS = Rule(
    "voucher_steps",
    "true",
    _("This voucher has been decided already. Open it again to see how."),
)
VOUCHER_FUND_OF_UNIT = Rule(
    "voucher_fund_of_unit", "true", _("The fund belongs to another unit. Choose a fund of this unit."), "fund"
)
VOUCHER_BEYOND_LIMIT = Rule(
    "voucher_beyond_limit",
    "true",
    _("One person alone may not book so much here. Have it approved by another person."),
    "amount_vnd",
)
VOUCHER_BOOKED = Rule(
    "voucher_booked",
    "true",
    _("The books must hold exactly what was prepared: fund, amount, date, money or goods."),
)
MOVEMENT_WITH_VOUCHER = Rule(
    "movement_with_voucher",
    "true",
    _(
        "Spending, transfers, interest, adjustments and what is brought forward are prepared as a voucher and "
        "approved; then they move."
    ),
)
TRANSIT_MATCHES = Rule(
    "transit_matches_vouchers",
    "true",
    _("What a fund has in transit must be the transfers that are sent and neither received nor returned."),
)
LIMIT_KEPT = Rule("spending_limit_kept", "true", _("A limit is never changed afterwards. Set a new one, from today."))

#: A step of a voucher: what it may become.
_STEPS = """
    CASE OLD.state
        WHEN 'prepared' THEN NEW.state IN ('booked', 'sent', 'refused', 'withdrawn')
        WHEN 'booked' THEN NEW.state = 'reversed'
        WHEN 'sent' THEN NEW.state IN ('confirmed', 'returned')
        ELSE false
    END
"""
_OF_STEPS = "'{state,decided_by_id,decided_at,reason,posted_id,settled_on,settled_by_id,settled_id}'::text[]"


def booked_wrongly(voucher: str) -> str:
    """SQL condition over a row of vouchers: what it points to in the books is not what was prepared."""
    return f"""(
        {voucher}.posted_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM funds_movement moved
            JOIN funds_account source ON source.id = moved.source_id
            JOIN funds_account target ON target.id = moved.target_id
            JOIN funds_fund fund ON fund.id = {voucher}.fund_id
            LEFT JOIN funds_fund taking ON taking.id = {voucher}.target_fund_id
            WHERE moved.id = {voucher}.posted_id AND moved.reverses_id IS NULL
              AND moved.amount_vnd = {voucher}.amount_vnd AND moved.occurred_on = {voucher}.occurred_on
              AND source.pot = {voucher}.pot AND fund.unit_id = {voucher}.unit_id
              AND CASE {voucher}.kind
                WHEN 'expense' THEN moved.kind = 'expense' AND source.fund_id = fund.id
                WHEN 'interest' THEN moved.kind = 'interest' AND target.fund_id = fund.id
                WHEN 'opening' THEN moved.kind = 'opening' AND target.fund_id = fund.id
                WHEN 'surplus' THEN moved.kind = 'adjustment' AND target.fund_id = fund.id
                WHEN 'shortage' THEN moved.kind = 'adjustment' AND source.fund_id = fund.id
                WHEN 'transfer' THEN source.fund_id = fund.id AND CASE
                    WHEN taking.unit_id = fund.unit_id THEN
                        {voucher}.state IN ('booked', 'reversed') AND moved.kind = 'transfer'
                        AND target.fund_id = taking.id
                    ELSE {voucher}.state NOT IN ('booked', 'reversed') AND moved.kind = 'sending'
                END
              END
        )
        OR {voucher}.settled_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM funds_movement moved
            JOIN funds_account source ON source.id = moved.source_id
            JOIN funds_account target ON target.id = moved.target_id
            WHERE moved.id = {voucher}.settled_id AND moved.occurred_on = {voucher}.settled_on
              AND CASE {voucher}.state
                WHEN 'reversed' THEN moved.reverses_id = {voucher}.posted_id
                ELSE moved.reverses_id IS NULL AND moved.amount_vnd = {voucher}.amount_vnd
                  AND source.pot = {voucher}.pot AND source.kind = 'transit' AND source.fund_id = {voucher}.fund_id
                  AND CASE {voucher}.state
                    WHEN 'confirmed' THEN moved.kind = 'transfer' AND target.fund_id = {voucher}.target_fund_id
                    WHEN 'returned' THEN moved.kind = 'returned'
                  END
              END
        )
    )"""


def alone_beyond_limit(voucher: str) -> str:
    """SQL condition over a row of vouchers: booked by one person although the limit in force did not let him."""
    return f"""(
        {voucher}.state NOT IN ('prepared', 'refused', 'withdrawn') AND {voucher}.decided_by_id IS NULL
        AND {voucher}.amount_vnd > funds_alone_limit({voucher}.unit_id, {voucher}.prepared_at)
    )"""


def transit_differs(fund_id: str, pot: str) -> str:
    """SQL condition: the fund's account in transit does not hold what its vouchers say was sent."""
    return f"""(
        (SELECT balance_vnd FROM funds_account WHERE fund_id = {fund_id} AND kind = 'transit' AND pot = {pot})
        <> coalesce((SELECT sum(amount_vnd) FROM funds_voucher
                     WHERE fund_id = {fund_id} AND pot = {pot} AND state = 'sent'), 0)
    )"""


VOUCHER_TRIGGERS = [
    SEES_ALL,
    *never(VOUCHER_KEPT, pgtrigger.Delete, pgtrigger.Truncate),
    RuleTrigger(
        name="voucher_changed",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func=f"""
            IF to_jsonb(NEW) - {_OF_STEPS} <> to_jsonb(OLD) - {_OF_STEPS} OR OLD.state <> 'prepared'
               AND (OLD.decided_by_id, OLD.decided_at, OLD.posted_id)
                   IS DISTINCT FROM (NEW.decided_by_id, NEW.decided_at, NEW.posted_id)
            THEN {refuse(VOUCHER_SETTLED)} END IF;
            IF NOT ({_STEPS}) THEN {refuse(VOUCHER_STEPS)} END IF;
            RETURN NEW;
        """,
    ),
    # At the end of the transaction, when voucher and movement both stand.
    RuleTrigger(
        name="voucher_proved",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update,
        timing=pgtrigger.Deferred,
        func=f"""
            IF NEW.unit_id <> (SELECT unit_id FROM funds_fund WHERE id = NEW.fund_id)
            THEN {refuse(VOUCHER_FUND_OF_UNIT)} END IF;
            IF {booked_wrongly("NEW")} THEN {refuse(VOUCHER_BOOKED)} END IF;
            IF {alone_beyond_limit("NEW")} THEN {refuse(VOUCHER_BEYOND_LIMIT)} END IF;
            IF {transit_differs("NEW.fund_id", "NEW.pot")} THEN {refuse(TRANSIT_MATCHES)} END IF;
            RETURN NULL;
        """,
    ),
]

#: Belongs to the accounts: money that goes into transit, or out of it, without a voucher.
TRANSIT_TRIGGER = RuleTrigger(
    name="account_in_transit",
    level=pgtrigger.Row,
    when=pgtrigger.After,
    operation=pgtrigger.Update,
    timing=pgtrigger.Deferred,
    condition=pgtrigger.Condition("NEW.kind = 'transit'"),
    func=f"IF {transit_differs('NEW.fund_id', 'NEW.pot')} THEN {refuse(TRANSIT_MATCHES)} END IF; RETURN NULL;",
)

#: What moves only with a voucher: prepared, approved, and pointing to it.
WITH_VOUCHER = ("expense", "interest", "adjustment", "transfer", "sending", "returned", "opening")


def without_voucher(moved: str) -> str:
    """SQL condition over a row of movements: nobody prepared it, or the voucher points elsewhere.

    What stood in the books before there were vouchers is let be: ``funds_before_vouchers()`` is the last of it, and
    ``funds_before_openings()`` of what was brought forward.
    """
    kinds = ", ".join(f"'{kind}'" for kind in WITH_VOUCHER)
    return f"""(
        {moved}.kind IN ({kinds})
        AND {moved}.id > CASE {moved}.kind WHEN 'opening' THEN funds_before_openings() ELSE funds_before_vouchers() END
        AND NOT EXISTS (SELECT FROM funds_voucher WHERE posted_id = {moved}.id)
        AND NOT EXISTS (SELECT FROM funds_voucher WHERE settled_id = {moved}.id)
    )"""


#: Belongs to the movements. At the end of the transaction, when the voucher points to what it moved.
VOUCHER_TRIGGER = RuleTrigger(
    name="movement_with_voucher",
    level=pgtrigger.Row,
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    timing=pgtrigger.Deferred,
    condition=pgtrigger.Condition("NEW.kind NOT IN ('donation', 'commitment', 'release', 'payment')"),
    func=f"IF {without_voucher('NEW')} THEN {refuse(MOVEMENT_WITH_VOUCHER)} END IF; RETURN NULL;",
)

LIMIT_TRIGGERS = never(LIMIT_KEPT, pgtrigger.Update, pgtrigger.Delete, pgtrigger.Truncate)
