"""The tables of the books, as ``queries.account_books`` gives their lines."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funds.account_books import Books
from funds.queries import FundFlows
from funds.queries.account_books import BookLine, GoodsLine
from funds.tables.stock import QuantityColumn
from hkh.core.money import format_vnd
from hkh.core.tables import DayColumn, DongColumn, MainColumn, NumberColumn, TextColumn, mark


class _BookTable(tables.Table):
    fund = TextColumn(verbose_name=gettext_lazy("Fund"), accessor="fund_id", orderable=False)

    def __init__(self, *args: Any, books: Books, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.books = books

    def render_fund(self, value: int) -> str:
        return self.books.funds[value].name


class MoneyBookTable(_BookTable):
    """One of the money books; the footer is that of the whole period, not of the page."""

    number = NumberColumn(verbose_name=gettext_lazy("No."), footer=gettext_lazy("Total"))
    occurred_on = DayColumn(verbose_name=gettext_lazy("Date"), fact=True)
    document = tables.Column(verbose_name=gettext_lazy("Document"), default="", attrs={"td": {"class": "nowrap"}})
    what = MainColumn(verbose_name=gettext_lazy("What"), empty_values=())
    in_vnd = DongColumn(
        verbose_name=gettext_lazy("In (đồng)"), fact=True, footer=lambda table: format_vnd(table.money.in_vnd)
    )
    out_vnd = DongColumn(
        verbose_name=gettext_lazy("Out (đồng)"), fact=True, footer=lambda table: format_vnd(table.money.out_vnd)
    )
    balance_vnd = DongColumn(
        verbose_name=gettext_lazy("Balance (đồng)"),
        fact=True,
        footer=lambda table: format_vnd(table.money.closing_vnd),
    )

    class Meta:
        sequence = ("number", "occurred_on", "document", "what", "fund", "in_vnd", "out_vnd", "balance_vnd")
        empty_text = gettext_lazy("Nothing moved in this period.")

    def __init__(self, *args: Any, money: FundFlows, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.money = money

    @staticmethod
    def left_out(kind: str, books: Books) -> tuple[str, ...]:
        """The columns that say nothing in this book."""
        sides = {"cash": (), "in": ("out_vnd", "balance_vnd"), "out": ("in_vnd", "balance_vnd")}[kind]
        return (*sides, "fund") if len(books.funds) == 1 else sides

    def render_what(self, record: BookLine) -> Any:
        line: Any = record.kind_label
        if record.donation_id:
            address = reverse("funds:donation-detail", args=[record.donation_id])
            line = format_html('{} · <a href="{}">{}</a>', line, address, record.party)
        elif record.party:
            line = f"{line} · {record.party}"
        if record.note and record.note != record.kind_label:
            line = format_html("{} · {}", line, record.note)
        return format_html("{} {}", line, mark(_("Reversal"), "warn")) if record.is_reversal else line

    def render_in_vnd(self, value: int) -> str:
        return format_vnd(value) if value else ""

    render_out_vnd = render_in_vnd


class GoodsBookTable(_BookTable):
    name = MainColumn(
        verbose_name=gettext_lazy("Goods"),
        linkify=lambda record: reverse("funds:stock-detail", args=[record.item_id]),
        footer=gettext_lazy("Total"),
    )
    measure = TextColumn(verbose_name=gettext_lazy("Measure"))
    opening_quantity = QuantityColumn(verbose_name=gettext_lazy("Opening: quantity"))
    in_quantity = QuantityColumn(verbose_name=gettext_lazy("In: quantity"))
    out_quantity = QuantityColumn(verbose_name=gettext_lazy("Out: quantity"))
    closing_quantity = QuantityColumn(verbose_name=gettext_lazy("Closing: quantity"), fact=True)
    closing_vnd = DongColumn(
        verbose_name=gettext_lazy("Closing (đồng)"),
        fact=True,
        footer=lambda table: format_vnd(table.goods.closing_vnd),
    )

    class Meta:
        sequence = (
            *("name", "fund", "measure", "opening_quantity", "in_quantity", "out_quantity", "closing_quantity"),
            "closing_vnd",
        )
        empty_text = gettext_lazy("No goods were there or moved in this period.")

    def __init__(self, *args: Any, goods: FundFlows, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.goods = goods

    def render_measure(self, record: GoodsLine) -> str:
        return record.measure
