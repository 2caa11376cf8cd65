"""The figures of the demo province recomputed from raw rows by plain SQL, without roll-ups, closure or our own code.

Each function takes a cursor and asks of the first half of 2024 (or the day it ended on).
"""

from __future__ import annotations

import hashlib
from typing import Any

LAST_DAY = "2024-06-30"
HALF = "BETWEEN '2024-01-01' AND '2024-06-30'"

#: Every unit that stood on the last day, with the unit of the district tier above it; from versions alone.
TREE = f"""
    WITH RECURSIVE standing AS (
        SELECT version.unit_id, version.parent_id, tier.code AS tier
        FROM members_unitversion version JOIN members_tier tier ON tier.id = version.tier_id
        WHERE valid_from <= '{LAST_DAY}' AND (valid_until IS NULL OR valid_until > '{LAST_DAY}')
    ),
    tree(unit_id, tier, top_id) AS (
        SELECT unit_id, tier, CASE tier WHEN 'DISTRICT' THEN unit_id END FROM standing
        WHERE parent_id IS NULL
        UNION ALL
        SELECT below.unit_id, below.tier, CASE below.tier WHEN 'DISTRICT' THEN below.unit_id ELSE tree.top_id END
        FROM tree JOIN standing below ON below.parent_id = tree.unit_id
    )
"""


def ask(cursor: Any, sql: str) -> list[tuple[Any, ...]]:
    cursor.execute(sql)
    return [tuple(row) for row in cursor.fetchall()]


def by_key(cursor: Any, sql: str) -> dict[Any, Any]:
    """A query's rows as {first column: second, or the tuple of the others}."""
    return {row[0]: row[1] if len(row) == 2 else row[1:] for row in ask(cursor, sql)}


def units_by_tier(cursor: Any) -> dict[str, int]:
    return by_key(cursor, f"{TREE} SELECT tier, count(*) FROM tree GROUP BY tier")


def below_districts(cursor: Any) -> dict[str, tuple[int, int, int, int]]:
    """{code of the unit of the district tier: communes, other base units, branches, members}."""
    return by_key(
        cursor,
        f"""{TREE}
        SELECT substr(top.code, 4),
               count(*) FILTER (WHERE tree.tier = 'GRASSROOTS' AND unit.place_id IS NOT NULL),
               count(*) FILTER (WHERE tree.tier = 'GRASSROOTS' AND unit.place_id IS NULL),
               count(*) FILTER (WHERE tree.tier = 'BRANCH'),
               sum((SELECT count(*) FROM members_membership m
                    WHERE m.unit_id = tree.unit_id AND joined_on <= '{LAST_DAY}'
                      AND (left_on IS NULL OR left_on > '{LAST_DAY}')))::int
        FROM tree JOIN members_unit unit ON unit.id = tree.unit_id JOIN members_unit top ON top.id = tree.top_id
        GROUP BY top.code""",
    )


def raised(cursor: Any, column: str) -> dict[str, int]:
    """Đồng received into books by ``column`` of donation or donor, voided ones left out."""
    return by_key(
        cursor,
        f"""SELECT {column}, sum(amount_vnd)::bigint FROM funds_donation JOIN funds_donor donor ON donor.id = donor_id
        WHERE received_on {HALF} AND NOT is_pass_through AND voided_on IS NULL GROUP BY 1""",
    )


def raised_by_tier(cursor: Any) -> dict[str, dict[str, int]]:
    """{tier: {code of the unit of the district tier above, "" for the province: đồng}}."""
    found: dict[str, dict[str, int]] = {}
    for tier, top, amount in ask(
        cursor,
        f"""{TREE}
        SELECT tree.tier, coalesce(substr(top.code, 4), ''), sum(amount_vnd)::bigint
        FROM funds_donation given JOIN tree ON tree.unit_id = given.unit_id
        LEFT JOIN members_unit top ON top.id = tree.top_id
        WHERE received_on {HALF} AND NOT is_pass_through AND voided_on IS NULL GROUP BY 1, 2""",
    ):
        found.setdefault(tier, {})[top] = amount
    return found


def fund_flows(cursor: Any, code: str) -> tuple[int, int, int, int]:
    """Opening, in, out, closing of a fund, from its movements with others."""
    [(opening, came_in, went_out)] = ask(
        cursor,
        f"""
        SELECT coalesce(sum(amount_vnd * sign) FILTER (WHERE occurred_on < '2024-01-01'), 0)::bigint,
               coalesce(sum(amount_vnd) FILTER (WHERE occurred_on {HALF} AND sign = 1), 0)::bigint,
               coalesce(sum(amount_vnd) FILTER (WHERE occurred_on {HALF} AND sign = -1), 0)::bigint
        FROM (
            SELECT m.amount_vnd, m.occurred_on, CASE WHEN target.fund_id = fund.id THEN 1 ELSE -1 END AS sign
            FROM funds_movement m
            JOIN funds_account source ON source.id = m.source_id JOIN funds_account target ON target.id = m.target_id
            JOIN funds_fund fund ON fund.code = '{code}' AND fund.id IN (source.fund_id, target.fund_id)
            WHERE source.fund_id IS DISTINCT FROM target.fund_id
        ) side""",
    )
    return opening, came_in, went_out, opening + came_in - went_out


