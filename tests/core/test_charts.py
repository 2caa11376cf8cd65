"""What charts say, where they lead, and that a strict page may hold them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.conf import settings as configured
from django.utils import translation
from pytest_django import Settings

from hkh.core import charts
from hkh.core.charts import Bar, Bubble, Measure, Month, figures, measure, palette, placing, render

SVG = "{http://www.w3.org/2000/svg}"
MONTHS = [
    Month(date(2026, 1, 1), {"Doanh nghiệp": 1_500_000_000, "Cá nhân": 500_000_000}, 1_000_000_000, "/quy/?thang=1"),
    Month(date(2026, 2, 1), {"Cá nhân": 250_000_000}, None),
    Month(date(2026, 3, 1)),
]
BARS = [Bar("Cá nhân", 750_000_000, "12 suất", "/quy/?nguon=2"), Bar("Doanh nghiệp", 1_500_000_000)]
GROWN = [(date(2026, 1, 5), 300), (date(2026, 2, 1), 700)]
SPRING: dict[str, Any] = {"starts_on": date(2026, 1, 2), "ends_on": date(2026, 4, 30)}
PLACES = [
    Bubble("Việt Trì", 21.32, 105.40, 72_085, 3_850, "/tong-quan/?don-vi=227"),
    Bubble("Thanh Sơn", 21.20, 105.18, 40_000, None),
    Bubble("Trống", 21.25, 105.25, 0, 1),
]


@pytest.fixture(autouse=True)
def _own_cache_in_english(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.DATA_DIR = tmp_path
    with translation.override("en"):
        yield


def a_map(places: Sequence[Bubble] = PLACES, **options: Any) -> charts.Spec:
    return charts.bubble_map(
        places, title="Bản đồ", size=Measure("Hội viên", "count"), shade=Measure("Vận động", "vnd"), **options
    )


ALL: dict[str, Callable[[], charts.Spec]] = {
    "months": lambda: charts.monthly_bars(MONTHS, title="Vận động theo tháng"),
    "sorted": lambda: charts.sorted_bars(BARS, title="Vận động theo nguồn"),
    "ranked": lambda: charts.ranked_bars(BARS, title="Hạng", reference=("Trung bình", 1e9), highlight="Cá nhân"),
    "narrow": lambda: charts.sorted_bars(BARS, title="Vận động theo nguồn", width=340),
    "sparkline": lambda: charts.sparkline([1, None, 3], title="Mười hai kỳ"),
    "progress": lambda: charts.progress_line(GROWN, title="Vận động", target=900, **SPRING),
    "map": a_map,
    "narrow map": lambda: a_map(width=340),
}


def drawn(spec: charts.Spec, theme: charts.Theme = "light") -> ElementTree.Element:
    return ElementTree.fromstring(charts.render_svg(spec, theme))


def texts(root: ElementTree.Element) -> list[str]:
    """All letters of the picture, each text once (those with a halo are drawn twice)."""
    return list(dict.fromkeys("".join(text.itertext()) for text in root.iter(f"{SVG}text")))


def said(root: ElementTree.Element) -> list[str]:
    """What marks say to those who point at them or hear them."""
    words = (part.get("aria-label") or part.get("data-tip") for part in root.iter() if part is not root)
    return [word for word in words if word]


# A page may hold them


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
@pytest.mark.parametrize("name", ALL)
def test_nothing_in_it_is_refused_by_a_strict_page(name: str, theme: charts.Theme) -> None:
    root = drawn(ALL[name](), theme)

    tags = {part.tag.removeprefix(SVG) for part in root.iter()}
    assert tags <= {"svg", "g", "path", "text", "tspan", "line", "rect", "a", "defs", "clipPath", "title"}
    attributes = {attribute for part in root.iter() for attribute in part.attrib}
    assert {attribute for attribute in attributes if attribute == "style" or attribute.startswith("on")} == set()
    assert {part.get("href", "/")[:1] for part in root.iter()} == {"/"}


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("months", ("720", "320")),
        ("sorted", ("560", "100")),
        ("narrow", ("340", "132")),
        ("sparkline", ("120", "34")),
    ],
)
def test_a_picture_is_exactly_as_large_as_asked(name: str, size: tuple[str, str]) -> None:
    root = drawn(ALL[name]())

    assert (root.get("width"), root.get("height")) == size


def test_a_picture_with_links_is_a_group_of_named_links() -> None:
    root = drawn(ALL["sorted"]())

    assert (root.get("role"), root.get("aria-label")) == ("group", "Vận động theo nguồn")
    assert [(link.get("href"), link.get("aria-label")) for link in root.iter(f"{SVG}a")] == [
        ("/quy/?nguon=2", "Cá nhân: 750,000,000\u00a0đồng, 12 suất")
    ]


def test_a_picture_without_links_is_one_image() -> None:
    root = drawn(charts.sorted_bars([Bar("Cá nhân", 1)], title="Nguồn"))

    assert (root.get("role"), root.get("aria-label")) == ("img", "Nguồn")
    assert said(root) == ["Cá nhân: 1\u00a0đồng"]
    assert not [part for part in root.iter() if part is not root and part.get("role")]


def test_on_paper_nothing_links_and_the_picture_has_its_title_inside() -> None:
    root = drawn(ALL["map"](), "print")

    assert [part.text for part in root.iter(f"{SVG}title")] == ["Bản đồ"]
    assert not list(root.iter(f"{SVG}a"))


@pytest.mark.parametrize(("count", "stops"), [(24, None), (25, "-1")])
def test_many_links_do_not_stand_in_the_way_of_the_tab_key(count: int, stops: str | None) -> None:
    bars = [Bar(f"Đơn vị {number}", number + 1, href=f"/{number}") for number in range(count)]

    root = drawn(charts.sorted_bars(bars, title="Đơn vị"))

    assert [link.get("tabindex") for link in root.iter(f"{SVG}a")] == [stops] * count


@pytest.mark.parametrize("href", ["https://example.org/", "//example.org/", "/\\example.org", "javascript:alert(1)"])
def test_links_stay_within_the_site(href: str) -> None:
    with pytest.raises(ValueError, match="within the site"):
        charts.sorted_bars([Bar("x", 1, href=href)], title="x")


def test_what_people_wrote_is_text_and_nothing_else() -> None:
    name = """</text><script>'"\\ @accent"""

    root = drawn(charts.sorted_bars([Bar(name, 1)], title=name))

    assert said(root) == [f"{name}: 1\u00a0đồng"]
    assert name in texts(root)


