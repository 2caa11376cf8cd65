"""What Vega draws, made fit for a page: nothing that a strict CSP refuses, names that a screen reader can say."""

from __future__ import annotations

import re
from typing import Final
from xml.etree import ElementTree

from hkh.core.charts import palette
from hkh.core.charts.frame import ADDRESS_HOST

_SVG: Final = "{http://www.w3.org/2000/svg}"
_HREF: Final = "{http://www.w3.org/1999/xlink}href"
_LONG_NUMBER: Final = re.compile(r"-?\d+\.\d{3,}(?:e-?\d+)?")
_URL: Final = re.compile(r"url\(#([^)]+)\)")
_DROPPED: Final = ("class", "aria-roledescription", "aria-hidden", "pointer-events", "version")
#: Parts that Vega describes in English; their words stand in the picture anyway.
_NOT_MARKS: Final = ("title", "subtitle", "axis", "legend")
#: Up to so many links a chart is walked with the Tab key; past that, its table is the way.
_MOST_STOPS: Final = 24


def finish(drawn: str, *, title: str, prefix: str, theme: palette.Theme) -> str:
    """``drawn`` as one ``<svg class="drawing">`` named ``title``, its ids beginning with ``prefix``.

    A picture with links is a group of named links; one without is an image, its marks' words in ``data-tip``. For
    pages there is no ``<title>``: browsers would show it as a tooltip over everything.
    """
    ElementTree.register_namespace("", "http://www.w3.org/2000/svg")
    root = ElementTree.fromstring(drawn)  # noqa: S314  # our own engine's output
    _drop_empty(root)
    if theme == "print":
        _unlink(root, keep=False)
        name = ElementTree.Element(f"{_SVG}title")
        name.text = title
        root.insert(0, name)
    else:
        _unlink(root, keep=True)
    links = [_named(link) for link in root.iter(f"{_SVG}a")]
    inside_links = {part for link in links for part in link.iter()}
    for element in root.iter():
        _plain(element, theme, has_links=bool(links), in_link=element in inside_links)
    _rename(root, prefix)
    root.set("class", "drawing")
    root.set("role", "group" if links else "img")
    root.set("aria-label", title)
    if len(links) > _MOST_STOPS:
        for link in links:
            link.set("tabindex", "-1")
    return ElementTree.tostring(root, encoding="unicode")


def _drop_empty(element: ElementTree.Element) -> None:
    """Take out what draws nothing: Vega's empty grounds, fronts, groups and definitions."""
    for child in list(element):
        _drop_empty(child)
        tag = child.tag.removeprefix(_SVG)
        hidden = child.get("display") == "none"
        ground = tag == "path" and child.get("class") in ("background", "foreground") and not _inked(child)
        if hidden or ground or (tag in ("g", "defs") and len(child) == 0):
            element.remove(child)


def _inked(element: ElementTree.Element) -> bool:
    return any(element.get(paint) not in (None, "none", "transparent") for paint in ("fill", "stroke"))


def _named(link: ElementTree.Element) -> ElementTree.Element:
    """``link`` with an address within the site, and its mark's words as its name."""
    link.set("href", link.attrib.pop(_HREF).removeprefix(ADDRESS_HOST))
    words = next((part.get("aria-label") for part in link if part.get("aria-label")), None)
    if words:
        link.set("aria-label", words)
    return link


def _unlink(element: ElementTree.Element, *, keep: bool) -> None:
    """Take the links out and leave what they held; ``keep`` those that lead into the site.

    Where some rows have an address and others none, Vega gives the others one that leads nowhere.
    """
    for position in reversed(range(len(element))):
        child = element[position]
        _unlink(child, keep=keep)
        if child.tag == f"{_SVG}a" and not (keep and child.get(_HREF, "").startswith(ADDRESS_HOST)):
            element[position : position + 1] = list(child)


def _plain(element: ElementTree.Element, theme: palette.Theme, *, has_links: bool, in_link: bool) -> None:
    """One element with short numbers and without Vega's own marks; its words where they can be heard or seen."""
    is_mark = element.get("role") == "graphics-symbol" and element.get("aria-roledescription") not in _NOT_MARKS
    words = element.get("aria-label") if is_mark else None
    for attribute in _DROPPED if element.tag == f"{_SVG}a" else (*_DROPPED, "role", "aria-label"):
        element.attrib.pop(attribute, None)
    for attribute, value in element.attrib.items():
        if attribute not in ("href", "aria-label") and _LONG_NUMBER.search(value):
            element.set(attribute, _LONG_NUMBER.sub(_rounded, value))
    if words and theme != "print" and not in_link:
        if has_links:
            element.set("role", "graphics-symbol")
            element.set("aria-label", words)
        else:
            element.set("data-tip", words)
    if theme == "light":
        _by_role(element)


def _rounded(match: re.Match[str]) -> str:
    text = f"{float(match[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


_ROLE_OF: Final = {colour: role for role, colour in palette.PALETTES["light"].items()}


def _by_role(element: ElementTree.Element) -> None:
    """Classes ``fill-ROLE`` and ``stroke-ROLE`` beside the colours: a sheet of the page may turn them dark."""
    classes = [
        f"{paint}-{_ROLE_OF[colour]}"
        for paint in ("fill", "stroke")
        if (colour := (element.get(paint) or "").lower()) in _ROLE_OF
    ]
    if classes:
        element.set("class", " ".join(classes))


def _rename(root: ElementTree.Element, prefix: str) -> None:
    """Ids that no other chart of the page has, and the same each time it is drawn."""
    names = [element.get("id", "") for element in root.iter() if element.get("id")]
    new = {name: f"{prefix}-{number}" for number, name in enumerate(names, 1)}
    for element in root.iter():
        for attribute, value in element.attrib.items():
            if attribute == "id":
                element.set("id", new[value])
            elif "url(#" in value:
                element.set(attribute, _URL.sub(lambda match: f"url(#{new[match[1]]})", value))
