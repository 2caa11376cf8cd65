"""The lists of money as tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funds.models import Appeal, Donation, Donor, Fund, Movement, MovementKind, Voucher, VoucherState
from funds.papers import kinds_for
from funds.queries.pledges import InstalmentState
from hkh.core.dates import format_date, today
from hkh.core.money import format_quantity, format_vnd
from hkh.core.tables import DayColumn, DongColumn, MainColumn, NumberColumn, TextColumn


def mark(label: str | Promise, tone: str = "plain") -> Any:
    """A state in one or two words, as ``components/_badge.html`` draws it."""
    return format_html('<span class="mark mark-{}">{}</span>', tone, label)


class DonationTable(tables.Table):
    donor = MainColumn(
        verbose_name=gettext_lazy("Donor"),
        accessor="donor__name",
        linkify=("funds:donation-detail", [tables.A("pk")]),
    )
    received_on = DayColumn(verbose_name=gettext_lazy("Date"), fact=True)
    unit = TextColumn(verbose_name=gettext_lazy("Unit"), accessor="unit__name", orderable=False)
    fund = TextColumn(verbose_name=gettext_lazy("Fund"), empty_values=(), orderable=False)
    form = TextColumn(verbose_name=gettext_lazy("Form"), orderable=False)
    document = tables.Column(
        verbose_name=gettext_lazy("Document"), orderable=False, default="", attrs={"td": {"class": "nowrap"}}
    )
    amount_vnd = DongColumn(verbose_name=gettext_lazy("Amount (đồng)"), fact=True)

    class Meta:
        empty_text = gettext_lazy("No donation matches. Take a filter off, or record the first one.")

    def render_donor(self, record: Donation, value: str) -> Any:
        return format_html("{} {}", value, mark(_("Voided"), "wrong")) if record.voided_on else value

    def render_fund(self, record: Donation) -> Any:
        if record.fund is None:
            return _("Handed straight on")
        if record.split is None:
            return record.fund.name
        of_parts = _("part %(part)s of %(parts)s") % {"part": record.part, "parts": record.split.part_count}
        return format_html("{} {}", record.fund.name, mark(of_parts))

    def render_form(self, record: Donation) -> str:
        return record.get_form_display()


class GiftTable(DonationTable):
    """The gifts of one donor: the date leads to each."""

    received_on = MainColumn(
        verbose_name=gettext_lazy("Date"), linkify=("funds:donation-detail", [tables.A("pk")]), orderable=False
    )
    amount_vnd = DongColumn(verbose_name=gettext_lazy("Amount (đồng)"), fact=True, orderable=False)

    class Meta:
        exclude = ("donor",)
        orderable = False
        empty_text = gettext_lazy("No gift yet.")

    def render_received_on(self, record: Donation, value: date) -> Any:
        day = format_date(value)
        return format_html("{} {}", day, mark(_("Voided"), "wrong")) if record.voided_on else day


class DonorTable(tables.Table):
    name = MainColumn(verbose_name=gettext_lazy("Donor"), linkify=("funds:donor-detail", [tables.A("pk")]))
    kind = TextColumn(verbose_name=gettext_lazy("Kind of donor"), orderable=False, fact=True)
    unit = TextColumn(verbose_name=gettext_lazy("Known to"), accessor="unit__name", orderable=False)
    last_gift_on = DayColumn(verbose_name=gettext_lazy("Last gift"), orderable=False)
    gift_count = NumberColumn(verbose_name=gettext_lazy("Gifts"), orderable=False)
    given_vnd = DongColumn(verbose_name=gettext_lazy("Given so far (đồng)"), fact=True, orderable=False)

    class Meta:
        empty_text = gettext_lazy("No donor matches. Take a filter off, or add the first one.")

    def render_kind(self, record: Donor) -> str:
        return record.get_kind_display()


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


class AppealTable(tables.Table):
    name = MainColumn(verbose_name=gettext_lazy("Appeal"), linkify=("funds:appeal-detail", [tables.A("pk")]))
    kind = TextColumn(verbose_name=gettext_lazy("Kind"), orderable=False)
    unit = TextColumn(verbose_name=gettext_lazy("Unit"), accessor="unit__name", orderable=False)
    opens_on = DayColumn(verbose_name=gettext_lazy("Opens on"), fact=True)
    closes_on = DayColumn(verbose_name=gettext_lazy("Closes on"), orderable=False)
    gift_count = NumberColumn(verbose_name=gettext_lazy("Gifts"), orderable=False)
    raised_vnd = DongColumn(verbose_name=gettext_lazy("Raised (đồng)"), orderable=False, fact=True)
    target_vnd = DongColumn(verbose_name=gettext_lazy("Target (đồng)"), orderable=False)

    class Meta:
        empty_text = gettext_lazy("No appeal matches. Take a filter off, or open the first one.")

    def render_kind(self, record: Appeal) -> str:
        return record.get_kind_display()


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


class HonourTable(tables.Table):
    """The roll of honour, as ``queries.honours.roll_of_honour`` gives it."""

    rank = NumberColumn(verbose_name=gettext_lazy("Rank"), fact=True)
    name = MainColumn(verbose_name=gettext_lazy("Donor"))
    kind = TextColumn(verbose_name=gettext_lazy("Kind of donor"))
    level = TextColumn(verbose_name=gettext_lazy("Level"), fact=True)
    gifts = NumberColumn(verbose_name=gettext_lazy("Gifts"))
    given_vnd = DongColumn(verbose_name=gettext_lazy("Amount (đồng)"), fact=True)

    class Meta:
        empty_text = gettext_lazy("Nobody stands on this roll. Choose another period, or lower the levels.")

    def render_name(self, record: Any, value: str) -> Any:
        if record.donor_id is None:
            return value
        return format_html('<a href="{}">{}</a>', reverse("funds:donor-detail", args=[record.donor_id]), value)


INSTALMENT_TONES = {InstalmentState.KEPT: "ok", InstalmentState.OVERDUE: "wrong"}


class InstalmentTable(tables.Table):
    """Instalments as ``queries.pledges.with_kept`` and ``with_state`` give them."""

    donor = MainColumn(
        verbose_name=gettext_lazy("Donor"),
        accessor="pledge__donor__name",
        linkify=("funds:pledge-detail", [tables.A("pledge_id")]),
        orderable=False,
    )
    unit = TextColumn(verbose_name=gettext_lazy("Unit"), accessor="pledge__unit__name", orderable=False)
    due_on = DayColumn(verbose_name=gettext_lazy("Due on"), fact=True)
    state = TextColumn(verbose_name=gettext_lazy("State"), empty_values=(), orderable=False, fact=True)
    amount_vnd = DongColumn(verbose_name=gettext_lazy("Amount (đồng)"), orderable=False, fact=True)
    kept_vnd = DongColumn(verbose_name=gettext_lazy("Kept (đồng)"), orderable=False)

    class Meta:
        empty_text = gettext_lazy("No pledge matches. Take a filter off, or record the first one.")

    def render_state(self, record: Any) -> Any:
        state = InstalmentState(record.state)
        return mark(state.label, INSTALMENT_TONES.get(state, "plain"))
