"""Work of the money done by the worker."""

from __future__ import annotations

from typing import Any

from django.template.defaultfilters import slugify
from django.utils import translation
from django.utils.translation import gettext as _

from funds.account_books import books_of, render_books
from funds.honours import asked_gifts, render_book, render_paper
from funds.models import Fund, Paper
from funds.papers.printing import render_papers
from funds.queries.honours import levels_for, roll_of_honour
from hkh.core.dates import Period, today
from hkh.core.jobs import JobContext, JobRefused, job
from hkh.core.money import format_number
from hkh.core.pdf import MIME_TYPE
from hkh.core.text import search_key
from hkh.core.workbooks import MIME_TYPE as BOOK_TYPE
from members.models import Unit
from members.rules import Verb, may


@job("funds.honour")
def honour(context: JobContext, *, unit: str, period: str) -> dict[str, Any]:
    """The roll of honour as a paper for the wall and as a workbook. ``period`` empty: of all years."""
    found = Unit.objects.visible_to(context.by).filter(code=unit).first()
    if found is None or not may(context.by, Verb.MAKE_REPORT, found):
        raise JobRefused(_("You may no longer make reports of this unit."))
    asked = Period.parse(period) if period else None
    gifts, levels = asked_gifts(context.by, found, asked), levels_for(found, day=today())
    context.progress(10, _("Reading the figures"))
    roll = roll_of_honour(gifts, levels=levels)
    if not roll:
        raise JobRefused(_("Nobody stands on this roll. Choose another period, or lower the levels."))
    name = slugify(search_key(f"bang-vang {found.code} {period or 'tat-ca'}"))
    context.progress(30, _("Writing the workbook"))
    book = render_book(roll, unit=found, period=asked)
    context.progress(50, _("Setting the pages"))
    with translation.override("vi"):
        in_vietnamese = roll_of_honour(gifts, levels=levels)
    pdf = render_paper(in_vietnamese, unit=found, period=asked)
    context.progress(95, _("Keeping the files"))
    context.keep_file(name=f"{name}.pdf", content=pdf, content_type=MIME_TYPE)
    context.keep_file(name=f"{name}.xlsx", content=book, content_type=BOOK_TYPE)
    return {"unit": found.code, "donors": len(roll)}


@job("funds.books")
def books(context: JobContext, *, unit: str, period: str, below: bool, fund: int | None) -> dict[str, Any]:
    """The books of a fund or a unit as a workbook."""
    found = Unit.objects.visible_to(context.by).filter(code=unit).first()
    if found is None or not may(context.by, Verb.MAKE_REPORT, found):
        raise JobRefused(_("You may no longer make reports of this unit."))
    context.progress(10, _("Reading the figures"))
    try:
        asked = books_of(context.by, found, Period.parse(period), below=below, fund=fund)
    except Fund.DoesNotExist:
        raise JobRefused(_("You may no longer see this fund.")) from None
    context.progress(20, _("Writing the workbook"))
    content = render_books(asked)
    context.progress(95, _("Keeping the files"))
    context.keep_file(name=asked.file_name, content=content, content_type=BOOK_TYPE)
    return {"unit": found.code, "period": period, "funds": len(asked.funds)}


@job("funds.papers")
def papers(context: JobContext, *, papers: list[int], address: str) -> dict[str, Any]:
    """Papers, issued already, in one document, in the order asked for."""
    seen = Paper.objects.visible_to(context.by).in_bulk(papers)
    if len(seen) < len(papers):
        raise JobRefused(_("You may no longer see all of these papers."))
    asked = [seen[pk] for pk in papers]
    said = {"count": format_number(len(asked))}
    context.progress(10, _("Setting the pages (%(count)s)") % said)

    def told(done: int) -> None:
        context.progress(10 + 80 * done // len(asked), _("Setting the pages (%(count)s)") % said)

    with translation.override("vi"):
        pdf = render_papers(asked, address=address, told=told)
    context.progress(95, _("Keeping the files"))
    first = asked[0]
    name = slugify(search_key(f"{first.sign} {first.unit.code}" if len(asked) == 1 else f"{first.kind} {len(asked)}"))
    context.keep_file(name=f"{name}.pdf", content=pdf, content_type=MIME_TYPE)
    return {"papers": len(asked)}
