"""Goods as stock: what the ledger says in đồng of the goods pot, said item by item.

Nobody writes entries: they follow the movements of goods (at the end of the transaction, when the lines of the gift
are there too) and the lots issued. So stock and ledger cannot say two things.
"""

from __future__ import annotations

import pgtrigger
from django.utils.translation import gettext_lazy as _

from funds.triggers.choices import TAKE_CHOSEN
from funds.triggers.rules import PERIOD_CLOSED, SEES_ALL, Rule, Step, never, refuse
from hkh.core.triggers import Rule as RuleTrigger

ENTRY_KEPT = Rule("stock_entry_kept", "true", _("What stands in the goods book is never changed or deleted."))
ENTRY_FOLLOWS = Rule(
    "stock_entry_follows",
    "true",
    _("The stock follows gifts, lots and what is handed out; it is never written by hand."),
)
STOCK_FOLLOWS = Rule("stock_follows", "true", _("A stock follows its entries and is never written by hand."))
STOCK_COVERS = Rule(
    "stock_covers_goods", "true", _("The fund does not hold goods of that value any more. Lower the amount.")
)

_OPEN_STOCK = Step("""
    INSERT INTO funds_stock (item_id, holder_id, quantity, value_vnd)
    SELECT DISTINCT item_id, holder_id, 0, 0 FROM new_rows ORDER BY 1, 2 ON CONFLICT DO NOTHING
""")
_FILL_STOCK = Step("""
    UPDATE funds_stock stock SET quantity = stock.quantity + change.quantity,
                                 value_vnd = stock.value_vnd + change.value_vnd
    FROM (
        SELECT item_id, holder_id, sum(quantity) AS quantity, sum(value_vnd)::bigint AS value_vnd
        FROM new_rows GROUP BY item_id, holder_id
    ) change
    WHERE stock.item_id = change.item_id AND stock.holder_id IS NOT DISTINCT FROM change.holder_id
""")

STOCK_TRIGGERS = [
    *never(STOCK_FOLLOWS, pgtrigger.Delete, pgtrigger.Truncate),
    RuleTrigger(
        name="stock_settled",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        condition=pgtrigger.Condition("pg_trigger_depth() = 0"),
        func=refuse(STOCK_FOLLOWS),
    ),
]

ENTRY_TRIGGERS = [
    *never(ENTRY_KEPT, pgtrigger.Update, pgtrigger.Delete, pgtrigger.Truncate),
    RuleTrigger(
        name="stock_entry_made",
        level=pgtrigger.Row,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Condition("pg_trigger_depth() = 0"),
        func=refuse(ENTRY_FOLLOWS),
    ),
    RuleTrigger(
        name="stock_entry_counts",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="new_rows"),
        func=f"{_OPEN_STOCK.kept} {_FILL_STOCK.kept} RETURN NULL;",
    ),
]

ISSUE_KEPT = Rule(
    "issue_kept", "true", _("A lot that was issued is not changed or deleted. Take it back, and issue it again.")
)
ISSUE_NOT_IN_FUTURE = Rule(
    "issue_not_in_future",
    "true",
    _("The date lies in the future. Enter the day on which it happened."),
    "issued_on",
)
ISSUE_PERIOD_CLOSED = Rule("issue_period_closed", "true", PERIOD_CLOSED, "issued_on")
ISSUE_BELOW = Rule(
    "issue_to_unit_below",
    "true",
    _("Goods are issued to units that stood below the fund's own unit on that date. Choose another unit."),
    "unit",
)
ISSUE_HELD = Rule(
    "issue_held",
    "true",
    _("Only %(left)s %(measure)s of these goods are there. Lower the quantity."),
    "quantity",
)

