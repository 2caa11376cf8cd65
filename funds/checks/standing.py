"""Every rule that the database keeps of the books, proved of all that stands in them.

A rule has one home, its trigger; here the same conditions are asked of whole tables. What is found went round the
database: a trigger that was missing for a while, a restore in pieces, a hand of the administrator.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from funds.rollups import Difference
from funds.triggers import closings, donations, movements, papers, vouchers
from funds.triggers.rules import Rule


def _broken(rules: Sequence[Rule], row: str, source: str) -> str:
    """SQL: the rows of ``source`` that break one of ``rules``, by rule; one pass."""
    cases = "\n".join(f"WHEN {rule.broken_when} THEN '{rule.name}'" for rule in rules)
    return f"""
        SELECT looked_at.rule, {row!r} || ' ' || looked_at.id, 0, 1 FROM (
            SELECT {row}.id, CASE {cases} END AS rule {source}
        ) looked_at WHERE looked_at.rule IS NOT NULL
    """


_MOVEMENTS = _broken(movements.LASTING_RULES, "moved", movements.moved("funds_movement"))
_DONATIONS = _broken(donations.LASTING_RULES, "given", donations.given("funds_donation"))
_BOOKED = _broken(
    donations.PROOF_RULES,
    "given",
    """
    FROM funds_donation given
    LEFT JOIN funds_movement booked
        ON booked.donation_id = given.id AND booked.kind = 'donation' AND booked.reverses_id IS NULL
    LEFT JOIN funds_movement reversal ON reversal.reverses_id = booked.id
    """,
)

_REVERSED_TWICE = """
    SELECT 'funds_movement_reverses_id_key', 'moved ' || reverses_id, 1, count(*)
    FROM funds_movement WHERE reverses_id IS NOT NULL GROUP BY reverses_id HAVING count(*) > 1
"""
_BELOW_ZERO = """
    SELECT 'account_not_overdrawn', concat_ws(' ', fund.code, account.kind, account.pot), 0, account.balance_vnd
    FROM funds_account account LEFT JOIN funds_fund fund ON fund.id = account.fund_id WHERE account.balance_vnd < 0
"""
_VOUCHERS = f"""
    SELECT looked_at.rule, 'voucher ' || looked_at.id, 0, 1 FROM (
        SELECT voucher.id, CASE
            WHEN {vouchers.booked_wrongly("voucher")} THEN 'voucher_booked'
            WHEN {vouchers.alone_beyond_limit("voucher")} THEN 'voucher_beyond_limit'
            WHEN voucher.decided_by_id = voucher.prepared_by_id AND voucher.state <> 'withdrawn'
                THEN 'voucher_two_people'
            WHEN voucher.state = 'confirmed'
                 AND voucher.settled_by_id IN (voucher.prepared_by_id, voucher.decided_by_id)
                THEN 'voucher_confirmed_by_another'
        END AS rule
        FROM funds_voucher voucher
    ) looked_at WHERE looked_at.rule IS NOT NULL
"""
_WITHOUT_VOUCHER = f"""
    SELECT 'movement_with_voucher', 'moved ' || moved.id, 0, 1
    FROM funds_movement moved WHERE {vouchers.without_voucher("moved")}
"""
#: What each fund sent and nobody has received or returned, against what its account in transit holds.
_IN_TRANSIT = """
    SELECT 'transit_matches_vouchers', concat_ws(' ', fund.code, account.pot), coalesce(sent.sum_vnd, 0)::bigint,
           account.balance_vnd
    FROM funds_account account JOIN funds_fund fund ON fund.id = account.fund_id
    LEFT JOIN (
        SELECT fund_id, pot, sum(amount_vnd) AS sum_vnd FROM funds_voucher WHERE state = 'sent' GROUP BY 1, 2
    ) sent USING (fund_id, pot)
    WHERE account.kind = 'transit' AND coalesce(sent.sum_vnd, 0) <> account.balance_vnd
"""

_KEPT = "(SELECT * FROM funds_closingbalance WHERE closing_id = closing.id)"
_DIGESTS = f"""
    SELECT 'closing_digest', concat_ws(' ', unit.code, closing.period), 0, 1
    FROM funds_closing closing JOIN members_unit unit ON unit.id = closing.unit_id
    WHERE closing.digest <> ({closings.digest(_KEPT)})
