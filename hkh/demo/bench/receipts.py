"""A thousand receipts in one file, and ten thousand numbers given by eight hands at once."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from uuid import uuid4

from django.db import connection
from django.db.models import Max

from funds import actions
from funds.actions.donations import Gift
from funds.models import BookingProof, Donation, Donor, Fund, Paper, PaperKind, PaperSeries
from funds.papers.printing import render_papers
from hkh.core.dates import today
from hkh.demo.bench.children import in_a_child
from hkh.demo.bench.measuring import Measured, holder, province, seconds
from hkh.demo.bench.pages import set_nothing
from hkh.demo.bench.scratch import scratch_database
from members.models import Role, Unit, User

_HANDS, _NUMBERS, _PAGES = 8, 10_000, 1_000


def receipts() -> dict[str, Measured]:
    """10,000 receipts by 8 connections, 1,000 of them set in one file, in a copy of the database; an empty document
    is the floor."""
    with scratch_database():
        by = holder(Role.ACCOUNTANT)
        gifts = _gifts(by)
        took = seconds(lambda: issue_by_hands(gifts, hands=_HANDS, by=by, on=today()))
        wrong = gaps_and_twins(len(gifts))
        empty, empty_mib = in_a_child(set_nothing)
        setting, setting_mib = in_a_child(set_papers, str(_PAGES))
        return {
            "receipts.wrong_numbers": Measured(wrong, "numbers", None, 0),
            "receipts.numbered": Measured(took, "s", None, 120),
            "receipts.pdf": Measured(setting, "s", empty, 60),
            "receipts.memory": Measured(setting_mib, "MiB", empty_mib, 600),
        }


def set_papers(count: str) -> float:
    """Seconds to set the first ``count`` papers of the books in one file."""
    papers = list(Paper.unscoped.order_by("number")[: int(count)])
    return seconds(lambda: render_papers(papers, address="https://hkh.example.vn"))


def issue_by_hands(gifts: Sequence[Donation], *, hands: int, by: User, on: date) -> None:
    """A receipt for each gift, one by one, by ``hands`` connections that begin together."""
    start = Barrier(hands)

    def issue(mine: Sequence[Donation]) -> None:
        try:
            own = User.objects.get(pk=by.pk)
            start.wait(timeout=60)
            for gift in mine:
                actions.issue_paper(kind=PaperKind.RECEIPT, subject=gift, on=on, by=own)
        finally:
            connection.close()

    with ThreadPoolExecutor(hands) as pool:
        for done in [pool.submit(issue, gifts[hand::hands]) for hand in range(hands)]:
            done.result()


def gaps_and_twins(count: int) -> int:
    """How many of the numbers 1 … ``count`` of the only series are missing, double or too many."""
    numbers = list(Paper.unscoped.values_list("number", flat=True))
    last = PaperSeries.unscoped.aggregate(last=Max("last_number"))["last"]
    return len(set(range(1, count + 1)) ^ set(numbers)) + len(numbers) - len(set(numbers)) + abs(last - count)


def _gifts(by: User) -> list[Donation]:
    """New gifts of the province, handed in now, with all that a receipt names."""
    unit = province()
    fund = Fund.unscoped.filter(unit=unit, closed_on=None).order_by("pk").first()
    donor = Donor.unscoped.filter(unit=unit, merged_into=None).order_by("pk").first()
    assert fund is not None
    assert donor is not None
    key = uuid4()
    for start in range(0, _NUMBERS, 1_000):
        _record(unit=unit, fund=fund, donor=donor, by=by, first=start, key=str(key))
    assert not BookingProof.objects.exists()
    rows = Donation.unscoped.filter(document=f"bench {key}").order_by("pk")
    return list(rows.select_related("donor", "unit", "fund", "appeal", "split"))


def _record(*, unit: Unit, fund: Fund, donor: Donor, by: User, first: int, key: str) -> None:
    gifts: list[Gift] = [
        {
            "unit": unit,
            "fund": fund,
            "donor": donor,
            "received_on": today(),
            "form": "cash",
            "amount_vnd": 1_000 + number,
            "document": f"bench {key}",
        }
        for number in range(first, first + 1_000)
    ]
    total = sum(gift["amount_vnd"] for gift in gifts)
    actions.record_batch(unit=unit, gifts=gifts, control_count=len(gifts), control_vnd=total, by=by)
