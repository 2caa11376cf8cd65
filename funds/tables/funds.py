"""Funds as tables: what they hold, what moved, who has none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funds.models import Fund, Movement, MovementKind
from hkh.core.dates import today
from hkh.core.money import format_vnd
from hkh.core.tables import DayColumn, DongColumn, MainColumn, TextColumn, mark


class FundTable(tables.Table):
    name = MainColumn(verbose_name=gettext_lazy("Fund"), linkify=("funds:fund-detail", [tables.A("pk")]))
    unit = TextColumn(verbose_name=gettext_lazy("Unit"), accessor="unit__name", orderable=False)
    money_vnd = DongColumn(verbose_name=gettext_lazy("Money available (đồng)"), fact=True)
    goods_vnd = DongColumn(verbose_name=gettext_lazy("Goods available (đồng)"))
    committed_vnd = DongColumn(verbose_name=gettext_lazy("Committed (đồng)"))
    held_vnd = DongColumn(verbose_name=gettext_lazy("Balance (đồng)"), fact=True)

    class Meta:
        empty_text = gettext_lazy("No fund matches. Take a filter off, or open the first one.")

    def render_name(self, record: Fund, value: str) -> Any:
        if record.closed_on and record.closed_on <= today():
            return format_html("{} {}", value, mark(_("Closed")))
        return format_html("{} {}", value, mark(_("Restricted"), "accent")) if record.is_restricted else value


class LedgerTable(tables.Table):
    """The movements of one fund, as ``queries.ledger_of`` gives them."""

    occurred_on = DayColumn(verbose_name=gettext_lazy("Date"), orderable=False, fact=True)
    what = MainColumn(verbose_name=gettext_lazy("What"), empty_values=(), orderable=False)
    document = tables.Column(
        verbose_name=gettext_lazy("Document"), orderable=False, default="", attrs={"td": {"class": "nowrap"}}
    )
    in_vnd = DongColumn(verbose_name=gettext_lazy("In (đồng)"), orderable=False, fact=True)
    out_vnd = DongColumn(verbose_name=gettext_lazy("Out (đồng)"), orderable=False, fact=True)
    set_aside_vnd = DongColumn(verbose_name=gettext_lazy("Committed (đồng)"), orderable=False)
    transit_vnd = DongColumn(verbose_name=gettext_lazy("In transit (đồng)"), orderable=False, fact=True)

    class Meta:
        orderable = False
        empty_text = gettext_lazy("Nothing moved in this period.")

    def render_what(self, record: Movement) -> Any:
        line: Any = record.get_kind_display()
        voucher = getattr(record, "voucher", None) or getattr(record, "voucher_settled", None)
        if record.donation:
            line = format_html(
                '{} · <a href="{}">{}</a>',
                line,
                reverse("funds:donation-detail", args=[record.donation.pk]),
                record.donation.donor.name,
            )
        elif record.kind in (MovementKind.TRANSFER, MovementKind.HANDOVER):
            line = _("%(kind)s: %(source)s → %(target)s") % {
                "kind": line,
                "source": record.source.fund,
                "target": record.target.fund,
            }
        elif voucher and record.kind in (MovementKind.SENDING, MovementKind.RETURNED):
            line = f"{line}: {voucher.target_fund}"
        if voucher:
            line = format_html('<a href="{}">{}</a>', reverse("funds:voucher-detail", args=[voucher.pk]), line)
        if record.note:
            line = format_html("{} · {}", line, record.note)
        return format_html("{} {}", line, mark(_("Reversal"), "warn")) if record.reverses_id else line

    def render_in_vnd(self, value: int) -> str:
        return format_vnd(value) if value else ""

    render_out_vnd = render_set_aside_vnd = render_transit_vnd = render_in_vnd


class CoverageTable(tables.Table):
    """Units as ``queries.coverage.units_for_coverage`` gives them; ``tiers`` are known by id."""

    name = MainColumn(
        verbose_name=gettext_lazy("Unit"), accessor="name_then", linkify=("members:unit-detail", [tables.A("code")])
    )
    tier_then = TextColumn(verbose_name=gettext_lazy("Tier"), orderable=False, fact=True)
    kind = TextColumn(verbose_name=gettext_lazy("Kind"), orderable=False)
    parent_then = TextColumn(verbose_name=gettext_lazy("Stands under"), orderable=False, fact=True)
    has_fund = TextColumn(verbose_name=gettext_lazy("Fund"), orderable=False, fact=True)

    class Meta:
        empty_text = gettext_lazy("No unit matches. Every unit looked for has a fund.")

    def __init__(self, *args: Any, tiers: Mapping[int, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.tiers = tiers

    def render_tier_then(self, value: int) -> str:
        return str(self.tiers[value].name)

    def render_kind(self, record: Any) -> str:
        return str(record.get_kind_display())

    def render_has_fund(self, value: bool) -> Any:
        return mark(_("Has a fund"), "ok") if value else mark(_("No fund"), "warn")
