"""``manage.py bench``: figures beside their floors, on screen and in a file."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from hkh.demo.bench import MEASURES


@pytest.fixture
def kept(settings: Settings, tmp_path: Path) -> Path:
    settings.DATA_DIR, settings.STATIC_ROOT = tmp_path, tmp_path / "staticfiles"
    return tmp_path / "bench.json"


@pytest.mark.django_db
def test_a_measure_stands_beside_its_floor(province: None, kept: Path) -> None:
    kept.write_text(json.dumps({"another.measure": {"value": 1}}))
    told = StringIO()
    call_command("bench", "subtree", any_size=True, stdout=told)
    figures = json.loads(kept.read_text())
    assert list(figures) == ["another.measure", "tree.subtree_p95"]
    measured = figures["tree.subtree_p95"]
    assert list(measured) == ["value", "unit", "floor", "ratio", "reach", "holds"]
    assert measured["ratio"] == pytest.approx(measured["value"] / measured["floor"])
    assert measured["holds"] == (measured["value"] <= measured["reach"])
    assert "tree.subtree_p95" in told.getvalue()


@pytest.mark.django_db
def test_a_small_province_is_not_taken_for_the_full_one(province: None, kept: Path) -> None:
    with pytest.raises(CommandError, match="full province"):
        call_command("bench", "subtree", stdout=StringIO())
    assert not kept.exists()


@pytest.mark.django_db
def test_an_unknown_measure_is_refused(kept: Path) -> None:
    with pytest.raises(CommandError, match="no measure called speed"):
        call_command("bench", "speed", stdout=StringIO())


def test_measures_have_names_of_their_own() -> None:
    names = [measure.__name__ for measure in MEASURES]
    assert sorted(set(names)) == sorted(names)
