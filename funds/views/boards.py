"""The council and the control board of a fund."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from funds import actions
from funds.forms.lines import SeatLines
from funds.models import BoardMember
from funds.views.books import visible_fund
from funds.views.here import actor, money_page, shell
from members.rules import Verb, require


@money_page
@require_http_methods(["GET", "POST"])
def board_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Who sits on the boards: all seats of the fund in one form."""
    fund = visible_fund(request, pk)
    require(request.user, Verb.MANAGE_FUNDS, fund.unit)
    seats = BoardMember.objects.visible_to(request.user).filter(fund=fund).order_by("body", "pk")
    lines = SeatLines(
        request.POST or None, initial=list(seats.values("id", "body", "name", "position", "since", "until"))
    )
    if lines.is_valid():
        try:
            actions.seat_board(fund=fund, seats=lines.said(), by=actor(request))  # type: ignore[arg-type]
        except ValidationError as refusal:
            lines.non_form_errors().extend(refusal.messages)
        else:
            messages.success(request, _("Saved."))
            return redirect("funds:fund-detail", fund.pk)
    return render(
        request,
        "funds/lines_form.html",
        {
            "title": _("Council and control board of the fund"),
            "lede": fund.name,
            "here": shell(request, fund.unit),
            "lines": lines,
            "back_url": reverse("funds:fund-detail", args=[fund.pk]),
        },
    )