ISSUE_TRIGGERS = [
    SEES_ALL,
    *never(ISSUE_KEPT, pgtrigger.Update, pgtrigger.Delete, pgtrigger.Truncate),
    RuleTrigger(
        name="issue_moves",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        declare=[("item", "record"), ("giver", "bigint"), ("taker", "bigint"), ("held", "record"), ("worth", "bigint")],
        func=f"""
            SELECT good.id, good.measure, fund.id AS fund_id, fund.unit_id INTO item
            FROM funds_stockitem good JOIN funds_fund fund ON fund.id = good.fund_id WHERE good.id = NEW.item_id;
            PERFORM 1 FROM funds_account WHERE fund_id = item.fund_id ORDER BY id FOR NO KEY UPDATE;
            -- As a movement does: whoever closes the period comes before or after.
            LOCK TABLE funds_movement IN ROW EXCLUSIVE MODE;
            IF NEW.issued_on > funds_today() THEN {refuse(ISSUE_NOT_IN_FUTURE)} END IF;
            IF funds_is_closed(item.unit_id, NEW.issued_on) THEN {refuse(ISSUE_PERIOD_CLOSED)} END IF;
            IF NOT EXISTS (
                SELECT FROM members_unitancestor above
                WHERE above.unit_id = NEW.unit_id AND above.ancestor_id = item.unit_id AND above.depth > 0
                  AND above.valid_from <= NEW.issued_on
                  AND (above.valid_until IS NULL OR above.valid_until > NEW.issued_on)
            ) AND NOT NEW.is_return THEN {refuse(ISSUE_BELOW)} END IF;
            giver := CASE WHEN NEW.is_return THEN NEW.unit_id END;
            taker := CASE WHEN NOT NEW.is_return THEN NEW.unit_id END;
            SELECT quantity, value_vnd INTO held FROM funds_stock
            WHERE item_id = NEW.item_id AND holder_id IS NOT DISTINCT FROM giver;
            IF coalesce(held.quantity, 0) < NEW.quantity THEN
                RAISE EXCEPTION 'Not so many are held' USING ERRCODE = '23514', CONSTRAINT = '{ISSUE_HELD.name}',
                    DETAIL = jsonb_build_object(
                        'left', trim_scale(coalesce(held.quantity, 0))::text, 'measure', item.measure)::text;
            END IF;
            -- A part of little value is worth something still, and leaves something.
            worth := CASE WHEN NEW.quantity = held.quantity THEN held.value_vnd
                ELSE greatest(1, least(round(held.value_vnd * NEW.quantity / held.quantity), held.value_vnd - 1)) END;
            INSERT INTO funds_stockentry (item_id, holder_id, kind, quantity, value_vnd, occurred_on, issue_id) VALUES
                (NEW.item_id, giver, 'issue', -NEW.quantity, -worth, NEW.issued_on, NEW.id),
                (NEW.item_id, taker, 'issue', NEW.quantity, worth, NEW.issued_on, NEW.id);
            RETURN NULL;
        """,
    ),
]

#: On movements: remember those of goods until the end of the transaction.
FOLLOW_GOODS = RuleTrigger(
    name="movement_of_goods",
    level=pgtrigger.Statement,
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    referencing=pgtrigger.Referencing(new="new_rows"),
    func="""
        INSERT INTO funds_stockproof (first_id, last_id)
        SELECT min(moved.id), max(moved.id) FROM new_rows moved
        JOIN funds_account source ON source.id = moved.source_id AND source.pot = 'goods' HAVING count(*) > 0;
        RETURN NULL;
    """,
)

_COLUMNS = "item_id, holder_id, kind, quantity, value_vnd, occurred_on, movement_id"

#: A gift without lines is one line: what its text says, whole.
_ONE_LINE = """
    INSERT INTO funds_goodsline (donation_id, what, quantity, measure, unit_value_vnd, value_vnd, valuation, valued_by)
    SELECT given.id, left(given.goods, 120), 1, 'lô', given.amount_vnd, given.amount_vnd, 'donor', ''
    FROM funds_donation given
    WHERE given.id = moved.donation_id
      AND NOT EXISTS (SELECT FROM funds_goodsline line WHERE line.donation_id = given.id);
"""

_RECEIVE = f"""
    {_ONE_LINE}
    INSERT INTO funds_stockitem (fund_id, name, measure)
    SELECT DISTINCT ON (hkh_title_key(what), hkh_title_key(measure)) moved.to_fund, what, measure
    FROM funds_goodsline WHERE donation_id = moved.donation_id
    ORDER BY hkh_title_key(what), hkh_title_key(measure), id ON CONFLICT DO NOTHING;
    INSERT INTO funds_stockentry ({_COLUMNS})
    SELECT item.id, NULL, 'in', line.quantity, line.value_vnd, moved.occurred_on, moved.id
    FROM funds_goodsline line
    JOIN funds_stockitem item ON item.fund_id = moved.to_fund AND item.title_key = hkh_title_key(line.what)
        AND item.measure_key = hkh_title_key(line.measure)
    WHERE line.donation_id = moved.donation_id ORDER BY line.id;
"""

_BRING_FORWARD = f"""
    INSERT INTO funds_stockitem (fund_id, name, measure) VALUES (moved.to_fund, 'Hiện vật mang sang', 'lô')
    ON CONFLICT DO NOTHING;
    INSERT INTO funds_stockentry ({_COLUMNS})
    SELECT item.id, NULL, 'in', 1, moved.amount_vnd, moved.occurred_on, moved.id FROM funds_stockitem item
    WHERE item.fund_id = moved.to_fund AND item.title_key = hkh_title_key('Hiện vật mang sang')
      AND item.measure_key = hkh_title_key('lô');
"""

