"""What stands in the tables of a run, said for people."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from hkh.core.dates import format_date
from hkh.core.money import format_number
from hkh.core.sheets.columns import SheetField
from hkh.core.sheets.importing import CELL, SheetImport
from hkh.core.violations import sentence_for


def sentence_of(kind: SheetImport, cause: str, value: str) -> str:
    """Why a row is refused, or what one should know of it."""
    if cause.startswith(CELL):
        return value
    known = kind.causes.get(cause)
    sentence = str(known.sentence) if known else str(sentence_for(cause))
    return sentence % {"value": value} if "%(value)s" in sentence else sentence


def label_of(kind: SheetImport, key: str) -> str:
    """What a column, or a fact that a column tells, is called."""
    by_key = {column.key: str(column.label) for column in kind.resource.sheet_columns()}
    if key in by_key:
        return by_key[key]
    try:
        return str(getattr(kind.model._meta.get_field(key.removesuffix("_id")), "verbose_name", key))
    except LookupError:
        return key


def shown(value: Any, column: SheetField | None = None) -> str:
    """A value of the plan, or of JSON, as one reads it."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if column is not None and column.kind == "choice":
        return {str(v): label for v, label in column.choices}.get(str(value), str(value))
    if isinstance(value, int) and column is not None and column.kind in ("vnd", "int"):
        return format_number(value)
    if hasattr(value, "isoformat"):
        return format_date(value)
    text = str(value)
    if len(text) == 10 and text[4] == text[7] == "-" and text.replace("-", "").isdigit():
        return f"{text[8:]}/{text[5:7]}/{text[:4]}"
    return text
