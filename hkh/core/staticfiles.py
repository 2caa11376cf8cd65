"""Static files: the few of npm's that the pages need, by name, and content-hashed addresses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import utils
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

_FONTS = "@expo-google-fonts/be-vietnam-pro"
_PAPER_FONTS = "@expo-google-fonts/tinos"

#: Address below STATIC_URL -> file below node_modules. Whole packages would be hundreds of files to
#: copy, hash and compress; these are all that a page ever asks for.
VENDOR_FILES = {
    "vendor/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "vendor/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "vendor/be-vietnam-pro-400.ttf": f"{_FONTS}/400Regular/BeVietnamPro_400Regular.ttf",
    "vendor/be-vietnam-pro-500.ttf": f"{_FONTS}/500Medium/BeVietnamPro_500Medium.ttf",
    "vendor/be-vietnam-pro-600.ttf": f"{_FONTS}/600SemiBold/BeVietnamPro_600SemiBold.ttf",
    "vendor/tinos-400.ttf": f"{_PAPER_FONTS}/400Regular/Tinos_400Regular.ttf",
    "vendor/tinos-400-italic.ttf": f"{_PAPER_FONTS}/400Regular_Italic/Tinos_400Regular_Italic.ttf",
    "vendor/tinos-700.ttf": f"{_PAPER_FONTS}/700Bold/Tinos_700Bold.ttf",
    "vendor/tinos-700-italic.ttf": f"{_PAPER_FONTS}/700Bold_Italic/Tinos_700Bold_Italic.ttf",
    "vendor/inter-latin.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
}


class VendorStorage(FileSystemStorage):
    """Reads ``VENDOR_FILES`` under their addresses. Read-only."""

    prefix = ""

    def path(self, name: str) -> str:
        return str(Path(self.location) / VENDOR_FILES[name])


class VendorFinder(BaseFinder):
    """Finds ``VENDOR_FILES``; what npm has not installed yet is not found."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.storage = VendorStorage(location=settings.BASE_DIR / "node_modules")

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        found = [self.storage.path(path)] if path in VENDOR_FILES and self.storage.exists(path) else []
        if find_all:
            return found
        return found[0] if found else []

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, VendorStorage]]:
        patterns = list(ignore_patterns or ())
        for name in VENDOR_FILES:
            if not utils.matches_patterns(name, patterns) and self.storage.exists(name):
                yield name, self.storage


class Storage(CompressedManifestStaticFilesStorage):
    """Hashed and compressed files, for good in every browser's cache."""

    # Only the url()s of stylesheets: the minified files name source maps that nobody is served.
    patterns = (("*.css", (r"""(?P<matched>url\(['"]{0,1}\s*(?P<url>.*?)["']{0,1}\))""",)),)
