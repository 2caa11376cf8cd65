"""What every page knows: the three questions (which unit, which period, which tree) and the shell.

A page answers the questions by putting ``here`` into its context, a :class:`Here`. Whoever knows the
units fills it; pages that leave it out are drawn without breadcrumb and pickers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from hkh.core.navigation import navigation_for

QUESTIONS = ("unit", "period", "tree")
TREES = ("then", "today")
THEMES = ("light", "dark")
NAV_STATES = ("wide", "slim")
#: Cookie name -> the values that it may hold; the first is what holds without the cookie.
PREFERENCES = {"hkh_theme": THEMES, "hkh_nav": NAV_STATES}

_SESSION_KEY = "hkh_scope"
_LONGEST_ANSWER = 64


@dataclass(frozen=True)
class Asked:
    """The three answers as written in the address, unchecked; empty = not said yet."""

    unit: str = ""
    period: str = ""
    tree: str = ""


@dataclass(frozen=True)
class Step:
    """One step of the way down to a unit."""

    name: str
    url: str


@dataclass(frozen=True)
class HereUnit:
    """The unit that the page is about; ``steps`` run from the user's topmost unit to this one."""

    name: str
    code: str = ""
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Here:
    """The answers that a page rests on. ``period`` is a ``hkh.core.dates.Period``; ``tree`` one of TREES."""

    unit: HereUnit | None = None
    period: Any = None
    tree: str = ""


def current_scope(request: HttpRequest) -> Asked:
    """What the address asks, else what the session remembers; remembers it for the next page. No query.

    Nothing is checked here beyond its length: who resolves a unit also decides whether it may be seen.
    """
    remembered = request.session.get(_SESSION_KEY, {})
    said = {
        question: request.GET[question]
        for question in QUESTIONS
        if 0 < len(request.GET.get(question, "")) <= _LONGEST_ANSWER
    }
    if said.get("tree", "then") not in TREES:
        del said["tree"]
    answers = {**remembered, **said}
    if answers != remembered:
        request.session[_SESSION_KEY] = answers
    return Asked(**{question: answers.get(question, "") for question in QUESTIONS})


def forget_scope(request: HttpRequest, *questions: str) -> None:
    """Drop remembered answers that turned out to be stale (a unit out of sight, a period misspelt)."""
    remembered = request.session.get(_SESSION_KEY, {})
    request.session[_SESSION_KEY] = {q: a for q, a in remembered.items() if q not in questions}


def preference(request: HttpRequest, cookie: str) -> str:
    """The value of a display preference; anything else than the known values counts as not said."""
    allowed = PREFERENCES[cookie]
    value = request.COOKIES.get(cookie, "")
    return value if value in allowed else allowed[0]


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: theme, state of the navigation and its entries. No query of its own."""
    return {
        "theme": preference(request, "hkh_theme"),
        "nav_state": preference(request, "hkh_nav"),
        "navigation": SimpleLazyObject(lambda: _navigation(request)),
        "association": settings.HKH_ASSOCIATION,
        "unit_search_url": _url_or_none("members:unit-search"),
        "unit_list_url": _url_or_none("members:unit-list"),
        "search_url": _url_or_none("core:search"),
        "jobs_url": _url_or_none("core:job-list"),
    }


def _navigation(request: HttpRequest) -> list[Any]:
    user = getattr(request, "user", None)
    return navigation_for(request) if user is not None and user.is_authenticated else []


def _url_or_none(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
