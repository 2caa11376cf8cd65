"""What units declare: a line a unit for headcounts, a line a title for titles. Empty is not 0."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hkh.core.dates import format_date
from hkh.core.fields import DateVnField
from hkh.core.money import format_number
from members.actions import HeadcountLine, TitleLine
from members.actions.declared import latest_reports
from members.forms import VerbForm
from members.models import HeadcountSource, ReportedHeadcount, Title, TitleCount, Unit

#: More than any association of a province has: beyond it stands a slip of the finger.
MOST = 10_000_000


class CountField(forms.CharField):
    """How many: "1234" or "1.234", cleaned to ``int``; empty cleaned to None."""

    def __init__(self, *, label: str) -> None:
        widget = forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "class": "count"})
        super().__init__(label=label, required=False, widget=widget)

    def prepare_value(self, value: Any) -> Any:
        return format_number(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,12}|[0-9]{1,3}([.,\s][0-9]{3}){1,3}", text):
            raise ValidationError(_("Write a whole number, for example 120; leave it empty where it is not known."))
        number = int(re.sub(r"[.,\s]", "", text))
        if number > MOST:
            raise ValidationError(_("Check the number: %(number)s.") % {"number": format_number(number)})
        return number


@dataclass(frozen=True)
class Cell:
    """A field of a line; ``label`` is its column's, where the line stands as a card."""

    label: str | Promise
    field: BoundField


@dataclass(frozen=True)
class Row:
    """One line of a table of fields: what it is about, what stands beside, its fields."""

    label: str
    beside: Sequence[str]
    cells: Sequence[Cell]
    revision: BoundField


class _Lines(VerbForm):
    """A form with the same few fields for each of its lines."""

    names: tuple[str, str, str]
    columns: tuple[str | Promise, ...]

    def _row(self, key: str, label: str, beside: Sequence[str]) -> Row:
        cells = [Cell(column, self[f"{name}_{key}"]) for name, column in zip(self.names, self.columns, strict=True)]
        return Row(label, beside, cells, self[f"revision_{key}"])

    def _add_line(self, key: str, label: str, known: Mapping[str, Any]) -> None:
        for name, column in zip(self.names, self.columns, strict=True):
            self.fields[f"{name}_{key}"] = CountField(label=f"{label}: {column}")
            self.initial.setdefault(f"{name}_{key}", known.get(name))
        self.fields[f"revision_{key}"] = forms.IntegerField(widget=forms.HiddenInput, min_value=0, required=False)
        self.initial.setdefault(f"revision_{key}", known.get("revision", 0))

    def said(self, key: str) -> tuple[int | None, int | None, int | None]:
        """What stands in the three fields of a line."""
        first, second, third = (self.cleaned_data.get(f"{name}_{key}") for name in self.names)
        return first, second, third

    def _show(self, field: str, value: Any) -> None:
        """Let a hidden field of the form as sent hold another value when it is shown again."""
        self.data = self.data.copy()  # type: ignore[attr-defined]
        self.data[self.add_prefix(field)] = value  # type: ignore[index]


