"""Database server, web server and worker as processes of our own, to be killed where they stand and started again."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from hkh.core import embedded

#: As in an installation, where what was said to be recorded is recorded; more cautious than for trying out.
SERVER_OPTIONS = embedded.FOR_TRYING_OUT | {"synchronous_commit": "on"}
_PATIENCE_S = 60


@dataclass
class Programs:
    """What serves the database in ``data``, a private server's. All are gone after the ``with`` block."""

    data: Path
    port: int = field(default_factory=lambda: free_port())
    _web: subprocess.Popen[bytes] | None = None
    _worker: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return embedded.url(self.data)

    def __enter__(self) -> Programs:
        self.start_database()
        embedded.create_database(self.data, "hkh")
        return self

    def __exit__(self, *error: object) -> None:
        for process in (self._web, self._worker):
            if process is not None:
                _kill_group(process)
        embedded.stop(self.data)

    def start_database(self) -> None:
        embedded.start(self.data, options=SERVER_OPTIONS)

    def kill_database(self) -> None:
        """SIGKILL to the server and to each process of it, the server first."""
        pid = int((self.data / "postmaster.pid").read_text().split()[0])
        doomed = [pid, *_children(pid)]
        for one in doomed:
            _kill(one)
        _until(lambda: not any(_is_alive(one) for one in doomed), "The database server does not die.")

    def start_web(self) -> None:
        config = settings.BASE_DIR / "deploy" / "gunicorn.py"
        self._web = self._start("-m", "gunicorn", "--config", str(config), "hkh.wsgi")
        _until(lambda: _answers(self.port), "The web server does not answer.")

    def kill_web(self) -> None:
        """SIGKILL to the web server and all its processes."""
        assert self._web is not None
        _kill_group(self._web)

    def start_worker(self) -> None:
        self._worker = self._start(str(settings.BASE_DIR / "manage.py"), "worker")

    def ensure_worker(self) -> None:
        """Start one unless one runs; it outlives the database."""
        if self._worker is None or self._worker.poll() is not None:
            self.start_worker()

    def kill_worker(self) -> None:
        """SIGKILL to the worker."""
        assert self._worker is not None
        _kill_group(self._worker)

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "hkh.settings",
            "DATABASE_URL": self.address,
            "HKH_DATA_DIR": str(settings.DATA_DIR),
            "HKH_SECRET_KEY": settings.SECRET_KEY,
            "HKH_HOST": "127.0.0.1",
            "HKH_PORT": str(self.port),
        }
        return subprocess.Popen(
            [sys.executable, *arguments],
            env=environment,
            cwd=settings.BASE_DIR,
            stderr=subprocess.DEVNULL,  # what dies and what misses its database says so at length
            start_new_session=True,
        )


def free_port() -> int:
    """A port that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with closing(client):
        try:
            client.request("GET", settings.STATIC_URL)
            client.getresponse()
        except OSError:
            return False
    return True


def _until(happened: Callable[[], bool], complaint: str) -> None:
    limit = time.monotonic() + _PATIENCE_S
    while not happened():
        if time.monotonic() > limit:
            raise RuntimeError(complaint)
        time.sleep(0.02)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """The process, which leads a group of its own, and whatever it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return  # gone with the one before it


def _children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = stat.read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if int(parent) == pid:
            found.append(int(stat.parent.name))
    return found


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
