"""What all sheets share whose rows belong to units: which unit a row means, where its owner may do that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from hkh.core.sheets.importing import UNIT_UNKNOWN, Cause, Check, SheetImport, keep_for_now
from hkh.core.sheets.staging import Stage
from hkh.core.widgets import Combobox
from members.models import Unit, User
from members.rules import Verb, units_where

UNIT_CAUSES: Mapping[str, Cause] = {
    "unit_missing": Cause(_("The unit is missing. Write its code or its full name.")),
    "unit_unknown": UNIT_UNKNOWN,
    "unit_several": Cause(_("Several units are called “%(value)s”. Write the unit's code instead.")),
}


def ids_where(by: User, verb: Verb | str) -> tuple[str, tuple[Any, ...]]:
    """SQL, and its parameters, of the ids of the units where ``by`` may do ``verb``."""
    try:
        sql, params = units_where(by, verb).order_by().values("id").query.sql_with_params()
    except EmptyResultSet:  # a right that is held nowhere
        return "SELECT NULL::bigint AS id WHERE false", ()
    return sql, tuple(params)


def ids_seen(*, by: User, verb: Verb | str) -> str:
    """The units where ``by`` may do ``verb``, in one word. 1 query."""
    allowed, params = ids_where(by, verb)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), bit_xor(hashint8extended(id, 0)) FROM ({allowed}) allowed", params or None)
        return repr(cursor.fetchone())


def units_allowed(*, by: User, verb: Verb | str) -> None:
    """``imports_units``, for the length of the transaction: the units where ``by`` may do ``verb``. 4 statements.

    Units out of reach are not in it, so rows that name them read like rows that name none there is.
    """
    allowed, params = ids_where(by, verb)
    keep_for_now(
        "imports_units",
        f"""
        SELECT unit.id, unit.code, unit.name, unit.search_key, unit.founded_on, unit.dissolved_on, unit.tier_id,
               tier.holds_members
        FROM members_unit unit JOIN members_tier tier ON tier.id = unit.tier_id WHERE unit.id IN ({allowed})
        """,
        params,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE imports_units")


def find_units(stage: Stage, *, by: User, verb: Verb | str, otherwise: str = "") -> None:
    """``units_allowed``, and ``imports_found_units``: which of them each text in the ``unit`` column means.

    A text is a code or, where it is no code, the whole name of one unit that is there today. An empty cell means the
    unit with the code ``otherwise``. 7 statements.
    """
    units_allowed(by=by, verb=verb)
    keep_for_now(
        "imports_found_units",
        f"""
        SELECT said.text, coalesce(coded.id, CASE named.count WHEN 1 THEN named.id END) AS id,
               coded.id IS NULL AND named.count > 1 AS is_ambiguous
        FROM (SELECT DISTINCT coalesce(unit, '') AS text FROM {stage.cells}) said
        LEFT JOIN imports_units coded ON coded.code = upper(coalesce(nullif(said.text, ''), %s))
        LEFT JOIN (
            SELECT search_key, min(id) AS id, count(*) FROM imports_units WHERE dissolved_on IS NULL GROUP BY 1
        ) named ON said.text <> '' AND named.search_key = hkh_search_key(said.text)
        """,
        [otherwise],
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE imports_found_units")


def unit_checks(*, field: str = "unit") -> Iterable[Check]:
    """What is wrong with the unit of a row; for ``note_problems``, of a plan with ``unit_id`` and ``is_ambiguous``."""
    yield "unit_missing", field, f"plan.unit_id IS NULL AND plan.{field} IS NULL", "''"
    yield "unit_several", field, "plan.is_ambiguous", f"plan.{field}"
    yield (
        "unit_unknown",
        field,
        f"plan.unit_id IS NULL AND plan.{field} IS NOT NULL AND NOT coalesce(plan.is_ambiguous, false)",
        f"plan.{field}",
    )


def lock_units(stage: Stage) -> None:
    """The units of the rows, in the order of their ids, against whoever else writes into them. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT 1 FROM members_unit WHERE id IN (SELECT unit_id FROM {stage.plan}) ORDER BY id FOR NO KEY UPDATE
            """
        )


class UnitOption(forms.Form):
    """Which unit the rows belong to that name none."""

    unit = forms.CharField(
        label=_("Unit of the rows that name none"),
        required=False,
        help_text=_("Leave it empty where every row names its unit."),
    )

    def __init__(self, user: User, verb: Verb | str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._units = units_where(user, verb)
        self.fields["unit"].widget = Combobox(
            reverse_lazy("members:unit-search"), self._name, placeholder=_("Name or code")
        )

    def clean_unit(self) -> str:
        code = str(self.cleaned_data["unit"]).strip().upper()
        if code and not self._units.filter(code=code).exists():
            raise forms.ValidationError(str(UNIT_UNKNOWN.sentence) % {"value": code})
        return code

    def said(self) -> dict[str, Any]:
        return {"unit": self.cleaned_data["unit"]}

    def _name(self, code: Any) -> str:
        unit = Unit.unscoped.filter(pk__in=self._units.values("pk"), code=str(code).upper()).first()
        return unit.name if unit else str(code)


class InUnits(SheetImport):
    """A sheet whose rows belong to units: those that name none go into the one that was chosen for them."""

    def options(self, user: Any, data: Any = None, initial: Mapping[str, Any] | None = None) -> forms.Form:
        return UnitOption(user, self.verb, data, initial=initial)

    def missing(self, mapped: Iterable[str], options: Mapping[str, Any]) -> list[str]:
        return [key for key in super().missing(mapped, options) if key != "unit" or not options.get("unit")]
