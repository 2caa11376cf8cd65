"""The form that gifts are recorded and corrected with, and what helps while filling it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from funds import actions
from funds.forms.donations import DonationCorrection, DonationEntry, DonorChoice
from funds.forms.lines import Beside
from funds.models import BankLine, Donation, DonationForm, Donor, Fund, LineState
from funds.queries import appeals_for, of_donor, search_donors, with_balances, with_gifts
from funds.suggestions import suggest
from funds.views.bank_lines import visible_line
from funds.views.donations import visible_donation
from funds.views.here import actor, money_page, posted_unit, shell, unit_for
from hkh.core.dates import format_date, parse_date, today
from hkh.core.keys import key_of
from hkh.core.money import dong
from hkh.core.text import clean
from members.models import Unit
from members.rules import Verb, may_somewhere, require

#: How long after an appeal closed its gifts may still be waiting to be typed in.
STILL_TYPED = timedelta(days=366)
MOST_FOUND = 20
LAST_GIFTS = 5


@money_page
@require_http_methods(["GET", "POST"])
def donation_add(request: HttpRequest) -> HttpResponse:
    """Record a gift. "Save and enter another" keeps date, fund and unit."""
    unit = _unit_of_form(request)
    choices = _choices(request, unit)
    beside = Beside(request.POST or None, funds=choices["funds"], initial={})
    form = DonationEntry(request.POST or None, initial=_kept(request), beside=beside, **choices)
    # Both, so that everything that is wrong is said at once.
    if all([beside.is_valid(), form.is_valid()]):
        try:
            donation = actions.record_donation(
                unit=unit, by=actor(request), idempotency_key=form.cleaned_data["idempotency_key"], **form.gift()
            )
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(
                request,
                _("Recorded: %(amount)s from %(donor)s.")
                % {"amount": dong(donation.amount_vnd), "donor": donation.donor.name},
            )
            if "again" not in request.POST:
                return redirect("funds:donation-detail", donation.pk)
            kept = {"unit": unit.code, "on": format_date(donation.received_on), "fund": donation.fund_id or ""}
            return redirect(f"{reverse('funds:donation-add')}?{urlencode(kept)}")
    return _page(request, form, unit, title=_("Record a donation"))


@money_page
@require_http_methods(["GET", "POST"])
def bank_line_gift(request: HttpRequest, pk: int) -> HttpResponse:
    """A line of a bank written down as a gift in full: into several funds, on behalf of others."""
    line = visible_line(request, pk)
    unit = line.account.unit
    require(request.user, Verb.RECORD_DONATION, unit)
    if line.amount_vnd < 0 or (line.state != LineState.OPEN and request.method == "GET"):
        return redirect("funds:bank-line-detail", line.pk)
    choices = _choices(request, unit)
    beside = Beside(request.POST or None, funds=choices["funds"], initial={})
    initial = {} if request.method == "POST" else _as_proposed(request, line)
    form = DonationEntry(request.POST or None, initial=initial, beside=beside, **choices)
    if all([beside.is_valid(), form.is_valid()]):
        try:
            donation = actions.book_gift(
                line=line,
                unit=unit,
                by=actor(request),
                idempotency_key=form.cleaned_data["idempotency_key"],
                **form.gift(),
            )
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            said = {"amount": dong(line.amount_vnd), "donor": donation.donor.name}
            messages.success(request, _("Recorded: %(amount)s from %(donor)s.") % said)
            return redirect("funds:bank-line-list", line.account_id)
    return _page(request, form, unit, title=_("Record a line of the bank as a gift"), line=line)


@money_page
@require_http_methods(["GET", "POST"])
def donation_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Void a gift and enter it again as it should have been, in one step."""
    donation = visible_donation(request, pk)
    require(request.user, Verb.VOID_DONATION, donation.unit_id)
    require(request.user, Verb.RECORD_DONATION, donation.unit_id)
    if donation.voided_on:
        return redirect("funds:donation-detail", donation.pk)
    choices = _choices(request, donation.unit, donation)
    beside = Beside(request.POST or None, funds=choices["funds"], initial=_beside_as_entered(donation))
    form = DonationCorrection(request.POST or None, initial=_as_entered(donation), beside=beside, **choices)
    if all([beside.is_valid(), form.is_valid()]):
        try:
            corrected = actions.correct_donation(
                donation=donation,
                reason=form.cleaned_data["reason"],
                on=form.cleaned_data["corrected_on"],
                by=actor(request),
                idempotency_key=form.cleaned_data["idempotency_key"],
                unit=donation.unit,
                **form.gift(),
            )
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Corrected. The first entry stays in the books as voided."))
            return redirect("funds:donation-detail", corrected.pk)
    return _page(request, form, donation.unit, title=_("Correct a donation"), donation=donation)


@money_page
@require_GET
def donor_search(request: HttpRequest) -> HttpResponse:
    """What the donor field finds: twenty at the most, and the way to enter a new one."""
    typed = clean(request.GET.get("q", ""))[:200]
    found = search_donors(Donor.objects.visible_to(request.user), typed) if typed else _latest_donors(request)
    rows = with_gifts(
        found.filter(merged_into=None).select_related("unit"), donations=Donation.objects.visible_to(request.user)
    )
    return render(
        request,
        "funds/_donor_options.html",
        {
            "donors": rows.order_by("title_key", "pk")[:MOST_FOUND],
            "typed": typed,
            "may_add": len(typed) >= 2 and may_somewhere(request.user, Verb.EDIT_DONOR),
        },
    )


