"""What a report says: typed headings, paragraphs, tables, pictures. How it is drawn is the renderers' business."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hkh.core.charts import Spec
from hkh.core.workbooks import Column


@dataclass(frozen=True)
class Table:
    """Rows by column key; columns say how a value is written and summed (the workbook's own columns).

    ``total`` holds the totals as the indicators give them: what the sums of the rows must come to.
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]
    total: Mapping[str, Any] | None = None
    note: str = ""


@dataclass(frozen=True)
class Section:
    """A numbered part: paragraphs, then tables, then pictures, then parts of its own."""

    number: str
    heading: str
    paragraphs: Sequence[str] = ()
    tables: Sequence[Table] = ()
    pictures: Sequence[Spec] = ()
    sections: Sequence[Section] = ()


@dataclass(frozen=True)
class Letterhead:
    """The official frame of Nghị định 30/2020: who writes, number, place and day, recipients, signature."""

    parent_body: str
    body: str
    number: str
    place: str
    day: date
    recipients: Sequence[str]
    on_behalf: str
    signer_title: str
    signer: str


@dataclass(frozen=True)
class Party:
    """Who signs beside others: on behalf of whom, and the name where it is known."""

    on_behalf: str
    name: str = ""


@dataclass(frozen=True)
class Report:
    """A whole report: ``sections`` and ``annexes`` make the document, ``sheets`` the workbook.

    ``facts`` are (label, value): unit, period, tree. With ``parties`` these sign side by side, instead of the one who
    signs for the body of the letterhead.
    """

    slug: str
    title: str
    subject: str
    letterhead: Letterhead
    opening: str
    sections: Sequence[Section]
    annexes: Sequence[Table]
    sheets: Sequence[Table]
    facts: Sequence[tuple[str, str]] = field(default_factory=list)
    parties: Sequence[Party] = ()

    @property
    def full_title(self) -> str:
        """ "Báo cáo công tác khuyến học quý III năm 2026"."""
        return f"{self.title.capitalize()} {self.subject[:1].lower()}{self.subject[1:]}"
