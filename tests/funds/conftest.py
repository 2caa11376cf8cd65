from __future__ import annotations

import pytest

from funds.models import Donor, Fund
from tests.cast import Cast, a_province, make_donor, make_fund


@pytest.fixture
def cast(db) -> Cast:
    return a_province()


@pytest.fixture
def fund(cast) -> Fund:
    """A fund of the commune that holds 1,000,000 đồng."""
    return make_fund(cast.here, "Quỹ khuyến học xã", holds_vnd=1_000_000)


@pytest.fixture
def donor(cast) -> Donor:
    return make_donor(cast.here)
