"""Charts: specs made once from typed data, drawn to the same SVG for the page and for paper."""

from hkh.core.charts.bars import Bar, ranked_bars, sorted_bars
from hkh.core.charts.bubbles import Bubble, Measure, bubble_map
from hkh.core.charts.frame import Spec, kept_width, untitled
from hkh.core.charts.months import Month, monthly_bars, sparkline
from hkh.core.charts.palette import Theme
from hkh.core.charts.progress import progress_line
from hkh.core.charts.render import prune, render_png, render_svg

__all__ = [
    "Bar",
    "Bubble",
    "Measure",
    "Month",
    "Spec",
    "Theme",
    "bubble_map",
    "kept_width",
    "monthly_bars",
    "progress_line",
    "prune",
    "ranked_bars",
    "render_png",
    "render_svg",
    "sorted_bars",
    "sparkline",
    "untitled",
]
