"""Who holds which office in the demo's units: elected for five years by congresses, provisionally after a merger.

Nobody holds one who was no member yet or has left since. What would run beyond the end of a unit ends with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from django.db import connection

from hkh.demo.copying import copy_rows, reset_sequences, settle
from hkh.demo.logins import ACCOUNTS
from hkh.demo.people import SEX_OF_OFFICERS
from hkh.demo.spec import COMMUNES_MERGED_ON, Years
from hkh.demo.units import BRANCH, DISTRICT, GRASSROOTS, PROVINCE, Tree, UnitRow
from members.models import Appointment, OfficeEnd, Position

OFFICE_FIELDS = (
    "id unit member position valid_from valid_until end_reason decision revision entered_at entered_by idempotency_key"
)
HANDS = (Position.ACCOUNTANT, Position.CASHIER)
#: The offices of a unit of each tier.
OFFICES = {
    PROVINCE: (
        Position.CHAIR,
        Position.STANDING_VICE_CHAIR,
        Position.VICE_CHAIR,
        Position.VICE_CHAIR,
        Position.GENERAL_SECRETARY,
        Position.OFFICE_CHIEF,
        *HANDS,
        Position.INSPECTION_HEAD,
        *(Position.INSPECTOR,) * 2,
        *(Position.STANDING_MEMBER,) * 3,
        *(Position.COMMITTEE_MEMBER,) * 8,
    ),
    DISTRICT: (
        Position.CHAIR,
        Position.STANDING_VICE_CHAIR,
        Position.VICE_CHAIR,
        Position.SECRETARY,
        *HANDS,
        Position.INSPECTION_HEAD,
    ),
    GRASSROOTS: (Position.CHAIR, Position.VICE_CHAIR, Position.SECRETARY, *HANDS),
    BRANCH: (Position.BRANCH_HEAD,),
}
#: When the congresses of the tiers were held that elected for 2021–2026: first day, and over how many days.
CONGRESSES = {
    PROVINCE: (date(2022, 3, 25), 1),
    DISTRICT: (date(2021, 11, 1), 180),
    GRASSROOTS: (date(2021, 7, 1), 330),
    BRANCH: (date(2022, 1, 5), 600),
}
TERM_YEARS = 5
#: A provisional committee serves until the congress: so many days.
PROVISIONAL_DAYS = (300, 700)
#: Of a hundred: congresses held late, changes in the middle of a term, people elected again.
LATE, CHANGES, AGAIN = 8, 6, 60
LATE_DAYS = (30, 60, 90, 150)
#: The offices in which somebody resigns or is relieved.
CHANGING = (Position.VICE_CHAIR, Position.SECRETARY, *HANDS)
AGES = range(32, 71)
#: So many are looked at for an office.
PER_OFFICE = 4
#: So many of each branch, those who joined first, may be elected.
STAND = 14

#: Who stands for election in each branch: members who have not left.
_CANDIDATES = """
    SELECT unit.id, stays.member_id, person.full_name, stays.joined_on,
           coalesce(extract(year FROM person.birth_date)::int, person.birth_year)
    FROM members_unit unit
    CROSS JOIN LATERAL (
        SELECT member_id, joined_on FROM members_membership
        WHERE unit_id = unit.id AND left_on IS NULL ORDER BY joined_on, id LIMIT %s
    ) stays
    JOIN members_member person ON person.id = stays.member_id
    ORDER BY unit.id, stays.joined_on, stays.member_id
