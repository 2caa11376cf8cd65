"""What the style page shows: each part once, with made-up figures."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_tables2 as tables
from django import forms
from django.http import HttpRequest
from django.urls import reverse, reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hkh.core.charts import Bar, render_svg, sorted_bars
from hkh.core.context import Here, HereUnit, Step
from hkh.core.dates import Period, PeriodKind
from hkh.core.fields import DateVnField, VndField
from hkh.core.navigation import Link
from hkh.core.tables import DayColumn, DongColumn, MainColumn, TextColumn
from hkh.core.widgets import Combobox, DayInput

_UNITS = (
    ("PHU-THO", "Hội Khuyến học tỉnh Phú Thọ", ""),
    ("TAM-NONG", "Hội Khuyến học huyện Tam Nông", "Hội Khuyến học tỉnh Phú Thọ"),
    ("TAN-SON", "Hội Khuyến học huyện Tân Sơn", "Hội Khuyến học tỉnh Phú Thọ"),
    ("HIEN-QUAN", "Hội Khuyến học xã Hiền Quan", "Hội Khuyến học huyện Tam Nông"),
)
_GIFTS = (
    ("Công ty CP Xi măng Phú Thọ", date(2024, 6, 12), "Chuyển khoản", 250_000_000),
    ("Dòng họ Nguyễn Đình, xã Hiền Quan", date(2024, 6, 5), "Tiền mặt", 18_500_000),
    ("Good People International", date(2024, 5, 20), "Hiện vật", 1_120_000_000),
    ("Nhà hảo tâm ẩn danh", date(2024, 5, 9), "Tiền mặt", 2_000_000),
)
_MONTHS = [3.1, 4.9, 2.2, 3.4, 3.9, 3.7, 2.9, 4.1, 6.2, 3.3, 4.8, 5.6]


class SampleForm(forms.Form):
    """The order of the paper form; the date is filled in wrongly, to show what a refusal looks like."""

    received_on = DateVnField(label=gettext_lazy("Date"))
    unit = forms.CharField(
        label=gettext_lazy("Unit"),
        widget=Combobox(
            reverse_lazy("core:style-search"), lambda code: _unit_name(code), gettext_lazy("Type a few letters")
        ),
    )
    amount_vnd = VndField(
        label=gettext_lazy("Amount"),
        help_text=gettext_lazy("1500000, 1.500.000 and 1,5 triệu are all understood."),
    )
    form_of_gift = forms.ChoiceField(
        label=gettext_lazy("Form"),
        widget=forms.RadioSelect,
        choices=[("cash", gettext_lazy("Cash")), ("transfer", gettext_lazy("Bank transfer"))],
    )
    appeal = forms.ChoiceField(
        label=gettext_lazy("Appeal"), required=False, choices=[("", "–"), ("tet", "Tết vì học sinh nghèo")]
    )
    note = forms.CharField(label=gettext_lazy("Note"), required=False, widget=forms.Textarea({"rows": 2}))
    is_anonymous = forms.BooleanField(label=gettext_lazy("The donor is not to be named"), required=False)


#: What a clerk might have typed, with a day that no calendar has.
TYPED = {"received_on": "31/02/2024", "unit": "HIEN-QUAN", "amount_vnd": "1.500.000", "form_of_gift": "cash"}


class SampleFilter(forms.Form):
    q = forms.CharField(label=gettext_lazy("Search donations"), required=False)
    form_of_gift = forms.ChoiceField(
        label=gettext_lazy("Form"),
        required=False,
        choices=[("", gettext_lazy("All")), ("cash", gettext_lazy("Cash")), ("goods", gettext_lazy("Goods"))],
    )
    day_from = forms.CharField(label=gettext_lazy("From the day"), required=False, widget=DayInput)


class SampleTable(tables.Table):
    donor = MainColumn(verbose_name=gettext_lazy("Donor"), linkify=lambda: "#table")
    received_on = DayColumn(verbose_name=gettext_lazy("Date"), fact=True)
    form = TextColumn(verbose_name=gettext_lazy("Form"))
    amount_vnd = DongColumn(verbose_name=gettext_lazy("Amount (đồng)"), fact=True)

    class Meta:
        order_by = "-received_on"


def showcase(request: HttpRequest, form: SampleForm) -> dict[str, Any]:
    """The context of ``style.html``, with ``form`` as its form. No query."""
    page = reverse("core:style-page")
    asked = {"q": "", "form_of_gift": "cash", **request.GET.dict()}
    table = SampleTable(
        [dict(zip(("donor", "received_on", "form", "amount_vnd"), gift, strict=True)) for gift in _GIFTS],
        order_by=request.GET.get("sort", "-received_on"),
        request=request,
    )
    return {
        "title": _("Style page"),
        "here": Here(
            HereUnit(_UNITS[1][1], "TAM-NONG", tuple(Step(name, f"?unit={code}") for code, name, _up in _UNITS[:2])),
            Period(PeriodKind.HALF, 2024, 1),
            request.GET.get("tree", "then"),
        ),
        "form": form,
        "filter_form": SampleFilter(asked),
        "table": table,
        "months": _MONTHS,
        "tabs": [
            Link(page, _("All"), "", True, False),
            Link(page, _("Mine"), "", False, False),
        ],
        "facts": [
            (_("Donor"), _GIFTS[0][0]),
            (_("Amount"), "250.000.000 đồng"),
            (_("Fund"), "Quỹ Khuyến học, khuyến tài Đất Tổ"),
            (_("Note"), None),
        ],
        "figures": [(_("Amount"), "250.000.000 đồng"), (_("Used"), "180.000.000 đồng"), (_("Left"), "70.000.000 đồng")],
        "columns": [_("Source"), "2023", "2024"],
        "rows": [["Doanh nghiệp", "8.710", "9.450"], ["Cá nhân", "5.620", "6.105"], ["Cơ quan", "2.950", "3.207"]],
        "foot": [_("Total"), "17.280", "18.762"],
        "found": ngettext("%(count)s donation", "%(count)s donations", 4) % {"count": 4},
        "unit_search_url": reverse("core:style-search"),
        "chart_url": reverse("core:style-chart"),
        "progress_url": reverse("core:style-progress"),
        "colours": ("paper", "surface", "ink", "ink-2", "line", "accent", "accent-soft", "wrong", "warn", "ok"),
    }


def sample_chart(width: int) -> str:
    """The sample chart as SVG."""
    bars = [Bar("Doanh nghiệp", 9_450_000_000), Bar("Cá nhân", 6_105_000_000), Bar("Cơ quan", 3_207_345_000)]
    return render_svg(sorted_bars(bars, title=_("Raised by source"), width=width), "light")


def found_units(query: str) -> str:
    """The sample combobox's answer."""
    wanted = query.casefold()
    return "".join(
        format_html(
            '<li role="option" data-value="{}" data-label="{}">{}<small>{}</small></li>', code, name, name, above
        )
        for code, name, above in _UNITS
        if wanted in name.casefold()
    )


def _unit_name(code: str) -> str:
    return next((name for known, name, _above in _UNITS if known == code), "")


def sample_job() -> dict[str, Any]:
    """What the running job has become."""
    return {
        "label": _("Quarterly report"),
        "state": "done",
        "message": _("Ready."),
        "result_url": "#",
        "result_label": _("Open it"),
    }
