"""Compiling message catalogues without gettext's own tools."""

import gettext
import os
from pathlib import Path

from hkh.core.catalogs import compile_catalogs

PO = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

msgid "Fund"
msgstr "Quỹ"

msgctxt "month"
msgid "May"
msgstr "Tháng Năm"

msgid "%(n)s gift"
msgid_plural "%(n)s gifts"
msgstr[0] "%(n)s phần quà"

#, fuzzy
msgid "Donor"
msgstr "Người cho"
"""


def write_catalog(folder: Path, text: str) -> Path:
    path = folder / "vi" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_compiled_is_read_by_gettext(tmp_path: Path) -> None:
    source = write_catalog(tmp_path, PO)
    assert compile_catalogs([tmp_path]) == [source.with_suffix(".mo")]
    translations = gettext.translation("django", tmp_path, ["vi"])
    assert translations.gettext("Fund") == "Quỹ"
    assert translations.pgettext("month", "May") == "Tháng Năm"
    assert translations.ngettext("%(n)s gift", "%(n)s gifts", 5) == "%(n)s phần quà"


def test_an_unsure_translation_is_left_out(tmp_path: Path) -> None:
    write_catalog(tmp_path, PO)
    compile_catalogs([tmp_path])
    assert gettext.translation("django", tmp_path, ["vi"]).gettext("Donor") == "Donor"


def test_only_what_changed_is_compiled_again(tmp_path: Path) -> None:
    source = write_catalog(tmp_path, PO)
    compile_catalogs([tmp_path])
    assert compile_catalogs([tmp_path]) == []
    write_catalog(tmp_path, PO.replace("Quỹ", "Quỹ tiền"))
    later = source.stat().st_mtime + 10
    os.utime(source, (later, later))
    assert compile_catalogs([tmp_path]) == [source.with_suffix(".mo")]
    assert gettext.translation("django", tmp_path, ["vi"]).gettext("Fund") == "Quỹ tiền"
