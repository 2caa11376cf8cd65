"""What the two reorganisations of 2025 made of the tree, and who came to it from the sister provinces.

1 January 2025: thirty communes became twelve. 1 July 2025: the district associations ended; the communes became
66, directly under the province (DOMAIN §4); the branches went with their places. Base associations of primary and
lower secondary schools ended, their branches stand under the new commune, as the schools do; those of upper
secondary schools, offices and firms went on under the direct association of their kind.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from random import Random

from hkh.demo.names import bare, in_sentence
from hkh.demo.places import NEW_PROVINCE, SISTER_PROVINCES, PlaceRow, Places
from hkh.demo.shares import split
from hkh.demo.spec import COMMUNES_MERGED_ON, DISTRICTS_ENDED_ON, PROVINCE_CODE, Province
from hkh.demo.tree import AS_OF
from hkh.demo.units import BRANCH, GRASSROOTS, Tree, UnitRow

DISTRICTS_END_BASIS = "202/2025/QH15 (12/06/2025)"
#: Which direct association takes up what was a district's.
TAKEN_UP_BY = {"school": "X3", "agency": "X1", "enterprise": "X2"}
UPPER_SCHOOLS = ("Trường THPT", "Trung tâm GDNN")


def reorganise(tree: Tree, province: Province, places: Places) -> None:
    """Carry the tree of 30 June 2024 through the reorganisations to the last day of the demo."""
    ends_before = province.years.last_day + timedelta(days=1)
    _found_new_branches(tree, province, AS_OF, COMMUNES_MERGED_ON)
    if ends_before <= COMMUNES_MERGED_ON:
        return
    _merge_communes(tree)
    _found_new_branches(tree, province, COMMUNES_MERGED_ON, min(DISTRICTS_ENDED_ON, ends_before))
    if ends_before <= DISTRICTS_ENDED_ON:
        return
    _end_districts(tree, province)
    _found_newcomers(tree, province, places)
    _found_new_branches(tree, province, DISTRICTS_ENDED_ON, province.years.last_day)


def _merge_communes(tree: Tree) -> None:
    for new_place, old_units in _by_successor(tree, COMMUNES_MERGED_ON).items():
        district = old_units[0].parent
        assert district is not None
        new = tree.found(
            code=f"{district.code}-{new_place.code}-2025",
            name=f"Hội Khuyến học {in_sentence(new_place.name)}",
            kind="territorial",
            tier=GRASSROOTS,
            parent=district,
            on=COMMUNES_MERGED_ON,
            area=district.area,
            place=new_place,
        )
        _merge(tree, old_units, new, COMMUNES_MERGED_ON)


def _by_successor(tree: Tree, day: date) -> dict[PlaceRow, list[UnitRow]]:
    """The commune associations whose place ended on ``day``, by the place that it became."""
    groups: dict[PlaceRow, list[UnitRow]] = defaultdict(list)
    for unit in list(tree.units):
        if unit.place and unit.tier == GRASSROOTS and unit.dissolved is None and unit.place.valid_until == day:
            groups[unit.place.successors[0][0]].append(unit)
    return groups


def _merge(tree: Tree, old_units: list[UnitRow], new: UnitRow, day: date) -> None:
    for old in old_units:
        for branch in list(old.children):
            tree.move(branch, under=new, on=day)
        for unit in tree.units:
            if unit.commune is old:
                unit.commune = new
        assert old.place is not None
        tree.succeed(old, new, on=day, basis=old.place.successors[0][2])
        tree.dissolve(old, on=day)


def _end_districts(tree: Tree, province: Province) -> None:
    root = tree.by_code[PROVINCE_CODE]
    heirs: dict[str, list[UnitRow]] = defaultdict(list)
    for new_place, old_units in _by_successor(tree, DISTRICTS_ENDED_ON).items():
        area = old_units[0].area
        if len(new_place.predecessors) == 1:
            # Thu Cúc, Trung Sơn: the place only got a new parent, so the association is the same one.
            unit = old_units[0]
            unit.place = new_place
            tree.move(unit, under=root, on=DISTRICTS_ENDED_ON)
        else:
            unit = tree.found(
                code=f"PT-{new_place.code}",
                name=f"Hội Khuyến học {in_sentence(new_place.name)}",
                kind="territorial",
                tier=GRASSROOTS,
                parent=root,
                on=DISTRICTS_ENDED_ON,
                area=area,
                place=new_place,
            )
            _merge(tree, old_units, unit, DISTRICTS_ENDED_ON)
        heirs[area].append(unit)
    for district in province.districts:
        top = tree.by_code[f"PT-{district.code}"]
        for unit in list(top.children):
            _place_other(tree, unit, root)
        shares = split(1_000_000, [sum(b.members for b in heir.children) for heir in heirs[district.code]])
        for heir, share in zip(heirs[district.code], shares, strict=True):
            tree.succeed(top, heir, on=DISTRICTS_ENDED_ON, basis=DISTRICTS_END_BASIS, share_millionths=share)
        tree.dissolve(top, on=DISTRICTS_ENDED_ON)


def _place_other(tree: Tree, unit: UnitRow, root: UnitRow) -> None:
    """Where the association of a district's school, office or firm goes."""
    if unit.kind == "school" and not unit.short_name.startswith(UPPER_SCHOOLS):
        assert unit.commune is not None
        for branch in list(unit.children):
            tree.move(branch, under=unit.commune, on=DISTRICTS_ENDED_ON)
        tree.succeed(unit, unit.commune, on=DISTRICTS_ENDED_ON, basis=DISTRICTS_END_BASIS)
        tree.dissolve(unit, on=DISTRICTS_ENDED_ON)
        return
    taker = TAKEN_UP_BY.get(unit.kind) or ("X4" if "Công an" in unit.name else "X5")
    tree.move(unit, under=tree.by_code.get(f"PT-{taker}", root), on=DISTRICTS_ENDED_ON)


