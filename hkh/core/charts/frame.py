"""What all specs have in common: the schema, the title on the left, the outer size that holds everything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from hkh.core.charts import palette
from hkh.core.charts.measure import wrap
from hkh.core.keys import number_of

Spec = dict[str, Any]

#: A few widths serve all screens, so that drawings are kept.
_WIDTHS: Final = (340, 560, 720, 900)

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"
#: The drawing engine completes local addresses with a host of its own; this one is taken off again.
ADDRESS_HOST: Final = "https://local.invalid"

#: Drawn under letters, it lets them read over lines and bubbles.
HALO: Final = {"stroke": "@surface", "strokeWidth": 3, "strokeJoin": "round", "strokeOpacity": 0.9}


def kept_width(asked: object) -> int:
    """The width that pictures are kept in, nearest below the room that a page says it has; nonsense is 720."""
    room = number_of(asked, digits=4) or 720
    return max((width for width in _WIDTHS if width <= room), default=_WIDTHS[0])


def frame(
    *,
    title: str,
    width: int,
    height: int,
    layer: Sequence[Spec],
    encoding: Spec,
    subtitle: str = "",
    drawn_title: bool = True,
) -> Spec:
    """A layered Vega-Lite spec of exactly ``width`` × ``height`` pixels, title and legends included.

    ``usermeta.title`` names the picture for those who do not see it, ``subtitle`` included.
    """
    spec: Spec = {
        "$schema": SCHEMA,
        "usermeta": {"title": f"{title} ({subtitle})" if subtitle else title},
        "width": width,
        "height": height,
        "autosize": {"type": "fit", "contains": "padding"},
        "layer": list(layer),
        "encoding": encoding,
        "config": palette.config(),
    }
    if drawn_title:
        lines = wrap(title, width - 8, palette.TITLE_SIZE, weight=600, lines=3)
        spec["title"] = {"text": lines, "subtitle": wrap(subtitle, width - 8, palette.TEXT_SIZE, lines=3)}
        if not subtitle:
            del spec["title"]["subtitle"]
    return spec


def address(href: str) -> dict[str, str]:
    """The row's link, if any. Raises: ValueError for one that leaves the site."""
    if not href:
        return {}
    if not href.startswith("/") or href.startswith(("//", "/\\")):
        raise ValueError(f"Charts link within the site only, not to {href!r}")
    return {"href": ADDRESS_HOST + href}


def by_role(field: str = "colour") -> Spec:
    """The encoding of a colour whose rows name a role of the palette. Layers share scales: always the whole one."""
    roles = list(palette.PALETTES["light"])
    scale = {"domain": roles, "range": [f"@{role}" for role in roles]}
    return {"field": field, "type": "nominal", "legend": None, "scale": scale}


def untitled(spec: Spec) -> Spec:
    """``spec`` without its drawn title, for where a heading stands above it; what stands under the title stays.

    Its name for those who do not see it stays too.
    """
    title = spec.get("title")
    if title is None:
        return spec
    gone = 20 * len(title["text"]) + (0 if "subtitle" in title else 16)
    rest = {key: value for key, value in spec.items() if key != "title"} | {"height": spec["height"] - gone}
    if "subtitle" not in title:
        return rest
    under = {"fontSize": palette.TEXT_SIZE, "fontWeight": "normal", "color": "@muted", "lineHeight": 16}
    return rest | {"title": {"text": title["subtitle"], **under}}


def head_height(title: str, subtitle: str, width: int) -> int:
    """Pixels that the title and the line under it take at the top, the gap to the drawing included."""
    lines = len(wrap(title, width - 8, palette.TITLE_SIZE, weight=600, lines=3))
    under = len(wrap(subtitle, width - 8, palette.TEXT_SIZE, lines=3)) if subtitle else 0
    return 20 * lines + 16 * under + 20
