"""The association as it stood on 30 June 2024, grown since 2003."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from random import Random

from hkh.demo.names import DISTRICT_AGENCIES, Names, bare, firm, in_sentence
from hkh.demo.places import NEW_PROVINCE, Places
from hkh.demo.shares import split
from hkh.demo.spec import PROVINCE_CODE, District, Province
from hkh.demo.units import BRANCH, DISTRICT, GRASSROOTS, PROVINCE, Tree, UnitRow

AS_OF = date(2024, 6, 30)

DIRECT_BASES: dict[str, tuple[str, tuple[str, ...]]] = {
    "X1": (
        "agency",
        (
            "Văn phòng Tỉnh ủy",
            "Văn phòng Ủy ban nhân dân tỉnh",
            "Sở Tài chính",
            "Sở Nội vụ",
            "Sở Y tế",
            "Sở Công Thương",
            "Sở Tư pháp",
            "Sở Xây dựng",
            "Thanh tra tỉnh",
        ),
    ),
    "X2": (
        "enterprise",
        (
            "Công ty Cổ phần Giấy Sông Lô",
            "Công ty Cổ phần Phân bón Đất Tổ",
            "Công ty Cổ phần Cấp nước tỉnh",
            "Công ty Xăng dầu tỉnh",
            "Công ty Chè Hùng Vương",
            "Công ty Cổ phần May Âu Cơ",
            "Điện lực tỉnh",
            "Viễn thông tỉnh",
        ),
    ),
    "X3": (
        "school",
        (
            "Cơ quan Sở Giáo dục và Đào tạo",
            "Trường THPT Chuyên Hùng Vương",
            "Trường Phổ thông Dân tộc nội trú tỉnh",
            "Trung tâm Giáo dục thường xuyên tỉnh",
            "Trường THPT Kỹ thuật tỉnh",
            "Trung tâm Hỗ trợ phát triển giáo dục hòa nhập",
            "Trường Năng khiếu Thể dục thể thao",
            "Trung tâm Ngoại ngữ - Tin học tỉnh",
            "Trường Mầm non Thực hành",
            "Trường Tiểu học và THCS Thực nghiệm",
        ),
    ),
    "X4": (
        "armed_forces",
        (
            "Phòng Tham mưu Công an tỉnh",
            "Phòng Chính trị Công an tỉnh",
            "Phòng Hậu cần Công an tỉnh",
            "Phòng Cảnh sát giao thông",
            "Phòng Cảnh sát cơ động",
        ),
    ),
    "X5": (
        "armed_forces",
        (
            "Phòng Tham mưu Quân sự tỉnh",
            "Phòng Chính trị Quân sự tỉnh",
            "Phòng Hậu cần - Kỹ thuật",
            "Trung đoàn bộ binh địa phương",
        ),
    ),
    "X6": ("school", ("Khoa Sư phạm", "Khoa Kỹ thuật - Công nghệ", "Cơ quan nhà trường")),
    "X7": ("school", ("Khoa Y - Dược", "Khoa Kinh tế - Du lịch", "Cơ quan nhà trường")),
}

#: Of the branches of a commune, in percent: residential areas, clans, schools, the rest agencies.
BRANCH_KINDS = ("residential", "clan", "school", "agency")
BRANCH_SHARES = (45, 39, 8, 8)
SCHOOLS = ("Trường Tiểu học", "Trường THCS", "Trường Mầm non", "Trường Tiểu học và THCS", "Trường Mầm non tư thục")
COMMUNE_BODIES = (
    "Cơ quan",
    "Trạm Y tế",
    "Cựu giáo chức",
    "Quỹ tín dụng nhân dân",
    "Công an",
    "Hợp tác xã dịch vụ",
)
SIZE_BY_KIND = {
    "residential": 1.35,
    "clan": 0.85,
    "school": 0.5,
    "agency": 0.35,
    "enterprise": 0.8,
    "armed_forces": 0.8,
}


def grow_tree(province: Province, places: Places, names: Names) -> Tree:
    """All units of 30 June 2024 with the members that each branch then has."""
    tree = Tree()
    root = tree.found(
        code=PROVINCE_CODE,
        name="Hội Khuyến học tỉnh Phú Thọ",
        kind="territorial",
        tier=PROVINCE,
        parent=None,
        on=date(2003, 3, 15),
        place=places[NEW_PROVINCE],
    )
    for district in province.districts:
        _grow_district(tree, root, district, province, places, names)
    for direct in province.directs:
        _grow_direct(tree, root, direct)
    return tree


def _grow_district(
    tree: Tree, root: UnitRow, district: District, province: Province, places: Places, names: Names
) -> None:
    rng = Random(f"tree {district.code}")
    top = tree.found(
        code=f"PT-{district.code}",
        name=f"Hội Khuyến học {in_sentence(district.name)}",
        kind="territorial",
        tier=DISTRICT,
        parent=root,
        # Tân Sơn was made a district in 2007 only.
        on=date(2007, 6, 1) if district.code == "240" else _day(rng, 2003, 2004),
        area=district.code,
        place=places[f"D{district.code}"],
    )
    communes = [
        tree.found(
            code=f"PT-{district.code}-{place.code}",
            name=f"Hội Khuyến học {in_sentence(place.name)}",
            kind="territorial",
            tier=GRASSROOTS,
            parent=top,
            on=_day(rng, 2004, 2010),
            area=district.code,
            place=place,
        )
        for place in places.communes_of(district.code, AS_OF)
        if not province.communes or place.uid in province.communes
    ]
    if len(communes) != district.communes:
        raise ValueError(f"{district.name} has {len(communes)} communes, not {district.communes}.")
    others = _grow_others(tree, top, communes, district, province, rng)
    of_others = [2] * len(others)
    of_communes = split(
        district.branches - sum(of_others), [commune.place.people for commune in communes if commune.place]
    )
    for unit, branches in zip(others, of_others, strict=True):
        _grow_body_branches(tree, unit, branches, rng)
    for commune, branches in zip(communes, of_communes, strict=True):
        taken = {o.short_name for o in others if o.commune is commune}
        _grow_commune_branches(tree, commune, branches, taken, names, rng)
    _people_branches([b for unit in (*communes, *others) for b in unit.children], district.members, rng)


def _grow_others(
    tree: Tree, top: UnitRow, communes: list[UnitRow], district: District, province: Province, rng: Random
) -> list[UnitRow]:
    """Base associations of schools, agencies and firms: half of them are primary and lower secondary schools."""
    place = bare(district.name)
    wanted: list[tuple[str, str, UnitRow]] = [
        (kind, name, communes[0]) for kind, name in _upper_bodies(place, district.others, rng)
    ]
    equipped = [c for c in communes if c.place and c.place.uid == province.equipment.commune]
    schools = [("school", province.equipment.school, commune) for commune in equipped]
    for number in count():
        if len(wanted) + len(schools) >= district.others:
            break
        commune = communes[number % len(communes)]
        name = f"{SCHOOLS[number // len(communes) % 2]} {bare(commune.place.name if commune.place else '')}"
        if all(name != school[1] for school in schools):
            schools.append(("school", name, commune))
    return [
        tree.found(
            code=f"PT-{district.code}-C{number:02d}",
            name=f"Hội Khuyến học {name}",
            kind=kind,
            tier=GRASSROOTS,
            parent=top,
            on=_day(rng, 2006, 2019),
            area=district.code,
            commune=commune,
        )
        for number, (kind, name, commune) in enumerate([*wanted, *schools], start=1)
    ]


def _upper_bodies(place: str, others: int, rng: Random) -> list[tuple[str, str]]:
    """Upper secondary schools, offices and firms of a district: about half of its other base associations."""
    schools = [("school", f"Trường THPT {place}"), ("school", f"Trung tâm GDNN - GDTX {place}")]
    schools += [("school", f"Trường THPT số 2 {place}"), ("school", f"Trường THPT số 3 {place}")]
    offices = [("agency", f"{name} {place}") for name in rng.sample(DISTRICT_AGENCIES, 6)]
    forces = [("armed_forces", f"Công an {place}"), ("armed_forces", f"Ban Chỉ huy Quân sự {place}")]
    firms: dict[str, None] = {}
    while len(firms) < 5:
        firms[f"{firm(rng)} {place}"] = None
    half = others // 2
    order = [schools[0], offices[0], *schools[1:2], ("enterprise", next(iter(firms))), offices[1], forces[0]]
    order += [schools[2], offices[2], forces[1], *(("enterprise", name) for name in list(firms)[1:3])]
    order += [schools[3], *offices[3:], *(("enterprise", name) for name in list(firms)[3:])]
    return order[:half]


def _grow_direct(tree: Tree, root: UnitRow, direct: District) -> None:
    rng = Random(f"tree {direct.code}")
    kind, bases = DIRECT_BASES[direct.code]
    top = tree.found(
        code=f"PT-{direct.code}",
        name=f"Hội Khuyến học {direct.name}",
        kind=kind,
        tier=DISTRICT,
        parent=root,
        on=_day(rng, 2004, 2009),
        area=direct.code,
    )
    units = [
        tree.found(
            code=f"PT-{direct.code}-C{number:02d}",
            name=f"Hội Khuyến học {name}",
            kind=kind,
            tier=GRASSROOTS,
            parent=top,
            on=_day(rng, 2006, 2014),
            area=direct.code,
        )
        for number, name in enumerate(bases[: direct.others], start=1)
    ]
    for unit, branches in zip(units, split(direct.branches, [1] * len(units)), strict=True):
        _grow_body_branches(tree, unit, branches, rng)
    _people_branches([b for unit in units for b in unit.children], direct.members, rng)


def _grow_body_branches(tree: Tree, unit: UnitRow, branches: int, rng: Random) -> None:
    """The branches of a school, agency or firm."""
    is_college = unit.kind == "school" and not unit.commune
    parts = {
        "college": ("Khối giảng viên, nhân viên", "Khối sinh viên", "Khối hưu trí"),
        "school": ("Khối giáo viên", "Khối phụ huynh học sinh", "Khối hành chính"),
        "agency": ("Khối văn phòng", "Khối nghiệp vụ", "Khối hưu trí"),
        "enterprise": ("Khối văn phòng", "Khối sản xuất", "Khối kinh doanh"),
        "armed_forces": ("Khối tham mưu", "Khối chiến sĩ", "Khối hậu cần"),
    }["college" if is_college else unit.kind]
    for number in range(branches):
        part = parts[number] if number < len(parts) else f"Tổ {number + 1}"
        tree.found(
            code=f"{unit.code}-B{number + 1:02d}",
            name=f"Chi hội {part} {unit.short_name}",
            kind=unit.kind,
            tier=BRANCH,
            parent=unit,
            on=_day(rng, 2007, 2020),
            area=unit.area,
            commune=unit.commune,
        )


def _grow_commune_branches(
    tree: Tree, commune: UnitRow, branches: int, taken: set[str], names: Names, rng: Random
) -> None:
    """Branches of residential areas, clans, schools and offices of a commune."""
    assert commune.place is not None
    place, plain = in_sentence(commune.place.name), bare(commune.place.name)
    schools = [f"{kind} {plain}" for kind in SCHOOLS if f"{kind} {plain}" not in taken]
    clans: dict[str, None] = {}
    number = 0
    for kind, wanted in zip(BRANCH_KINDS, split(branches, BRANCH_SHARES), strict=True):
        for n in range(wanted):
            number += 1
            clan = ""
            if kind == "residential":
                title = f"Khu dân cư số {n + 1} {place}"
            elif kind == "clan":
                while (clan := names.clan(rng)) in clans:
                    pass
                clans[clan] = None
                title = f"Dòng họ {clan} {place}"
            elif kind == "school":
                title = schools[n] if n < len(schools) else f"Điểm trường số {n + 1 - len(schools)} {place}"
            else:
                body = COMMUNE_BODIES[n % len(COMMUNE_BODIES)]
                title = f"{body} {place}" + (f" số {n // len(COMMUNE_BODIES) + 1}" if n >= len(COMMUNE_BODIES) else "")
            tree.found(
                code=f"{commune.code}-B{number:02d}",
                name=f"Chi hội {title}",
                kind=kind,
                tier=BRANCH,
                parent=commune,
                # Most branches are old; a few are founded every year.
                on=_day(rng, 2006, 2019) if rng.random() < 0.94 else _day(rng, 2020, 2023),
                area=commune.area,
                commune=commune,
                clan=clan,
            )


def _people_branches(branches: list[UnitRow], members: int, rng: Random) -> None:
    weights = [SIZE_BY_KIND[branch.kind] * rng.uniform(0.6, 1.5) for branch in branches]
    for branch, part in zip(branches, split(members, weights), strict=True):
        branch.members = part


def _day(rng: Random, first_year: int, last_year: int) -> date:
    return date(first_year, 1, 1) + timedelta(days=rng.randrange((last_year - first_year + 1) * 365))
