"""The roll of honour as a paper to hang on a wall, and as a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from funds.models import Donation
from funds.queries.honours import Honoured
from hkh.core.dates import Period, today
from hkh.core.pdf import Metadata, render_pdf
from hkh.core.workbooks import Book, Column, Sheet, render_workbook
from members.here import stood_below
from members.models import Unit, User

STYLESHEET = "css/honour.css"
#: A wall has room for so many names; the workbook has them all.
MOST_ON_PAPER = 300


def asked_gifts(user: User, unit: Unit, period: Period | None) -> QuerySet[Donation]:
    """The gifts to ``unit`` and to all below it that ``user`` may see, as the tree stood on their days."""
    gifts = Donation.objects.visible_to(user).filter(stood_below(unit, on="received_on"))
    if period is None:
        return gifts
    return gifts.filter(received_on__gte=period.starts_on, received_on__lt=period.ends_before)


def title_of(unit: Unit, period: Period | None) -> str:
    said = {"unit": unit.name, "when": period.phrase if period else _("all years")}
    return _("Roll of honour of %(unit)s, %(when)s") % said


def render_paper(roll: Sequence[Honoured], *, unit: Unit, period: Period | None) -> bytes:
    """The roll as a PDF, in Vietnamese, whatever the language in use: it hangs where everybody reads it."""
    with translation.override("vi"):
        html = paper_html(roll, unit=unit, period=period)
        title = title_of(unit, period)
    about = Metadata(title=title, authors=[settings.HKH_ASSOCIATION])
    return render_pdf(html, stylesheets=(STYLESHEET,), metadata=about)


def paper_html(roll: Sequence[Honoured], *, unit: Unit, period: Period | None) -> str:
    """The paper before it is set: level by level, the most first."""
    shown = list(roll[:MOST_ON_PAPER])
    groups = [(level, list(rows)) for level, rows in groupby(shown, key=lambda row: row.level)]
    context: dict[str, Any] = {
        "title": title_of(unit, period),
        "unit": unit,
        "when": period.phrase if period else "",
        "groups": groups,
        "today": today(),
        "rest": len(roll) - len(shown),
    }
    return render_to_string("funds/honour_paper.html", context)


def render_book(roll: Sequence[Honoured], *, unit: Unit, period: Period | None) -> bytes:
    """All of the roll as a workbook."""
    columns = (
        Column("rank", _("Rank"), "int", total="none"),
        Column("name", _("Donor"), "text"),
        Column("kind", _("Kind of donor"), "text"),
        Column("level", _("Level"), "text"),
        Column("gifts", _("Gifts"), "int"),
        Column("given_vnd", _("Amount (đồng)"), "vnd"),
    )
    rows = ({column.key: getattr(row, column.key) for column in columns} for row in roll)
    title = title_of(unit, period)
    sheet = Sheet(_("Roll of honour"), columns, rows, heading=title, landscape=False)
    return render_workbook(Book(title, (sheet,), timezone.now(), author=settings.HKH_ASSOCIATION))
