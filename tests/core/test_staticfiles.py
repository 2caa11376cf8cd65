"""What npm brings is served by name, and nothing else of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from hkh.core.staticfiles import VENDOR_FILES, VendorFinder


@pytest.mark.parametrize("name", VENDOR_FILES)
def test_each_file_of_the_list_is_there(name: str) -> None:
    found = finders.find(name)
    assert isinstance(found, str)
    assert Path(found).stat().st_size > 10_000


@pytest.mark.parametrize("name", ["vendor/package.json", "vendor/../../manage.py", "@tabler/core/package.json"])
def test_nothing_else_is(name: str) -> None:
    assert VendorFinder().find(name) == []


def test_collecting_takes_the_list() -> None:
    assert [name for name, _storage in VendorFinder().list(None)] == list(VENDOR_FILES)
    assert [name for name, _storage in VendorFinder().list(["*.ttf", "*.woff2"])] == [
        "vendor/tabler.min.css",
        "vendor/htmx.min.js",
    ]
