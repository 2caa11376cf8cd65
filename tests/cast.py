"""The cast that all tests share: a province, two communes, a branch; and who acts in them.

Plain functions that write rows, quick, without fixtures: ``a_province()`` makes the whole cast at once, the others
one row each, with what a test does not care about filled in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from django.db import transaction

from funds.actions import approve_voucher, confirm_transfer, prepare_voucher
from funds.models import (
    Account,
    AccountKind,
    Donor,
    DonorKind,
    Fund,
    Movement,
    MovementKind,
    Pot,
    Voucher,
    VoucherKind,
    VoucherState,
)
from members.models import Grant, Role, Succession, Tier, Unit, UnitKind, UnitVersion, User

LONG_AGO = date(2000, 1, 1)

_numbers = count(1)


@dataclass(frozen=True)
class Cast:
    """Users act in the commune ``here``, except the ``outsider``, who does so in the commune ``elsewhere``."""

    province: Unit
    here: Unit
    elsewhere: Unit
    branch: Unit
    chair: User
    accountant: User
    cashier: User
    officer: User
    clerk: User
    viewer: User
    outsider: User
    administrator: User


def a_province() -> Cast:
    """The province, communes ``here`` and ``elsewhere``, a branch of ``here``, and one user a role."""
    at_top, communal, local = make_tiers()
    province = make_unit("Tỉnh hội", tier=at_top)
    here = make_unit("Hội xã Hy Cương", tier=communal, parent=province)
    elsewhere = make_unit("Hội xã Tu Vũ", tier=communal, parent=province)
    branch = make_unit("Chi hội khu 1", tier=local, parent=here, kind=UnitKind.RESIDENTIAL)
    return Cast(
        province=province,
        here=here,
        elsewhere=elsewhere,
        branch=branch,
        chair=make_user("chair", role=Role.CHAIR, unit=here),
        accountant=make_user("accountant", role=Role.ACCOUNTANT, unit=here),
        cashier=make_user("cashier", role=Role.CASHIER, unit=here),
        officer=make_user("officer", role=Role.PROGRAMME_OFFICER, unit=here),
        clerk=make_user("clerk", role=Role.CLERK, unit=here),
        viewer=make_user("viewer", role=Role.VIEWER, unit=here),
        outsider=make_user("outsider", role=Role.ACCOUNTANT, unit=elsewhere),
        administrator=make_user("administrator", role=Role.ADMINISTRATOR, unit=province),
    )


def make_tiers() -> tuple[Tier, Tier, Tier]:
    """Province, commune (under it), branch (under a commune; holds members)."""
    made: list[Tier] = []
    for rank, code, name in ((1, "PROVINCE", "Tỉnh"), (2, "GRASSROOTS", "Cơ sở"), (3, "BRANCH", "Chi hội")):
        tier = Tier.objects.create(
            code=code, rank=rank, name_vi=name, name_en=name, name_id=name, holds_members=code == "BRANCH"
        )
        if made:
            tier.may_stand_under.add(made[-1])
        made.append(tier)
    return made[0], made[1], made[2]


def make_unit(
    name: str,
    *,
    tier: Tier,
    parent: Unit | None = None,
    founded_on: date = LONG_AGO,
    dissolved_on: date | None = None,
    kind: UnitKind = UnitKind.TERRITORIAL,
    code: str = "",
) -> Unit:
    """A unit with one version, from its founding to its end. Its place in the tree is there at once."""
    with transaction.atomic():
        unit = Unit.unscoped.create(
            code=code or f"U-{next(_numbers)}",
            name=name,
            tier=tier,
            parent=parent,
            kind=kind,
            founded_on=founded_on,
            dissolved_on=dissolved_on,
        )
        UnitVersion.objects.create(
            unit=unit, name=name, tier=tier, parent=parent, valid_from=founded_on, valid_until=dissolved_on
        )
    return unit


def make_ended(on: date, *, heir: Unit, name: str = "Hội xã cũ") -> Unit:
    """A unit beside ``heir`` that ended on that day, and for which ``heir`` carries on."""
    ended = make_unit(name, tier=heir.tier, parent=heir.parent, dissolved_on=on)
    Succession.objects.create(predecessor=ended, successor=heir, effective_on=on)
    return ended


def make_user(username: str, *, role: Role | str | None = None, unit: Unit | None = None) -> User:
    """An account (password = username) with ``role`` in ``unit``, if given, since long ago."""
    user = User(username=username, full_name=username.title())
    user.set_password(username)
    user.save()
    if role is not None and unit is not None:
        Grant.objects.create(user=user, role=role, unit=unit, valid_from=LONG_AGO)
    return user


def make_fund(
    unit: Unit, name: str = "Quỹ khuyến học", *, holds_vnd: int = 0, opened_on: date = LONG_AGO, **facts: object
) -> Fund:
    """A fund of ``unit``; ``holds_vnd`` brought forward on the day it opened."""
    facts.setdefault("code", f"F-{next(_numbers)}")
    fund = Fund.unscoped.create(unit=unit, name=name, opened_on=opened_on, **facts)
    if holds_vnd:
        bring_forward(fund, holds_vnd, opened_on)
    return fund


def bring_forward(fund: Fund, amount_vnd: int, on: date = LONG_AGO, *, pot: Pot = Pot.CASH) -> Movement:
    """Brought forward into ``fund``: prepared by one and approved by another."""
    with transaction.atomic():
        moved = Movement.objects.create(
            source=outside(AccountKind.OPENING, pot),
            target=account(fund, pot=pot),
            amount_vnd=amount_vnd,
            kind=MovementKind.OPENING,
            occurred_on=on,
        )
        Voucher.unscoped.create(
            unit_id=fund.unit_id,
            fund=fund,
            kind=VoucherKind.OPENING,
            pot=pot,
            amount_vnd=amount_vnd,
            occurred_on=on,
            state=VoucherState.BOOKED,
            posted=moved,
            prepared_by=a_hand("prepares"),
            decided_by=a_hand("approves"),
        )
    return moved


def make_expense(fund: Fund, amount_vnd: int, on: date, **facts: Any) -> Voucher:
    """Spent from ``fund``: prepared by one and approved by another."""
    return _approved(kind=VoucherKind.EXPENSE, fund=fund, amount_vnd=amount_vnd, occurred_on=on, **facts)


def make_transfer(source: Fund, target: Fund, amount_vnd: int, on: date, **facts: Any) -> Voucher:
    """Passed on from fund to fund; between two units sent and, the same day, received."""
    voucher = _approved(
        kind=VoucherKind.TRANSFER, fund=source, target_fund=target, amount_vnd=amount_vnd, occurred_on=on, **facts
    )
    if voucher.state == VoucherState.SENT:
        voucher = confirm_transfer(voucher=voucher, on=on, by=a_hand("receives"))
    return voucher


def a_hand(name: str) -> User:
    """Somebody who may do everything, for what others than the cast do."""
    return User.objects.get_or_create(username=f"hand-{name}", defaults={"is_superuser": True, "full_name": name})[0]


def _approved(**facts: Any) -> Voucher:
    voucher = prepare_voucher(by=a_hand("prepares"), **facts)
    return approve_voucher(voucher=voucher, by=a_hand("approves"))


def make_donor(
    unit: Unit, name: str = "Công ty Giấy Bãi Bằng", *, kind: DonorKind = DonorKind.ENTERPRISE, **facts: object
) -> Donor:
    return Donor.unscoped.create(unit=unit, name=name, kind=kind, **facts)


def account(fund: Fund, kind: AccountKind = AccountKind.FREE, pot: Pot = Pot.CASH) -> Account:
    return Account.objects.get(fund=fund, kind=kind, pot=pot)


def outside(kind: AccountKind, pot: Pot = Pot.CASH) -> Account:
    return Account.objects.get(fund=None, kind=kind, pot=pot)


def balance_vnd(fund: Fund, kind: AccountKind = AccountKind.FREE, pot: Pot = Pot.CASH) -> int:
    """What the fund's account holds now, as the database says."""
    return account(fund, kind, pot).balance_vnd
