from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation

from funds.models import Fund
from scholarships.models import Award, Distribution, Round
from tests.cast import Cast, a_province, make_fund
from tests.scholarships.rows import hand_out, make_approved, make_award, make_round


@pytest.fixture(autouse=True)
def in_english(client) -> Iterator[None]:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def cast(db) -> Cast:
    return a_province()


@pytest.fixture
def fund(cast) -> Fund:
    """A fund of the commune that holds 10,000,000 đồng."""
    return make_fund(cast.here, "Quỹ khuyến học xã", holds_vnd=10_000_000)


@pytest.fixture
def round_(fund) -> Round:
    return make_round(fund)


@pytest.fixture
def award(round_) -> Award:
    """A proposal: ten at 100,000 đồng."""
    return make_award(round_)


@pytest.fixture
def approved(round_) -> Award:
    """Ten at 100,000 đồng, approved."""
    return make_approved(round_)


@pytest.fixture
def distribution(round_, approved) -> Distribution:
    """Four of the ten, handed out."""
    return hand_out(round_, (approved, 4), venue="Nhà văn hóa xã")
