"""Titles and commendations of a member: written down, and taken back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from members import actions
from members.forms import VerbForm
from members.forms.recognitions import RecognitionForm
from members.here import user_of
from members.models import Member, Recognition
from members.models.recognitions import LATEST_FIRST
from members.rules import Verb, require
from members.tables import RecognitionTable
from members.views.here import done, form_page, organisation_page, shell


def recognitions_of(request: HttpRequest, member: Member, *, may_edit: bool) -> RecognitionTable:
    """What ``member`` was honoured with, for the person's page, the latest first. 1 query, when it is drawn."""
    rows = Recognition.objects.visible_to(request.user).filter(member=member).select_related("entered_by")
    left_out = () if may_edit else ("take_back",)
    return RecognitionTable(rows.order_by(*LATEST_FIRST), request=request, exclude=left_out)


@organisation_page
@require_http_methods(["GET", "POST"])
def recognition_add(request: HttpRequest, pk: int) -> HttpResponse:
    """A title or commendation of this member, written down."""
    member = get_object_or_404(Member.objects.visible_to(request.user), pk=pk)
    last = actions.last_membership(member)
    require(request.user, Verb.EDIT_MEMBER, last.unit)
    form = RecognitionForm(request.POST or None)
    if done(form, lambda: actions.record_recognition(member=member, by=user_of(request), **form.cleaned_data)):
        messages.success(request, _("Saved."))
        return redirect(request.path if "again" in request.POST else _page_of(member))
    title = _("Title or commendation of %(member)s") % {"member": member}
    return form_page(request, form, last.unit, title=title, back=_page_of(member), label=_("Save"), again=True)


@organisation_page
@require_http_methods(["GET", "POST"])
def recognition_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """What was written by mistake, taken away once that is confirmed."""
    rows = Recognition.objects.visible_to(request.user).select_related("member")
    recognition = get_object_or_404(rows, pk=pk)
    member = recognition.member
    last = actions.last_membership(member)
    require(request.user, Verb.EDIT_MEMBER, last.unit)
    form = VerbForm(request.POST if request.method == "POST" else None)
    if done(form, lambda: actions.take_back_recognition(recognition=recognition, by=user_of(request))):
        messages.success(request, _("Taken away."))
        return redirect(_page_of(member))
    return render(
        request,
        "members/recognition_remove.html",
        {
            "title": _("Title or commendation of %(member)s") % {"member": member},
            "here": shell(request, last.unit),
            "form": form,
            "back_url": _page_of(member),
            "question": _("Take away “%(title)s” (%(when)s)?") % {"title": recognition.title, "when": recognition.when},
        },
    )


def _page_of(member: Member) -> str:
    return reverse("members:member-detail", args=[member.pk])
