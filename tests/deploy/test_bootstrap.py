"""The set-up script: it finds out what is missing, and says what to type where it may not act itself.

Each test runs the real script in a small folder of its own, on a path with nothing else on it.
"""

import fcntl
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from django.conf import settings

from deploy import bootstrap

ROOT = Path(settings.BASE_DIR)

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout where everything is in place: an environment, and packages of just these lock files."""
    for name in ("requirements.txt", "requirements-dev.txt", "package-lock.json", "package.json", "deploy"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / ".venv" / "bin" / "pip").touch()
    (tmp_path / "node_modules").mkdir()
    stamp(tmp_path, ".venv/.installed-requirements.txt", "requirements.txt")
    stamp(tmp_path, ".venv/.installed-requirements-dev.txt", "requirements-dev.txt")
    stamp(tmp_path, "node_modules/.installed-package-lock.json", "package-lock.json")
    return tmp_path


def stamp(checkout: Path, where: str, lock: str) -> None:
    (checkout / where).write_text(sha256((checkout / lock).read_bytes()).hexdigest())


@pytest.fixture
def run(checkout: Path) -> Run:
    """``run(*arguments, programs=…)``: the script, with only ``programs`` (name -> shell script) on the path."""

    def run_script(*arguments: str, programs: dict[str, str]) -> subprocess.CompletedProcess[str]:
        path = checkout / "path"
        path.mkdir()
        for name, script in programs.items():
            (path / name).write_text(f"#!/bin/sh\n{script}\n")
            (path / name).chmod(0o755)
        return subprocess.run(
            [sys.executable, "deploy/bootstrap.py", *arguments],
            cwd=checkout,
            env={"PATH": str(path)},
            capture_output=True,
            text=True,
            check=False,
        )

    return run_script


def test_everything_in_place_costs_a_moment_and_says_nothing(run: Run) -> None:
    started = time.monotonic()
    result = run(programs={})
    assert (result.stdout, result.stderr, result.returncode) == ("", "", 0)
    assert time.monotonic() - started < 5


def test_somebody_other_than_root_is_told_what_to_type(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "apt-get").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("HKH_CHROMIUM", raising=False)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(bootstrap.Stop) as caught:
        bootstrap.install_system_packages(bootstrap.missing_system_packages(dev=True))
    assert str(caught.value) == (
        "System packages are missing. Type this, then try again:\n\n"
        "    sudo apt-get update && "
        "sudo apt-get install -y --no-install-recommends gettext poppler-utils chromium\n"
    )


def test_a_browser_named_by_the_environment_is_enough(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("HKH_CHROMIUM", raising=False)
    assert bootstrap.missing_system_packages(dev=True) == ["gettext", "poppler-utils", "chromium"]
    monkeypatch.setenv("HKH_CHROMIUM", "/opt/browser")
    assert bootstrap.missing_system_packages(dev=True) == ["gettext", "poppler-utils"]


def test_without_apt_the_packages_are_named(run: Run) -> None:
    result = run("--dev", programs={"xgettext": ""})
    assert result.stderr == (
        "\nInstall these system packages, named as in Debian, and try again: poppler-utils chromium\n"
    )
    assert result.returncode == 1


@pytest.mark.parametrize("lock", ["requirements.txt", "package-lock.json"])
def test_a_changed_lock_file_is_installed_anew(run: Run, checkout: Path, lock: str) -> None:
    with (checkout / lock).open("a") as file:
        file.write("\n")
    says = 'echo "$0 $@" | sed "s|.*/||"; [ "$1" = --version ] && echo v20.1.0; true'
    (checkout / ".venv" / "bin" / "python").unlink()
    (checkout / ".venv" / "bin" / "python").write_text(f"#!/bin/sh\n{says}\n")
    (checkout / ".venv" / "bin" / "python").chmod(0o755)
    programs = {"npm": says, "node": "echo v20.1.0", "sed": 'exec /usr/bin/sed "$@"'}
    first = run(programs=programs)
    assert first.returncode == 0, first.stderr
    installed = {
        "requirements.txt": "python -m pip install -qq --disable-pip-version-check --no-input --require-hashes "
        "-r requirements.txt",
        "package-lock.json": "npm ci --no-audit --no-fund --loglevel=error",
    }
    assert [line for line in first.stdout.splitlines() if " install " in line or " ci " in line] == [installed[lock]]


def test_a_failed_step_stops_with_the_command_that_failed(run: Run, checkout: Path) -> None:
    (checkout / "package-lock.json").write_text("{}")
    result = run(programs={"npm": "echo no network >&2; exit 7", "node": "echo v20.1.0"})
    assert result.returncode == 1
    assert result.stderr.startswith("no network\n\nThis failed with exit code 7; what it said stands above:\n\n")
    assert result.stderr.endswith("npm ci --no-audit --no-fund --loglevel=error\n\n")
    assert run_stamp(checkout) != sha256((checkout / "package-lock.json").read_bytes()).hexdigest()


def run_stamp(checkout: Path) -> str:
    return (checkout / "node_modules" / ".installed-package-lock.json").read_text()


@pytest.mark.parametrize(("version", "is_used"), [("v16.20.2", False), ("v18.0.0", True), ("v24.1.0", True)])
def test_an_old_node_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, is_used: bool) -> None:
    for name in ("npm", "node"):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {version}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert bootstrap.machine_npm() == (str(tmp_path / "npm") if is_used else None)


def test_another_set_up_in_the_same_folder_is_waited_for(checkout: Path) -> None:
    (checkout / ".data").mkdir()
    with (checkout / ".data" / "setup.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        script = subprocess.Popen(
            [sys.executable, "deploy/bootstrap.py"], cwd=checkout, stdout=subprocess.PIPE, text=True
        )
        assert script.stdout is not None
        assert script.stdout.readline() == "· Another set-up is at work in this folder; waiting for it\n"
        assert script.poll() is None
    assert script.wait(20) == 0
    script.stdout.close()
