"""The books of a fund or a unit in a period as a workbook: overview, cash book, in, out, goods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.defaultfilters import slugify
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from funds.models import Fund, Pot
from funds.queries import FundFlows
from funds.queries.account_books import (
    BookLine,
    GoodsLine,
    book_lines,
    flows_by_pot,
    funds_of_books,
    goods_lines,
    total_of,
)
from hkh.core.dates import Period
from hkh.core.text import search_key
from hkh.core.workbooks import Book, Column, Sheet, render_workbook
from members.models import Unit, User


@dataclass(frozen=True)
class Books:
    """Whose books: ``funds`` by id, of ``unit`` alone or with all below it, or one ``fund``."""

    unit: Unit
    period: Period
    below: bool
    fund: Fund | None
    funds: dict[int, Fund]

    @property
    def ids(self) -> list[int]:
        return list(self.funds)

    @property
    def title(self) -> str:
        return _("Books of %(whose)s, %(when)s") % {"whose": self.whose, "when": self.period.phrase}

    @property
    def whose(self) -> str:
        if self.fund is not None:
            return f"{self.fund.name} ({self.fund.unit.name})"
        return _("%(unit)s and all below") % {"unit": self.unit.name} if self.below else self.unit.name

    @property
    def file_name(self) -> str:
        whose = self.fund.code if self.fund else self.unit.code + (" cap-duoi" if self.below else "")
        return f"{slugify(search_key(f'so-sach {whose} {self.period.code}'))}.xlsx"


def books_of(user: User, unit: Unit, period: Period, *, below: bool = False, fund: int | None = None) -> Books:
    """The books that ``user`` may see. 1 query. Raises: Fund.DoesNotExist where ``fund`` is not among them."""
    visible = Fund.objects.visible_to(user)
    rows = funds_of_books(visible, unit, period=period, below=below or fund is not None)
    if fund is not None:
        rows = rows.filter(pk=fund)
    funds = {one.pk: one for one in rows.select_related("unit").order_by("unit__title_key", "title_key", "pk")}
    if fund is not None and fund not in funds:
        raise Fund.DoesNotExist
    return Books(unit, period, below, funds[fund] if fund is not None else None, funds)


def render_books(books: Books) -> bytes:
    """The workbook of ``books``. 3 queries, however many funds and lines."""
    flows = flows_by_pot(books.ids, period=books.period)
    money = total_of(flows, Pot.CASH)
    lines, _count = book_lines(books.ids, period=books.period, opening_vnd=money.opening_vnd)
    goods = goods_lines(books.ids, period=books.period)
    sheets = [
        _overview(books, flows),
        _cash_book(books, lines, money),
        _one_side(books, pgettext("a book", "In"), _("From"), lines, "in_vnd"),
        _one_side(books, pgettext("a book", "Out"), _("To"), lines, "out_vnd"),
        _goods_book(books, goods),
    ]
    return render_workbook(Book(books.title, sheets, timezone.now(), author=settings.HKH_ASSOCIATION))


def _sheet(books: Books, title: str, columns: Sequence[Column], rows: Iterable[dict[str, Any]], **more: Any) -> Sheet:
    facts = ((_("Books of"), books.whose), (_("Period"), books.period.label), *more.pop("facts", ()))
    return Sheet(title, columns, rows, heading=title, facts=facts, **more)


def _fund_columns() -> tuple[Column, ...]:
    return (Column("fund", _("Fund")), Column("code", _("Fund code")), Column("unit", _("Unit")))


def _fund_cells(fund: Fund) -> dict[str, Any]:
    return {"fund": fund.name, "code": fund.code, "unit": fund.unit.name}


_POTS = (("money", Pot.CASH), ("goods", Pot.GOODS))
_FLOWS = ("opening_vnd", "in_vnd", "out_vnd", "closing_vnd")


def _overview(books: Books, flows: dict[tuple[int, str], FundFlows]) -> Sheet:
    labels = {
        "money": (
            _("Money: opening (đồng)"),
            _("Money: in (đồng)"),
            _("Money: out (đồng)"),
            _("Money: closing (đồng)"),
        ),
        "goods": (
            _("Goods: opening (đồng)"),
            _("Goods: in (đồng)"),
            _("Goods: out (đồng)"),
            _("Goods: closing (đồng)"),
        ),
    }
    columns = (
        *_fund_columns(),
        *(
            Column(f"{pot}_{name}", label, "vnd")
            for pot, _pot in _POTS
            for name, label in zip(_FLOWS, labels[pot], strict=True)
        ),
        Column("committed_vnd", _("Of it committed (đồng)"), "vnd"),
        Column("transit_vnd", _("Of it in transit (đồng)"), "vnd"),
    )
    notes = (
        _("What was brought forward into the system stands in the opening; a correction is negative on its side."),
        _("What funds passed on to each other stands in the one's out and in the other's in."),
    )
    return _sheet(books, _("Overview"), columns, _overview_rows(books, flows), notes=notes)


def _overview_rows(books: Books, flows: dict[tuple[int, str], FundFlows]) -> Iterator[dict[str, Any]]:
    for pk, fund in books.funds.items():
        both = {name: flows.get((pk, pot), FundFlows()) for name, pot in _POTS}
        yield {
            **_fund_cells(fund),
            **{f"{pot}_{name}": getattr(line, name) for pot, line in both.items() for name in _FLOWS},
            "committed_vnd": sum(line.committed_vnd for line in both.values()),
            "transit_vnd": sum(line.transit_vnd for line in both.values()),
        }


def _line_columns(party: str) -> tuple[Column, ...]:
    return (
        Column("number", _("No."), "int", total="none"),
        Column("occurred_on", _("Date"), "date"),
        Column("document", _("Document")),
        Column("what", _("What")),
        Column("party", party),
        Column("note", _("Note")),
    )


def _line_cells(books: Books, line: BookLine) -> dict[str, Any]:
    return {
        "number": line.number,
        "occurred_on": line.occurred_on,
        "document": line.document,
        "what": what_of(line),
        "party": line.party,
        "note": line.note,
        "in_vnd": line.in_vnd or None,
        "out_vnd": line.out_vnd or None,
        "balance_vnd": line.balance_vnd,
        **_fund_cells(books.funds[line.fund_id]),
    }


def what_of(line: BookLine) -> str:
    return _("%(kind)s (taken back)") % {"kind": line.kind_label} if line.is_reversal else line.kind_label


def _cash_book(books: Books, lines: Sequence[BookLine], money: FundFlows) -> Sheet:
    columns = (
        *_line_columns(_("From or to")),
        Column("in_vnd", _("In (đồng)"), "vnd"),
        Column("out_vnd", _("Out (đồng)"), "vnd"),
        Column("balance_vnd", _("Balance (đồng)"), "vnd", total="none"),
        *_fund_columns(),
    )
    opening: dict[str, Any] = dict.fromkeys(column.key for column in columns)
    opening |= {"what": _("Opening balance"), "balance_vnd": money.opening_vnd}
    rows = (row for part in ((opening,), (_line_cells(books, line) for line in lines)) for row in part)
    return _sheet(books, _("Cash book"), columns, rows, freeze_columns=2)


def _one_side(books: Books, title: str, party: str, lines: Sequence[BookLine], side: str) -> Sheet:
    columns = (*_line_columns(party), Column(side, _("Amount (đồng)"), "vnd"), *_fund_columns())
    told = (line for line in lines if getattr(line, side))
    rows = ({**_line_cells(books, line), "number": number} for number, line in enumerate(told, 1))
    return _sheet(books, title, columns, rows, freeze_columns=2)


def _goods_book(books: Books, goods: Sequence[GoodsLine]) -> Sheet:
    columns = (
        Column("name", _("Goods")),
        Column("measure", _("Measure")),
        Column("opening_quantity", _("Opening: quantity"), "quantity"),
        Column("opening_vnd", _("Opening (đồng)"), "vnd"),
        Column("in_quantity", _("In: quantity"), "quantity"),
        Column("in_vnd", _("In (đồng)"), "vnd"),
        Column("out_quantity", _("Out: quantity"), "quantity"),
        Column("out_vnd", _("Out (đồng)"), "vnd"),
        Column("closing_quantity", _("Closing: quantity"), "quantity"),
        Column("closing_vnd", _("Closing (đồng)"), "vnd"),
        *_fund_columns(),
    )
    keys = [column.key for column in columns[:10]]
    rows = ({key: getattr(line, key) for key in keys} | _fund_cells(books.funds[line.fund_id]) for line in goods)
    notes = (_("Lots issued to units stay the fund's until they are handed out."),)
    return _sheet(books, _("Goods in, out and left"), columns, rows, notes=notes)
