"""What every page of the organisation stands on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hkh.core.context import Here
from members.forms import VerbForm
from members.here import NoUnit, way_to
from members.models import Appointment, Member, Membership, Unit


def organisation_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page for who is signed in; who has no unit yet is told so."""

    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except NoUnit:
            return render(request, "members/no_unit.html", {"title": _("Organisation")})

    return login_required(page)


def shell(request: HttpRequest, unit: Unit) -> Here:
    """Unit and way up for the shell. 1 query."""
    return Here(way_to(request, unit))


def done(form: VerbForm, verb: Callable[[], Any]) -> bool:
    """Whether the form could be read and the verb did not refuse; else its sentence stands in the form."""
    if not form.is_valid():
        return False
    try:
        verb()
    except ValidationError as refusal:
        form.refuse(refusal)
        return False
    return True


def form_page(
    request: HttpRequest, form: VerbForm, unit: Unit, *, title: str, back: str, label: str, **more: Any
) -> HttpResponse:
    """A plain form. ``label`` stands on the button; ``again`` offers "save and enter another", ``note`` says what
    follows."""
    context = {"title": title, "here": shell(request, unit), "form": form, "back_url": back, "label": label}
    return render(request, "members/plain_form.html", {**context, **more})


def still_seen(request: HttpRequest, rows: Iterable[Membership | Appointment]) -> set[int]:
    """Ids of the people of ``rows`` whose page is open to the user: who went on may be out of sight. 1 query."""
    people = Member.objects.visible_to(request.user).filter(pk__in={row.member_id for row in rows})
    return set(people.values_list("pk", flat=True))
