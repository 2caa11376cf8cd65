from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.template import Context, Template
from django.utils import translation


def rendered(expression: str, value: Any) -> str:
    with translation.override("vi"):
        return Template("{% load hkh_format %}{{ value|" + expression + " }}").render(Context({"value": value}))


@pytest.mark.parametrize(
    ("expression", "value", "text"),
    [
        ("vnd", 1_500_000, "1.500.000"),
        ("vnd", 0, "0"),
        ("dong", 1_500_000, "1.500.000 đồng"),
        ("short_dong", 24_612_345_000, "24,6 tỷ đồng"),
        ("approx_dong", 24_612_345_000, "trên 24,6 tỷ đồng"),
        ("number", 530_486, "530.486"),
        ("number:2", 1234.567, "1.234,57"),
        ("percent", 8.23, "8,2 %"),
        ("percent:2", 34.349, "34,35 %"),
        ("date_vn", date(2024, 9, 5), "05/09/2024"),
        ("official_date", date(2026, 2, 5), "ngày 05 tháng 02 năm 2026"),
        ("words", 1_500_000, "Một triệu năm trăm nghìn đồng"),
    ],
)
def test_filters(expression: str, value: Any, text: str) -> None:
    assert rendered(expression, value) == text


@pytest.mark.parametrize("name", ["vnd", "dong", "short_dong", "approx_dong", "number", "percent", "date_vn", "words"])
def test_the_unknown_is_a_dash(name: str) -> None:
    assert rendered(name, None) == "–"
