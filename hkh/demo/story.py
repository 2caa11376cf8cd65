"""The whole plan in memory: who there is, what they gave, what became of it. Nothing is written here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from hkh.demo.donors import Donors
from hkh.demo.emergencies import plan_emergencies
from hkh.demo.funds_plan import FundRow, Funds
from hkh.demo.gifts import GiftPlan
from hkh.demo.ledger import CASH, Books, Plan, keep_books
from hkh.demo.money import (
    AppealRow,
    DonationRow,
    plan_appeals,
    plan_donations,
    raised_by_fund,
    void_some,
)
from hkh.demo.names import Names, bare
from hkh.demo.places import Places, people_places, read_places
from hkh.demo.reform import reorganise
from hkh.demo.rounds import DistributionRow, RoundPlan, RoundRow
from hkh.demo.shares import split
from hkh.demo.spec import EXACT_FROM, EXACT_UNTIL, Half, Province
from hkh.demo.tree import grow_tree
from hkh.demo.units import DISTRICT, GRASSROOTS, Tree, UnitRow
from hkh.demo.vouchers import send_off

#: Of the goods that came in a half-year, how much schools get in the next one, and how many schools.
GOODS_TO_SCHOOLS = {1: (0.9, 3), DISTRICT: (0.6, 1)}
#: What direct associations pass on to the provincial fund in December, of what they raised.
PASSED_UP = 0.25
INTEREST = 0.0015
#: How many distributions were entered wrongly, and when that was put right.
ENTERED_WRONGLY, ENTERED_AGAIN_AFTER = 6, timedelta(days=3)
TIER_NAMES = {1: "province", 2: "district", 3: "base", 4: "branch"}


@dataclass
class Story:
    """All that is to be written, with ids."""

    province: Province
    names: Names
    places: Places
    tree: Tree
    funds: Funds
    donors: Donors
    appeals: list[AppealRow]
    donations: list[DonationRow]
    rounds: list[RoundRow]
    books: Books

    @property
    def distributions(self) -> Iterator[DistributionRow]:
        """Those held by the last day, in the order of their ids; those entered again come with theirs."""
        return iter(sorted(_held(self.rounds, self.province.years.last_day), key=lambda held: held.id))


def tell(province: Province) -> Story:
    """Plan the whole province. The same every time."""
    names = Names()
    places = read_places()
    people_places(places, province, Random("people of places"))
    tree = grow_tree(province, places, names)
    reorganise(tree, province, places)
    funds = Funds(tree, province)
    donors = Donors(funds, names)
    donations = plan_donations(province, funds, donors)
    appeals = plan_appeals(province, funds, donations)
    cases = plan_emergencies(province, funds, donors, donations, appeals)
    void_some(donations, province.years)

    gifts, maker = GiftPlan(province, funds), RoundPlan(province, funds, names)
    rounds: list[RoundRow] = []
    for half in province.years.halves:
        rounds += maker.of_half(half, gifts.of_half(half))
        rounds += _equipment(half, province, tree, funds, donations, maker)
        rng = Random(f"families {half.starts_on}")
        rounds += [maker.emergency(case, rng) for case in cases[half.starts_on]]
    last_day = province.years.last_day
    rounds = [row for row in rounds if row.opened_on <= last_day]
    _go_wrong(rounds, province)
    _number(donations, rounds, last_day)
    plan = _plan(province, tree, funds, donations, rounds)
    books = keep_books(plan, funds, province.opening_vnd)
    return Story(province, names, places, tree, funds, donors, appeals, donations, rounds, books)


def _equipment(
    half: Half, province: Province, tree: Tree, funds: Funds, donations: list[DonationRow], maker: RoundPlan
) -> Iterator[RoundRow]:
    """Equipment for schools: in the exact half that of the file, else out of the goods of the half before."""
    rng = Random(f"equipment {half.starts_on}")
    gift = province.equipment
    givers = [area.top for area in funds.areas(half) if area.top]
    if half.is_exact:
        school = next(u for u in tree.units if u.tier == GRASSROOTS and u.short_name == gift.school)
        yield maker.equipment(half, funds.root, (school, gift.school), gift.value_vnd, gift.delivered_on)
    else:
        givers.insert(0, funds.root)
    before = half.starts_on - timedelta(days=1)
    for giver in givers:
        share, schools = GOODS_TO_SCHOOLS[giver.unit.tier]
        goods = sum(
            d.amount_vnd
            for d in donations
            if d.fund is giver
            and d.pot == "goods"
            and before - timedelta(days=180) <= d.received_on <= before
            and d.purpose != gift.school
        )
        communes = [u for area in funds.areas(half) for u in area.communes if giver.unit.tier == 1 or area.top is giver]
        for value in split(round(goods * share / 1_000_000) * 1_000_000, [1] * schools, step=1_000_000):
            unit = rng.choice(communes)
            name = f"Trường {rng.choice(('Tiểu học', 'THCS', 'Mầm non'))} {bare(unit.place.name if unit.place else '')}"
            day = half.starts_on + timedelta(days=rng.randrange(80, 140))
            if value:
                yield maker.equipment(half, giver, (unit, name), value, day)


def _go_wrong(rounds: list[RoundRow], province: Province) -> None:
    """A few awards given up after approval, a few distributions entered wrongly; none touches the exact half."""
    rng = Random("mistakes")
    last_day = province.years.last_day
    done = [row for row in rounds if row.last_held_on <= last_day - ENTERED_AGAIN_AFTER and not _touches_exact(row)]
    for row in done:
        for held in row.distributions:
            if len(held.awards) >= 5 and rng.randrange(12) == 0 and held.held_on > row.approved_on:
                rng.choice(held.awards).cancelled_on = held.held_on - timedelta(days=1)
    for row in done[:: len(done) // ENTERED_WRONGLY + 1]:
        held = row.distributions[0]
        again_on = held.held_on + ENTERED_AGAIN_AFTER
        if again_on < (row.fund.closed or last_day):
            held.voided_on = again_on
            held.again = DistributionRow(row, again_on, held.venue, held.awards)


def _touches_exact(row: RoundRow) -> bool:
    days = [row.approved_on, *(held.held_on for held in row.distributions)]
    return any(EXACT_FROM - ENTERED_AGAIN_AFTER <= day < EXACT_UNTIL for day in days)


def _number(donations: list[DonationRow], rounds: list[RoundRow], last_day: date) -> None:
    """Ids in the order of time."""
    donations.sort(key=lambda d: d.received_on)
    rounds.sort(key=lambda r: r.opened_on)
    for n, donation in enumerate(donations, start=1):
        donation.id = n
    for n, row in enumerate(rounds, start=1):
        row.id = n
    for n, award in enumerate((award for row in rounds for award in row.awards), start=1):
        award.id = n
    for n, held in enumerate(sorted(_held(rounds, last_day), key=lambda h: h.held_on), start=1):
        held.id = n


def _held(rounds: list[RoundRow], last_day: date) -> Iterator[DistributionRow]:
    for row in rounds:
        if row.approved_on <= last_day:
            yield from row.held_by(last_day)


def _plan(province: Province, tree: Tree, funds: Funds, donations: list[DonationRow], rounds: list[RoundRow]) -> Plan:
    last_day = province.years.last_day
    plan = Plan(last_day)
    for donation in donations:
        if donation.fund:
            plan.receive(donation)
    for row in rounds:
        plan.give(row, last_day)
    raised = raised_by_fund(donations)
    for year in sorted({half.starts_on.year for half in province.years.halves}):
        _plan_year(plan, year, province, funds, raised, rounds)
    for fund in funds.rows:
        if fund.closed:
            links = [link for link in tree.successions if link.predecessor is fund.unit]
            plan.close(fund, [(funds.by_unit[link.successor.id], link.share_millionths) for link in links])
    if province.last_day is None:
        send_off(plan, funds, last_day)
    return plan


def _plan_year(
    plan: Plan,
    year: int,
    province: Province,
    funds: Funds,
    raised: dict[tuple[int, int], int],
    rounds: list[RoundRow],
) -> None:
    """What funds spend on their own work, pass up in December and get from the province in September."""
    root, last_day = funds.root, province.years.last_day
    is_whole = last_day >= date(year, 12, 31)
    income = raised[root.id, year]
    spending = 0
    for fund in funds.rows:
        tier = "direct" if fund in funds.directs else TIER_NAMES[fund.unit.tier]
        amount = _round(raised[fund.id, year] * province.years.spent_on_work[tier])
        day = date(year, 12, 10) if is_whole else date(year, 9, 25)
        if fund.opened <= day and (fund.closed is None or day < fund.closed):
            _spend(plan, fund, amount, day)
            spending += amount if fund is root else 0
    if is_whole:
        for fund in funds.directs:
            amount = _round(raised[fund.id, year] * PASSED_UP)
            income += amount
            day = date(year, 12, 15)
            plan.move(day, "transfer", (fund.id, "free", CASH), (root.id, "free", CASH), amount, "Ủng hộ Quỹ Đất Tổ")
        interest = _round(income * INTEREST)
        income += interest
        source = (0, "adjustment", CASH)
        plan.move(
            date(year, 12, 31), "interest", source, (root.id, "free", CASH), interest, "Lãi tiền gửi không kỳ hạn"
        )
    given = sum(
        award.value_vnd
        for row in rounds
        if row.fund is root
        for held in row.distributions
        if held.held_on.year == year
        for award in held.awards
        if not award.may_be_goods
    )
    growth = _round(province.opening_vnd * province.years.province_fund_growth)
    _share_out(plan, date(year, 9, 20), funds, income - given - spending - growth)


def _spend(plan: Plan, fund: FundRow, amount: int, day: date) -> None:
    note = "Chi hoạt động khuyến học, xây dựng xã hội học tập"
    plan.move(day, "expense", (fund.id, "free", CASH), (0, "recipients", CASH), amount, note)


def _share_out(plan: Plan, day: date, funds: Funds, amount: int) -> None:
    """The province's help for the funds below: districts, and since they ended the communes of the old province."""
    takers: dict[int, tuple[FundRow, int]] = {}
    for unit, people in _receiving_units(funds, day):
        fund = funds.by_unit.get(unit.id)
        if fund and fund.opened <= day:
            takers[fund.id] = (fund, people)
    parts = split(max(0, amount), [people for _, people in takers.values()], step=1_000_000)
    for (fund, _), part in zip(takers.values(), parts, strict=True):
        source, target = (funds.root.id, "free", CASH), (fund.id, "free", CASH)
        plan.move(day, "transfer", source, target, part // 1_000_000 * 1_000_000, "Phân bổ từ Quỹ Đất Tổ")


def _receiving_units(funds: Funds, day: date) -> Iterator[tuple[UnitRow, int]]:
    by_area: dict[str, list[UnitRow]] = defaultdict(list)
    for fund in funds.rows:
        unit = fund.unit
        if unit.place and unit.tier in (DISTRICT, GRASSROOTS) and unit.exists_on(day):
            by_area[unit.area].append(unit)
    for units in by_area.values():
        tops = [unit for unit in units if unit.tier == DISTRICT]
        for unit in tops or units:
            yield unit, unit.place.people if unit.place else 0


def _round(amount: float) -> int:
    return round(amount / 1000) * 1000
