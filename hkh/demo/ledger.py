"""Every movement of money and goods, in the order of time, so that no account ever falls below nothing.

The plans (gifts received, rounds, transfers, spending) become events; ``Books`` walks through them day by day. What the
funds must have held on 1 January 2022 follows: as much as lets each of them pay all it pays, the provincial
fund exactly what brings it to its opening balance of 2024.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from hkh.core.money import hand_over
from hkh.demo.funds_plan import FundRow, Funds
from hkh.demo.money import DonationRow
from hkh.demo.rounds import AwardRow, DistributionRow, RoundRow
from hkh.demo.spec import BOOKS_OPEN_ON, EXACT_FROM

#: An account: the fund's id, or 0 for outside parties; its kind; its pot.
Account = tuple[int, str, str]
CASH, GOODS = "cash", "goods"
#: What a fund keeps beyond what its payments need.
CUSHION_SHARE, CUSHION_STEP = 0.08, 100_000


@dataclass(slots=True)
class MovementRow:
    source: Account
    target: Account
    amount_vnd: int
    kind: str
    occurred_on: date
    document: str = ""
    note: str = ""
    donation_id: int | None = None
    reverses: int | None = None
    #: The fund that money on its way is for.
    sent_to: int = 0
    id: int = 0

    @property
    def key(self) -> uuid.UUID:
        return uuid.uuid5(uuid.NAMESPACE_OID, f"demo movement {self.id}")


#: What happens on a day comes in this order: first what fills a fund, spending last.
ORDER = ("hand_over", "receive", "take_back", "approve", "cancel", "take_back_handed", "hand_out", "send", "post")


@dataclass(slots=True)
class Event:
    """What the books do on a day: ``deed`` names their method, ``about`` what it is called with."""

    day: date
    deed: str
    about: Any


@dataclass(slots=True)
class Plan:
    """All that happens, and between which funds what is left of closed ones is shared: {fund id: [(fund, share)]}."""

    last_day: date
    events: list[Event] = field(default_factory=list)
    heirs: dict[int, list[tuple[FundRow, int]]] = field(default_factory=dict)

    def add(self, day: date, deed: str, about: Any) -> None:
        self.events.append(Event(day, deed, about))

    def receive(self, donation: DonationRow) -> None:
        self.add(donation.received_on, "receive", donation)
        if donation.voided_on:
            self.add(donation.voided_on, "take_back", donation)

    def give(self, row: RoundRow, last_day: date) -> None:
        """Approval, handing out and what went wrong of a round, as far as it lies before ``last_day``."""
        if row.approved_on > last_day:
            return
        self.add(row.approved_on, "approve", row)
        for award in row.awards:
            if award.cancelled_on:
                self.add(award.cancelled_on, "cancel", award)
        for held in row.held_by(last_day):
            self.add(held.held_on, "hand_out", held)
            if held.voided_on:
                self.add(held.voided_on, "take_back_handed", held)

    def move(self, day: date, kind: str, source: Account, target: Account, amount_vnd: int, note: str) -> None:
        if amount_vnd > 0 and day <= self.last_day:
            deed = "send" if kind == "transfer" else "post"
            self.add(day, deed, MovementRow(source, target, amount_vnd, kind, day, note=note))

    def close(self, fund: FundRow, heirs: list[tuple[FundRow, int]]) -> None:
        assert fund.closed is not None
        self.heirs[fund.id] = heirs
        self.add(fund.closed, "hand_over", fund)


class Books:
    """One walk through a plan.

    Balances may go below nothing here: ``lowest`` tells by how much the openings fall short.
    """

    def __init__(self, plan: Plan, openings: dict[int, int], opened: dict[int, date]) -> None:
        self.movements: list[MovementRow] = []
        self.balances: dict[Account, int] = defaultdict(int)
        self.lowest: dict[Account, int] = defaultdict(int)
        self._heirs = plan.heirs
        self._by_donation: dict[int, MovementRow] = {}
        self._numbers: dict[tuple[str, int, int], int] = defaultdict(int)
        brought_forward: dict[date, list[tuple[int, int]]] = defaultdict(list)
        for fund_id, amount in openings.items():
            if amount:
                brought_forward[max(BOOKS_OPEN_ON, opened[fund_id])].append((fund_id, amount))
        rank = {deed: number for number, deed in enumerate(ORDER)}
        events = [(day, -1, "bring_forward", (day, some)) for day, some in brought_forward.items()]
        events += [(event.day, rank[event.deed], event.deed, event.about) for event in plan.events]
        # Sorting is stable: what is planned first for a day and deed happens first.
        for _, _, deed, about in sorted(events, key=lambda event: event[:2]):
            getattr(self, deed)(about)

    def bring_forward(self, opening: tuple[date, list[tuple[int, int]]]) -> None:
        day, amounts = opening
        for fund_id, amount in amounts:
            target = (fund_id, "free", CASH)
            self.post(MovementRow((0, "opening", CASH), target, amount, "opening", day, note="Số dư mang sang"))

    def send(self, row: MovementRow) -> MovementRow:
        """Money to another unit's fund: in transit, and received on the same day."""
        transit = (row.source[0], "transit", row.source[2])
        self.post(replace(row, target=transit, kind="sending"))
        return self.post(replace(row, source=transit))

    def post(self, row: MovementRow) -> MovementRow:
        """Enter ``row`` as the next one."""
        row.id = len(self.movements) + 1
        self.movements.append(row)
        for account, amount in ((row.source, -row.amount_vnd), (row.target, row.amount_vnd)):
            if account[0]:
                self.balances[account] += amount
                self.lowest[account] = min(self.lowest[account], self.balances[account])
        return row

    def number(self, kind: str, fund_id: int, day: date) -> str:
        """The next number of a fund's vouchers of the year: PT receipts, PC payments."""
        self._numbers[kind, fund_id, day.year] += 1
        return f"{kind}{day.year}-{self._numbers[kind, fund_id, day.year]:04d}"

    def receive(self, donation: DonationRow) -> None:
        assert donation.fund is not None
        fund_id, pot, day = donation.fund.id, donation.pot, donation.received_on
        donation.document = self.number("PT", fund_id, day)
        self._by_donation[donation.id] = self.post(
            MovementRow(
                (0, "donors", pot),
                (fund_id, "free", pot),
                donation.amount_vnd,
                "donation",
                day,
                donation.document,
                donation_id=donation.id,
            )
        )

    def take_back(self, donation: DonationRow) -> None:
        assert donation.voided_on is not None
        self._reverse(self._by_donation[donation.id], donation.voided_on)

    def _reverse(self, row: MovementRow, day: date) -> None:
        self.post(
            MovementRow(
                row.target,
                row.source,
                row.amount_vnd,
                row.kind,
                day,
                row.document,
                "Hủy do nhập sai",
                row.donation_id,
                reverses=row.id,
            )
        )

    def approve(self, row: RoundRow) -> None:
        """Set the money of all awards aside; goods where the fund has them and the award may be goods."""
        fund_id = row.fund.id
        goods = self.balances[fund_id, "free", GOODS]
        sums = {CASH: 0, GOODS: 0}
        for award in row.awards:
            award.pot = GOODS if award.may_be_goods and award.value_vnd <= goods - sums[GOODS] else CASH
            sums[award.pot] += award.value_vnd
        for pot, amount in sums.items():
            if amount:
                self.post(
                    MovementRow(
                        (fund_id, "free", pot), (fund_id, "committed", pot), amount, "commitment", row.approved_on
                    )
                )

    def cancel(self, award: AwardRow) -> None:
        assert award.cancelled_on is not None
        fund_id = award.round.fund.id
        self.post(
            MovementRow(
                (fund_id, "committed", award.pot),
                (fund_id, "free", award.pot),
                award.value_vnd,
                "release",
                award.cancelled_on,
            )
        )

    def hand_out(self, held: DistributionRow) -> None:
        fund_id = held.round.fund.id
        held.document = self.number("PC", fund_id, held.held_on)
        for pot in (CASH, GOODS):
            amount = sum(award.value_vnd for award in held.given if award.pot == pot)
            if amount:
                row = MovementRow(
                    (fund_id, "committed", pot), (0, "recipients", pot), amount, "payment", held.held_on, held.document
                )
                held.movement_ids[pot] = self.post(row).id

    def take_back_handed(self, held: DistributionRow) -> None:
        assert held.voided_on is not None
        for movement_id in list(held.movement_ids.values()):
            self._reverse(self.movements[movement_id - 1], held.voided_on)

    def hand_over(self, fund: FundRow) -> None:
        """All that is left of ``fund`` to those who carry on, to the đồng; what is set aside has been given before."""
        assert fund.closed is not None
        heirs = self._heirs[fund.id]
        for pot in (CASH, GOODS):
            if self.balances[fund.id, "committed", pot]:
                raise ValueError(f"{fund.code} closes with awards not handed out.")
            left = self.balances[fund.id, "free", pot]
            for (heir, _), part in zip(heirs, hand_over(left, [share for _, share in heirs]), strict=True):
                if part:
                    self.post(
                        MovementRow(
                            (fund.id, "free", pot),
                            (heir.id, "free", pot),
                            part,
                            "handover",
                            fund.closed,
                            note="Bàn giao khi sắp xếp tổ chức",
                        )
                    )

    def total_before(self, fund_id: int, day: date) -> int:
        """What the fund held in both pots, free or set aside, when ``day`` began."""
        return sum(
            m.amount_vnd * ((m.target[0] == fund_id) - (m.source[0] == fund_id))
            for m in self.movements
            if m.occurred_on < day
        )


