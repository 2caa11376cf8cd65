"""What every page of money stands on: its unit, what hangs below it, and the tabs across the pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from funds.models import Fund
from hkh.core.context import Here, current_scope
from hkh.core.dates import Period, today
from members.here import NoUnit, stood_below, unit_here, way_to
from members.models import Unit, User
from members.rules import Verb, may, require, units_where

TABS: tuple[tuple[str, str | Promise], ...] = (
    ("funds:overview", gettext_lazy("Overview")),
    ("funds:fund-list", gettext_lazy("Funds")),
    ("funds:donation-list", gettext_lazy("Donations")),
    ("funds:donor-list", gettext_lazy("Donors")),
    ("funds:appeal-list", gettext_lazy("Appeals")),
    ("funds:pledge-list", gettext_lazy("Pledges")),
    ("funds:stock-list", gettext_lazy("Goods")),
    ("funds:voucher-list", gettext_lazy("Spending and transfers")),
    ("funds:statement-list", gettext_lazy("Bank statements")),
    ("funds:account-books", gettext_lazy("Books")),
    ("funds:closing-list", gettext_lazy("Closing the books")),
)


@dataclass(frozen=True)
class Tab:
    label: str | Promise
    url: str
    is_current: bool
    count: int | None = None


def money_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page for who is signed in; who has no unit yet is told so."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NoUnit:
            return render(request, "funds/no_unit.html", {"title": TABS[0][1]})

    return login_required(page)


def actor(request: HttpRequest) -> User:
    """Who acts: on a page of ours somebody is signed in."""
    assert isinstance(request.user, User)
    return request.user


def tabs(current: str) -> list[Tab]:
    return [Tab(label, reverse(name), name == current) for name, label in TABS]


def shell(request: HttpRequest, unit: Unit, *, period: Period | None = None, tree: str = "") -> Here:
    """The three questions as this page answers them. 1 query."""
    return Here(way_to(request, unit, day=period.last_day if period else today()), period, tree)


def asked_tree(request: HttpRequest) -> str:
    return current_scope(request).tree or "then"


def unit_for(request: HttpRequest, verb: Verb) -> Unit:
    """The unit that a form is for: the one of the address or the page before, if the user may ``verb`` there; else,
    unless the address insists, the first where he or she may.

    Raises: Http404, PermissionDenied, NoUnit.
    """
    unit = unit_here(request)
    if may(request.user, verb, unit):
        return unit
    if "unit" not in request.GET:
        other = units_where(request.user, verb).filter(dissolved_on=None).order_by("tier__rank", "title_key").first()
        if other is not None:
            return other
    require(request.user, verb, unit)
    return unit


def posted_unit(request: HttpRequest) -> Unit | None:
    """The unit that a form was made for, as it posted it back; None where it is out of sight."""
    return Unit.objects.visible_to(request.user).filter(code=request.POST.get("unit", "")).first()


def funds_below(request: HttpRequest, unit: Unit) -> QuerySet[Fund]:
    """The funds of ``unit`` and of all below it, as far as the user sees them. No query."""
    return Fund.objects.visible_to(request.user).filter(stood_below(unit))
