"""Rules of awards: where and when they may be proposed and approved, and what stays as it is afterwards."""

from __future__ import annotations

from dataclasses import replace

import pgtrigger
from django.utils.translation import gettext_lazy as _

from funds.triggers.rules import SEES_ALL, Rule, never
from hkh.core.triggers import Rule as RuleTrigger
from scholarships.rollups import FILL_TALLIES, FILL_TALLIES_OF_CHANGES, FILL_TALLIES_OF_DELETED
from scholarships.triggers.statements import BROKEN, refuse_broken

#: For proposals (new ones, changed ones) and for what is being approved.
PLACE_RULES = (
    Rule(
        "award_round_open",
        "round.state <> 'open'",
        _("The round is closed and takes no more awards. Open it again or choose another round."),
    ),
    # A proposal has no date: it may stand under the round's unit on any day from the round's opening on.
    Rule(
        "award_in_subtree",
        """NOT EXISTS (
            SELECT FROM members_unitancestor above
            WHERE above.unit_id = award.unit_id AND above.ancestor_id = round.unit_id
              AND above.valid_from <= coalesce(award.approved_on, 'infinity')
              AND (above.valid_until IS NULL OR above.valid_until > coalesce(award.approved_on, round.opened_on))
        )""",
        _("The receiving unit does not stand under the unit of the round on that day. Choose another unit."),
        "unit",
    ),
    Rule(
        "award_approved_in_round",
        "award.approved_on < round.opened_on",
        _("An award cannot be approved before its round opens. Choose a later day."),
        "approved_on",
    ),
    Rule(
        "award_approved_not_in_future",
        "award.approved_on > funds_today()",
        _("The date lies in the future. Enter the day of the decision."),
        "approved_on",
    ),
)

_PLACED = "JOIN scholarships_round round ON round.id = award.round_id"

#: Whoever closes the round, or changes its budget, waits for us or we for them.
_HOLD_ROUNDS = """
    PERFORM 1 FROM scholarships_round WHERE id IN (SELECT round_id FROM new_rows) ORDER BY id FOR NO KEY UPDATE;
"""

STARTS_UNDELIVERED = Rule(
    "award_starts_undelivered",
    "award.state = 'cancelled' OR award.delivered_count <> 0 OR award.cancelled_count <> 0",
    _("An award starts as a proposal or an approval, with nothing handed out."),
)

_FACTS = (
    "round_id, unit_id, kind, beneficiary_group, recipient_kind, recipient_name, birth_year, school, grade, "
    "content, pot, count, unit_value_vnd, proposed_by_id, idempotency_key"
)

# What each row was and what it is now, put side by side by grouping: a join of the two sides would be planned
# once a session for as few rows as came first, and go row by row through the thousands of a later load.
_CHANGED = f"""
    FROM (
        SELECT max(state) FILTER (WHERE turn < 0) AS was_state,
               max(facts) FILTER (WHERE turn < 0) AS was_facts,
               max(approval) FILTER (WHERE turn < 0) AS was_approval,
               max(cancelled_count) FILTER (WHERE turn < 0) AS was_cancelled_count,
               max(delivered_count) FILTER (WHERE turn < 0) AS was_delivered_count,
               max(state) FILTER (WHERE turn > 0) AS state,
               max(facts) FILTER (WHERE turn > 0) AS facts,
               max(approval) FILTER (WHERE turn > 0) AS approval,
               max(cancelled_count) FILTER (WHERE turn > 0) AS cancelled_count,
               max(delivered_count) FILTER (WHERE turn > 0) AS delivered_count,
               max(round_id) FILTER (WHERE turn > 0) AS round_id,
               max(unit_id) FILTER (WHERE turn > 0) AS unit_id,
               max(approved_on) FILTER (WHERE turn > 0) AS approved_on
        FROM (
            SELECT id, turn, state, cancelled_count, delivered_count, round_id, unit_id, approved_on,
                   ROW({_FACTS})::text AS facts, ROW(approved_on, approved_by_id)::text AS approval
            FROM (SELECT *, 1 AS turn FROM new_rows UNION ALL SELECT *, -1 FROM old_rows) side
        ) described GROUP BY id
    ) award
    LEFT JOIN scholarships_round round ON round.id = award.round_id
"""

CHANGE_RULES = (
    # A row that has another id now has no counterpart: it was not, or is not.
    Rule(
        "award_settled",
        """award.state IS NULL OR award.was_state IS NULL
            OR award.was_state <> 'proposed' AND award.facts <> award.was_facts
            OR award.was_state <> 'proposed' AND award.approval <> award.was_approval""",
        _("What was approved does not change any more. Cancel the award and propose it anew."),
    ),
    Rule(
        "award_state_path",
        """award.was_state <> award.state
            AND (award.was_state, award.state) NOT IN (
                ('proposed', 'approved'), ('proposed', 'cancelled'), ('approved', 'cancelled')
            )""",
        _("A cancelled or approved award does not become a proposal again. Propose it anew."),
    ),
    Rule(
        "award_cancelled_for_good",
        "award.cancelled_count < award.was_cancelled_count",
        _("What was cancelled stays cancelled. Propose it anew."),
    ),
    # Depth 1 is a statement from outside; the triggers of lines and distributions update at depth 2.
    Rule(
        "award_delivered_follows",
        "award.delivered_count <> award.was_delivered_count AND pg_trigger_depth() < 2",
        _("How many were handed out follows the distributions and is never written by hand."),
    ),
    *(
        replace(
            rule,
            broken_when=f"award.was_state = 'proposed' AND award.state <> 'cancelled' AND ({rule.broken_when})",
        )
        for rule in PLACE_RULES
    ),
)

AWARD_KEPT = Rule(
    "award_kept",
    "was.state <> 'proposed'",
    _("What was approved is cancelled, never deleted."),
)

AWARD_TRIGGERS = [
    SEES_ALL,
    *never(AWARD_KEPT, pgtrigger.Truncate),
    RuleTrigger(
        name="award_added",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_rows"),
        declare=[BROKEN],
        func=f"""
            {_HOLD_ROUNDS}
            {refuse_broken((STARTS_UNDELIVERED, *PLACE_RULES), f"FROM new_rows award {_PLACED}")}
            {FILL_TALLIES}
            RETURN NULL;
        """,
    ),
    RuleTrigger(
        name="award_changed",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        referencing=pgtrigger.Referencing(old="old_rows", new="new_rows"),
        declare=[BROKEN],
        func=f"""
            {_HOLD_ROUNDS}
            {refuse_broken(CHANGE_RULES, _CHANGED)}
            {FILL_TALLIES_OF_CHANGES}
            RETURN NULL;
        """,
    ),
    RuleTrigger(
        name="award_deleted",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Delete,
        referencing=pgtrigger.Referencing(old="old_rows"),
        declare=[BROKEN],
        func=f"""
            {refuse_broken((AWARD_KEPT,), "FROM old_rows was")}
            {FILL_TALLIES_OF_DELETED}
            RETURN NULL;
        """,
    ),
]
