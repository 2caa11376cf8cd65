"""Vietnamese text from before Unicode (TCVN3 "ABC", VNI), recognised by what it would spell and converted."""

from __future__ import annotations

from collections.abc import Iterable


def recognise(texts: Iterable[str]) -> str:
    """The old character set that ``texts``, of one column, are written in: "tcvn3", "vni" or "" for none."""
    return ""


def to_unicode(text: str, charset: str = "") -> tuple[str, bool]:
    """``text`` in Unicode, and whether it had to be converted."""
    return text, False
