"""Gifts: the list, one of them, and taking one out of the books."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from funds import actions
from funds.forms import VoidForm
from funds.lists.gifts import donations_of
from funds.models import Donation, DonationForm, Movement, NamedGiver, SplitGift
from funds.papers import whole_of
from funds.queries.papers import LIST_KINDS, papers_beside
from funds.sheets.donations import DonationResource
from funds.tables.donations import DonationTable
from funds.views.here import actor, asked_tree, money_page, shell, tabs
from hkh.core.dates import format_date
from hkh.core.money import dong, format_number, words_vi
from hkh.core.sheet_views import export_of
from members.here import unit_here
from members.rules import Verb, may, may_somewhere, require


@money_page
@require_GET
def donation_list(request: HttpRequest) -> HttpResponse:
    """The gifts that the unit and all below it received."""
    unit = unit_here(request)
    tree = asked_tree(request)
    found = donations_of(actor(request), unit, request.GET, tree=tree)
    page = found.page(request.GET)
    count = ngettext("%(count)s donation", "%(count)s donations", page.count) % {"count": page.counted}
    return render(
        request,
        "funds/donation_list.html",
        {
            "title": _("Donations"),
            "here": shell(request, unit, period=found.filter.asked_period, tree=tree),
            "tabs": tabs("funds:donation-list"),
            "filter": found.filter,
            "page": page,
            "export": export_of(request, DonationResource, unit=unit.code, tree=tree),
            "count": count,
            "table": DonationTable(page.data, order_by=page.sort, request=request),
            "may_record": may_somewhere(request.user, Verb.RECORD_DONATION),
            "making": _making(request, unit.code, tree) if may(request.user, Verb.ISSUE_PAPER, unit) else None,
        },
    )


@money_page
@require_GET
def donation_detail(request: HttpRequest, pk: int) -> HttpResponse:
    donation = visible_donation(request, pk)
    movements = Movement.objects.filter(donation=donation).select_related("target__fund", "source__fund", "recorded_by")
    return render(
        request,
        "funds/donation_detail.html",
        {
            "title": donation.donor.name,
            "here": shell(request, donation.unit),
            "tabs": tabs("funds:donation-list"),
            "donation": donation,
            "movements": movements.order_by("pk"),
            "figures": _figures(donation),
            "lede": words_vi(donation.amount_vnd),
            "facts": _facts(donation),
            "parts": actions.parts_of(donation) if donation.split_id else [],
            "lines": donation.lines.all() if donation.form == DonationForm.IN_KIND else [],
            "givers": _givers(donation),
            "history": _history(donation),
            "papers": papers_beside(
                request.user,
                whole_of(donation),
                donation.unit_id,
                url=reverse("funds:donation-paper", args=[donation.pk]),
                stands=donation.voided_on is None,
            ),
            "may_void": donation.voided_on is None and may(request.user, Verb.VOID_DONATION, donation.unit_id),
            "may_record": may(request.user, Verb.RECORD_DONATION, donation.unit_id),
        },
    )


@money_page
@require_http_methods(["GET", "POST"])
def donation_void(request: HttpRequest, pk: int) -> HttpResponse:
    donation = visible_donation(request, pk)
    require(request.user, Verb.VOID_DONATION, donation.unit_id)
    form = VoidForm(request.POST or None)
    if form.is_valid():
        try:
            actions.void_donation(
                donation=donation,
                reason=form.cleaned_data["reason"],
                on=form.cleaned_data["voided_on"],
                by=actor(request),
            )
        except ValidationError as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("Voided. Entry and void both stay in the books."))
            return redirect("funds:donation-detail", donation.pk)
    return render(
        request,
        "funds/donation_void.html",
        {
            "title": _("Void a donation"),
            "here": shell(request, donation.unit),
            "donation": donation,
            "form": form,
            "question": _("Void the donation of %(amount)s by %(donor)s?")
            % {"amount": dong((donation.split or donation).amount_vnd), "donor": donation.donor.name},
            "parts": actions.parts_of(donation) if donation.split_id else [],
        },
    )


def _making(request: HttpRequest, unit: str, tree: str) -> dict[str, Any]:
    """What the popup of papers for the whole list needs. No query."""
    kinds = [(kind.value, kind.label) for kind in LIST_KINDS]
    query, most = request.GET.urlencode(), format_number(actions.MOST_PAPERS)
    return {"kinds": kinds, "query": query, "unit": unit, "tree": tree, "key": str(uuid4()), "most": most}


def visible_donation(request: HttpRequest, pk: int) -> Donation:
    visible = Donation.objects.visible_to(request.user)
    return get_object_or_404(
        visible.select_related("unit", "fund", "donor", "appeal", "split", "batch", "recorded_by", "voided_by"), pk=pk
    )


def _figures(donation: Donation) -> list[tuple[str, str]]:
    if whole := donation.split:
        of_parts = _("Part %(part)s of %(parts)s") % {"part": donation.part, "parts": whole.part_count}
        return [(of_parts, dong(donation.amount_vnd)), (_("Whole gift"), dong(whole.amount_vnd))]
    return [(_("Amount"), dong(donation.amount_vnd))]


def _givers(donation: Donation) -> list[NamedGiver]:
    """Those on whose behalf the gift was handed over; of a split gift they stand with its first part."""
    of = {"donation__split": donation.split, "donation__part": 1} if donation.split else {"donation": donation}
    return list(NamedGiver.objects.filter(**of))


def _facts(donation: Donation) -> list[tuple[Any, Any]]:
    facts: list[tuple[Any, Any]] = [
        (_("Received on"), format_date(donation.received_on)),
        (_("Donor"), _link("funds:donor-detail", donation.donor.pk, donation.donor.name)),
        (_("Unit"), donation.unit.name),
        (_("Form"), donation.get_form_display()),
        (
            _("Fund"),
            _link("funds:fund-detail", donation.fund.pk, donation.fund.name)
            if donation.fund
            else _("None: handed straight to the recipient"),
        ),
    ]
    if donation.goods:
        facts.append((_("Goods"), donation.goods))
    told: Donation | SplitGift = donation.split or donation
    if told.foreign_amount is not None and told.exchange_rate is not None:
        amount = f"{format_number(told.foreign_amount, 2)} {told.currency}"
        facts.append((_("In foreign money"), f"{amount} × {format_number(told.exchange_rate, 2)}"))
    if donation.appeal:
        facts.append((_("Appeal"), _link("funds:appeal-detail", donation.appeal.pk, donation.appeal.name)))
    if donation.pigs:
        facts.append((_("Piggy banks opened"), format_number(donation.pigs)))
    if donation.batch:
        facts.append((_("Batch"), _link("funds:batch-detail", donation.batch.pk, format_number(donation.batch.pk))))
    said = ((_("Purpose"), donation.purpose), (_("Document"), donation.document), (_("Note"), donation.note))
    return facts + [(term, text) for term, text in said if text]


def _history(donation: Donation) -> list[tuple[str, str]]:
    """Who did what, when, and why; newest last."""
    stamp = formats.date_format(timezone.localtime(donation.recorded_at), "H:i d/m/Y")
    lines = [(stamp, _("Recorded by %(who)s") % {"who": donation.recorded_by or _("the system")})]
    if donation.voided_on:
        said = _("Voided by %(who)s: %(why)s") % {
            "who": donation.voided_by or _("the system"),
            "why": donation.void_reason,
        }
        lines.append((format_date(donation.voided_on), said))
    return lines


def _link(name: str, pk: int, text: str) -> str:
    return format_html('<a href="{}">{}</a>', reverse(name, args=[pk]), text)
