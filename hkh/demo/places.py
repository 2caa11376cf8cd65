"""The administrative places of three provinces, and how many people live in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from hkh.demo.copying import copy_rows, reset_sequences
from hkh.demo.shares import split
from hkh.demo.spec import Province, rows_of
from members.models import Place, PlacePopulation
from members.models.places import PlaceLevel

LEVELS = {"tinh": PlaceLevel.PROVINCE, "huyen": PlaceLevel.DISTRICT, "xa": PlaceLevel.COMMUNE}
OLD_PROVINCE, NEW_PROVINCE = "P25-old", "P25"
SISTER_PROVINCES = {"P26-old": 1_200_300, "P17-old": 880_500}
POPULATION_SOURCE = "Minh họa theo ước tính năm 2024"
YEARS = range(2022, 2027)
GROWTH_A_YEAR = 0.008


@dataclass(slots=True, eq=False, repr=False)
class PlaceRow:
    """A place of ``phutho_units.csv``; dates half-open. ``successors`` name (place, whole?) that it passed to."""

    id: int
    uid: str
    code: str
    name: str
    level: str
    parent: PlaceRow | None
    valid_from: date | None
    valid_until: date | None
    area: str
    latitude: str
    longitude: str
    source: str
    people: int = 0
    successors: list[tuple[PlaceRow, bool, str]] = field(default_factory=list)
    predecessors: list[PlaceRow] = field(default_factory=list)

    def exists_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day < self.valid_until
        )

    @property
    def province(self) -> PlaceRow:
        return self.parent.province if self.parent else self


class Places(dict[str, PlaceRow]):
    """All places by uid."""

    def communes_of(self, district_code: str, day: date) -> list[PlaceRow]:
        """The communes of an old district of the province, as they stood on ``day``."""
        return [
            place
            for place in self.values()
            if place.parent and place.parent.uid == f"D{district_code}" and place.exists_on(day)
        ]


def read_places() -> Places:
    """The places with what became of each, from the data files."""
    places = Places()
    for number, row in enumerate(rows_of("phutho_units.csv"), start=1):
        last_day = date.fromisoformat(row["valid_to"]) if row["valid_to"] else None
        places[row["uid"]] = PlaceRow(
            id=number,
            uid=row["uid"],
            code=row["code"],
            name=row["name_vi"],
            level=LEVELS[row["level"]],
            parent=places[row["parent_uid"]] if row["parent_uid"] else None,
            valid_from=date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
            valid_until=last_day + timedelta(days=1) if last_day else None,
            area=row["area_km2"],
            latitude=row["lat"],
            longitude=row["lon"],
            source=row["source"],
        )
    for row in rows_of("phutho_unit_successions.csv"):
        old, new = places[row["from_uid"]], places[row["to_uid"]]
        # Of a split place the people are counted where the greater part went.
        old.successors.append((new, row["kind"] == "whole", row["legal_basis"]))
        if row["kind"] != "part_minor":
            new.predecessors.append(old)
    return places


def people_places(places: Places, province: Province, rng: Random) -> None:
    """Give every place its people of 2024: districts as the file says, communes by weight, later ones by descent."""
    day = date(2024, 6, 30)
    for district in province.districts:
        _share_out(places.communes_of(district.code, day), district.population, rng)
        places[f"D{district.code}"].people = district.population
    for uid, people in SISTER_PROVINCES.items():
        communes = [p for p in places.values() if p.level == "commune" and p.province.uid == uid]
        _share_out(communes, people, rng)
        places[uid].people = people
    places[OLD_PROVINCE].people = sum(district.population for district in province.districts)
    for when in (date(2025, 1, 1), date(2025, 7, 1)):
        for place in places.values():
            if place.level == "commune" and place.valid_from == when:
                place.people = sum(old.people for old in place.predecessors)
    places[NEW_PROVINCE].people = sum(p.people for p in places.values() if p.parent is places[NEW_PROVINCE])


def _share_out(communes: list[PlaceRow], people: int, rng: Random) -> None:
    weights = [
        1.6 * rng.uniform(0.8, 1.3) if p.name.startswith(("Phường", "Thị trấn")) else rng.uniform(0.6, 1.4)
        for p in communes
    ]
    for place, part in zip(communes, split(people, weights), strict=True):
        place.people = part


def load_places(places: Places) -> None:
    """Write places and populations. 4 statements."""
    copy_rows(
        Place,
        "id uid code name level parent valid_from valid_until area_km2 latitude longitude source",
        (
            (
                p.id,
                p.uid,
                p.code,
                p.name,
                p.level,
                p.parent and p.parent.id,
                p.valid_from,
                p.valid_until,
                p.area or None,
                p.latitude or None,
                p.longitude or None,
                p.source,
            )
            for p in places.values()
        ),
    )
    copy_rows(PlacePopulation, "id place year people source", _populations(places))
    reset_sequences(Place, PlacePopulation)


def _populations(places: Places) -> Iterator[tuple[int, int, int, int, str]]:
    number = 0
    # Districts and the old province are the sums of their communes, so that no year contradicts itself.
    by_place: dict[str, dict[int, int]] = defaultdict(dict)
    for place in places.values():
        for year in YEARS:
            if place.exists_on(date(year, 6, 30)) or place.exists_on(date(year, 12, 31)):
                by_place[place.uid][year] = round(place.people * (1 + GROWTH_A_YEAR * (year - 2024)))
    for uid, years in by_place.items():
        for year, people in years.items():
            if people:
                number += 1
                yield number, places[uid].id, year, people, POPULATION_SOURCE
