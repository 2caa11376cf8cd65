"""What a column of a spreadsheet is: declared once, for the template, the import, the export and the administration.

    class MemberResource(SheetResource):
        slug, title = "members", _("Members")
        full_name = SheetField("full_name", label=_("Full name"), kind="name", required=True, synonyms=("Họ tên",))

        class Meta:
            model = Member
            fields = ("full_name",)

In the administration columns bear the fields' own names; templates and exports have the labels of the reader's
language. Whatever comes in is found by either, by the labels of all languages and by the synonyms.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import override
from import_export import resources, widgets
from import_export.fields import Field

from hkh.core.sheets.cleaning import EMPTY, Cleaned, Kind, Remark, clean_cell
from hkh.core.text import search_key

Choices = Sequence[tuple[Any, Any]]


class SheetWidget(widgets.Widget):
    """Reads a cell of django-import-export as the import reads it, and writes it for the administration."""

    def __init__(self, field: SheetField) -> None:
        self.field = field

    def clean(self, value: Any, row: Mapping[str, Any] | None = None, **kwargs: Any) -> Any:
        """Raises: ValueError with the sentence of what is wrong."""
        cleaned, remark = self.field.read(value)
        if remark is not None and remark.refuses:
            raise ValueError(str(remark))
        return cleaned

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        """Choices by their stored value and days as 2024-09-05: the same in every language."""
        if value is None:
            return ""
        if isinstance(value, bool):
            return "1" if value else "0"
        return value.isoformat() if isinstance(value, date) else str(value)


class SheetField(Field):
    """A column.

    ``label`` heads it; ``synonyms`` are what real sheets call it. ``source`` is where an export finds it from the
    list's rows (a path, an expression, or for ``day_or_year`` the paths of day and year), the ``attribute`` unless
    told otherwise. ``choices`` are (value, label) pairs or a function that gives them; ``words`` are other ways to
    write a value. ``readonly`` columns go out and never come in; ``is_key`` names the row that a line is about.
    ``shown`` columns stand in an export unless somebody chooses otherwise.
    """

    def __init__(
        self,
        attribute: str | None = None,
        *,
        label: str | Promise,
        kind: Kind = "text",
        synonyms: tuple[str, ...] = (),
        required: bool = False,
        choices: Choices | Callable[[], Choices] = (),
        words: Mapping[Any, tuple[str, ...]] | None = None,
        note: str | Promise = "",
        example: Any = "",
        source: Any = None,
        max_length: int | None = None,
        is_key: bool = False,
        shown: bool = True,
        sensitive: bool = False,
        width: int | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("widget", SheetWidget(self))
        super().__init__(attribute, **kwargs)
        self.label, self.kind, self.synonyms, self.required = label, kind, synonyms, required
        self._choices, self.words = choices, words or {}
        self.note, self.example, self.source = note, example, attribute if source is None else source
        self.max_length, self.is_key, self.shown, self.sensitive = max_length, is_key, shown, sensitive
        self.width = width
        self._values: dict[str, Any] | None = None

    @property
    def key(self) -> str:
        """Its name in the resource."""
        return str(self.column_name)

    @property
    def choices(self) -> list[tuple[Any, str]]:
        """Values with their labels in the language in use, those without a label left out."""
        offered = self._choices() if callable(self._choices) else self._choices
        return [(value, str(label)) for value, label in offered if value not in (None, "")]

    def read(self, raw: Any, *, legacy: str = "", starts_1904: bool = False) -> Cleaned:
        """What ``raw`` says in this column, and a remark or None; see ``clean_cell``. No query."""
        value, remark = clean_cell(self.kind, raw, legacy=legacy, starts_1904=starts_1904)
        if remark is not None and remark.refuses:
            return value, remark
        if self.kind == "choice" and value != "":
            return self._chosen(value, remark)
        if self.max_length and isinstance(value, str) and len(value) > self.max_length:
            text = _("“%(text)s…” is too long: at most %(most)s characters.")
            return None, Remark("too_long", text % {"text": value[:40], "most": self.max_length}, refuses=True)
        if self.required and value == EMPTY.get(self.kind):
            text = _("“%(column)s” is empty. Fill it in.")
            return None, Remark("required", text % {"column": self.label}, refuses=True)
        return value, remark

    def settled(self) -> SheetField:
        """This column with the choices that there are now, and no others: for a whole sheet. 1 query at most."""
        settled = copy(self)
        settled._choices = list(self._choices() if callable(self._choices) else self._choices)
        settled._values = settled._known_values()
        return settled

    def _chosen(self, text: str, remark: Remark | None) -> Cleaned:
        if self._values is None or callable(self._choices):
            self._values = self._known_values()
        key = _key(text)
        if key in self._values:
            return self._values[key], remark
        offered = ", ".join(label for _value, label in self.choices)
        sentence = _("“%(text)s” is not one of the choices: %(choices)s.")
        return None, Remark("choice", sentence % {"text": text[:60], "choices": offered}, refuses=True)

    def _known_values(self) -> dict[str, Any]:
        """Values by whatever may stand for them: themselves, their labels in all languages, other words."""
        known: dict[str, Any] = {}
        for code, _name in settings.LANGUAGES:
            with override(code):
                known |= {_key(label): value for value, label in self.choices}
        known |= {_key(word): value for value, words in self.words.items() for word in words}
        return known | {_key(str(value)): value for value, _label in self.choices}


class SheetResource(resources.ModelResource):
    """The columns of one kind of sheet, in the order of ``Meta.fields``."""

    #: Short and for good: part of addresses and file names.
    slug: ClassVar[str]
    title: ClassVar[str | Promise]

    @classmethod
    def sheet_columns(cls) -> list[SheetField]:
        """Its columns, in their order; each call looks up anew what there is to choose from."""
        named = (cls.fields[name] for name in cls._meta.fields)
        return [copy(field) for field in named if isinstance(field, SheetField)]

    @classmethod
    def columns_in(cls) -> list[SheetField]:
        """Those that a sheet may bring in: the template's columns."""
        return [column for column in cls.sheet_columns() if not column.readonly]

    @classmethod
    def offered(cls, column: SheetField, user: Any) -> list[str]:
        """What the template's drop-down of ``column`` holds for ``user``; nothing for none."""
        return [label for _value, label in column.choices]

    def get_import_order(self) -> list[str]:
        """In the administration stand the columns that are a row's own; the others belong to lists."""
        return [name for name in self._meta.fields if name in self.fields and self.fields[name].attribute]

    get_export_order = get_import_order

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Headings of a template or an export come in as well as the fields' own names."""
        if dataset.headers:
            known = match_headings(dataset.headers, self.columns_in())
            dataset.headers = [known.get(n, heading) for n, heading in enumerate(dataset.headers)]
        super().before_import(dataset, **kwargs)


