"""A run on its way: columns, preview, confirmation, and what came of it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hkh.core.models import JobStatus
from hkh.core.money import format_number
from hkh.core.sheet_views import export_of
from hkh.core.sheets import staging
from hkh.imports import actions
from hkh.imports.forms import ConfirmForm, MatchForm, SheetForm
from hkh.imports.lists import RunResource, runs_of
from hkh.imports.models import ImportRun, RunState
from hkh.imports.queries import causes_of, changes_said, left_out, obstacles_of, rows_of
from hkh.imports.registry import SHEETS
from hkh.imports.tables import RunTable
from hkh.imports.views.start import mine, say
from members.here import user_of

#: Changed rows that the page of a finished run shows.
_CHANGES_SHOWN = 50


@require_GET
@login_required
def run_list(request: HttpRequest) -> HttpResponse:
    """All runs of the account, the latest first. 2 queries."""
    page = runs_of(user_of(request), request.GET).page(request.GET)
    count = ngettext("%(count)s sheet", "%(count)s sheets", page.count) % {"count": page.counted}
    table = RunTable(page.data, request=request)
    return render(
        request,
        "imports/run_list.html",
        {
            "title": _("Sheets handed in"),
            "page": page,
            "export": export_of(request, RunResource),
            "count": count,
            "table": table,
        },
    )


@require_GET
@login_required
def run_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Where a run stands, and what comes next."""
    run = _run(request, pk)
    kind = SHEETS[run.sheet]
    context: dict[str, Any] = {"title": run.file_name, "run": run, "kind": kind, "state": run.get_state_display()}
    if run.job is not None and not run.job.is_over:
        return render(request, "imports/run_busy.html", context | {"card": _card(run)})
    context["failure"] = run.job.error if run.job is not None and run.job.status == JobStatus.FAILED else ""
    if run.state == RunState.CHECKED and "cot" not in request.GET:
        return _preview(request, run, context)
    if run.state in (RunState.MATCHING, RunState.CHECKED):
        return _columns(request, run, context)
    if run.state in (RunState.APPLIED, RunState.UNDONE):
        return _done(request, run, context)
    return render(request, "imports/run_refused.html", context | {"refused": run.layout.get("refused", "")})


@require_POST
@login_required
def run_match(request: HttpRequest, pk: int) -> HttpResponse:
    """The columns as they were corrected: the rows are checked by them."""
    run = _run(request, pk)
    kind = SHEETS[run.sheet]
    form = MatchForm(run, kind, request.POST)
    options = kind.options(user_of(request), request.POST, initial=run.options)
    if form.is_valid() and options.is_valid():
        try:
            said = options.said()  # type: ignore[attr-defined]
            actions.match_columns(run=run, matching=form.matching(), options=said, by=user_of(request))
            return redirect("imports:run-detail", run.pk)
        except ValidationError as refusal:
            form.add_error(None, refusal)
    context = {"title": run.file_name, "run": run, "kind": kind, "state": run.get_state_display(), "failure": ""}
    return _columns(request, run, context, form=form, options=options)


@require_POST
@login_required
def run_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Another sheet of the file, or another row of headings."""
    run = _run(request, pk)
    form = SheetForm(run, request.POST)
    if form.is_valid():
        said = form.cleaned_data
        try:
            actions.look_again(run=run, sheet_name=said["sheet"], head_row=said["head_row"], by=user_of(request))
        except ValidationError as refusal:
            say(request, refusal)
    return redirect(f"{reverse('imports:run-detail', args=[run.pk])}?cot")


@require_POST
@login_required
def run_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    run = _run(request, pk)
    form = ConfirmForm(request.POST)
    if form.is_valid():
        try:
            actions.confirm(run=run, by=user_of(request), **form.said())
        except ValidationError as refusal:
            say(request, refusal)
    return redirect("imports:run-detail", run.pk)


@require_POST
@login_required
def run_discard(request: HttpRequest, pk: int) -> HttpResponse:
    run = _run(request, pk)
    try:
        actions.discard(run=run, by=user_of(request))
    except ValidationError as refusal:
        say(request, refusal)
        return redirect("imports:run-detail", run.pk)
    return redirect("imports:sheet-list")


@require_http_methods(["GET", "POST"])
@login_required
def run_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """What taking back would do, or what stands in its way."""
    run = _run(request, pk)
    if request.method == "POST":
        try:
            actions.take_back(run=run, by=user_of(request))
        except ValidationError as refusal:
            say(request, refusal)
        return redirect("imports:run-detail", run.pk)
    obstacles = obstacles_of(run, by=user_of(request))
    new, changed = (run.counts.get(verdict, 0) for verdict in (staging.NEW, staging.CHANGED))
    consequence = _("%(new)s new rows go again, %(changed)s changed ones are as they were before.")
    return render(
        request,
        "imports/run_undo.html",
        {
            "title": _("Take back %(file)s") % {"file": run.file_name},
            "run": run,
            "obstacles": obstacles,
            "consequence": consequence % {"new": format_number(new), "changed": format_number(changed)},
        },
    )


@require_GET
@login_required
def run_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the work is; once it is over, the way to what came of it. 1 query."""
    run = _run(request, pk)
    if run.job is None or run.job.is_over:
        response = HttpResponse()
        response["HX-Redirect"] = reverse("imports:run-detail", args=[run.pk])
        return response
    return render(request, "imports/_busy.html", {"card": _card(run)})


