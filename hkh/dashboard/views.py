"""What a unit sees at a glance. Views read the address, ask the indicators once, render."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from hkh.core.charts import kept_width, render_svg, untitled
from hkh.core.money import dong
from hkh.dashboard import consolidation as ways
from hkh.dashboard.attention import attention
from hkh.dashboard.boxes import chart_boxes, map_box
from hkh.dashboard.children import children_table
from hkh.dashboard.tiles import tiles
from hkh.dashboard.work import doors, tasks
from hkh.indicators import restating
from hkh.indicators.charts import CHARTS
from hkh.indicators.consolidation import consolidate
from hkh.indicators.here import NoUnit, resolve
from hkh.indicators.queries import picture
from hkh.indicators.series import SERIES
from members.here import user_of


@login_required
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """The dashboard of a unit and period. Twelve queries, whatever the unit's size; one more
    on the tree of today."""
    try:
        place = resolve(request)
    except NoUnit:
        return render(request, "dashboard/no_unit.html", {"title": _("Overview")})
    seen = picture(place.lens)
    sort = request.GET.get("sort", "")
    return render(
        request,
        "dashboard/overview.html",
        {
            "title": _("Overview"),
            "here": place.here,
            "unit": place.lens.unit,
            "period": place.lens.period,
            "query": place.query,
            "tiles": tiles(seen, place.query),
            "seen": seen,
            "restated": restating.warning(place.lens),
            "children": children_table(seen, sort=sort, query=place.answers),
            "attention": attention(seen, place.query),
            "boxes": chart_boxes(seen, place.query),
            "map": map_box(seen, place.query),
        },
    )


@login_required
@require_GET
def consolidation(request: HttpRequest) -> HttpResponse:
    """How *mobilised* and *spent* come about: gross, what the funds passed on to each other, net. Ten queries and
    those of the place, whatever the unit's size."""
    try:
        place = resolve(request)
    except NoUnit:
        return render(request, "dashboard/no_unit.html", {"title": _("Consolidation")})
    found = consolidate(place.lens)
    pairs, rest = ways.pairs(found)
    return render(
        request,
        "dashboard/consolidation.html",
        {
            "title": _("Consolidation"),
            "here": place.here,
            "unit": place.lens.unit,
            "period": place.lens.period,
            "query": place.query,
            "restated": place.lens.tree_on is not None,
            "found": found,
            "sides": ways.sides(found),
            "pairs": pairs,
            "rest": rest,
        },
    )


@login_required
@require_GET
def my_work(request: HttpRequest) -> HttpResponse:
    """What waits for the user, and the doors most used."""
    try:
        place = resolve(request)
    except NoUnit:
        return render(request, "dashboard/no_unit.html", {"title": _("My work")})
    return render(
        request,
        "dashboard/my_work.html",
        {
            "title": _("My work"),
            "here": place.here,
            "doors": doors(user_of(request), place.query),
            "tasks": tasks(user_of(request), place.query),
        },
    )


@login_required
@require_GET
def chart(request: HttpRequest, name: str) -> HttpResponse:
    """One picture as an SVG fragment; drawn once, then kept by its content."""
    if name not in CHARTS:
        raise Http404
    try:
        place = resolve(request)
        spec = CHARTS[name](place.lens, kept_width(request.GET.get("width")))
    except NoUnit as nothing:
        raise Http404 from nothing
    except ValueError:
        return HttpResponse(f'<p class="quiet chart-none">{_("Nothing to show in this period.")}</p>')
    return HttpResponse(render_svg(untitled(spec)))  # its box has the heading


@login_required
@require_GET
def sparkline(request: HttpRequest, name: str) -> HttpResponse:
    """The course of a tile's figure over twelve periods, as a small drawing."""
    if name not in SERIES:
        raise Http404
    try:
        place = resolve(request)
    except NoUnit as nothing:
        raise Http404 from nothing
    values = SERIES[name](place.lens)
    spoken = "; ".join(dong(value) if name in ("mobilised", "balance") else str(value) for value in values)
    label = _("The last twelve periods: %(values)s") % {"values": spoken}
    return render(request, "components/_sparkline.html", {"values": values, "label": label})
