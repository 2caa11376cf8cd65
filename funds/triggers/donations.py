"""Rules of gifts: where and when they may be received, and that the books hold each of them."""

from __future__ import annotations

import pgtrigger
from django.utils.translation import gettext_lazy as _

from funds.rollups import FILL_DONATION_MONTH, FILL_DONATION_MONTH_OF_VOIDS, REFILL_DONATION_MONTH_OF_DONORS
from funds.triggers.appeals import ASTRAY
from funds.triggers.bank import OPEN_LINES_OF_VOIDS
from funds.triggers.gifts import BATCH_RULES, BATCHES_TOUCHED, SPLIT_RULES, SPLITS_TOUCHED
from funds.triggers.rules import (
    BROKEN,
    CARD_MERGED,
    FEW,
    PERIOD_CLOSED,
    SEES_ALL,
    Rule,
    Step,
    first_broken,
    in_turn,
    never,
    not_merged,
    refuse,
)
from hkh.core.triggers import Rule as RuleTrigger

LASTING_RULES = (
    Rule(
        "donation_fund_of_unit",
        "fund.unit_id <> given.unit_id",
        _("The fund belongs to another unit. Choose a fund of the unit that received the gift."),
        "fund",
    ),
    Rule(
        "donation_in_unit_life",
        "given.received_on < unit.founded_on OR given.received_on >= unit.dissolved_on",
        _("The unit did not exist on that date. Check the date, or choose the unit that received the gift."),
        "received_on",
    ),
    Rule(
        "donation_not_in_future",
        "given.received_on > funds_today() OR given.voided_on > funds_today()",
        _("The date lies in the future. Enter the day on which it happened."),
        "received_on",
    ),
    Rule(
        "donation_in_appeal_dates",
        "given.received_on < appeal.opens_on OR given.received_on >= appeal.closes_on",
        _("The appeal was not open on that date. Nothing may be taken outside its dates; leave the appeal empty."),
        "appeal",
    ),
    Rule(
        "donation_in_appeal_unit",
        """appeal.id IS NOT NULL AND NOT EXISTS (
            SELECT FROM members_unitancestor above
            WHERE above.unit_id = given.unit_id AND above.ancestor_id = appeal.unit_id
              AND above.valid_from <= given.received_on
              AND (above.valid_until IS NULL OR above.valid_until > given.received_on)
        )""",
        _("The appeal belongs to a unit that this one did not stand under on that date. Choose another appeal."),
        "appeal",
    ),
    Rule(
        "donation_kept_for_appeal",
        f"appeal.fund_id IS NOT NULL AND given.fund_id IS NOT NULL AND {ASTRAY}",
        _("A fund is kept for this appeal. Choose that fund, or a restricted fund with the same purpose."),
        "fund",
    ),
    Rule(
        "donation_for_appeal_alone",
        "given.voided_on IS NULL AND keeping.id IS NOT NULL AND given.appeal_id IS DISTINCT FROM keeping.id",
        _("This fund is kept for an appeal and takes only gifts for it. Choose the appeal, or another fund."),
        "fund",
    ),
    Rule(
        "donation_pigs_of_drive",
        "given.pigs IS NOT NULL AND appeal.kind IS DISTINCT FROM 'piggy_bank'",
        _("Piggy banks are counted in a piggy-bank drive. Choose the drive as the appeal, or leave the number empty."),
        "pigs",
    ),
)

DONOR_MERGED = Rule("donation_donor_not_merged", "true", CARD_MERGED, "donor")

_NOT_MERGED = not_merged(DONOR_MERGED)

DONATION_RULES = (
    *LASTING_RULES,
    Rule(
        "donation_period_closed",
        """given.received_on < (SELECT max(ends_before) FROM funds_closing)
            AND funds_is_closed(given.unit_id, given.received_on)""",
        PERIOD_CLOSED,
        "received_on",
    ),
)


def given(rows: str) -> str:
    """SQL: FROM clause that shows donations from ``rows`` to the rules."""
    return f"""
    FROM {rows} given
    JOIN members_unit unit ON unit.id = given.unit_id
    LEFT JOIN funds_fund fund ON fund.id = given.fund_id
    LEFT JOIN funds_appeal appeal ON appeal.id = given.appeal_id
    LEFT JOIN funds_appeal keeping ON keeping.fund_id = given.fund_id
"""


_CHECK = first_broken(DONATION_RULES, given("new_rows"))

# What the rules and the roll-up read of other rows stands still until the end of the transaction.
_HOLD_DONORS = Step("""
    SELECT 1 FROM funds_donor WHERE id IN (SELECT donor_id FROM new_rows) ORDER BY id FOR SHARE
""")
_HOLD_APPEALS = Step("""
    SELECT 1 FROM funds_appeal WHERE id IN (SELECT appeal_id FROM new_rows) ORDER BY id FOR SHARE
""")

# One row a statement, not one a gift: a constraint trigger cannot see transition tables, and 60,000 calls of one
# at the commit of a bulk load would cost more than the load.
_PROVE = Step("""
    INSERT INTO funds_bookingproof (first_id, last_id) SELECT min(id), max(id) FROM new_rows HAVING count(*) > 0
""")

