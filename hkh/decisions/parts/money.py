"""What a decision does to money: funds of closed units are closed, and what they hold goes to who carries on.

Each pot is handed over whole, to the đồng. What is set aside for awards is not touched: it stands in the way.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from hkh.core.dates import format_date
from hkh.core.money import dong, format_number, hand_over
from hkh.decisions.plan import Handover, NewFund, OldFund, Ref
from hkh.decisions.world import listed, rows
from members.models import Change, FundRule

if TYPE_CHECKING:
    from hkh.decisions.planning import Planner

_FUNDS = """
    SELECT fund.id, fund.code, fund.name, fund.unit_id, fund.is_restricted, fund.purpose, fund.opened_on,
           sum(account.balance_vnd) FILTER (WHERE account.kind = 'free' AND account.pot = 'cash')::bigint,
           sum(account.balance_vnd) FILTER (WHERE account.kind = 'free' AND account.pot = 'goods')::bigint,
           sum(account.balance_vnd) FILTER (WHERE account.kind = 'committed')::bigint,
           sum(account.balance_vnd) FILTER (WHERE account.kind = 'transit')::bigint
    FROM funds_fund fund JOIN funds_account account ON account.fund_id = fund.id
    WHERE fund.unit_id = ANY (%s) AND fund.closed_on IS NULL
    GROUP BY fund.id ORDER BY fund.unit_id, fund.opened_on, fund.id
"""

#: What stands in the books of a closed unit on or after its last day: (unit, what, how many, the latest day).
_LATE = """
    SELECT fund.unit_id, 'movement', count(*), max(moved.occurred_on)
    FROM funds_fund fund JOIN funds_account account ON account.fund_id = fund.id
    JOIN funds_movement moved ON account.id IN (moved.source_id, moved.target_id)
    WHERE fund.unit_id = ANY (%(units)s) AND moved.occurred_on >= %(day)s GROUP BY 1
    UNION ALL
    SELECT unit_id, 'donation', count(*), max(received_on) FROM funds_donation
    WHERE unit_id = ANY (%(units)s) AND received_on >= %(day)s AND fund_id IS NULL GROUP BY 1
    UNION ALL
    SELECT unit_id, 'fund', count(*), max(opened_on) FROM funds_fund
    WHERE unit_id = ANY (%(units)s) AND opened_on >= %(day)s GROUP BY 1
    ORDER BY 1, 2
"""


#: What was prepared in funds of closed units, or sent from or to them, and is not settled yet.
_VOUCHERS = """
    SELECT fund.unit_id, fund.name, count(*) FILTER (WHERE voucher.state = 'prepared'),
           count(*) FILTER (WHERE voucher.state = 'sent')
    FROM funds_voucher voucher JOIN funds_fund fund ON fund.id IN (voucher.fund_id, voucher.target_fund_id)
    WHERE voucher.state IN ('prepared', 'sent') AND fund.unit_id = ANY (%(units)s)
    GROUP BY fund.id ORDER BY fund.unit_id, fund.id
"""

#: Units whose books are closed for the day, so that nothing can be handed over on it.
_PERIOD_CLOSED = """
    SELECT unit.name FROM members_unit unit
    WHERE unit.id = ANY (%(all)s) AND funds_is_closed(unit.id, %(day)s) ORDER BY unit.title_key, unit.id
"""


#: Goods of funds that were issued to a closed unit and not handed out: they stay the fund's, and the unit is no more.
_ISSUED = """
    SELECT holder_id, sum(value_vnd)::bigint FROM funds_stock
    WHERE holder_id = ANY (%(units)s) AND value_vnd > 0 GROUP BY holder_id ORDER BY holder_id
