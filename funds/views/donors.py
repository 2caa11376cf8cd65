"""Donors."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from funds import actions
from funds.forms import DonorForm
from funds.lists.gifts import donors_of
from funds.models import Donation, Donor
from funds.queries import of_donor, with_gifts
from funds.sheets.donors import DonorResource
from funds.tables.donations import GiftTable
from funds.tables.donors import DonorTable
from funds.views.here import actor, money_page, posted_unit, shell, tabs, unit_for
from hkh.core.dates import format_date
from hkh.core.money import dong, format_number, format_vnd
from hkh.core.sheet_views import export_of
from hkh.core.text import search_key
from members.here import unit_here
from members.models import Member, Unit
from members.rules import Verb, may, may_somewhere, require

GIFTS_SHOWN = 10
MOST_FOUND = 20


@money_page
@require_GET
def donor_list(request: HttpRequest) -> HttpResponse:
    """Whom the unit and all below it know, with what each gave."""
    unit = unit_here(request)
    found = donors_of(actor(request), unit, request.GET)
    page = found.page(request.GET)
    return render(
        request,
        "funds/donor_list.html",
        {
            "title": _("Donors"),
            "here": shell(request, unit),
            "tabs": tabs("funds:donor-list"),
            "filter": found.filter,
            "page": page,
            "export": export_of(request, DonorResource, unit=unit.code),
            "count": ngettext("%(count)s donor", "%(count)s donors", page.count) % {"count": page.counted},
            "table": DonorTable(page.data, order_by=page.sort, request=request),
            "may_add": may_somewhere(request.user, Verb.EDIT_DONOR),
        },
    )


@money_page
@require_GET
def donor_detail(request: HttpRequest, pk: int) -> HttpResponse:
    gifts = Donation.objects.visible_to(request.user)
    donor: Any = get_object_or_404(
        with_gifts(
            Donor.objects.visible_to(request.user).select_related("unit", "member", "merged_into"), donations=gifts
        ),
        pk=pk,
    )
    shown = gifts.filter(of_donor(donor)).select_related("donor", "unit", "fund", "split")
    funds = _became(request, donor)
    return render(
        request,
        "funds/donor_detail.html",
        {
            "title": donor.name,
            "here": shell(request, donor.unit),
            "tabs": tabs("funds:donor-list"),
            "donor": donor,
            "figures": [
                (_("Given so far"), dong(donor.given_vnd)),
                (_("Gifts"), format_number(donor.gift_count)),
                (_("Last gift"), format_date(donor.last_gift_on) if donor.last_gift_on else "–"),
            ],
            "facts": _facts(donor),
            "table": GiftTable(list(shown.order_by("-received_on", "-pk")[:GIFTS_SHOWN]), request=request),
            "became": funds,
            "became_columns": [_("Fund"), _("Gifts"), _("Amount (đồng)")],
            "merged": list(Donor.objects.visible_to(request.user).filter(merged_into=donor)),
            "may_edit": may(request.user, Verb.EDIT_DONOR, donor.unit),
            "may_record": may_somewhere(request.user, Verb.RECORD_DONATION),
        },
    )


@money_page
@require_http_methods(["GET", "POST"])
def donor_add(request: HttpRequest) -> HttpResponse:
    unit = _unit_of_form(request, Verb.EDIT_DONOR)
    form = DonorForm(request.POST or None, members=Member.objects.visible_to(request.user))
    if form.is_valid():
        facts = {name: value for name, value in form.cleaned_data.items() if name != "revision"}
        try:
            donor = actions.add_donor(unit=unit, by=actor(request), **facts)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("funds:donor-detail", donor.pk)
    return _form_page(request, form, unit, _("Add a donor"), back=reverse("funds:donor-list"))


@money_page
@require_http_methods(["GET", "POST"])
def donor_edit(request: HttpRequest, pk: int) -> HttpResponse:
    donor = get_object_or_404(Donor.objects.visible_to(request.user).select_related("unit"), pk=pk)
    require(request.user, Verb.EDIT_DONOR, donor.unit)
    form = DonorForm(request.POST or None, instance=donor, members=Member.objects.visible_to(request.user))
    if form.is_valid():
        facts = dict(form.cleaned_data)
        revision = facts.pop("revision") or 0
        try:
            actions.edit_donor(donor=donor, revision=revision, by=actor(request), **facts)
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("funds:donor-detail", donor.pk)
    return _form_page(
        request, form, donor.unit, _("Edit the donor"), back=reverse("funds:donor-detail", args=[donor.pk])
    )


@money_page
@require_GET
def member_search(request: HttpRequest) -> HttpResponse:
    """What the member field of a donor finds: twenty at the most."""
    members = Member.objects.visible_to(request.user)
    for word in search_key(request.GET.get("q", ""))[:100].split():
        members = members.filter(search_key__contains=word)
    return render(request, "funds/_member_options.html", {"members": members.order_by("sort_key", "pk")[:MOST_FOUND]})


def _became(request: HttpRequest, donor: Donor) -> list[tuple[Any, ...]]:
    """Into which funds the gifts of ``donor`` went, the most first. 1 query."""
    gifts = Donation.objects.visible_to(request.user).filter(of_donor(donor), voided_on=None, fund__isnull=False)
    rows = gifts.order_by().values("fund", "fund__name").annotate(n=Count("pk"), sum_vnd=Sum("amount_vnd"))
    return [
        (
            _link("funds:fund-detail", row["fund"], row["fund__name"]),
            format_number(row["n"]),
            format_vnd(row["sum_vnd"]),
        )
        for row in rows.order_by("-sum_vnd", "fund")
    ]


def _link(name: str, pk: int, text: str) -> str:
    return format_html('<a href="{}">{}</a>', reverse(name, args=[pk]), text)


def _unit_of_form(request: HttpRequest, verb: Verb) -> Unit:
    unit = posted_unit(request) if request.method == "POST" else unit_for(request, verb)
    if unit is None:
        raise Http404
    require(request.user, verb, unit)
    return unit


def _form_page(request: HttpRequest, form: Any, unit: Unit, title: str, *, back: str) -> HttpResponse:
    return render(
        request,
        "funds/plain_form.html",
        {"title": title, "here": shell(request, unit), "unit": unit, "form": form, "back_url": back},
    )


def _facts(donor: Donor) -> list[tuple[Any, Any]]:
    said = (
        (_("Kind of donor"), donor.get_kind_display()),
        (_("Known to"), donor.unit.name),
        (_("Telephone"), donor.phone),
        (_("E-mail"), donor.email),
        (_("Address"), donor.address),
        (_("Tax code"), donor.tax_code),
        (_("Country"), donor.country),
        (_("Note"), donor.note),
        (_("Is the member"), donor.member.full_name if donor.member else ""),
    )
    return [(term, text) for term, text in said if text]
