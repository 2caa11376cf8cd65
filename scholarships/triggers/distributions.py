"""Rules of handing out: when and where it may be held, and that each line is paid for, exactly."""

from __future__ import annotations

import pgtrigger
from django.utils.translation import gettext_lazy as _

from funds.triggers.rules import PERIOD_CLOSED, SEES_ALL, Rule, never, refuse
from hkh.core.triggers import Rule as RuleTrigger
from scholarships.rollups import FILL_GIVEN_MONTH, FILL_GIVEN_MONTH_OF_VOIDS
from scholarships.triggers.statements import BROKEN, refuse_broken

DISTRIBUTION_RULES = (
    Rule(
        "distribution_starts_valid",
        "held.voided_on IS NOT NULL",
        _("A distribution is recorded first and voided, where it was a mistake, afterwards."),
    ),
    Rule(
        "distribution_not_in_future",
        "held.held_on > funds_today()",
        _("The date lies in the future. Record the distribution once it has been held."),
        "held_on",
    ),
    Rule(
        "distribution_period_closed",
        """held.held_on < (SELECT max(ends_before) FROM funds_closing)
            AND funds_is_closed(held.unit_id, held.held_on)""",
        PERIOD_CLOSED,
        "held_on",
    ),
    Rule(
        "distribution_in_round",
        "held.held_on < round.opened_on",
        _("The distribution lies before the round opened. Check the date."),
        "held_on",
    ),
    # The closure covers the life of a unit and no day more, so this also says that the unit exists.
    Rule(
        "distribution_in_subtree",
        """NOT EXISTS (
            SELECT FROM members_unitancestor above
            WHERE above.unit_id = held.unit_id AND above.ancestor_id = round.unit_id
              AND above.valid_from <= held.held_on
              AND (above.valid_until IS NULL OR above.valid_until > held.held_on)
        )""",
        _("On that day the unit did not exist or did not stand under the unit of the round. Check the date."),
        "held_on",
    ),
)

DISTRIBUTION_KEPT = Rule(
    "distribution_kept",
    "true",
    _("A distribution is never deleted. Void it, with the reason."),
)
DISTRIBUTION_SETTLED = Rule(
    "distribution_settled",
    "true",
    _("What was recorded of a distribution does not change. Void it, with the reason, and enter it again."),
)
VOID_ONCE = Rule("distribution_void_once", "true", _("This distribution has been voided already."))
VOID_NOT_IN_FUTURE = Rule(
    "distribution_void_not_in_future",
    "true",
    _("The date lies in the future. Enter the day on which the mistake was found."),
    "voided_on",
)
VOID_PERIOD_CLOSED = Rule("distribution_void_period_closed", "true", PERIOD_CLOSED, "voided_on")
VOID_IN_UNIT_LIFE = Rule(
    "distribution_void_in_unit_life",
    "true",
    _("The unit that held the distribution does not exist any more on that day."),
    "voided_on",
)

VOID_RULES = (
    Rule(
        "distribution_void_reversed",
        "reversal.occurred_on IS DISTINCT FROM held.voided_on",
        _("A voided distribution and the reversal of its movements go together, on the same date."),
    ),
)

_VOIDED = """
    FROM new_rows held
    JOIN scholarships_distributionline line ON line.distribution_id = held.id
    LEFT JOIN funds_movement reversal ON reversal.reverses_id = line.movement_id
    WHERE held.voided_on IS NOT NULL
"""

_TAKE_BACK = """
    UPDATE scholarships_award award SET delivered_count = award.delivered_count - back.count
    FROM (
        SELECT line.award_id, sum(line.count) AS count
        FROM new_rows held JOIN scholarships_distributionline line ON line.distribution_id = held.id
        WHERE held.voided_on IS NOT NULL GROUP BY line.award_id
    ) back
    WHERE award.id = back.award_id;
"""