"""
_HELD = closings.BALANCES_BEFORE.format(
    ends_before="closing.ends_before", unit_id="closing.unit_id", last_movement_id="closing.last_movement_id"
)
#: What was kept when a period was closed, against the movements that stood in the books then.
_CLOSED_WITH = f"""
    SELECT 'closing_balance', concat_ws(' ', unit.code, closing.period, fund.code, differs.pot), differs.kept_vnd,
           differs.moved_vnd
    FROM funds_closing closing JOIN members_unit unit ON unit.id = closing.unit_id
    CROSS JOIN LATERAL (
        SELECT fund_id, pot, coalesce(kept.free_vnd + kept.committed_vnd + kept.transit_vnd, 0) AS kept_vnd,
               coalesce(held.free_vnd + held.committed_vnd + held.transit_vnd, 0) AS moved_vnd
        FROM ({_HELD}) held
        FULL JOIN (SELECT * FROM funds_closingbalance WHERE closing_id = closing.id) kept USING (fund_id, pot)
        WHERE (held.free_vnd, held.committed_vnd, held.transit_vnd)
              IS DISTINCT FROM (kept.free_vnd, kept.committed_vnd, kept.transit_vnd)
    ) differs
    JOIN funds_fund fund ON fund.id = differs.fund_id
"""

#: What came into a closed period after it was closed, while no reopening let it in. ``day`` is when it was recorded.
_LATE = """
    SELECT '{rule}', '{row} ' || late.id, 0, 1
    FROM {table} late
    {joins}
    JOIN funds_closing closing ON late.{dated} < closing.ends_before
        AND (closing.starts_on IS NULL OR late.{dated} >= closing.starts_on) AND {after}
    JOIN members_unitancestor above ON above.unit_id = {unit} AND above.ancestor_id = closing.unit_id
        AND above.valid_from <= late.{dated}
        AND (above.valid_until IS NULL OR above.valid_until > late.{dated} OR above.is_latest)
    WHERE NOT EXISTS (
        SELECT FROM funds_reopening again
        JOIN members_unitancestor over ON over.ancestor_id = again.unit_id AND over.unit_id = {unit}
        WHERE again.closing_id = closing.id
          AND (late.recorded_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
              BETWEEN again.reopened_on AND again.until_on
    )
"""
_LATE_MOVEMENTS = _LATE.format(
    rule="movement_period_closed",
    row="moved",
    table="funds_movement",
    dated="occurred_on",
    joins="""JOIN funds_account account ON account.id IN (late.source_id, late.target_id)
    JOIN funds_fund fund ON fund.id = account.fund_id""",
    unit="fund.unit_id",
    after="late.id > closing.last_movement_id",
)
#: Gifts handed straight on have no movement to be told by.
_LATE_DONATIONS = _LATE.format(
    rule="donation_period_closed",
    row="given",
    table="(SELECT * FROM funds_donation WHERE is_pass_through)",
    dated="received_on",
    joins="",
    unit="late.unit_id",
    after="late.recorded_at > closing.closed_at",
)

#: Nor has a lot of goods.
_LATE_ISSUES = _LATE.format(
    rule="issue_period_closed",
    row="lot",
    table="funds_goodsissue",
    dated="issued_on",
    joins="""JOIN funds_stockitem item ON item.id = late.item_id
    JOIN funds_fund fund ON fund.id = item.fund_id""",
    unit="fund.unit_id",
    after="late.recorded_at > closing.closed_at",
)

_PAPERS = _broken(papers.LASTING_RULES, "paper", papers.looked_at("funds_paper"))
#: Each series against the papers that there are of it: how many, and the highest number.
_NUMBERS = """
    SELECT 'paper_gapless', concat_ws(' ', unit.code, counted.kind, counted.year), counted.last_number, counted.many
    FROM (
        SELECT unit_id, kind, year, coalesce(series.last_number, 0)::bigint AS last_number,
               coalesce(issued.many, 0)::bigint AS many, coalesce(issued.highest, 0)::bigint AS highest
        FROM funds_paperseries series
        FULL JOIN (
            SELECT unit_id, kind, year, count(DISTINCT number) AS many, max(number) AS highest
            FROM funds_paper GROUP BY unit_id, kind, year
        ) issued USING (unit_id, kind, year)
    ) counted
    JOIN members_unit unit ON unit.id = counted.unit_id
    WHERE (counted.last_number, counted.last_number) <> (counted.many, counted.highest)
"""

CHECKS = (
    _MOVEMENTS,
    _REVERSED_TWICE,
    _BELOW_ZERO,
    _DONATIONS,
    _BOOKED,
    _VOUCHERS,
    _WITHOUT_VOUCHER,
    _IN_TRANSIT,
    _DIGESTS,
    _CLOSED_WITH,
    _LATE_MOVEMENTS,
    _LATE_DONATIONS,
    _LATE_ISSUES,
    _PAPERS,
    _NUMBERS,
)


def check() -> list[Difference]:
    """What in the books breaks a rule that the database keeps; empty when all is right. As many queries as checks."""
    found: list[Difference] = []
    with connection.cursor() as cursor:
        # Row by row is never right for a pass over all there is.
        cursor.execute("SELECT set_config('enable_nestloop', 'off', true)")
        for statement in CHECKS:
            cursor.execute(f"SELECT DISTINCT * FROM ({statement}) broken ORDER BY 1, 2")
            found.extend(Difference(*row) for row in cursor.fetchall())
        cursor.execute("SELECT set_config('enable_nestloop', 'on', true)")
    return found
