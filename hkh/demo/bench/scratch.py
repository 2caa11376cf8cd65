"""A copy of the database for measures that write: whatever they do to it, the province stays as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, unquote

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.db.utils import OperationalError
from environ import Env


@contextmanager
def scratch_database() -> Iterator[str]:
    """The default connection on a copy, which is gone afterwards; its address, for programs of their own.

    Raises: CommandError where somebody else is connected, for a database in use cannot be copied.
    """
    name = str(connection.settings_dict["NAME"])
    copy = f"{name}_bench"
    if transaction.get_connection().in_atomic_block:
        raise CommandError("A measure that copies the database cannot run inside a transaction.")
    connection.close()
    with _maintenance() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {_quoted(copy)} WITH (FORCE)")
        try:
            cursor.execute(f"CREATE DATABASE {_quoted(copy)} TEMPLATE {_quoted(name)} STRATEGY file_copy")
        except OperationalError as in_use:
            raise CommandError(
                f"Stop what runs on this database first: it is copied for a measure.\n{in_use}"
            ) from None
    try:
        _point_at(copy)
        yield current_address()
    finally:
        _point_at(name)
        with _maintenance() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {_quoted(copy)} WITH (FORCE)")


@contextmanager
def led_to(address: str) -> Iterator[None]:
    """The default connection, and every thread's that opens one meanwhile, on the database at ``address``."""
    parts = ("NAME", "USER", "PASSWORD", "HOST", "PORT")
    before = {part: connection.settings_dict[part] for part in parts}
    there = Env.db_url_config(address)
    there["HOST"] = unquote(there["HOST"])
    _lead({part: there[part] for part in parts})
    try:
        yield
    finally:
        _lead(before)


def _lead(parts: dict[str, Any]) -> None:
    connection.close()
    connection.settings_dict.update(parts)
    settings.DATABASES["default"].update(parts)


def _point_at(name: str) -> None:
    _lead({"NAME": name})


def current_address() -> str:
    """The address of the database that the default connection leads to."""
    at = connection.settings_dict
    user = quote(at["USER"] or "", safe="") + (f":{quote(at['PASSWORD'], safe='')}" if at["PASSWORD"] else "")
    host = quote(at["HOST"] or "", safe="") + (f":{at['PORT']}" if at["PORT"] else "")
    return f"postgres://{user}@{host}/{at['NAME']}"


@contextmanager
def _maintenance() -> Iterator[Any]:
    with connection._nodb_cursor() as cursor:
        yield cursor


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
