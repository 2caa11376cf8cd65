"""The numbers that a unit reports of its members: its own page of them, and the form that enters and corrects."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from hkh.core.dates import FIRST_YEAR, Period, format_date, parse_date, today
from hkh.core.keys import number_of
from hkh.core.money import format_number
from hkh.core.sheet_views import export_of
from members import actions
from members.forms.declared import HeadcountForm, TitlesForm
from members.headcounts import headcount_on, registered_on
from members.here import user_of
from members.lists import reports_of
from members.models import ReportedHeadcount, TitleCount, Unit
from members.rules import Verb, may, require
from members.sheets.lists import HeadcountReportResource
from members.views.here import done, organisation_page, shell
from members.views.units import all_units

#: More lines than this are no form any more.
MOST_LINES = 200


@organisation_page
@require_GET
def headcount_history(request: HttpRequest, code: str) -> HttpResponse:
    """Every number that the unit reported of itself, latest first, corrections beside what they correct."""
    unit = _known(request, code, Verb.SEE)
    rows = reports_of(user_of(request), unit, request.GET).ordered(request.GET)
    return render(
        request,
        "members/headcount_history.html",
        {
            "title": _("Numbers of members reported"),
            "here": shell(request, unit),
            "unit": unit,
            "now": headcount_on(unit, today()),
            "export": export_of(request, HeadcountReportResource, unit=unit.code),
            "rows": [(row, row.revision < latest) for row, latest in _with_latest(list(rows))],
            "may_declare": may(request.user, Verb.DECLARE, unit),
        },
    )


@organisation_page
@require_http_methods(["GET", "POST"])
def headcount_declare(request: HttpRequest, code: str) -> HttpResponse:
    """The number of the unit for a day or, where it holds no members itself, of each unit directly below."""
    unit = _known(request, code, Verb.DECLARE)
    units = _lines_of(request, unit)
    day = _day_asked(request)
    registered = registered_on([one.pk for one in units], day)
    form = HeadcountForm(request.POST or None, units=units, day=day, registered=registered)
    if units and done(form, lambda: _declare(request, form)):
        return redirect(_after(unit, form.cleaned_data["counted_on"]))
    return render(
        request,
        "members/headcount_form.html",
        {
            "title": _("Report the number of members"),
            "here": shell(request, unit),
            "unit": unit,
            "form": form,
            "beside": [_("In the list on %(day)s") % {"day": format_date(day)}],
            "back_url": _after(unit, day),
        },
    )


@organisation_page
@require_http_methods(["GET", "POST"])
def title_declare(request: HttpRequest, code: str) -> HttpResponse:
    """The titles of the learning society of a unit and year."""
    unit = _known(request, code, Verb.DECLARE)
    year = _year_asked(request)
    rows = TitleCount.objects.visible_to(request.user).filter(unit=unit, year__in=(year, year - 1))
    known, before = ({row.title: row for row in rows if row.year == y} for y in (year, year - 1))
    form = TitlesForm(request.POST or None, known=known, last_year=before)
    back = f"{reverse('declared:title-page')}?{urlencode({'unit': unit.code, 'period': year})}"
    verb = actions.declare_titles
    if done(form, lambda: verb(unit=unit, year=year, lines=form.lines(), by=user_of(request))):
        messages.success(request, _("Saved."))
        return redirect(back)
    return render(
        request,
        "members/title_form.html",
        {
            "title": _("Titles of the learning society, %(year)s") % {"year": year},
            "here": shell(request, unit),
            "unit": unit,
            "form": form,
            "beside": [_("%(year)s: all / registered / recognised") % {"year": year - 1}],
            "back_url": back,
        },
    )


def _known(request: HttpRequest, code: str, verb: Verb) -> Unit:
    """Raises: Http404, PermissionDenied."""
    unit = get_object_or_404(all_units(request).select_related("tier", "parent"), code=code)
    require(request.user, verb, unit)
    return unit


def _lines_of(request: HttpRequest, unit: Unit) -> list[Unit]:
    """The units whose numbers are entered on the page of ``unit``. At most 1 query."""
    if unit.tier.holds_members:
        return [unit]
    below = all_units(request).filter(parent=unit, tier__holds_members=True, dissolved_on=None)
    return list(below.select_related("tier").order_by("title_key", "pk")[:MOST_LINES])


def _declare(request: HttpRequest, form: HeadcountForm) -> None:
    said = form.cleaned_data
    written = actions.declare_headcounts(
        lines=form.lines(),
        counted_on=said["counted_on"],
        source=said["source"],
        note=said["note"],
        idempotency_key=said["idempotency_key"],
        by=user_of(request),
    )
    count = {"count": format_number(len(written)), "day": format_date(said["counted_on"])}
    text = ngettext("%(count)s number saved, as of %(day)s.", "%(count)s numbers saved, as of %(day)s.", len(written))
    messages.success(request, text % count if written else _("Nothing has changed: these numbers stood there already."))


def _after(unit: Unit, day: date) -> str:
    """Where one sees what has been entered."""
    if unit.tier.holds_members:
        return reverse("members:headcount-history", args=[unit.code])
    tomorrow = date.fromordinal(day.toordinal() + 1)
    ends_quarter = Period.containing(day, "quarter").ends_before == tomorrow
    period = Period.containing(day, "quarter" if ends_quarter else "month").code
    return f"{reverse('declared:headcount-page')}?{urlencode({'unit': unit.code, 'period': period})}"


def _day_asked(request: HttpRequest) -> date:
    """The day in the address, today at the latest; else the end of the last full quarter."""
    text = request.POST.get("seen_on") or request.GET.get("ngay", "")
    try:
        return min(parse_date(text), today())
    except ValidationError:
        quarter = Period.containing(today(), "quarter")
        return date.fromordinal(quarter.starts_on.toordinal() - 1)


def _year_asked(request: HttpRequest) -> int:
    """The year in the address, this year at the latest; else this year."""
    asked = number_of(request.GET.get("nam"), digits=4)
    return asked if FIRST_YEAR <= asked <= today().year else today().year


def _with_latest(rows: list[ReportedHeadcount]) -> list[tuple[ReportedHeadcount, int]]:
    """Each row with the number of its day's last revision; ``rows`` come last revision first."""
    latest: dict[date, int] = {}
    return [(row, latest.setdefault(row.counted_on, row.revision)) for row in rows]
