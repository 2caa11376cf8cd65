"""Doors read through ``visible_to``: no way round it stands in their source."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WAYS_ROUND = {"unscoped", "_base_manager", "_default_manager"}

#: Files that are doors, by name, in any app; and whole packages whose every file is one.
DOOR_FILES = {"views.py", "admin.py", "lists.py", "tables.py", "filters.py", "forms.py", "urls.py"}
DOOR_PACKAGES = {"views", "admin", "lists", "tables", "filters", "forms"}
DOOR_APPS = ("hkh/dashboard", "hkh/reports")
#: What runs behind the doors of those apps: verbs, queries, tables.
BEHIND = {"actions.py", "queries.py", "drafts.py", "models.py"}
APPS = ("members", "funds", "scholarships", "hkh/core", "hkh/decisions", *DOOR_APPS)


def is_door(path: Path) -> bool:
    inside = path.relative_to(ROOT)
    return (
        path.name in DOOR_FILES
        or bool(DOOR_PACKAGES & set(inside.parts[:-1]))
        or (path.name not in BEHIND and any(inside.is_relative_to(app) for app in DOOR_APPS))
    )


def doors() -> list[Path]:
    files = {path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts}
    return sorted(path for path in files if is_door(path))


def ways_round(source: str) -> list[tuple[int, str]]:
    """Lines and names. No rows at all, and the very row of a scoped query's row (``OuterRef``), are no way round."""
    tree = ast.parse(source)
    harmless = {id(node) for call in ast.walk(tree) for node in _harmless(call)}
    return [
        (node.lineno, node.attr)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in WAYS_ROUND and id(node) not in harmless
    ]


def _harmless(node: ast.AST) -> list[ast.AST]:
    match node:
        case ast.Call(func=ast.Attribute(attr="none", value=manager), args=[], keywords=[]):
            return [manager]
        case ast.Call(
            func=ast.Attribute(attr="filter", value=manager),
            args=[],
            keywords=[ast.keyword(arg="pk", value=ast.Call(func=ast.Name(id="OuterRef")))],
        ):
            return [manager]
    return []


@pytest.mark.parametrize("path", doors(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_door_reads_past_the_scope(path: Path) -> None:
    assert ways_round(path.read_text(encoding="utf-8")) == []


def test_there_are_doors() -> None:
    assert len(doors()) > 5


def test_a_way_round_would_be_seen() -> None:
    source = "def page(request):\n    return Unit.unscoped.all() | Unit._base_manager.all()"
    assert sorted(ways_round(source)) == [(2, "_base_manager"), (2, "unscoped")]
    assert ways_round("Unit.unscoped.none()\nUnit.unscoped.filter(pk=OuterRef('unit'))") == []
    assert ways_round("Unit.unscoped.filter(pk=OuterRef('unit'), name=name)") == [(1, "unscoped")]
