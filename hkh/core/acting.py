"""Who acts, and why: told to the database, which writes it beside what it keeps of changes."""

from __future__ import annotations

from typing import Any

from django.db import connection


def act_as(by: Any, why: str = "") -> None:
    """From here to the end of the transaction ``by`` (an account, or None) is who changes rows, and ``why``. 1 query.

    A verb says it first inside its transaction. What nobody says is kept as done by nobody.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('hkh.actor', %s, true), set_config('hkh.why', %s, true)",
            [str(by.pk) if by is not None and by.pk else "", why],
        )
