"""The register of papers: what it can be narrowed by, its table and its sheet."""

from __future__ import annotations

import re
from typing import Any

import django_tables2 as tables
from django import forms
from django.db.models import Q, QuerySet, TextField
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from funds.models import SIGNS, Paper, PaperKind
from hkh.core.dates import today
from hkh.core.filters import ListFilter
from hkh.core.sheets.columns import SheetField, SheetResource
from hkh.core.tables import DayColumn, DongColumn, MainColumn, TextColumn, mark
from hkh.core.text import SearchKey, search_key
from members.models import Unit

#: "PT-00012/2026", and what people leave out of it.
_SIGN = re.compile(r"(?:([a-z]{2,3})\s*-?\s*)?0*(\d{1,9})(?:\s*/\s*(\d{4}))?", re.IGNORECASE)
_KINDS = {sign.lower(): kind for kind, sign in SIGNS.items()}
#: The years offered besides the one asked for.
_YEARS = 5
STATES = (("valid", gettext_lazy("Valid")), ("voided", gettext_lazy("Voided")))


class PaperFilter(ListFilter):
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    year = forms.TypedChoiceField(label=gettext_lazy("Year"), required=False, coerce=int)
    state = forms.ChoiceField(label=gettext_lazy("State"), required=False, choices=[("", gettext_lazy("All")), *STATES])
    own = forms.BooleanField(label=gettext_lazy("Only of this unit itself"), required=False)

    def __init__(self, *args: Any, unit: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit = unit
        self.call_search(_("Search by number, or by whom it is for"))
        self.fields["kind"].choices = [("", _("All")), *PaperKind.choices]  # type: ignore[attr-defined]
        years = {str(today().year - back) for back in range(_YEARS)}
        asked = self.data.get("year", "")
        if re.fullmatch(r"\d{4}", asked):
            years.add(asked)
        self.fields["year"].choices = [("", _("All")), *((y, y) for y in sorted(years, reverse=True))]  # type: ignore[attr-defined]

    def apply(self, papers: QuerySet[Paper]) -> QuerySet[Paper]:
        said = self.said()
        if "q" in said:
            papers = _found(papers, said["q"])
        papers = papers.filter(**{name: said[name] for name in ("kind", "year") if name in said})
        if said.get("own"):
            papers = papers.filter(unit=self.unit)
        if "state" in said:
            papers = papers.filter(voided_on__isnull=said["state"] == "valid")
        return papers


def _found(papers: QuerySet[Paper], text: str) -> QuerySet[Paper]:
    sign = _SIGN.fullmatch(text.strip())
    if sign and (sign[1] is None or sign[1].lower() in _KINDS):
        kind, number, year = sign.groups()
        papers = papers.filter(number=number)
        if kind:
            papers = papers.filter(kind=_KINDS[kind.lower()])
        return papers.filter(year=year) if year else papers
    named = papers.alias(party_key=SearchKey("party", output_field=TextField()))
    return named.filter(*(Q(party_key__contains=word) for word in search_key(text).split()))


class PaperTable(tables.Table):
    """Papers of ``unit`` and, named, of those below; ``key`` makes the buttons that print them press once each."""

    sign = MainColumn(verbose_name=gettext_lazy("Paper number"), empty_values=(), order_by="number")
    kind = TextColumn(verbose_name=gettext_lazy("Kind"), orderable=False, fact=True)
    issued_on = DayColumn(verbose_name=gettext_lazy("Date"), fact=True)
    party = TextColumn(verbose_name=gettext_lazy("From or to whom"), empty_values=(), orderable=False)
    amount_vnd = DongColumn(verbose_name=gettext_lazy("Amount (đồng)"), fact=True)
    state = TextColumn(verbose_name=gettext_lazy("State"), empty_values=(), orderable=False, fact=True)
    pdf = TextColumn(verbose_name="PDF", empty_values=(), orderable=False, fact=True)

    class Meta:
        empty_text = gettext_lazy("No paper matches. Take a filter off; papers are issued on the page of each entry.")

    def __init__(self, *args: Any, key: str, unit: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.key, self.unit = key, unit

    def render_sign(self, record: Paper) -> Any:
        address = reverse("funds:paper-detail", args=[record.pk])
        return format_html('<a class="nowrap" href="{}">{}</a>', address, record.sign)

    def render_party(self, record: Paper) -> Any:
        of = "" if record.unit_id == self.unit.pk else record.unit_name
        beside = " · ".join(said for said in (record.reason, of) if said)
        return format_html("{}<br><small class=quiet>{}</small>", record.party, beside) if beside else record.party

    def render_state(self, record: Paper) -> Any:
        return mark(_("Voided"), "wrong") if record.voided_on else mark(_("Valid"), "ok")

    def render_pdf(self, record: Paper) -> Any:
        return format_html(
            '<button type="submit" class="btn btn-plain btn-sm" formaction="{}" name="key" value="{}" '
            'aria-label="PDF {}">PDF</button>',
            reverse("funds:paper-print", args=[record.pk]),
            f"{self.key} {record.pk}",
            record.sign,
        )


class PaperResource(SheetResource):
    """Papers, as the register has them; they are issued on the page of what they are about."""

    slug, title = "papers", gettext_lazy("Register of papers")

    sign = SheetField(label=gettext_lazy("Paper number"), kind="code", source="sign_text", readonly=True, width=18)
    kind = SheetField(
        "kind", label=gettext_lazy("Kind"), kind="choice", choices=PaperKind.choices, readonly=True, width=28
    )
    number = SheetField("number", label=gettext_lazy("Number"), kind="int", readonly=True, shown=False, width=10)
    year = SheetField("year", label=gettext_lazy("Year"), kind="int", readonly=True, shown=False, width=10)
    issued_on = SheetField("issued_on", label=gettext_lazy("Issued on"), kind="day", readonly=True, width=14)
    unit_name = SheetField("unit_name", label=gettext_lazy("Unit"), readonly=True, width=34)
    party = SheetField("party", label=gettext_lazy("From or to whom"), readonly=True, width=34)
    reason = SheetField("reason", label=gettext_lazy("For what"), readonly=True, width=44)
    amount_vnd = SheetField("amount_vnd", label=gettext_lazy("Amount (đồng)"), kind="vnd", readonly=True, width=18)
    voided_on = SheetField("voided_on", label=gettext_lazy("Voided on"), kind="day", readonly=True, width=14)
    void_reason = SheetField("void_reason", label=gettext_lazy("Why voided"), readonly=True, width=34)

    class Meta:
        model = Paper
        fields = (
            "sign", "kind", "number", "year", "issued_on", "unit_name", "party", "reason", "amount_vnd", "voided_on",
            "void_reason",
        )  # fmt: skip
