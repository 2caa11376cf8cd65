"""The handover protocol: who hands over and who takes over can be read, however many they are."""

from __future__ import annotations

from datetime import date

import pytest

from hkh.decisions.plan import Closed, Plan
from hkh.decisions.protocol import MOST_NAMED, protocol
from tests.cast import Cast
from tests.decisions.drafts import drafted
from tests.decisions.test_showing import closed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def language(settings) -> None:
    settings.LANGUAGE_CODE = "en"


def parties(cast: Cast, old: list[Closed]) -> list[str]:
    paper = protocol(drafted(cast), Plan(1, date(2025, 7, 1), closed=tuple(old)))
    assert [row["name"] for row in paper.sections[2].sections[0].tables[0].rows] == [one.name for one in old]
    return list(paper.sections[0].paragraphs[:2])


def test_a_few_units_are_named(cast: Cast) -> None:
    old = [closed(n, f"Hội {n}", (90, "Hội mới", "1")) for n in range(1, MOST_NAMED + 1)]
    assert parties(cast, old) == [
        "Those who hand over: " + "; ".join(f"Hội {n}" for n in range(1, MOST_NAMED + 1)) + ".",
        "Those who take over: Hội mới.",
    ]


def test_of_very_many_the_sentence_says_how_many_and_where_they_stand(cast: Cast) -> None:
    old = [closed(n, f"Hội {n}", (100 + n, f"Hội mới {n}", "1")) for n in range(1, MOST_NAMED + 2)]
    assert parties(cast, old) == [
        "Those who hand over: 13 units listed in part III.1.",
        "Those who take over: 13 units listed in part III.1.",
    ]
