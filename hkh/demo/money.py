"""Gifts of nearly five years: in the exact half-year every sum of the files comes out, in the others about so."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from hkh.demo.donors import DonorRow, Donors
from hkh.demo.funds_plan import FundRow, Funds
from hkh.demo.shares import chop, fill, split
from hkh.demo.spec import Half, Province, Years
from hkh.demo.units import UnitRow

M = 1_000_000
#: How big a gift of each kind is, by tier.
TYPICAL = {
    "province": {"ngo": 150 * M, "enterprise": 40 * M, "agency": 15 * M, "person": 3 * M},
    "district": {"ngo": 60 * M, "enterprise": 28 * M, "agency": 14 * M, "person": 7 * M},
    "direct": {"agency": 8 * M, "enterprise": 12 * M, "member": 6 * M},
    "base": {"enterprise": 11 * M, "agency": 6 * M, "person": 5 * M, "member": 8 * M},
    "branch": {"clan": 4 * M, "member": 3 * M, "person": 2 * M},
}
GOODS = (
    "Sách giáo khoa và vở viết",
    "Áo ấm, chăn bông",
    "Gạo và nhu yếu phẩm",
    "Xe đạp",
    "Máy tính cũ còn tốt",
    "Cặp sách, đồ dùng học tập",
    "Tủ sách, truyện thiếu nhi",
)
RATES = {"USD": 25_000, "KRW": 18, "JPY": 165, "EUR": 27_000}
#: When districts ended: how much of what they had raised the communes raise now; the rest comes to the province.
TO_COMMUNES = 0.6


@dataclass(slots=True, eq=False)
class AppealRow:
    id: int
    unit: UnitRow
    kind: str
    name: str
    purpose: str
    partner: str
    target_vnd: int
    opens_on: date
    closes_on: date


@dataclass(slots=True, eq=False)
class DonationRow:
    """A gift; without ``fund`` it was handed straight to the family."""

    unit: UnitRow
    fund: FundRow | None
    donor: DonorRow
    received_on: date
    form: str
    amount_vnd: int
    goods: str = ""
    purpose: str = ""
    appeal: AppealRow | None = None
    voided_on: date | None = None
    document: str = ""
    id: int = 0

    @property
    def pot(self) -> str:
        return "goods" if self.form == "in_kind" else "cash"

    @property
    def key(self) -> uuid.UUID:
        return uuid.uuid5(uuid.NAMESPACE_OID, f"demo donation {self.id}")


def plan_donations(province: Province, funds: Funds, donors: Donors) -> list[DonationRow]:
    """All gifts but those of emergencies handed straight to families, in no order."""
    planned: list[DonationRow] = []
    by_id = {fund.id: fund for fund in funds.rows}
    for half in province.years.halves:
        rng = Random(f"donations {half.starts_on}")
        for tier, room in _rooms(province, funds, half).items():
            pieces = _pieces(province, tier, sum(room.values()), half, rng)
            for fund_id, kind, form, amount in fill(room, pieces):
                fund = by_id[fund_id]
                day = day_of_gift(half, province.years, rng)
                donor = donors.draw(fund.unit, kind, rng)
                goods = rng.choice(GOODS) if form == "in_kind" else ""
                if fund.opened <= day <= province.years.last_day:
                    planned.append(DonationRow(fund.unit, fund, donor, day, form, amount, goods))
    planned.append(_equipment(province, funds, donors))
    return planned


def day_of_gift(half: Half, years: Years, rng: Random) -> date:
    """A day of ``half``, by the season."""
    first = half.starts_on.month
    month = rng.choices(range(first, first + 6), weights=years.raised_by_month[first - 1 : first + 5])[0]
    return date(half.starts_on.year, month, rng.randint(1, 28))


def _rooms(province: Province, funds: Funds, half: Half) -> dict[str, dict[int, int]]:
    """How much each fund raises in ``half``, by tier: {tier: {fund id: đồng}}."""
    rooms: dict[str, dict[int, int]] = {"province": {}, "district": {}, "direct": {}, "base": {}, "branch": {}}
    districts = {district.code: district for district in province.districts}
    whole_base = sum(district.base_vnd for district in province.districts)
    to_province = province.fund_in_vnd - province.equipment.value_vnd * half.is_exact
    extra = 0
    for area in funds.areas(half):
        if area.is_new:
            base, branch = round(whole_base * province.years.newcomers * half.raised / 2), 0
        else:
            district = districts[area.code]
            base, branch = district.base_vnd, district.branch_vnd
            if area.top:
                rooms["district"][area.top.id] = _scaled(district.own_vnd, half)
            else:
                base += round(district.own_vnd * TO_COMMUNES)
                extra += round(district.own_vnd * (1 - TO_COMMUNES))
        _share(rooms["base"], area.bases, _scaled(base, half))
        _share(rooms["branch"], area.branches, _scaled(branch, half))
    rooms["province"][funds.root.id] = _scaled(to_province + extra, half)
    for direct, fund in zip(province.directs, funds.directs, strict=True):
        rooms["direct"][fund.id] = _scaled(direct.own_vnd, half)
    return rooms


def _scaled(amount: int, half: Half) -> int:
    return amount if half.is_exact else round(amount * half.raised / 100_000) * 100_000


def _share(room: dict[int, int], funds: list[FundRow], total: int) -> None:
    if not funds:
        return
    for fund, part in zip(funds, split(total, [fund.weight for fund in funds], step=100_000), strict=True):
        room[fund.id] = part


def _pieces(province: Province, tier: str, total: int, half: Half, rng: Random) -> list[tuple[str, str, int]]:
    """The gifts of a tier by kind of donor and form, big and small, shuffled."""
    cells = [source for source in province.sources if source.tier == tier]
    amounts = [cell.amount_vnd for cell in cells]
    if tier == "province":
        # The classroom equipment is a gift of its own.
        for n, cell in enumerate(cells):
            if (cell.donor_kind, cell.form) == ("ngo", "in_kind"):
                amounts[n] -= province.equipment.value_vnd * half.is_exact
    if not half.is_exact:
        amounts = split(total, amounts, step=100_000)
    pieces = [
        (cell.donor_kind, cell.form, piece)
        for cell, amount in zip(cells, amounts, strict=True)
        for piece in chop(amount, min(TYPICAL[tier][cell.donor_kind], max(amount // 3, 1)), rng, step=100_000)
    ]
    rng.shuffle(pieces)
    return pieces


def _equipment(province: Province, funds: Funds, donors: Donors) -> DonationRow:
    gift = province.equipment
    donor = next((d for d in donors.rows if d.name == gift.donor and d.unit is funds.root.unit), None)
    donor = donor or donors.add_named(funds.root.unit, "ngo", gift.donor, country=gift.country)
    return DonationRow(
        funds.root.unit,
        funds.root,
        donor,
        gift.received_on,
        "in_kind",
        gift.value_vnd,
        goods=gift.content,
        purpose=gift.school,
    )


def plan_appeals(province: Province, funds: Funds, donations: list[DonationRow]) -> list[AppealRow]:
    """The yearly appeals of the province, and which of its gifts came in for them."""
    rng = Random("appeals")
    appeals: list[AppealRow] = []
    takes: dict[int, tuple[int, tuple[str, ...]]] = {}
    for year in sorted({half.starts_on.year for half in province.years.halves}):
        for yearly in province.years.appeals:
            row = AppealRow(
                len(appeals) + 1,
                funds.root.unit,
                yearly.kind,
                f"{yearly.name} năm {year}",
                yearly.purpose,
                "",
                round(province.fund_in_vnd * yearly.takes_percent / 250 / M + 1) * M,
                date.fromisoformat(f"{year}-{yearly.opens}"),
                date.fromisoformat(f"{year}-{yearly.closes}"),
            )
            appeals.append(row)
            takes[row.id] = (yearly.takes_percent, yearly.kinds)
    for donation in donations:
        if donation.fund is not funds.root:
            continue
        for row in appeals:
            percent, kinds = takes[row.id]
            is_open = row.opens_on <= donation.received_on < row.closes_on
            if is_open and donation.donor.kind in kinds and rng.randrange(100) < percent:
                donation.appeal = row
                break
    return appeals


def void_some(donations: list[DonationRow], years: Years) -> None:
    """Mark a few gifts as entered by mistake, none that touches the exact half-year."""
    rng = Random("voids")
    for donation in donations:
        if donation.fund is None or donation.fund.closed or rng.randrange(400):
            continue
        day = donation.received_on + timedelta(days=rng.randint(1, 20))
        exact = any(
            h.is_exact and h.starts_on <= d < h.ends_before for h in years.halves for d in (donation.received_on, day)
        )
        if not exact and day <= years.last_day and donation.pot == "cash":
            donation.voided_on = day


def raised_by_fund(donations: list[DonationRow]) -> dict[tuple[int, int], int]:
    """What each fund raised in money a year: {(fund id, year): đồng}."""
    sums: dict[tuple[int, int], int] = defaultdict(int)
    for donation in donations:
        if donation.fund and donation.pot == "cash" and donation.voided_on is None:
            sums[donation.fund.id, donation.received_on.year] += donation.amount_vnd
    return sums


def donation_rows(donations: list[DonationRow], accountant: int, fund: FundRow) -> Iterator[tuple[object, ...]]:
    """The rows as COPY takes them; those of ``fund`` were recorded by ``accountant``."""
    for d in donations:
        foreign, rate = _foreign(d)
        yield (
            d.id,
            d.unit.id,
            d.fund and d.fund.id,
            d.donor.id,
            d.appeal and d.appeal.id,
            d.received_on,
            d.form,
            d.amount_vnd,
            d.fund is None,
            d.donor.currency if foreign else "VND",
            foreign,
            rate,
            d.goods,
            d.purpose,
            d.document,
            "",
            accountant if d.fund is fund or d.fund is None else None,
            f"{d.received_on} 09:00:00+07",
            d.key,
            d.voided_on,
            accountant if d.voided_on else None,
            "Nhập trùng, đã nhập lại" if d.voided_on else "",
            _pigs(d),
        )


def _pigs(d: DonationRow) -> int | None:
    """How many piggy banks a gift of the drive was: a child saves some 350,000 đồng in one."""
    return max(1, d.amount_vnd // 350_000) if d.appeal and d.appeal.kind == "piggy_bank" else None


def _foreign(d: DonationRow) -> tuple[Decimal | None, Decimal | None]:
    """Amount in the donor's currency and the rate that makes it the đồng in the books, to the đồng."""
    if d.donor.currency == "VND" or d.form != "bank_transfer":
        return None, None
    usual = Decimal(RATES[d.donor.currency])
    # Many units of a small currency: their cents make up for the rate; few of a big one: the rate's decimals do.
    amount = (d.amount_vnd / usual).quantize(Decimal("0.01") if d.amount_vnd > 500_000 * usual else Decimal(1))
    rate = usual if d.amount_vnd > 500_000 * usual else (d.amount_vnd / amount).quantize(Decimal("0.000001"))
    return amount, rate