class ListResource(SheetResource):
    """The columns of a list that only goes out, in the order in which they are declared (``going_out``)."""

    @classmethod
    def sheet_columns(cls) -> list[SheetField]:
        return [copy(field) for field in cls.fields.values() if isinstance(field, SheetField)]


def going_out(source: Any, label: str | Promise, kind: Kind = "text", **facts: Any) -> SheetField:
    """A column that never comes in: ``source`` as ``SheetField`` has it, or the path of a computed line's attribute."""
    return SheetField(label=label, source=source, kind=kind, readonly=True, **facts)


@dataclass(frozen=True, slots=True)
class _Name:
    """One way to head a column: its words, and whether they are its own or a synonym."""

    key: str
    words: tuple[str, ...]
    is_own: bool


def match_headings(headings: Sequence[Any], columns: Iterable[SheetField]) -> dict[int, str]:
    """Which column stands under each heading: position -> key. What is left out stands for no column.

    The same for any spelling of marks, case and spaces. A heading that is a column's name comes before one that
    begins with it ("Ngày sinh (dd/mm/yyyy)"), and that before one that holds its words; a column is given once.
    """
    said = [_heading_words(heading) for heading in headings]
    names = [name for column in columns for name in _names_of(column)]
    sure = [
        (score, -position, name.key)
        for position, words in enumerate(said)
        for name in names
        if (score := _likeness(words, name))
    ]
    found: dict[int, str] = {}
    for _score, position, key in sorted(sure, reverse=True):
        if -position not in found and key not in found.values():
            found[-position] = key
    return found


def _likeness(said: tuple[str, ...], name: _Name) -> int:
    """How sure ``said`` means ``name``: 0 for not at all; equal counts most, then a beginning, then all its words."""
    words = name.words
    if not said or not words:
        return 0
    if said == words:
        return 1000 if name.is_own else 900
    size = len(words)
    if len(said) > _LONGEST_HEADING:
        return 0
    if said[:size] == words and (size > 1 or len(words[0]) > 3):
        return 500 + size
    if size > 1 and any(said[n : n + size] == words for n in range(len(said) - size + 1)):
        return 100 + size
    return 0


#: More words are a sentence that explains, no heading.
_LONGEST_HEADING = 12
_IN_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_NO_WORD = re.compile(r"[^0-9a-z_]+")


def _heading_words(heading: Any) -> tuple[str, ...]:
    text = "" if heading is None else str(heading)
    outside = _IN_BRACKETS.sub(" ", text)
    return _words(outside if outside.strip(" *:.") else text)


def _words(text: str) -> tuple[str, ...]:
    return tuple(_NO_WORD.sub(" ", search_key(text)).split())


def _names_of(column: SheetField) -> list[_Name]:
    """What may head ``column``: its own names (the key, its labels in all languages), and its synonyms."""
    own = {column.key}
    for code, _name in settings.LANGUAGES:
        with override(code):
            own.add(str(column.label))
    ways = {
        (words, is_own)
        for names, is_own in ((own, True), (column.synonyms, False))
        for name in names
        for words in (_words(name), _heading_words(name))
    }
    return [_Name(column.key, words, is_own) for words, is_own in ways]


def _key(text: str) -> str:
    return " ".join(_words(text)) or text.strip().lower()