def _run(request: HttpRequest, pk: int) -> ImportRun:
    return get_object_or_404(mine(request).select_related("job", "file", "refused_file"), pk=pk)


def _card(run: ImportRun) -> dict[str, Any]:
    """What ``components/_progress.html`` shows of the work under way."""
    job = run.job
    assert job is not None
    is_waiting = job.status == JobStatus.QUEUED
    return {
        "label": job.title,
        "percent": None if is_waiting else job.progress,
        "state": "waiting" if is_waiting else "running",
        "message": _("Waiting for its turn.") if is_waiting else job.progress_note or _("Under way."),
        "poll_url": reverse("imports:run-progress", args=[run.pk]),
        "cancel_url": reverse("core:job-cancel", args=[job.pk]),
    }


def _columns(
    request: HttpRequest, run: ImportRun, context: dict[str, Any], *, form: Any = None, options: Any = None
) -> HttpResponse:
    kind = SHEETS[run.sheet]
    form = form or MatchForm(run, kind)
    options = options or kind.options(user_of(request), initial=run.options)
    sample = run.layout.get("sample", [])
    rows = [
        {"field": field, "cells": [cells[position] for _number, cells in sample[:3] if position < len(cells)]}
        for position, field in enumerate(form)
    ]
    context |= {
        "form": form,
        "options": options if options.fields else None,
        "rows": rows,
        "sheet_form": SheetForm(run),
        "missing": _missing(run),
        "step": 2,
    }
    return render(request, "imports/run_columns.html", context)


def _missing(run: ImportRun) -> list[str]:
    """Labels of the columns that must be there and were not found."""
    kind = SHEETS[run.sheet]
    labels = {column.key: str(column.label) for column in kind.resource.columns_in()}
    return [labels[key] for key in kind.missing(run.matching.values(), run.options)]


def _preview(request: HttpRequest, run: ImportRun, context: dict[str, Any]) -> HttpResponse:
    verdicts = [verdict for verdict in staging.VERDICTS if run.counts.get(verdict)]
    asked = request.GET.get("xem", "")
    current = asked if asked in verdicts else next(iter(verdicts), staging.NEW)
    is_there = staging.exists(run.stage)
    headings, rows = rows_of(run, current) if is_there else ([], [])
    context |= {
        "tiles": tiles_of(run),
        "tabs": [
            {
                "label": labels()[verdict],
                "url": f"?xem={verdict}#rows",
                "is_current": verdict == current,
                "count": format_number(run.counts[verdict]),
            }
            for verdict in verdicts
        ],
        "current": current,
        "headings": headings,
        "rows": rows,
        "shown": _("The first %(n)s rows.") % {"n": len(rows)} if run.counts.get(current, 0) > len(rows) else "",
        "left_out": left_out(run),
        "causes": causes_of(run, refuses=True),
        "remarks": causes_of(run, refuses=False),
        "to_take_in": run.counts.get(staging.NEW, 0) + run.counts.get(staging.CHANGED, 0),
        "counted": format_number(run.counts.get(staging.NEW, 0) + run.counts.get(staging.CHANGED, 0)),
        "confirm": ConfirmForm(initial={"digest": run.digest, "all_or_nothing": run.all_or_nothing}),
        "is_there": is_there,
        "is_empty": not verdicts,
        "step": 3,
    }
    return render(request, "imports/run_preview.html", context)


def _done(request: HttpRequest, run: ImportRun, context: dict[str, Any]) -> HttpResponse:
    kind = SHEETS[run.sheet]
    changes = [
        (change.row_no, changes_said(kind, change.changes))
        for change in run.changes.order_by("row_no")[:_CHANGES_SHOWN]
    ]
    context |= {
        "tiles": tiles_of(run),
        "changes": changes,
        "causes": causes_of(run, refuses=True),
        "list_url": reverse(kind.list_url) if kind.list_url else "",
        "in_the_way": bool(run.job and run.job.result and run.job.result.get("in_the_way")),
    }
    return render(request, "imports/run_done.html", context)


def labels() -> dict[str, str]:
    return {
        staging.NEW: _("New"),
        staging.CHANGED: pgettext("rows of a sheet", "Changed"),
        staging.SAME: _("Known already"),
        staging.REFUSED: _("Refused"),
    }


def tiles_of(run: ImportRun) -> list[dict[str, str]]:
    """The four counts; red only where something is wrong."""
    beside = {
        staging.NEW: _("come in"),
        staging.CHANGED: _("are put right"),
        staging.SAME: _("stay as they are"),
        staging.REFUSED: _("stay outside"),
    }
    if run.applied_at:
        beside |= {
            staging.NEW: _("have come in"),
            staging.CHANGED: _("were put right"),
            staging.SAME: _("stayed as they were"),
            staging.REFUSED: _("stayed outside"),
        }
    return [
        {
            "label": labels()[verdict],
            "value": format_number(run.counts.get(verdict, 0)),
            "beside": beside[verdict],
            "tone": verdict if run.counts.get(verdict, 0) else "none",
        }
        for verdict in staging.VERDICTS
    ]
