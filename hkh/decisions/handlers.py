"""Handover protocols made by the worker."""

from __future__ import annotations

from typing import Any

from django.template.defaultfilters import slugify
from django.utils import timezone
from django.utils.translation import gettext as _

from hkh.core.jobs import JobContext, JobRefused, job
from hkh.core.papers.book import render_book
from hkh.core.papers.document import render_pdf_of
from hkh.core.text import search_key
from hkh.core.workbooks import MIME_TYPE
from hkh.decisions.actions import plan_of
from hkh.decisions.protocol import heirs_of, protocol
from members.models import Decision, DecisionState

KIND = "decision.handover"


@job(KIND)
def handover(context: JobContext, *, decision: int, heir: int | None) -> dict[str, Any]:
    """The protocol of one decision as PDF with its tables inside, and these as a workbook."""
    seen = Decision.objects.visible_to(context.by).select_related("unit__parent", "unit__place")
    found = seen.filter(pk=decision, state=DecisionState.APPLIED).first()
    if found is None:
        raise JobRefused(_("The decision is no longer one that you may see and that was carried out."))
    context.progress(10, _("Reading what was handed over"))
    plan = plan_of(found)
    if heir is not None and heir not in dict(heirs_of(plan)):
        raise JobRefused(_("Nothing was handed over to that unit."))
    paper = protocol(found, plan, heir=heir)
    context.progress(30, _("Writing the workbook"))
    book = render_book(paper, created_at=timezone.now())
    name = slugify(search_key(f"bien-ban-ban-giao {found} {dict(heirs_of(plan)).get(heir or 0, '')}"))[:80]
    context.progress(45, _("Setting the pages"))
    pdf = render_pdf_of(paper, workbook=book, name=name)
    context.progress(95, _("Keeping the files"))
    context.keep_file(name=f"{name}.pdf", content=pdf, content_type="application/pdf")
    context.keep_file(name=f"{name}.xlsx", content=book, content_type=MIME_TYPE)
    return {"decision": found.pk}
