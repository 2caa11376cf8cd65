"""The tests' databases: two templates, built once, and clones of them for each worker.

``empty`` is migrated and holds what migrations put there; ``province`` holds the small demo province as well.
Both are kept between runs and rebuilt when the sources they rest on change. A clone takes a fraction of a
second. Tests in a transaction share their worker's clone, since they leave nothing behind; a test that
commits (browser tests do) gets a clone of its own, thrown away instead of emptied.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from django.conf import settings
from django.core.management import call_command
from django.db import connection

Content = Literal["empty", "province"]

ROOT = Path(settings.BASE_DIR)
PACKAGES = ("hkh", "members", "funds", "scholarships")
#: What a migrated database depends on, besides the packages in the lock file.
SCHEMA_SOURCES = (
    "migrations/**/*.py",
    "**/*.sql",
    "models.py",
    "models/*.py",
    "rollups.py",
    "rollups/*.py",
    "triggers/*.py",
)
#: What the demo depends on: everything but the web.
DEMO_SOURCES = ("**/*.py", "**/*.sql", "**/*.csv", "**/*.toml")


class Databases:
    """The databases of one worker, made when they are first asked for."""

    def __init__(self, *, worker: str, rebuild: bool = False) -> None:
        self.base = f"test_{settings.DATABASES['default']['NAME']}"
        self.worker = worker
        self.rebuild = rebuild
        self.templates: set[Content] = set()
        self.failures: dict[Content, Exception] = {}
        self.clones: set[str] = set()

    def use(self, content: Content, *, commits: bool) -> None:
        """Let the default connection stand on a clone with ``content``; a fresh one for a test that commits."""
        name = f"{self.base}_{self.worker}_{content}{'_own' if commits else ''}"
        if commits or name not in self.clones:
            self.ensure_template(content)
            connection.close()
            clone(self.template(content), name)
            self.clones.add(name)
        point_at(name)

    def drop(self) -> None:
        """Remove the clones; the templates stay for the next run."""
        connection.close()
        with maintenance() as cursor:
            for name in self.clones:
                drop(cursor, name)

    def template(self, content: Content) -> str:
        return f"{self.base}_{content}"

    def ensure_template(self, content: Content) -> None:
        """Build the template with ``content`` unless one of the same sources is there already.

        What failed once fails for every later test of this run at once, with the same words.
        """
        if content in self.failures:
            raise self.failures[content]
        if content in self.templates:
            return
        if content == "province":
            self.ensure_template("empty")
        name, wanted = self.template(content), fingerprint(content)
        with maintenance() as cursor, lock(cursor, name):
            cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name])
            found = cursor.fetchone()
            # Of several workers only the first rebuilds on demand; the others find it done.
            if found != (wanted,) or (self.rebuild and self.worker in {"gw0", "main"}):
                drop(cursor, name)
                self.build(cursor, content)
                cursor.execute(f"ALTER DATABASE {quote(name)} ALLOW_CONNECTIONS false")
                cursor.execute(f"COMMENT ON DATABASE {quote(name)} IS '{wanted}'")
        self.templates.add(content)

    def build(self, cursor: Any, content: Content) -> None:
        name = self.template(content)
        try:
            if content == "empty":
                cursor.execute(f"CREATE DATABASE {quote(name)}")
                point_at(name)
                call_command("migrate", interactive=False, verbosity=0)
            else:
                clone(self.template("empty"), name)
                point_at(name)
                call_command("demo", scale="small", verbosity=0)
        except Exception as failure:
            self.failures[content] = failure
            raise
        finally:
            connection.close()


def point_at(name: str) -> None:
    """Let the default connection, and every thread's that opens one later, lead to the database ``name``."""
    if connection.settings_dict["NAME"] != name:
        connection.close()
        connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = name


def clone(template: str, name: str) -> None:
    with maintenance() as cursor:
        drop(cursor, name)
        cursor.execute(f"CREATE DATABASE {quote(name)} TEMPLATE {quote(template)} STRATEGY file_copy")


def drop(cursor: Any, name: str) -> None:
    cursor.execute(f"DROP DATABASE IF EXISTS {quote(name)} WITH (FORCE)")


def quote(name: str) -> str:
    return connection.ops.quote_name(name)


@contextmanager
def maintenance() -> Iterator[Any]:
    """A cursor on the server's own database, from where others are made and dropped."""
    with connection._nodb_cursor() as cursor:
        yield cursor


@contextmanager
def lock(cursor: Any, name: str) -> Iterator[None]:
    """Held by one worker at a time; the server lets go of it when the worker dies."""
    key = zlib.crc32(name.encode())
    cursor.execute("SELECT pg_advisory_lock(%s)", [key])
    try:
        yield
    finally:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def fingerprint(content: Content) -> str:
    """What the template with ``content`` was built from, in 64 letters."""
    patterns = SCHEMA_SOURCES if content == "empty" else SCHEMA_SOURCES + DEMO_SOURCES
    paths = {ROOT / "requirements.txt", ROOT / "hkh" / "settings.py", *_sources(patterns)}
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _sources(patterns: Iterable[str]) -> Iterator[Path]:
    for package in PACKAGES:
        for folder in (ROOT / package, *(ROOT / package).glob("*/")):
            for pattern in patterns:
                yield from folder.glob(pattern)
