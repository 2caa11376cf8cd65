"""Who gives: firms, offices, clans and people, each known to the unit that received the gift."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random

from funds.models import Donor
from hkh.demo.copying import copy_rows, reset_sequences
from hkh.demo.funds_plan import Funds
from hkh.demo.names import (
    COMMUNE_AGENCIES,
    DISTRICT_AGENCIES,
    FOREIGN_ORGANISATIONS,
    PROVINCE_AGENCIES,
    Names,
    bare,
    firm,
    in_sentence,
    phone,
)
from hkh.demo.units import BRANCH, GRASSROOTS, UnitRow

#: How many donors of a kind a unit of a tier knows; they come back from year to year.
CIRCLE = {
    1: {"ngo": len(FOREIGN_ORGANISATIONS), "enterprise": 55, "agency": len(PROVINCE_AGENCIES), "person": 90},
    2: {"ngo": 2, "enterprise": 16, "agency": 10, "person": 16, "member": 1},
    GRASSROOTS: {"enterprise": 2, "agency": 1, "person": 2, "member": 1, "clan": 1},
    BRANCH: {"clan": 1, "member": 1, "person": 2},
}


@dataclass(slots=True, eq=False)
class DonorRow:
    """A donor; ``unit`` is who keeps the card today."""

    id: int
    unit: UnitRow
    kind: str
    name: str
    country: str = ""
    currency: str = "VND"
    phone: str = ""
    address: str = ""
    tax_code: str = ""
    is_anonymous: bool = False


class Donors:
    """All donors, made when they first give."""

    def __init__(self, funds: Funds, names: Names) -> None:
        self.rows: list[DonorRow] = []
        self._funds = funds
        self._names = names
        self._circles: dict[tuple[int, str], dict[int, DonorRow]] = {}
        self._rng = Random("donors")
        #: Of how many units of old a unit of today keeps the cards: so much wider is its circle.
        self._merged = Counter(funds.heir_of(fund.unit).id for fund in funds.rows)

    def draw(self, unit: UnitRow, kind: str, rng: Random) -> DonorRow:
        """One of the donors of ``kind`` whom ``unit`` knows, known before or new."""
        keeper = self._funds.heir_of(unit)
        circle = self._circles.setdefault((keeper.id, kind), {})
        size = CIRCLE[unit.tier].get(kind, 1) * max(1, self._merged[keeper.id])
        number = rng.randrange(size)
        if number not in circle:
            circle[number] = self.add(unit, kind, number)
        return circle[number]

    def add(self, unit: UnitRow, kind: str, number: int = 0) -> DonorRow:
        rng, keeper = self._rng, self._funds.heir_of(unit)
        row = DonorRow(len(self.rows) + 1, keeper, kind, "")
        place = _place_of(unit)
        if kind == "ngo":
            row.name, row.country, row.currency = FOREIGN_ORGANISATIONS[number % len(FOREIGN_ORGANISATIONS)]
        elif kind == "enterprise":
            row.name = firm(rng)
            row.tax_code = f"26{rng.randrange(10**8):08d}"
            row.phone = f"0210{rng.randrange(10**7):07d}"
        elif kind == "agency":
            row.name = _agency(unit, number)
        elif kind == "person":
            row.name = self._names.person(rng)[0]
            row.is_anonymous = rng.random() < 0.03
            row.phone = phone(rng) if rng.random() < 0.4 else ""
        elif kind == "clan":
            row.name = unit.short_name if unit.clan else f"Dòng họ {self._names.clan(rng)} {place}"
        else:
            row.name = f"Hội viên {unit.name}"
        row.address = place if kind in ("person", "enterprise", "clan") else ""
        self.rows.append(row)
        return row

    def add_named(self, unit: UnitRow, kind: str, name: str, *, country: str = "") -> DonorRow:
        row = DonorRow(len(self.rows) + 1, self._funds.heir_of(unit), kind, name, country)
        self.rows.append(row)
        return row


def _place_of(unit: UnitRow) -> str:
    home = unit if unit.place else unit.commune
    if home is None or home.place is None:
        return "tỉnh Phú Thọ"
    return in_sentence(home.place.name) if home.tier != 1 else "tỉnh Phú Thọ"


def _agency(unit: UnitRow, number: int) -> str:
    if unit.tier == 1:
        return PROVINCE_AGENCIES[number % len(PROVINCE_AGENCIES)]
    stock = DISTRICT_AGENCIES if unit.tier == 2 else COMMUNE_AGENCIES
    place = _place_of(unit)
    return (
        f"{stock[(number + unit.id) % len(stock)]} {bare(place[:1].upper() + place[1:]) if unit.tier == 2 else place}"
    )


def load_donors(donors: Donors) -> None:
    """Write the donors. 1 COPY."""
    copy_rows(
        Donor,
        "id unit kind name country phone email address tax_code is_anonymous note revision",
        (
            (d.id, d.unit.id, d.kind, d.name, d.country, d.phone, "", d.address, d.tax_code, d.is_anonymous, "", 1)
            for d in donors.rows
        ),
    )
    reset_sequences(Donor)