def test_two_pictures_in_one_page_share_no_id() -> None:
    ids = [part.get("id") for name in ("months", "map") for part in drawn(ALL[name]()).iter() if part.get("id")]

    assert len(ids) == len(set(ids))


# What they say


def test_months_are_stacked_in_order_with_totals_and_last_year() -> None:
    root = drawn(ALL["months"]())

    assert texts(root)[:4] == ["Jan2026", "Feb", "Mar", "0"]
    assert {"2.0", "0.3", "Doanh nghiệp", "Cá nhân", "Same month last year"} <= set(texts(root))
    assert "Unit: billion đồng" in texts(root)
    assert said(root) == [
        "January 2026, Doanh nghiệp: 1,500,000,000\u00a0đồng",
        "January 2026, Cá nhân: 500,000,000\u00a0đồng",
        "February 2026, Cá nhân: 250,000,000\u00a0đồng",
        "January 2026, Same month last year: 1,000,000,000\u00a0đồng",
    ]


def test_more_series_than_colours_become_others() -> None:
    month = Month(date(2026, 1, 1), {f"Nguồn {number}": 100 - number for number in range(10)})

    heard = said(drawn(charts.monthly_bars([month], title="x")))

    assert [words.split(", ")[1].split(":")[0] for words in heard] == [*(f"Nguồn {n}" for n in range(7)), "Others"]
    assert heard[-1].endswith(f": {93 + 92 + 91}\u00a0đồng")


def test_the_order_asked_for_gives_the_colours() -> None:
    series = ["Cá nhân", "Doanh nghiệp"]
    months, bars = (
        drawn(charts.monthly_bars(MONTHS, title="x", series=series)),
        drawn(charts.sorted_bars(BARS, title="x", series=series)),
    )

    def filled(root: ElementTree.Element) -> set[str]:
        return {name for part in root.iter() for name in (part.get("class") or "").split() if "fill-series" in name}

    assert filled(months) == filled(bars) == {"fill-series-1", "fill-series-2"}


def test_bars_fall_from_the_largest_and_tell_figure_and_note() -> None:
    assert texts(drawn(ALL["sorted"]())) == [
        "Doanh nghiệp",
        "Cá nhân",
        "1.5\u00a0billion đồng",
        "750\u00a0million đồng · 12 suất",
        "Vận động theo nguồn",
    ]


def test_ranks_are_shared_and_the_one_looked_for_is_shown_past_the_last() -> None:
    bars = [Bar("A", 3), Bar("B", 3), Bar("C", 2), Bar("D", 1)]

    root = drawn(charts.ranked_bars(bars, title="x", most=2, highlight="D", unit="count"))

    assert texts(root)[:3] == ["1. A", "1. B", "4. D"]


