"""What gifts became, in the words of a letter to their donor. Vietnamese, as all papers are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import translation

from funds.models import MovementKind
from hkh.core.dates import format_date
from hkh.core.money import dong, format_number
from scholarships.models import DistributionLine
from scholarships.tracing.ways import Piece, uses_of

#: The rest of what a gift paid is summed in one sentence.
MOST_TOLD = 6


@dataclass(frozen=True)
class _Line:
    count: int
    value_vnd: int
    distribution: int
    held_on: date
    round: str


def became_told(gifts: Mapping[int, Sequence[int]]) -> dict[int, list[str]]:
    """``funds.aftermath.became_told``: by letter, what its gifts became; letters with nothing to tell left out."""
    of: dict[int, int] = {gift: letter for letter, ids in gifts.items() for gift in ids}
    pieces: dict[int, list[Piece]] = defaultdict(list)
    for piece in uses_of(of):
        if piece.donation is not None:
            pieces[of[piece.donation]].append(piece)
    paid = {piece.line for own in pieces.values() for piece in own if piece.line is not None}
    rows: QuerySet[Any] = DistributionLine.objects.filter(pk__in=paid)
    columns = ("pk", "count", "value_vnd", "distribution", "distribution__held_on", "distribution__round__name")
    lines = {pk: _Line(*row) for pk, *row in rows.values_list(*columns)}
    with translation.override("vi"):
        told = {letter: _sentences(own, lines) for letter, own in pieces.items()}
    return {letter: sentences for letter, sentences in told.items() if sentences}


def _sentences(pieces: list[Piece], lines: Mapping[int, _Line]) -> list[str]:
    """What ``pieces`` paid, by distribution, the latest first; then what else, and what is left."""
    by_line: dict[int, int] = defaultdict(int)
    for piece in pieces:
        if piece.line is not None:
            by_line[piece.line] += piece.vnd
    held: dict[tuple[date, int, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for number, vnd in by_line.items():
        line = lines[number]
        key = (line.held_on, line.distribution, line.round)
        awards = -(-vnd * line.count // line.value_vnd)
        held[key] = (held[key][0] + awards, held[key][1] + vnd)
    spent_vnd = sum(piece.vnd for piece in pieces if piece.kind == MovementKind.EXPENSE)
    if not held and not spent_vnd:
        return []
    found = sorted(held.items(), reverse=True)
    said = [
        f"Góp vào {format_number(awards)} suất trao ngày {format_date(on)}, đợt “{name}”: {dong(vnd)}"
        for (on, _pk, name), (awards, vnd) in found[:MOST_TOLD]
    ]
    if rest := found[MOST_TOLD:]:
        awards, vnd = (sum(sums[n] for _key, sums in rest) for n in (0, 1))
        said.append(f"Góp vào {format_number(awards)} suất của {len(rest)} lần trao trước đó: {dong(vnd)}")
    if spent_vnd:
        said.append(f"Chi cho các hoạt động khuyến học khác: {dong(spent_vnd)}")
    left_vnd = sum(piece.vnd for piece in pieces if piece.kind in ("committed", "transit", "left"))
    if left_vnd:
        said.append(f"Còn trong quỹ, sẽ tiếp tục dùng cho khuyến học: {dong(left_vnd)}")
    return said
