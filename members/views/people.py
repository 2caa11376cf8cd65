"""Members: the register, the page of a person, admission, correction, transfer, leaving."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from hkh.core.dates import format_date, today
from hkh.core.listing import listing
from hkh.core.sheet_views import export_of
from members import actions
from members.change_lines import lines_of
from members.forms.people import LeaveForm, MemberCorrection, MemberEntry, PersonForm, ReadmissionForm, TransferForm
from members.here import unit_here, user_of
from members.lists import members_of
from members.models import Appointment, Member, MemberChange, MemberMerge, Membership, Unit
from members.queries import entered_now_as, namesakes
from members.register import MOST_COUNTED, register_page
from members.rules import Verb, may, may_somewhere, require
from members.sheets.people import MemberResource
from members.tables import HistoryTable, MembershipTable, born, term_end
from members.views.here import done, form_page, organisation_page, shell, still_seen
from members.views.recognitions import recognitions_of
from members.views.tabs import register_tabs
from members.views.units import open_to

#: So many of the latest changes stand on a person's page.
SHOWN_CHANGES = 5


@organisation_page
@require_GET
def member_list(request: HttpRequest) -> HttpResponse:
    """The register of the unit and all below it, in the order of Vietnamese names."""
    unit = unit_here(request)
    user, sort = user_of(request), request.GET.get("sort", "")
    found = members_of(user, unit, request.GET)
    narrowed = found.filter
    if sort.removeprefix("-") == "joined_on":
        page = found.page(request.GET, most_counted=MOST_COUNTED)
    else:
        page = register_page(
            narrowed.apply(Membership.objects.visible_to(request.user)),
            narrowed.text,
            unit=unit,
            user=user,
            query=request.GET,
            descending=sort == "-name",
            is_narrowed=narrowed.is_narrowed,
        )
    seen = still_seen(request, page.rows) if narrowed.said().get("state") == "transferred" else None
    return render(
        request,
        "members/member_list.html",
        {
            "title": _("Members"),
            "lede": unit.name,
            "here": shell(request, unit),
            "tabs": register_tabs("members:member-list", unit),
            "filter": narrowed,
            "page": page,
            "export": export_of(request, MemberResource, unit=unit.code),
            "count": ngettext("%(count)s member", "%(count)s members", page.count) % {"count": page.counted},
            "table": MembershipTable(page.data, order_by=page.sort, request=request, seen=seen),
            "may_add": may_somewhere(request.user, Verb.EDIT_MEMBER),
        },
    )


@organisation_page
@require_GET
def member_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What is known of a person: memberships, offices, titles, what was changed. An entry put together leads on."""
    if "unit" in request.GET:  # the picker at the top leads on to another unit's register
        return redirect(f"{reverse('members:member-list')}?{urlencode({'unit': request.GET['unit']})}")
    now = entered_now_as(pk)
    if now != pk:
        return redirect("members:member-detail", get_object_or_404(Member.objects.visible_to(request.user), pk=now).pk)
    member, last = _known(request, pk)
    seen = Membership.objects.visible_to(request.user).filter(member=member)
    offices = Appointment.objects.visible_to(request.user).filter(member=member).select_related("unit")
    changes = list(_changes(request, member)[: SHOWN_CHANGES + 1])
    may_edit = may(request.user, Verb.EDIT_MEMBER, last.unit)
    return render(
        request,
        "members/member_detail.html",
        {
            "title": member.full_name,
            "badge": "" if last.is_current_on(today()) else str(last.get_leave_reason_display()),
            "lede": last.unit.name,
            "here": shell(request, last.unit),
            "member": member,
            "unit": last.unit,
            "facts": _facts(member),
            "history": HistoryTable(seen.select_related("unit").order_by("-joined_on"), request=request),
            "offices": [_office(request, office) for office in offices.order_by("-valid_from", "-pk")],
            "recognitions": recognitions_of(request, member, may_edit=may_edit),
            "changes": lines_of(changes[:SHOWN_CHANGES]),
            "has_more_changes": len(changes) > SHOWN_CHANGES,
            "merges": MemberMerge.objects.visible_to(request.user)
            .filter(kept=member, undone_at=None)
            .select_related("gone", "merged_by"),
            "may": {
                "edit": may_edit,
                "move": may_edit and last.left_on is None,
                "readmit": may_edit and last.left_on is not None and member.deceased_on is None,
                "appoint": last.left_on is None and may(request.user, Verb.APPOINT, last.unit),
            },
        },
    )


