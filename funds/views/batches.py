"""Gifts typed in one go: the grid, its draft, and a posted batch."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from funds import actions
from funds.forms.batches import BatchHead, KnownDonors, SlipLines
from funds.models import Batch, BatchDraft, Donation, Donor, Fund
from funds.queries import appeals_for
from funds.tables.donations import DonationTable
from funds.views.entry import STILL_TYPED
from funds.views.here import actor, money_page, posted_unit, shell, tabs, unit_for
from hkh.core.dates import today
from hkh.core.keys import number_of
from hkh.core.money import dong, format_number
from members.models import Unit
from members.rules import Verb, require

#: What one draft may weigh: five hundred lines are a tenth of it.
MOST_KEPT = 500_000


@money_page
@require_http_methods(["GET", "POST"])
def batch_add(request: HttpRequest) -> HttpResponse:
    """A pile of slips, typed line by line; it goes into the books when count and sum agree, whole."""
    unit = _unit_of_form(request)
    funds = (
        Fund.objects.visible_to(request.user).filter(unit=unit, closed_on=None).order_by("is_restricted", "title_key")
    )
    data, kept = _data_or_draft(request, unit)
    head = BatchHead(data, initial=kept, funds=funds, appeals=appeals_for(unit, open_since=today() - STILL_TYPED))
    lines = _lines(request, data, kept, list(funds))
    # Both, so that everything that is wrong is said at once.
    if all([head.is_valid(), lines.is_valid()]):
        said = head.cleaned_data
        gifts: list[Any] = [{"unit": unit, **form.gift(said)} for form in lines.forms if form.has_changed()]
        try:
            batch = actions.record_batch(
                unit=unit,
                gifts=gifts,
                control_count=said["control_count"],
                control_vnd=said["control_vnd"],
                by=actor(request),
                idempotency_key=said["idempotency_key"],
            )
        except ValidationError as refusal:
            head.refuse(refusal)
        else:
            told = {"count": format_number(batch.control_count), "sum": dong(batch.control_vnd)}
            messages.success(request, _("Posted: %(count)s gifts, %(sum)s together.") % told)
            return redirect("funds:batch-detail", batch.pk)
    return render(
        request,
        "funds/batch_form.html",
        {
            "title": _("Type a batch of gifts"),
            "here": shell(request, unit),
            "unit": unit,
            "head": head,
            "lines": lines,
            "is_draft": bool(kept),
        },
    )


@money_page
@require_POST
def batch_draft(request: HttpRequest) -> HttpResponse:
    """Keep what is typed so far, or, with ``drop``, forget it and begin anew."""
    unit = _unit_of_form(request)
    if "drop" in request.POST:
        actions.drop_batch_draft(unit=unit, by=actor(request))
        return redirect(f"{reverse('funds:batch-add')}?unit={unit.code}")
    typed = {name: value for name, value in request.POST.items() if name != "csrfmiddlewaretoken"}
    if sum(len(name) + len(str(value)) for name, value in typed.items()) <= MOST_KEPT:
        actions.save_batch_draft(unit=unit, typed=typed, by=actor(request))
    return HttpResponse("")


@money_page
@require_GET
def batch_detail(request: HttpRequest, pk: int) -> HttpResponse:
    visible = Batch.objects.visible_to(request.user).select_related("unit", "recorded_by")
    batch = get_object_or_404(visible, pk=pk)
    gifts = Donation.objects.visible_to(request.user).filter(batch=batch).order_by("pk")
    table = DonationTable(
        list(gifts.select_related("donor", "fund", "unit", "split")),
        exclude=("unit",),
        orderable=False,
        request=request,
    )
    return render(
        request,
        "funds/batch_detail.html",
        {
            "title": _("Batch %(number)s") % {"number": format_number(batch.pk)},
            "here": shell(request, batch.unit),
            "tabs": tabs("funds:donation-list"),
            "batch": batch,
            "figures": [
                (_("Number of slips"), format_number(batch.control_count)),
                (_("Sum of the slips"), dong(batch.control_vnd)),
            ],
            "table": table,
        },
    )


def _unit_of_form(request: HttpRequest) -> Unit:
    unit = posted_unit(request) if request.method == "POST" else unit_for(request, Verb.RECORD_DONATION)
    if unit is None:
        raise Http404
    require(request.user, Verb.RECORD_DONATION, unit)
    return unit


def _data_or_draft(request: HttpRequest, unit: Unit) -> tuple[Any, dict[str, Any]]:
    """What was sent; else what was typed before and neither posted nor dropped, as it was typed."""
    if request.method == "POST":
        return request.POST, {}
    draft = BatchDraft.objects.filter(owner=actor(request), unit=unit).first()
    return None, draft.typed if draft else {}


def _lines(request: HttpRequest, data: Any, kept: dict[str, Any], funds: list[Fund]) -> Any:
    """The lines of the grid, with the donors they name looked up once."""
    source = data or kept
    named = [str(value) for name, value in source.items() if name.startswith("slips-") and name.endswith("-donor")]
    known = KnownDonors(Donor.objects.visible_to(request.user), named, url=reverse("funds:donor-search"))
    fields = ("donor", "amount_vnd", "new_kind", "fund", "document", "purpose")
    count = number_of(kept.get("slips-TOTAL_FORMS"), digits=4)
    rows = [{name: kept.get(f"slips-{n}-{name}", "") for name in fields} for n in range(min(count, 500))]
    typed = [row for row in rows if any(value for name, value in row.items() if name != "new_kind")]
    return SlipLines(data, initial=typed, form_kwargs={"known": known, "funds": {str(fund.pk): fund for fund in funds}})
