"""The statements behind the consolidation: as those of ``sql``, through the tree as it was and no other."""

from hkh.indicators.sql import STOOD_IN_MONTH, STOOD_LAST

#: Of the consolidation: what crossed the border of the funds, by kind of movement. Whole units only.
FLOWS_BY_KIND = f"""
    WITH {{below}},
    own AS (
        SELECT unit_id, kind, sum(in_vnd) AS came_in, sum(out_vnd) AS went_out
        FROM funds_fundmonth
        WHERE month >= %(starts_on)s AND month < %(ends_before)s AND kind <> 'opening' {{among}}
        GROUP BY unit_id, kind
    )
    SELECT own.kind, sum(own.came_in)::bigint AS came_in, sum(own.went_out)::bigint AS went_out
    FROM own JOIN below a ON a.unit_id = own.unit_id
    WHERE {STOOD_LAST}
    GROUP BY own.kind"""

_HERE = f"here AS MATERIALIZED (SELECT DISTINCT a.unit_id FROM below a WHERE {STOOD_LAST})"

#: What funds of the units below passed on, to each other or over the border, fund by fund, from the movements.
PASSED_ON = f"""
    WITH {{below}}, {_HERE},
    passed AS (
        SELECT moved.kind, moved.reverses_id IS NULL AS forth,
               CASE WHEN moved.reverses_id IS NULL THEN source.fund_id ELSE target.fund_id END AS giver_id,
               CASE WHEN moved.reverses_id IS NULL THEN target.fund_id ELSE source.fund_id END AS taker_id,
               moved.amount_vnd
        FROM funds_movement moved
        JOIN funds_account source ON source.id = moved.source_id
        JOIN funds_account target ON target.id = moved.target_id
        WHERE moved.kind IN ('transfer', 'handover')
          AND moved.occurred_on >= %(starts_on)s AND moved.occurred_on < %(ends_before)s
          AND source.fund_id IS DISTINCT FROM target.fund_id
    ),
    pair AS (
        SELECT kind, giver_id, taker_id,
               sum(CASE WHEN forth THEN amount_vnd ELSE -amount_vnd END)::bigint AS amount_vnd
        FROM passed GROUP BY kind, giver_id, taker_id
    )
    SELECT pair.kind, pair.amount_vnd,
           giver.name AS giver, giver_unit.name AS giver_unit, giver_here.unit_id IS NOT NULL AS giver_inside,
           taker.name AS taker, taker_unit.name AS taker_unit, taker_here.unit_id IS NOT NULL AS taker_inside
    FROM pair
    JOIN funds_fund giver ON giver.id = pair.giver_id
    JOIN funds_fund taker ON taker.id = pair.taker_id
    JOIN members_unit giver_unit ON giver_unit.id = giver.unit_id
    JOIN members_unit taker_unit ON taker_unit.id = taker.unit_id
    LEFT JOIN here giver_here ON giver_here.unit_id = giver.unit_id
    LEFT JOIN here taker_here ON taker_here.unit_id = taker.unit_id
    WHERE giver_here.unit_id IS NOT NULL OR taker_here.unit_id IS NOT NULL
    ORDER BY pair.amount_vnd DESC, giver.title_key, taker.title_key, pair.kind, giver.id, taker.id"""

#: Gifts are counted where they were received, month by month, and booked where their fund is: what differs.
GIFTS_BOOKED_ELSEWHERE = f"""
    WITH {{below}}, {_HERE},
    given AS (
        SELECT donation.unit_id, fund.unit_id AS booked_id, date_trunc('month', counted.day)::date AS month,
               sum(counted.sign * donation.amount_vnd) AS value_vnd
        FROM funds_donation donation
        JOIN funds_fund fund ON fund.id = donation.fund_id
        CROSS JOIN LATERAL (VALUES (donation.received_on, 1), (donation.voided_on, -1)) counted(day, sign)
        WHERE NOT donation.is_pass_through AND counted.day >= %(starts_on)s AND counted.day < %(ends_before)s
        GROUP BY 1, 2, 3
    )
    SELECT coalesce(sum(m.value_vnd) FILTER (WHERE booked.unit_id IS NULL AND a.unit_id IS NOT NULL), 0)::bigint
               AS for_others,
           coalesce(sum(m.value_vnd) FILTER (WHERE booked.unit_id IS NOT NULL AND a.unit_id IS NULL), 0)::bigint
               AS by_others
    FROM (SELECT given.*, (month + interval '1 month')::date AS next_month FROM given) m
    LEFT JOIN below a ON a.unit_id = m.unit_id AND {STOOD_IN_MONTH}
    LEFT JOIN here booked ON booked.unit_id = m.booked_id"""
