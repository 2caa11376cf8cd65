"""One file of a bank, whatever its form: what it is is told by what stands in it, not by its name."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import Path

from django.utils.translation import gettext as _

from funds.statements import camt, swift, tables
from funds.statements.lines import GUESSED, Statement, Unreadable
from hkh.core.sheets.guard import LARGEST, Refused, check_file

SHEETS = (".xlsx", ".xls", ".ods", ".csv")
MESSAGES = (".sta", ".mt940", ".940", ".txt", ".xml")


def read_statement(path: Path, name: str, *, layout: Mapping[str, str] | None = None) -> Statement:
    """The statement in the file at ``path`` that calls itself ``name``; ``layout`` says how the bank heads its columns.

    Raises: Unreadable with the sentence for people; tables.UnknownLayout where somebody must match the columns.
    """
    ending = Path(name).suffix.lower()
    if ending in SHEETS:
        try:
            check_file(path, name)
        except Refused as refused:
            raise Unreadable(str(refused)) from refused
        return tables.read(path, name, layout=layout)
    if path.stat().st_size > LARGEST:
        raise Unreadable(_("The file is too large for a bank statement."))
    content = path.read_bytes()
    if camt.looks_like(content):
        return camt.read(content)
    text, remarks = _text(content)
    if swift.looks_like(text):
        read = swift.read(text)
        return Statement(**{**vars(read), "remarks": remarks})
    raise Unreadable(
        _("This is no bank statement that can be read. Choose the bank's .xlsx, .xls or .csv, MT940 or CAMT.053 file.")
    )


def _text(content: bytes) -> tuple[str, tuple[str, ...]]:
    """``content`` as text, and a remark where its letters had to be guessed."""
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        guessed = unicodedata.normalize("NFC", content.decode("cp1258", errors="replace"))
        return guessed, (str(GUESSED),)
