"""The roll-ups of giving: how their rows come from awards and distribution lines.

Each roll-up has one query that makes its rows from facts. The triggers run it over the rows of a statement and add
the outcome; ``rebuild`` and ``check`` run it over whole tables. Upserts go in key order, so that two bulk loads
do not wait for each other in a circle.
"""

from __future__ import annotations

from django.db import connection, transaction

from funds.rollups import Difference

_TALLY_KEY = "round_id, pot"
_TALLY_MEASURES = (
    "proposed_count",
    "proposed_vnd",
    "approved_count",
    "approved_vnd",
    "delivered_count",
    "delivered_vnd",
)
#: What of an approved award is neither handed out nor cancelled, in đồng.
_OWED_VND = "(award.count - award.delivered_count - award.cancelled_count) * award.unit_value_vnd"
_GIVEN_KEY = "unit_id, month, programme_id, kind, beneficiary_group"


def tally_rows(awards: str) -> str:
    """SQL: the rows of ``RoundTally`` from ``awards``, a source of (award's columns, turn); turn -1 takes out."""
    counted = f"""
        SELECT award.round_id, award.pot, award.turn, award.unit_value_vnd AS one_vnd,
               CASE award.state WHEN 'proposed' THEN award.count ELSE 0 END::bigint AS proposed,
               CASE award.state WHEN 'approved' THEN award.count - award.cancelled_count ELSE 0 END::bigint
                   AS approved,
               award.delivered_count::bigint AS delivered
        FROM {awards} award
    """
    measures = ", ".join(
        f"sum(turn * {stage})::bigint AS {stage}_count, sum(turn * {stage} * one_vnd)::bigint AS {stage}_vnd"
        for stage in ("proposed", "approved", "delivered")
    )
    changes = " OR ".join(
        f"sum(turn * {stage}) <> 0 OR sum(turn * {stage} * one_vnd) <> 0"
        for stage in ("proposed", "approved", "delivered")
    )
    return f"""
        SELECT round_id, pot, {measures} FROM ({counted}) counted
        GROUP BY round_id, pot HAVING {changes} ORDER BY round_id, pot
    """


def owed_rows(awards: str) -> str:
    """SQL: the rows of ``FundOwed`` from ``awards``, as ``tally_rows`` takes them."""
    return f"""
        SELECT round.fund_id, award.pot, sum(award.turn * {_OWED_VND})::bigint AS owed_vnd
        FROM {awards} award JOIN scholarships_round round ON round.id = award.round_id
        WHERE award.state = 'approved'
        GROUP BY round.fund_id, award.pot ORDER BY round.fund_id, award.pot
    """


_ONCE_HELD_ONCE_VOIDED = "(held.held_on, 1), (held.voided_on, -1)"


def given_rows(lines: str, *, counted: str = _ONCE_HELD_ONCE_VOIDED) -> str:
    """SQL: the rows of ``GivenMonth`` from distribution ``lines``.

    A void counts negative in the month of its date: at the unit that received, or, where that was dissolved by
    then, at the unit that held the distribution, for no figure reads a unit after its end.
    """
    return f"""
        SELECT CASE WHEN counted.turn < 0 AND unit.dissolved_on <= counted.day THEN held.unit_id
               ELSE award.unit_id END AS unit_id,
               date_trunc('month', counted.day)::date AS month, round.programme_id, award.kind,
               award.beneficiary_group, sum(counted.turn * line.count)::int AS count,
               sum(counted.turn * line.value_vnd)::bigint AS value_vnd
        FROM {lines} line
        JOIN scholarships_award award ON award.id = line.award_id
        JOIN members_unit unit ON unit.id = award.unit_id
        JOIN scholarships_distribution held ON held.id = line.distribution_id
        JOIN scholarships_round round ON round.id = held.round_id
        CROSS JOIN LATERAL (VALUES {counted}) counted(day, turn)
        WHERE counted.day IS NOT NULL
        GROUP BY 1, 2, 3, 4, 5
        ORDER BY 1, 2, 3, 4, 5
    """


def _add_to_tally(rows: str) -> str:
    sums = ", ".join(
        f"{measure} = scholarships_roundtally.{measure} + excluded.{measure}" for measure in _TALLY_MEASURES
    )
    return f"""
        INSERT INTO scholarships_roundtally ({_TALLY_KEY}, {", ".join(_TALLY_MEASURES)})
        {rows}
        ON CONFLICT ({_TALLY_KEY}) DO UPDATE SET {sums};
    """