@organisation_page
@require_GET
def member_history(request: HttpRequest, pk: int) -> HttpResponse:
    """All that was changed of a person, latest first, and who entered it."""
    member, last = _known(request, pk)
    page = listing(_changes(request, member), sorts={"at": ("pk",)}, default="-at", query=request.GET)
    entered = Membership.objects.visible_to(request.user).filter(member=member, entered_at__isnull=False)
    return render(
        request,
        "members/member_history.html",
        {
            "title": _("What was changed: %(member)s") % {"member": member},
            "here": shell(request, last.unit),
            "member": member,
            "page": page,
            "changes": lines_of(page.rows),
            "entered": entered.select_related("unit", "entered_by").order_by("-pk"),
        },
    )


@organisation_page
@require_http_methods(["GET", "POST"])
def member_add(request: HttpRequest) -> HttpResponse:
    """A new member. "Save and enter another" keeps unit and date."""
    unit = unit_here(request)
    if not may_somewhere(request.user, Verb.EDIT_MEMBER):
        require(request.user, Verb.EDIT_MEMBER, unit)
    initial = {"unit": unit.code} if unit.tier.holds_members else {}
    if "on" in request.GET:
        initial["joined_on"] = request.GET["on"]
    form = MemberEntry(request.POST or None, units=_open_units(request), initial=initial)
    if form.is_valid() and not form.cleaned_data["is_another"]:
        _look_for_namesakes(form)
    if done(form, lambda: _admit(request, form)):
        said = form.cleaned_data
        text = _("%(member)s is now a member of %(unit)s.")
        messages.success(request, text % {"member": said["full_name"], "unit": said["unit"]})
        kept = {"unit": said["unit"].code, "on": format_date(said["joined_on"])}
        if "again" in request.POST:
            return redirect(f"{request.path}?{urlencode(kept)}")
        return redirect(f"{reverse('members:member-list')}?{urlencode({'unit': kept['unit']})}")
    back = reverse("members:member-list")
    return form_page(request, form, unit, title=_("Admit a member"), back=back, label=_("Admit"), again=True)


@organisation_page
@require_http_methods(["GET", "POST"])
def member_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """What is written down of a person, put right."""
    member, last = _known(request, pk, Verb.EDIT_MEMBER)
    form = MemberCorrection(request.POST or None, initial=PersonForm.as_known(member))
    if done(
        form,
        lambda: actions.correct_member(
            member=member, revision=form.cleaned_data["revision"], by=user_of(request), **form.person()
        ),
    ):
        return _saved(request, member)
    title = _("Edit %(member)s") % {"member": member}
    return form_page(request, form, last.unit, title=title, back=_page_of(member), label=_("Save"))


@organisation_page
@require_http_methods(["GET", "POST"])
def member_transfer(request: HttpRequest, pk: int) -> HttpResponse:
    """From one unit to another on a day."""
    member, last = _known(request, pk, Verb.EDIT_MEMBER)
    form = TransferForm(request.POST or None, units=_open_units(request))
    if done(form, lambda: actions.transfer_member(member=member, by=user_of(request), **form.cleaned_data)):
        return _saved(request, member)
    title = _("Transfer %(member)s to another unit") % {"member": member}
    return form_page(request, form, last.unit, title=title, back=_page_of(member), label=_("Transfer"))


