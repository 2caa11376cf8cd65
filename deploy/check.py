"""``make test``: every check and every test, whatever fails on the way, and a list of how each went.

The checks that only read run two at a time; the tests follow on both cores. Exit code 0 means that all passed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from hkh.core import embedded  # noqa: E402
from tests.cluster import TEST_CLUSTER  # noqa: E402

PYTHON = sys.executable
BIN = Path(PYTHON).parent

#: As an installation for real use sets it; ``docs/installation.md`` explains each.
PRODUCTION = {
    "HKH_DEBUG": "",
    "HKH_TLS": "1",
    "HKH_SECRET_KEY": "only-for-this-check-" + "0123456789abcdef" * 4,
    "HKH_ALLOWED_HOSTS": "hkh.example",
    "HKH_TRUSTED_ORIGINS": "https://hkh.example",
}


@dataclass(frozen=True)
class Step:
    name: str
    command: Sequence[str | Path]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    step: Step
    code: int
    seconds: float
    output: str = ""

    def __str__(self) -> str:
        return f"{'passed' if self.code == 0 else 'FAILED'}  {self.seconds:6.1f} s  {self.step.name}"


CHECKS = (
    Step("types (mypy)", [BIN / "mypy"]),
    Step("style (ruff check)", [BIN / "ruff", "check", "."]),
    Step("format (ruff format)", [BIN / "ruff", "format", "--check", "."]),
    Step("layers (import-linter)", [BIN / "lint-imports"]),
    Step("templates (djlint)", [BIN / "djlint", "--lint", "--quiet", "templates"]),
    Step("migrations (makemigrations --check)", [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"]),
    Step(
        "production settings (check --deploy)",
        [PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        PRODUCTION,
    ),
    Step("translations (none missing)", [PYTHON, "deploy/messages.py", "check"]),
)
TESTS = Step("tests (pytest)", [PYTHON, "-m", "pytest", "-n", "2", "--dist", "worksteal"])


def main() -> int:
    os.chdir(ROOT)
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    outcomes = []
    with database_server():
        with ThreadPoolExecutor(2) as lanes:
            for lane in as_completed([lanes.submit(run, step) for step in CHECKS]):
                outcome = lane.result()
                outcomes.append(outcome)
                print(outcome, flush=True)
                if outcome.code:
                    print(outcome.output, flush=True)
        outcomes.append(run(TESTS, show=True))
    print("\n" + "\n".join(map(str, outcomes)))
    failures = sum(1 for outcome in outcomes if outcome.code)
    print(f"\n{failures} of {len(outcomes)} steps failed." if failures else f"\nAll {len(outcomes)} steps passed.")
    return 1 if failures else 0


def database_server() -> AbstractContextManager[None]:
    """The tests' own server for as long as the steps run, unless DATABASE_URL names one."""
    if os.environ.get("DATABASE_URL"):
        return nullcontext()
    os.environ["DATABASE_URL"] = embedded.url(TEST_CLUSTER)
    return embedded.running(TEST_CLUSTER, options=embedded.NOTHING_TO_LOSE)


def run(step: Step, *, show: bool = False) -> Outcome:
    """Run one step to its end; what it says is shown at once, or else kept."""
    started = time.monotonic()
    result = subprocess.run(
        [str(part) for part in step.command],
        env={**os.environ, **step.environment},
        stdin=subprocess.DEVNULL,
        stdout=None if show else subprocess.PIPE,
        stderr=None if show else subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Outcome(step, result.returncode, time.monotonic() - started, result.stdout or "")


if __name__ == "__main__":
    sys.exit(main())