GIVEN = f"""
    FROM scholarships_distributionline line
    JOIN scholarships_distribution held ON held.id = line.distribution_id
    JOIN scholarships_award award ON award.id = line.award_id
    WHERE held.held_on {HALF} AND held.voided_on IS NULL
"""
TO_PEOPLE = "AND award.kind IN ('scholarship', 'gift', 'award')"


def given_by(cursor: Any, column: str) -> dict[str, tuple[int, int]]:
    """{column of the award: (pieces, đồng)} handed out to people."""
    return by_key(
        cursor,
        f"SELECT award.{column}, sum(line.count)::int, sum(line.count * unit_value_vnd)::bigint {GIVEN} {TO_PEOPLE}"
        " GROUP BY 1",
    )


def given_by_district(cursor: Any, kinds: str = TO_PEOPLE) -> dict[str, tuple[int, int]]:
    """{code of the district: (pieces, đồng)}, by where the receiving unit stood."""
    return by_key(
        cursor,
        f"""{TREE}
        SELECT substr(top.code, 4), sum(count)::int, sum(value)::bigint
        FROM (SELECT award.unit_id, line.count, line.count * unit_value_vnd AS value {GIVEN} {kinds}) gift
        JOIN tree ON tree.unit_id = gift.unit_id JOIN members_unit top ON top.id = tree.top_id GROUP BY top.code""",
    )


def overdrawn_ever(cursor: Any) -> list[tuple[Any, ...]]:
    """Accounts of funds that fell below nothing at any time, movements taken in the order of the books."""
    return ask(
        cursor,
        """
        SELECT account_id, occurred_on, balance FROM (
            SELECT account_id, occurred_on,
                   sum(amount) OVER (PARTITION BY account_id ORDER BY occurred_on, movement_id) AS balance
            FROM (
                SELECT id AS movement_id, occurred_on, target_id AS account_id, amount_vnd AS amount FROM funds_movement
                UNION ALL SELECT id, occurred_on, source_id, -amount_vnd FROM funds_movement
            ) side
            JOIN funds_account account ON account.id = account_id AND account.fund_id IS NOT NULL
        ) running WHERE balance < 0 LIMIT 5""",
    )


def stranded(cursor: Any) -> list[tuple[Any, ...]]:
    """Closed funds that still hold something, and units below a unit that is no more."""
    return ask(
        cursor,
        """
        SELECT fund.code, account.balance_vnd
        FROM funds_account account JOIN funds_fund fund ON fund.id = account.fund_id
        WHERE fund.closed_on IS NOT NULL AND account.balance_vnd <> 0
        UNION ALL
        SELECT unit.code, 0 FROM members_unit unit JOIN members_unit parent ON parent.id = unit.parent_id
        WHERE unit.dissolved_on IS NULL AND parent.dissolved_on IS NOT NULL""",
    )


def handed_over(cursor: Any) -> list[tuple[str, list[int], list[int]]]:
    """[(code of a closed fund, what each heir got of its money, the heirs' shares in millionths)], largest first."""
    return [
        (code, list(parts), [int(share) for share in shares])
        for code, parts, shares in ask(
            cursor,
            """
            SELECT fund.code, array_agg(m.amount_vnd ORDER BY link.share DESC, heir.unit_id),
                   array_agg(link.share * 1000000 ORDER BY link.share DESC, heir.unit_id)
            FROM funds_movement m
            JOIN funds_account source ON source.id = m.source_id AND source.pot = 'cash'
            JOIN funds_account target ON target.id = m.target_id
            JOIN funds_fund fund ON fund.id = source.fund_id JOIN funds_fund heir ON heir.id = target.fund_id
            JOIN members_succession link ON link.predecessor_id = fund.unit_id AND link.successor_id = heir.unit_id
            WHERE m.kind = 'handover' GROUP BY fund.code ORDER BY fund.code""",
        )
    ]


def checksums(cursor: Any) -> dict[str, str]:
    """A digest of every table of the three domains, row by row."""
    tables = ask(
        cursor,
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        " AND relname ~ '^(members|funds|scholarships)_'",
    )
    found = {}
    for (table,) in tables:
        rows = ask(cursor, f'SELECT row::text FROM "{table}" row ORDER BY 1')
        found[table] = hashlib.sha256("\n".join(row for (row,) in rows).encode()).hexdigest()
    return found
