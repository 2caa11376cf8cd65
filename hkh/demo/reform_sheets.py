"""The reorganisations of 2025 as sheets of decisions: what the State's files say became of each commune, and the rest.

``phutho_units.csv`` and ``phutho_unit_successions.csv`` say which places became which. Which associations stand in
them, and what else stands under a district that ends, is asked of the database as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from hkh.core.money import hand_over
from hkh.demo.names import bare, in_sentence
from hkh.demo.places import PlaceRow, read_places
from hkh.demo.reform import DISTRICTS_END_BASIS, TAKEN_UP_BY, UPPER_SCHOOLS
from hkh.demo.spec import COMMUNES_MERGED_ON, DISTRICTS_ENDED_ON, PROVINCE_CODE
from members.models import FundRule, Succession, Unit, UnitAncestor

#: A line of the sheet, by the keys of ``hkh.decisions.sheets.columns``.
Line = dict[str, str]

#: Number, day of signing and authority of what the State decided, by the day of effect.
PAPERS = {
    COMMUNES_MERGED_ON: ("1282/NQ-UBTVQH15", date(2024, 11, 14), "Ủy ban Thường vụ Quốc hội"),
    DISTRICTS_ENDED_ON: (DISTRICTS_END_BASIS.partition(" ")[0], date(2025, 6, 12), "Quốc hội"),
}
_MILLION = 1_000_000


@dataclass(frozen=True)
class _Merger:
    """Associations of communes that became one place; ``new`` is the code of who carries on."""

    place: PlaceRow
    old: list[Unit]
    new: str
    is_same: bool


def reform_lines(day: date) -> list[Line]:
    """The lines that carry out the reorganisation of ``day`` on the province as it stands. 6 queries.

    Raises: ValueError for another day.
    """
    if day == COMMUNES_MERGED_ON:
        return [line for merger in _mergers(day) for line in _merged(merger, merger.old[0].parent)]
    if day == DISTRICTS_ENDED_ON:
        return list(_end_districts())
    raise ValueError(f"Nothing was reorganised on {day}.")


def _mergers(day: date) -> list[_Merger]:
    """The commune associations whose places ended on ``day``, by the place that they became."""
    places = read_places()
    standing = Unit.unscoped.filter(dissolved_on=None, place__isnull=False, tier__code="GRASSROOTS")
    groups: dict[str, list[Unit]] = defaultdict(list)
    for unit in standing.select_related("place", "parent").order_by("pk"):
        place = places[unit.place.uid] if unit.place else None
        if place is not None and place.valid_until == day:
            groups[place.successors[0][0].uid].append(unit)
    mergers = []
    for uid, old in groups.items():
        place, parent = places[uid], old[0].parent
        is_same = day == DISTRICTS_ENDED_ON and len(place.predecessors) == 1
        assert parent is not None
        code = f"{parent.code}-{place.code}-2025" if day == COMMUNES_MERGED_ON else f"PT-{place.code}"
        mergers.append(_Merger(place, old, old[0].code if is_same else code, is_same))
    return mergers


def _merged(merger: _Merger, parent: Unit | None) -> Iterator[Line]:
    for unit in merger.old:
        yield {
            "old_unit": unit.code,
            "old_name": unit.name,
            "new_unit": merger.new,
            "name": f"Hội Khuyến học {in_sentence(merger.place.name)}",
            "tier": "Hội cơ sở",
            "parent": parent.code if parent else PROVINCE_CODE,
            "place": merger.place.uid,
        }


def _end_districts() -> Iterator[Line]:
    """Communes become one another or stand under the province; what else stood under districts finds its place."""
    root = Unit.unscoped.get(code=PROVINCE_CODE)
    districts = list(Unit.unscoped.filter(dissolved_on=None, tier__code="DISTRICT", place__isnull=False).order_by("pk"))
    mergers = _mergers(DISTRICTS_ENDED_ON)
    heirs: dict[int, list[_Merger]] = defaultdict(list)
    into: dict[int, str] = {}
    for merger in mergers:
        assert merger.old[0].parent_id is not None
        heirs[merger.old[0].parent_id].append(merger)
        into |= {unit.pk: merger.new for unit in merger.old}
        if merger.is_same:
            yield {"old_unit": merger.old[0].code, "old_name": merger.old[0].name, "parent": PROVINCE_CODE}
        else:
            yield from _merged(merger, root)
    for district in districts:
        yield from _others(district, into)
    members = _members([unit for merger in mergers for unit in merger.old])
    for district in districts:
        weights = [sum(members.get(unit.pk, 0) for unit in merger.old) for merger in heirs[district.pk]]
        shares = hand_over(_MILLION, weights)
        for merger, share in zip(heirs[district.pk], shares, strict=True):
            yield {
                "old_unit": district.code,
                "old_name": district.name,
                "new_unit": merger.new,
                "share": f"{share / _MILLION:.6f}".replace(".", ","),
                "fund_rule": FundRule.MEMBERS.value,
            }


def _others(district: Unit, into: dict[int, str]) -> Iterator[Line]:
    """Associations of schools up to lower secondary join their commune; others go under that of their kind."""
    communes = _codes_by_name(district, into)
    for unit in Unit.unscoped.filter(parent=district, dissolved_on=None, place=None).order_by("pk"):
        line = {"old_unit": unit.code, "old_name": unit.name}
        short = unit.name.removeprefix("Hội Khuyến học ")
        if unit.kind == "school" and not short.startswith(UPPER_SCHOOLS):
            yield {**line, "new_unit": next(code for name, code in communes if short.endswith(name))}
            continue
        taker = f"PT-{TAKEN_UP_BY.get(unit.kind) or ('X4' if 'Công an' in unit.name else 'X5')}"
        stands = Unit.unscoped.filter(code=taker, dissolved_on=None).exists()
        yield {**line, "parent": taker if stands else PROVINCE_CODE}


def _codes_by_name(district: Unit, into: dict[int, str]) -> list[tuple[str, str]]:
    """Where each commune that ever stood under ``district`` ends up: (its name, code), long names first; "" the first.

    A school bears the name of the commune of its day, which may have merged before.
    """
    carried_on = dict(Succession.objects.values_list("predecessor_id", "successor_id"))
    found: dict[str, str] = {}
    for unit in Unit.unscoped.filter(parent=district, place__isnull=False).select_related("place").order_by("-pk"):
        code = into.get(unit.pk) or into.get(carried_on.get(unit.pk, 0))
        if code and unit.place:
            found[bare(unit.place.name)] = code
    found[""] = next(reversed(found.values()))
    return sorted(found.items(), key=lambda pair: -len(pair[0]))


def _members(units: list[Unit]) -> dict[int, int]:
    """The members below each of ``units``."""
    below = UnitAncestor.objects.filter(ancestor__in=units, is_latest=True)
    open_ones = Count("unit__memberships", filter=Q(unit__memberships__left_on=None))
    return dict(below.values("ancestor").annotate(members=open_ones).values_list("ancestor", "members"))
