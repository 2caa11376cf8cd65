"""What was changed of a person, in words: who, when, which fields from what to what, why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from hkh.core.dates import format_date
from members.models import Appointment, Changed, Member, MemberChange, Membership, Recognition

_MODELS: dict[str, type[models.Model]] = {
    Changed.MEMBER: Member,
    Changed.MEMBERSHIP: Membership,
    Changed.APPOINTMENT: Appointment,
    Changed.RECOGNITION: Recognition,
}
#: What says nothing to people, or is said elsewhere on the line.
_NOT_TOLD = {"id", "entered_at", "entered_by_id", "idempotency_key", "created_at", "unit_id"}


@dataclass(frozen=True)
class FieldChange:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class ChangeLine:
    """One change as it is read. ``where`` is the unit of a membership or office."""

    at: datetime
    who: str
    what: str
    where: str
    why: str
    fields: tuple[FieldChange, ...]


def lines_of(changes: Iterable[MemberChange]) -> list[ChangeLine]:
    """``changes``, read with their actors and units, as lines. No query."""
    return [
        ChangeLine(
            at=change.changed_at,
            who=str(change.actor) if change.actor else _("not known (written past the program)"),
            what=_what(change),
            where=change.unit.name if change.unit else "",
            why=change.why,
            fields=tuple(_fields(change)),
        )
        for change in changes
    ]


def _what(change: MemberChange) -> str:
    if change.is_deletion:
        return _("%(what)s: taken away") % {"what": change.get_what_display()}
    return str(change.get_what_display())


def _fields(change: MemberChange) -> Iterable[FieldChange]:
    model = _MODELS[change.what]
    fields = {field.column: field for field in model._meta.concrete_fields}
    for column in fields:  # in the order in which a form asks, not that of the letters
        if column in change.changes and column not in _NOT_TOLD:
            before, after = change.changes[column]
            told = FieldChange(_label(fields[column]), _told(fields[column], before), _told(fields[column], after))
            if not change.is_deletion or told.before:
                yield told


def _label(field: models.Field[Any, Any]) -> str:
    label = str(field.verbose_name)
    return label[:1].upper() + label[1:]


def _told(field: models.Field[Any, Any], value: Any) -> str:
    """A value of a row as a person reads it; empty where there was none."""
    if value in (None, ""):
        return ""
    if isinstance(field, models.ForeignKey):
        return _("another entry of the same person") if field.related_model is Member else str(value)
    choices = dict(field.flatchoices)
    if choices:
        return str(choices.get(value, value))
    if isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField):
        return format_date(date.fromisoformat(value))
    return str(value)
