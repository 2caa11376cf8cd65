"""Goods as tables: what is there, and the goods book of one item."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funds.papers import kinds_for
from hkh.core.money import format_quantity, format_vnd
from hkh.core.tables import DayColumn, DongColumn, MainColumn, NumberColumn, TextColumn, mark


class QuantityColumn(NumberColumn):
    """A quantity, with decimals only where there are some."""

    def render(self, value: Any) -> str:
        return format_quantity(value)


class StockTable(tables.Table):
    """Goods as ``queries.stock.with_stock`` gives them."""

    name = MainColumn(verbose_name=gettext_lazy("Goods"), linkify=("funds:stock-detail", [tables.A("pk")]))
    fund = TextColumn(verbose_name=gettext_lazy("Fund"), accessor="fund__name", orderable=False)
    measure = TextColumn(verbose_name=gettext_lazy("Measure"), orderable=False)
    in_quantity = QuantityColumn(verbose_name=gettext_lazy("Came in"), orderable=False)
    out_quantity = QuantityColumn(verbose_name=gettext_lazy("Handed out"), orderable=False)
    issued_quantity = QuantityColumn(verbose_name=gettext_lazy("Issued to units"), orderable=False)
    left_quantity = QuantityColumn(verbose_name=gettext_lazy("Left"), orderable=False, fact=True)
    left_vnd = DongColumn(verbose_name=gettext_lazy("Value left (đồng)"), fact=True)

    class Meta:
        empty_text = gettext_lazy("No goods in stock. They come in with a gift of goods.")


class StockEntryTable(tables.Table):
    """The goods book of one item, as ``queries.stock.entries_of`` gives it."""

    occurred_on = DayColumn(verbose_name=gettext_lazy("Date"), orderable=False, fact=True)
    what = MainColumn(verbose_name=gettext_lazy("What"), empty_values=(), orderable=False)
    came_in = QuantityColumn(verbose_name=gettext_lazy("In"), orderable=False, default="", fact=True)
    went_out = QuantityColumn(verbose_name=gettext_lazy("Out"), orderable=False, default="", fact=True)
    lot = TextColumn(verbose_name=gettext_lazy("Lot"), empty_values=(), orderable=False)
    value_vnd = DongColumn(verbose_name=gettext_lazy("Value (đồng)"), orderable=False)
    paper = TextColumn(verbose_name=gettext_lazy("Paper"), empty_values=(), orderable=False, fact=True)

    class Meta:
        orderable = False
        empty_text = gettext_lazy("Nothing happened to these goods yet.")

    def __init__(self, *args: Any, may_issue_papers: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.may_issue_papers = may_issue_papers

    def render_what(self, record: Any) -> Any:
        if record.issue:
            way = _("Taken back from %(unit)s") if record.issue.is_return else _("Issued to %(unit)s")
            return way % {"unit": record.issue.unit.name}
        line: Any = record.movement.get_kind_display()
        if record.movement.donation:
            donation = record.movement.donation
            line = format_html(
                '{} · <a href="{}">{}</a>',
                line,
                reverse("funds:donation-detail", args=[donation.pk]),
                donation.donor.name,
            )
        elif record.holder:
            line = _("%(kind)s by %(unit)s") % {"kind": line, "unit": record.holder.name}
        return format_html("{} {}", line, mark(_("Reversal"), "warn")) if record.movement.reverses_id else line

    def render_paper(self, record: Any) -> Any:
        """The slip, or the button that issues it: of a lot, and of a gift of goods."""
        gift = record.movement.donation if record.movement and not record.movement.reverses_id else None
        about = record.issue or gift
        if about is None:
            return ""
        kind = kinds_for(about)[0]
        slip = next((paper for paper in about.valid_papers if paper.kind == kind), None)
        if slip is not None:
            return format_html('<a href="{}">{}</a>', reverse("funds:paper-detail", args=[slip.pk]), slip.sign)
        if not self.may_issue_papers or (gift and gift.voided_on):
            return ""
        return format_html(
            '<button type="submit" class="btn btn-plain btn-sm" formaction="{}" name="kind" value="{}">{}</button>',
            reverse("funds:lot-paper" if record.issue else "funds:donation-paper", args=[about.pk]),
            kind.value,
            kind.label,
        )

    def render_lot(self, record: Any) -> str:
        return format_quantity(abs(record.quantity)) if record.issue else ""

    def render_value_vnd(self, value: int) -> str:
        return format_vnd(abs(value))
