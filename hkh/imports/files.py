"""The file of a run: kept out of everybody's reach but its owner's, opened, read from the top."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any

from django.core.files import File
from django.utils import timezone

from hkh.core.models import MadeFile
from hkh.core.sheets.cleaning import as_text
from hkh.core.sheets.columns import SheetField, match_headings
from hkh.core.sheets.guard import LARGEST
from hkh.core.sheets.reading import Table, read, sheet_names
from hkh.imports.models import ImportRun

#: So long a file is kept; the run says afterwards what it was called and its hash.
DAYS_KEPT = 30
#: So many rows stand beside the columns while they are matched.
SAMPLE = 5
_LONGEST_NAME = 200
#: For a guess at how many rows a text has.
_BYTES_A_ROW = 80


def keep_upload(upload: File[bytes], *, owner: Any) -> MadeFile:
    """``upload`` on disk, for ``owner`` alone, with its hash. 1 query. What is far too large is cut off one byte later:
    the guard refuses it by its size."""
    name = Path(upload.name or "").name[-_LONGEST_NAME:]
    file = MadeFile(
        owner=owner,
        name=name,
        content_type="application/octet-stream",
        expires_at=timezone.now() + timedelta(days=DAYS_KEPT),
    )
    file.full_path.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with file.full_path.open("wb") as stream:
        for lot in upload.chunks():
            stream.write(lot)
            digest.update(lot)
            size += len(lot)
            if size > LARGEST:
                break
    file.size, file.sha256 = size, digest.hexdigest()
    file.save()
    return file


def forget_file(run: ImportRun) -> None:
    """Away with the file of ``run``, row and bytes."""
    for file in (run.file, run.refused_file):
        if file is not None:
            file.full_path.unlink(missing_ok=True)
            file.delete()
    run.file = run.refused_file = None


def table_of(run: ImportRun, columns: list[SheetField]) -> Table:
    """The table on the run's sheet, ready to be read through once. Raises: FileNotFoundError once its time is over."""
    if run.file is None:
        raise FileNotFoundError
    return read(
        run.file.full_path,
        run.sheet_name,
        name=run.file_name,
        columns=columns,
        head_row=run.layout.get("head_row") or None,
    )


def look_into(run: ImportRun, columns: list[SheetField], *, sheet: str = "", head_row: int | None = None) -> Table:
    """The table that the run is about, found by its headings; ``layout`` and ``matching`` say what was found."""
    assert run.file is not None
    path = run.file.full_path
    names = sheet_names(path, run.file_name)
    tables = [sheet] if sheet in names else names
    best: Table | None = None
    for name in tables:
        table = read(path, name, name=run.file_name, columns=columns, head_row=head_row)
        if best is None or _fits(table, columns) > _fits(best, columns):
            best = table
    if best is None:
        best = Table("", 0, [], iter(()))
    sample = list(islice(best.rows, SAMPLE))
    best.rows = chain(sample, best.rows)
    run.sheet_name = best.name
    run.layout = {
        "sheets": names,
        "head_row": best.head_row,
        "headings": best.headings,
        "sample": [[number, [_shown(cell) for cell in cells]] for number, cells in sample],
        "rows": best.depth or run.file_size // _BYTES_A_ROW,
    }
    run.matching = {str(position): key for position, key in match_headings(best.headings, columns).items()}
    return best


def _fits(table: Table, columns: list[SheetField]) -> int:
    return len(match_headings(table.headings, columns))


def _shown(cell: Any) -> str:
    return "" if cell is None else as_text(cell)[:80]
