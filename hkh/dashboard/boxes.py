"""The chart boxes of the dashboard: title, address of the picture, and the table that says the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext as _

from funds.models import DonorKind
from hkh.core.money import format_number, format_vnd
from hkh.indicators.figures import Given, Picture
from scholarships.models import BeneficiaryGroup


@dataclass(frozen=True)
class Box:
    """``span`` is wide, narrow or half; ``rows`` are ready cells, the first naming the row."""

    title: str
    url: str
    span: str
    size: str = "middle"
    note: str = ""
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = field(default_factory=list)


def chart_boxes(seen: Picture, query: str) -> list[Box]:
    """Raised by month and source, given by programme and group; boxes without anything to show are left out."""
    sources = seen.now.mobilised_by_donor_kind
    labels = {str(code): str(label) for code, label in DonorKind.choices}
    groups = {str(code): str(label) for code, label in BeneficiaryGroup.choices}
    boxes = [
        Box(
            _("Mobilised by month"),
            _address("raised-months", 720, query),
            "wide",
            note=_("The twelve months up to the end of the period; the line is the same month a year before."),
        )
    ]
    if sources:
        rows = sorted(sources.items(), key=lambda item: -item[1])
        boxes.append(
            Box(
                _("Mobilised by source"),
                _address("raised-sources", 340, query),
                "narrow",
                columns=(_("Source"), _("Đồng")),
                rows=[(labels[kind], format_vnd(amount)) for kind, amount in rows],
            )
        )
    for title, name, given, names in (
        (_("Given by programme"), "given-programmes", seen.now.given_by_programme, seen.programmes),
        (_("Given by beneficiary group"), "given-groups", seen.now.given_by_group, groups),
    ):
        if given:
            boxes.append(_given_box(title, _address(name, 560, query), given, names))
    return boxes


def map_box(seen: Picture, query: str) -> Box | None:
    """The map of the units below, where at least one of them has a place and members."""
    if not any(child.latitude is not None and child.members for child in seen.children):
        return None
    note = _("Each circle is a unit at its place: the larger, the more members; the darker, the more raised a head.")
    return Box(_("Members and funds raised, by place"), _address("map", 720, query), "wide", size="high", note=note)


def _given_box(title: str, url: str, given: Mapping[str, Given], names: Mapping[str, str]) -> Box:
    rows = sorted(given.items(), key=lambda item: -item[1].value_vnd)
    return Box(
        title,
        url,
        "half",
        columns=(title, _("Awards"), _("Đồng")),
        rows=[(names.get(code, code), format_number(g.count), format_vnd(g.value_vnd)) for code, g in rows],
    )


def _address(name: str, width: int, query: str) -> str:
    return f"{reverse('dashboard:chart', args=[name])}?width={width}&{query}"