"""


@dataclass(frozen=True)
class _Fund:
    id: int
    code: str
    name: str
    unit_id: int
    is_restricted: bool
    purpose: str
    opened_on: date
    cash_vnd: int
    goods_vnd: int
    committed_vnd: int
    transit_vnd: int

    @property
    def holds(self) -> bool:
        return self.total_vnd > 0

    @property
    def total_vnd(self) -> int:
        return self.cash_vnd + self.goods_vnd + self.committed_vnd + self.transit_vnd

    @property
    def use(self) -> str:
        """What a restricted fund is for; money of other funds may go into any of these."""
        return self.purpose if self.is_restricted else ""


#: Into which fund something goes: the unit and, of restricted money, the purpose.
_Into = tuple[Ref, str]


def plan_money(planner: Planner) -> dict[str, Any]:
    """Funds that close, funds that open and what goes from one to the other. 6 queries."""
    closed = {unit.unit_id: unit for unit in planner.closed}
    refs = {ref for unit_id in closed for ref, _share, _change in planner.heirs(unit_id)}
    funds: dict[int, list[_Fund]] = defaultdict(list)
    for row in rows(_FUNDS, [[*closed, *(ref for ref in refs if ref > 0)]]):
        funds[row[3]].append(_Fund(*row))
    _refuse_late(planner)
    giving = [fund for unit_id in closed for fund in funds[unit_id]]
    for unit_id in closed:
        _refuse_unready(planner, unit_id, funds[unit_id])
    targets, new = _targets(planner, funds, giving)
    handovers = [part for fund in giving for part in _handovers(planner, fund, targets, new)]
    _refuse_vouchers(planner)
    _note_issued(planner)
    _refuse_closed_period(planner, giving, handovers)
    old = [
        OldFund(fund.id, fund.code, fund.name, fund.unit_id, closed[fund.unit_id].name, fund.cash_vnd, fund.goods_vnd)
        for fund in giving
    ]
    return {"old_funds": tuple(old), "new_funds": tuple(new.values()), "handovers": tuple(handovers)}


def _refuse_late(planner: Planner) -> None:
    for unit_id, what, count, day in rows(
        _LATE, {"units": [unit.unit_id for unit in planner.closed], "day": planner.day}
    ):
        sentence = (
            {
                "movement": _(
                    "In the books of “%(unit)s” stand %(count)s entries of that day or later, the last of %(day)s."
                ),
                "donation": _("“%(unit)s” received %(count)s gifts on or after that day, the last on %(day)s."),
                "fund": _("“%(unit)s” opened %(count)s funds on or after that day, the last on %(day)s."),
            }[what]
            + " "
            + _("Let the decision take effect later.")
        )
        params = {"unit": planner.tree.name(unit_id), "count": format_number(count), "day": format_date(day)}
        planner.refuse("booked_later", sentence, planner.closing[unit_id][0], **params)


def _refuse_vouchers(planner: Planner) -> None:
    for unit_id, fund, prepared, sent in rows(_VOUCHERS, {"units": [unit.unit_id for unit in planner.closed]}):
        for count, sentence in (
            (prepared, _("“%(fund)s” of “%(unit)s” has %(count)s vouchers that wait. Approve or withdraw them.")),
            (sent, _("“%(fund)s” of “%(unit)s” has %(count)s transfers in transit. Confirm or return them.")),
        ):
            if count:
                said = {"fund": fund, "unit": planner.tree.name(unit_id), "count": format_number(count)}
                planner.refuse("vouchers_wait", sentence, planner.closing[unit_id][0], **said)


def _note_issued(planner: Planner) -> None:
    for unit_id, value_vnd in rows(_ISSUED, {"units": [unit.unit_id for unit in planner.closed]}):
        sentence = _("Goods worth %(amount)s were issued to “%(unit)s” and not handed out. Take them back before.")
        planner.notes.append(sentence % {"amount": dong(value_vnd), "unit": planner.tree.name(unit_id)})


def _refuse_closed_period(planner: Planner, giving: list[_Fund], handovers: list[Handover]) -> None:
    """Refuse a handover on a day whose books are closed."""
    units = {fund.unit_id for fund in giving if fund.holds} | {part.to_ref for part in handovers if part.to_ref > 0}
    shut = [name for (name,) in rows(_PERIOD_CLOSED, {"all": sorted(units), "day": planner.day})]
    if shut:
        planner.refuse(
            "period_closed",
            _(
                "The books of %(day)s are closed (%(units)s). "
                "Have the period reopened, or let the decision take effect later."
            ),
            day=format_date(planner.day),
            units=listed(shut),
        )


def _refuse_unready(planner: Planner, unit_id: int, funds: list[_Fund]) -> None:
    """Refuse what keeps the funds of a closed unit from being handed over."""
    change = planner.closing[unit_id][0]
    name = planner.tree.name(unit_id)
    for fund in funds:
        if fund.committed_vnd:
            planner.refuse(
                "committed",
                _(
                    "“%(fund)s” of “%(unit)s” has %(amount)s set aside for awards not handed out. "
                    "Hand them out or cancel them."
                ),
                change,
                fund=fund.name,
                unit=name,
                amount=dong(fund.committed_vnd),
            )
    holding = [fund for fund in funds if fund.holds]
    heirs = planner.heirs(unit_id)
    if holding and not heirs:
        planner.refuse(
            "money_left",
            _("“%(fund)s” of “%(unit)s” still holds %(amount)s. Pass it on, or merge the unit into another."),
            change,
            fund=holding[0].name,
            unit=name,
            amount=dong(sum(fund.total_vnd for fund in holding)),
        )
    for ref, _share, _change in heirs if funds else ():
        tier = planner.tree.tier(ref)
        if tier is not None and not tier.holds_funds:
            planner.refuse(
                "heir_holds_no_funds",
                _("“%(heir)s” holds no funds, but “%(unit)s” has some. Choose another unit."),
                change,
                heir=planner.tree.name(ref),
                unit=name,
            )
    if heirs and heirs[0][2].fund_rule == FundRule.STATED:
        _refuse_wrong_amounts(planner, name, holding, [change for _ref, _share, change in heirs])


def _refuse_wrong_amounts(planner: Planner, name: str, holding: list[_Fund], changes: list[Change]) -> None:
    if len(holding) > 1:
        planner.refuse(
            "stated_many",
            _("“%(unit)s” has %(count)s funds that hold something: share them by another rule than by stated amounts."),
            changes[0],
            unit=name,
            count=format_number(len(holding)),
        )
        return
    held = (sum(fund.cash_vnd for fund in holding), sum(fund.goods_vnd for fund in holding))
    stated = (sum(c.cash_vnd or 0 for c in changes), sum(c.goods_vnd or 0 for c in changes))
    sentences = (
        _("The amounts stated for “%(unit)s” make %(stated)s in money; its fund holds %(held)s."),
        _("The amounts stated for “%(unit)s” make %(stated)s in goods; its fund holds %(held)s."),
    )
    for sentence, has, says in zip(sentences, held, stated, strict=True):
        if has != says:
            planner.refuse("stated_sum", sentence, changes[0], unit=name, stated=dong(says), held=dong(has))


def _targets(
    planner: Planner, funds: dict[int, list[_Fund]], giving: list[_Fund]
) -> tuple[dict[_Into, _Fund], dict[_Into, NewFund]]:
    """Which fund takes what up: one of the unit that carries on, of the same use; where there is none, a new one."""
    wanted: dict[_Into, _Fund] = {}
    for fund in giving:
        for ref, _share, _change in planner.heirs(fund.unit_id):
            wanted.setdefault((ref, fund.use), fund)
    found: dict[_Into, _Fund] = {}
    for ref, use in wanted:
        fitting = [f for f in funds.get(ref, ()) if f.use == use and f.opened_on <= planner.day]
        if fitting:
            found[ref, use] = fitting[0]
    missing = [into for into in wanted if into not in found]
    taken = {code for (code,) in rows("SELECT code FROM funds_fund")} if missing else set()
    new: dict[_Into, NewFund] = {}
    for ref, use in missing:
        like, unit = wanted[ref, use], planner.tree.name(ref)
        code = _free_code(planner.code(ref), taken)
        taken.add(code)
        name = like.name if use else _fund_name(unit)
        new[ref, use] = NewFund(code, name[:160], ref, unit, use, bool(use))
    return found, new


def _free_code(unit_code: str, taken: set[str]) -> str:
    stem = f"Q-{unit_code}"[:36]
    number, code = 2, stem
    while code in taken:
        code, number = f"{stem}-{number}", number + 1
    return code


def _fund_name(unit: str) -> str:
    """The fund bears its association's name: "Hội Khuyến học xã A" has the "Quỹ Khuyến học xã A"."""
    rest = unit.removeprefix("Hội ")
    return f"Quỹ {rest}" if rest != unit else f"Quỹ khuyến học {unit[:1].lower()}{unit[1:]}"


