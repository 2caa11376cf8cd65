"""Members: the register, the page of a person, admission, correction, transfer, leaving."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from hkh.core.dates import format_date
from hkh.core.listing import listing
from members import actions
from members.filters import MemberFilter
from members.forms import AdmitForm, CorrectForm, EndForm, TransferForm
from members.here import unit_here, user_of
from members.models import Member, Membership, Unit, UnitAncestor
from members.rules import Verb, may, may_somewhere, require, units_where
from members.tables import MemberTable, born
from members.views.here import organisation_page, shell

SORTS = {"name": ("sort_key", "pk")}


def _in_order() -> Prefetch[str]:
    """The memberships of the members shown, oldest first, their units along with them."""
    return Prefetch("memberships", Membership.unscoped.select_related("unit").order_by("joined_on", "pk"))


@organisation_page
@require_GET
def member_list(request: HttpRequest) -> HttpResponse:
    """The register of the unit and all below it, in the order of Vietnamese names."""
    unit = unit_here(request)
    narrowed = MemberFilter(request.GET)
    units = None
    if unit.parent_id is not None:
        units = UnitAncestor.objects.filter(ancestor=unit, is_latest=True).values("unit")
    members = narrowed.apply(Member.objects.visible_to(request.user), units=units)
    page = listing(members.prefetch_related(_in_order()), sorts=SORTS, default="name", query=request.GET)
    return render(
        request,
        "members/member_list.html",
        {
            "title": _("Members"),
            "here": shell(request, unit),
            "filter": narrowed,
            "page": page,
            "count": ngettext("%(count)s member", "%(count)s members", page.count) % {"count": page.counted},
            "table": MemberTable(page.data, order_by=page.sort, request=request),
            "may_add": may_somewhere(request.user, Verb.EDIT_MEMBER),
        },
    )


@organisation_page
@require_GET
def member_detail(request: HttpRequest, pk: int) -> HttpResponse:
    member, memberships = _known(request, pk)
    current = memberships[-1]
    may_edit = may(request.user, Verb.EDIT_MEMBER, current.unit)
    return render(
        request,
        "members/member_detail.html",
        {
            "title": member.full_name,
            "here": shell(request, current.unit),
            "member": member,
            "badge": "" if current.left_on is None else str(current.get_leave_reason_display()),
            "facts": _facts(member),
            "memberships": memberships[::-1],
            "may_edit": may_edit,
            "may_move": may_edit and current.left_on is None,
        },
    )


@organisation_page
@require_http_methods(["GET", "POST"])
def member_add(request: HttpRequest) -> HttpResponse:
    unit = unit_here(request)
    units = _open_units(request)
    holds = unit.tier.holds_members and may(request.user, Verb.EDIT_MEMBER, unit)
    form = AdmitForm(request.POST or None, units=units, initial={"unit": unit.code} if holds else None)
    if form.is_valid():
        said = form.cleaned_data
        try:
            member = actions.add_member(
                unit=said["unit"],
                joined_on=said["joined_on"],
                idempotency_key=said["idempotency_key"],
                by=user_of(request),
                **form.person(),
            )
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(
                request, _("%(member)s is now a member of %(unit)s.") % {"member": member, "unit": said["unit"]}
            )
            if "again" in request.POST:
                return redirect(f"{reverse('members:member-add')}?unit={said['unit'].code}")
            return redirect("members:member-detail", member.pk)
    return _form_page(request, form, unit, _("Admit a member"), back=reverse("members:member-list"), again=True)


@organisation_page
@require_http_methods(["GET", "POST"])
def member_edit(request: HttpRequest, pk: int) -> HttpResponse:
    member, memberships = _known(request, pk, Verb.EDIT_MEMBER)
    form = CorrectForm(request.POST or None, member=member)
    if form.is_valid():
        try:
            actions.correct_member(
                member=member, revision=form.cleaned_data["revision"], by=user_of(request), **form.person()
            )
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            return _saved(request, member)
    return _form_page(request, form, memberships[-1].unit, _("Correct the facts"), back=_page_of(member))


@organisation_page
@require_http_methods(["GET", "POST"])
def member_transfer(request: HttpRequest, pk: int) -> HttpResponse:
    member, memberships = _known(request, pk, Verb.EDIT_MEMBER)
    form = TransferForm(request.POST or None, units=_open_units(request))
    if form.is_valid():
        try:
            actions.transfer_member(member=member, by=user_of(request), **form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            return _saved(request, member)
    title = _("Transfer %(member)s to another unit") % {"member": member.full_name}
    return _form_page(request, form, memberships[-1].unit, title, back=_page_of(member))


@organisation_page
@require_http_methods(["GET", "POST"])
def member_end(request: HttpRequest, pk: int) -> HttpResponse:
    member, memberships = _known(request, pk, Verb.EDIT_MEMBER)
    form = EndForm(request.POST or None)
    if form.is_valid():
        try:
            actions.end_membership(member=member, by=user_of(request), **form.cleaned_data)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            return _saved(request, member)
    title = _("End the membership of %(member)s") % {"member": member.full_name}
    return _form_page(request, form, memberships[-1].unit, title, back=_page_of(member))


def _known(request: HttpRequest, pk: int, verb: Verb | None = None) -> tuple[Member, list[Membership]]:
    """A member in scope with all memberships, oldest first. Raises: Http404, PermissionDenied."""
    member = get_object_or_404(Member.objects.visible_to(request.user).prefetch_related(_in_order()), pk=pk)
    memberships = list(member.memberships.all())
    if verb is not None:
        require(request.user, verb, memberships[-1].unit)
    return member, memberships


def _open_units(request: HttpRequest) -> QuerySet[Unit]:
    return units_where(request.user, Verb.EDIT_MEMBER).filter(dissolved_on=None, tier__holds_members=True)


def _saved(request: HttpRequest, member: Member) -> HttpResponse:
    messages.success(request, _("Saved."))
    # Who was transferred out of sight has no page here any more.
    if Member.objects.visible_to(request.user).filter(pk=member.pk).exists():
        return redirect("members:member-detail", member.pk)
    return redirect("members:member-list")


def _page_of(member: Member) -> str:
    return reverse("members:member-detail", args=[member.pk])


def _form_page(
    request: HttpRequest, form: Any, unit: Unit, title: str, *, back: str, again: bool = False
) -> HttpResponse:
    context = {"title": title, "here": shell(request, unit), "form": form, "back_url": back, "again": again}
    return render(request, "members/plain_form.html", context)


def _facts(member: Member) -> list[tuple[str, str]]:
    said = (
        (_("Born"), born(member)),
        (_("Sex"), str(member.get_sex_display())),
        (_("Telephone"), member.phone),
        (_("E-mail"), member.email),
        (_("Occupation"), member.occupation),
        (_("Address"), member.address),
        (_("Card number"), member.card_number),
        (_("Died on"), format_date(member.deceased_on) if member.deceased_on else ""),
        (_("Note"), member.note),
    )
    return [(term, text) for term, text in said if text]
