"""Whole numbers shared out so that every sum comes out exactly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import TypeVar

K = TypeVar("K")


def split(total: int, weights: Sequence[float], *, step: int = 1) -> list[int]:
    """``total`` in parts like ``weights``, each a multiple of ``step`` but for what no step divides.

    Largest remainders first, ties by position; what ``step`` does not divide goes to the largest part.
    All weights zero shares evenly.
    """
    if not weights:
        if total:
            raise ValueError("Nobody to share with.")
        return []
    whole = sum(weights)
    shares = [weight / whole for weight in weights] if whole else [1 / len(weights)] * len(weights)
    steps, rest = divmod(total, step)
    parts = [int(steps * share) for share in shares]
    missing = steps - sum(parts)
    order = sorted(range(len(parts)), key=lambda n: (parts[n] - steps * shares[n], n))
    for n in range(missing):
        parts[order[n % len(order)]] += 1
    parts = [part * step for part in parts]
    parts[max(range(len(parts)), key=lambda n: shares[n])] += rest
    return parts


def shared_rows(row_sums: Sequence[int], column_sums: Sequence[int]) -> list[list[int]]:
    """A table of whole numbers ≥ 0, each near row × column / total, with exactly these sums."""
    total = sum(row_sums)
    if total != sum(column_sums):
        raise ValueError("Rows and columns must add up to the same.")
    table, left = [], list(column_sums)
    rows_left = total
    for row_sum in row_sums:
        # What is left of each column, in proportion: never more than there is.
        row = split(row_sum, left) if rows_left else [0] * len(left)
        for n, part in enumerate(row):
            row[n] = min(part, left[n])
        _top_up(row, left, row_sum)
        left = [have - part for have, part in zip(left, row, strict=True)]
        rows_left -= row_sum
        table.append(row)
    return table


def _top_up(row: list[int], left: Sequence[int], row_sum: int) -> None:
    missing = row_sum - sum(row)
    for n, have in enumerate(left):
        more = min(missing, have - row[n])
        row[n] += more
        missing -= more


def allocate(
    counts: Sequence[int], values: Sequence[int], line_counts: Sequence[int], unit_values: Sequence[int]
) -> list[list[int]]:
    """How many of each line each row gets: rows count ``counts`` and are worth ``values``, lines count ``line_counts``.

    Begins with a table that has the right counts; then exchanges between two rows, one piece of line a against one of
    line b, which leaves all counts and moves ``unit_values[b] − unit_values[a]`` from row to row, until
    every row is worth what it should.

    Raises: ValueError where no exchange leads there (sums that do not agree, or too little to exchange).
    """
    table = shared_rows(counts, line_counts)
    excess = [
        sum(n * unit for n, unit in zip(row, unit_values, strict=True)) - value
        for row, value in zip(table, values, strict=True)
    ]
    if sum(excess):
        raise ValueError("The rows' values and the lines' values must add up to the same.")
    lines = range(len(unit_values))
    # By size of what an exchange moves: big differences first, then the fine ones.
    pairs = sorted(
        ((unit_values[a] - unit_values[b], a, b) for a in lines for b in lines if unit_values[a] > unit_values[b]),
        reverse=True,
    )
    _settle_fractions(table, excess, unit_values)
    while any(excess):
        giver = max(range(len(table)), key=lambda n: (excess[n], -n))
        taker = min(range(len(table)), key=lambda n: (excess[n], n))
        room = min(excess[giver], -excess[taker])
        if not _exchange(table, excess, giver, taker, room, pairs):
            raise ValueError("The gifts cannot be shared out so that all sums agree.")
    return table


def _exchange(
    table: list[list[int]],
    excess: list[int],
    giver: int,
    taker: int,
    room: int,
    pairs: Sequence[tuple[int, int, int]],
) -> bool:
    """Dear pieces from ``giver`` to ``taker`` against cheap ones, as far as ``room`` and the pieces go."""
    for worth, dear, cheap in pairs:
        times = min(room // worth, table[giver][dear], table[taker][cheap])
        if times > 0:
            _move(table, excess, giver, taker, dear, cheap, times, worth)
            return True
    return False


def _move(
    table: list[list[int]], excess: list[int], giver: int, taker: int, dear: int, cheap: int, times: int, worth: int
) -> None:
    table[giver][dear] -= times
    table[taker][dear] += times
    table[taker][cheap] -= times
    table[giver][cheap] += times
    excess[giver] -= times * worth
    excess[taker] += times * worth


def _settle_fractions(table: list[list[int]], excess: list[int], unit_values: Sequence[int]) -> None:
    """Make every excess a multiple of the common step of all lines but the odd one out.

    One line (bicycles at 2,025,000 among hundreds of thousands) may be worth no whole number of steps; only its
    count decides a row's odd rest, so its pieces move until all rests fit.
    """
    step = 100_000
    odd = [n for n, unit in enumerate(unit_values) if unit % step]
    if not odd:
        return
    line, cheap = odd[0], min(range(len(unit_values)), key=lambda n: unit_values[n])
    worth, piece = unit_values[line] - unit_values[cheap], unit_values[line] % step
    while True:
        off = [n for n, amount in enumerate(excess) if amount % step]
        if not off:
            return
        giver = next((n for n in off if table[n][line] and (excess[n] - piece) % step < excess[n] % step), None)
        taker = next((n for n in off if n != giver and table[n][cheap]), None)
        if giver is None or taker is None:
            raise ValueError("The gifts cannot be shared out so that all sums agree.")
        _move(table, excess, giver, taker, line, cheap, 1, worth)


def chop(total: int, typical: int, rng: Random, *, step: int) -> Iterator[int]:
    """``total`` in pieces around ``typical`` (a third to thrice), multiples of ``step`` but for the last one."""
    while total > 0:
        piece = min(total, max(step, round(typical * rng.choice((0.3, 0.5, 0.6, 1, 1, 1.5, 2, 3)) / step) * step))
        yield piece
        total -= piece


def fill(room: Mapping[K, int], pieces: Sequence[tuple[str, str, int]]) -> Iterator[tuple[K, str, str, int]]:
    """The pieces (kind, form, amount) laid into ``room`` one after the other, cut where a room is full.

    Both sums come out: each room is full, and of each (kind, form) nothing is lost. Cuts of the same (kind, form) in
    one room become one piece. Raises: ValueError where the sums differ.
    """
    if sum(room.values()) != sum(piece[2] for piece in pieces):
        raise ValueError("The pieces and the room must add up to the same.")
    stack = list(reversed(pieces))
    for key, size in room.items():
        cut: dict[tuple[str, str], int] = {}
        while size:
            kind, form, amount = stack.pop()
            part = min(amount, size)
            if part < amount:
                stack.append((kind, form, amount - part))
            size -= part
            if (kind, form) in cut and min(part, cut[kind, form]) * 4 < max(part, cut[kind, form]):
                cut[kind, form] += part
            else:
                if (kind, form) in cut:
                    yield key, kind, form, cut[kind, form]
                cut[kind, form] = part
        for (kind, form), amount in cut.items():
            yield key, kind, form, amount