def keep_books(plan: Plan, funds: Funds, opening_2024_vnd: int) -> Books:
    """The books in which no account is ever overdrawn, after what each fund must have held at first.

    Raises: ValueError where the provincial fund cannot be brought to ``opening_2024_vnd`` without overdraft.
    """
    opened = {fund.id: fund.opened for fund in funds.rows}
    first = Books(plan, {}, opened)
    root = funds.root.id
    openings = {root: opening_2024_vnd - first.total_before(root, EXACT_FROM)}
    # Who only took over from others begins with nothing of its own.
    heirs = {heir.id for heirs in plan.heirs.values() for heir, _ in heirs if heir.opened >= EXACT_FROM}
    for fund in funds.rows:
        if fund.id != root and fund.id not in heirs:
            openings[fund.id] = _enough(fund, first)
    books = Books(plan, openings, opened)
    short = {fund_id: -books.lowest[fund_id, "free", CASH] for fund_id in sorted(heirs)}
    if any(short.values()):
        # What a new commune's fund is short of, those of whom it took over had at the beginning.
        for fund_id, amount in short.items():
            openings[_first_predecessor(plan, fund_id)] += -(-amount // CUSHION_STEP) * CUSHION_STEP
        books = Books(plan, openings, opened)
    for account, lowest in books.lowest.items():
        if lowest < 0:
            raise ValueError(f"Account {account} would be overdrawn by {-lowest} đồng.")
    return books


def _enough(fund: FundRow, books: Books) -> int:
    """An opening balance that lets ``fund`` pay all that it pays, and a little more."""
    needed = -books.lowest[fund.id, "free", CASH]
    amount = needed + round(max(needed, fund.weight * 4_000) * CUSHION_SHARE)
    return -(-amount // CUSHION_STEP) * CUSHION_STEP


def _first_predecessor(plan: Plan, fund_id: int) -> int:
    """The fund at the beginning of the line that passed to ``fund_id`` whole, the biggest part first."""
    givers = [(share, giver) for giver, heirs in plan.heirs.items() for heir, share in heirs if heir.id == fund_id]
    if not givers:
        return fund_id
    return _first_predecessor(plan, max(givers)[1])


def movement_rows(
    books: Books, account_ids: dict[Account, int], recorded_by: dict[int, int]
) -> Iterator[tuple[object, ...]]:
    """The rows as COPY takes them."""
    for m in books.movements:
        own = m.source[0] or m.target[0]
        yield (
            m.id,
            account_ids[m.source],
            account_ids[m.target],
            m.amount_vnd,
            m.kind,
            m.occurred_on,
            m.document,
            m.note,
            m.donation_id,
            m.reverses,
            recorded_by.get(own),
            f"{m.occurred_on} 16:00:00+07",
            m.key,
        )
