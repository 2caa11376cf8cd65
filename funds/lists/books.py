"""The lists of books, stock, bank and boards: the same rows for the page and for the sheet that goes out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, Case, F, Q, QuerySet, TextField, When
from django.http import Http404, QueryDict
from django.utils import timezone

from funds.filters import CoverageFilter, HonourFilter, PledgeFilter, StockFilter, VoucherFilter
from funds.honours import asked_gifts
from funds.lists.gifts import funds_of
from funds.models import (
    BankAccount,
    BankLine,
    BoardMember,
    Closing,
    Fund,
    LineState,
    Pledge,
    PledgeInstalment,
    Reopening,
    StockItem,
    Voucher,
)
from funds.queries import ledger_of
from funds.queries.coverage import units_for_coverage
from funds.queries.honours import Honoured, levels_for, roll_of_honour
from funds.queries.pledges import with_kept, with_state
from funds.queries.statements import with_open_lines
from funds.queries.stock import entries_of, with_stock
from funds.sheets.lists import (
    BankAccountResource,
    BankLineResource,
    BoardResource,
    ClosingResource,
    CoverageResource,
    HonourResource,
    InstalmentResource,
    LedgerResource,
    StockEntryResource,
    StockResource,
    VoucherResource,
)
from hkh.core.dates import Period, today
from hkh.core.filters import ListFilter
from hkh.core.sheets.lists import Computed, Found, list_of
from members.here import stood_below
from members.lists import asked_row, asked_unit
from members.models import Unit, UnitAncestor, User

VOUCHER_SORTS = {"occurred_on": ("occurred_on", "pk"), "amount_vnd": ("amount_vnd", "pk")}
PLEDGE_SORTS = {"due_on": ("due_on", "pk")}
STOCK_SORTS = {"name": ("title_key", "pk"), "left_vnd": ("left_vnd", "pk")}
DAY_SORTS = {"occurred_on": ("occurred_on", "pk")}
ACCOUNT_SORTS = {"account": ("bank", "number", "pk"), "unit": ("unit__title_key", "pk")}
LINE_SORTS = {"occurred_on": ("occurred_on", "pk"), "amount_vnd": ("amount_vnd", "pk")}
COVERAGE_SORTS = {"name": ("title_key", "pk")}
BOARD_SORTS = {"fund": ("fund__title_key", "fund", "body", "pk")}


def vouchers_of(user: User, unit: Unit, query: QueryDict) -> Found[VoucherFilter]:
    """The vouchers of ``unit`` and of all below it, what was sent to them among it."""
    narrowed = VoucherFilter(query, user=user)
    below = UnitAncestor.objects.filter(ancestor=unit, is_latest=True).values("unit")
    seen = Voucher.objects.visible_to(user)
    rows = narrowed.apply(seen.filter(unit__in=below) | seen.filter(target_fund__unit__in=below))
    rows = rows.select_related("fund", "unit", "target_fund__unit", "prepared_by")
    return Found(rows, narrowed, VOUCHER_SORTS, "-occurred_on")


def instalments_below(user: User, unit: Unit) -> QuerySet[Any]:
    """The instalments promised to ``unit`` and to all below it, with what was kept of each."""
    below = Pledge.objects.visible_to(user).filter(stood_below(unit))
    return with_kept(PledgeInstalment.objects.visible_to(user).filter(pledge__in=below))


def instalments_of(user: User, unit: Unit, query: QueryDict) -> Found[PledgeFilter]:
    """The same as the page narrows them, with how each stands today."""
    narrowed = PledgeFilter(query)
    rows = with_state(instalments_below(user, unit), day=today())
    return Found(narrowed.apply(rows).select_related("pledge__donor", "pledge__unit"), narrowed, PLEDGE_SORTS, "due_on")


def stock_of(user: User, unit: Unit, query: QueryDict) -> Found[StockFilter]:
    """What goods the funds of ``unit`` and of all below it hold, item by item."""
    narrowed = StockFilter(query)
    below = Fund.objects.visible_to(user).filter(stood_below(unit))
    items = StockItem.objects.visible_to(user).filter(fund__in=below)
    return Found(narrowed.apply(with_stock(items)).select_related("fund__unit"), narrowed, STOCK_SORTS, "-left_vnd")


def entries_found(item: StockItem, query: QueryDict) -> Found[ListFilter]:
    """The goods book of ``item``."""
    return Found(entries_of(item), ListFilter(query), DAY_SORTS, "-occurred_on")


def accounts_of(user: User, unit: Unit, query: QueryDict) -> Found[ListFilter]:
    """The bank accounts of ``unit`` and of all below it, with what still waits for a decision."""
    accounts = BankAccount.objects.visible_to(user).filter(stood_below(unit)).select_related("unit", "fund")
    return Found(with_open_lines(accounts), ListFilter(query), ACCOUNT_SORTS, "account")


def lines_of(user: User, account: BankAccount, query: QueryDict) -> Found[ListFilter]:
    """The open lines of ``account``, the oldest first, or with ``state=decided`` the others."""
    is_open = query.get("state") != "decided"
    own = BankLine.objects.visible_to(user).filter(account=account)
    rows = own.filter(state=LineState.OPEN) if is_open else own.exclude(state=LineState.OPEN)
    rows = rows.select_related("donation__donor", "movement", "decided_by")
    return Found(rows, ListFilter(query), LINE_SORTS, "occurred_on" if is_open else "-occurred_on")


def covered_of(user: User, unit: Unit, query: QueryDict) -> Found[CoverageFilter]:
    """The units at and below ``unit`` that are to hold funds, by whether they do."""
    narrowed = CoverageFilter(query)
    rows = units_for_coverage(Unit.objects.visible_to(user), unit=unit, day=narrowed.day)
    return Found(narrowed.apply(rows), narrowed, COVERAGE_SORTS, "name")


def honoured_of(user: User, unit: Unit, narrowed: HonourFilter) -> list[Honoured]:
    """Who gave most to ``unit`` and to all below it, in the period asked for or ever. 3 queries."""
    levels = levels_for(unit, day=today())
    return roll_of_honour(asked_gifts(user, unit, narrowed.asked_period), levels=levels)


def movements_of(fund: Fund, period: Period, query: QueryDict) -> Found[ListFilter]:
    """What moved in ``fund`` during ``period``."""
    rows = ledger_of(fund).filter(occurred_on__gte=period.starts_on, occurred_on__lt=period.ends_before)
    return Found(rows, ListFilter(query), DAY_SORTS, "-occurred_on")


@list_of(VoucherResource)
def vouchers(user: User, query: QueryDict) -> Found[VoucherFilter]:
    return vouchers_of(user, asked_unit(user, query), query)


@list_of(InstalmentResource)
def pledges(user: User, query: QueryDict) -> Found[PledgeFilter]:
    return instalments_of(user, asked_unit(user, query), query)


@list_of(StockResource)
def stock(user: User, query: QueryDict) -> Found[StockFilter]:
    return stock_of(user, asked_unit(user, query), query)


@list_of(StockEntryResource)
def goods_book(user: User, query: QueryDict) -> Found[ListFilter]:
    found = entries_found(asked_row(StockItem.objects.visible_to(user), query, "item"), query)
    ways = {"issued_to": False, "taken_back_from": True}
    named = {
        name: Case(When(issue__is_return=is_return, then=F("issue__unit__name")), output_field=TextField())
        for name, is_return in ways.items()
    }
    return replace(found, rows=found.rows.annotate(**named))


@list_of(BankAccountResource)
def bank_accounts(user: User, query: QueryDict) -> Found[ListFilter]:
    return accounts_of(user, asked_unit(user, query), query)


@list_of(BankLineResource)
def bank_lines(user: User, query: QueryDict) -> Found[ListFilter]:
    return lines_of(user, asked_row(BankAccount.objects.visible_to(user), query, "account"), query)


@list_of(CoverageResource)
def coverage(user: User, query: QueryDict) -> Found[CoverageFilter]:
    return covered_of(user, asked_unit(user, query), query)


@list_of(HonourResource)
def honours(user: User, query: QueryDict) -> Computed:
    return Computed(honoured_of(user, asked_unit(user, query), HonourFilter(query)))


def closed_of(user: User, unit: Unit) -> QuerySet[Closing]:
    """The closed periods of ``unit``, the last first, with when they were reopened."""
    own = Closing.objects.visible_to(user).filter(unit=unit)
    return own.select_related("closed_by").prefetch_related("reopenings")


@dataclass(frozen=True)
class ClosedPeriod:
    """A closing and one time that it was reopened, if it was."""

    closing: Closing
    reopened: Reopening | None

    @property
    def closed_on(self) -> date:
        return timezone.localtime(self.closing.closed_at).date()


@list_of(ClosingResource)
def closings(user: User, query: QueryDict) -> Computed:
    """The closed periods of the unit, the last first; one that was reopened twice takes two lines."""
    closed = closed_of(user, asked_unit(user, query))
    lines: list[ClosedPeriod] = []
    for one in closed:
        again: list[Reopening | None] = [*one.reopenings.all()]
        lines += [ClosedPeriod(one, reopened) for reopened in again or [None]]
    return Computed(lines)


@list_of(LedgerResource)
def fund_book(user: User, query: QueryDict) -> Found[ListFilter]:
    fund = asked_row(Fund.objects.visible_to(user), query, "fund")
    try:
        period = Period.parse(query.get("period", ""))
    except ValidationError:
        raise Http404 from None
    found = movements_of(fund, period, query)
    is_reversal = Case(When(reverses__isnull=False, then=True), default=False, output_field=BooleanField())
    return replace(found, rows=found.rows.annotate(is_reversal=is_reversal))


@list_of(BoardResource)
def boards(user: User, query: QueryDict) -> Found[ListFilter]:
    """Who sits today on the boards of the funds that the list of funds shows for ``query``."""
    funds = funds_of(user, asked_unit(user, query), query).rows
    seated = Q(until=None) | Q(until__gt=today())
    seats = BoardMember.objects.visible_to(user).filter(seated, since__lte=today(), fund__in=funds.values("pk"))
    return Found(seats, ListFilter(query), BOARD_SORTS, "fund")