"""


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    id: int
    name: str
    joined: date
    born: int


@dataclass(frozen=True, slots=True)
class Term:
    """``[since, until)``, as it was decided: the unit may have ended before."""

    since: date
    until: date
    decision: str


class Electorate:
    """Who may be elected in a unit on a day: the members of all branches that stood below it then."""

    def __init__(self, tree: Tree, candidates: dict[int, list[Candidate]]) -> None:
        self._of = candidates
        self._below: dict[int, list[tuple[UnitRow, date, date]]] = defaultdict(list)
        for unit in tree.units:
            for stretch in unit.stretches:
                if stretch.parent:
                    self._below[stretch.parent.id].append((unit, stretch.since, stretch.until or date.max))

    def of(self, unit: UnitRow, day: date) -> list[Candidate]:
        found = [one for one in self._of.get(unit.id, ()) if one.joined <= day]
        for below, since, until in self._below[unit.id]:
            if since <= day < until:
                found += self.of(below, day)
        return found

    def first_day(self, unit: UnitRow) -> date:
        """The first day on which there is anybody to elect; the last of all days where there never is."""
        days = [max(since, self.first_day(below)) for below, since, _ in self._below[unit.id]]
        days += [one.joined for one in self._of.get(unit.id, ())]
        return max(unit.founded, min(days, default=date.max))


def load_offices(tree: Tree, years: Years, entered_by: int) -> None:
    """The offices of all units since 2016 or their founding. 1 query, 1 COPY."""
    candidates: dict[int, list[Candidate]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, [STAND])
        for unit_id, *facts in cursor.fetchall():
            candidates[unit_id].append(Candidate(*facts))
    held = _held(tree, Electorate(tree, candidates), years.last_day)
    rows = (
        (n, unit, who, position, since, until, reason, decision, 1, f"{since} 08:00:00+07", entered_by, None)
        for n, (unit, who, position, since, until, reason, decision) in enumerate(held, start=1)
    )
    copy_rows(Appointment, OFFICE_FIELDS, rows)
    reset_sequences(Appointment)
    settle(Appointment)


#: Unit, member, office, from, until, why it ended, decision.
Held = tuple[int, int, Position, date, date, str, str]


def _held(tree: Tree, electorate: Electorate, last_day: date) -> Iterator[Held]:
    for unit in tree.units:
        rng = Random(f"offices {unit.code}")
        served: list[Candidate] = []
        for term in _terms(unit, electorate.first_day(unit), rng, last_day):
            pool = electorate.of(unit, term.since)
            elected, others = _elect(unit, pool, term, served, rng)
            for number, (position, who) in enumerate(zip(OFFICES[unit.tier], elected, strict=False)):
                change = _change(position, term, others, rng) if unit.tier != PROVINCE else None
                if change is None or change[0] > min(last_day, unit.dissolved or last_day):
                    yield _office(unit, who, position, term)
                    continue
                day, successor = change
                reason = rng.choice((OfficeEnd.RESIGNED, OfficeEnd.RELIEVED))
                yield (unit.id, who.id, position, term.since, day, reason, term.decision)
                yield _office(unit, successor, position, Term(day, term.until, "Quyết định kiện toàn Ban Chấp hành"))
                elected[number] = successor
            served = elected


def _office(unit: UnitRow, who: Candidate, position: Position, term: Term) -> Held:
    """The office for the whole term, or as long as the unit stands."""
    if unit.dissolved and unit.dissolved < term.until:
        return (unit.id, who.id, position, term.since, unit.dissolved, OfficeEnd.REORGANISATION, term.decision)
    return (unit.id, who.id, position, term.since, term.until, "", term.decision)


def _terms(unit: UnitRow, begins: date, rng: Random, last_day: date) -> Iterator[Term]:
    """The terms that began while the unit stood and by the last day."""
    first, days = CONGRESSES[unit.tier]
    congress = first + timedelta(days=rng.randrange(days))
    ends = min(last_day, (unit.dissolved or date.max) - timedelta(days=1))
    since, until = begins, congress
    if begins >= COMMUNES_MERGED_ON and unit.tier != BRANCH:
        until = begins + timedelta(days=rng.randint(*PROVISIONAL_DAYS))
        if begins <= ends:
            yield Term(begins, until, "Quyết định chỉ định Ban Chấp hành lâm thời")
        since = until
    elif begins < congress:
        since = max(begins, _in_years(congress, -TERM_YEARS))
    while since <= ends:
        until = congress if since < congress else _in_years(since, TERM_YEARS)
        yield Term(since, until, f"Nghị quyết Đại hội nhiệm kỳ {since.year}–{until.year}")
        since = until + timedelta(days=rng.choice(LATE_DAYS) if rng.random() * 100 < LATE else 0)


def _in_years(day: date, years: int) -> date:
    return day.replace(year=day.year + years, day=min(day.day, 28))


def _elect(
    unit: UnitRow, pool: list[Candidate], term: Term, served: list[Candidate], rng: Random
) -> tuple[list[Candidate], list[Candidate]]:
    """Who takes the unit's offices, in their order, and who else might: of the right age first, if there are enough."""
    offices, named, stands = OFFICES[unit.tier], _named(unit, pool), set(pool)
    rest = stands - set(named.values()) - set(served)
    free = [one for one in pool if one in rest and term.since.year - one.born in AGES]
    if len(free) > PER_OFFICE * len(offices):
        free = rng.sample(free, PER_OFFICE * len(offices))
    else:
        rng.shuffle(free)
        fit = set(free)
        free += [one for one in pool if one in rest and one not in fit]
    elected: list[Candidate] = []
    for number, position in enumerate(offices):
        again = served[number] if number < len(served) and rng.random() * 100 < AGAIN else None
        who = named.get(position) or (again if again in stands else None) or (free.pop(0) if free else None)
        if who is None:
            break
        elected.append(who)
    return elected, free


def _named(unit: UnitRow, pool: list[Candidate]) -> dict[Position, Candidate]:
    """Who signs in as chair, accountant or cashier of the province holds that office, where the register has them."""
    if unit.tier != PROVINCE:
        return {}
    by_name = {one.name: one for one in reversed(pool)}
    names = {login.role: login.full_name for login in ACCOUNTS if login.role in SEX_OF_OFFICERS}
    return {Position(role): by_name[name] for role, name in names.items() if name in by_name}


def _change(position: Position, term: Term, others: list[Candidate], rng: Random) -> tuple[date, Candidate] | None:
    """The day on which somebody else takes over in the middle of the term, and who."""
    if position not in CHANGING or rng.random() * 100 >= CHANGES or not others:
        return None
    days = (term.until - term.since).days
    return term.since + timedelta(days=rng.randint(days // 4, days * 3 // 4)), others.pop(0)
