"""What gifts became, and who paid for what was handed out, as far as the reader may see it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from funds.models import Donation, Donor, Fund, Movement, MovementKind
from members.models import User
from scholarships.models import Distribution, DistributionLine
from scholarships.tracing.ways import COMMITTED, LEFT, PASSED_ON, TRANSIT, Piece, origins_of, uses_of


@dataclass(frozen=True)
class Use:
    """One thing that gifts paid, wholly or in part: a distribution, or another movement out of a fund.

    ``kind`` is that of the movement (PAYMENT of a distribution). ``vnd`` is what the gifts paid of it,
    ``award_count`` the awards that takes, a part of one counting as one. What the reader may not open has no
    ``pk``, and its unit and round no name. ``steps``: how many funds passed the money on.
    """

    kind: str
    on: date
    vnd: int
    title: str
    programme: str = ""
    unit: str = ""
    award_count: int = 0
    pk: int | None = None
    steps: int = 0


@dataclass(frozen=True)
class Became:
    """What gifts became, in đồng: ``given_vnd`` = all others together, always."""

    given_vnd: int = 0
    handed_out_vnd: int = 0
    spent_vnd: int = 0
    passed_on_vnd: int = 0
    committed_vnd: int = 0
    transit_vnd: int = 0
    left_vnd: int = 0
    #: Newest first.
    uses: list[Use] = field(default_factory=list)


@dataclass(frozen=True)
class Giver:
    """A donor who paid a share, by the card that counts now; None: who stays unnamed or is not the reader's to see."""

    donor: int | None
    name: str
    vnd: int
    gift_count: int


@dataclass(frozen=True)
class PaidBy:
    """Who paid for something, in đồng: ``paid_vnd`` = the givers' and all others together, always.

    ``givers``: the largest first, the unnamed together as one, last. ``passed_on_vnd``: from further back than is
    followed. ``through_vnd``: how much of it came through another fund.
    """

    paid_vnd: int = 0
    givers: list[Giver] = field(default_factory=list)
    brought_forward_vnd: int = 0
    interest_vnd: int = 0
    surplus_vnd: int = 0
    passed_on_vnd: int = 0
    through_vnd: int = 0


def became_of(donations: Iterable[int], *, reader: User) -> Became:
    """What the gifts with these ids became. 7 queries at most, and 1 a step from fund to fund.

    Voided gifts and those handed straight on became nothing here. No recipient is ever named.
    """
    pieces = uses_of(donations)
    sums: dict[str, int] = defaultdict(int)
    for piece in pieces:
        sums[_heading(piece.kind)] += piece.vnd
    uses = [*_distributions(pieces, reader), *_others(pieces, reader)]
    return Became(
        given_vnd=sum(sums.values()),
        uses=sorted(uses, key=lambda use: (use.on, use.vnd, use.title), reverse=True),
        **sums,
    )


def paid_by(lines: QuerySet[DistributionLine], *, reader: User) -> PaidBy:
    """Whose gifts paid for ``lines`` (of distributions). 5 queries at most, and 1 a step from fund to fund."""
    pieces = origins_of(lines.order_by().values_list("pk", flat=True))
    sums: dict[str, int] = defaultdict(int)
    for piece in pieces:
        sums[piece.kind] += piece.vnd
    return PaidBy(
        paid_vnd=sum(sums.values()),
        givers=_givers([piece for piece in pieces if piece.kind == MovementKind.DONATION], reader),
        brought_forward_vnd=sums[MovementKind.OPENING],
        interest_vnd=sums[MovementKind.INTEREST],
        surplus_vnd=sums[MovementKind.ADJUSTMENT],
        passed_on_vnd=sums[MovementKind.TRANSFER] + sums[MovementKind.HANDOVER],
        through_vnd=sum(piece.vnd for piece in pieces if piece.steps),
    )


