"""HTML to PDF, as a document that can be filed: PDF/A-3u, tagged, with the workbook inside.

Two typefaces exist for a document, and no others, whatever is installed: Tinos (for serif, Times New Roman) and
Be Vietnam Pro (for sans-serif). So pages break alike everywhere, and no letter comes from a font that lacks half
of the Vietnamese ones.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final, Literal
from xml.sax.saxutils import escape

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from hkh.core import fonts, pdf_process
from hkh.core.jobs import JobRefused

log: Final = logging.getLogger(__name__)

#: The layout of Nghị định 30/2020/NĐ-CP.
OFFICIAL: Final = "css/official.css"
MIME_TYPE: Final = "application/pdf"
Relationship = Literal["Source", "Data", "Alternative", "Supplement", "Unspecified"]

#: How a process ends that asked for more than it was given: by us, by the system, by its libraries.
_TOO_MUCH: Final = {signal.SIGKILL, signal.SIGXCPU, signal.SIGTRAP, signal.SIGABRT}


class PdfError(RuntimeError):
    """The document could not be set: a mistake of ours, told for whoever mends it."""


class PdfTooLarge(JobRefused):
    """The document wants more time or memory than one is given. ``args[0]`` is a sentence for who asked."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside the PDF. ``relationship``: to the document; its workbook is "Data".

    Raises: ValueError for a ``name`` beyond ASCII, which readers show in as many ways as there are readers.
    """

    name: str
    content: bytes
    description: str = ""
    relationship: Relationship = "Data"

    def __post_init__(self) -> None:
        if not self.name.isascii():
            raise ValueError(f"Name the attachment in ASCII, not {self.name!r}")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the file says of itself. What is empty is as the HTML has it (``<title>``, ``<meta>``, ``lang``).

    Equal documents of one ``created_at`` are equal bytes.
    """

    title: str = ""
    authors: Sequence[str] = ()
    subject: str = ""
    keywords: Sequence[str] = ()
    language: str = ""
    created_at: datetime | None = None


def render_pdf(
    html: str,
    *,
    stylesheets: Sequence[str] = (OFFICIAL,),
    attachments: Sequence[Attachment] = (),
    metadata: Metadata | None = None,
    seconds: int = 60,
    memory_mib: int = 1024,
) -> bytes:
    """``html`` as a PDF, set in a process of its own: an empty one takes most of a second, nearly all to load
    WeasyPrint, 60 MB; each hundred rows of a table a tenth more.

    ``stylesheets`` are paths under ``static/``, and so is all that the document may ask for by ``static:PATH``;
    pictures may also stand in it as ``data:``. Raises: PdfTooLarge; PdfError for anything else that goes wrong,
    an address that it may not read among it.
    """
    about = metadata or Metadata()
    request = {
        "html": html,
        "stylesheets": list(stylesheets),
        "static_roots": [str(root) for root in settings.STATICFILES_DIRS],
        "attachments": [
            asdict(file) | {"content": base64.b64encode(file.content).decode("ascii")} for file in attachments
        ],
        "metadata": asdict(about) | {"created_at": (about.created_at or timezone.now()).isoformat()},
        "seconds": seconds,
        "memory_mib": memory_mib,
    }
    try:
        done = subprocess.run(  # noqa: S603  # our own module, by our own interpreter
            [sys.executable, "-m", pdf_process.__name__],
            input=json.dumps(request).encode(),
            capture_output=True,
            cwd=settings.BASE_DIR,
            env=_environment(),
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _too_large() from None
    return _checked(done)


def join_pdfs(parts: Sequence[bytes], *, metadata: Metadata) -> bytes:
    """The pages of ``parts``, one after the other, in one file; a typeface or picture that several bring is kept once.

    A long run of like pages is set in parts, for WeasyPrint holds a whole document in memory. What is joined so is a
    plain PDF: tags and PDF/A are for documents set in one piece.
    """
    from pypdf import PdfWriter  # rarely needed, and a tenth of a second to load

    writer = PdfWriter()
    for part in parts:
        writer.append(BytesIO(part), import_outline=False)
    writer.compress_identical_objects()
    writer.add_metadata({"/Title": metadata.title, "/Author": ", ".join(metadata.authors)})
    joined = BytesIO()
    writer.write(joined)
    return joined.getvalue()


def _checked(done: subprocess.CompletedProcess[bytes]) -> bytes:
    """The PDF, or why there is none."""
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode == pdf_process.NO_MEMORY or -done.returncode in _TOO_MUCH:
        log.warning("A document was given up (%s): %s", done.returncode, said[-2000:])
        raise _too_large()
    if done.returncode == pdf_process.REFUSED:
        raise PdfError(said.splitlines()[-1])
    if done.returncode:
        raise PdfError(f"The PDF process ended with {done.returncode}: {said[-4000:]}")
    if said:
        log.warning("A document was set with remarks: %s", said[-2000:])
    return done.stdout


def _too_large() -> PdfTooLarge:
    return PdfTooLarge(
        _(
            "The document is too large to be set as pages. Choose a smaller unit or a shorter period, or take the "
            "Excel file, which has no such limit."
        )
    )


def _environment() -> dict[str, str]:
    """What the process sees of ours: where programs are, our language of text, our fonts; no secret."""
    passed = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "TMPDIR") if name in os.environ}
    return passed | {
        "FONTCONFIG_FILE": str(_font_list()),
        "HOME": str(settings.DATA_DIR),
        "LANG": "C.UTF-8",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@cache
def _font_list() -> Path:
    """Fontconfig's file with our two typefaces and the names by which stylesheets may call them."""
    directory = Path(settings.DATA_DIR) / "fonts"
    directory.mkdir(parents=True, exist_ok=True)
    calls = {
        fonts.TEXT_FAMILY: ("serif", "Times New Roman", "Times", "monospace"),
        fonts.SCREEN_FAMILY: ("sans-serif", "system-ui"),
    }
    aliases = [
        f"<alias binding='strong'><family>{name}</family><prefer><family>{family}</family></prefer></alias>"
        for family, names in calls.items()
        for name in names
    ]
    lines = [
        "<?xml version='1.0'?>",
        "<!DOCTYPE fontconfig SYSTEM 'urn:fontconfig:fonts.dtd'>",
        "<fontconfig>",
        *(f"<dir>{escape(str(home))}</dir>" for home in fonts.directories()),
        f"<cachedir>{escape(str(directory / 'cache'))}</cachedir>",
        *aliases,
        "</fontconfig>",
    ]
    path = directory / "fonts.conf"
    part = path.with_suffix(f".{os.getpid()}")
    part.write_text("\n".join(lines), encoding="utf-8")
    part.replace(path)
    return path
