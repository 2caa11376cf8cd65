"""The forms that found, correct, rename, move and dissolve units."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from members import actions
from members.forms.units import DissolutionForm, FoundingForm, MoveForm, RenamingForm, UnitCorrection
from members.here import user_of
from members.models import Unit
from members.rules import Verb, require
from members.views.here import done, form_page, organisation_page
from members.views.units import all_units, open_to


@organisation_page
@require_http_methods(["GET", "POST"])
def unit_add(request: HttpRequest, code: str) -> HttpResponse:
    """A new unit under the one with ``code``."""
    parent = _known(request, code, Verb.EDIT_UNIT)
    form = FoundingForm(request.POST or None, parent=parent)
    if done(form, lambda: actions.found_unit(parent=parent, by=user_of(request), **form.cleaned_data)):
        messages.success(request, _("“%(unit)s” has been founded.") % {"unit": form.cleaned_data["name"]})
        return redirect(request.path if "again" in request.POST else _page_of(parent))
    title = _("Found a unit under %(unit)s") % {"unit": parent.name}
    return form_page(request, form, parent, title=title, back=_page_of(parent), label=_("Found the unit"), again=True)


@organisation_page
@require_http_methods(["GET", "POST"])
def unit_edit(request: HttpRequest, code: str) -> HttpResponse:
    """Code, kind and place put right."""
    unit = _known(request, code, Verb.EDIT_UNIT)
    known = {"code": unit.code, "kind": unit.kind, "revision": unit.revision}
    form = UnitCorrection(request.POST or None, initial={**known, "place": unit.place.uid if unit.place else ""})
    if done(form, lambda: actions.edit_unit(unit=unit, by=user_of(request), **form.cleaned_data)):
        return _saved(request, unit)
    return form_page(request, form, unit, title=_("Edit the unit"), back=_page_of(unit), label=_("Save"))


@organisation_page
@require_http_methods(["GET", "POST"])
def unit_rename(request: HttpRequest, code: str) -> HttpResponse:
    """Another name from a day on; the old one stays known and is found."""
    unit = _known(request, code, Verb.EDIT_UNIT)
    form = RenamingForm(request.POST or None, initial={"name": unit.name})
    if done(form, lambda: actions.rename_unit(unit=unit, by=user_of(request), **form.cleaned_data)):
        return _saved(request, unit)
    note = _("The old name stays in all reports of its time, and the unit is found by it.")
    title = _("Rename “%(unit)s”") % {"unit": unit.name}
    return form_page(request, form, unit, title=title, back=_page_of(unit), label=_("Rename"), note=note)


@organisation_page
@require_http_methods(["GET", "POST"])
def unit_move(request: HttpRequest, code: str) -> HttpResponse:
    """Another unit to stand under from a day on, with all below."""
    unit = _known(request, code, Verb.REORGANISE)
    form = MoveForm(request.POST or None, units=open_to(request, Verb.REORGANISE))
    if done(form, lambda: actions.move_unit(unit=unit, by=user_of(request), **form.cleaned_data)):
        return _saved(request, unit)
    note = _("All that stands below moves along. Reports of the time before keep the tree as it was.")
    title = _("Move “%(unit)s”") % {"unit": unit.name}
    return form_page(request, form, unit, title=title, back=_page_of(unit), label=_("Move"), note=note)


@organisation_page
@require_http_methods(["GET", "POST"])
def unit_dissolve(request: HttpRequest, code: str) -> HttpResponse:
    """The unit is no more from a day on."""
    unit = _known(request, code, Verb.REORGANISE)
    form = DissolutionForm(request.POST or None)
    if done(form, lambda: actions.dissolve_unit(unit=unit, by=user_of(request), **form.cleaned_data)):
        return _saved(request, unit)
    note = _("Members and units below must have been moved before. What the unit did stays in the figures of its time.")
    title = _("Dissolve “%(unit)s”") % {"unit": unit.name}
    return form_page(request, form, unit, title=title, back=_page_of(unit), label=_("Dissolve"), note=note)


def _known(request: HttpRequest, code: str, verb: Verb) -> Unit:
    """Raises: Http404, PermissionDenied."""
    unit = get_object_or_404(all_units(request).select_related("tier", "parent", "place"), code=code)
    require(request.user, verb, unit)
    return unit


def _saved(request: HttpRequest, unit: Unit) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect("members:unit-detail", unit.code)


def _page_of(unit: Unit) -> str:
    return reverse("members:unit-detail", args=[unit.code])
