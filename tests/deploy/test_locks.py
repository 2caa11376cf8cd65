"""The lock files pin everything that the sources import, and say nothing of where it comes from."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PRODUCT = ("hkh", "members", "funds", "scholarships")
LOCKS = ("requirements.txt", "requirements-dev.txt", "deploy/requirements-node.txt")


def pinned(lock: str) -> dict[str, str]:
    """Name -> version of what ``lock`` pins."""
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE))


def imported(*folders: str) -> set[str]:
    """The distributions that the sources below ``folders`` import, named as in a lock file."""
    modules = set()
    for path in (path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module.split(".")[0])
    ours = {*PRODUCT, "tests", "deploy"}
    homes = packages_distributions()
    return {
        min(homes[module]).lower().replace("_", "-").replace(".", "-")
        for module in modules - ours - set(sys.stdlib_module_names)
    }


@pytest.mark.parametrize("lock", [*LOCKS, "package-lock.json", "package.json", ".npmrc", "pyproject.toml"])
def test_no_address_stands_in_a_file_that_pins(lock: str) -> None:
    assert re.findall(r"\w+://\S+|--(?:extra-)?index-url.*|--find-links.*", (ROOT / lock).read_text()) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes(lock: str) -> None:
    requirements = re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n", "", (ROOT / lock).read_text(), flags=re.MULTILINE))
    assert [line.split()[0] for line in requirements if "--hash=sha256:" not in line] == []


def test_developers_have_what_runs_and_more() -> None:
    runtime, dev = pinned("requirements.txt"), pinned("requirements-dev.txt")
    assert runtime == {name: dev[name] for name in runtime}
    assert len(dev) > len(runtime)


def test_what_the_product_imports_is_pinned() -> None:
    assert imported(*PRODUCT) - pinned("requirements.txt").keys() == set()


def test_what_tests_and_tools_import_is_pinned() -> None:
    assert imported("tests", "deploy") - pinned("requirements-dev.txt").keys() == set()
