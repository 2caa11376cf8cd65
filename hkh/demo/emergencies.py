"""Families struck by misfortune: an appeal each, help from the provincial fund, and sometimes money from readers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from hkh.demo.donors import DonorRow, Donors
from hkh.demo.funds_plan import Funds
from hkh.demo.money import AppealRow, DonationRow
from hkh.demo.spec import Half, Province
from hkh.demo.units import UnitRow

REASONS = (
    "nhà bị cháy",
    "bố mẹ mất vì tai nạn giao thông",
    "em bị bệnh hiểm nghèo",
    "nhà bị tốc mái",
    "em bị đuối nước, gia đình kiệt quệ",
    "mẹ bệnh nặng, nhà không còn thu nhập",
    "em cần phẫu thuật gấp",
)
TYPHOON_REASON = "nhà bị lũ sau bão số 3 cuốn trôi"
NEWSPAPER = "báo Dân trí"
APPEAL_DAYS = 45
#: Of a hundred cases of the other half-years, how many the newspaper's readers helped too.
WITH_READERS = 20


@dataclass(frozen=True, slots=True)
class Case:
    """One family; ``unit`` is the commune association that knows it."""

    unit: UnitRow
    place: str
    reason: str
    value_vnd: int
    opens_on: date
    pass_through_vnd: int = 0

    @property
    def helped_on(self) -> date:
        return self.opens_on + timedelta(days=9)


def cases_of(province: Province, funds: Funds, half: Half) -> list[Case]:
    """The cases of ``half``: in the exact one those of the file, in the others some by chance."""
    communes = [unit for area in funds.areas(half) for unit in area.communes if not area.is_new]
    if half.is_exact:
        by_place = {unit.place.uid: unit for unit in communes if unit.place}
        return [
            Case(
                unit,
                unit.place.name if unit.place else "",
                case.reason,
                case.value_vnd,
                case.opens_on,
                case.pass_through_vnd,
            )
            for case in province.emergencies
            for unit in [by_place[case.commune]]
        ]
    rng = Random(f"cases {half.starts_on}")
    typical = province.emergencies[0].value_vnd
    days = [
        half.starts_on + timedelta(days=rng.randrange(5, 150)) for _ in range(rng.randint(*province.emergencies_a_half))
    ]
    cases = [(day, rng.choice(REASONS)) for day in days]
    typhoon = province.years.typhoon_on
    if half.starts_on <= typhoon < half.ends_before:
        cases += [
            (typhoon + timedelta(days=rng.randrange(6)), TYPHOON_REASON) for _ in range(province.typhoon_emergencies)
        ]
    found = []
    for day, reason in sorted(cases):
        unit = rng.choice(communes)
        readers = rng.randrange(40, 120) * typical // 8 if rng.randrange(100) < WITH_READERS else 0
        found.append(Case(unit, unit.place.name if unit.place else "", reason, typical, day, readers))
    return [case for case in found if case.helped_on <= province.years.last_day]


def plan_emergencies(
    province: Province, funds: Funds, donors: Donors, donations: list[DonationRow], appeals: list[AppealRow]
) -> dict[date, list[Case]]:
    """The cases by half-year; their appeals and the readers' money are added, gifts of people turned to them."""
    rng = Random("emergency gifts")
    root = funds.root
    readers: DonorRow | None = None
    by_half: dict[date, list[Case]] = {}
    for half in province.years.halves:
        cases = by_half[half.starts_on] = cases_of(province, funds, half)
        stock = [
            d
            for d in donations
            if d.fund is root and d.donor.kind == "person" and half.starts_on <= d.received_on < half.ends_before
        ]
        rng.shuffle(stock)
        for case in cases:
            appeal = AppealRow(
                len(appeals) + 1,
                root.unit,
                "emergency",
                f"Hỗ trợ khẩn cấp, {case.place}: {case.reason}"[:200],
                "Giúp gia đình vượt qua hoạn nạn, con em được tiếp tục đến trường",
                NEWSPAPER if case.pass_through_vnd else "",
                case.value_vnd,
                case.opens_on,
                case.opens_on + timedelta(days=APPEAL_DAYS),
            )
            appeals.append(appeal)
            last = min(appeal.closes_on, half.ends_before, province.years.last_day + timedelta(days=1))
            raised = 0
            while stock and raised < case.value_vnd:
                gift = stock.pop()
                gift.appeal = appeal
                gift.received_on = appeal.opens_on + timedelta(days=rng.randrange((last - appeal.opens_on).days))
                raised += gift.amount_vnd
            if case.pass_through_vnd:
                readers = readers or donors.add_named(root.unit, "person", f"Bạn đọc {NEWSPAPER}")
                donations.append(
                    DonationRow(
                        root.unit,
                        None,
                        readers,
                        min(case.opens_on + timedelta(days=30), last - timedelta(days=1)),
                        "cash",
                        case.pass_through_vnd,
                        purpose=appeal.name,
                        appeal=appeal,
                    )
                )
    return by_half