class HeadcountForm(_Lines):
    """The numbers of one or more units for a day, beside what their lists say. ``registered`` by unit id."""

    names = ("members", "women", "minority")
    columns = (gettext_lazy("Members"), gettext_lazy("Women among them"), gettext_lazy("Ethnic minorities among them"))

    counted_on = DateVnField(
        label=gettext_lazy("As of"),
        allows_future=False,
        help_text=gettext_lazy("The day for which the members were counted."),
    )
    source = forms.ChoiceField(
        label=gettext_lazy("Where the numbers come from"),
        choices=HeadcountSource.choices,
        error_messages={"required": gettext_lazy("Choose where the numbers come from.")},
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("For a correction: why the number was wrong."),
    )
    seen_on = forms.DateField(widget=forms.HiddenInput, required=False)
    idempotency_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, units: Sequence[Unit], day: date, registered: Mapping[int, int], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.units, self.registered = units, registered
        #: Units with a number that was not on the screen, and nothing typed for them: not taken back unseen.
        self.left_alone: set[int] = set()
        known = latest_reports([unit.pk for unit in units], day)
        source = next((row.source for row in known.values()), HeadcountSource.LIST)
        self.initial = {**self.initial, "counted_on": day, "seen_on": day, "source": source, "idempotency_key": uuid4()}
        for unit in units:
            row = known.get(unit.pk)
            self._add_line(str(unit.pk), unit.name, _facts(row) if row else {})

    @property
    def rows(self) -> list[Row]:
        return [
            self._row(str(unit.pk), unit.name, [format_number(self.registered.get(unit.pk, 0))]) for unit in self.units
        ]

    def clean(self) -> dict[str, Any]:
        """Parts within the whole; and nobody's number is replaced unseen."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        for unit in self.units:
            members, *parts = self.said(str(unit.pk))
            for name, part in zip(self.names[1:], parts, strict=True):
                field = f"{name}_{unit.pk}"
                if part is not None and members is None and f"members_{unit.pk}" not in self.errors:
                    self.add_error(field, _("Write the number of members too."))
                elif part is not None and members is not None and part > members:
                    self.add_error(
                        field, _("At most %(count)s: they are counted among the members.") % {"count": members}
                    )
        if not self.errors:
            self._look_for_unseen(said)
        return said

    def _look_for_unseen(self, said: dict[str, Any]) -> None:
        """What was reported for the day since the form was shown, or for another day that was chosen in it."""
        day = said["counted_on"]
        same_day = said.get("seen_on") == day
        known = latest_reports([unit.pk for unit in self.units], day)
        for unit in self.units:
            row, field = known.get(unit.pk), f"revision_{unit.pk}"
            seen = (said.get(field) or 0) if same_day else 0
            said[field] = row.revision if row else 0
            numbers = self.said(str(unit.pk))
            if row is None or row.revision == seen or numbers == (row.members, row.women, row.minority):
                continue
            if seen == 0 and numbers[0] is None:
                self.left_alone.add(unit.pk)
                continue
            text = _("For %(day)s %(count)s have been reported already (%(who)s). Save again to correct that.")
            count = format_number(row.members) if row.members is not None else _("none")
            who = row.reported_by or _("the system")
            self.add_error(f"members_{unit.pk}", text % {"day": format_date(day), "count": count, "who": who})
            self._show(field, row.revision)
        if self.errors:
            self._show("seen_on", day.isoformat())

    def lines(self) -> list[HeadcountLine]:
        return [
            HeadcountLine(unit, *self.said(str(unit.pk)), revision=self.cleaned_data[f"revision_{unit.pk}"])
            for unit in self.units
            if unit.pk not in self.left_alone
        ]


def _facts(row: ReportedHeadcount) -> dict[str, Any]:
    return {"members": row.members, "women": row.women, "minority": row.minority, "revision": row.revision}


class TitlesForm(_Lines):
    """The five titles of a unit and year. ``known`` by title."""

    names = ("total", "registered", "recognised")
    columns = (gettext_lazy("In all"), gettext_lazy("Registered"), gettext_lazy("Recognised"))

    def __init__(self, *args: Any, known: Mapping[str, TitleCount], last_year: Mapping[str, TitleCount], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.last_year = last_year
        for title in Title:
            row = known.get(title)
            facts = {name: getattr(row, name) for name in (*self.names, "revision")} if row else {}
            self._add_line(title.value, str(title.label), facts)

    @property
    def rows(self) -> list[Row]:
        return [self._row(title.value, str(title.label), [self._before(title)]) for title in Title]

    def _before(self, title: Title) -> str:
        row = self.last_year.get(title)
        numbers = (row.total, row.registered, row.recognised) if row else ()
        return " / ".join(format_number(number) for number in numbers) or "–"

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        for title in Title:
            total, *parts = self.said(title.value)
            for name, part in zip(self.names[1:], parts, strict=True):
                field = f"{name}_{title.value}"
                if part is None and total is not None and field not in self.errors:
                    self.add_error(field, _("Write how many; 0 where there is none."))
                elif part is not None and total is None and f"total_{title.value}" not in self.errors:
                    self.add_error(f"total_{title.value}", _("Write how many there are in all."))
                elif part is not None and total is not None and part > total:
                    self.add_error(
                        field, _("At most %(count)s: so many there are in all.") % {"count": format_number(total)}
                    )
        return said

    def lines(self) -> list[TitleLine]:
        return [
            TitleLine(title, *self.said(title.value), revision=self.cleaned_data.get(f"revision_{title.value}") or 0)
            for title in Title
        ]