#: Back where it came from, to the piece; or, where that was given on since, goods of the same value.
_TAKE_BACK = f"""
    IF EXISTS (
        SELECT FROM (
            SELECT item_id, holder_id, sum(quantity) AS quantity, sum(value_vnd) AS value_vnd
            FROM funds_stockentry WHERE movement_id = moved.reverses_id GROUP BY item_id, holder_id
        ) was
        JOIN funds_stock stock ON stock.item_id = was.item_id AND stock.holder_id IS NOT DISTINCT FROM was.holder_id
        WHERE NOT (stock.quantity > was.quantity AND stock.value_vnd > was.value_vnd
                   OR stock.quantity = was.quantity AND stock.value_vnd = was.value_vnd)
    ) THEN
        left_vnd := moved.amount_vnd;
        SELECT array_agg(item_id) INTO rather FROM funds_stockentry WHERE movement_id = moved.reverses_id;
    ELSE
        INSERT INTO funds_stockentry ({_COLUMNS})
        SELECT item_id, holder_id, 'back', -quantity, -value_vnd, moved.occurred_on, moved.id
        FROM funds_stockentry WHERE movement_id = moved.reverses_id ORDER BY id;
    END IF;
"""

#: First from the store, then from what was issued; first what comes out in whole pieces, then what came first.
_DRAW = f"""
    FOR held IN
        SELECT kept.item_id, kept.holder_id, kept.quantity, kept.value_vnd, item.name, item.measure
        FROM funds_stock kept JOIN funds_stockitem item ON item.id = kept.item_id
        WHERE item.fund_id = moved.from_fund AND kept.value_vnd > 0
        ORDER BY coalesce(item.id = ANY (rather), false) DESC, kept.holder_id IS NOT NULL,
                 (moved.amount_vnd * kept.quantity) % kept.value_vnd <> 0, item.id, kept.holder_id
        FOR UPDATE OF kept
    LOOP
        EXIT WHEN left_vnd = 0;
        take_vnd := least(left_vnd, held.value_vnd);
        take := CASE WHEN take_vnd = held.value_vnd THEN held.quantity ELSE greatest(
            0.000001, least(round(held.quantity * take_vnd / held.value_vnd, 6), held.quantity - 0.000001)) END;
        INSERT INTO funds_stockentry ({_COLUMNS})
        VALUES (held.item_id, held.holder_id, CASE WHEN moved.reverses_id IS NULL THEN 'out' ELSE 'back' END,
                -take, -take_vnd, moved.occurred_on, moved.id);
        IF moved.to_fund IS NOT NULL THEN
            INSERT INTO funds_stockitem (fund_id, name, measure) VALUES (moved.to_fund, held.name, held.measure)
            ON CONFLICT DO NOTHING;
            INSERT INTO funds_stockentry ({_COLUMNS})
            SELECT item.id, CASE WHEN moved.kind = 'handover' THEN held.holder_id END, 'in', take, take_vnd,
                   moved.occurred_on, moved.id
            FROM funds_stockitem item WHERE item.fund_id = moved.to_fund
              AND item.title_key = hkh_title_key(held.name) AND item.measure_key = hkh_title_key(held.measure);
        END IF;
        left_vnd := left_vnd - take_vnd;
    END LOOP;
    IF left_vnd > 0 THEN {refuse(STOCK_COVERS)} END IF;
"""

STOCK_PROOF_TRIGGERS = [
    RuleTrigger(
        name="stock_proved",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        declare=[
            ("moved", "record"),
            ("held", "record"),
            ("sums", "record"),
            ("left_vnd", "bigint"),
            ("take_vnd", "bigint"),
            ("take", "numeric"),
            ("rather", "bigint[]"),
        ],
        func=f"""
            DELETE FROM funds_stockproof WHERE id = NEW.id;
            FOR moved IN
                SELECT movement.*, source.fund_id AS from_fund, target.fund_id AS to_fund
                FROM funds_movement movement
                JOIN funds_account source ON source.id = movement.source_id AND source.pot = 'goods'
                JOIN funds_account target ON target.id = movement.target_id
                WHERE movement.id BETWEEN NEW.first_id AND NEW.last_id
                  AND source.fund_id IS DISTINCT FROM target.fund_id
                  AND NOT EXISTS (SELECT FROM funds_stockentry made WHERE made.movement_id = movement.id)
                ORDER BY movement.id
            LOOP
                left_vnd := 0;
                rather := NULL;
                IF moved.reverses_id IS NOT NULL THEN {_TAKE_BACK}
                ELSIF moved.kind = 'donation' THEN {_RECEIVE}
                ELSIF moved.from_fund IS NULL THEN {_BRING_FORWARD}
                ELSE left_vnd := moved.amount_vnd;
                END IF;
                IF left_vnd > 0 AND moved.reverses_id IS NULL
                   AND EXISTS (SELECT FROM funds_goodschoice WHERE movement_id = moved.id) THEN {TAKE_CHOSEN}
                ELSIF left_vnd > 0 THEN {_DRAW}
                END IF;
            END LOOP;
            RETURN NULL;
        """,
    )
]
