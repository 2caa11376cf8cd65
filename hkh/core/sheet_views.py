"""Lists going out as sheets."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from hkh.core import jobs
from hkh.core.models import ListColumns
from hkh.core.money import format_number
from hkh.core.sheets.columns import SheetField, SheetResource
from hkh.core.sheets.exporting import CONTENT_TYPES, export, file_name
from hkh.core.sheets.lists import Computed, Found, SheetList, list_called
from hkh.core.sheets.selecting import Form
from hkh.core.templatetags.hkh_ui import CURSORS

#: Up to so many rows are made while one waits; more are the worker's.
MOST_AT_ONCE = 5_000


@dataclass(frozen=True)
class Export:
    """What the button of a list leads to."""

    url: str


def export_of(request: HttpRequest, resource: type[SheetResource], **said: str) -> Export:
    """The export of the list on the page, as it is narrowed and sorted; ``said`` is what the address left open. No
    query."""
    query = request.GET.copy()
    for name in CURSORS:
        query.pop(name, None)
    for name, value in said.items():
        query[name] = value
    return Export(f"{reverse('core:list-export', args=[resource.slug])}?{query.urlencode()}")


@require_http_methods(["GET", "POST"])
@login_required
def list_export(request: HttpRequest, slug: str) -> HttpResponse:
    """Which columns, and as what; on a post the sheet itself or, where it is long, the work that makes it."""
    wanted = list_called(slug)
    found = wanted.find(request.user, request.GET)
    count = found.count(MOST_AT_ONCE + 1)
    if request.method == "POST":
        return _made(request, wanted, found, is_long=count > MOST_AT_ONCE)
    template = "core/_list_export.html" if getattr(request, "htmx", False) else "core/list_export.html"
    chosen = _remembered(request, wanted)
    return render(
        request,
        template,
        {
            "title": _("Take out: %(list)s") % {"list": wanted.title},
            "action": request.get_full_path(),
            "columns": [(column, column.key in chosen) for column in wanted.columns()],
            "is_long": count > MOST_AT_ONCE,
            "count": _counted(count),
            "key": uuid4(),
        },
    )


def _made(request: HttpRequest, wanted: SheetList, found: Found[Any] | Computed, *, is_long: bool) -> HttpResponse:
    columns = _chosen(request, wanted)
    form = Form.CSV if request.POST.get("form") == Form.CSV.value else Form.XLSX
    if is_long:
        jobs.enqueue(
            "sheets.export",
            by=request.user,
            key=f"export {request.POST.get('key', '')[:60]}" if request.POST.get("key") else None,
            title=_("%(list)s as %(kind)s") % {"list": wanted.title, "kind": form.name},
            slug=wanted.slug,
            query=request.GET.urlencode(),
            columns=[column.key for column in columns],
            form=form.value,
        )
        messages.success(request, _("The sheet is being made. It will stand here when it is done."))
        return redirect("core:job-list")
    target = BytesIO()
    export(found.ordered(request.GET), columns, form, target, title=str(wanted.title))
    response = HttpResponse(target.getvalue(), content_type=CONTENT_TYPES[form])
    return _attached(response, file_name(wanted.title, form))


def _attached(response: HttpResponse, name: str) -> HttpResponse:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _remembered(request: HttpRequest, wanted: SheetList) -> set[str]:
    """The keys of the columns that the account took last, else of those that are shown. 1 query."""
    known = ListColumns.objects.visible_to(request.user).filter(owner=request.user.pk, slug=wanted.slug).first()
    keys = set(known.keys) if known else set()
    columns = wanted.columns()
    return keys & {column.key for column in columns} or {column.key for column in columns if column.shown}


def _chosen(request: HttpRequest, wanted: SheetList) -> list[SheetField]:
    """The columns that the form asks for, remembered for the next time; without any, those of the last. 2 queries."""
    asked = set(request.POST.getlist("column"))
    columns = [column for column in wanted.columns() if column.key in asked]
    if columns:
        keys = [column.key for column in columns]
        ListColumns.objects.update_or_create(owner_id=request.user.pk, slug=wanted.slug, defaults={"keys": keys})
        return columns
    known = _remembered(request, wanted)
    return [column for column in wanted.columns() if column.key in known]


def _counted(count: int) -> str:
    if count > MOST_AT_ONCE:
        return _("over %(number)s") % {"number": format_number(MOST_AT_ONCE)}
    return ngettext("%(count)s row", "%(count)s rows", count) % {"count": format_number(count)}
