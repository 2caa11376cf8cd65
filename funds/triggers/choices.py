"""Which goods are handed out, where somebody said so: exactly those, at what the handing-out is worth.

The ledger pays what the awards are worth. The goods chosen leave the store in the quantities chosen, and that worth is
laid on them in proportion to what they stand in the books for; what differs stays with the goods of their kind that are
left. Where nothing was chosen, goods are drawn by value (``funds.triggers.stock``).
"""

from __future__ import annotations

import pgtrigger
from django.utils.translation import gettext_lazy as _

from funds.triggers.rules import BROKEN, Rule, first_broken, never
from hkh.core.triggers import Rule as RuleTrigger

CHOICE_KEPT = Rule(
    "goods_choice_kept",
    "true",
    _("Which goods were handed out is not changed. Void the distribution, with the reason, and record it again."),
)
CHOICE_HELD = Rule(
    "goods_choice_held",
    "true",
    _("Of “%(goods)s” only %(left)s %(measure)s are there. Lower the quantity, or choose other goods as well."),
)
#: So a slip of the pen (100 for 10) is told from prices that differ a little.
CHOICE_WORTH = Rule(
    "goods_choice_worth",
    "true",
    _(
        "The goods chosen stand in the books for %(worth_vnd)s, but what is handed out is worth %(amount_vnd)s. The "
        "difference would fall on the goods that are left, and is too large for them. Check the quantities."
    ),
)

CHOICE_RULES = (
    Rule(
        "goods_choice_of_payment",
        """movement.kind <> 'payment' OR movement.reverses_id IS NOT NULL OR source.pot <> 'goods'
            OR source.fund_id <> item.fund_id""",
        _("Only goods of the fund that pays are handed out. Choose from its goods."),
    ),
    Rule(
        "goods_choice_in_time",
        "EXISTS (SELECT FROM funds_stockentry made WHERE made.movement_id = movement.id)",
        CHOICE_KEPT.sentence,
    ),
)

_LOOKED_AT = """
    FROM new_rows choice
    JOIN funds_movement movement ON movement.id = choice.movement_id
    JOIN funds_account source ON source.id = movement.source_id
    JOIN funds_stockitem item ON item.id = choice.item_id
"""

CHOICE_TRIGGERS = [
    *never(CHOICE_KEPT, pgtrigger.Update, pgtrigger.Delete, pgtrigger.Truncate),
    RuleTrigger(
        name="goods_chosen",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_rows"),
        declare=[BROKEN],
        func=f"{first_broken(CHOICE_RULES, _LOOKED_AT).kept} RETURN NULL;",
    ),
]

#: What was chosen for the movement at hand, each with what is there of it.
_CHOSEN = """
    (
        SELECT choice.id, choice.item_id, choice.holder_id, choice.quantity AS wanted, kept.quantity, kept.value_vnd,
               item.name, item.measure, choice.quantity = kept.quantity AS is_all,
               kept.value_vnd * choice.quantity / nullif(kept.quantity, 0) AS worth_vnd
        FROM funds_goodschoice choice
        JOIN funds_stockitem item ON item.id = choice.item_id
        LEFT JOIN funds_stock kept ON kept.item_id = choice.item_id
            AND kept.holder_id IS NOT DISTINCT FROM choice.holder_id
        WHERE choice.movement_id = moved.id
    ) chosen
"""

_WORTH = f"""
    RAISE EXCEPTION 'Worth more or less' USING ERRCODE = '23514', CONSTRAINT = '{CHOICE_WORTH.name}',
        DETAIL = jsonb_build_object('worth_vnd', sums.worth_vnd, 'amount_vnd', moved.amount_vnd)::text;
"""

#: Of what is taken whole all its value goes along; the rest of the amount lies on the others, on each less than it
#: holds. Neither what goes nor what stays may come to less than half or more than twice its value in the books.
TAKE_CHOSEN = f"""
    SELECT name, measure, coalesce(quantity, 0) AS quantity INTO held FROM {_CHOSEN}
    WHERE coalesce(quantity, 0) < wanted ORDER BY id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'Not so many are held' USING ERRCODE = '23514', CONSTRAINT = '{CHOICE_HELD.name}',
            DETAIL = jsonb_build_object('goods', held.name, 'measure', held.measure,
                'left', replace(trim_scale(round(held.quantity, 3))::text, '.', ','))::text;
    END IF;
    SELECT moved.amount_vnd - coalesce(sum(value_vnd) FILTER (WHERE is_all), 0) AS left_vnd,
           coalesce(sum(value_vnd - 1) FILTER (WHERE NOT is_all), 0) AS room_vnd, round(sum(worth_vnd)) AS worth_vnd
    INTO sums FROM {_CHOSEN};
    IF sums.worth_vnd * 2 < moved.amount_vnd OR sums.worth_vnd > moved.amount_vnd * 2
       OR sums.left_vnd NOT BETWEEN 0 AND sums.room_vnd THEN {_WORTH} END IF;
    left_vnd := sums.left_vnd;
    FOR held IN
        SELECT chosen.*, sum(worth_vnd) FILTER (WHERE NOT is_all) OVER from_here AS worth_from,
               coalesce(sum(value_vnd - 1) FILTER (WHERE NOT is_all) OVER later, 0) AS room_later
        FROM {_CHOSEN}
        WINDOW from_here AS (ORDER BY id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING),
               later AS (ORDER BY id ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
        ORDER BY id
    LOOP
        IF held.is_all THEN take_vnd := held.value_vnd;
        ELSE
            take_vnd := least(held.value_vnd - 1, left_vnd,
                greatest(left_vnd - held.room_later, round(left_vnd * held.worth_vnd / held.worth_from)));
            left_vnd := left_vnd - take_vnd;
            IF 2 * (held.value_vnd - take_vnd) + 1 < held.value_vnd - held.worth_vnd
               OR held.value_vnd - take_vnd > 2 * (held.value_vnd - held.worth_vnd) + 1 THEN {_WORTH} END IF;
        END IF;
        INSERT INTO funds_stockentry (item_id, holder_id, kind, quantity, value_vnd, occurred_on, movement_id)
        VALUES (held.item_id, held.holder_id, 'out', -held.wanted, -take_vnd, moved.occurred_on, moved.id);
    END LOOP;
"""
