"""A draft filled from a sheet: the template to fill in, the upload, and what is wrong with it line by line."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePath

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from hkh.core.money import format_number
from hkh.core.workbooks import MIME_TYPE
from hkh.decisions import actions
from hkh.decisions.forms import SheetForm
from hkh.decisions.sheets import Reading
from hkh.decisions.views.here import decision_here
from members.here import user_of
from members.models import Decision
from members.views.here import done, organisation_page, shell

MOST_TOLD = 300


@organisation_page
@require_GET
def sheet_template(request: HttpRequest, pk: int) -> HttpResponse:
    """The workbook to fill in."""
    decision_here(request, pk, to_change=True)
    response = HttpResponse(actions.render_sheet(), content_type=MIME_TYPE)
    response["Content-Disposition"] = 'attachment; filename="quyet-dinh.xlsx"'
    return response


@organisation_page
@require_http_methods(["GET", "POST"])
def sheet_add(request: HttpRequest, pk: int) -> HttpResponse:
    """All changes of a sheet, or none where a line is wrong; then each line says what."""
    decision = decision_here(request, pk, to_change=True)
    back = reverse("decisions:decision-detail", args=[pk])
    if not decision.is_draft:
        return redirect(back)
    form = SheetForm(request.POST or None, request.FILES or None)
    read: list[Reading] = []
    if done(form, lambda: read.append(_add(request, decision, form.cleaned_data["sheet"]))) and not read[0].faults:
        count = len(read[0].changes)
        text = ngettext("%(n)s change stands in the decision.", "%(n)s changes stand in the decision.", count)
        messages.success(request, text % {"n": format_number(count)})
        return redirect(f"{back}#changes")
    faults = read[0].faults if read else []
    return render(
        request,
        "decisions/sheet_form.html",
        {
            "title": _("Changes from a sheet"),
            "lede": str(decision),
            "here": shell(request, decision.unit),
            "form": form,
            "faults": faults[:MOST_TOLD],
            "fault_count": len(faults),
            "line_count": read[0].lines if read else 0,
            "template_url": reverse("decisions:sheet-template", args=[pk]),
            "back_url": back,
        },
    )


def _add(request: HttpRequest, decision: Decision, file: UploadedFile) -> Reading:
    """The verb reads from a path; what was uploaded stands there for that long."""
    name = PurePath(file.name or "").name
    with tempfile.NamedTemporaryFile(suffix=PurePath(name).suffix[:8]) as kept:
        for chunk in file.chunks():
            kept.write(chunk)
        kept.flush()
        return actions.add_sheet(decision=decision, path=Path(kept.name), name=name, by=user_of(request))
