"""Pin every package anew: the newest versions that pyproject.toml and package.json allow, with their hashes.

What it writes names no index and no registry, so that any mirror serves. Of each version all files are
pinned, so that one lock serves every processor and every Python from 3.11 on.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from deploy import bootstrap  # noqa: E402

TOOLS = ROOT / ".data" / "lock-tools"
PIP_TOOLS = "pip-tools==7.6.2"
OPTIONS = (
    "--generate-hashes",
    "--strip-extras",
    "--allow-unsafe",
    "--upgrade",
    "--no-header",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-emit-trusted-host",
    "--quiet",
)
RUNTIME, DEV, NODE = "requirements.txt", "requirements-dev.txt", "deploy/requirements-node.txt"


def main() -> None:
    os.chdir(ROOT)
    if not TOOLS.exists():
        venv.create(TOOLS, with_pip=True)
        run(TOOLS / "bin" / "pip", "install", "-qq", PIP_TOOLS)
    compile_lock("pyproject.toml", "-o", RUNTIME)
    compile_lock("pyproject.toml", "--extra", "dev", "--constraint", RUNTIME, "-o", DEV)
    compile_lock("deploy/requirements-node.in", "-o", NODE)
    run(
        bootstrap.machine_npm() or bootstrap.wheel_npm(),
        "update",
        "--package-lock-only",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    )
    strip_addresses(ROOT / "package-lock.json")
    for lock in (RUNTIME, DEV, NODE, "package-lock.json"):
        if "://" in Path(lock).read_text():
            sys.exit(f"{lock} names an address; it must not.")


def compile_lock(*arguments: str) -> None:
    print(f"· {arguments[-1]}", flush=True)
    run(TOOLS / "bin" / "pip-compile", *OPTIONS, *arguments)


def strip_addresses(lock: Path) -> None:
    """Take out where each package asks for donations; nothing reads it, and it is an address."""
    content = json.loads(lock.read_text())
    for package in content["packages"].values():
        package.pop("funding", None)
    lock.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def run(*command: str | Path) -> None:
    subprocess.run([str(part) for part in command], check=True)


if __name__ == "__main__":
    main()