def _found_newcomers(tree: Tree, province: Province, places: Places) -> None:
    """Associations of the new communes of Vĩnh Phúc and Hòa Bình: most at once, some later, some not yet."""
    rng = Random("newcomers")
    root = tree.by_code[PROVINCE_CODE]
    new_places = [
        place
        for place in places.values()
        if place.parent is places[NEW_PROVINCE] and place.predecessors[0].province.uid in SISTER_PROVINCES
    ]
    rng.shuffle(new_places)
    with_unit = new_places[: len(new_places) - province.new_communes_without_unit]
    later = [DISTRICTS_ENDED_ON + timedelta(days=n) for n in (77, 107, 153, 199, 245, 291, 337, 388)]
    for number, place in enumerate(with_unit):
        unit = tree.found(
            code=f"PT-{place.code}",
            name=f"Hội Khuyến học {in_sentence(place.name)}",
            kind="territorial",
            tier=GRASSROOTS,
            parent=root,
            on=DISTRICTS_ENDED_ON if number < len(with_unit) * 0.55 else rng.choice(later),
            area=place.predecessors[0].province.uid,
            place=place,
        )
        for n in range(rng.randint(3, 6)):
            _found_branch(tree, unit, n + 1, unit.founded + timedelta(days=rng.choice((0, 0, 20, 45))), province, rng)


def _found_new_branches(tree: Tree, province: Province, since: date, until: date) -> None:
    """New branches of the old province's communes between two days on which the tree stood still."""
    rng = Random(f"new branches {since}")
    communes = [u for u in tree.of_tier(GRASSROOTS, until) if u.place and u.area not in SISTER_PROVINCES]
    for unit in communes:
        # About one in ten communes founds one in half a year.
        if rng.random() < (until - since).days / 1_800:
            day = since + timedelta(days=rng.randrange(20, (until - since).days - 20))
            _found_branch(tree, unit, 1, day, province, rng)


def _found_branch(tree: Tree, unit: UnitRow, number: int, day: date, province: Province, rng: Random) -> None:
    assert unit.place is not None
    is_school = number % 3 == 0
    place = in_sentence(unit.place.name)
    title = f"Trường Tiểu học {bare(unit.place.name)}" if is_school else f"Khu dân cư mới số {number} {place}"
    branch = tree.found(
        code=f"{unit.code}-N{day:%y%m}{number}",
        name=f"Chi hội {title}",
        kind="school" if is_school else "residential",
        tier=BRANCH,
        parent=unit,
        on=day,
        area=unit.area,
        commune=unit,
    )
    branch.members = rng.randint(*province.new_members_a_branch)
