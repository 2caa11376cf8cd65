"""A spec and a theme in, an SVG out: drawn by Vega without a browser, made fit for a page under a strict CSP.

What comes back holds no style, no script, no foreign address: colours are attributes (and, for pages, classes
by role, so that one picture serves light and dark). It is kept on disk under the hash of all that made it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import tempfile
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from hkh.core import fonts
from hkh.core.charts import figures, palette, svg

log: Final = logging.getLogger(__name__)

#: Part of the key: raise it when drawing changes, so that no old picture is taken for a new one.
_EDITION: Final = 5


def render_svg(spec: Mapping[str, Any], theme: palette.Theme = "light") -> str:
    """The picture of ``spec`` as one ``<svg>``: some 70 ms the first time (500 more in a fresh process), then 1.

    In ``light`` and ``dark`` its links are kept and its parts are named for screen readers; ``print`` is without.
    Not for a page's own request: pages fetch their charts from an address of their own.
    """
    key = _key(spec, theme)
    path = _directory() / key[:2] / f"{key}.svg"
    try:
        drawn = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        drawn = svg.finish(_draw(spec, theme), title=_title(spec), prefix=f"c{key[:8]}", theme=theme)
        try:
            _keep(path, drawn)
        except OSError as error:  # a full disk is no reason to withhold a picture that is there
            log.warning("A chart could not be kept: %s", error)
    else:
        with contextlib.suppress(FileNotFoundError):
            os.utime(path)
    return drawn


def render_png(spec: Mapping[str, Any], theme: palette.Theme = "light", *, scale: float = 2) -> bytes:
    """The same picture as pixels, ``scale`` times its size, on the theme's ground. Not kept."""
    engine = _engine()
    coloured = palette.with_colours({**spec, "background": "@surface"}, theme)
    png = engine.vegalite_to_png(coloured, scale=scale, format_locale=figures.format_locale(), allowed_base_urls=[])
    assert isinstance(png, bytes)
    return png


def prune(*, older_than_days: int = 30) -> int:
    """Remove the pictures that nobody asked for lately. How many went."""
    oldest, gone = time.time() - older_than_days * 86_400, 0
    for path in _directory().glob("*/*.svg"):
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _draw(spec: Mapping[str, Any], theme: palette.Theme) -> str:
    drawn = _engine().vegalite_to_svg(
        palette.with_colours(spec, theme), format_locale=figures.format_locale(), allowed_base_urls=[]
    )
    assert isinstance(drawn, str)
    return drawn


@cache
def _engine() -> Any:
    """Vega with our typeface. Imported here, since it weighs 90 MB and most processes never draw."""
    import vl_convert

    vl_convert.register_font_directory(str(fonts.directories()[1]))
    return vl_convert


def _title(spec: Mapping[str, Any]) -> str:
    return str(spec["usermeta"]["title"])


def _key(spec: Mapping[str, Any], theme: palette.Theme) -> str:
    """The hash of all that the picture depends on; the language's marks belong to it, its words are in the spec."""
    made_of = [_EDITION, theme, palette.PALETTES[theme], figures.format_locale(), spec]
    text = json.dumps(made_of, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _directory() -> Path:
    return Path(settings.DATA_DIR) / "charts"


def _keep(path: Path, drawn: str) -> None:
    """Write whole or not at all: two processes may draw the same picture at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(drawn)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
