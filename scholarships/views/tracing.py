"""Traces, each drawn into the page of what it is about: what gifts became, and who paid for what was handed out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from funds.models import Donation, Donor, MovementKind
from funds.queries import of_donor
from funds.views.here import shell
from hkh.core.dates import format_date
from hkh.core.money import dong, format_number, format_vnd, percent
from members.here import user_of
from members.models import Unit
from scholarships.models import Distribution, DistributionLine, Round
from scholarships.tracing import MOST_STEPS, Became, PaidBy, Use, became_of, paid_by
from scholarships.views.here import giving_page, link

#: The rest of a long trace is summed in one row.
MOST_ROWS = 12

#: Attributes of ``Became`` in the order of the bar, with what the key calls them and its shade.
_BECAME: tuple[tuple[str, str | Promise, str], ...] = (
    ("handed_out_vnd", gettext_lazy("Handed out"), "given"),
    ("spent_vnd", gettext_lazy("Other spending"), "spent"),
    ("passed_on_vnd", gettext_lazy("Passed on further"), "passed"),
    ("committed_vnd", gettext_lazy("Set aside for approved awards"), "committed"),
    ("transit_vnd", gettext_lazy("On its way to another fund"), "transit"),
    ("left_vnd", gettext_lazy("Still in the fund"), "left"),
)
_OTHER_USES: dict[str, str | Promise] = {
    MovementKind.EXPENSE: gettext_lazy("Other spending"),
    MovementKind.ADJUSTMENT: gettext_lazy("Shortage found by a count"),
    MovementKind.TRANSFER: gettext_lazy("Passed on further"),
    MovementKind.HANDOVER: gettext_lazy("Passed on further"),
}


class Part(NamedTuple):
    """A stretch of the bar, placed in per cent, and its line in the key."""

    label: str | Promise
    text: str
    share: str
    begins: str
    width: str
    shade: str


@giving_page
@require_GET
def gift_trace(request: HttpRequest, pk: int) -> HttpResponse:
    """What one gift became."""
    gift = get_object_or_404(Donation.objects.visible_to(request.user).select_related("unit", "donor"), pk=pk)
    became = became_of([gift.pk], reader=user_of(request))
    back = (gift.donor.name, reverse("funds:donation-detail", args=[gift.pk]))
    return _became_page(request, became, unit=gift.unit, back=back)


@giving_page
@require_GET
def donor_trace(request: HttpRequest, pk: int) -> HttpResponse:
    """What all gifts of a donor became, as far as the reader sees them."""
    donor = get_object_or_404(Donor.objects.visible_to(request.user).select_related("unit"), pk=pk)
    gifts = Donation.objects.visible_to(request.user).filter(of_donor(donor), voided_on=None, fund__isnull=False)
    became = became_of(gifts.order_by().values_list("pk", flat=True), reader=user_of(request))
    return _became_page(
        request, became, unit=donor.unit, back=(donor.name, reverse("funds:donor-detail", args=[donor.pk]))
    )


@giving_page
@require_GET
def distribution_trace(request: HttpRequest, pk: int) -> HttpResponse:
    """Whose gifts paid for one distribution."""
    held = get_object_or_404(Distribution.objects.visible_to(request.user).select_related("unit", "round"), pk=pk)
    lines = DistributionLine.objects.filter(distribution=held)
    back = (held.round.name, reverse("scholarships:distribution-detail", args=[held.pk]))
    return _paid_page(request, lines, unit=held.unit, back=back)


@giving_page
@require_GET
def round_trace(request: HttpRequest, pk: int) -> HttpResponse:
    """Whose gifts paid for all that was handed out of a round."""
    round_ = get_object_or_404(Round.objects.visible_to(request.user).select_related("unit"), pk=pk)
    lines = DistributionLine.objects.filter(distribution__round=round_)
    back = (round_.name, reverse("scholarships:round-detail", args=[round_.pk]))
    return _paid_page(request, lines, unit=round_.unit, back=back)


def _became_page(request: HttpRequest, became: Became, *, unit: Unit, back: tuple[str, str]) -> HttpResponse:
    shares = [(label, getattr(became, name), shade) for name, label, shade in _BECAME]
    return _trace_page(
        request,
        title=_("What the gifts became"),
        unit=unit,
        back=back,
        parts=_parts(shares, became.given_vnd),
        columns=[_("What they paid for"), _("Date"), _("Awards"), _("Their share (đồng)")],
        rows=_use_rows(became.uses),
        empty=_("Nothing of it stands in the books: the gift was voided, or handed straight to the recipient."),
        note=_(
            "First in, first out within each fund, money and goods apart; what one fund passed to another is followed "
            "through %(steps)s funds at most."
        )
        % {"steps": format_number(MOST_STEPS)},
    )


def _paid_page(
    request: HttpRequest, lines: QuerySet[DistributionLine], *, unit: Unit, back: tuple[str, str]
) -> HttpResponse:
    paid = paid_by(lines, reader=user_of(request))
    given_vnd = sum(giver.vnd for giver in paid.givers)
    shares = [
        (_("Donors"), given_vnd, "given"),
        (_("Brought forward from before the books began"), paid.brought_forward_vnd, "left"),
        (_("Interest"), paid.interest_vnd, "committed"),
        (_("Surplus found by a count"), paid.surplus_vnd, "transit"),
        (_("Passed on from further back"), paid.passed_on_vnd, "passed"),
    ]
    note = _("First in, first out within the fund, money and goods apart.")
    if paid.through_vnd:
        note += " " + _("%(through)s of it came through other funds, and is followed to who gave it there.") % {
            "through": dong(paid.through_vnd)
        }
    return _trace_page(
        request,
        title=_("Who contributed"),
        unit=unit,
        back=back,
        parts=_parts(shares, paid.paid_vnd),
        columns=[_("Donor"), _("Gifts"), _("Share"), _("Amount (đồng)")],
        rows=_giver_rows(paid),
        empty=_("Nothing was handed out yet, or what was handed out was voided."),
        note=note,
    )


def _trace_page(request: HttpRequest, *, unit: Unit, **facts: Any) -> HttpResponse:
    """The trace alone for the page that asks for it; for who follows the link, a page of its own."""
    if request.headers.get("HX-Request") == "true":
        return render(request, "scholarships/_trace.html", facts)
    return render(request, "scholarships/trace_page.html", {**facts, "here": shell(request, unit)})


def _parts(shares: Sequence[tuple[str | Promise, int, str]], whole_vnd: int) -> list[Part]:
    parts, before = [], 0
    for label, vnd, shade in shares:
        if vnd:
            begins, width = before * 100 / whole_vnd, vnd * 100 / whole_vnd
            parts.append(Part(label, dong(vnd), percent(width, in_column=True), f"{begins:.3f}", f"{width:.3f}", shade))
            before += vnd
    return parts


def _use_rows(uses: list[Use]) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = [
        (
            _use_title(use),
            format_date(use.on),
            format_number(use.award_count) if use.award_count else "–",
            format_vnd(use.vnd),
        )
        for use in uses[:MOST_ROWS]
    ]
    if rest := uses[MOST_ROWS:]:
        said = ngettext("%(count)s earlier one", "%(count)s earlier ones", len(rest)) % {
            "count": format_number(len(rest))
        }
        awards = sum(use.award_count for use in rest)
        rows.append((said, "", format_number(awards) if awards else "–", format_vnd(sum(use.vnd for use in rest))))
    return rows


def _use_title(use: Use) -> Any:
    if use.kind != MovementKind.PAYMENT:
        told = [_OTHER_USES.get(use.kind, ""), use.title, use.unit if use.steps else ""]
        return " · ".join(str(text) for text in told if text)
    if use.pk is None:
        return _("%(programme)s, given by another unit") % {"programme": use.programme}
    return link("scholarships:distribution-detail", use.pk, f"{use.title} · {use.unit}")


def _giver_rows(paid: PaidBy) -> list[tuple[Any, ...]]:
    named = [giver for giver in paid.givers if giver.donor is not None]
    rows: list[tuple[Any, ...]] = [
        (link("funds:donor-detail", giver.donor, giver.name), *_shares(giver.gift_count, giver.vnd, paid))
        for giver in named[:MOST_ROWS]
        if giver.donor is not None
    ]
    if rest := named[MOST_ROWS:]:
        said = ngettext("%(count)s other donor", "%(count)s other donors", len(rest)) % {
            "count": format_number(len(rest))
        }
        rows.append((said, *_shares(sum(giver.gift_count for giver in rest), sum(giver.vnd for giver in rest), paid)))
    rows += [
        (_("Benefactors not named"), *_shares(giver.gift_count, giver.vnd, paid))
        for giver in paid.givers
        if giver.donor is None
    ]
    others = (
        (_("Brought forward from before the books began"), paid.brought_forward_vnd),
        (_("Interest"), paid.interest_vnd),
        (_("Surplus found by a count"), paid.surplus_vnd),
        (_("Passed on from further back"), paid.passed_on_vnd),
    )
    return rows + [(label, *_shares(0, vnd, paid)) for label, vnd in others if vnd]


def _shares(gifts: int, vnd: int, paid: PaidBy) -> tuple[str, str, str]:
    return format_number(gifts) if gifts else "–", percent(vnd * 100 / paid.paid_vnd, in_column=True), format_vnd(vnd)
