"""What must stand before the first page: database, tables, translations, static files.

Each step looks first whether there is anything to do, so that a prepared installation costs a look.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import closing

import psycopg2
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from hkh.core.catalogs import compile_catalogs


def prepare(tell: Callable[[str], None]) -> None:
    """Bring database and files up to the sources; ``tell`` hears each step that takes a while.

    Raises ``CommandError`` where the database cannot be reached.
    """
    ensure_database()
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        tell("Preparing the database")
        call_command("migrate", interactive=False, verbosity=0)
    compile_catalogs(settings.LOCALE_PATHS)
    if collect_static_files():
        tell("Static files collected")


def ensure_database() -> None:
    """Create the database where its server has none of that name. Raises ``CommandError`` without a server."""
    try:
        connection.ensure_connection()
    except OperationalError as failure:
        try:
            _create_database()
        except psycopg2.Error:
            raise CommandError(
                f"The database cannot be reached; look at DATABASE_URL and at the server.\n{failure}"
            ) from None


def collect_static_files() -> bool:
    """Collect, hash and compress the static files unless none has changed since; whether it was done."""
    stamp = settings.DATA_DIR / "staticfiles.stamp"
    seen = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for path, storage in finder.list(None):
            seen.update(f"{path} {storage.size(path)} {storage.get_modified_time(path)}\n".encode())
    if stamp.exists() and stamp.read_text() == seen.hexdigest() and settings.STATIC_ROOT.exists():
        return False
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(seen.hexdigest())
    return True


def _create_database() -> None:
    parameters = {**connection.get_connection_params(), "dbname": "postgres"}
    with closing(psycopg2.connect(**parameters)) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {connection.ops.quote_name(connection.settings_dict['NAME'])}")
