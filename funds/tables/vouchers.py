"""Vouchers as a table."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext_lazy

from funds.models import Voucher, VoucherState
from hkh.core.tables import DayColumn, DongColumn, MainColumn, TextColumn, mark

#: How a voucher's state is drawn.
TONES = {
    VoucherState.PREPARED: "warn",
    VoucherState.SENT: "warn",
    VoucherState.REFUSED: "wrong",
    VoucherState.RETURNED: "wrong",
    VoucherState.REVERSED: "wrong",
    VoucherState.WITHDRAWN: "plain",
    VoucherState.BOOKED: "ok",
    VoucherState.CONFIRMED: "ok",
}


class VoucherTable(tables.Table):
    what = MainColumn(
        verbose_name=gettext_lazy("What"),
        empty_values=(),
        orderable=False,
        linkify=("funds:voucher-detail", [tables.A("pk")]),
    )
    occurred_on = DayColumn(verbose_name=gettext_lazy("Date"), fact=True)
    fund = TextColumn(verbose_name=gettext_lazy("Fund"), empty_values=(), orderable=False)
    state = TextColumn(verbose_name=gettext_lazy("State"), orderable=False, fact=True)
    prepared_by = TextColumn(verbose_name=gettext_lazy("Prepared by"), orderable=False)
    amount_vnd = DongColumn(verbose_name=gettext_lazy("Amount (đồng)"), fact=True)

    class Meta:
        empty_text = gettext_lazy("Nothing matches. Take a filter off, or prepare the first one.")

    def render_what(self, record: Voucher) -> str:
        said = record.payee or record.note
        return f"{record.get_kind_display()} · {said}" if said else record.get_kind_display()

    def render_fund(self, record: Voucher) -> str:
        own = f"{record.fund.name} ({record.unit.name})"
        return f"{own} → {record.target_fund.unit.name}" if record.target_fund else own

    def render_state(self, record: Voucher) -> Any:
        return mark(record.get_state_display(), TONES[VoucherState(record.state)])