def _add_to_owed(rows: str) -> str:
    return f"""
        INSERT INTO scholarships_fundowed (fund_id, pot, owed_vnd)
        {rows}
        ON CONFLICT (fund_id, pot) DO UPDATE SET owed_vnd = scholarships_fundowed.owed_vnd + excluded.owed_vnd;
    """


def _add_to_given_month(rows: str) -> str:
    return f"""
        INSERT INTO scholarships_givenmonth ({_GIVEN_KEY}, count, value_vnd)
        {rows}
        ON CONFLICT ({_GIVEN_KEY}) DO UPDATE SET
            count = scholarships_givenmonth.count + excluded.count,
            value_vnd = scholarships_givenmonth.value_vnd + excluded.value_vnd;
    """


_ADDED, _TAKEN = "(SELECT *, 1 AS turn FROM new_rows)", "(SELECT *, -1 AS turn FROM old_rows)"
_ALL_AWARDS = "(SELECT *, 1 AS turn FROM scholarships_award)"
_VOIDED_LINES = """(
    SELECT line.* FROM scholarships_distributionline line
    JOIN new_rows voided ON voided.id = line.distribution_id AND voided.voided_on IS NOT NULL
)"""

_CHANGES = "(SELECT *, 1 AS turn FROM new_rows UNION ALL SELECT *, -1 FROM old_rows)"

FILL_TALLIES = _add_to_tally(tally_rows(_ADDED)) + _add_to_owed(owed_rows(_ADDED))
FILL_TALLIES_OF_CHANGES = _add_to_tally(tally_rows(_CHANGES)) + _add_to_owed(owed_rows(_CHANGES))
#: What is deleted was a proposal: it was owed by nobody.
FILL_TALLIES_OF_DELETED = _add_to_tally(tally_rows(_TAKEN))
FILL_GIVEN_MONTH = _add_to_given_month(given_rows("new_rows", counted="(held.held_on, 1)"))
FILL_GIVEN_MONTH_OF_VOIDS = _add_to_given_month(given_rows(_VOIDED_LINES, counted="(held.voided_on, -1)"))


#: Row by row is never right for a pass over all there is; on tables not analysed yet the planner may think so.
_WHOLE_TABLES = "SET LOCAL enable_nestloop = off"


def rebuild() -> None:
    """Make the roll-ups of giving anew from the facts. 8 statements; nobody gives meanwhile."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_WHOLE_TABLES)
        cursor.execute(
            "LOCK TABLE scholarships_award, scholarships_distribution, scholarships_distributionline"
            " IN SHARE ROW EXCLUSIVE MODE"
        )
        cursor.execute("DELETE FROM scholarships_roundtally")
        cursor.execute(_add_to_tally(tally_rows(_ALL_AWARDS)))
        cursor.execute("DELETE FROM scholarships_fundowed")
        cursor.execute(_add_to_owed(owed_rows(_ALL_AWARDS)))
        cursor.execute("DELETE FROM scholarships_givenmonth")
        cursor.execute(_add_to_given_month(given_rows("scholarships_distributionline")))


_TALLIES = f"""
    SELECT 'RoundTally.' || measure.name, concat_ws(' ', unit.code, round.id, round.name, pot),
           coalesce(measure.expected, 0), coalesce(measure.found, 0)
    FROM ({tally_rows(_ALL_AWARDS)}) made
    FULL JOIN scholarships_roundtally kept USING ({_TALLY_KEY})
    JOIN scholarships_round round ON round.id = round_id
    JOIN members_unit unit ON unit.id = round.unit_id
    CROSS JOIN LATERAL (VALUES
        {", ".join(f"('{measure}', made.{measure}, kept.{measure})" for measure in _TALLY_MEASURES)}
    ) measure(name, expected, found)
    WHERE coalesce(measure.expected, 0) <> coalesce(measure.found, 0)
"""

_OWED = f"""
    SELECT 'FundOwed.owed_vnd', concat_ws(' ', fund.code, pot), coalesce(made.owed_vnd, 0),
           coalesce(kept.owed_vnd, 0)
    FROM ({owed_rows(_ALL_AWARDS)}) made
    FULL JOIN scholarships_fundowed kept USING (fund_id, pot)
    JOIN funds_fund fund ON fund.id = fund_id
    WHERE coalesce(made.owed_vnd, 0) <> coalesce(kept.owed_vnd, 0)
