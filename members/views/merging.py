"""Entries that may be one person: the queue, two side by side, put together, taken apart."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hkh.core import jobs
from hkh.core.dates import format_date
from hkh.core.models import Job, JobStatus
from hkh.core.sheet_views import export_of
from members import actions
from members.forms.merging import Compared, MergeForm, OtherEntryForm
from members.here import unit_here, user_of
from members.lists import pairs_of
from members.merging import Stay, one_line, stands_by_default
from members.models import DuplicatePair, Member, MemberMerge, Membership, PairState
from members.queries import entered_now_as, seen_memberships
from members.rules import Verb, may_somewhere, require
from members.sheets.lists import PairResource
from members.tables import PairTable, born, likeness_text
from members.views.here import done, organisation_page, shell
from members.views.tabs import register_tabs

FINDER = "members.duplicates"


@organisation_page
@require_GET
def duplicate_list(request: HttpRequest) -> HttpResponse:
    """The queue: likeliest first. Of the unit and all below it are those of whom one entry at least stands there."""
    unit = unit_here(request)
    found = pairs_of(user_of(request), unit, request.GET)
    page = found.page(request.GET)
    memberships = Membership.objects.visible_to(request.user)
    people = {pk for pair in page.rows for pk in (pair.first_id, pair.second_id)}
    return render(
        request,
        "members/duplicate_list.html",
        {
            "title": _("Likely duplicates"),
            "lede": unit.name,
            "here": shell(request, unit),
            "tabs": register_tabs("members:duplicate-list", unit),
            "filter": found.filter,
            "export": export_of(request, PairResource, unit=unit.code),
            "page": page,
            "count": ngettext("%(count)s pair", "%(count)s pairs", page.count) % {"count": page.counted},
            "table": PairTable(
                page.data, order_by=page.sort, request=request, stays=seen_memberships(memberships, people)
            ),
            "may_decide": may_somewhere(request.user, Verb.EDIT_MEMBER),
        },
    )


@organisation_page
@require_POST
def duplicate_find(request: HttpRequest) -> HttpResponse:
    """Have the whole register looked through. What is found each sees in his or her own scope."""
    unit = unit_here(request)
    if not may_somewhere(request.user, Verb.EDIT_MEMBER):
        require(request.user, Verb.EDIT_MEMBER, unit)
    mine = Job.objects.visible_to(request.user).filter(kind=FINDER)
    if mine.filter(status__in=[JobStatus.QUEUED, JobStatus.RUNNING]).exists():
        messages.info(request, _("The register is being looked through already."))
    else:
        jobs.enqueue(FINDER, by=user_of(request), title=_("Look for people entered twice"))
    return redirect("core:job-list")


@organisation_page
@require_POST
def duplicate_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Two different people, or a question again after all."""
    pair = get_object_or_404(DuplicatePair.objects.visible_to(request.user).select_related("first", "second"), pk=pk)
    decide = actions.ask_again if "again" in request.POST else actions.keep_apart
    try:
        decide(pair=pair, by=user_of(request))
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(
            request, _("Noted. These two are not asked about again.") if "again" not in request.POST else _("Saved.")
        )
    return redirect("members:duplicate-list")


@organisation_page
@require_http_methods(["GET", "POST"])
def member_merge_with(request: HttpRequest, pk: int) -> HttpResponse:
    """Which other entry is the same person?"""
    member, unit = _editable(request, pk)
    members = Member.objects.visible_to(request.user).filter(merged_into=None).exclude(pk=member.pk)
    top = unit_here(request)
    form = OtherEntryForm(request.POST or None, members=members, unit=top)
    if form.is_valid():
        return redirect("members:member-merge", member.pk, form.cleaned_data["other"].pk)
    context = {
        "title": _("Put %(member)s together with another entry") % {"member": member},
        "here": shell(request, unit),
        "form": form,
        "back_url": reverse("members:member-detail", args=[member.pk]),
        "label": _("Compare"),
    }
    return render(request, "members/plain_form.html", context)


@organisation_page
@require_http_methods(["GET", "POST"])
def member_merge(request: HttpRequest, pk: int, other: int) -> HttpResponse:
    """Two entries side by side; what is chosen is kept with the first."""
    kept, unit = _editable(request, pk)
    gone, _gone_unit = _editable(request, other)
    if kept == gone:
        raise Http404
    ends = sorted([kept.pk, gone.pk])
    pair = DuplicatePair.objects.visible_to(request.user).filter(first=ends[0], second=ends[1]).first()
    lines = {m.pk: _line(request, m) for m in (kept, gone)}
    stays = {pk: [Stay.of(row) for row in rows] for pk, rows in lines.items()}
    meets = any(one.meets(two) for one in stays[kept.pk] for two in stays[gone.pk])
    chosen = "kept" if not meets or stands_by_default(stays[kept.pk], stays[gone.pk]) else "gone"
    names = [name for name in actions.CHOICES if _differ(kept, gone, name)]
    initial = {"kept_revision": kept.revision, "gone_revision": gone.revision, "line": chosen}
    form = MergeForm(request.POST or None, names=names, initial=initial)
    made: list[MemberMerge] = []
    if done(form, lambda: made.append(_merge(request, kept, gone, form))):
        text = _("Put together: %(member)s. You can take the entries apart again on this page.")
        messages.success(request, text % {"member": made[0].kept})
        return redirect("members:merge-detail", made[0].pk)
    return render(
        request,
        "members/member_merge.html",
        {
            "title": _("One person or two?"),
            "here": shell(request, unit),
            "kept": kept,
            "gone": gone,
            "rows": [_compared(kept, gone, name, form) for name in actions.CHOICES],
            "lines": [_line_texts(lines[m.pk]) for m in (kept, gone)],
            "outcomes": _outcomes(lines[kept.pk], lines[gone.pk], form["line"].value() or chosen) if meets else [],
            "form": form,
            "pair": pair,
            "common": likeness_text(pair) if pair else "",
            "is_apart": pair is not None and pair.state == PairState.DIFFERENT,
        },
    )


