"""The report room: left the document as it will print, right what it rests on."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods

from hkh.core.models import Job
from hkh.core.papers.document import render_html
from hkh.indicators import restating
from hkh.indicators.here import NoUnit, Place, resolve
from hkh.reports import actions
from hkh.reports.drafts import draft_of, letterhead, words
from hkh.reports.forms import FRAME, WORDS, DraftForm, MakeForm
from hkh.reports.periodic import periodic_report
from members.here import user_of
from members.rules import Verb, may


@login_required
@require_http_methods(["GET", "POST"])
def report_room(request: HttpRequest) -> HttpResponse:
    """Preview, frame and words of a period's report; saving them; asking for the PDF and the workbook."""
    try:
        place = resolve(request)
    except NoUnit:
        return render(request, "dashboard/no_unit.html", {"title": _("Reports")})
    draft = draft_of(place.lens)
    can_write = may(request.user, Verb.WRITE_REPORT, place.lens.unit)
    fresh = {"revision": draft.revision, "key": uuid.uuid4()}
    form: DraftForm | MakeForm
    if can_write:
        form = DraftForm(request.POST or None, instance=draft, initial=fresh)
    else:
        form = MakeForm(request.POST or None, initial=fresh)
    if request.method == "POST" and form.is_valid():
        try:
            return _posted(request, place, form)
        except ValidationError as refusal:
            form.add_error(None, refusal)
    return render(
        request,
        "reports/room.html",
        {
            "title": _("Report"),
            "here": place.here,
            "unit": place.lens.unit,
            "period": place.lens.period,
            "query": place.query,
            "restated": restating.warning(place.lens),
            "form": form,
            "frame": [form[name] for name in FRAME] if can_write else [],
            "words": [form[name] for name in WORDS] if can_write else [],
            "can_write": can_write,
            "can_make": may(request.user, Verb.MAKE_REPORT, place.lens.unit),
            "jobs": Job.objects.visible_to(request.user).filter(owner=request.user.pk, kind="report.periodic")[:5],
        },
    )


def _posted(request: HttpRequest, place: Place, form: DraftForm | MakeForm) -> HttpResponse:
    if isinstance(form, DraftForm) and form.has_new_words():
        actions.save_draft(
            draft=draft_of(place.lens),
            revision=form.cleaned_data["revision"],
            values=form.values(),
            by=user_of(request),
        )
    if "make" in request.POST:
        actions.ask_for_documents(
            lens=place.lens, tree=place.here.tree, key=str(form.cleaned_data["key"]), by=user_of(request)
        )
    return redirect(f"{reverse('reports:report-room')}?{place.query}#made")


@login_required
@require_GET
@xframe_options_sameorigin
def preview(request: HttpRequest) -> HttpResponse:
    """The document as it will print, for the frame of the report room."""
    try:
        lens = resolve(request).lens
    except NoUnit as nothing:
        raise Http404 from nothing
    draft = draft_of(lens)
    report = periodic_report(lens, letterhead=letterhead(draft), words=words(draft))
    return HttpResponse(render_html(report, stylesheets=[static("css/official.css"), static("css/preview.css")]))
