"""Rules of awards: where and when they may be proposed and approved, and what stays as it is afterwards."""

from __future__ import annotations

import pgtrigger
from django.utils.translation import gettext_lazy as _

from funds.triggers.rules import BROKEN, Rule, first_broken
from scholarships.rollups import FILL_TALLY, FILL_TALLY_OF_CHANGES, FILL_TALLY_OF_DELETED

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


def _of(row: str, columns: str) -> str:
    return ", ".join(f"{row}.{column.strip()}" for column in columns.split(","))


#: Over old rows and what became of each.
CHANGE_RULES = (
    Rule(
        "award_settled",
        f"""now.id IS NULL
            OR was.state <> 'proposed' AND ({_of("now", _FACTS)}) IS DISTINCT FROM ({_of("was", _FACTS)})
            OR was.state <> 'proposed'
                AND (now.approved_on, now.approved_by_id) IS DISTINCT FROM (was.approved_on, was.approved_by_id)""",
        _("What was approved does not change any more. Cancel the award and propose it anew."),
    ),
    Rule(
        "award_state_path",
        """was.state <> now.state
            AND (was.state, now.state) NOT IN (
                ('proposed', 'approved'), ('proposed', 'cancelled'), ('approved', 'cancelled')
            )""",
        _("A cancelled or approved award does not become a proposal again. Propose it anew."),
    ),
    Rule(
        "award_cancelled_for_good",
        "now.cancelled_count < was.cancelled_count",
        _("What was cancelled stays cancelled. Propose it anew."),
    ),
    Rule(
        "award_delivered_follows",
        """now.delivered_count <> was.delivered_count AND now.delivered_count <> (
            SELECT coalesce(sum(line.count), 0)
            FROM scholarships_distributionline line
            JOIN scholarships_distribution held ON held.id = line.distribution_id
            WHERE line.award_id = now.id AND held.voided_on IS NULL
        )""",
        _("How many were handed out follows the distributions and is never written by hand."),
    ),
)

_CHANGED = "FROM old_rows was LEFT JOIN new_rows now ON now.id = was.id"
_STILL_OPEN_TO_CHANGE = """
    FROM (
        SELECT now.* FROM new_rows now JOIN old_rows was ON was.id = now.id
        WHERE was.state = 'proposed' AND now.state <> 'cancelled'
    ) award
"""

AWARD_KEPT = Rule(
    "award_kept",
    "was.state <> 'proposed'",
    _("What was approved is cancelled, never deleted."),
)

AWARD_TRIGGERS = [
    pgtrigger.Trigger(
        name="award_added",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_rows"),
        declare=[BROKEN],
        func=f"""
            {_HOLD_ROUNDS}
            {first_broken((STARTS_UNDELIVERED, *PLACE_RULES), f"FROM new_rows award {_PLACED}")}
            {FILL_TALLY}
            RETURN NULL;
        """,
    ),
    pgtrigger.Trigger(
        name="award_changed",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        referencing=pgtrigger.Referencing(old="old_rows", new="new_rows"),
        declare=[BROKEN],
        func=f"""
            {_HOLD_ROUNDS}
            {first_broken(CHANGE_RULES, _CHANGED)}
            {first_broken(PLACE_RULES, f"{_STILL_OPEN_TO_CHANGE} {_PLACED}")}
            {FILL_TALLY_OF_CHANGES}
            RETURN NULL;
        """,
    ),
    pgtrigger.Trigger(
        name="award_deleted",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Delete,
        referencing=pgtrigger.Referencing(old="old_rows"),
        declare=[BROKEN],
        func=f"""
            {first_broken((AWARD_KEPT,), "FROM old_rows was")}
            {FILL_TALLY_OF_DELETED}
            RETURN NULL;
        """,
    ),
]
