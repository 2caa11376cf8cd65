"""Rules of papers: numbers without gap or twin, what a paper says is what the books say, and a void is once."""

from __future__ import annotations

import pgtrigger
from django.utils.translation import gettext_lazy as _

from funds.triggers.rules import BROKEN, PERIOD_CLOSED, SEES_ALL, Rule, first_broken, in_turn, never, refuse
from hkh.core.triggers import Rule as RuleTrigger

PAPER_KEPT = Rule(
    "paper_kept",
    "true",
    _("A paper that was issued is never changed or deleted, and its number stays. Void it and issue another."),
)
PAPER_VOID_ONCE = Rule("paper_void_once", "true", _("This paper was voided already. Open it to see when and why."))
PAPER_VOID_DATE = Rule(
    "paper_void_date", "true", _("A paper is voided on a day of an open period that is not in the future.")
)
PAPER_GAPLESS = Rule(
    "paper_gapless",
    "true",
    _(
        "Numbers of a series follow one another without a gap, and so do their dates. Issue the paper again, dated "
        "today."
    ),
    "issued_on",
)
SERIES_KEPT = Rule("paper_series_kept", "true", _("A series of numbers follows the papers alone."))

_FITS = """
    CASE paper.kind
        WHEN 'receipt' THEN gift.form <> 'in_kind' AND NOT gift.is_pass_through OR whole.id IS NOT NULL
            OR voucher.pot = 'cash' AND voucher.kind IN ('interest', 'surplus')
        WHEN 'payment' THEN voucher.pot = 'cash' AND voucher.kind IN ('expense', 'transfer', 'shortage')
        WHEN 'goods_in' THEN gift.form = 'in_kind' AND NOT gift.is_pass_through OR lot.is_return
            OR voucher.pot = 'goods' AND voucher.kind = 'surplus'
        WHEN 'goods_out' THEN NOT lot.is_return
            OR voucher.pot = 'goods' AND voucher.kind IN ('expense', 'transfer', 'shortage')
        ELSE gift.id IS NOT NULL OR whole.id IS NOT NULL
    END
"""


def looked_at(papers: str) -> str:
    """SQL: each of ``papers`` and, beside it, what it is about."""
    return f"""
    FROM {papers} paper
    LEFT JOIN funds_donation gift ON gift.id = paper.donation_id
    LEFT JOIN funds_splitgift whole ON whole.id = paper.split_id
    LEFT JOIN funds_voucher voucher ON voucher.id = paper.voucher_id
    LEFT JOIN funds_goodsissue lot ON lot.id = paper.lot_id
    LEFT JOIN funds_stockitem good ON good.id = lot.item_id
    LEFT JOIN funds_fund store ON store.id = good.fund_id
    LEFT JOIN funds_paper former ON former.id = paper.replaces_id
"""


LASTING_RULES = (
    Rule(
        "paper_of_unit",
        "paper.unit_id IS DISTINCT FROM coalesce(gift.unit_id, whole.unit_id, voucher.unit_id, store.unit_id)",
        _("The unit that keeps the books issues the paper."),
    ),
    Rule(
        "paper_of_whole_gift",
        "gift.split_id IS NOT NULL",
        _("A gift that goes into several funds has one paper, for the whole of it."),
    ),
    Rule(
        "paper_fits",
        f"({_FITS}) IS NOT TRUE",
        _("No such paper is issued for this entry. Choose another kind."),
        "kind",
    ),
    Rule(
        "paper_subject_stands",
        """paper.voided_on IS NULL AND (
            gift.voided_on IS NOT NULL OR voucher.state NOT IN ('booked', 'sent', 'confirmed')
            OR EXISTS (
                SELECT FROM funds_donation part WHERE part.split_id = whole.id AND part.voided_on IS NOT NULL
            )
        )""",
        _("A paper is issued for what stands in the books: this entry was voided, or is not booked yet."),
    ),
    Rule(
        "paper_amount",
        """paper.amount_vnd IS DISTINCT FROM coalesce(gift.amount_vnd, whole.amount_vnd, voucher.amount_vnd,
            (SELECT sum(entry.value_vnd) FROM funds_stockentry entry
             WHERE entry.issue_id = lot.id AND entry.value_vnd > 0))""",
        _("A paper says the amount that stands in the books."),
    ),
    Rule(
        "paper_date",
        """paper.issued_on > funds_today()
            OR paper.issued_on < coalesce(gift.received_on, whole.received_on, voucher.occurred_on, lot.issued_on)""",
        _("A paper is dated on the day of what it is about or later, and not in the future."),
        "issued_on",
    ),
    Rule(
        "paper_replaces",
        """former.id IS NOT NULL
            AND (former.voided_on IS NULL OR former.unit_id <> paper.unit_id OR former.kind <> paper.kind)""",
        _("A new paper takes the place of a voided one of the same kind and unit."),
    ),
)

