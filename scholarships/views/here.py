"""What every page of giving stands on: who has no unit is told so, and the tabs across the pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funds.views.here import Tab
from members.here import NoUnit
from scholarships.models import Round
from scholarships.queries import with_tallies

TABS: tuple[tuple[str, str | Promise], ...] = (
    ("scholarships:round-list", gettext_lazy("Rounds")),
    ("scholarships:distribution-list", gettext_lazy("Distributions")),
)


def giving_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page for who is signed in; who has no unit yet is told so."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NoUnit:
            return render(request, "funds/no_unit.html", {"title": _("Scholarships and gifts")})

    return login_required(page)


def tabs(current: str) -> list[Tab]:
    return [Tab(label, reverse(name), name == current) for name, label in TABS]


def visible_round(request: HttpRequest, pk: int) -> Round:
    """The round, ``with_tallies``. 1 query. Raises: Http404 where it is out of scope."""
    rows = Round.objects.visible_to(request.user).select_related("unit", "fund", "programme", "opened_by")
    return get_object_or_404(with_tallies(rows), pk=pk)


def link(name: str, pk: int, text: Any) -> str:
    return format_html('<a href="{}">{}</a>', reverse(name, args=[pk]), text)
