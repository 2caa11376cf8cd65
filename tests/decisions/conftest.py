from __future__ import annotations

import pytest

from tests.cast import Cast, a_province


@pytest.fixture(autouse=True)
def day(settings) -> None:
    settings.HKH_TODAY = "2026-06-30"


@pytest.fixture
def cast(db) -> Cast:
    return a_province()