def test_a_map_names_its_places_and_says_what_is_not_known() -> None:
    root = drawn(ALL["map"]())

    assert said(root) == [
        "Việt Trì: Hội viên 72,085; Vận động 3,850\u00a0đồng",
        "Thanh Sơn: Hội viên 40,000; Vận động not known",
    ]
    assert {"Việt Trì", "Thanh Sơn", "Hội viên", "Vận động (thousand đồng)", "3.85", "not known"} <= set(texts(root))


def test_bubbles_are_as_large_as_what_they_stand_for() -> None:
    rows = a_map()["layer"][0]["data"]["values"]

    assert rows[1]["area"] / rows[0]["area"] == pytest.approx(40_000 / 72_085, rel=1e-3)


@pytest.mark.parametrize("spec", [charts.sorted_bars, charts.ranked_bars])
def test_nothing_to_draw_is_no_picture(spec: Any) -> None:
    with pytest.raises(ValueError, match="at least one"):
        spec([], title="x")


def test_no_month_no_value_no_place_is_no_picture() -> None:
    with pytest.raises(ValueError, match="at least one"):
        charts.monthly_bars([], title="x")
    with pytest.raises(ValueError, match="at least one"):
        charts.sparkline([None], title="x")
    with pytest.raises(ValueError, match="at least one"):
        a_map(PLACES[2:])


def test_without_its_title_a_picture_is_lower_and_keeps_the_unit() -> None:
    bare = charts.untitled(ALL["months"]())
    root = drawn(bare)

    assert "Vận động theo tháng" not in texts(root)
    assert "Unit: billion đồng" in texts(root)
    assert (root.get("height"), root.get("aria-label")) == ("300", "Vận động theo tháng (Unit: billion đồng)")


# Kept pictures


def test_the_second_time_a_picture_comes_from_the_disk() -> None:
    first = charts.render_svg(ALL["sparkline"]())
    (kept,) = Path(configured.DATA_DIR, "charts").glob("*/*.svg")
    assert kept.read_text() == first

    kept.write_text("kept")

    assert charts.render_svg(ALL["sparkline"]()) == "kept"


def test_a_picture_is_drawn_the_same_each_time() -> None:
    first = charts.render_svg(ALL["months"]())
    for kept in Path(configured.DATA_DIR, "charts").glob("*/*.svg"):
        kept.unlink()
    charts.render_svg(ALL["map"]())

    assert charts.render_svg(ALL["months"]()) == first


def test_pictures_that_nobody_asks_for_go(monkeypatch: pytest.MonkeyPatch) -> None:
    charts.render_svg(ALL["sparkline"]())
    assert charts.prune() == 0

    assert charts.prune(older_than_days=-1) == 1


def test_pixels_are_of_the_same_picture() -> None:
    png = charts.render_png(ALL["sparkline"](), scale=2)

    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(png[16:20]), int.from_bytes(png[20:24])) == (240, 68)


# Colours


def test_each_role_has_its_own_colour_and_every_theme_all_roles() -> None:
    assert len(set(palette.PALETTES["light"].values())) == len(palette.PALETTES["light"])
    assert {tuple(sorted(colours)) for colours in palette.PALETTES.values()} == {
        tuple(sorted(palette.PALETTES["light"]))
    }


@pytest.mark.parametrize("theme", ["light", "dark", "print"])
@pytest.mark.parametrize("role", ["ink", "muted"])
def test_words_stand_out_from_the_ground(theme: charts.Theme, role: str) -> None:
    lights = sorted((_luminance(palette.PALETTES[theme][part]) for part in (role, "surface")), reverse=True)

    assert (lights[0] + 0.05) / (lights[1] + 0.05) >= 4.5


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_pages_dark_sheet_holds_the_dark_palette() -> None:
    sheet = Path(configured.BASE_DIR, "static/css/charts.css").read_text()

    found = re.findall(r'\[data-bs-theme="dark"\] \.drawing \.(\w+)-([\w-]+) \{ (\w+): (#\w+); \}', sheet)

    assert set(found) == {
        (paint, role, paint, colour)
        for role, colour in palette.PALETTES["dark"].items()
        for paint in ("fill", "stroke")
    }


def test_a_role_unknown_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        palette.with_colours({"fill": "@brand"}, "light")


def test_the_picture_names_our_typeface() -> None:
    root = drawn(ALL["months"]())

    assert {part.get("font-family") for part in root.iter(f"{SVG}text")} == {"Be Vietnam Pro"}
    assert render._engine() is render._engine()


