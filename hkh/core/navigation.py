"""The navigation: what stands in it, in which order, for whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


def _everyone(user: Any) -> bool:
    return True


def _staff(user: Any) -> bool:
    return bool(user.is_active and user.is_staff)


@dataclass(frozen=True)
class Entry:
    """One door of the navigation; ``prefix`` is the part of the address that belongs to it."""

    url_name: str
    prefix: str
    label: str | Promise
    icon: str
    on_phone: bool = False
    rule: Callable[[Any], bool] = _everyone


@dataclass(frozen=True)
class Link:
    """An entry as one request shows it."""

    url: str
    label: str | Promise
    icon: str
    is_current: bool
    on_phone: bool


NAVIGATION = (
    Entry("dashboard:overview", "/tong-quan/", _("Overview"), "layout-dashboard", on_phone=True),
    Entry("dashboard:my-work", "/", _("My work"), "inbox"),
    Entry("members:unit-list", "/to-chuc/", _("Organisation"), "sitemap", on_phone=True),
    Entry("members:member-list", "/hoi-vien/", _("Members"), "users"),
    Entry("funds:overview", "/quy/", _("Funds and donations"), "pig-money", on_phone=True),
    Entry("scholarships:round-list", "/trao-tang/", _("Scholarships and gifts"), "gift", on_phone=True),
    Entry("reports:report-room", "/bao-cao/", _("Reports"), "report-analytics"),
    Entry("imports:sheet-list", "/bang-tinh/", _("Excel in and out"), "file-spreadsheet"),
    Entry("admin:index", "/admin/", _("Administration"), "settings", rule=_staff),
)


def navigation_for(request: HttpRequest) -> list[Link]:
    """The entries that exist and that the signed-in user may see. No query."""
    links = []
    for entry in NAVIGATION:
        try:
            url = reverse(entry.url_name)
        except NoReverseMatch:
            continue
        if entry.rule(request.user):
            links.append(Link(url, entry.label, entry.icon, _covers(entry, request.path), entry.on_phone))
    return links


def _covers(entry: Entry, path: str) -> bool:
    return path == "/" if entry.prefix == "/" else path.startswith(entry.prefix)
