"""First in, first out, đồng by đồng: what came into a fund's pot laid beside what went out of it.

Everything that came in stands in a row, by date and id, and so does everything that went out. Laid beside each
other the two rows are cut where either ends; each cut has one origin and one use. What was taken back stands in
neither row. What one fund passes to another is followed with the order that it had: the first đồng of a transfer is
the first that its fund gave for it. So each đồng that left the association has exactly one origin (DESIGN §6).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from funds.models import MovementKind

#: From how many funds to the next money is followed. Past it a piece stays what it is: passed on.
MOST_STEPS = 8

#: Kinds of uses that are no movement: what still stands in the fund, by account.
COMMITTED, TRANSIT, LEFT = "committed", "transit", "left"

PASSED_ON = frozenset({MovementKind.TRANSFER, MovementKind.HANDOVER})


@dataclass(frozen=True)
class Piece:
    """Some đồng of ``donation`` (None: of no gift), in a row, and the one thing that they paid.

    Going forward ``movement``, ``line`` (of a distribution) and ``kind`` say for what; None and COMMITTED, TRANSIT
    or LEFT what is still there. Going back ``kind`` is that of the movement that brought them in. ``begins_vnd`` is
    their place within that movement, ``steps`` how many funds passed them on.
    """

    steps: int
    donation: int | None
    kind: str
    movement: int | None
    line: int | None
    begins_vnd: int
    vnd: int


@dataclass(frozen=True)
class _Stretch:
    """The đồng of a movement from ``begins_vnd`` to ``ends_vnd``, on their way from or to ``donation``."""

    donation: int | None
    movement: int
    begins_vnd: int
    ends_vnd: int


_STANDS = """
    {row}.reverses_id IS NULL AND {row}.kind NOT IN ('commitment', 'release', 'sending', 'returned')
    AND NOT EXISTS (SELECT FROM funds_movement back WHERE back.reverses_id = {row}.id)
"""

_KINDS = f"ARRAY[{', '.join(repr(str(kind)) for kind in (*MovementKind.values, COMMITTED, TRANSIT))}]::text[]"

# Both rows of each pot, and the cuts. A pot goes by its free account. In `cuts` the first of all that end here or later
# is the one in which the cut lies; where none of what went out is left, the money is still there. What is known of
# either stands in one array behind its number, for `min` to bring along: joined by number instead, a pot of thousands
# would be walked through for each of its rows, since nobody can tell the planner how many there are.
_CUTS = f"""
    asked AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])
              AS stretch(donation, movement, begins, ends)),
    pots AS (
        SELECT DISTINCT free.id AS pot, free.fund_id, free.pot AS kind
        FROM asked JOIN funds_movement moved ON moved.id = asked.movement
        JOIN funds_account own ON own.id = moved.{{side}}
        JOIN funds_account free ON free.fund_id = own.fund_id AND free.pot = own.pot AND free.kind = 'free'
    ),
    held AS (
        SELECT pots.pot, account.id, account.kind, account.balance_vnd
        FROM pots JOIN funds_account account ON account.fund_id = pots.fund_id AND account.pot = pots.kind
    ),
    came AS (
        SELECT held.pot, moved.id, moved.kind, moved.donation_id, moved.amount_vnd,
            row_number() OVER turn AS number, (sum(moved.amount_vnd) OVER turn)::bigint AS ends
        FROM held JOIN funds_movement moved ON moved.target_id = held.id
        WHERE {_STANDS.format(row="moved")}
        WINDOW turn AS (PARTITION BY held.pot ORDER BY moved.occurred_on, moved.id)
    ),
    gone AS (
        SELECT held.pot, moved.id, moved.kind, line.id AS line, moved.occurred_on,
            coalesce(line.value_vnd, moved.amount_vnd) AS amount_vnd
        FROM held JOIN funds_movement moved ON moved.source_id = held.id
        LEFT JOIN scholarships_distributionline line ON line.movement_id = moved.id
        WHERE {_STANDS.format(row="moved")}
        UNION ALL
        SELECT held.pot, CASE held.kind WHEN 'committed' THEN -2 ELSE -1 END, held.kind, NULL, 'infinity', balance_vnd
        FROM held WHERE held.kind IN ('committed', 'transit') AND held.balance_vnd > 0
    ),
    counted AS (
        SELECT gone.*, row_number() OVER turn AS number, (sum(gone.amount_vnd) OVER turn)::bigint AS ends
        FROM gone WINDOW turn AS (PARTITION BY gone.pot ORDER BY gone.occurred_on, gone.id, gone.line)
    ),
    went AS (
        SELECT counted.*, min(counted.ends - counted.amount_vnd) OVER (PARTITION BY counted.pot, counted.id) AS begins
        FROM counted
    ),
    ends AS (
        SELECT pot, ends, NULL::bigint[] AS went, ARRAY[
            number, id, ends - amount_vnd, array_position({_KINDS}, kind::text), coalesce(donation_id, 0)
        ] AS came FROM came
        UNION ALL
        SELECT pot, ends, ARRAY[number, id, begins, array_position({_KINDS}, kind::text), coalesce(line, 0)], NULL
        FROM went
    ),
    cuts AS (
        SELECT pot, lag(ends, 1, 0::bigint) OVER (PARTITION BY pot ORDER BY ends) AS begins, ends,
            min(came) OVER later AS came, min(went) OVER later AS went
        FROM ends WINDOW later AS (PARTITION BY pot ORDER BY ends DESC)
    ),
    pairs AS (
        SELECT begins, ends, came[2] AS came, came[3] AS came_begins, ({_KINDS})[came[4]] AS came_kind,
            nullif(came[5], 0) AS donation_id, went[2] AS went, went[3] AS went_begins,
            coalesce(({_KINDS})[went[4]], 'left') AS went_kind, nullif(went[5], 0) AS line
        FROM cuts WHERE begins < ends AND came IS NOT NULL
    )