# Figures


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (24_612_345_000, "vnd", "24,6\u00a0billion đồng"),
        (3_280_000_000, "vnd", "3,28\u00a0billion đồng"),
        (4_400_000_000, "vnd", "4,4\u00a0billion đồng"),
        (999_999_999, "vnd", "1.000\u00a0million đồng"),
        (834_000_000, "vnd", "834\u00a0million đồng"),
        (22_600, "vnd", "22,6\u00a0thousand đồng"),
        (0, "vnd", "0\u00a0đồng"),
        (-1_500_000, "vnd", "\u22121,5\u00a0million đồng"),
        (70_000, "count", "70.000"),
        (34.345, "percent", "34,3\u00a0%"),
    ],
)
def test_figures_are_short_in_the_readers_marks(value: float, unit: figures.Unit, written: str) -> None:
    with translation.override("id"):
        short = figures.short(value, unit)

    # The words are the catalogue's affair, the marks ours.
    assert re.sub(r"[^\d.,\u2212]", "", short) == re.sub(r"[^\d.,\u2212]", "", written)
    with translation.override("en"):
        swapped = str.maketrans(",.", ".,")
        assert figures.short(value, unit) == written.translate(swapped)


def test_months_are_named_in_the_readers_language() -> None:
    names = {}
    for language in ("vi", "en", "id"):
        with translation.override(language):
            names[language] = (figures.month_label(date(2026, 9, 1)), figures.month_name(date(2026, 9, 1)))

    assert names == {
        "vi": ("T9", "Tháng 9 năm 2026"),
        "en": ("Sep", "September 2026"),
        "id": ("Sep", "September 2026"),
    }


# Room


def test_text_is_measured_by_the_fonts_own_tables() -> None:
    assert measure.text_width("", 12) == 0
    assert measure.text_width("Khuyến học", 24) == pytest.approx(2 * measure.text_width("Khuyến học", 12))
    assert measure.text_width("ab\na", 12) == measure.text_width("ab", 12)


def test_text_is_broken_between_words_and_cut_visibly() -> None:
    room = measure.text_width("Học sinh khuyết", 12) + 1

    assert measure.wrap("Học sinh khuyết tật", room, 12) == ["Học sinh khuyết", "tật"]
    assert measure.wrap("Học sinh khuyết tật", room, 12, lines=1) == ["Học sinh khuy…"]
    assert measure.wrap("", room, 12) == [""]
    assert measure.wrap("Học", 1000, 12) == ["Học"]


def test_names_never_cover_names() -> None:
    spots = [placing.Spot(f"Hội viên {n}", 50 + n * 7, 60 + (n % 5) * 6, 6) for n in range(30)]

    names = placing.place(spots, spots, width=400, height=120, size=11)

    boxes = [(n.x, n.y - 6.875, n.x + measure.text_width(n.text, 11, weight=500), n.y + 6.875) for n in names]
    meetings = [
        (a, b)
        for at, a in enumerate(boxes)
        for b in boxes[at + 1 :]
        if a[0] < b[2] - 0.2 and b[0] < a[2] - 0.2 and a[1] < b[3] - 0.2 and b[1] < a[3] - 0.2
    ]
    assert meetings == []
    assert len(names) >= 3


def test_a_running_sum_says_where_it_stood_on_each_day() -> None:
    said = charts.render_svg(charts.progress_line(GROWN, title="Vận động", target=900, **SPRING)).replace("\u00a0", " ")
    for text in ("02/01/2026: 0 đồng", "05/01/2026: 300 đồng", "01/02/2026: 1,000 đồng", "30/04/2026: 1,000 đồng"):
        assert text in said
    assert "Target: 900" in said


@pytest.mark.parametrize("days", [[(date(2026, 1, 1), 5)], [(date(2026, 5, 1), 5)], GROWN[::-1]])
def test_a_running_sum_refuses_days_outside_or_out_of_order(days: list[tuple[date, int]]) -> None:
    with pytest.raises(ValueError, match="outside"):
        charts.progress_line(days, title="x", **SPRING)


def test_a_running_sum_of_one_day_is_drawn() -> None:
    day = date(2026, 1, 2)
    assert drawn(charts.progress_line([], title="x", starts_on=day, ends_on=day)).get("width")


def test_pictures_are_kept_in_a_few_widths():
    asked = ("1200", "899", "560", "100", "", None, "wide", "-560", "99999")
    assert [charts.kept_width(width) for width in asked] == [900, 720, 560, 340, 720, 720, 720, 720, 720]
