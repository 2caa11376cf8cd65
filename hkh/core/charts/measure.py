"""How wide a text will be drawn, from the font's own tables, so that labels are placed and not guessed."""

from __future__ import annotations

from functools import cache

from fontTools.ttLib import TTFont

from hkh.core import fonts


@cache
def _advances(weight: int) -> dict[int, float]:
    """Width of each character in em."""
    with TTFont(fonts.screen_face(weight), lazy=True) as font:
        metrics, per_em = font["hmtx"].metrics, font["head"].unitsPerEm
        return {code: metrics[glyph][0] / per_em for code, glyph in font.getBestCmap().items()}


def text_width(text: str, size: float, *, weight: int = 400) -> float:
    """Pixels that ``text`` takes at ``size`` pixels; the widest line counts. Kerning is left out."""
    advances = _advances(weight)
    return max((sum(advances.get(ord(c), 0.6) for c in line) * size for line in text.split("\n")), default=0)


def wrap(text: str, width: float, size: float, *, weight: int = 400, lines: int = 2) -> list[str]:
    """``text`` broken between words into at most ``lines``, each within ``width``; what is over ends in "…"."""
    made: list[str] = []
    words = text.split()
    while words and len(made) < lines:
        line = words.pop(0)
        while words and text_width(f"{line} {words[0]}", size, weight=weight) <= width:
            line = f"{line} {words.pop(0)}"
        made.append(line)
    if words:
        made[-1] = f"{made[-1]} {words[0]}"
    return [_cut(line, width, size, weight, more=bool(words) and line is made[-1]) for line in made] or [""]


def _cut(line: str, width: float, size: float, weight: int, *, more: bool) -> str:
    if not more and text_width(line, size, weight=weight) <= width:
        return line
    while len(line) > 1 and text_width(f"{line}…", size, weight=weight) > width:
        line = line[:-1]
    return f"{line.rstrip(' ,.;–-')}…"