DONATION_KEPT = Rule(
    "donation_kept",
    "true",
    _("A donation is never deleted. Void it, with the reason."),
)
DONATION_SETTLED = Rule(
    "donation_settled",
    "true",
    _("What was recorded of a donation does not change. Void it, with the reason, and enter it again."),
)
DONATION_VOID_ONCE = Rule(
    "donation_void_once",
    "true",
    _("This donation has been voided already."),
)
VOID_PERIOD_CLOSED = Rule("donation_void_period_closed", "true", PERIOD_CLOSED, "voided_on")
VOID_IN_FUTURE = Rule(
    "donation_void_not_in_future",
    "true",
    _("The date lies in the future. Enter the day on which the mistake was found."),
    "voided_on",
)

DONATION_TRIGGERS = [
    SEES_ALL,
    *never(DONATION_KEPT, pgtrigger.Delete, pgtrigger.Truncate),
    RuleTrigger(
        name="donation_received",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_rows"),
        declare=[BROKEN, ("kept_name", "text")],
        func=f"""
            {
            in_turn(
                _HOLD_APPEALS,
                _HOLD_DONORS,
                _NOT_MERGED,
                first_broken(DONATION_RULES, given("new_rows")),
                Step(FILL_DONATION_MONTH),
                _PROVE,
            )
        }
            RETURN NULL;
        """,
    ),
    RuleTrigger(
        name="donation_changed",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func=f"""
            IF OLD.voided_on IS NOT NULL THEN {refuse(DONATION_VOID_ONCE)} END IF;
            IF to_jsonb(NEW) - '{{voided_on,voided_by_id,void_reason}}'::text[]
               <> to_jsonb(OLD) - '{{voided_on,voided_by_id,void_reason}}'::text[]
            THEN {refuse(DONATION_SETTLED)} END IF;
            IF NEW.voided_on > funds_today() THEN {refuse(VOID_IN_FUTURE)} END IF;
            IF funds_is_closed(NEW.unit_id, NEW.voided_on) THEN {refuse(VOID_PERIOD_CLOSED)} END IF;
            RETURN NEW;
        """,
    ),
    RuleTrigger(
        name="donation_voided",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        referencing=pgtrigger.Referencing(new="new_rows"),
        func=f"{in_turn(_HOLD_DONORS, Step(FILL_DONATION_MONTH_OF_VOIDS), OPEN_LINES_OF_VOIDS, _PROVE)} RETURN NULL;",
    ),
]

PROOF_RULES = (
    Rule(
        "donation_booked",
        "NOT given.is_pass_through AND booked.id IS NULL",
        _("The donation does not stand in the books."),
    ),
    Rule(
        "donation_void_booked",
        "NOT given.is_pass_through AND given.voided_on IS DISTINCT FROM reversal.occurred_on",
        _("A voided donation and the reversal of its movement go together, on the same date."),
    ),
    Rule(
        "goods_lines_add_up",
        """given.form = 'in_kind' AND given.amount_vnd <> (
            SELECT sum(line.value_vnd) FROM funds_goodsline line WHERE line.donation_id = given.id
        )""",
        _("The lines of goods do not add up to the value of the gift."),
        "amount_vnd",
    ),
)

_BOOKED = """
    FROM funds_donation given
    LEFT JOIN funds_movement booked
        ON booked.donation_id = given.id AND booked.kind = 'donation' AND booked.reverses_id IS NULL
    LEFT JOIN funds_movement reversal ON reversal.reverses_id = booked.id
    WHERE given.id BETWEEN $1 AND $2
"""

#: Runs when the transaction ends (or by SET CONSTRAINTS … IMMEDIATE), once a statement that touched gifts.
PROOF_TRIGGERS = [
    RuleTrigger(
        name="donation_proved",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        declare=[BROKEN],
        func=f"""
            DELETE FROM funds_bookingproof WHERE id = NEW.id;
            {
            in_turn(
                first_broken(PROOF_RULES, _BOOKED),
                first_broken(SPLIT_RULES, SPLITS_TOUCHED),
                first_broken(BATCH_RULES, BATCHES_TOUCHED),
                many=f"NEW.last_id - NEW.first_id >= {FEW}",
                values=("NEW.first_id", "NEW.last_id"),
            )
        }
            RETURN NULL;
        """,
    )
]

DONOR_MERGED_FLAT = Rule(
    "donor_merged_flat",
    "true",
    _("The card was merged already. Undo that merge first, or merge with the card that is used now."),
)

#: A donor entered as the wrong kind is put right, and with it what the roll-up says of all his gifts.
DONOR_TRIGGERS = [
    RuleTrigger(
        name="donor_changed",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        referencing=pgtrigger.Referencing(old="old_rows", new="new_rows"),
        func=f"{in_turn(Step(REFILL_DONATION_MONTH_OF_DONORS))} RETURN NULL;",
    ),
    # At the end of the transaction, when a merge has carried over who hung on the card.
    RuleTrigger(
        name="donor_merged",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Update | pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        condition=pgtrigger.Condition("NEW.merged_into_id IS NOT NULL"),
        func=f"""
            PERFORM 1 FROM funds_donor WHERE id = NEW.merged_into_id FOR SHARE;
            IF EXISTS (
                SELECT FROM funds_donor gone JOIN funds_donor kept ON kept.id = gone.merged_into_id
                WHERE gone.id = NEW.id AND kept.merged_into_id IS NOT NULL
            ) OR EXISTS (
                SELECT FROM funds_donor gone JOIN funds_donor other ON other.merged_into_id = gone.id
                WHERE gone.id = NEW.id AND gone.merged_into_id IS NOT NULL
            ) THEN {refuse(DONOR_MERGED_FLAT)} END IF;
            RETURN NULL;
        """,
    ),
]
