"""The lists of units and members as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hkh.core.dates import format_date, today
from hkh.core.money import format_number
from hkh.core.tables import DayColumn, MainColumn, NumberColumn, TextColumn, mark
from members.models import Appointment, DuplicatePair, Likeness, Member, Membership, Recognition, Unit
from members.search import Trace
from members.terms import SOON_DAYS


class UnitTable(tables.Table):
    """Units. What is counted comes ready, by unit id; ``top`` are the units whose parent is out of sight."""

    name = MainColumn(verbose_name=gettext_lazy("Unit"), linkify=("members:unit-detail", [tables.A("code")]))
    tier = TextColumn(verbose_name=gettext_lazy("Tier"), fact=True)
    kind = TextColumn(verbose_name=gettext_lazy("Kind"), orderable=False)
    parent = TextColumn(verbose_name=gettext_lazy("Stands under"), orderable=False, empty_values=())
    founded_on = DayColumn(verbose_name=gettext_lazy("Founded on"))
    below = NumberColumn(verbose_name=gettext_lazy("Units below"), orderable=False, empty_values=())
    heads = NumberColumn(verbose_name=gettext_lazy("Members"), orderable=False, empty_values=(), fact=True)
    trace = TextColumn(
        verbose_name=gettext_lazy("Earlier name, successor"), orderable=False, empty_values=(), fact=True
    )

    class Meta:
        sequence = ("name", "trace", "...")
        empty_text = gettext_lazy("No unit matches. Take a filter off, or look in everything below.")

    def __init__(
        self,
        *args: Any,
        counted_below: Mapping[int, int],
        members_below: Mapping[int, int],
        top: set[int],
        traces: Mapping[int, Trace] | None = None,
        exclude: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        self.counted_below, self.members_below, self.top = counted_below, members_below, top
        self.traces = traces or {}
        super().__init__(*args, exclude=exclude if self.traces else (*exclude, "trace"), **kwargs)

    def render_name(self, record: Unit, value: str) -> Any:
        if record.dissolved_on is not None and record.dissolved_on <= today():
            return format_html("{} {}", value, mark(_("Dissolved")))
        return value

    def render_kind(self, record: Unit) -> str:
        return record.get_kind_display()

    def render_parent(self, record: Unit) -> str:
        return record.parent.name if record.parent and record.pk not in self.top else "–"

    def render_trace(self, record: Unit) -> Any:
        """ "Formerly X", "Carries on for X", "Now: Y → Z", each on a line of its own."""
        trace = self.traces.get(record.pk, Trace())
        lines = []
        if trace.once:
            lines.append(_("formerly %(names)s") % {"names": ", ".join(trace.once)})
        if trace.before:
            lines.append(_("carries on for %(names)s") % {"names": ", ".join(trace.before)})
        if trace.after:
            steps = [format_html_join(", ", '<a href="{}">{}</a>', map(_link, step)) for step in trace.after]
            lines.append(format_html("{} {}", _("now:"), format_html_join(" → ", "{}", ((step,) for step in steps))))
        return format_html_join(mark_safe("<br>"), "{}", ((line,) for line in lines))

    def render_below(self, record: Unit) -> str:
        return format_number(self.counted_below.get(record.pk, 0))

    def render_heads(self, record: Unit) -> str:
        return format_number(self.members_below.get(record.pk, 0))


class MembershipTable(tables.Table):
    """Members with the unit they belong to. Of who is not in ``seen`` (ids) any more the name alone is shown."""

    name = MainColumn(
        verbose_name=gettext_lazy("Member"),
        accessor="member__full_name",
        linkify=lambda record, table: (
            reverse("members:member-detail", args=[record.member_id]) if table.is_seen(record) else None
        ),
    )
    born = TextColumn(verbose_name=gettext_lazy("Born"), empty_values=(), orderable=False, fact=True)
    sex = TextColumn(verbose_name=gettext_lazy("Sex"), accessor="member__sex", empty_values=(), orderable=False)
    unit = TextColumn(verbose_name=gettext_lazy("Unit"), accessor="unit__name", orderable=False, fact=True)
    joined_on = DayColumn(verbose_name=gettext_lazy("Joined on"))
    card_number = TextColumn(
        verbose_name=gettext_lazy("Card"), accessor="member__card_number", orderable=False, default=""
    )

    class Meta:
        attrs = {"class": "table table-cards people"}
        empty_text = gettext_lazy("No member matches. Take a filter off, or add the first one.")

    def __init__(self, *args: Any, seen: set[int] | None = None, **kwargs: Any) -> None:
        self.seen = seen
        super().__init__(*args, **kwargs)

    def is_seen(self, record: Membership) -> bool:
        return self.seen is None or record.member_id in self.seen

    def render_name(self, record: Membership, value: str) -> Any:
        if record.left_on is None or record.left_on > today():
            return value
        return format_html("{} {}", value, mark(_("until %(day)s") % {"day": format_date(record.left_on)}))

    def render_born(self, record: Membership) -> str:
        return (born(record.member) if self.is_seen(record) else "") or "–"

    def render_sex(self, record: Membership) -> str:
        return record.member.get_sex_display() if record.member.sex and self.is_seen(record) else "–"

    def render_card_number(self, record: Membership, value: str) -> str:
        return value if self.is_seen(record) else ""


class OfficeTable(tables.Table):
    """Offices with who holds them. The pages of people who are not in ``seen`` (ids) are not led to."""

    name = MainColumn(
        verbose_name=gettext_lazy("Member"),
        accessor="member__full_name",
        linkify=lambda record, table: (
            reverse("members:member-detail", args=[record.member_id]) if record.member_id in table.seen else None
        ),
    )
    position = TextColumn(verbose_name=gettext_lazy("Office"), fact=True)
    unit = TextColumn(
        verbose_name=gettext_lazy("Unit"),
        accessor="unit__name",
        linkify=("members:unit-detail", [tables.A("unit__code")]),
        fact=True,
    )
    valid_from = DayColumn(verbose_name=gettext_lazy("From"))
    valid_until = TextColumn(verbose_name=gettext_lazy("Term over on"), empty_values=(), fact=True)
    decision = TextColumn(verbose_name=gettext_lazy("Decision"), orderable=False, default="")

    class Meta:
        attrs = {"class": "table table-cards office-rows"}
        empty_text = gettext_lazy("No office matches. Take a filter off, or give the first one.")

    def __init__(self, *args: Any, seen: set[int], **kwargs: Any) -> None:
        self.seen = seen
        super().__init__(*args, **kwargs)

    def render_position(self, record: Appointment) -> str:
        return str(record.get_position_display())

    def render_valid_until(self, record: Appointment) -> Any:
        return term_end(record)


class PairTable(tables.Table):
    """Entries that may be one person. ``stays`` are the memberships in sight, by person."""

    name = MainColumn(
        verbose_name=gettext_lazy("First entry"),
        accessor="first__full_name",
        orderable=False,
        linkify=("members:member-merge", [tables.A("first_id"), tables.A("second_id")]),
    )
    first_known = TextColumn(verbose_name=gettext_lazy("Born, unit"), empty_values=(), orderable=False, fact=True)
    second_name = TextColumn(
        verbose_name=gettext_lazy("Second entry"), accessor="second__full_name", orderable=False, fact=True
    )
    second_known = TextColumn(verbose_name=gettext_lazy("Born, unit"), empty_values=(), orderable=False, fact=True)
    likenesses = TextColumn(verbose_name=gettext_lazy("In common"), orderable=False, fact=True)
    score = TextColumn(verbose_name=gettext_lazy("Likeness"), orderable=False)

    class Meta:
        attrs = {"class": "table table-cards pairs"}
        empty_text = gettext_lazy("Nothing to decide here. Go through the register to look for entries of one person.")

    def __init__(self, *args: Any, stays: Mapping[int, Membership], **kwargs: Any) -> None:
        self.stays = stays
        super().__init__(*args, **kwargs)

    def _known(self, member: Member) -> str:
        stay = self.stays.get(member.pk)
        return " · ".join(part for part in (born(member), stay.unit.name if stay else "") if part) or "–"

    def render_first_known(self, record: DuplicatePair) -> str:
        return self._known(record.first)

    def render_second_known(self, record: DuplicatePair) -> str:
        return self._known(record.second)

    def render_likenesses(self, record: DuplicatePair) -> str:
        return likeness_text(record)

    def render_score(self, record: DuplicatePair) -> Any:
        bar = '<progress class="likeness" max="100" value="{0}" aria-hidden="true"></progress>'
        return format_html(bar + ' <span class="num">{0}</span>', record.score)


class HistoryTable(tables.Table):
    """The memberships of one person, latest first."""

    unit = MainColumn(verbose_name=gettext_lazy("Unit"), accessor="unit__name", orderable=False)
    joined_on = DayColumn(verbose_name=gettext_lazy("Joined on"), orderable=False, fact=True)
    left_on = DayColumn(verbose_name=gettext_lazy("Left on"), orderable=False, fact=True)
    why = TextColumn(verbose_name=gettext_lazy("Why"), empty_values=(), orderable=False, fact=True)

    class Meta:
        orderable = False
        empty_text = gettext_lazy("Nothing yet.")

    def render_why(self, record: Membership) -> str:
        return str(record.get_leave_reason_display()) if record.left_on else ""


class RecognitionTable(tables.Table):
    """What one person was honoured with, latest first."""

    title = MainColumn(verbose_name=gettext_lazy("Title or commendation"))
    when = TextColumn(verbose_name=gettext_lazy("Year or day"), fact=True)
    given_by = TextColumn(verbose_name=gettext_lazy("Given by"), fact=True)
    decision = TextColumn(verbose_name=gettext_lazy("Decision"), fact=True)
    entered_by = TextColumn(verbose_name=gettext_lazy("Recorded by"), fact=True)
    take_back = TextColumn(verbose_name="", empty_values=(), fact=True)

    class Meta:
        attrs = {"class": "table table-cards recognitions"}
        orderable = False
        empty_text = gettext_lazy("None written down.")

    def render_take_back(self, record: Recognition) -> Any:
        url = reverse("members:recognition-remove", args=[record.pk])
        return format_html(
            '<a href="{}" aria-label="{}">{}</a>', url, _("Take away: %(what)s") % {"what": record}, _("Take away")
        )


def _link(unit: Unit) -> tuple[str, str]:
    return reverse("members:unit-detail", args=[unit.code]), unit.name


def born(member: Member) -> str:
    """What is known of the birth: the day, else the year, else nothing."""
    if member.birth_date is not None:
        return format_date(member.birth_date)
    return str(member.birth_year) if member.birth_year else ""


def likeness_text(pair: DuplicatePair) -> str:
    """What two entries have in common, in words."""
    return ", ".join(str(Likeness(name).label) for name in pair.likenesses)


def term_end(office: Appointment) -> Any:
    """The end of a term: soon to come, reached, or why it came earlier."""
    if office.valid_until is None:
        return "–"
    day = format_date(office.valid_until)
    if office.valid_until <= today():
        return format_html("<span>{} {}</span>", day, mark(office.get_end_reason_display()))
    if office.valid_until <= today() + timedelta(days=SOON_DAYS):
        return format_html("<span>{} {}</span>", day, mark(_("ends soon"), "warn"))
    return day
