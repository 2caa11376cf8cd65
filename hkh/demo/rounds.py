"""Rounds, awards and distributions made of the planned gifts; beside them equipment for schools and emergency help."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from hkh.demo.emergencies import Case
from hkh.demo.funds_plan import FundRow, Funds
from hkh.demo.gifts import Gift
from hkh.demo.names import Names, bare, in_sentence
from hkh.demo.spec import BOOKS_OPEN_ON, COMMUNES_MERGED_ON, DISTRICTS_ENDED_ON, Half, Province, rows_of
from hkh.demo.units import BRANCH, UnitRow

TEACHERS = ("good_teacher", "hardship_teacher")
#: Lines that may be handed out as goods where the fund has them.
GOODS_LINES = ("poor_pupil", "good_pupil_commune", "far_from_school")
YOUNGEST, OLDEST = 7, 17
PROGRAMMES = {row["code"]: row for row in rows_of("programmes.csv")}
PROGRAMME_IDS = {code: number for number, code in enumerate(PROGRAMMES, start=1)}


@dataclass(slots=True, eq=False)
class AwardRow:
    round: RoundRow
    unit: UnitRow
    kind: str
    group: str
    count: int
    unit_value_vnd: int
    recipient_kind: str = "pupil"
    name: str = ""
    birth_year: int | None = None
    school: str = ""
    grade: str = ""
    content: str = ""
    pot: str = "cash"
    may_be_goods: bool = False
    #: Given up after approval: nothing is handed out, the money is free again.
    cancelled_on: date | None = None
    id: int = 0

    @property
    def value_vnd(self) -> int:
        return self.count * self.unit_value_vnd


@dataclass(slots=True, eq=False)
class DistributionRow:
    """A handing-out of ``awards``. ``again`` is the one entered anew after this one was voided."""

    round: RoundRow
    held_on: date
    venue: str
    awards: list[AwardRow]
    voided_on: date | None = None
    again: DistributionRow | None = None
    movement_ids: dict[str, int] = field(default_factory=dict)
    document: str = ""
    id: int = 0

    @property
    def given(self) -> list[AwardRow]:
        """What is really handed out: all but what was given up before."""
        return [award for award in self.awards if award.cancelled_on is None]


@dataclass(slots=True, eq=False)
class RoundRow:
    fund: FundRow
    programme: str
    name: str
    school_year: str
    opened_on: date
    approved_on: date
    awards: list[AwardRow] = field(default_factory=list)
    distributions: list[DistributionRow] = field(default_factory=list)
    id: int = 0

    @property
    def last_held_on(self) -> date:
        return max(held.held_on for held in self.held_by(date.max))

    def held_by(self, last_day: date) -> Iterator[DistributionRow]:
        """The distributions held by ``last_day``, those entered again after their first entry."""
        for first in self.distributions:
            held: DistributionRow | None = first
            while held and held.held_on <= last_day:
                yield held
                held = held.again


class RoundPlan:
    """Makes rounds; one random stream a half-year, so that no half depends on another."""

    def __init__(self, province: Province, funds: Funds, names: Names) -> None:
        self._province = province
        self._funds = funds
        self._names = names

    def of_half(self, half: Half, gifts: list[Gift]) -> list[RoundRow]:
        """The rounds by which ``gifts`` are handed out: one a fund, programme and season."""
        rng = Random(f"rounds {half.starts_on}")
        grouped: dict[tuple[int, str, int], list[Gift]] = defaultdict(list)
        for gift in gifts:
            first, _ = self._season(half, gift)
            grouped[gift.payer.id, gift.line.programme, first.month].append(gift)
        return [self._round(half, group, rng) for group in grouped.values()]

    def _season(self, half: Half, gift: Gift) -> tuple[date, int]:
        """From which day on, and on how many days, a line is handed out in ``half``."""
        starts, days = gift.line.spring if half.is_spring else gift.line.autumn
        if starts == "tet":
            tet = next(day for day in self._province.years.tet if day.year == half.starts_on.year)
            return tet - timedelta(days=days + 2), days
        return date.fromisoformat(f"{half.starts_on.year}-{starts}"), days

    def _round(self, half: Half, gifts: list[Gift], rng: Random) -> RoundRow:
        payer, line = gifts[0].payer, gifts[0].line
        first, days = self._season(half, gifts[0])
        by_place: dict[str, list[Gift]] = defaultdict(list)
        for gift in gifts:
            by_place[gift.area.code if payer is self._funds.root else ""].append(gift)
        held = {key: first + timedelta(days=rng.randrange(days)) for key in by_place}
        approved = min(held.values()) - timedelta(days=rng.randint(6, 16))
        if payer is self._funds.root and not half.is_spring and first.month in (8, 9):
            # What the province gives for the new school year is decided at the end of June.
            approved = date(half.starts_on.year, 6, 28)
        approved = max(approved, payer.opened, _tree_since(half))
        row = RoundRow(
            fund=payer,
            programme=line.programme,
            name=self._title(half, line.programme, first, payer.unit),
            school_year=school_year(first),
            opened_on=max(payer.opened, approved - timedelta(days=rng.randint(8, 30))),
            approved_on=approved,
        )
        for key, some in by_place.items():
            awards = [award for gift in some for award in self._awards(row, gift, held[key], rng)]
            row.awards += awards
            row.distributions.append(DistributionRow(row, held[key], venue(some[0].receiver, payer.unit), awards))
        return row

    def _title(self, half: Half, programme: str, first: date, unit: UnitRow) -> str:
        year = half.starts_on.year
        if programme == "qua-tet" and half.is_spring:
            when = f"Tết Nguyên đán {year}"
        elif half.is_spring:
            when = f"học kỳ II năm học {school_year(first)}"
        elif first.month == 11:
            when = f"dịp 20/11/{year}"
        elif first.month in (8, 9):
            when = f"đầu năm học {school_year(first)}"
        else:
            when = f"học kỳ I năm học {school_year(first)}"
        where = "" if unit.tier == 1 else f" – {unit.short_name}"
        return f"{PROGRAMMES[programme]['name']}, {when}{where}"[:200]

    def _awards(self, row: RoundRow, gift: Gift, held: date, rng: Random) -> Iterator[AwardRow]:
        """Named recipients first, the rest as one lot."""
        line = gift.line
        is_teacher = line.group in TEACHERS
        # Of small numbers chance decides, so that all lots together have the share of names that they should.
        named = int(gift.count * line.named_percent / 100 + (rng.random() if line.named_percent < 100 else 0))
        named = min(named, gift.count)

        def award(count: int) -> AwardRow:
            return AwardRow(
                row,
                gift.receiver,
                line.kind,
                line.group,
                count,
                line.unit_value_vnd,
                recipient_kind="teacher" if is_teacher else "pupil",
                content=line.content,
                may_be_goods=line.group in GOODS_LINES,
            )

        if named:
            sexes = rng.choices("fm", k=named)
            for name in self._names.people(rng, sexes):
                one = award(1)
                one.name = name
                self._describe(one, held, is_teacher, rng)
                yield one
        if gift.count > named:
            yield award(gift.count - named)

    @staticmethod
    def _describe(award: AwardRow, held: date, is_teacher: bool, rng: Random) -> None:
        place = bare(school_place(award.unit))
        if is_teacher:
            award.birth_year = held.year - rng.randint(24, 58)
            award.school = f"Trường {rng.choice(('Tiểu học', 'THCS', 'Mầm non'))} {place}"
            return
        age = OLDEST if award.group == "good_pupil_national" else rng.randint(YOUNGEST, OLDEST)
        award.birth_year = held.year - age
        grade = min(12, max(1, age - 5))
        level = "Tiểu học" if grade < 6 else "THCS" if grade < 10 else "THPT"
        award.grade = f"lớp {grade}"
        award.school = (
            "Trường THPT Chuyên Hùng Vương" if award.group == "good_pupil_national" else f"Trường {level} {place}"
        )

    def equipment(self, half: Half, fund: FundRow, school: tuple[UnitRow, str], value_vnd: int, day: date) -> RoundRow:
        """Equipment for a school, out of the goods of ``fund``."""
        unit, name = school
        approved = max(day - timedelta(days=15), _tree_since(half), fund.opened)
        row = RoundRow(
            fund,
            "co-so-vat-chat",
            f"Thiết bị cho {name}",
            school_year(day),
            max(fund.opened, approved - timedelta(days=20)),
            approved,
        )
        award = AwardRow(
            row,
            unit,
            "facility",
            "school",
            1,
            value_vnd,
            recipient_kind="school",
            name=name,
            school=name,
            may_be_goods=True,
        )
        award.content = (
            self._province.equipment.content if name == self._province.equipment.school else "Thiết bị dạy học"
        )
        row.awards.append(award)
        row.distributions.append(DistributionRow(row, day, name, [award]))
        return row

    def emergency(self, case: Case, rng: Random) -> RoundRow:
        """The help of the provincial fund for one family: a round of its own, decided and handed over within days."""
        approved = case.opens_on + timedelta(days=4)
        row = RoundRow(
            self._funds.root,
            "khan-cap",
            f"Hỗ trợ khẩn cấp, {case.place}: {case.reason}"[:200],
            school_year(case.opens_on),
            case.opens_on,
            approved,
        )
        award = AwardRow(row, case.unit, "emergency", "stricken_family", 1, case.value_vnd, recipient_kind="family")
        award.name = f"Gia đình {'thầy giáo' if 'thầy' in case.reason else 'em'} {self._names.person(rng)[0]}"
        award.content = case.reason[:1].upper() + case.reason[1:]
        row.awards.append(award)
        row.distributions.append(DistributionRow(row, case.helped_on, in_sentence(case.place), [award]))
        return row


def _tree_since(half: Half) -> date:
    """Before which day nothing of ``half`` is decided: the books' beginning, or the last reorganisation."""
    day = half.starts_on
    return day if day in (COMMUNES_MERGED_ON, DISTRICTS_ENDED_ON) else BOOKS_OPEN_ON


def school_year(day: date) -> str:
    first = day.year if day.month >= 8 else day.year - 1
    return f"{first}-{first + 1}"


def school_place(unit: UnitRow) -> str:
    home = unit if unit.place else unit.commune
    return home.place.name if home and home.place else "Phú Thọ"


def venue(receiver: UnitRow, payer: UnitRow) -> str:
    if payer.tier == BRANCH:
        return f"Nhà văn hóa khu, {in_sentence(school_place(payer))}"
    return f"Hội trường {in_sentence(school_place(receiver))}"
