"""Offices: who holds which, whose term ends; given, corrected, ended."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from hkh.core.sheet_views import export_of
from members import actions
from members.filters import MemberFilter
from members.forms.offices import AppointmentForm, OfficeCorrection, OfficeEndForm
from members.here import unit_here, user_of
from members.lists import offices_in_reach, offices_of
from members.models import Appointment, Member, Membership, Unit
from members.register import register_page
from members.rules import Verb, may, require
from members.sheets.lists import OfficeResource
from members.tables import OfficeTable
from members.terms import said, to_settle
from members.views.here import done, form_page, organisation_page, shell, still_seen
from members.views.tabs import register_tabs
from members.views.units import all_units, open_to

#: As many as a picker shows.
PICKED = 20


@organisation_page
@require_GET
def office_list(request: HttpRequest) -> HttpResponse:
    """Who holds which office in the unit and all below it; whose term ends soon."""
    unit = unit_here(request)
    found = offices_of(user_of(request), unit, request.GET)
    in_reach = offices_in_reach(user_of(request), unit, found.filter)
    page = found.page(request.GET)
    return render(
        request,
        "members/office_list.html",
        {
            "title": _("Offices"),
            "lede": unit.name,
            "here": shell(request, unit),
            "tabs": register_tabs("members:office-list", unit),
            "filter": found.filter,
            "page": page,
            "export": export_of(request, OfficeResource, unit=unit.code),
            "notices": [(text, f"{_list_of(unit)}&{asked}") for text, asked in said(to_settle(in_reach))],
            "count": ngettext("%(count)s office", "%(count)s offices", page.count) % {"count": page.counted},
            "table": OfficeTable(page.data, order_by=page.sort, request=request, seen=still_seen(request, page.rows)),
            "unit": unit,
            "may_appoint": unit.dissolved_on is None and may(request.user, Verb.APPOINT, unit),
        },
    )


@organisation_page
@require_http_methods(["GET", "POST"])
def office_add(request: HttpRequest, code: str) -> HttpResponse:
    """An office of the unit given to a member."""
    unit = get_object_or_404(all_units(request), code=code)
    require(request.user, Verb.APPOINT, unit)
    members = Member.objects.visible_to(request.user)
    form = AppointmentForm(request.POST or None, members=(members, unit), units=None)
    if done(form, lambda: actions.appoint_member(unit=unit, by=user_of(request), **form.cleaned_data)):
        messages.success(request, _("%(member)s now holds the office.") % {"member": form.cleaned_data["member"]})
        return redirect(request.path if "again" in request.POST else _list_of(unit))
    title = _("Give an office of %(unit)s") % {"unit": unit.name}
    return form_page(request, form, unit, title=title, back=_list_of(unit), label=_("Give the office"), again=True)


@organisation_page
@require_http_methods(["GET", "POST"])
def member_appoint(request: HttpRequest, pk: int) -> HttpResponse:
    """An office of some unit given to this member."""
    member = get_object_or_404(Member.objects.visible_to(request.user), pk=pk)
    last = actions.last_membership(member)
    require(request.user, Verb.APPOINT, last.unit)
    form = AppointmentForm(request.POST or None, members=None, units=open_to(request, Verb.APPOINT))
    if done(form, lambda: actions.appoint_member(member=member, by=user_of(request), **form.cleaned_data)):
        messages.success(request, _("%(member)s now holds the office.") % {"member": member})
        return redirect("members:member-detail", member.pk)
    title = _("Give %(member)s an office") % {"member": member}
    back = reverse("members:member-detail", args=[member.pk])
    return form_page(request, form, last.unit, title=title, back=back, label=_("Give the office"))


@organisation_page
@require_http_methods(["GET", "POST"])
def office_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Term, office or decision put right."""
    office = _known(request, pk)
    form = OfficeCorrection(request.POST or None, initial=OfficeCorrection.as_known(office))
    if done(form, lambda: actions.correct_appointment(appointment=office, by=user_of(request), **form.cleaned_data)):
        messages.success(request, _("Saved."))
        return redirect(_list_of(office.unit))
    title = _("Edit the office of %(member)s") % {"member": office.member}
    back = _list_of(office.unit)
    return form_page(request, form, office.unit, title=title, back=back, label=_("Save"))


@organisation_page
@require_http_methods(["GET", "POST"])
def office_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Relieved, resigned, or entered by mistake."""
    office = _known(request, pk)
    form = OfficeEndForm(request.POST or None)
    if done(form, lambda: actions.end_appointment(appointment=office, by=user_of(request), **form.cleaned_data)):
        messages.success(request, _("Saved."))
        return redirect(_list_of(office.unit))
    title = _("End the office of %(member)s") % {"member": office.member}
    back = _list_of(office.unit)
    note = _("%(office)s of %(unit)s. What was entered by mistake is taken away; all else stays on record.") % {
        "office": office.get_position_display(),
        "unit": office.unit.name,
    }
    return form_page(request, form, office.unit, title=title, back=back, label=_("End the office"), note=note)


@organisation_page
@require_GET
def member_search(request: HttpRequest) -> HttpResponse:
    """The picker's answer: at most twenty members below the unit of the address, by name or card. 4 queries."""
    unit = unit_here(request)
    rows = MemberFilter({}).apply(Membership.objects.visible_to(request.user))
    text = request.GET.get("q", "")[:100]
    page = register_page(rows, text, unit=unit, user=user_of(request), query={}, size=PICKED)
    return render(request, "members/_member_options.html", {"rows": page.rows})


def _known(request: HttpRequest, pk: int) -> Appointment:
    """An office in scope that may be changed. Raises: Http404, PermissionDenied."""
    seen = Appointment.objects.visible_to(request.user).select_related("member", "unit")
    office = get_object_or_404(seen, pk=pk)
    require(request.user, Verb.APPOINT, office.unit)
    return office


def _list_of(unit: Unit) -> str:
    return f"{reverse('members:office-list')}?unit={unit.code}"