@money_page
@require_GET
def donor_gifts(request: HttpRequest) -> HttpResponse:
    """The last gifts of the chosen donor, so that a double entry is seen before it is made."""
    key = key_of(request.GET.get("donor"))
    if not key:
        return HttpResponse("")
    donor = get_object_or_404(Donor.objects.visible_to(request.user), pk=key)
    return render(request, "funds/_last_gifts.html", {"gifts": _last_gifts(request, donor), "donor": donor})


def _latest_donors(request: HttpRequest) -> Any:
    """Before anything is typed: who gave of late."""
    latest = Donation.objects.visible_to(request.user).order_by("-recorded_at")[:200].values_list("donor", flat=True)
    return Donor.objects.visible_to(request.user).filter(pk__in=list(dict.fromkeys(latest))[:MOST_FOUND])


def _last_gifts(request: HttpRequest, donor: Donor) -> Any:
    gifts = Donation.objects.visible_to(request.user).filter(of_donor(donor)).select_related("unit", "fund")
    return gifts.order_by("-received_on", "-pk")[:LAST_GIFTS]


def _unit_of_form(request: HttpRequest) -> Unit:
    if request.method != "POST":
        return unit_for(request, Verb.RECORD_DONATION)
    unit = posted_unit(request)
    if unit is None:
        raise Http404
    require(request.user, Verb.RECORD_DONATION, unit)
    return unit


def _choices(request: HttpRequest, unit: Unit, donation: Donation | None = None) -> dict[str, Any]:
    """Whom and what the form offers. A correction may stay in a fund that has closed since."""
    own = Fund.objects.visible_to(request.user).filter(unit=unit)
    entered_in = [part.fund_id for part in actions.parts_of(donation)] if donation else []
    funds = own.filter(Q(closed_on=None) | Q(pk__in=[pk for pk in entered_in if pk]))
    return {
        "donors": Donor.objects.visible_to(request.user),
        "donors_url": reverse("funds:donor-search"),
        "funds": with_balances(funds).order_by("is_restricted", "title_key", "pk"),
        "appeals": appeals_for(unit, open_since=today() - STILL_TYPED),
    }


def _kept(request: HttpRequest) -> dict[str, Any]:
    """What the entry before left standing, or a link asked for: date, fund, donor."""
    kept: dict[str, Any] = {}
    for name in ("fund", "donor", "appeal"):
        if key_of(request.GET.get(name)):
            kept[name] = request.GET[name]
    try:
        kept["received_on"] = parse_date(request.GET["on"]) if "on" in request.GET else today()
    except ValidationError:
        kept["received_on"] = today()
    return kept


def _as_entered(donation: Donation) -> dict[str, Any]:
    names = set(DonationEntry.base_fields) - {"idempotency_key", "donor"}
    entered = {name: getattr(donation, name) for name in names if hasattr(donation, name)}
    if whole := donation.split:
        of_whole = ("amount_vnd", "currency", "foreign_amount", "exchange_rate")
        entered |= {name: getattr(whole, name) for name in of_whole} | {"fund": None}
    return entered | {"donor": donation.donor_id, "corrected_on": donation.received_on}


def _beside_as_entered(donation: Donation) -> dict[str, list[dict[str, Any]]]:
    """Shares, lines and givers of the first entry, as their forms show them."""
    parts = actions.parts_of(donation)
    shares = [{"fund": part.fund_id, "amount_vnd": part.amount_vnd} for part in parts] if donation.split_id else []
    lines: Any = donation.lines.values("what", "quantity", "measure", "unit_value_vnd", "valuation", "valued_by")
    givers: Any = parts[0].givers.values("name", "amount_vnd", "note")
    return {"shares": shares, "lines": list(lines), "givers": list(givers)}


def _as_proposed(request: HttpRequest, line: BankLine) -> dict[str, Any]:
    """What the form shows at first for a line: its facts, and what it probably is."""
    donors, donations = Donor.objects.visible_to(request.user), Donation.objects.visible_to(request.user)
    said = suggest(line.account, [line], donors=donors, donations=donations)[line.pk]
    return {
        "received_on": line.occurred_on,
        "donor": said.donor.pk if said.donor else f"{DonorChoice.NEW}{line.party}" if line.party else "",
        "form": DonationForm.BANK_TRANSFER,
        "amount_vnd": line.amount_vnd,
        "fund": said.fund.pk,
        "appeal": said.appeal.pk if said.appeal else None,
        "document": line.reference[:60],
    }


def _page(
    request: HttpRequest,
    form: DonationEntry,
    unit: Unit,
    *,
    title: str,
    donation: Donation | None = None,
    line: BankLine | None = None,
) -> HttpResponse:
    donor = form.chosen_donor()
    return render(
        request,
        "funds/donation_form.html",
        {
            "title": title,
            "here": shell(request, unit),
            "unit": unit,
            "form": form,
            "beside": form.beside,
            "has_fund": bool(form.fields["fund"].queryset),  # type: ignore[attr-defined]
            "donation": donation,
            "line": line,
            "donor": donor,
            "gifts": _last_gifts(request, donor) if donor else [],
        },
    )
