"""The template tags of the design system."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.template import Context, RequestContext, Template
from django.test import RequestFactory

from hkh.core.dates import Period
from hkh.core.templatetags import hkh_ui

TEMPLATES = sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html"))


class Search(forms.Form):
    q = forms.CharField(required=False)
    form_of_gift = forms.ChoiceField(label="Hình thức", required=False, choices=[("", "–"), ("cash", "Tiền mặt")])
    is_open = forms.BooleanField(label="Đang mở", required=False)


def context_of(query: str) -> RequestContext:
    return RequestContext(RequestFactory().get(f"/quy/?{query}"), {})


def named_icons() -> set[str]:
    tag = re.compile(r'{% icon "([^"]+)"|icon="([^"]+)"')
    return {one or other for path in TEMPLATES for one, other in tag.findall(path.read_text(encoding="utf-8"))}


def test_every_icon_that_a_template_names_exists() -> None:
    assert [name for name in sorted(named_icons()) if not hkh_ui._icon_shapes(name)] == []


def test_an_icon_is_decoration_unless_it_has_a_label() -> None:
    assert 'aria-hidden="true"' in hkh_ui.icon("gift")
    assert 'role="img" aria-label="Quà &amp; thưởng"' in hkh_ui.icon("gift", label="Quà & thưởng")


def test_a_name_that_is_no_icon_draws_nothing() -> None:
    assert [hkh_ui.icon(name) for name in ("no-such-icon", "../../package", "")] == ["", "", ""]


def test_no_comment_of_a_template_runs_over_its_line() -> None:
    # Django ends {# at the line's end: the rest would stand on the page.
    broken = [str(path) for path in TEMPLATES if re.search(r"{#(?:(?!#}).)*$", path.read_text(), re.MULTILINE)]
    assert broken == []


def test_nothing_in_a_template_breaks_the_content_policy() -> None:
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|\shx-on|javascript:")
    pages = [path for path in TEMPLATES if "reports/documents" not in path.as_posix()]
    assert [str(path) for path in pages if inline.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    ("values", "points"),
    [
        ([], ""),
        ([5], ""),
        ([0, 10], "0.0,30.0 120.0,2.0"),
        ([10, None, 0], "0.0,2.0 120.0,30.0"),
        ([-5, 5], "0.0,30.0 120.0,2.0"),
        ([0, 0], "0.0,30.0 120.0,30.0"),
    ],
)
def test_points_of_a_sparkline(values: list[float | None], points: str) -> None:
    assert hkh_ui.spark_points(values) == points


@pytest.mark.parametrize(("percent", "width"), [(None, "0"), (-3, "0"), (61.6, "62"), (140, "100")])
def test_a_bar_stays_within_its_track(percent: float | None, width: str) -> None:
    assert hkh_ui.within_hundred(percent) == width


def test_chips_name_the_filters_that_are_on_and_lead_to_the_list_without_them() -> None:
    context = context_of("q=xi+măng&form_of_gift=cash&is_open=on&after=xyz&sort=-day")
    chips = hkh_ui.active_filters(context, Search(context.request.GET))
    assert chips == [
        hkh_ui.Chip("Hình thức", "Tiền mặt", "?q=xi+m%C4%83ng&is_open=on&sort=-day"),
        hkh_ui.Chip("Đang mở", "", "?q=xi+m%C4%83ng&form_of_gift=cash&sort=-day"),
    ]


def test_a_filter_that_cannot_be_read_is_no_chip() -> None:
    context = context_of("form_of_gift=gold")
    assert hkh_ui.active_filters(context, Search(context.request.GET)) == []


def test_a_filter_form_keeps_the_order_of_the_list_and_nothing_else() -> None:
    context = context_of('q=a&after=xyz&sort="><b>')
    assert hkh_ui.kept_query(context, Search()) == '<input type="hidden" name="sort" value="&quot;&gt;&lt;b&gt;">'


def test_choices_around_a_period() -> None:
    choices = hkh_ui.period_choices(Period.parse("2024-H1"))
    assert (choices.before, choices.after) == ("2023-H2", "2024-H2")
    assert (choices.year, choices.year_before, choices.year_after) == (2024, "2023-H1", "2025-H1")
    assert [[choice.code for choice in group] for group in choices.groups] == [
        [f"2024-{month:02}" for month in range(1, 13)],
        ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"],
        ["2024-H1", "2024-H2", "2024-9M", "2024"],
    ]
    assert [choice.code for group in choices.groups for choice in group if choice.is_current] == ["2024-H1"]


def test_what_a_part_says_is_escaped() -> None:
    part = Template('{% include "components/_badge.html" with label=label only %}')
    assert "<b>" not in part.render(Context({"label": "<b>Nháp</b>"}))
