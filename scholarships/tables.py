"""The lists of giving as tables."""

from __future__ import annotations

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from funds.models import Pot
from hkh.core.money import format_number, format_vnd
from hkh.core.tables import DayColumn, DongColumn, MainColumn, NumberColumn, TextColumn, mark
from scholarships.models import Award, AwardState, Distribution, DistributionLine, Round, RoundState

_TONES = {AwardState.PROPOSED: "warn", AwardState.APPROVED: "accent", AwardState.CANCELLED: "plain"}


def state_of(award: Award) -> tuple[str, str]:
    """How far an award has come, in words, and the tone of its mark."""
    if award.state == AwardState.APPROVED:
        if award.delivered_count == 0:
            return _("Approved"), "accent"
        if award.remaining_count:
            return _("Handed out in part"), "accent"
        return _("Handed out"), "ok"
    return award.get_state_display(), _TONES[AwardState(award.state)]


def recipient_of(award: Award) -> str:
    """Who receives, or, without names, which group."""
    return award.recipient_name or str(award.get_beneficiary_group_display())


def _beside(award: Award) -> str:
    """What tells one recipient from another: class, school, group, what it is."""
    said = (
        award.grade,
        award.school,
        award.get_beneficiary_group_display() if award.recipient_name else "",
        award.content,
    )
    return " · ".join(str(one) for one in said if one)


class RoundTable(tables.Table):
    name = MainColumn(verbose_name=gettext_lazy("Round"), linkify=("scholarships:round-detail", [tables.A("pk")]))
    unit = TextColumn(verbose_name=gettext_lazy("Unit"), accessor="unit__name", orderable=False, fact=True)
    school_year = tables.Column(verbose_name=gettext_lazy("School year"), attrs={"td": {"class": "nowrap"}})
    opened_on = DayColumn(verbose_name=gettext_lazy("Opened on"))
    proposed_vnd = DongColumn(verbose_name=gettext_lazy("Waiting (đồng)"), orderable=False)
    approved_vnd = DongColumn(verbose_name=gettext_lazy("Approved (đồng)"), fact=True)
    delivered_vnd = DongColumn(verbose_name=gettext_lazy("Handed out (đồng)"), fact=True)

    class Meta:
        empty_text = gettext_lazy("No round matches. Take a filter off, or open the first one.")

    def render_name(self, record: Round, value: str) -> Any:
        if record.state == RoundState.CLOSED:
            return format_html("{} {}", value, mark(pgettext("a round", "Closed")))
        return value


class WaitingRoundTable(tables.Table):
    """The rounds to choose from before something is handed out."""

    name = MainColumn(verbose_name=gettext_lazy("Round"), orderable=False)
    unit = TextColumn(verbose_name=gettext_lazy("Unit"), accessor="unit__name", orderable=False, fact=True)
    school_year = tables.Column(
        verbose_name=gettext_lazy("School year"), orderable=False, attrs={"td": {"class": "nowrap"}}
    )
    left_count = NumberColumn(
        verbose_name=gettext_lazy("Still to hand out"), empty_values=(), orderable=False, fact=True
    )
    left_vnd = DongColumn(verbose_name=gettext_lazy("Worth (đồng)"), empty_values=(), orderable=False, fact=True)

    class Meta:
        empty_text = gettext_lazy("Nothing waits to be handed out. Awards have to be approved first.")

    def render_name(self, record: Round, value: str) -> Any:
        return format_html('<a href="{}?round={}">{}</a>', reverse("scholarships:distribution-add"), record.pk, value)

    def render_left_count(self, record: Any) -> str:
        return format_number(record.approved_count - record.delivered_count)

    def render_left_vnd(self, record: Any) -> str:
        return format_vnd(record.approved_vnd - record.delivered_vnd)


