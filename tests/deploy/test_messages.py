"""Gathering and checking the texts to translate."""

from pathlib import Path

import polib
import pytest

from deploy import messages

FRESH = """
# SOME DESCRIPTIVE TITLE.
#, fuzzy
msgid ""
msgstr ""
"Project-Id-Version: PACKAGE VERSION\\n"
"POT-Creation-Date: 2026-11-24 10:08+0700\\n"
"Last-Translator: FULL NAME <EMAIL@ADDRESS>\\n"
"Language: \\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

#: funds/models.py
msgid "Fund"
msgstr "Quỹ"
"""
TIDY = """#
msgid ""
msgstr ""
"Project-Id-Version: HKH\\n"
"Language: vi\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

#: funds/models.py
msgid "Fund"
msgstr "Quỹ"
"""


def write(folder: Path, text: str, language: str = "vi") -> Path:
    path = folder / "locale" / language / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_tidy_catalogue_says_nothing_that_changes_and_names_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "LANGUAGES", ("vi",))
    path = write(tmp_path, FRESH)
    messages.tidy(tmp_path)
    assert path.read_text(encoding="utf-8") == TIDY
    messages.tidy(tmp_path)
    assert path.read_text(encoding="utf-8") == TIDY


@pytest.mark.parametrize(
    ("entry", "faults"),
    [
        ('msgid "Fund"\nmsgstr "Quỹ"', []),
        ('msgid "Fund"\nmsgstr ""', ["vi: missing: 'Fund' (funds/models.py)"]),
        ('#, fuzzy\nmsgid "Fund"\nmsgstr "Quỹ"', ["vi: unsure: 'Fund' (funds/models.py)"]),
        (
            'msgid "%(n)s left"\nmsgstr "còn %(m)s"',
            ["vi: other placeholders than the source: '%(n)s left' (funds/models.py)"],
        ),
        ('msgid "one"\nmsgid_plural "%(n)s of them"\nmsgstr[0] "%(n)s cái"', []),
    ],
)
def test_a_fault_is_named_with_its_text_and_its_file(tmp_path: Path, entry: str, faults: list[str]) -> None:
    write(tmp_path, FRESH.split("#: funds")[0] + "#: funds/models.py\n" + entry + "\n")
    assert list(messages.faults_of(tmp_path, "vi")) == faults


def test_english_may_stand_as_it_is(tmp_path: Path) -> None:
    write(tmp_path, FRESH.split("#: funds")[0] + 'msgid "Fund"\nmsgstr ""\n', "en")
    assert list(messages.faults_of(tmp_path, "en")) == []


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_the_catalogues_kept_are_whole(language: str) -> None:
    assert list(messages.faults_of(messages.ROOT, language)) == []


@pytest.mark.parametrize("language", messages.LANGUAGES)
def test_the_catalogues_kept_hold_the_same_texts(language: str) -> None:
    kept = {
        option: {
            (entry.msgctxt, entry.msgid)
            for entry in polib.pofile(str(messages.ROOT / "locale" / option / "LC_MESSAGES" / "django.po"))
        }
        for option in (language, messages.SOURCE_LANGUAGE)
    }
    assert kept[language] == kept[messages.SOURCE_LANGUAGE]
