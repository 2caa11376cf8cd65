"""Every đồng that went out has one origin, and every gift becomes exactly what it was: against counting by hand."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from funds.actions import record_donation, void_donation
from funds.models import AccountKind, Donation, DonationForm, Fund, Movement, MovementKind
from scholarships.actions import void_distribution
from scholarships.models import Distribution, DistributionLine
from scholarships.tracing.ways import LEFT, origins_of, origins_of_movements, uses_of
from tests.cast import a_province, account, balance_vnd, make_donor, make_fund, outside
from tests.scholarships.rows import hand_out, make_approved, make_round, reverse, root

FIRST = date(2024, 3, 1)
FUNDS = st.integers(0, 2)
VND = st.integers(1, 9)
DAYS = st.integers(0, 5)
DEEDS = st.lists(
    st.tuples(
        st.sampled_from(
            [*["gift"] * 3, "interest", *["expense"] * 2, *["transfer"] * 4, "hand out", "void", "take back"]
        ),
        FUNDS,
        FUNDS,
        VND,
        DAYS,
    ),
    min_size=8,
    max_size=30,
)


class World:
    """Three funds of one unit, and the deeds done in them; what the books refuse is not done."""

    def __init__(self) -> None:
        them = a_province()
        self.donor = make_donor(them.here)
        self.funds = [make_fund(them.here, f"Quỹ {n}", holds_vnd=2 * n) for n in range(3)]
        self.rounds = [make_round(fund) for fund in self.funds]

    def do(self, deed: str, one: int, other: int, vnd: int, day: int) -> None:
        fund, on = self.funds[one], FIRST + timedelta(days=day)
        try:
            with transaction.atomic():
                getattr(self, deed.replace(" ", "_"))(fund, self.funds[other], vnd, on)
        except (IntegrityError, ValidationError):
            pass

    def gift(self, fund: Fund, _other: Fund, vnd: int, on: date) -> None:
        record_donation(
            unit=fund.unit,
            fund=fund,
            donor=self.donor,
            amount_vnd=vnd,
            received_on=on,
            form=DonationForm.CASH,
            by=root(),
        )

    def interest(self, fund: Fund, _other: Fund, vnd: int, on: date) -> None:
        move(outside(AccountKind.ADJUSTMENT), account(fund), vnd, MovementKind.INTEREST, on)

    def expense(self, fund: Fund, _other: Fund, vnd: int, on: date) -> None:
        move(account(fund), outside(AccountKind.RECIPIENTS), vnd, MovementKind.EXPENSE, on)

    def transfer(self, fund: Fund, other: Fund, vnd: int, on: date) -> None:
        move(account(fund), account(other), vnd, MovementKind.TRANSFER, on)

    def hand_out(self, fund: Fund, _other: Fund, vnd: int, on: date) -> None:
        round_ = self.rounds[self.funds.index(fund)]
        awards = [make_approved(round_, on=on, count=1, unit_value_vnd=value) for value in {vnd, 1}]
        hand_out(round_, *((award, 1) for award in awards), on=on)

    def void(self, _fund: Fund, _other: Fund, vnd: int, on: date) -> None:
        gifts = list(Donation.unscoped.filter(voided_on=None).order_by("pk"))
        held = list(Distribution.unscoped.filter(voided_on=None).order_by("pk"))
        if vnd % 2 and held:
            void_distribution(distribution=held[vnd % len(held)], reason="Nhầm", on=on, by=root())
        elif gifts:
            void_donation(donation=gifts[vnd % len(gifts)], reason="Nhầm", on=on, by=root())

    def take_back(self, _fund: Fund, _other: Fund, vnd: int, on: date) -> None:
        kinds = [MovementKind.EXPENSE, MovementKind.TRANSFER, MovementKind.INTEREST]
        standing = list(Movement.objects.filter(kind__in=kinds, reverses=None, reversal=None).order_by("pk"))
        if standing:
            reverse(standing[vnd % len(standing)], on=on)


def move(source, target, vnd: int, kind: MovementKind, on: date) -> Movement:
    return Movement.objects.create(source=source, target=target, amount_vnd=vnd, kind=kind, occurred_on=on)


Dong = tuple[int, int]


class ByHand:
    """The same, đồng by đồng: two lists a fund, laid beside each other."""

    def __init__(self, funds: list[Fund]) -> None:
        inner = {MovementKind.COMMITMENT, MovementKind.RELEASE}
        stands = Movement.objects.filter(reverses=None, reversal=None).exclude(kind__in=inner)
        self.moved = {row.pk: row for row in stands.select_related("source", "target").order_by("occurred_on", "pk")}
        came: dict[int | None, list[Dong]] = defaultdict(list)
        gone: dict[int | None, list[Dong]] = defaultdict(list)
        for row in self.moved.values():
            coins = [(row.pk, n) for n in range(row.amount_vnd)]
            came[row.target.fund_id] += coins
            gone[row.source.fund_id] += coins
        self.use_of: dict[Dong, Dong] = {}
        self.origin_of: dict[Dong, Dong] = {}
        for fund in funds:
            assert len(gone[fund.pk]) <= len(came[fund.pk])
            self.use_of |= dict(zip(came[fund.pk], gone[fund.pk], strict=False))
            self.origin_of |= dict(zip(gone[fund.pk], came[fund.pk], strict=False))

    def first(self, coin: Dong) -> int:
        """The movement that brought ``coin``, which went out, in from outside."""
        while self.moved[(coin := self.origin_of[coin])[0]].kind == MovementKind.TRANSFER:
            pass
        return coin[0]

    def last(self, coin: Dong) -> int | None:
        """The movement by which ``coin``, which came in, went out; None where it is still there."""
        used = self.use_of.get(coin)
        while used and self.moved[used[0]].kind == MovementKind.TRANSFER:
            used = self.use_of.get(used)
        return used[0] if used else None


@pytest.mark.django_db
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_each_dong_has_one_origin_and_each_gift_is_what_it_became(deeds):
    with transaction.atomic():
        world = World()
        for deed in deeds:
            world.do(*deed)
        by_hand = ByHand(world.funds)
        going_out = [row for row in by_hand.moved.values() if row.kind in (MovementKind.EXPENSE, MovementKind.PAYMENT)]
        _same_forward(by_hand, world)
        _same_back(by_hand, going_out)
        transaction.set_rollback(True)


def _same_forward(by_hand: ByHand, world: World) -> None:
    gifts = {row.donation_id: row for row in by_hand.moved.values() if row.kind == MovementKind.DONATION}
    found = uses_of(Donation.unscoped.values_list("pk", flat=True))
    told: Counter = Counter()
    for piece in found:
        told[piece.donation, piece.movement if piece.kind != LEFT else None] += piece.vnd
    expected = Counter((gift, by_hand.last((row.pk, n))) for gift, row in gifts.items() for n in range(row.amount_vnd))
    assert told == expected
    assert sum(told.values()) == sum(gift.amount_vnd for gift in gifts.values())
    assert sum(piece.vnd for piece in found if piece.kind == LEFT) <= sum(map(balance_vnd, world.funds))


def _same_back(by_hand: ByHand, going_out: list[Movement]) -> None:
    for row in going_out:
        pieces = origins_of_movements([(row.pk, row.amount_vnd)])
        told: Counter = Counter()
        for piece in pieces:
            told[piece.movement] += piece.vnd
        assert told == Counter(by_hand.first((row.pk, n)) for n in range(row.amount_vnd))
    lines = DistributionLine.objects.filter(distribution__voided_on=None)
    each = {line.pk: sum(piece.vnd for piece in origins_of([line.pk])) for line in lines}
    assert each == {line.pk: line.value_vnd for line in lines}