@organisation_page
@require_http_methods(["GET", "POST"])
def merge_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What was put together, and the way back."""
    seen = MemberMerge.objects.visible_to(request.user).select_related("kept", "gone", "merged_by", "undone_by")
    merge = get_object_or_404(seen, pk=pk)
    if merge.kept.merged_into_id is not None:
        raise Http404
    last = actions.last_membership(merge.kept)
    require(request.user, Verb.EDIT_MEMBER, last.unit)
    if request.method == "POST":
        try:
            actions.undo_merge(merge=merge, by=user_of(request))
        except ValidationError as refusal:
            for sentence in refusal.messages:
                messages.error(request, sentence)
        except (Http404, PermissionDenied):
            messages.error(request, _("The other entry stood in a unit that is not open to you. Ask the level above."))
        else:
            messages.success(request, _("Both entries are as they were."))
            return redirect("members:member-detail", merge.gone_id)
        return redirect("members:merge-detail", merge.pk)
    return render(
        request,
        "members/merge_detail.html",
        {
            "title": _("Put together: %(member)s") % {"member": merge.kept},
            "here": shell(request, last.unit),
            "merge": merge,
            "obstacles": [] if merge.undone_at else actions.obstacles(merge),
        },
    )


def _editable(request: HttpRequest, pk: int) -> tuple[Member, Any]:
    """An entry in sight that the user may correct, with its unit. Raises: Http404, PermissionDenied."""
    member = get_object_or_404(Member.objects.visible_to(request.user), pk=entered_now_as(pk))
    unit = actions.last_membership(member).unit
    require(request.user, Verb.EDIT_MEMBER, unit)
    return member, unit


def _merge(request: HttpRequest, kept: Member, gone: Member, form: MergeForm) -> MemberMerge:
    said = form.cleaned_data
    return actions.merge_members(
        kept=kept,
        gone=gone,
        revisions=(said["kept_revision"], said["gone_revision"]),
        take=form.take,
        gone_line_stands=said["line"] == "gone",
        by=user_of(request),
    )


def _line(request: HttpRequest, member: Member) -> list[Membership]:
    rows = Membership.objects.visible_to(request.user).filter(member=member)
    return list(rows.select_related("unit").order_by("joined_on"))


def _line_texts(rows: list[Membership]) -> list[str]:
    return [_span(row.unit.name, Stay.of(row)) for row in rows]


def _span(unit: str, stay: Stay) -> str:
    dates = {"unit": unit, "since": format_date(stay.joined_on)}
    if stay.left_on is None:
        return _("%(unit)s: since %(since)s") % dates
    return _("%(unit)s: %(since)s until %(until)s") % {**dates, "until": format_date(stay.left_on)}


def _outcomes(kept: list[Membership], gone: list[Membership], chosen: str) -> list[dict[str, Any]]:
    """What the memberships become, whichever of two lines stands."""
    names = {row.pk: row.unit.name for row in (*kept, *gone)}
    ours, theirs = ([Stay.of(row) for row in rows] for rows in (kept, gone))
    found = []
    for value, standing, other in (("kept", ours, theirs), ("gone", theirs, ours)):
        line = one_line(standing, other).applied_to([*standing, *other])
        texts = [_span(names[stay.pk], stay) for stay in line]
        found.append({"value": value, "texts": texts, "is_chosen": value == chosen})
    return found


def _differ(kept: Member, gone: Member, name: str) -> bool:
    columns = actions.CHOICES[name]
    return any(getattr(kept, column) != getattr(gone, column) for column in columns)


def _compared(kept: Member, gone: Member, name: str, form: MergeForm) -> Compared:
    left, right = _text(kept, name), _text(gone, name)
    labels = {"birth": _("Born"), "full_name": _("Full name")}
    label = labels.get(name) or str(getattr(Member._meta.get_field(name), "verbose_name", name)).capitalize()
    if name not in form.names:
        return Compared(label, left, right)
    chosen = form[name].value() or ("gone" if _says_more(kept, gone, name) else "kept")
    return Compared(label, left, right, name, str(chosen))


def _says_more(kept: Member, gone: Member, name: str) -> bool:
    """Whether the entry that goes says what the other leaves open."""
    if name == "birth":
        return kept.birth_date is None and (gone.birth_date is not None or kept.birth_year is None)
    return not getattr(kept, name) and bool(getattr(gone, name))


def _text(member: Member, name: str) -> str:
    match name:
        case "birth":
            return born(member)
        case "sex":
            return str(member.get_sex_display()) if member.sex else ""
        case "deceased_on":
            return format_date(member.deceased_on) if member.deceased_on else ""
    return str(getattr(member, name))
