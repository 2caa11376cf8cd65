"""The process in which one document is set: ``python -m hkh.core.pdf_process``, a request in, a PDF out.

WeasyPrint does not give memory back, and a document may ask for more of it and of time than we want to spend:
so each has a process of its own that ends with it. Nothing of Django is loaded here. ``hkh.core.pdf`` is the
other end.
"""

from __future__ import annotations

import base64
import errno
import json
import logging
import os
import re
import resource
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

#: How the process ends when it could not set the document.
NO_MEMORY: Final = 3
REFUSED: Final = 4

_STATIC: Final = "static:"
_TYPES: Final = {
    ".css": "text/css",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}
#: What may stand in the document itself: pictures, as base64 or as plain text.
_DATA: Final = re.compile(r"data:image/(png|jpeg|svg\+xml)[;,]", re.IGNORECASE)


def main() -> int:
    request = json.load(sys.stdin.buffer)
    _limit(memory_mib=request["memory_mib"], seconds=request["seconds"])
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")
    from weasyprint.urls import FatalURLFetchingError

    fetcher = make_fetcher([Path(root) for root in request["static_roots"]])
    try:
        pdf = _render(request, fetcher)
    except MemoryError:
        return NO_MEMORY
    except OSError as error:
        if error.errno == errno.ENOMEM or "failed to map segment" in str(error):
            return NO_MEMORY
        raise
    except FatalURLFetchingError:
        pdf = b""
    # Asked here and not only above, because a drawing that cannot be drawn is passed over in silence.
    if fetcher.refused:
        sys.stderr.write("\n".join(fetcher.refused) + "\n")
        return REFUSED
    sys.stdout.buffer.write(pdf)
    return 0


def _limit(*, memory_mib: int, seconds: int) -> None:
    """Beyond these the system itself ends us."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_mib * 2**20, memory_mib * 2**20))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _render(request: dict[str, Any], fetcher: Any) -> bytes:
    from weasyprint import CSS, HTML, Attachment
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    html = HTML(string=request["html"], url_fetcher=fetcher)
    sheets = [CSS(url=f"{_STATIC}{path}", url_fetcher=fetcher, font_config=fonts) for path in request["stylesheets"]]
    document = html.render(font_config=fonts, stylesheets=sheets, pdf_variant="pdf/a-3u", pdf_tags=True)
    made_at = datetime.fromisoformat(request["metadata"]["created_at"])
    _describe(document.metadata, request["metadata"], made_at)
    document.metadata.attachments = [
        Attachment(
            string=base64.b64decode(attachment["content"]),
            name=attachment["name"],
            description=attachment["description"],
            relationship=attachment["relationship"],
            created=made_at,
            modified=made_at,
            url_fetcher=fetcher,
        )
        for attachment in request["attachments"]
    ]
    pdf = document.write_pdf(pdf_variant="pdf/a-3u", pdf_tags=True, finisher=_list_files_once)
    assert isinstance(pdf, bytes)
    return pdf


def _list_files_once(document: Any, pdf: Any) -> None:
    """WeasyPrint 70 lists each file that belongs to the document twice."""
    if files := pdf.catalog.get("AF"):
        files[:] = dict.fromkeys(files)


def _describe(metadata: Any, wanted: dict[str, Any], made_at: datetime) -> None:
    """Titles and dates; what is not asked for stays as the document itself says it."""
    metadata.title = wanted["title"] or metadata.title
    metadata.authors = wanted["authors"] or metadata.authors
    metadata.description = wanted["subject"] or metadata.description
    metadata.keywords = wanted["keywords"] or metadata.keywords
    metadata.lang = wanted["language"] or metadata.lang
    metadata.created = metadata.modified = made_at.isoformat(timespec="seconds")


def make_fetcher(roots: list[Path]) -> Any:
    """Answers with files under ``roots`` (``static:css/official.css``) and with pictures in the document itself.

    Everything else ends the work and is noted in ``refused``: a document of ours asks for nothing else, so
    whatever does is not ours.
    """
    from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

    class Fetcher(URLFetcher):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.refused: list[str] = []

        def fetch(self, url: str, headers: Any = None) -> Any:
            if _DATA.match(url):
                return super().fetch(url, headers)
            path = _find(unquote(url.removeprefix(_STATIC)), roots) if url.startswith(_STATIC) else None
            if path is None:
                self.refused.append(f"The document may not ask for {url[:200]}")
                raise FatalURLFetchingError(self.refused[-1])
            return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": _TYPES[path.suffix]})

    return Fetcher(allowed_protocols=["data"], allow_redirects=False)


def _find(name: str, roots: list[Path]) -> Path | None:
    """The file ``name`` under one of ``roots``, of a kind that documents use; links that lead out are not followed."""
    for root in roots:
        path = (root / name).resolve()
        if path.suffix in _TYPES and path.is_relative_to(root.resolve()) and path.is_file():
            return path
    return None


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit: the libraries that draw now and then crash while the interpreter tidies up after them (seen once in
    # some thousand documents), and a document that is finished would be taken for one that failed.
    os._exit(code)
