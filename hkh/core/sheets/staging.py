"""The tables in which a sheet's rows wait until they count.

A run has three tables of its own, unlogged, made and dropped with it: ``cells`` holds what was read (one typed column a
column of the sheet, by COPY), ``plan`` what shall become of each row (made in one pass by the domain's SQL), and
``problems`` what speaks against it. The verdict on a row is told from these and stored nowhere.

What stands in ``plan``: ``row_no``; ``target_id``, the known row that it is, if any; ``changes``, what it says that is
not known so, as {"field": [old, new]}, null where there is nothing; and whatever the domain needs to carry it out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from django.db import connection

from hkh.core.copying import NOTHING, as_text, copy_lines
from hkh.core.sheets.cleaning import Remark
from hkh.core.sheets.cleaning import as_text as as_typed

NEW, CHANGED, SAME, REFUSED = "new", "changed", "same", "refused"
VERDICTS: Final = (NEW, CHANGED, SAME, REFUSED)

_TYPES: Final = {"day": "date", "int": "bigint", "vnd": "bigint", "decimal": "numeric", "flag": "boolean"}
#: So many different values of a column are remembered with what they were read as.
_REMEMBERED: Final = 50_000
#: Signs of life while rows are read: one in so many.
_EACH: Final = 5_000


class Field(Protocol):
    """What staging asks of a column of a sheet."""

    @property
    def key(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def required(self) -> bool: ...
    def settled(self) -> Field: ...
    def read(self, raw: Any, *, legacy: str = "", starts_1904: bool = False) -> tuple[Any, Remark | None]: ...


@dataclass(frozen=True)
class Stage:
    """The names of a run's tables, and the SQL that reads them."""

    number: int

    @property
    def cells(self) -> str:
        return f"imports_{self.number}_cells"

    @property
    def plan(self) -> str:
        return f"imports_{self.number}_plan"

    @property
    def problems(self) -> str:
        return f"imports_{self.number}_problems"

    @property
    def refused(self) -> str:
        """SQL: the numbers of the rows that something speaks against."""
        return f"(SELECT DISTINCT row_no FROM {self.problems} WHERE refuses)"

    @property
    def verdicts(self) -> str:
        """SQL: the plan with the ``verdict`` on each row."""
        return f"""
            (SELECT plan.*, CASE WHEN refused.row_no IS NOT NULL THEN '{REFUSED}'
                WHEN plan.target_id IS NULL THEN '{NEW}'
                WHEN plan.changes IS NOT NULL THEN '{CHANGED}' ELSE '{SAME}' END AS verdict
            FROM {self.plan} plan LEFT JOIN {self.refused} refused USING (row_no))
        """

    def of(self, verdict: str) -> str:
        """SQL: the rows of the plan with ``verdict``; ready for a FROM."""
        return f"(SELECT * FROM {self.verdicts} judged WHERE verdict = '{verdict}')"


def drop(stage: Stage) -> None:
    """Away with the tables of a run. Nothing happens where there are none."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL client_min_messages = warning")
        cursor.execute(f"DROP TABLE IF EXISTS {stage.cells}, {stage.plan}, {stage.problems}")


def exists(stage: Stage) -> bool:
    """Whether the rows read are still there: a server that broke down comes back without them. 1 query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [stage.cells])
        if not cursor.fetchone()[0]:
            return False
        cursor.execute(f"SELECT EXISTS (SELECT FROM {stage.cells})")
        return bool(cursor.fetchone()[0])


class Watcher(Protocol):
    """Who hears how many rows have been read."""

    def __call__(self, rows: int) -> None: ...


