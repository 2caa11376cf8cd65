"""The books of a fund or a unit: money line by line, in, out, goods; and all of it as a workbook."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods

from funds.account_books import Books, books_of, render_books
from funds.filters import BooksFilter
from funds.models import Fund, Pot
from funds.queries import FundFlows
from funds.queries.account_books import book_lines, count_movements, flows_by_pot, goods_lines, total_of
from funds.tables.account_books import GoodsBookTable, MoneyBookTable
from funds.views.books import period_here
from funds.views.here import Tab, actor, money_page, shell, tabs
from hkh.core import jobs
from hkh.core.keys import number_of
from hkh.core.money import dong, format_number
from hkh.core.workbooks import MIME_TYPE
from members.here import unit_here
from members.rules import Verb, require

PAGE = 100
#: Up to so many lines are made while one waits; more are the worker's.
MOST_AT_ONCE = 4_000


@money_page
@require_http_methods(["GET", "POST"])
def account_books(request: HttpRequest) -> HttpResponse:
    """One book of the unit's or a fund's in a period; on a post the workbook, or the work that makes it."""
    unit, period = unit_here(request), period_here(request)
    narrowed = BooksFilter(request.GET)
    own = books_of(actor(request), unit, period)
    narrowed.offer(own.funds.values())
    said = narrowed.said()
    try:
        books = _asked(request, own, said)
    except Fund.DoesNotExist as nothing:
        raise Http404 from nothing
    if request.method == "POST":
        require(request.user, Verb.MAKE_REPORT, unit)
        return _made(request, books)
    flows = flows_by_pot(books.ids, period=period)
    money, goods = total_of(flows, Pot.CASH), total_of(flows, Pot.GOODS)
    kind = request.GET.get("book", "")
    kind = kind if kind in ("in", "out", "goods") else "cash"
    return render(
        request,
        "funds/account_books.html",
        {
            "title": _("Books"),
            "lede": books.title,
            "here": shell(request, unit, period=period),
            "tabs": tabs("funds:account-books"),
            "kinds": _kinds(request, kind),
            "filter": narrowed,
            "figures": _figures(money, goods),
            "key": str(uuid4()),
            "query": request.GET.urlencode(),
            "has_funds": bool(books.funds),
            **(_goods(request, books, goods) if kind == "goods" else _money(request, books, kind, money)),
        },
    )


def _asked(request: HttpRequest, own: Books, said: dict[str, Any]) -> Books:
    if "fund" not in said and not said.get("below"):
        return own
    fund = int(said["fund"]) if "fund" in said else None
    return books_of(actor(request), own.unit, own.period, below=bool(said.get("below")), fund=fund)


def _made(request: HttpRequest, books: Books) -> HttpResponse:
    if count_movements(books.ids, period=books.period) <= MOST_AT_ONCE:
        response = HttpResponse(render_books(books), content_type=MIME_TYPE)
        response["Content-Disposition"] = f'attachment; filename="{books.file_name}"'
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        return response
    jobs.enqueue(
        "funds.books",
        by=actor(request),
        key=f"books {request.POST['key'][:60]}" if request.POST.get("key") else None,
        title=books.title,
        unit=books.unit.code,
        period=books.period.code,
        below=books.below,
        fund=books.fund.pk if books.fund else None,
    )
    messages.success(request, _("The workbook is being made. It will stand here when it is done."))
    return redirect("core:job-list")


def _kinds(request: HttpRequest, current: str) -> list[Tab]:
    query = request.GET.copy()
    for name in ("book", "after", "before"):
        query.pop(name, None)
    labels = {
        "cash": _("Cash book"),
        "in": pgettext("a book", "In"),
        "out": pgettext("a book", "Out"),
        "goods": _("Goods in, out and left"),
    }
    found = []
    for name, label in labels.items():
        query["book"] = name
        found.append(Tab(label, f"?{query.urlencode()}", name == current))
    return found


def _figures(money: FundFlows, goods: FundFlows) -> list[tuple[str, str]]:
    figures = [
        (_("Opening"), dong(money.opening_vnd)),
        (_("In"), dong(money.in_vnd)),
        (_("Out"), dong(money.out_vnd)),
        (_("Closing"), dong(money.closing_vnd)),
    ]
    if money.committed_vnd:
        figures.append((_("Of it committed"), dong(money.committed_vnd)))
    if money.transit_vnd:
        figures.append((_("Of it in transit"), dong(money.transit_vnd)))
    if goods.closing_vnd or goods.in_vnd or goods.out_vnd:
        figures.append((_("Goods left, beside it"), dong(goods.closing_vnd)))
    return figures


def _money(request: HttpRequest, books: Books, kind: str, money: FundFlows) -> dict[str, Any]:
    side = "" if kind == "cash" else kind
    start = _start(request)
    lines, count = book_lines(
        books.ids, period=books.period, opening_vnd=money.opening_vnd, side=side, after=start, size=PAGE
    )
    table = MoneyBookTable(
        lines, books=books, money=money, exclude=MoneyBookTable.left_out(kind, books), orderable=False, request=request
    )
    return {
        "table": table,
        "before": str(start) if start and count else "",
        "after": str(start + PAGE) if count > start + PAGE else "",
        "count": ngettext("%(count)s line", "%(count)s lines", count) % {"count": format_number(count)},
    }


def _goods(request: HttpRequest, books: Books, goods: FundFlows) -> dict[str, Any]:
    lines, start = goods_lines(books.ids, period=books.period), _start(request)
    exclude = ("fund",) if len(books.funds) == 1 else ()
    return {
        "table": GoodsBookTable(
            lines[start : start + PAGE], books=books, goods=goods, exclude=exclude, orderable=False, request=request
        ),
        "before": str(start) if start else "",
        "after": str(start + PAGE) if len(lines) > start + PAGE else "",
        "count": ngettext("%(count)s line", "%(count)s lines", len(lines)) % {"count": format_number(len(lines))},
    }


def _start(request: HttpRequest) -> int:
    """How many lines stand before the page: ``after`` says so, ``before`` the page before that. Nonsense: none."""
    after, before = (number_of(request.GET.get(name), digits=8) for name in ("after", "before"))
    return max(0, before - PAGE) if before else after
