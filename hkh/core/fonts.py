"""Where the two typefaces stand: whole TTFs, since subset webfonts lose Vietnamese letters in PDF and SVG.

Tinos has the metrics of Times New Roman, which NĐ 30/2020 asks for; Be Vietnam Pro is the face of the screens.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from django.conf import settings

TEXT_FAMILY: Final = "Tinos"
SCREEN_FAMILY: Final = "Be Vietnam Pro"
_PACKAGES: Final = Path("node_modules", "@expo-google-fonts")


class FontsMissing(RuntimeError):
    """The fonts' packages are not installed: ``npm ci`` brings them."""


def directories() -> tuple[Path, Path]:
    """The directories of Tinos and of Be Vietnam Pro. Raises: FontsMissing."""
    home = Path(settings.BASE_DIR) / _PACKAGES
    found = home / "tinos", home / "be-vietnam-pro"
    for directory in found:
        if not directory.is_dir():
            raise FontsMissing(f"{directory} is missing: run `npm ci`")
    return found


def screen_face(weight: int = 400) -> Path:
    """The file of Be Vietnam Pro in ``weight`` (400, 500, 600 or 700)."""
    names = {400: "400Regular", 500: "500Medium", 600: "600SemiBold", 700: "700Bold"}
    return directories()[1] / names[weight] / f"BeVietnamPro_{names[weight]}.ttf"
