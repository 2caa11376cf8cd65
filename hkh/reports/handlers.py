"""Reports made by the worker."""

from __future__ import annotations

from typing import Any

from django.template.defaultfilters import slugify
from django.utils import timezone
from django.utils.translation import gettext as _

from hkh.core.dates import Period, today
from hkh.core.jobs import JobContext, JobRefused, job
from hkh.core.papers.book import render_book
from hkh.core.papers.document import render_pdf_of
from hkh.core.text import search_key
from hkh.core.workbooks import MIME_TYPE
from hkh.indicators.lens import Lens
from hkh.reports.drafts import draft_of, letterhead, words
from hkh.reports.periodic import periodic_report
from members.models import Unit
from members.rules import Verb, may


@job("report.periodic")
def periodic(context: JobContext, *, unit: str, period: str, tree: str) -> dict[str, Any]:
    """The PDF of a period's report with its workbook inside, and the workbook by itself."""
    found = Unit.objects.visible_to(context.by).filter(code=unit).select_related("parent", "place").first()
    if found is None or not may(context.by, Verb.MAKE_REPORT, found):
        raise JobRefused(_("You may no longer make reports of this unit."))
    lens = Lens(found, Period.parse(period), today() if tree == "today" else None)
    context.progress(5, _("Reading the figures"))
    draft = draft_of(lens)
    report = periodic_report(lens, letterhead=letterhead(draft), words=words(draft))
    context.progress(30, _("Writing the workbook"))
    book = render_book(report, created_at=timezone.now())
    name = slugify(search_key(f"bao-cao {found.code} {lens.period.code}"))
    context.progress(45, _("Drawing the charts and setting the pages"))
    pdf = render_pdf_of(report, workbook=book, name=name)
    context.progress(95, _("Keeping the files"))
    context.keep_file(name=f"{name}.pdf", content=pdf, content_type="application/pdf")
    context.keep_file(name=f"{name}.xlsx", content=book, content_type=MIME_TYPE)
    return {"unit": found.code, "period": lens.period.code}
