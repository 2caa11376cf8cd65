"""Filters that write figures and days the one way; nothing known is written as a dash."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django import template

from hkh.core import dates, money

register = template.Library()

UNKNOWN = "–"


@register.filter
def vnd(amount_vnd: int | None) -> str:
    """1.500.000, below a heading that says đồng."""
    return UNKNOWN if amount_vnd is None else money.format_vnd(amount_vnd)


@register.filter
def quantity(number: Decimal | None) -> str:
    """1.200 or 2,5"""
    return UNKNOWN if number is None else money.format_quantity(number)


@register.filter
def dong(amount_vnd: int | None) -> str:
    """1.500.000 đồng"""
    return UNKNOWN if amount_vnd is None else money.dong(amount_vnd)


@register.filter
def short_dong(amount_vnd: int | None) -> str:
    """24,6 tỷ đồng"""
    return UNKNOWN if amount_vnd is None else money.short(amount_vnd)


@register.filter
def approx_dong(amount_vnd: int | None) -> str:
    """trên 24,6 tỷ đồng"""
    return UNKNOWN if amount_vnd is None else money.approx(amount_vnd)


@register.filter
def number(value: money.Number | None, decimals: int = 0) -> str:
    """1.234.567; ``number:2`` for 1.234,57."""
    return UNKNOWN if value is None else money.format_number(value, decimals)


@register.filter
def percent(share: money.Number | None, decimals: int = 1) -> str:
    """8,2 %"""
    return UNKNOWN if share is None else money.percent(share, decimals)


@register.filter
def date_vn(day: date | None) -> str:
    """05/09/2024"""
    return UNKNOWN if day is None else dates.format_date(day)


@register.filter
def official_date(day: date) -> str:
    """ngày 05 tháng 9 năm 2024, for the head of an official document."""
    return dates.official_date(day)


@register.filter
def words(amount_vnd: int | None) -> str:
    """Một triệu năm trăm nghìn đồng, always in Vietnamese."""
    return UNKNOWN if amount_vnd is None else money.words_vi(amount_vnd)
