"""Rules of bank statements: what a bank said stays as it was said, and what a line is matched with fits it."""

from __future__ import annotations

import pgtrigger
from django.utils.translation import gettext_lazy as _

from funds.triggers.rules import BROKEN, Rule, Step, first_broken, never, refuse
from hkh.core.triggers import Rule as RuleTrigger

STATEMENT_KEPT = Rule("bank_statement_kept", "true", _("A bank statement that was handed in stays as it is."))
LINE_KEPT = Rule("bank_line_kept", "true", _("What the bank wrote does not change. Set the line aside, with a reason."))

ACCOUNT_FUND = Rule(
    "bank_account_fund_of_unit",
    "true",
    _("The fund belongs to another unit. Choose one of the account's unit."),
    "fund",
)

BANK_ACCOUNT_TRIGGERS = [
    RuleTrigger(
        name="bank_account_fund",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("fund_id", "unit_id"),
        func=f"""
            IF EXISTS (SELECT FROM funds_fund WHERE id = NEW.fund_id AND unit_id <> NEW.unit_id) THEN
                {refuse(ACCOUNT_FUND)}
            END IF;
            RETURN NULL;
        """,
    )
]

BANK_LINE_RULES = (
    Rule(
        "bank_line_of_its_account",
        "statement.account_id <> line.account_id",
        _("The statement is of another account."),
    ),
    Rule(
        "bank_line_not_in_future",
        "line.occurred_on > funds_today()",
        _("A line of the statement lies in the future. Check the dates of the file."),
    ),
    Rule(
        "bank_line_fits_donation",
        """donation.id IS NOT NULL AND (
            coalesce(whole.amount_vnd, donation.amount_vnd) <> line.amount_vnd OR donation.part > 1
            OR donation.form <> 'bank_transfer' OR donation.is_pass_through
            OR donation.unit_id <> account.unit_id OR donation.voided_on IS NOT NULL
        )""",
        _(
            "The donation does not fit the bank's line: it must be a bank transfer of the same amount to this unit, "
            "all parts of a split gift together."
        ),
    ),
    Rule(
        "bank_line_fits_movement",
        """movement.id IS NOT NULL AND (
            movement.amount_vnd <> abs(line.amount_vnd) OR movement.kind IN ('donation', 'commitment', 'release')
            OR EXISTS (SELECT FROM funds_movement back WHERE back.reverses_id = movement.id)
            OR NOT EXISTS (
                SELECT FROM funds_account side JOIN funds_fund fund ON fund.id = side.fund_id
                WHERE side.pot = 'cash' AND fund.unit_id = account.unit_id
                  AND side.id = CASE WHEN line.amount_vnd > 0 THEN movement.target_id ELSE movement.source_id END
            )
        )""",
        _("The movement does not fit the bank's line: it must move as much money of this unit, the same way."),
    ),
)

_LOOKED_AT = """
    FROM new_rows line
    JOIN funds_bankstatement statement ON statement.id = line.statement_id
    JOIN funds_bankaccount account ON account.id = line.account_id
    LEFT JOIN funds_donation donation ON donation.id = line.donation_id
    LEFT JOIN funds_splitgift whole ON whole.id = donation.split_id
    LEFT JOIN funds_movement movement ON movement.id = line.movement_id
"""


#: Whoever voids the gift or takes the movement back meanwhile waits, or is waited for.
_HOLD_ENTRIES = """
    PERFORM 1 FROM funds_donation WHERE id IN (SELECT donation_id FROM new_rows) ORDER BY id FOR SHARE;
    PERFORM 1 FROM funds_movement WHERE id IN (SELECT movement_id FROM new_rows) ORDER BY id FOR UPDATE;
"""


def _check(operation: pgtrigger.Operation) -> RuleTrigger:
    return RuleTrigger(
        name=f"bank_line_{str(operation).lower()}",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(new="new_rows"),
        declare=[BROKEN],
        func=f"{_HOLD_ENTRIES} {first_broken(BANK_LINE_RULES, _LOOKED_AT).kept} RETURN NULL;",
    )


_FACTS = (
    "account_id",
    "statement_id",
    "number",
    "key",
    "occurred_on",
    "amount_vnd",
    "reference",
    "party",
    "party_account",
    "description",
)

#: A line whose gift was voided, however that came about, waits for a new decision.
OPEN_LINES_OF_VOIDS = Step("""
    UPDATE funds_bankline SET state = 'open', donation_id = NULL
    WHERE donation_id IN (SELECT id FROM new_rows WHERE voided_on IS NOT NULL)
""")

#: So does one whose movement was taken back. Belongs to the movements.
OPEN_LINES_OF_REVERSED = RuleTrigger(
    name="movement_opens_line",
    level=pgtrigger.Statement,
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    referencing=pgtrigger.Referencing(new="new_rows"),
    func="""
        IF EXISTS (SELECT FROM new_rows WHERE reverses_id IS NOT NULL) THEN
            UPDATE funds_bankline SET state = 'open', movement_id = NULL
            WHERE movement_id IN (SELECT reverses_id FROM new_rows);
        END IF;
        RETURN NULL;
    """,
)

BANK_STATEMENT_TRIGGERS = never(STATEMENT_KEPT, pgtrigger.Update, pgtrigger.Delete, pgtrigger.Truncate)
BANK_LINE_TRIGGERS = [
    *never(LINE_KEPT, pgtrigger.Delete, pgtrigger.Truncate),
    _check(pgtrigger.Insert),
    _check(pgtrigger.Update),
    RuleTrigger(
        name="bank_line_facts",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition(
            f"(({', '.join(f'OLD.{name}' for name in _FACTS)}) IS DISTINCT FROM "
            f"({', '.join(f'NEW.{name}' for name in _FACTS)}))"
        ),
        func=refuse(LINE_KEPT),
    ),
]