class AwardTable(tables.Table):
    """The awards of one round. With ``selectable`` each row that a verb could still change has a box to tick."""

    recipient = MainColumn(verbose_name=gettext_lazy("Recipient"), empty_values=(), orderable=False)
    unit = TextColumn(verbose_name=gettext_lazy("Receiving unit"), accessor="unit__name", fact=True)
    kind = TextColumn(verbose_name=gettext_lazy("Kind"), orderable=False)
    count = NumberColumn(verbose_name=gettext_lazy("Number"), orderable=False)
    unit_value_vnd = DongColumn(verbose_name=gettext_lazy("Value of one (đồng)"), orderable=False)
    value_vnd = DongColumn(verbose_name=gettext_lazy("Value (đồng)"), fact=True)
    state = TextColumn(verbose_name=gettext_lazy("State"), orderable=False, fact=True)

    class Meta:
        empty_text = gettext_lazy("No award matches. Take a filter off, or propose the first one.")

    def __init__(self, *args: Any, selectable: bool = False, **kwargs: Any) -> None:
        self.selectable = selectable
        super().__init__(*args, **kwargs)

    def render_recipient(self, record: Award) -> Any:
        who, beside = recipient_of(record), _beside(record)
        text = format_html("{}<br><small class=quiet>{}</small>", who, beside) if beside else who
        can_change = record.state == AwardState.PROPOSED or record.remaining_count > 0
        if not self.selectable or not can_change:
            return text
        box = format_html(
            '<input class="form-check-input" type="checkbox" name="award" value="{}" data-value="{}" data-state="{}">',
            record.pk,
            record.unit_value_vnd * (record.remaining_count or record.count),
            record.state,
        )
        return format_html('<label class="form-check">{}<span>{}</span></label>', box, text)

    def render_kind(self, record: Award) -> str:
        kind = str(record.get_kind_display())
        return _("%(kind)s, in goods") % {"kind": kind} if record.pot == Pot.GOODS else kind

    def render_count(self, record: Award, value: int) -> str:
        if 0 < record.delivered_count < value or record.cancelled_count:
            return _("%(delivered)s of %(count)s") % {
                "delivered": format_number(record.delivered_count),
                "count": format_number(value),
            }
        return format_number(value)

    def render_state(self, record: Award) -> Any:
        return mark(*state_of(record))


class DistributionTable(tables.Table):
    held_on = DayColumn(verbose_name=gettext_lazy("Date"))
    round = MainColumn(
        verbose_name=gettext_lazy("Round"),
        accessor="round__name",
        linkify=("scholarships:distribution-detail", [tables.A("pk")]),
        orderable=False,
    )
    unit = TextColumn(verbose_name=gettext_lazy("Held by"), accessor="unit__name", orderable=False, fact=True)
    venue = TextColumn(verbose_name=gettext_lazy("Venue"), orderable=False, default="")
    document = TextColumn(verbose_name=gettext_lazy("Document"), orderable=False, default="")
    given_count = NumberColumn(verbose_name=gettext_lazy("Awards"), orderable=False, fact=True)
    given_vnd = DongColumn(verbose_name=gettext_lazy("Value (đồng)"), orderable=False, fact=True)

    class Meta:
        empty_text = gettext_lazy("No distribution matches. Take a filter off, or record the first one.")

    def render_round(self, record: Distribution, value: str) -> Any:
        return format_html("{} {}", value, mark(_("Voided"), "wrong")) if record.voided_on else value


class LineTable(tables.Table):
    """What one distribution handed out."""

    recipient = MainColumn(verbose_name=gettext_lazy("Recipient"), empty_values=(), orderable=False)
    unit = TextColumn(
        verbose_name=gettext_lazy("Receiving unit"), accessor="award__unit__name", orderable=False, fact=True
    )
    kind = TextColumn(verbose_name=gettext_lazy("Kind"), empty_values=(), orderable=False)
    count = NumberColumn(verbose_name=gettext_lazy("Number"), orderable=False, fact=True)
    unit_value_vnd = DongColumn(
        verbose_name=gettext_lazy("Value of one (đồng)"), accessor="award__unit_value_vnd", orderable=False
    )
    value_vnd = DongColumn(verbose_name=gettext_lazy("Value (đồng)"), orderable=False, fact=True)

    def render_recipient(self, record: DistributionLine) -> Any:
        beside = _beside(record.award)
        who = recipient_of(record.award)
        return format_html("{}<br><small class=quiet>{}</small>", who, beside) if beside else who

    def render_kind(self, record: DistributionLine) -> str:
        kind = str(record.award.get_kind_display())
        return _("%(kind)s, in goods") % {"kind": kind} if record.award.pot == Pot.GOODS else kind
