"""Members and their memberships: half a million persons, whose number on 30 June 2024 is exact."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from hkh.demo.copying import copy_lines, reset_sequences, settle, without_foreign_keys, without_indexes
from hkh.demo.logins import ACCOUNTS
from hkh.demo.names import OCCUPATIONS, Names
from hkh.demo.spec import BOOKS_OPEN_ON, Years
from hkh.demo.tree import AS_OF
from hkh.demo.units import BRANCH, Tree, UnitRow
from members.models import Member, MemberMonth, Membership, Role

MEMBER_FIELDS = (
    "id full_name birth_date birth_year sex phone email occupation address card_number deceased_on note revision"
    " created_at"
)
MEMBERSHIP_FIELDS = "id member unit joined_on left_on leave_reason entered_at"

A_YEAR_BEFORE = date(2023, 6, 30)
#: Of a hundred members: of how many the full birth date is known (else the year), a telephone, a card.
FULL_BIRTH_DATE, WITH_PHONE, WITH_CARD = 85, 35, 20
AGES = range(18, 72)
AGE_WEIGHTS = [3 if age < 25 else 5 if age < 60 else 4 for age in AGES]
DAYS_OF_YEAR = [f"{month:02d}-{day:02d}" for month in range(1, 13) for day in range(1, 29)]

#: The branch of those officers of the province who have an account, and their sex by their role.
OFFICERS_BRANCH = "PT-X3-C01-B01"
SEX_OF_OFFICERS = {Role.CHAIR: "m", Role.ACCOUNTANT: "f", Role.CASHIER: "f"}

#: Joined on, how many of them; left on (or none) and why.
Group = tuple[date, int, date | None, str]


def load_people(tree: Tree, names: Names, years: Years) -> int:
    """Write all persons and memberships; how many. 2 COPYs, read by the server while they are made."""
    memberships: list[str] = []
    with without_foreign_keys(Member), without_indexes(Member):
        copy_lines(Member, MEMBER_FIELDS, _members(tree, names, years, memberships))
    with without_foreign_keys(Membership), without_indexes(Membership):
        copy_lines(Membership, MEMBERSHIP_FIELDS, memberships)
    reset_sequences(Member, Membership)
    settle(Member, Membership, MemberMonth)
    return len(memberships)


def groups_of(branch: UnitRow, years: Years, rng: Random) -> list[Group]:
    """Who joined and left a branch when, in groups: meetings are held a few times in its life only."""
    if branch.founded > AS_OF:
        return [group for group in _newly_founded(branch, years, rng) if group[1]]
    size = branch.members
    late = _rounded(size * (1 - years.members_a_year_before), rng) if branch.founded < A_YEAR_BEFORE else 0
    early = size - late
    meetings = _meetings(branch.founded, min(A_YEAR_BEFORE, AS_OF), 3, rng)
    founding = early - sum(part := [_rounded(early * 0.13, rng) for _ in meetings]) if early else 0
    staying = [(branch.founded, founding), *zip(meetings, part if early else [], strict=bool(early))]
    if late:
        staying.append((_between(max(A_YEAR_BEFORE, branch.founded), AS_OF, rng), late))
    gone = _rounded(size * years.members_leaving_a_year * 2.5, rng)
    groups: list[Group] = _gone(branch.founded, gone, max(BOOKS_OPEN_ON, branch.founded), AS_OF, rng)
    growth = years.members_growth_a_year + years.members_leaving_a_year
    since = (years.last_day - AS_OF).days / 365
    for first, last in _thirds(AS_OF, years.last_day):
        groups.append((_between(first, last, rng), _rounded(size * growth * since / 3, rng), None, ""))
    leaving = min(founding, _rounded(size * years.members_leaving_a_year * since, rng))
    groups += _gone(branch.founded, leaving, AS_OF, years.last_day, rng)
    groups += [(day, n - (leaving if day == branch.founded else 0), None, "") for day, n in staying]
    return [group for group in groups if group[1] > 0]


def _call_officers(called: list[str], sexes: list[str], ages: list[int], groups: list[Group]) -> None:
    """Whoever signs in as an officer of the province is a member who stays: the oldest of the same sex, by name."""
    stays = [left is None for _, count, left, _ in groups for _ in range(count)]
    taken: set[int] = set()
    for role, sex in SEX_OF_OFFICERS.items():
        fit = [n for n, is_there in enumerate(stays) if is_there and sexes[n] == sex and n not in taken]
        if fit:
            oldest = max(fit, key=lambda n: ages[n])
            taken.add(oldest)
            called[oldest] = next(login.full_name for login in ACCOUNTS if login.role == role)


def _newly_founded(branch: UnitRow, years: Years, rng: Random) -> Iterator[Group]:
    later = branch.members // 4
    yield branch.founded, branch.members - later, None, ""
    yield _between(branch.founded, years.last_day, rng), later, None, ""


def _gone(joined: date, count: int, first: date, last: date, rng: Random) -> list[Group]:
    """``count`` members who left in ``(first, last]``, most of them by their own will, the others by death."""
    died = count * 2 // 5
    return [
        (joined, count - died, _between(first, last, rng), "left"),
        (joined, died, _between(first, last, rng), "deceased"),
    ]


def _meetings(first: date, last: date, count: int, rng: Random) -> list[date]:
    return sorted({_between(first, last, rng) for _ in range(count)}) if first < last else []


def _thirds(first: date, last: date) -> Iterator[tuple[date, date]]:
    third = (last - first) / 3
    for n in range(3):
        yield first + n * third, first + (n + 1) * third


def _between(first: date, last: date, rng: Random) -> date:
    """A day after ``first``, up to ``last``."""
    return first + timedelta(days=rng.randint(1, max(1, (last - first).days)))


def _rounded(value: float, rng: Random) -> int:
    """``value`` up or down by chance, so that small branches count together what a big one would."""
    return int(value + rng.random())


def _members(tree: Tree, names: Names, years: Years, memberships: list[str]) -> Iterator[str]:
    """The lines of all members; those of their memberships go to ``memberships`` meanwhile."""
    rng = Random("people")
    number = card = 0
    for branch in tree.units:
        if branch.tier != BRANCH:
            continue
        groups = groups_of(branch, years, rng)
        total = sum(group[1] for group in groups)
        sexes = rng.choices("fm", weights=(54, 46), k=total)
        called = names.people(rng, sexes, clan=branch.clan.partition(" ")[0])
        ages = rng.choices(AGES, weights=AGE_WEIGHTS, k=total)
        if branch.code == OFFICERS_BRANCH:
            _call_officers(called, sexes, ages, groups)
        drawn = zip(
            called,
            sexes,
            ages,
            rng.choices(DAYS_OF_YEAR, k=total),
            rng.choices(OCCUPATIONS[branch.kind], k=total),
            rng.choices(range(100), k=total),
            rng.choices(range(10**7), k=total),
            strict=True,
        )
        address = branch.short_name if branch.kind == "residential" else ""
        for joined, count, left, why in groups:
            joined_on, left_on = joined.isoformat(), left.isoformat() if left else "\\N"
            died_on = left_on if why == "deceased" else "\\N"
            tail = f"{address}\t%s\t{died_on}\t\t1\t{joined_on} 08:00:00+07"
            for _ in range(count):
                name, sex, age, day, occupation, chance, digits = next(drawn)
                number += 1
                year = joined.year - age
                birth = f"{year}-{day}\t\\N" if chance < FULL_BIRTH_DATE else f"\\N\t{year}"
                phone = f"09{digits:08d}" if digits % 100 < WITH_PHONE else ""
                has_card = chance % 100 < WITH_CARD
                card += has_card
                yield (
                    f"{number}\t{name}\t{birth}\t{sex}\t{phone}\t\t{occupation}\t"
                    + tail % (f"PT-{card:06d}" if has_card else "")
                )
                memberships.append(
                    f"{number}\t{number}\t{branch.id}\t{joined_on}\t{left_on}\t{why}\t{joined_on} 08:00:00+07"
                )
