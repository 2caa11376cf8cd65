"""The texts to translate: gather them from the sources into locale/, or check that none misses a translation.

    python deploy/messages.py gather     what `make messages` calls
    python deploy/messages.py check      exit code 1 and a list where a text lacks its translation

English is the language of the sources, so there an empty translation says: as it stands.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("hkh", "members", "funds", "scholarships", "templates", "locale", "manage.py")
LANGUAGES = ("vi", "en", "id")
SOURCE_LANGUAGE = "en"
#: All that a catalogue says of itself: nothing that changes from one gathering to the next, and nobody's name.
HEADER = ("Language", "MIME-Version", "Content-Type", "Content-Transfer-Encoding", "Plural-Forms")
WIDTH = 110
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|\{\w*\}|%[sd]")


def main() -> int:
    if sys.argv[1:] == ["gather"]:
        gather(ROOT)
        return 0
    if sys.argv[1:] == ["check"]:
        return check()
    print(__doc__)
    return 2


def gather(folder: Path) -> None:
    """Bring ``folder``/locale up to date with the sources in ``folder``; texts no longer used are dropped."""
    (folder / "locale").mkdir(exist_ok=True)
    languages = [option for language in LANGUAGES for option in ("--locale", language)]
    ignored = [option for name in ("tests", "deploy", "node_modules") for option in ("--ignore", f"{name}/*")]
    layout = ["--add-location", "file", "--no-obsolete"]
    # Gathering reads no database; naming one keeps the private server from being started for it.
    environment = {**os.environ, "DATABASE_URL": "postgres://nobody@localhost/none", "HKH_SECRET_KEY": "none"}
    result = subprocess.run(
        [sys.executable, "manage.py", "makemessages", *languages, *ignored, *layout, "--verbosity", "0"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        sys.exit(result.stdout + result.stderr)
    tidy(folder)


def tidy(folder: Path) -> None:
    """Write the catalogues in ``folder``/locale so that gathering twice gives the same bytes."""
    for language in LANGUAGES:
        path = folder / "locale" / language / "LC_MESSAGES" / "django.po"
        catalog = polib.pofile(str(path), wrapwidth=WIDTH)
        kept = {key: catalog.metadata[key] for key in HEADER if key in catalog.metadata}
        catalog.metadata = {"Project-Id-Version": "HKH", **kept, "Language": language}
        catalog.metadata_is_fuzzy = False
        catalog.header = ""
        catalog.save(str(path))


def check() -> int:
    """Gather in a copy, so that the catalogues themselves stay as they are, and look through the outcome."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name)
        for source in SOURCES:
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, copy / source, ignore=shutil.ignore_patterns("__pycache__"))
            elif (ROOT / source).exists():
                shutil.copy(ROOT / source, copy / source)
        gather(copy)
        faults = [fault for language in LANGUAGES for fault in faults_of(copy, language)]
    print("\n".join(faults) or "Every text is translated.")
    if faults:
        print(f"{len(faults)} texts to mend: `make messages` gathers them into locale/.")
    return 1 if faults else 0


def faults_of(folder: Path, language: str) -> Iterator[str]:
    """One line a text of ``language`` that has no translation, an unsure one, or other placeholders."""
    catalog = polib.pofile(str(folder / "locale" / language / "LC_MESSAGES" / "django.po"))
    for entry in catalog:
        if entry.obsolete:
            continue
        texts = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
        where = entry.occurrences[0][0] if entry.occurrences else "?"
        if entry.fuzzy:
            yield f"{language}: unsure: {entry.msgid!r} ({where})"
        elif language == SOURCE_LANGUAGE and not any(texts):
            continue
        elif not all(texts):
            yield f"{language}: missing: {entry.msgid!r} ({where})"
        elif not all(same_placeholders(entry, text) for text in texts):
            yield f"{language}: other placeholders than the source: {entry.msgid!r} ({where})"


def same_placeholders(entry: polib.POEntry, text: str) -> bool:
    """Whether ``text`` fills in what its source does; one form of a plural may leave the number out."""
    sources = {entry.msgid, entry.msgid_plural or entry.msgid}
    found = sorted(PLACEHOLDER.findall(text))
    return any(found == sorted(PLACEHOLDER.findall(source)) for source in sources)


if __name__ == "__main__":
    sys.exit(main())
