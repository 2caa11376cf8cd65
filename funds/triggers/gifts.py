"""Rules of what belongs to a gift: its parts, its lines of goods, the givers named, the batch it was typed in."""

from __future__ import annotations

import pgtrigger
from django.utils.translation import gettext_lazy as _

from funds.triggers.rules import BROKEN, Rule, Step, first_broken, in_turn, never, refuse
from hkh.core.triggers import Rule as RuleTrigger

SPLIT_RULES = (
    Rule(
        "split_void_whole",
        "sums.voids > 1",
        _("A split gift is voided whole: all of its parts, on the same day."),
    ),
    Rule(
        "split_adds_up",
        """sums.parts IS DISTINCT FROM whole.part_count OR sums.sum_vnd IS DISTINCT FROM whole.amount_vnd
            OR sums.funds <> whole.part_count OR NOT sums.alike""",
        _("The parts of a split gift go into different funds, on one day, and add up to the whole gift."),
        "shares",
    ),
)

#: The split gifts with a part between the donations $1 and $2, each with what its parts say together.
_SUMS = """
    CROSS JOIN LATERAL (
        SELECT count(*) AS parts, sum(part.amount_vnd) AS sum_vnd, count(DISTINCT part.fund_id) AS funds,
               count(DISTINCT coalesce(part.voided_on, 'infinity'::date)) AS voids,
               count(DISTINCT part.unit_id) = 1 AND bool_and(part.donor_id = whole.donor_id
                        AND part.received_on = whole.received_on AND part.form = whole.form
                        AND part.appeal_id IS NOT DISTINCT FROM whole.appeal_id) AS alike
        FROM funds_donation part WHERE part.split_id = whole.id
    ) sums
"""
SPLITS_TOUCHED = f"""
    FROM funds_splitgift whole {_SUMS}
    WHERE whole.id IN (
        SELECT split_id FROM funds_donation WHERE id BETWEEN $1 AND $2 AND split_id IS NOT NULL
    )
"""

_THIS_SPLIT = f"FROM funds_splitgift whole {_SUMS} WHERE whole.id = $1"

SPLIT_KEPT = Rule(
    "split_kept",
    "true",
    _("A split gift is never changed or deleted. Void it, with the reason, and enter it again."),
)

SPLIT_TRIGGERS = [
    *never(SPLIT_KEPT, pgtrigger.Update, pgtrigger.Delete, pgtrigger.Truncate),
    RuleTrigger(
        name="split_proved",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        declare=[BROKEN],
        func=f"""
            {in_turn(first_broken(SPLIT_RULES, _THIS_SPLIT), many="false", values=("NEW.id",))}
            RETURN NULL;
        """,
    ),
]

BATCH_RULES = (
    Rule(
        "batch_count_agrees",
        "sums.gifts <> batch.control_count",
        _("The number of gifts typed is not the number of slips counted. Look for a slip left out or typed twice."),
        "control_count",
    ),
    Rule(
        "batch_sum_agrees",
        "coalesce(sums.sum_vnd, 0) <> batch.control_vnd",
        _("The gifts typed do not add up to the sum of the slips. Compare the amounts line by line."),
        "control_vnd",
    ),
)

#: A void does not change what the pile of slips came to; a correction stands outside the batch.
_BATCH_SUMS = """
    CROSS JOIN LATERAL (
        SELECT count(*) AS gifts, sum(given.amount_vnd) AS sum_vnd
        FROM funds_donation given WHERE given.batch_id = batch.id
    ) sums
"""
BATCHES_TOUCHED = f"""
    FROM funds_batch batch {_BATCH_SUMS}
    WHERE batch.id IN (SELECT batch_id FROM funds_donation WHERE id BETWEEN $1 AND $2 AND batch_id IS NOT NULL)
"""

_THIS_BATCH = f"FROM funds_batch batch {_BATCH_SUMS} WHERE batch.id = $1"

BATCH_KEPT = Rule("batch_kept", "true", _("A posted batch is never changed or deleted. Correct its gifts one by one."))

BATCH_TRIGGERS = [
    *never(BATCH_KEPT, pgtrigger.Update, pgtrigger.Delete, pgtrigger.Truncate),
    RuleTrigger(
        name="batch_proved",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        declare=[BROKEN],
        func=f"""
            {in_turn(first_broken(BATCH_RULES, _THIS_BATCH), many="false", values=("NEW.id",))}
            RETURN NULL;
        """,
    ),
]

DETAIL_KEPT = Rule(
    "gift_detail_kept",
    "true",
    _("What was recorded of a donation does not change. Void it, with the reason, and enter it again."),
)
LINES_OF_GOODS = Rule(
    "goods_lines_of_goods", "true", _("Only a gift of goods has lines of goods. Choose the form “in kind”."), "form"
)
GIVERS_WITHIN_GIFT = Rule(
    "givers_within_gift",
    "true",
    _("What the givers named gave comes to more than the gift. Compare the amounts."),
    "givers",
)

#: Lines of a gift that was proved before are proved again with it.
_PROVE_LINES = Step("""
    INSERT INTO funds_bookingproof (first_id, last_id)
    SELECT min(donation_id), max(donation_id) FROM new_rows HAVING count(*) > 0
""")

LINE_TRIGGERS = [
    *never(DETAIL_KEPT, pgtrigger.Update, pgtrigger.Delete, pgtrigger.Truncate),
    RuleTrigger(
        name="lines_entered",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_rows"),
        func=f"""
            IF EXISTS (
                SELECT FROM new_rows line JOIN funds_donation given ON given.id = line.donation_id
                WHERE given.form <> 'in_kind'
            ) THEN {refuse(LINES_OF_GOODS)} END IF;
            {_PROVE_LINES.kept}
            RETURN NULL;
        """,
    ),
]

GIVER_TRIGGERS = [
    *never(DETAIL_KEPT, pgtrigger.Update, pgtrigger.Delete, pgtrigger.Truncate),
    RuleTrigger(
        name="givers_entered",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_rows"),
        # The rows of the gifts are locked, so that two lists of one gift see each other.
        func=f"""
            PERFORM 1 FROM funds_donation WHERE id IN (SELECT donation_id FROM new_rows) ORDER BY id FOR NO KEY UPDATE;
            IF EXISTS (
                SELECT FROM funds_donation given
                LEFT JOIN funds_splitgift whole ON whole.id = given.split_id
                WHERE given.id IN (SELECT donation_id FROM new_rows)
                  AND (SELECT sum(amount_vnd) FROM funds_namedgiver WHERE donation_id = given.id)
                      > coalesce(whole.amount_vnd, given.amount_vnd)
            ) THEN {refuse(GIVERS_WITHIN_GIFT)} END IF;
            RETURN NULL;
        """,
    ),
]
