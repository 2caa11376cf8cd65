"""Pledges: the instalments and what is overdue, one pledge, and its form."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from funds import actions
from funds.forms.pledges import InstalmentLines, PledgeForm
from funds.lists.books import instalments_below, instalments_of
from funds.models import Donation, Donor, Pledge, PledgeInstalment
from funds.queries import of_donor
from funds.queries.pledges import overdue, with_kept, with_state
from funds.sheets.lists import InstalmentResource
from funds.tables.pledges import InstalmentTable
from funds.views.here import actor, money_page, posted_unit, shell, tabs, unit_for
from hkh.core.dates import today
from hkh.core.keys import key_of
from hkh.core.money import dong
from hkh.core.sheet_views import export_of
from members.here import unit_here
from members.rules import Verb, may, may_somewhere, require


@money_page
@require_GET
def pledge_list(request: HttpRequest) -> HttpResponse:
    """The instalments promised to the unit and to all below it; those overdue first to be seen."""
    unit = unit_here(request)
    found = instalments_of(actor(request), unit, request.GET)
    late = overdue(instalments_below(actor(request), unit), day=today())
    late_vnd = late.aggregate(n=Sum("amount_vnd", default=0) - Sum("kept_vnd", default=0))["n"]
    page = found.page(request.GET)
    return render(
        request,
        "funds/pledge_list.html",
        {
            "title": _("Pledges"),
            "here": shell(request, unit),
            "tabs": tabs("funds:pledge-list"),
            "figures": [(_("Overdue"), dong(late_vnd))],
            "filter": found.filter,
            "export": export_of(request, InstalmentResource, unit=unit.code),
            "page": page,
            "count": ngettext("%(count)s instalment", "%(count)s instalments", page.count) % {"count": page.counted},
            "table": InstalmentTable(page.data, order_by=page.sort, request=request),
            "may_record": may_somewhere(request.user, Verb.RECORD_DONATION),
        },
    )


@money_page
@require_http_methods(["GET", "POST"])
def pledge_add(request: HttpRequest) -> HttpResponse:
    unit = posted_unit(request) if request.method == "POST" else unit_for(request, Verb.RECORD_DONATION)
    if unit is None:
        raise Http404
    require(request.user, Verb.RECORD_DONATION, unit)
    form = PledgeForm(request.POST or None, donors=Donor.objects.visible_to(request.user))
    lines = InstalmentLines(request.POST if "instalments-TOTAL_FORMS" in request.POST else None)
    if all([form.is_valid(), lines.is_bound and lines.is_valid()]):
        said = form.cleaned_data
        try:
            pledge = actions.record_pledge(
                unit=unit,
                by=actor(request),
                instalments=[(line["due_on"], line["amount_vnd"]) for line in lines.said()],
                **said,
            )
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("funds:pledge-detail", pledge.pk)
    return render(
        request,
        "funds/pledge_form.html",
        {
            "title": _("Record a pledge"),
            "here": shell(request, unit),
            "unit": unit,
            "form": form,
            "lines": lines,
            "back_url": reverse("funds:pledge-list"),
        },
    )


@money_page
@require_GET
def pledge_detail(request: HttpRequest, pk: int) -> HttpResponse:
    pledge = _visible(request, pk)
    own = with_kept(PledgeInstalment.objects.visible_to(request.user).filter(pledge=pledge))
    dues = list(with_state(own, day=today()).order_by("due_on"))
    stands = pledge.cancelled_on is None and may(request.user, Verb.RECORD_DONATION, pledge.unit)
    gifts = Donation.objects.visible_to(request.user).filter(of_donor(pledge.donor), voided_on=None)
    kept_vnd = sum(due.kept_vnd for due in dues)
    return render(
        request,
        "funds/pledge_detail.html",
        {
            "title": pledge.donor.name,
            "here": shell(request, pledge.unit),
            "tabs": tabs("funds:pledge-list"),
            "pledge": pledge,
            "figures": [(_("Pledged"), dong(pledge.amount_vnd)), (_("Kept"), dong(kept_vnd))],
            "table": InstalmentTable(dues, exclude=("donor", "unit"), orderable=False, request=request),
            "gifts": gifts.filter(pledge_matches=None).order_by("-received_on", "-pk")[:50] if stands else [],
            "may_change": stands,
        },
    )


@money_page
@require_POST
def pledge_match(request: HttpRequest, pk: int) -> HttpResponse:
    """Count the chosen gift towards the pledge, or, with ``reason``, cancel the pledge."""
    pledge = _visible(request, pk)
    require(request.user, Verb.RECORD_DONATION, pledge.unit)
    key = key_of(request.POST.get("donation"))
    try:
        if request.POST.get("reason", "").strip():
            actions.cancel_pledge(pledge=pledge, reason=request.POST["reason"][:240], on=today(), by=actor(request))
        elif key:
            gift = get_object_or_404(Donation.objects.visible_to(request.user), pk=key)
            actions.match_donation(pledge=pledge, donation=gift, by=actor(request))
        else:
            raise ValidationError(_("Choose the gift, or say why the pledge is cancelled."))
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("Saved."))
    return redirect("funds:pledge-detail", pledge.pk)


def _visible(request: HttpRequest, pk: int) -> Pledge:
    visible: Any = Pledge.objects.visible_to(request.user).select_related("unit", "donor")
    return get_object_or_404(visible, pk=pk)