def load(
    stage: Stage,
    fields: Sequence[Field],
    rows: Iterable[tuple[int, Sequence[Any]]],
    *,
    at: Mapping[int, str],
    reading: Mapping[int, Mapping[str, Any]] | None = None,
    watch: Watcher = lambda rows: None,
) -> int:
    """``rows`` (number, cells) read by kind into ``cells``; how many. One COPY, which reads while they are cleaned.

    ``at`` says which field stands at which position of a row; ``reading`` what its ``read`` is told besides there.
    Cells that cannot be read stand in ``faults``, those that were read with a remark in ``remarks``.
    """
    columns = [("row_no", "integer"), *(pair for field in fields for pair in _columns(field))]
    columns += [("faults", "jsonb"), ("remarks", "jsonb")]
    drop(stage)
    by_key = {field.key: field.settled() for field in fields}  # no query may come between while COPY runs
    readers = {key: _Reader(by_key[key], position, (reading or {}).get(position, {})) for position, key in at.items()}
    in_turn = [readers.get(field.key) or _Unsaid(len(_columns(field))) for field in fields]
    count = _Count()
    declared = ", ".join(f'"{name}" {kind}' for name, kind in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE UNLOGGED TABLE {stage.cells} ({declared})")
        lines = _lines(rows, in_turn, count, watch)
        copy_lines(cursor, stage.cells, [name for name, _kind in columns], lines)
        cursor.execute(f"ANALYZE {stage.cells}")
    return count.rows


def _columns(field: Field) -> list[tuple[str, str]]:
    """The typed columns that hold a field: a day of which only the year may be known takes two."""
    if field.kind == "day_or_year":
        return [(field.key, "date"), (f"{field.key}_year", "smallint")]
    return [(field.key, _TYPES.get(field.kind, "text"))]


class _Count:
    rows = 0


class _Unsaid:
    """A column that the sheet does not have."""

    position = -1
    key = ""
    blank: Remark | None = None

    def __init__(self, width: int) -> None:
        self.nothing = "\t".join([NOTHING] * width)


class _Reader:
    """One column of the sheet: cells to COPY's text, each value once."""

    def __init__(self, field: Field, position: int, told: Mapping[str, Any]) -> None:
        self.field, self.key, self.position, self.told = field, field.key, position, told
        #: What is wrong with an empty cell here, if anything is.
        self.blank = field.read(None)[1] if field.required else None
        self.nothing = "\t".join([NOTHING] * len(_columns(field)))
        self.plain: dict[Any, str] = {}
        self.odd: dict[Any, tuple[str, Remark, Any]] = {}

    def look_up(self, raw: Any, known_as: Any) -> tuple[str, Remark | None, Any]:
        """The text for COPY; and, where there is something to say, the remark and what was read."""
        known = self.odd.get(known_as)
        if known is not None:
            return known
        value, remark = self.field.read(raw, **self.told)
        text = self._text(value)
        if remark is None:
            if len(self.plain) >= _REMEMBERED:
                self.plain.clear()
            self.plain[known_as] = text
            return text, None, None
        if len(self.odd) >= _REMEMBERED:
            self.odd.clear()
        self.odd[known_as] = text, remark, value
        return self.odd[known_as]

    def _text(self, value: Any) -> str:
        if value is None or value == "":
            return self.nothing
        if self.field.kind == "day_or_year":
            return f"{NOTHING}\t{value}" if isinstance(value, int) else f"{value.isoformat()}\t{NOTHING}"
        return as_text(value)


def _lines(
    rows: Iterable[tuple[int, Sequence[Any]]], in_turn: Sequence[_Reader | _Unsaid], count: _Count, watch: Watcher
) -> Iterator[str]:
    for row_no, cells in rows:
        width = len(cells)
        parts = [str(row_no)]
        notes: list[tuple[str, Remark, Any, Any]] = []
        for reader in in_turn:
            raw = cells[reader.position] if -1 < reader.position < width else None
            if raw is None or raw == "":
                parts.append(reader.nothing)
                if reader.blank is not None:
                    notes.append((reader.key, reader.blank, "", ""))
                continue
            assert isinstance(reader, _Reader)
            known_as = raw if type(raw) is str else (type(raw), raw)  # True, 1 and 1.0 are one key otherwise
            text = reader.plain.get(known_as)
            if text is None:
                text, remark, value = reader.look_up(raw, known_as)
                if remark is not None:
                    notes.append((reader.key, remark, raw, value))
            parts.append(text)
        parts += _notes(notes) if notes else (NOTHING, NOTHING)
        yield "\t".join(parts)
        count.rows += 1
        if count.rows % _EACH == 0:
            watch(count.rows)


def _notes(notes: list[tuple[str, Remark, Any, Any]]) -> tuple[str, str]:
    """Faults and remarks of a row, for COPY."""
    faults = [[key, remark.code, str(remark)] for key, remark, _raw, _value in notes if remark.refuses]
    remarks = [
        [key, remark.code, as_typed(raw), as_typed(value)] for key, remark, raw, value in notes if not remark.refuses
    ]
    return tuple(as_text(json.dumps(some, ensure_ascii=False)) if some else NOTHING for some in (faults, remarks))  # type: ignore[return-value]
