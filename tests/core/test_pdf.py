"""Documents as they are filed: letters, frame, tags, what is inside, and what they may not reach."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.utils import translation
from pypdf import PdfReader
from pypdf.generic import IndirectObject
from pytest_django import Settings
from weasyprint.urls import FatalURLFetchingError

from hkh.core import charts, pdf, pdf_process
from hkh.core.pdf import Attachment, Metadata, PdfError, PdfTooLarge, render_pdf

HARD = "ậ ữ ỡ ẵ ỷ ặ ộ ợ Ờ Ữ Ậ Đ đ – “khuyến học”"
MADE_AT = datetime(2026, 10, 5, 8, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def page(body: str, head: str = "") -> str:
    start = f"<!doctype html><html lang='vi'><head><meta charset='utf-8'><title>Báo cáo</title>{head}</head>"
    return f"{start}<body class='official'>{body}</body></html>"


def made(body: str, head: str = "", **options: Any) -> PdfReader:
    return PdfReader(BytesIO(render_pdf(page(body, head), **options)))


def root_of(document: PdfReader) -> Any:
    return document.trailer["/Root"]


def font_dictionaries(document: PdfReader) -> list[Any]:
    resources: list[Any] = [sheet["/Resources"] for sheet in document.pages]
    return [font.get_object() for part in resources for font in part.get("/Font", {}).values()]


def fonts_of(document: PdfReader) -> set[str]:
    """The names of all fonts in the file, without the mark of a subset."""
    names = {str(font["/BaseFont"]) for font in font_dictionaries(document)}
    return {name.removeprefix("/").split("+")[-1] for name in names}


def tags_of(document: PdfReader) -> list[dict[str, Any]]:
    """Every element of the tag tree, from the top down."""
    found: list[dict[str, Any]] = []

    def walk(node: Any) -> None:
        node = node.get_object() if isinstance(node, IndirectObject) else node
        if isinstance(node, list):
            for part in node:
                walk(part)
        elif isinstance(node, dict):
            if "/S" in node:
                found.append(node)
            walk(node.get("/K"))

    walk(root_of(document)["/StructTreeRoot"])
    return found


# Letters


def test_every_letter_is_ours_and_can_be_copied_out_again() -> None:
    body = f"<p>{HARD}</p><p style='font-family: sans-serif; font-weight: 600'>{HARD}</p>"

    document = made(body)

    assert fonts_of(document) == {"Tinos", "Be-Vietnam-Pro-Semi-Bold"}
    text = document.pages[0].extract_text()
    assert text.split("\n") == [HARD, HARD]
    assert unicodedata.is_normalized("NFC", text)


@pytest.mark.parametrize("family", ["Times New Roman", "DejaVu Sans", "Arial", "no such font", "monospace"])
def test_no_other_font_comes_in_whatever_is_asked_for_or_installed(family: str) -> None:
    document = made(f"<p style='font-family: \"{family}\"'>{HARD} 漢 🙂 ✓</p>")

    assert {name.split("-")[0] for name in fonts_of(document)} <= {"Tinos", "Be"}


def test_fonts_are_embedded() -> None:
    document = made(f"<p>{HARD}</p>")

    (font,) = font_dictionaries(document)
    assert "/FontFile2" in font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()


def test_a_chart_is_drawn_with_letters_and_told_to_who_does_not_see_it(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    months = [charts.Month(date(2026, 9, 1), {"Doanh nghiệp": 5_600_000_000}, href="/quy/")]
    drawing = charts.render_svg(charts.monthly_bars(months, title="Vận động theo tháng"), "print")

    document = made(f"<figure class='official-picture'>{drawing}</figure>")

    text = document.pages[0].extract_text()
    assert "Vận động theo tháng" in text
    assert "5.6" in text
    assert [tag["/Alt"] for tag in tags_of(document) if tag["/S"] == "/Figure"] == [
        "Vận động theo tháng (Unit: billion đồng)"
    ]
    assert fonts_of(document) == {"Be-Vietnam-Pro", "Be-Vietnam-Pro-Semi-Bold"}


# Frame


def test_the_page_is_that_of_the_decree() -> None:
    rows = "".join(f"<tr><td>Xã {number}</td><td class='figure'>1.234</td></tr>" for number in range(80))
    table = (
        f"<table class='figures'><thead><tr><th>Đơn vị</th><th>Hội viên</th></tr></thead><tbody>{rows}</tbody></table>"
    )

    document = made(f"<p>Mở đầu</p>{table}<section class='annex annex-wide'><p>Phụ lục</p></section>")

    first, second, *_rest, annex = document.pages
    lines = [sheet.extract_text().split("\n") for sheet in (first, second)]
    assert [number in part for number, part in zip(("1", "2"), lines, strict=True)] == [False, True]
    assert [part.count("Đơn vị Hội viên") for part in lines] == [1, 1]
    assert [round(float(side)) for side in first.mediabox[2:]] == [595, 842]
    assert [round(float(side)) for side in annex.mediabox[2:]] == [842, 595]


def test_the_file_is_tagged_and_says_that_it_may_be_kept() -> None:
    document = made("<h1>Báo cáo</h1><p>Một</p><table class='figures'><tr><th>A</th></tr><tr><td>1</td></tr></table>")

    root = root_of(document)
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712  # pypdf's own boolean
    assert root["/Lang"] == "vi"
    assert {tag["/S"] for tag in tags_of(document)} >= {"/Document", "/H1", "/P", "/Table", "/TR", "/TH", "/TD"}
    xmp = root["/Metadata"].get_object().get_data().decode()
    assert 'part="3"' in xmp
    assert 'conformance="U"' in xmp


def test_the_file_says_what_it_is_and_when_it_was_made() -> None:
    about = Metadata(
        title="Báo cáo quý III", authors=["Hội Khuyến học tỉnh Phú Thọ"], subject="Quý III/2026", created_at=MADE_AT
    )

    document = made("<p>Một</p>", metadata=about)

    info = document.metadata
    assert info is not None
    assert (info.title, info.author, info.subject) == (
        "Báo cáo quý III",
        "Hội Khuyến học tỉnh Phú Thọ",
        "Quý III/2026",
    )
    assert info.creation_date == MADE_AT


def test_without_being_told_it_says_what_the_page_says() -> None:
    document = made("<p>Một</p>", "<meta name='author' content='Hội xã'>")

    assert document.metadata is not None
    assert (document.metadata.title, document.metadata.author) == ("Báo cáo", "Hội xã")


def test_equal_documents_of_one_moment_are_equal_bytes() -> None:
    workbook = Attachment("so-lieu.xlsx", b"PK" * 50, "Số liệu")
    once, again = (
        render_pdf(page(f"<p>{HARD}</p>"), attachments=[workbook], metadata=Metadata(created_at=MADE_AT))
        for _time in range(2)
    )

    assert once == again


# What is inside


def test_the_workbook_is_inside() -> None:
    document = made(
        "<p>Một</p>",
        attachments=[
            Attachment("bao-cao.xlsx", b"PK\x03\x04", "Số liệu của báo cáo"),
            Attachment("b.csv", b"1", "", "Source"),
        ],
    )

    assert document.attachments == {"bao-cao.xlsx": [b"PK\x03\x04"], "b.csv": [b"1"]}
    associated = [file.get_object() for file in root_of(document)["/AF"]]
    assert [(file["/UF"], file["/AFRelationship"]) for file in associated] == [
        ("bao-cao.xlsx", "/Data"),
        ("b.csv", "/Source"),
    ]


def test_the_name_of_a_file_inside_is_plain() -> None:
    with pytest.raises(ValueError, match="ASCII"):
        Attachment("báo cáo.xlsx", b"")


# What it may not reach


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "http://localhost/x.png",
        "https://example.org/x.png",
        "ftp://example.org/x.png",
        "static:../manage.py",
        "static:css/../../hkh/settings.py",
        "static:%2e%2e/static/../manage.py",
        "static:/etc/passwd",
        "static:css",
        "static:js/app.js",
        "data:text/html,x",
        "data:text/css,x",
        "data:image/gif,x",
    ],
)
def test_only_our_own_files_and_pictures_in_the_document_are_read(url: str) -> None:
    fetcher = pdf_process.make_fetcher([Path(configured.BASE_DIR, "static")])

    with pytest.raises(FatalURLFetchingError):
        fetcher.fetch(url)

    assert fetcher.refused == [f"The document may not ask for {url}"]


@pytest.mark.parametrize(
    ("body", "head"),
    [
        ("<img src='file:///etc/passwd' alt=''>", ""),
        ("<p>x</p>", "<base href='file:///etc/'><link rel='stylesheet' href='passwd'>"),
        ("<p>x</p>", "<style>@font-face { font-family: x; src: url(http://localhost/) } p { font-family: x }</style>"),
        ("<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd' width='9' height='9'/></svg>", ""),
    ],
)
def test_a_document_that_reaches_for_anything_else_is_not_set(body: str, head: str) -> None:
    with pytest.raises(PdfError, match=r"The document may not ask for (file:///etc/passwd|http://localhost/)"):
        render_pdf(page(body, head))


def test_a_document_cannot_put_files_into_itself() -> None:
    document = made("<p>Một</p>", "<link rel='attachment' href='file:///etc/passwd'>")

    assert document.attachments == {}


def test_an_address_that_hangs_on_the_place_is_not_followed() -> None:
    document = made("<img src='/etc/passwd' alt='x'><p>Một</p>")

    assert "root:" not in document.pages[0].extract_text()


def test_its_own_files_and_pictures_it_may_use(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "own.css").write_text("p::after { content: ' hai' }")
    settings.STATICFILES_DIRS = [tmp_path]
    picture = "<img alt='' src=\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E\">"

    document = made(f"{picture}<p>Một</p>", stylesheets=["own.css"])

    assert document.pages[0].extract_text().strip() == "Một hai"


def test_a_link_out_of_the_folder_is_not_followed(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "static").mkdir()
    (tmp_path / "secret.css").write_text("p { color: red }")
    (tmp_path / "static" / "own.css").symlink_to(tmp_path / "secret.css")
    settings.STATICFILES_DIRS = [tmp_path / "static"]

    with pytest.raises(PdfError, match=r"may not ask for static:own\.css"):
        render_pdf(page("<p>Một</p>"), stylesheets=["own.css"])


def test_its_process_knows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HKH_SECRET_KEY", "secret")

    assert set(pdf._environment()) <= {
        "FONTCONFIG_FILE",
        "HOME",
        "LANG",
        "LD_LIBRARY_PATH",
        "PATH",
        "PYTHONDONTWRITEBYTECODE",
        "TMPDIR",
    }


# What it may not cost

LONG = "<table>" + "<tr><td>Hội Khuyến học xã</td><td>1.234.567</td></tr>" * 20_000 + "</table>"
SENTENCE = (
    "The document is too large to be set as pages. Choose a smaller unit or a shorter period, or take the Excel "
    "file, which has no such limit."
)


def test_one_that_takes_too_long_is_given_up_in_time() -> None:
    begun = time.monotonic()

    with pytest.raises(PdfTooLarge) as refusal:
        render_pdf(page(LONG), seconds=3)

    assert refusal.value.args == (SENTENCE,)
    assert time.monotonic() - begun < 6


def test_one_that_takes_too_much_memory_is_given_up() -> None:
    with pytest.raises(PdfTooLarge) as refusal:
        render_pdf(page(LONG), memory_mib=120)

    assert refusal.value.args == (SENTENCE,)