"""

_GIVEN_MONTHS = f"""
    SELECT 'GivenMonth.' || measure.name,
           concat_ws(' ', unit.code, to_char(month, 'YYYY-MM'), programme.code,
                     coalesce(made.kind, kept.kind), beneficiary_group),
           coalesce(measure.expected, 0), coalesce(measure.found, 0)
    FROM ({given_rows("scholarships_distributionline")}) made
    FULL JOIN scholarships_givenmonth kept USING ({_GIVEN_KEY})
    JOIN members_unit unit ON unit.id = unit_id
    JOIN scholarships_programme programme ON programme.id = programme_id
    CROSS JOIN LATERAL (VALUES
        ('count', made.count::bigint, kept.count::bigint), ('value_vnd', made.value_vnd, kept.value_vnd)
    ) measure(name, expected, found)
    WHERE coalesce(measure.expected, 0) <> coalesce(measure.found, 0)
"""

_DELIVERED = """
    WITH handed AS MATERIALIZED (
        SELECT line.award_id, sum(line.count) AS sum
        FROM scholarships_distributionline line
        JOIN scholarships_distribution held ON held.id = line.distribution_id AND held.voided_on IS NULL
        GROUP BY line.award_id
    )
    SELECT 'Award.delivered_count', concat_ws(' ', unit.code, round.name, award.id),
           coalesce(handed.sum, 0), award.delivered_count
    FROM scholarships_award award
    JOIN scholarships_round round ON round.id = award.round_id
    JOIN members_unit unit ON unit.id = award.unit_id
    LEFT JOIN handed ON handed.award_id = award.id
    WHERE coalesce(handed.sum, 0) <> award.delivered_count
"""


#: What the ledger holds committed, against the awards themselves.
_COMMITTED = f"""
    SELECT 'committed in the fund', concat_ws(' ', fund.code, pot), coalesce(owed.sum_vnd, 0),
           coalesce(account.balance_vnd, 0)
    FROM (
        SELECT round.fund_id, award.pot, sum({_OWED_VND})::bigint AS sum_vnd
        FROM scholarships_award award JOIN scholarships_round round ON round.id = award.round_id
        WHERE award.state = 'approved' GROUP BY round.fund_id, award.pot
    ) owed
    FULL JOIN (SELECT * FROM funds_account WHERE kind = 'committed') account USING (fund_id, pot)
    JOIN funds_fund fund ON fund.id = fund_id
    WHERE coalesce(owed.sum_vnd, 0) <> coalesce(account.balance_vnd, 0)
"""

#: Each payment, against the lines that it paid; a reversed one against those of distributions not voided.
_PAID = """
    SELECT 'payment', concat_ws(' ', fund.code, movement.occurred_on, movement.id),
           coalesce(handed.sum_vnd, 0), CASE WHEN reversal.id IS NULL THEN movement.amount_vnd ELSE 0 END
    FROM funds_movement movement
    JOIN funds_account source ON source.id = movement.source_id
    LEFT JOIN funds_fund fund ON fund.id = source.fund_id
    LEFT JOIN funds_movement reversal ON reversal.reverses_id = movement.id
    LEFT JOIN (
        SELECT line.movement_id, sum(line.value_vnd)::bigint AS sum_vnd
        FROM scholarships_distributionline line
        JOIN scholarships_distribution held ON held.id = line.distribution_id AND held.voided_on IS NULL
        GROUP BY line.movement_id
    ) handed ON handed.movement_id = movement.id
    WHERE movement.kind = 'payment' AND movement.reverses_id IS NULL
      AND coalesce(handed.sum_vnd, 0) <> CASE WHEN reversal.id IS NULL THEN movement.amount_vnd ELSE 0 END
"""


def check() -> list[Difference]:
    """Where awards, distributions, roll-ups and ledger disagree; empty when all is well. 7 statements."""
    found: list[Difference] = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_WHOLE_TABLES)
        for statement in (_TALLIES, _OWED, _GIVEN_MONTHS, _DELIVERED, _COMMITTED, _PAID):
            cursor.execute(f"{statement} ORDER BY 1, 2")
            found.extend(
                Difference(record, where, int(expected), int(counted))
                for record, where, expected, counted in cursor.fetchall()
            )
    return found
