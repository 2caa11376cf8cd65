"""The cells of an export from lines in memory: the same that ``selecting`` has the database make.

For lists of a few thousand lines at the most; a column of ``day_or_year`` needs the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any

from hkh.core.sheets.columns import SheetField
from hkh.core.sheets.quoting import quoted
from hkh.core.sheets.selecting import Form


def cells_of(
    lines: Iterable[Any], columns: Sequence[SheetField], form: Form, *, comma: bool = False
) -> Iterator[tuple[Any, ...]]:
    """The cells of each line, as ``selecting.statement`` gives them. No query but those of choices."""
    ways = [(_reader(column), column.kind, dict(column.choices)) for column in columns]
    for line in lines:
        yield tuple(_cell(read(line), kind, labels, form, comma=comma) for read, kind, labels in ways)


def _reader(column: SheetField) -> Any:
    if not isinstance(column.source, str):
        raise TypeError(f"{column.key} has no attribute to be read from")
    path = column.source.split("__")

    def read(line: Any) -> Any:
        for step in path:
            line = None if line is None else attrgetter(step)(line)
        return line

    return read


def _cell(value: Any, kind: str, labels: dict[Any, str], form: Form, *, comma: bool) -> Any:
    if kind == "choice":
        return labels.get(value)
    if kind == "flag":
        return "x" if value else None
    if value is None or value == "":
        return None
    if kind == "decimal":
        return float(value) if form is Form.XLSX else _fraction(value, comma=comma)
    if isinstance(value, date):
        return value if form is Form.XLSX else f"{value:%d/%m/%Y}"
    if kind in ("int", "vnd"):
        return value
    return quoted(str(value)) if form is Form.CSV else str(value)


def _fraction(value: Decimal, *, comma: bool) -> str:
    whole, _mark, fraction = f"{value:f}".partition(".")
    fraction = fraction.rstrip("0")
    if len(fraction) == 3:  # three digits would read as thousands
        fraction += "0"
    return f"{whole}{',' if comma else '.'}{fraction}" if fraction else whole