def _handovers(planner: Planner, fund: _Fund, targets: dict[_Into, _Fund], new: dict[_Into, NewFund]) -> list[Handover]:
    heirs = planner.heirs(fund.unit_id)
    if not heirs:
        return []
    if heirs[0][2].fund_rule == FundRule.STATED:
        cash = [change.cash_vnd or 0 for _ref, _share, change in heirs] if fund.holds else [0] * len(heirs)
        goods = [change.goods_vnd or 0 for _ref, _share, change in heirs] if fund.holds else [0] * len(heirs)
    else:
        weights = planner.weights(fund.unit_id)
        cash, goods = hand_over(fund.cash_vnd, weights), hand_over(fund.goods_vnd, weights)
    parts = []
    for (ref, _share, _change), cash_vnd, goods_vnd in zip(heirs, cash, goods, strict=True):
        target, opened = targets.get((ref, fund.use)), new.get((ref, fund.use))
        if not cash_vnd and not goods_vnd:
            continue
        parts.append(
            Handover(
                fund_id=fund.id,
                fund=fund.name,
                to_ref=ref,
                to_unit=planner.tree.name(ref),
                to_fund_id=target.id if target else None,
                to_fund_code=target.code if target else opened.code if opened else "",
                to_fund=target.name if target else opened.name if opened else "",
                cash_vnd=cash_vnd,
                goods_vnd=goods_vnd,
            )
        )
    return parts