@organisation_page
@require_http_methods(["GET", "POST"])
def member_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Left, died, or entered by mistake."""
    member, last = _known(request, pk, Verb.EDIT_MEMBER)
    form = LeaveForm(request.POST or None)
    if done(form, lambda: actions.end_membership(member=member, by=user_of(request), **form.cleaned_data)):
        return _saved(request, member)
    title = _("End the membership of %(member)s") % {"member": member}
    note = _("The person stays on record and may join again later.")
    label = _("End the membership")
    return form_page(request, form, last.unit, title=title, back=_page_of(member), label=label, note=note)


@organisation_page
@require_http_methods(["GET", "POST"])
def member_readmit(request: HttpRequest, pk: int) -> HttpResponse:
    """Who left joins again."""
    member, last = _known(request, pk, Verb.EDIT_MEMBER)
    form = ReadmissionForm(request.POST or None, units=_open_units(request), initial={"to": last.unit.code})
    if done(
        form,
        lambda: actions.readmit_member(
            member=member, unit=form.cleaned_data["to"], on=form.cleaned_data["on"], by=user_of(request)
        ),
    ):
        return _saved(request, member)
    title = _("Take %(member)s in again") % {"member": member}
    return form_page(request, form, last.unit, title=title, back=_page_of(member), label=_("Take in again"))


def _changes(request: HttpRequest, member: Member) -> QuerySet[MemberChange]:
    rows = MemberChange.objects.visible_to(request.user).filter(member_id=member.pk)
    return rows.select_related("actor", "unit").order_by("-pk")


def _office(request: HttpRequest, office: Appointment) -> dict[str, Any]:
    """An office as the person's page shows it."""
    return {
        "pk": office.pk,
        "label": office.get_position_display(),
        "unit": office.unit,
        "since": office.valid_from,
        "end": term_end(office),
        "decision": office.decision,
        "may_edit": may(request.user, Verb.APPOINT, office.unit),
        "may_end": (office.valid_until is None or office.valid_until > today())
        and may(request.user, Verb.APPOINT, office.unit),
    }


def _known(request: HttpRequest, pk: int, verb: Verb = Verb.SEE) -> tuple[Member, Membership]:
    """A member in scope with the membership that runs or ended last. Raises: Http404, PermissionDenied."""
    member = get_object_or_404(Member.objects.visible_to(request.user), pk=pk)
    last = actions.last_membership(member)
    require(request.user, verb, last.unit)
    return member, last


def _open_units(request: HttpRequest) -> QuerySet[Unit]:
    return open_to(request, Verb.EDIT_MEMBER).filter(tier__holds_members=True)


def _look_for_namesakes(form: MemberEntry) -> None:
    """Ask before a second person of the same name and birth is entered; a form sent twice is no second person."""
    said = form.cleaned_data
    known = list(namesakes(full_name=said["full_name"], born=said["birth"], unit=said["unit"])[:5])
    if known and all(member.idempotency_key != said["idempotency_key"] for member in known):
        form.ask_whether_another(known)


def _admit(request: HttpRequest, form: MemberEntry) -> Member:
    said = form.cleaned_data
    return actions.add_member(
        unit=said["unit"],
        joined_on=said["joined_on"],
        idempotency_key=said["idempotency_key"],
        by=user_of(request),
        **form.person(),
    )


def _saved(request: HttpRequest, member: Member) -> HttpResponse:
    messages.success(request, _("Saved."))
    # Who was transferred out of sight has no page here any more.
    if Member.objects.visible_to(request.user).filter(pk=member.pk).exists():
        return redirect("members:member-detail", member.pk)
    return redirect("members:member-list")


def _page_of(member: Member) -> str:
    return reverse("members:member-detail", args=[member.pk])


def _facts(member: Member) -> list[tuple[str, str]]:
    said = (
        (_("Born"), born(member)),
        (_("Sex"), str(member.get_sex_display()) if member.sex else ""),
        (_("Occupation"), member.occupation),
        (_("Address"), member.address),
        (_("Telephone"), member.phone),
        (_("E-mail"), member.email),
        (_("Card number"), member.card_number),
        (_("Died on"), format_date(member.deceased_on) if member.deceased_on else ""),
        (_("Note"), member.note),
    )
    return [(term, text) for term, text in said if text]