RULES = (
    *LASTING_RULES,
    Rule(
        "paper_period_closed",
        """paper.issued_on < (SELECT max(ends_before) FROM funds_closing)
            AND funds_is_closed(paper.unit_id, paper.issued_on)""",
        PERIOD_CLOSED,
        "issued_on",
    ),
)

#: Whoever takes the entry out of the books at this moment comes before or after, not in between.
_HOLD = """
    PERFORM 1 FROM funds_donation
        WHERE id IN (SELECT donation_id FROM new_rows) OR split_id IN (SELECT split_id FROM new_rows)
        ORDER BY id FOR SHARE;
    PERFORM 1 FROM funds_voucher WHERE id IN (SELECT voucher_id FROM new_rows) ORDER BY id FOR SHARE;
"""

#: A statement of many papers is one step of each of its series.
_NUMBERED = f"""
    FOR step IN
        SELECT unit_id, kind, year, min(number) AS lowest, max(number) AS highest, count(*) AS many,
               min(issued_on) AS first_on, max(issued_on) AS last_on
        FROM new_rows GROUP BY unit_id, kind, year ORDER BY unit_id, kind, year
    LOOP
        INSERT INTO funds_paperseries (unit_id, kind, year, last_number) VALUES (step.unit_id, step.kind, step.year, 0)
        ON CONFLICT DO NOTHING;
        UPDATE funds_paperseries SET last_number = step.highest, last_on = step.last_on
        WHERE unit_id = step.unit_id AND kind = step.kind AND year = step.year
          AND last_number = step.lowest - 1 AND step.highest - step.lowest + 1 = step.many
          AND step.first_on = step.last_on AND (last_on IS NULL OR last_on <= step.first_on);
        IF NOT FOUND THEN {refuse(PAPER_GAPLESS)} END IF;
    END LOOP;
"""

_OF_VOID = "'{voided_on,voided_by_id,void_reason}'::text[]"

PAPER_TRIGGERS = [
    SEES_ALL,
    *never(PAPER_KEPT, pgtrigger.Delete, pgtrigger.Truncate),
    RuleTrigger(
        name="paper_issued",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_rows"),
        declare=[BROKEN, ("step", "record")],
        func=f"{_HOLD} {in_turn(first_broken(RULES, looked_at('new_rows')))} {_NUMBERED} RETURN NULL;",
    ),
    RuleTrigger(
        name="paper_voided",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func=f"""
            IF to_jsonb(NEW) - {_OF_VOID} <> to_jsonb(OLD) - {_OF_VOID} THEN {refuse(PAPER_KEPT)} END IF;
            IF OLD.voided_on IS NOT NULL THEN {refuse(PAPER_VOID_ONCE)} END IF;
            IF NEW.voided_on > greatest(funds_today(), NEW.issued_on) OR funds_is_closed(NEW.unit_id, NEW.voided_on)
            THEN {refuse(PAPER_VOID_DATE)} END IF;
            RETURN NEW;
        """,
    ),
]

SERIES_TRIGGERS = [
    *never(SERIES_KEPT, pgtrigger.Delete, pgtrigger.Truncate),
    RuleTrigger(
        name="paper_series_begun",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=f"IF NEW.last_number <> 0 OR NEW.last_on IS NOT NULL THEN {refuse(SERIES_KEPT)} END IF; RETURN NEW;",
    ),
    RuleTrigger(
        name="paper_series_counted",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        # Depth 0 is a statement from outside; the papers' own trigger runs at depth 1.
        condition=pgtrigger.Condition("pg_trigger_depth() = 0"),
        func=refuse(SERIES_KEPT),
    ),
]

#: Belongs to the gifts: what was voided has no valid paper. The voids of papers are always of the day itself.
GIFT_TRIGGER = RuleTrigger(
    name="donation_papers_voided",
    level=pgtrigger.Row,
    when=pgtrigger.After,
    operation=pgtrigger.Update,
    condition=pgtrigger.Condition("OLD.voided_on IS NULL AND NEW.voided_on IS NOT NULL"),
    func="""
        UPDATE funds_paper SET voided_on = greatest(funds_today(), issued_on), voided_by_id = NEW.voided_by_id,
            void_reason = NEW.void_reason
        WHERE voided_on IS NULL AND (donation_id = NEW.id OR split_id = NEW.split_id);
        RETURN NULL;
    """,
)

#: Belongs to the vouchers, likewise.
VOUCHER_TRIGGER = RuleTrigger(
    name="voucher_papers_voided",
    level=pgtrigger.Row,
    when=pgtrigger.After,
    operation=pgtrigger.Update,
    condition=pgtrigger.Condition("NEW.state IN ('reversed', 'returned') AND OLD.state <> NEW.state"),
    func="""
        UPDATE funds_paper SET voided_on = greatest(funds_today(), issued_on), voided_by_id = NEW.settled_by_id,
            void_reason = NEW.reason
        WHERE voided_on IS NULL AND voucher_id = NEW.id;
        RETURN NULL;
    """,
)
