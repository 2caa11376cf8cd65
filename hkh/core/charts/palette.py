"""The colours of charts, by role. A spec names roles (``@accent``); drawing puts a theme's colours in.

The series keep apart for the colour-blind (after Okabe and Ito, quieter); the steps differ in lightness, so
that they survive a black-and-white printer. One accent; no red or green that would judge.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

Theme = Literal["light", "dark", "print"]

SERIES: Final = 8
STEPS: Final = 5

# Ink, ground and accent are those of static/css/hkh.css, so that pictures and pages are of one piece.
_LIGHT: Final[Mapping[str, str]] = {
    "ink": "#1c2430",
    "muted": "#525d6b",
    "axis": "#bdb9ae",
    "grid": "#e9e6df",
    "surface": "#ffffff",
    "accent": "#1f5a99",
    "accent-soft": "#d5e3f2",
    "rest": "#a9c4df",
    "compare": "#3c4654",
    "missing": "#cdcac3",
    "series-1": "#2c6cae",
    "series-2": "#e2a33d",
    "series-3": "#35987c",
    "series-4": "#c9673f",
    "series-5": "#85bbdd",
    "series-6": "#a5719d",
    "series-7": "#8c97a4",
    "series-8": "#c2b25d",
    "step-1": "#bdd7ec",
    "step-2": "#8dbadd",
    "step-3": "#5795c8",
    "step-4": "#2a6dab",
    "step-5": "#0e4279",
}
_DARK: Final[Mapping[str, str]] = {
    "ink": "#e6e9ed",
    "muted": "#a7b0bb",
    "axis": "#4a5560",
    "grid": "#2b333c",
    "surface": "#191f26",
    "accent": "#7fb1e8",
    "accent-soft": "#233c56",
    "rest": "#41607f",
    "compare": "#cfd6df",
    "missing": "#4b525a",
    "series-1": "#5c9bdb",
    "series-2": "#e8b357",
    "series-3": "#4fb897",
    "series-4": "#df835d",
    "series-5": "#a3d2ef",
    "series-6": "#c092b9",
    "series-7": "#98a4b2",
    "series-8": "#d2c47a",
    "step-1": "#29486a",
    "step-2": "#366a99",
    "step-3": "#4a8fc7",
    "step-4": "#7fb8e6",
    "step-5": "#c3e0f7",
}
PALETTES: Final[Mapping[Theme, Mapping[str, str]]] = {
    "light": _LIGHT,
    "dark": _DARK,
    # On paper everything is black but what a colour must tell.
    "print": {**_LIGHT, "ink": "#000000", "muted": "#333333", "axis": "#808080", "grid": "#dcdcdc"},
}

FONT: Final = "Be Vietnam Pro"
TITLE_SIZE: Final = 15
TEXT_SIZE: Final = 12
SMALL_SIZE: Final = 11


def config() -> dict[str, Any]:
    """The look that all charts share, in Vega-Lite's own terms, colours by role."""
    return {
        "background": None,
        "font": FONT,
        "padding": {"left": 2, "right": 2, "top": 2, "bottom": 2},
        "view": {"stroke": None},
        "title": {
            "aria": False,
            "anchor": "start",
            "frame": "bounds",
            "align": "left",
            "offset": 14,
            "font": FONT,
            "fontSize": TITLE_SIZE,
            "fontWeight": 600,
            "color": "@ink",
            "subtitleFont": FONT,
            "subtitleFontSize": TEXT_SIZE,
            "subtitleColor": "@muted",
            "subtitlePadding": 5,
            "lineHeight": 20,
            "subtitleLineHeight": 16,
        },
        "axis": {
            "aria": False,
            "labelFont": FONT,
            "labelFontSize": SMALL_SIZE,
            "labelColor": "@muted",
            "labelPadding": 6,
            "titleFont": FONT,
            "titleFontSize": SMALL_SIZE,
            "titleFontWeight": "normal",
            "titleColor": "@muted",
            "ticks": False,
            "domain": False,
            "gridColor": "@grid",
            "domainColor": "@axis",
        },
        "legend": {
            "aria": False,
            "orient": "top",
            "direction": "horizontal",
            "offset": 10,
            "padding": 0,
            "title": None,
            "labelFont": FONT,
            "labelFontSize": TEXT_SIZE,
            "labelColor": "@ink",
            "labelLimit": 320,
            "symbolType": "square",
            "symbolSize": 90,
            "symbolStrokeWidth": 0,
            "columnPadding": 16,
            "rowPadding": 4,
        },
        "text": {"font": FONT, "fontSize": SMALL_SIZE, "color": "@ink"},
    }


def with_colours(value: Any, theme: Theme) -> Any:
    """``value`` with each ``@role`` in it replaced by ``theme``'s colour. Raises: KeyError for a role unknown."""
    if isinstance(value, str):
        return PALETTES[theme][value[1:]] if value.startswith("@") else value
    if isinstance(value, Mapping):
        # Rows hold what people wrote; an address that begins with @ is no role.
        return {key: item if key == "values" else with_colours(item, theme) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [with_colours(item, theme) for item in value]
    return value
