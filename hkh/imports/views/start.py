"""Where a sheet begins: which kind, its template, the file."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.defaultfilters import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from hkh.core.sheets.importing import SheetImport
from hkh.core.sheets.templates import render_template
from hkh.core.text import search_key
from hkh.core.workbooks import MIME_TYPE
from hkh.imports import actions
from hkh.imports.forms import UploadForm
from hkh.imports.lists import runs_of
from hkh.imports.registry import SHEETS, sheets_for
from hkh.imports.tables import RunTable
from members.here import user_of

#: Runs that the first page shows.
_LATEST = 8


@require_GET
@login_required
def sheet_list(request: HttpRequest) -> HttpResponse:
    """The kinds of sheets that the account may bring in, and its latest runs. 3 queries."""
    runs = list(mine(request)[:_LATEST])
    return render(
        request,
        "imports/sheet_list.html",
        {
            "title": _("Excel in and out"),
            "sheets": sheets_for(request.user),
            "table": RunTable(runs, request=request) if runs else None,
        },
    )


@require_http_methods(["GET", "POST"])
@login_required
def run_add(request: HttpRequest, slug: str) -> HttpResponse:
    """What the sheet needs, and the file."""
    sheet = sheet_of(request, slug)
    options = sheet.options(user_of(request), request.POST or None, initial=request.GET.dict())
    asked = options if slug in _ASKED_FIRST else None
    form = UploadForm(request.POST or None, request.FILES or None)
    refusal = ""
    if request.method == "POST" and form.is_valid() and (asked is None or asked.is_valid()):
        try:
            run = actions.hand_in(
                sheet=sheet,
                upload=form.cleaned_data["file"],
                by=user_of(request),
                options=asked.said() if asked else {},  # type: ignore[attr-defined]
                idempotency_key=form.cleaned_data["idempotency_key"],
            )
            return redirect("imports:run-detail", run.pk)
        except ValidationError as refused:
            refusal, form = " ".join(refused.messages), UploadForm()
    return render(
        request,
        "imports/run_add.html",
        {
            "title": _("Bring in: %(sheet)s") % {"sheet": sheet.title},
            "sheet": sheet,
            "form": form,
            "refusal": refusal,
            "options": asked,
            "columns": [_described(column) for column in sheet.resource.columns_in()],
        },
    )


@require_GET
@login_required
def template_download(request: HttpRequest, slug: str) -> HttpResponse:
    """The empty sheet with its headings, drop-downs and notes."""
    sheet = sheet_of(request, slug)
    return template_response(sheet.resource, request.user)


def template_response(resource: Any, user: Any) -> HttpResponse:
    response = HttpResponse(render_template(resource, user), content_type=MIME_TYPE)
    name = slugify(search_key(_("Template %(list)s") % {"list": resource.title}))
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


def sheet_of(request: HttpRequest, slug: str) -> SheetImport:
    """The kind of sheet. Raises: Http404, PermissionDenied."""
    if slug not in SHEETS:
        raise Http404
    actions.require_sheet(request.user, SHEETS[slug])
    return SHEETS[slug]


def mine(request: HttpRequest) -> Any:
    """The runs of the account itself: nobody sees another's, whatever the role."""
    return runs_of(request.user, QueryDict()).ordered({})


def say(request: HttpRequest, refusal: Any) -> None:
    """A refusal, on the next page."""
    for sentence in refusal.messages:
        messages.error(request, sentence)


#: Sheets that say nothing without what is asked along with the file.
_ASKED_FIRST = frozenset({"awards"})


def _described(column: Any) -> dict[str, Any]:
    choices = ", ".join(label for _value, label in column.choices[:12])
    return {"label": column.label, "required": column.required, "note": column.note, "choices": choices}
