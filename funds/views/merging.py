"""Donors who look alike: found, merged, taken apart again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from funds import actions
from funds.models import Donation, Donor, DonorMerge
from funds.queries import with_gifts
from funds.queries.duplicates import likely_twins
from funds.views.here import actor, money_page, shell, tabs
from hkh.core.keys import key_of
from members.here import stood_below, unit_here
from members.rules import Verb, require, units_where

#: So many pairs stand on the page at once, the surest first.
SHOWN = 20


@money_page
@require_GET
def donor_duplicates(request: HttpRequest) -> HttpResponse:
    """Pairs of donors, known to the unit or to those below, who are likely one."""
    unit = unit_here(request)
    require(request.user, Verb.EDIT_DONOR, unit)
    known = Donor.objects.visible_to(request.user).filter(
        stood_below(unit), unit__in=units_where(request.user, Verb.EDIT_DONOR)
    )
    found = likely_twins(known)
    pairs = found[:SHOWN]
    left = len(found) - len(pairs)
    ids = {donor.pk for pair in pairs for donor in (pair.first, pair.second)}
    gifts = Donation.objects.visible_to(request.user)
    rows: Any = with_gifts(known.filter(pk__in=ids), donations=gifts)
    given = dict(rows.values_list("pk", "given_vnd"))
    return render(
        request,
        "funds/donor_duplicates.html",
        {
            "title": _("Donors who look alike"),
            "here": shell(request, unit),
            "tabs": tabs("funds:donor-list"),
            "unit": unit,
            "pairs": [_shown(pair, given) for pair in pairs],
            "more": _("%(count)s more pairs come up once these are decided.") % {"count": left} if left else "",
        },
    )


@money_page
@require_POST
def donor_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Merge the donor that was sent along into this one."""
    kept = _visible(request, pk)
    require(request.user, Verb.EDIT_DONOR, kept.unit_id)
    key = key_of(request.POST.get("gone"))
    if not key:
        messages.error(request, _("Choose two different donors."))
        return redirect("funds:donor-detail", kept.pk)
    gone = _visible(request, key)
    try:
        actions.merge_donors(kept=kept, gone=gone, by=actor(request))
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
        return redirect("funds:donor-detail", kept.pk)
    messages.success(
        request, _("Merged into “%(kept)s”. On the page of the other card you can undo it.") % {"kept": kept.name}
    )
    return redirect("funds:donor-duplicates")


@money_page
@require_POST
def donor_unmerge(request: HttpRequest, pk: int) -> HttpResponse:
    """Take this card out of the one that it was merged into."""
    gone = _visible(request, pk)
    require(request.user, Verb.EDIT_DONOR, gone.unit_id)
    merge = DonorMerge.objects.filter(gone=gone, undone_at=None).select_related("kept", "gone").first()
    if merge is None:
        messages.error(request, _("This card is not merged."))
        return redirect("funds:donor-detail", gone.pk)
    try:
        actions.undo_merge(merge=merge, by=actor(request))
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, _("The two cards stand apart again."))
    return redirect("funds:donor-detail", gone.pk)


@money_page
@require_POST
def donor_apart(request: HttpRequest, pk: int) -> HttpResponse:
    """Note that this donor and the one sent along are two."""
    first = _visible(request, pk)
    require(request.user, Verb.EDIT_DONOR, first.unit_id)
    key = key_of(request.POST.get("other"))
    if key and key != first.pk:
        actions.keep_apart(first=first, second=_visible(request, key), by=actor(request))
    return redirect("funds:donor-duplicates")


def _visible(request: HttpRequest, pk: int) -> Donor:
    return get_object_or_404(Donor.objects.visible_to(request.user).select_related("unit"), pk=pk)


def _shown(pair: Any, given: dict[int, int]) -> dict[str, Any]:
    words = {
        "tax_code": _("Same tax code"),
        "phone": _("Same telephone"),
        "name": _("Same name"),
        "member": _("Same member"),
    }
    cards = [
        {"donor": donor, "other": other, "given_vnd": given.get(donor.pk, 0)}
        for donor, other in ((pair.first, pair.second), (pair.second, pair.first))
    ]
    said = " · ".join(words[reason] for reason in pair.reasons)
    return {"reasons": said, "cards": cards, "first": pair.first, "second": pair.second}