"""

_FORWARD = f"""
    WITH {_CUTS.format(side="target_id")}
    SELECT asked.donation, went_kind, CASE WHEN went > 0 THEN went END, line,
        greatest(pairs.begins, came_begins + asked.begins) - coalesce(went_begins, 0),
        least(pairs.ends, came_begins + asked.ends) - greatest(pairs.begins, came_begins + asked.begins)
    FROM asked JOIN pairs ON pairs.came = asked.movement
        AND pairs.begins < came_begins + asked.ends AND pairs.ends > came_begins + asked.begins
"""

_BACK = f"""
    WITH {_CUTS.format(side="source_id")}
    SELECT pairs.donation_id, came_kind, came, NULL::bigint,
        greatest(pairs.begins, went_begins + asked.begins) - came_begins,
        least(pairs.ends, went_begins + asked.ends) - greatest(pairs.begins, went_begins + asked.begins)
    FROM asked JOIN pairs ON pairs.went = asked.movement
        AND pairs.begins < went_begins + asked.ends AND pairs.ends > went_begins + asked.begins
"""

_OF_GIFTS = f"""
    SELECT moved.donation_id, moved.id, 0, moved.amount_vnd FROM funds_movement moved
    WHERE moved.donation_id = ANY(%s) AND {_STANDS.format(row="moved")}
"""

_OF_LINES = """
    SELECT NULL, movement_id, (ends - value_vnd)::bigint, ends::bigint FROM (
        SELECT id, movement_id, value_vnd, sum(value_vnd) OVER (PARTITION BY movement_id ORDER BY id) AS ends
        FROM scholarships_distributionline
        WHERE movement_id IN (SELECT movement_id FROM scholarships_distributionline WHERE id = ANY(%s))
    ) line WHERE id = ANY(%s)
"""


def uses_of(donations: Iterable[int]) -> list[Piece]:
    """What the gifts with these ids became, to the đồng: the pieces of a gift add up to it.

    A voided gift, or one handed straight on, has none. 2 queries, and 1 a step from fund to fund.
    """
    return _followed(_FORWARD, _rows(_OF_GIFTS, [list(donations)]))


def origins_of(lines: Iterable[int]) -> list[Piece]:
    """Where the money of the distribution lines with these ids came from: their pieces add up to the lines.

    Lines of a voided distribution have none. 2 queries, and 1 a step from fund to fund.
    """
    wanted = list(lines)
    return _followed(_BACK, _rows(_OF_LINES, [wanted, wanted]))


def origins_of_movements(movements: Iterable[tuple[int, int]]) -> list[Piece]:
    """As ``origins_of``, of whole movements out of a fund: pairs of id and amount."""
    return _followed(_BACK, [(None, pk, 0, amount_vnd) for pk, amount_vnd in movements])


def _followed(statement: str, rows: list[tuple[Any, ...]]) -> list[Piece]:
    found: list[Piece] = []
    stretches = [_Stretch(*row) for row in rows]
    for steps in range(MOST_STEPS + 1):
        if not stretches:
            break
        columns = zip(*((s.donation, s.movement, s.begins_vnd, s.ends_vnd) for s in stretches), strict=True)
        pieces = [Piece(steps, *row) for row in _rows(statement, [list(column) for column in columns])]
        onward = [piece for piece in pieces if piece.kind in PASSED_ON and steps < MOST_STEPS]
        found += [piece for piece in pieces if piece.kind not in PASSED_ON or steps == MOST_STEPS]
        stretches = [
            _Stretch(piece.donation, piece.movement, piece.begins_vnd, piece.begins_vnd + piece.vnd)
            for piece in onward
            if piece.movement is not None
        ]
    return found


def _rows(statement: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())