DISTRIBUTION_TRIGGERS = [
    SEES_ALL,
    *never(DISTRIBUTION_KEPT, pgtrigger.Delete, pgtrigger.Truncate),
    RuleTrigger(
        name="distribution_held",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_rows"),
        declare=[BROKEN],
        func=f"""
            {
            refuse_broken(
                DISTRIBUTION_RULES,
                "FROM new_rows held JOIN scholarships_round round ON round.id = held.round_id",
            )
        }
            RETURN NULL;
        """,
    ),
    # A row may be written again as it is (that changes nothing); once voided, not even that.
    RuleTrigger(
        name="distribution_changed",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func=f"""
            IF OLD.voided_on IS NOT NULL THEN {refuse(VOID_ONCE)} END IF;
            IF to_jsonb(NEW) - '{{voided_on,voided_by_id,void_reason}}'::text[]
               <> to_jsonb(OLD) - '{{voided_on,voided_by_id,void_reason}}'::text[]
            THEN {refuse(DISTRIBUTION_SETTLED)} END IF;
            IF NEW.voided_on > funds_today() THEN {refuse(VOID_NOT_IN_FUTURE)} END IF;
            IF funds_is_closed(NEW.unit_id, NEW.voided_on) THEN {refuse(VOID_PERIOD_CLOSED)} END IF;
            IF NEW.voided_on >= (SELECT dissolved_on FROM members_unit WHERE id = NEW.unit_id)
            THEN {refuse(VOID_IN_UNIT_LIFE)} END IF;
            RETURN NEW;
        """,
    ),
    RuleTrigger(
        name="distribution_voided",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        referencing=pgtrigger.Referencing(new="new_rows"),
        declare=[BROKEN],
        func=f"""
            {refuse_broken(VOID_RULES, _VOIDED)}
            {_TAKE_BACK}
            {FILL_GIVEN_MONTH_OF_VOIDS}
            RETURN NULL;
        """,
    ),
]

LINE_RULES = (
    Rule(
        "line_of_round",
        "award.round_id <> held.round_id",
        _("The award belongs to another round. Choose awards of this round."),
    ),
    Rule(
        "line_of_approved",
        "award.state <> 'approved'",
        _("Only what has been approved can be handed out."),
    ),
    Rule(
        "line_after_approval",
        "held.held_on < award.approved_on",
        _("An award was approved after that day. Choose the day on which it was handed out."),
        "held_on",
    ),
    Rule(
        "line_in_unit_life",
        "held.held_on < unit.founded_on OR held.held_on >= unit.dissolved_on",
        _("A receiving unit does not exist on that day. Cancel the award and propose it for the unit that carries on."),
        "held_on",
    ),
    Rule(
        "line_value",
        "line.value_vnd <> line.count * award.unit_value_vnd",
        _("The value of a line is its number times the value of one."),
    ),
    Rule(
        "line_before_void",
        "held.voided_on IS NOT NULL",
        _("This distribution has been voided already."),
    ),
    Rule(
        "line_paid_by_round",
        """movement.kind <> 'payment' OR movement.reverses_id IS NOT NULL
            OR movement.occurred_on <> held.held_on
            OR source.fund_id IS DISTINCT FROM round.fund_id OR source.pot <> award.pot""",
        _("A line is paid by the fund of its round, from what is committed there, on the day of the distribution."),
    ),
)

_LINES = """
    FROM new_rows line
    JOIN scholarships_award award ON award.id = line.award_id
    JOIN members_unit unit ON unit.id = award.unit_id
    JOIN scholarships_distribution held ON held.id = line.distribution_id
    JOIN scholarships_round round ON round.id = held.round_id
    JOIN funds_movement movement ON movement.id = line.movement_id
    JOIN funds_account source ON source.id = movement.source_id
"""

PAID_EXACTLY = (
    Rule(
        "line_paid_exactly",
        "paid.sum_vnd <> movement.amount_vnd OR paid.distributions <> 1",
        _("A payment is the sum of the lines of one distribution, all written at once."),
    ),
)

# Of the lines of this statement alone: others of the same payment would hand out what nobody committed, and
# ``fund_matches_awards`` refuses that.
_PAYMENTS = """
    FROM (
        SELECT movement_id, sum(value_vnd) AS sum_vnd, count(DISTINCT distribution_id) AS distributions
        FROM new_rows GROUP BY movement_id
    ) paid JOIN funds_movement movement ON movement.id = paid.movement_id
"""

_DELIVER = """
    UPDATE scholarships_award award SET delivered_count = award.delivered_count + given.count
    FROM (SELECT award_id, sum(count) AS count FROM new_rows GROUP BY award_id) given
    WHERE award.id = given.award_id;
"""

LINE_KEPT = Rule(
    "line_kept",
    "true",
    _("The lines of a distribution never change. Void the distribution, with the reason, and enter it again."),
)

LINE_TRIGGERS = [
    *never(LINE_KEPT, pgtrigger.Update, pgtrigger.Delete, pgtrigger.Truncate),
    RuleTrigger(
        name="line_delivered",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_rows"),
        declare=[BROKEN],
        func=f"""
            {refuse_broken(LINE_RULES, _LINES)}
            {refuse_broken(PAID_EXACTLY, _PAYMENTS)}
            {_DELIVER}
            {FILL_GIVEN_MONTH}
            RETURN NULL;
        """,
    ),
]
