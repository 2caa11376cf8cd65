"""Sheets that take the worker a while."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

from hkh.core.jobs import JobContext, JobRefused, job
from hkh.core.money import format_number
from hkh.core.sheets.exporting import CONTENT_TYPES, export, file_name
from hkh.core.sheets.lists import list_called
from hkh.core.sheets.selecting import Form

#: A sheet of members is personal data: it lies about no longer than it takes to fetch it.
DAYS_KEPT = 3


@job("sheets.export")
def export_list(context: JobContext, *, slug: str, query: str, columns: Sequence[str], form: str) -> dict[str, Any]:
    """The list ``slug`` as ``query`` narrows it, with the rights that its owner has now."""
    wanted = list_called(slug)
    asked = QueryDict(query)
    try:
        found = wanted.find(context.by, asked)
    except (Http404, PermissionDenied):
        raise JobRefused(_("This list is no longer yours to see.")) from None
    context.progress(1, _("Counting the rows"))
    total = found.count()

    def tell(written: int) -> None:
        note = _("%(written)s of %(total)s rows") % {
            "written": format_number(written),
            "total": format_number(total),
        }
        context.progress(2 + 96 * written / max(total, 1), note)

    kind = Form(form)
    chosen = [column for column in wanted.columns() if column.key in columns]
    with context.file_of(name=file_name(wanted.title, kind), content_type=CONTENT_TYPES[kind], days=DAYS_KEPT) as path:
        count = export(found.ordered(asked), chosen, kind, path, title=str(wanted.title), tell=tell)
    return {"rows": count}