def _heading(kind: str) -> str:
    if kind in PASSED_ON:
        return "passed_on_vnd"
    still_there = {COMMITTED: "committed_vnd", TRANSIT: "transit_vnd", LEFT: "left_vnd"}
    return still_there.get(kind, "handed_out_vnd" if kind == MovementKind.PAYMENT else "spent_vnd")


def _distributions(pieces: list[Piece], reader: User) -> list[Use]:
    """The distributions that ``pieces`` paid. 2 queries, none where there are none."""
    paid: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces:
        if piece.line is not None:
            paid[piece.line].append(piece)
    if not paid:
        return []
    seen = Distribution.objects.visible_to(reader)
    lines: QuerySet[Any] = DistributionLine.objects.filter(pk__in=paid)
    facts = lines.values_list(
        "pk",
        "count",
        "value_vnd",
        "distribution",
        "distribution__held_on",
        "distribution__round__name",
        "distribution__round__programme__name",
        "distribution__unit__name",
    )
    may_see = set(seen.filter(lines__in=list(paid)).values_list("pk", flat=True))
    held: dict[tuple[Any, ...], list[Piece]] = defaultdict(list)
    awards: dict[int, int] = defaultdict(int)
    for line, count, value_vnd, *of in facts:
        held[tuple(of)] += paid[line]
        awards[of[0]] += -(-sum(piece.vnd for piece in paid[line]) * count // value_vnd)
    uses = []
    for (pk, on, name, programme, unit), own in held.items():
        is_seen = pk in may_see
        uses.append(
            Use(
                kind=MovementKind.PAYMENT,
                on=on,
                vnd=sum(piece.vnd for piece in own),
                title=name if is_seen else "",
                programme=programme,
                unit=unit if is_seen else "",
                award_count=awards[pk],
                pk=pk if is_seen else None,
                steps=max(piece.steps for piece in own),
            )
        )
    return uses


def _others(pieces: list[Piece], reader: User) -> list[Use]:
    """What else ``pieces`` went for: spending, shortages, funds further on. 2 queries, none where there is nothing."""
    paid: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces:
        if piece.movement is not None and piece.line is None:
            paid[piece.movement].append(piece)
    if not paid:
        return []
    seen = Fund.objects.visible_to(reader)
    may_see = set(seen.filter(accounts__movements_out__in=list(paid)).values_list("pk", flat=True))
    facts = Movement.objects.filter(pk__in=paid).select_related("source__fund__unit")
    uses = []
    for moved in facts:
        own, fund = paid[moved.pk], moved.source.fund
        assert fund is not None
        is_seen = fund.pk in may_see
        uses.append(
            Use(
                kind=moved.kind,
                on=moved.occurred_on,
                vnd=sum(piece.vnd for piece in own),
                title=moved.note if is_seen else "",
                unit=fund.unit.name if is_seen else "",
                steps=max(piece.steps for piece in own),
            )
        )
    return uses


def _givers(pieces: list[Piece], reader: User) -> list[Giver]:
    """The donors of ``pieces``, the largest share first, the unnamed together last. 2 queries."""
    gifts: dict[int, int] = defaultdict(int)
    for piece in pieces:
        assert piece.donation is not None
        gifts[piece.donation] += piece.vnd
    if not gifts:
        return []
    seen = Donation.objects.visible_to(reader).filter(pk__in=gifts, donor__is_anonymous=False)
    kept = dict(seen.values_list("pk", Coalesce("donor__merged_into", "donor")))
    named = Donor.objects.visible_to(reader).filter(pk__in=set(kept.values()), is_anonymous=False)
    names: dict[int, str] = dict(named.values_list("pk", "name"))
    shares: dict[int | None, list[int]] = defaultdict(list)
    for gift, vnd in gifts.items():
        card = kept.get(gift)
        shares[card if card in names else None].append(vnd)
    found = [Giver(card, names[card] if card is not None else "", sum(vnd), len(vnd)) for card, vnd in shares.items()]
    return sorted(found, key=lambda giver: (giver.donor is None, -giver.vnd, giver.name))
