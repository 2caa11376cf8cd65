"""Fields for one of many: typed by name, posted by key."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from hkh.core.keys import key_of
from hkh.core.widgets import Combobox
from members.models import Member, Place, Unit


class Choice(forms.CharField):
    """One of many, typed by name and posted by its key; cleaned to the row. ``let_choose`` says among which."""

    #: The column that holds the key.
    key = "pk"

    def let_choose(self, rows: QuerySet[Any], url: str, placeholder: str = "") -> None:
        self.rows = rows
        self.widget = Combobox(url, self._label, placeholder)
        self.widget.is_required = self.required

    def _find(self, value: Any) -> Any:
        key = key_of(value) if self.key == "pk" else value
        return self.rows.filter(**{self.key: key}).first() if key else None

    def _label(self, value: Any) -> str:
        row = self._find(value)
        return row.name if row else ""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if text in self.empty_values:
            return None
        row = self._find(text)
        if row is None:
            raise ValidationError(_("Choose one from the list that opens while you type."), code="choice")
        return row


class UnitChoice(Choice):
    key = "code"

    def let_choose_units(self, units: QuerySet[Unit], *, purpose: str) -> None:
        url = f"{reverse('members:unit-search')}?{urlencode({'for': purpose})}"
        self.let_choose(units, url, _("Name, or a name it once had"))


class PlaceChoice(Choice):
    key = "uid"

    def let_choose_places(self) -> None:
        self.let_choose(Place.objects.all(), reverse("members:place-search"), _("Name of the place"))


class MemberChoice(Choice):
    """A member, found by name below ``unit``."""

    def let_choose_members(self, members: QuerySet[Member], unit: Unit) -> None:
        url = f"{reverse('members:member-search')}?{urlencode({'unit': unit.code})}"
        self.let_choose(members, url, _("Name or card number"))

    def _label(self, value: Any) -> str:
        row = self._find(value)
        return row.full_name if row else ""
