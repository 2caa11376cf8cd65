"""Texts that a spreadsheet program would take for formulas, made harmless on the way out and whole again on the way in.

In a workbook a text is a text whatever it begins with. A text file has no kinds of cells, so there an apostrophe goes
before a text that begins like a formula, and one more before a text that already has apostrophes there.
"""

from __future__ import annotations

import re

#: As PostgreSQL reads it too; see ``sheets.exporting``.
QUOTED_START = r"^'*[=+@\t\r-]"
_TO_QUOTE = re.compile(QUOTED_START)
_TO_UNQUOTE = re.compile(r"^'+[=+@\t\r-]")


def quoted(text: str) -> str:
    """``text`` as it stands in a text file."""
    return f"'{text}" if _TO_QUOTE.match(text) else text


def unquoted(cell: str) -> str:
    """What ``quoted`` was given."""
    return cell[1:] if _TO_UNQUOTE.match(cell) else cell
