"""Compiled message catalogues. Babel writes them, since a bare machine has no ``msgfmt``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def compile_catalogs(folders: Iterable[Path]) -> list[Path]:
    """Write the ``.mo`` beside every ``.po`` below ``folders`` that is newer; returns the written ones.

    Fuzzy translations are left out, as ``msgfmt`` does. A file appears whole or not at all, so that a server
    starting meanwhile never reads half of one.
    """
    written = []
    for source in sorted(path for folder in folders for path in folder.rglob("*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as file:
            catalog = read_po(file, locale=source.parts[-3], abort_invalid=True)
        draft = target.with_suffix(".mo.new")
        with draft.open("wb") as file:
            write_mo(file, catalog)
        draft.replace(target)
        written.append(target)
    return written
